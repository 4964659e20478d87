"""Addresses of findings, measures and cases."""

from django.urls import path

from dudao.findings.views import acts, finding, ledger, measure, queue, register, settings, statistics

app_name = "findings"
urlpatterns = [
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
    path("", register.register, name="list"),
    path("ledger/", register.ledger, name="ledger"),
    path("heat/", statistics.heat, name="heat"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("unit/<uuid:key>/", statistics.unit, name="unit"),
    path("ledger/import/", ledger.ledger_import, name="ledger_import"),
    path("ledger/template/", ledger.ledger_template, name="ledger_template"),
    path("ledger/import/<uuid:key>/columns/", ledger.ledger_columns, name="ledger_columns"),
    path("ledger/import/<uuid:key>/", ledger.ledger_rows, name="ledger_rows"),
    path("ledger/import/<uuid:key>/confirm/", ledger.ledger_confirm, name="ledger_confirm"),
    path("ledger/import/<uuid:key>/progress/", ledger.ledger_progress, name="ledger_progress"),
    path("ledger/import/<uuid:key>/undo/", ledger.ledger_undo, name="ledger_undo"),
    path("causes/", settings.causes, name="causes"),
    path("causes/usual/", settings.causes_usual, name="causes_usual"),
    path("causes/<uuid:key>/", settings.cause, name="cause"),
    path("causes/<uuid:key>/move/", settings.cause_move, name="cause_move"),
    path("causes/<uuid:key>/drop/", settings.cause_drop, name="cause_drop"),
    path("limits/", settings.limits, name="limits"),
    path("limits/<slug:procedure>/<slug:limit>/", settings.limit, name="limit"),
    path("procedures/<slug:code>/", settings.procedure, name="procedure"),
]
