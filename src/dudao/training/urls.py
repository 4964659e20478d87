"""Addresses of the training of inspectors."""

from django.urls import path

from dudao.training.views import attendance, people, plan, results

app_name = "training"
urlpatterns = [
    path("", plan.plan, name="plan"),
    path("new/", plan.add, name="add"),
    path("hours/", people.hours, name="hours"),
    path("mine/", people.mine, name="mine"),
    path("file/<uuid:key>/", people.file, name="file"),
    path("needs/", people.needs, name="needs"),
    path("competence/", people.competence, name="competence"),
    path("competence/<uuid:key>/<slug:area>/", people.cell, name="cell"),
    path("competence/<uuid:key>/<slug:area>/judge/", people.judge, name="judge"),
    path("claims/", people.claims, name="claims"),
    path("claims/new/", people.add_claim, name="add_claim"),
    path("claims/<uuid:key>/", people.claim, name="claim"),
    path("claims/<uuid:key>/proof/<uuid:file>/", people.proof, name="proof"),
    path("rules/", people.rules, name="rules"),
    path("rules/<slug:rule>/", people.set_rule, name="set_rule"),
    path("batch/<uuid:key>/", plan.batch, name="batch"),
    path("batch/<uuid:key>/change/", plan.change, name="change"),
    path("batch/<uuid:key>/cancel/", plan.cancel, name="cancel"),
    path("batch/<uuid:key>/session/", plan.add_session, name="add_session"),
    path("batch/<uuid:key>/invite/", plan.invite, name="invite"),
    path("batch/<uuid:key>/notice/", plan.notice, name="notice"),
    path("batch/<uuid:key>/leave-out/<uuid:inspector>/", plan.leave_out, name="leave_out"),
    path("batch/<uuid:key>/exam/", results.add_exam, name="add_exam"),
    path("batch/<uuid:key>/certify/", results.certify, name="certify"),
    path("batch/<uuid:key>/certificates/", results.certificates, name="certificates"),
    path("exam/<uuid:key>/", results.exam, name="exam"),
    path("session/<uuid:key>/", attendance.session, name="session"),
    path("session/<uuid:key>/change/", plan.change_session, name="change_session"),
    path("session/<uuid:key>/cancel/", plan.cancel_session, name="cancel_session"),
    path("session/<uuid:key>/screen/", attendance.screen, name="screen"),
    path("session/<uuid:key>/sheet/", attendance.sheet, name="sheet"),
    path("session/<uuid:key>/upload/", attendance.upload, name="upload"),
    path("session/<uuid:key>/material/", attendance.add_material, name="add_material"),
    path("session/<uuid:key>/material/<uuid:file>/", attendance.material, name="material"),
    path("sign/<uuid:key>/", attendance.sign, name="sign"),
]
