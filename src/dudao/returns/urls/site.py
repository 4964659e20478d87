"""Addresses of the check on site, under site/."""

from django.urls import URLPattern, path

from dudao.returns.views import site_rounds as rounds
from dudao.returns.views import site_school as school

urlpatterns: list[URLPattern] = [
    path("site/", rounds.site_list, name="site_list"),
    path("site/mine/", rounds.site_mine, name="site_mine"),
    path("site/new/", rounds.site_new, name="site_new"),
    path("site/<uuid:key>/", rounds.site_round, name="site_round"),
    path("site/<uuid:key>/change/", rounds.site_change, name="site_change"),
    path("site/<uuid:key>/groups/", rounds.site_groups, name="site_groups"),
    path("site/<uuid:key>/table/", rounds.site_table, name="site_table"),
    path("site/<uuid:key>/start/", rounds.site_start, name="site_start"),
    path("site/<uuid:key>/end/", rounds.site_end, name="site_end"),
    path("site/<uuid:key>/cells/", rounds.site_cells, name="site_cells"),
    path("site/<uuid:key>/first/", rounds.site_marks, name="site_marks"),
    path("site/<uuid:key>/sheets/", rounds.site_sheets, name="site_sheets"),
    path("site/school/<uuid:key>/", school.site_school, name="site_school"),
    path("site/school/<uuid:key>/sheet/", school.site_sheet, name="site_sheet"),
    path("site/school/<uuid:key>/same/", school.site_same, name="site_same"),
    path("site/school/<uuid:key>/cell/<str:code>/", school.site_cell, name="site_cell"),
    path("site/school/<uuid:key>/sign/", school.site_sign, name="site_sign"),
    path("site/school/<uuid:key>/sign/paper/", school.site_sign_paper, name="site_sign_paper"),
    path("site/school/<uuid:key>/head/", school.site_head, name="site_head"),
    path("site/school/<uuid:key>/head/paper/", school.site_head_paper, name="site_head_paper"),
    path("site/school/<uuid:key>/reopen/", school.site_reopen, name="site_reopen"),
    path("site/school/<uuid:key>/decide/", school.site_decide, name="site_decide"),
    path("site/school/<uuid:key>/adopt/", school.site_adopt, name="site_adopt"),
    path("site/school/<uuid:key>/adopt/back/", school.site_adopt_back, name="site_adopt_back"),
    path("site/school/<uuid:key>/finding/", school.site_finding, name="site_finding"),
    path("site/school/<uuid:key>/file/<uuid:file>/", school.site_file, name="site_file"),
]
