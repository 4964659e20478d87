"""Addresses of results, of standards, and of what a county says of them."""

from django.urls import path

from dudao.indicators.views import results, standards, whatif

app_name = "indicators"
urlpatterns = [
    path("", results.county, name="county"),
    path("units/", results.matrix, name="matrix"),
    path("units/<str:code>/", whatif.unit, name="unit"),
    path("units/<str:code>/affected/", whatif.affected, name="affected"),
    path("indicator/<str:part>/", results.indicator, name="indicator"),
    path("number/<str:part>/<str:unit>/", results.number, name="number"),
    path("missing/", whatif.missing, name="missing"),
    path("turning/", whatif.turning, name="turning"),
    path("turning/mark/", whatif.turning_mark, name="turning_mark"),
    path("scratch/", whatif.scratches, name="scratches"),
    path("scratch/<uuid:key>/", whatif.scratch, name="scratch"),
    path("scratch/<uuid:key>/drop/", whatif.scratch_drop, name="scratch_drop"),
    path("scratch/<uuid:key>/restore/", whatif.scratch_restore, name="scratch_restore"),
    path("standards/", standards.standard_list, name="standards"),
    path("standards/<slug:standard>/", standards.standard, name="standard"),
    path("standards/<slug:standard>/<str:item>/", standards.element, name="element"),
    path("standards/<slug:standard>/<str:item>/check/", standards.check, name="check"),
    path("standards/<slug:standard>/<str:item>/choose/", standards.choose, name="choose"),
    path("said/check/<uuid:key>/take-back/", standards.take_back_check, name="take_back_check"),
    path("said/choice/<uuid:key>/take-back/", standards.take_back_choice, name="take_back_choice"),
    path("said/<str:kind>/<uuid:key>/file/<uuid:file>/", standards.said_file, name="file"),
]
