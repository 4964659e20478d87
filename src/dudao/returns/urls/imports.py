"""Addresses of imports and of the list of corrections, under imports/."""

from django.urls import path

from dudao.returns.views import imports

urlpatterns = [
    path("imports/", imports.import_list, name="imports"),
    path("imports/for/<uuid:key>/", imports.import_new, name="import_new"),
    path("imports/<uuid:key>/", imports.import_show, name="import"),
    path("imports/<uuid:key>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<uuid:key>/cells/", imports.import_cells, name="import_cells"),
    path("imports/<uuid:key>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<uuid:key>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<uuid:key>/undo/", imports.import_undo, name="import_undo"),
    path("imports/compare/<uuid:key>/", imports.compare, name="compare"),
    path("imports/corrections/<uuid:key>/", imports.corrections, name="corrections"),
    path("imports/corrections/<uuid:key>/propose/", imports.correction_propose, name="correction_propose"),
    path("imports/corrections/<uuid:key>/of/<uuid:unit>/", imports.correction_unit, name="correction_unit"),
    path("imports/corrections/<uuid:key>/of/<uuid:unit>/<str:code>/", imports.correction_new, name="correction_new"),
    path("imports/corrections/drop/<uuid:key>/", imports.correction_drop, name="correction_drop"),
]
