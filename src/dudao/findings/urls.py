"""Addresses of findings, measures and cases."""

from django.urls import path

from dudao.findings.views import acts, finding, measure, queue

app_name = "findings"
urlpatterns = [
    path("", measure.measure_list, name="list"),
    path("new/", finding.finding_new, name="finding_new"),
    path("recheck/", acts.bulk_recheck, name="bulk_recheck"),
    path("order/", acts.bulk_order, name="bulk_order"),
    path("<uuid:key>/", finding.finding, name="finding"),
    path("<uuid:key>/change/", finding.finding_change, name="finding_change"),
    path("<uuid:key>/print/", finding.finding_print, name="finding_print"),
    path("<uuid:key>/do/<str:act>/", acts.finding_act, name="finding_act"),
    path("<uuid:key>/paper/<str:kind>/", acts.finding_paper, name="finding_paper"),
    path("<uuid:key>/act/<uuid:act>/file/<uuid:file>/", finding.act_file, name="act_file"),
    path("measures/", measure.measure_list, name="measures"),
    path("measures/new/", measure.measure_new, name="measure_new"),
    path("measures/<uuid:key>/", measure.measure, name="measure"),
    path("measures/<uuid:key>/do/<str:act>/", measure.measure_act, name="measure_act"),
    path("measures/<uuid:key>/paper/<str:kind>/", measure.measure_paper, name="measure_paper"),
    path("measures/<uuid:key>/drop/<uuid:finding>/", measure.measure_drop, name="measure_drop"),
    path("measures/<uuid:key>/act/<uuid:act>/file/<uuid:file>/", measure.measure_file, name="measure_file"),
    path("queue/", queue.queue_list, name="queue"),
]
