"""Addresses of inspections."""

from django.urls import path

from dudao.inspections.views import acts, findings, inspections

app_name = "inspections"
urlpatterns = [
    path("", inspections.inspection_list, name="list"),
    path("new/", inspections.inspection_new, name="new"),
    path("<uuid:key>/", inspections.inspection, name="inspection"),
    path("<uuid:key>/change/", inspections.inspection_change, name="change"),
    path("<uuid:key>/team/", inspections.inspection_team, name="team"),
    path("<uuid:key>/problems/", findings.finding_list, name="findings"),
    path("<uuid:key>/act/<str:act>/", acts.inspection_act, name="act"),
    path("<uuid:key>/draft/<str:kind>/", acts.paper_draft, name="draft"),
    path("<uuid:key>/reward/", acts.reward_new, name="reward"),
    path("<uuid:key>/file/<uuid:file>/", inspections.inspection_file, name="file"),
]
