"""Addresses of snapshots, reports and the way to recognition."""

from django.urls import path

from dudao.recognition.views import reports, sending, snapshots, ways

app_name = "recognition"
urlpatterns = [
    path("", snapshots.overview, name="list"),
    path("snapshots/<slug:standard>/<str:period>/make/", snapshots.snapshot_make, name="snapshot_make"),
    path("snapshots/<uuid:key>/", snapshots.snapshot, name="snapshot"),
    path("snapshots/<uuid:key>/file/<uuid:file>/", snapshots.snapshot_file, name="snapshot_file"),
    path("snapshots/<uuid:key>/report/<slug:kind>/", reports.report_new, name="report_new"),
    path("reports/<uuid:key>/", reports.report, name="report"),
    path("reports/<uuid:key>/numbers/", reports.numbers, name="numbers"),
    path("reports/<uuid:key>/docx/", reports.report_docx, name="docx"),
    path("reports/<uuid:key>/xlsx/", reports.report_xlsx, name="xlsx"),
    path("reports/<uuid:key>/words/", reports.report_words, name="words"),
    path("reports/<uuid:key>/move/", reports.report_move, name="move"),
    path("reports/<uuid:key>/over/", reports.report_over, name="over"),
    path("reports/<uuid:key>/finish/", reports.report_finish, name="finish"),
    path("reports/<uuid:key>/reopen/", reports.report_reopen, name="reopen"),
    path("reports/<uuid:key>/drop/", reports.report_drop, name="drop"),
    path("reports/<uuid:key>/issue/", reports.report_issue, name="issue"),
    path("reports/<uuid:key>/send/", sending.send, name="send"),
    path("sendings/<uuid:key>/package/", sending.package_make, name="package"),
    path("sendings/<uuid:key>/receipt/", sending.receipt, name="receipt"),
    path("sendings/<uuid:key>/returned/", sending.returned, name="returned"),
    path("sendings/<uuid:key>/file/<uuid:file>/", sending.sending_file, name="sending_file"),
    path("way/<slug:standard>/", ways.way, name="way"),
    path("way/<slug:standard>/<int:year>/<slug:step>/", ways.stage_new, name="stage_new"),
    path("stages/<uuid:key>/strike/", ways.stage_strike, name="stage_strike"),
    path("stages/<uuid:key>/file/<uuid:file>/", ways.stage_file, name="stage_file"),
]
