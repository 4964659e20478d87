"""Units: list, one unit, changes, tables in and out; regions."""

from django.urls import path

from dudao.places import views

app_name = "places"
urlpatterns = [
    path("", views.units, name="units"),
    path("new/", views.unit_new, name="unit_new"),
    path("table/", views.table, name="table"),
    path("regions/", views.regions, name="regions"),
    path("imports/", views.imports, name="imports"),
    path("imports/<uuid:key>/", views.import_preview, name="import"),
    path("imports/<uuid:key>/confirm/", views.import_confirm, name="import_confirm"),
    path("imports/<uuid:key>/undo/", views.import_undo, name="import_undo"),
    path("<uuid:key>/", views.unit, name="unit"),
    path("<uuid:key>/edit/", views.unit_edit, name="unit_edit"),
    path("<uuid:key>/take-back/", views.unit_take_back, name="unit_take_back"),
    path("<uuid:key>/end/", views.unit_end, name="unit_end"),
]
