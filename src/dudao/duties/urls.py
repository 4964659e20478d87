"""Addresses of districts, responsibilities and boards at the gates."""

from django.urls import path

from dudao.duties.views import assigning, coverage, districts

app_name = "duties"
urlpatterns = [
    path("", coverage.coverage, name="coverage"),
    path("inspectors/", coverage.loads, name="inspectors"),
    path("unit/<uuid:key>/", coverage.unit, name="unit"),
    path("assign/", assigning.assign, name="assign"),
    path("rotate/", assigning.rotate, name="rotate"),
    path("duty/<uuid:key>/end/", assigning.end, name="end"),
    path("districts/", districts.district_list, name="districts"),
    path("districts/new/", districts.district_new, name="district_new"),
    path("districts/<uuid:key>/change/", districts.district_change, name="district_change"),
    path("districts/<uuid:key>/end/", districts.district_end, name="district_end"),
]
