"""Addresses of districts, responsibilities and boards at the gates."""

from django.urls import path

from dudao.duties.views import assigning, boards, coverage, districts, importing

app_name = "duties"
urlpatterns = [
    path("", coverage.coverage, name="coverage"),
    path("mine/", coverage.mine, name="mine"),
    path("ours/", coverage.ours, name="ours"),
    path("map/", coverage.county_map, name="map"),
    path("inspectors/", coverage.loads, name="inspectors"),
    path("unit/<uuid:key>/", coverage.unit, name="unit"),
    path("unit/<uuid:key>/board/", boards.board, name="board"),
    path("boards/", boards.boards, name="boards"),
    path("boards/print/", boards.boards_print, name="boards_print"),
    path("boards/make/", boards.boards_make, name="boards_make"),
    path("boards/office/", boards.office_contact, name="office_contact"),
    path("boards/phones/", boards.phones, name="phones"),
    path("photo/<uuid:key>/", boards.photo, name="photo"),
    path("assign/", assigning.assign, name="assign"),
    path("table/", importing.table, name="table"),
    path("rotate/", assigning.rotate, name="rotate"),
    path("duty/<uuid:key>/end/", assigning.end, name="end"),
    path("districts/", districts.district_list, name="districts"),
    path("districts/new/", districts.district_new, name="district_new"),
    path("districts/<uuid:key>/change/", districts.district_change, name="district_change"),
    path("districts/<uuid:key>/end/", districts.district_end, name="district_end"),
]
