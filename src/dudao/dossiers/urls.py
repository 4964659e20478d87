"""Addresses of ledgers of materials and judgements."""

from django.urls import path

from dudao.dossiers.views import dossiers, judging, ledgers, surveys

app_name = "dossiers"
urlpatterns = [
    path("", ledgers.ledger_list, name="list"),
    path("new/", ledgers.ledger_new, name="new"),
    path("ledger/<uuid:key>/", ledgers.ledger, name="ledger"),
    path("ledger/<uuid:key>/all/", ledgers.ledger_all, name="all"),
    path("ledger/<uuid:key>/change/", ledgers.ledger_change, name="change"),
    path("ledger/<uuid:key>/refresh/", ledgers.ledger_refresh, name="refresh"),
    path("ledger/<uuid:key>/assign/", ledgers.ledger_assign, name="assign"),
    path("ledger/<uuid:key>/leave-out/", ledgers.leave_out_many, name="leave_out_many"),
    path("ledger/<uuid:key>/ask/", ledgers.ledger_ask, name="ask"),
    path("ledger/<uuid:key>/export/", ledgers.ledger_export, name="export"),
    path("ledger/<uuid:key>/export/<uuid:export>/<uuid:file>/", ledgers.export_file, name="export_file"),
    path("ledger/<uuid:key>/survey/", surveys.survey, name="survey"),
    path("ledger/<uuid:key>/survey/read/", surveys.survey_read, name="survey_read"),
    path("ledger/<uuid:key>/survey/table/", surveys.survey_table, name="survey_table"),
    path("ledger/<uuid:key>/survey/<uuid:survey>/take-back/", surveys.survey_take_back, name="survey_take_back"),
    path("ledger/<uuid:key>/survey/<uuid:survey>/file/", surveys.survey_file, name="survey_file"),
    path("<uuid:key>/", dossiers.dossier, name="dossier"),
    path("<uuid:key>/add/", dossiers.material_add, name="material_add"),
    path("<uuid:key>/material/<uuid:material>/piece/", dossiers.piece_add, name="piece_add"),
    path("<uuid:key>/material/<uuid:material>/drop/", dossiers.material_drop, name="material_drop"),
    path("<uuid:key>/material/<uuid:material>/restore/", dossiers.material_restore, name="material_restore"),
    path("<uuid:key>/piece/<uuid:piece>/", dossiers.piece_file, name="piece"),
    path("<uuid:key>/piece/<uuid:piece>/take-back/", dossiers.piece_take_back, name="piece_take_back"),
    path("<uuid:key>/hand-in/", dossiers.hand_in, name="hand_in"),
    path("<uuid:key>/send-back/", dossiers.send_back, name="send_back"),
    path("<uuid:key>/leave-out/", dossiers.leave_out, name="leave_out"),
    path("<uuid:key>/take-in/", dossiers.take_in, name="take_in"),
    path("<uuid:key>/judge/", judging.judge, name="judge"),
    path("<uuid:key>/look/", judging.look, name="look"),
    path("<uuid:key>/take-back/", judging.take_back, name="take_back"),
    path("<uuid:key>/judgement/<uuid:judgement>/file/<uuid:file>/", judging.judgement_file, name="judgement_file"),
    path("<uuid:key>/case/", judging.case_new, name="case_new"),
    path("<uuid:key>/case/<uuid:case>/find/", judging.case_find, name="case_find"),
    path("<uuid:key>/case/<uuid:case>/look/", judging.case_look, name="case_look"),
    path("<uuid:key>/case/<uuid:case>/take-back/", judging.case_take_back, name="case_take_back"),
    path("<uuid:key>/case/<uuid:case>/file/<uuid:file>/", judging.case_file, name="case_file"),
]
