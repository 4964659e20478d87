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
    path("batch/<uuid:key>/", plan.batch, name="batch"),
    path("batch/<uuid:key>/change/", plan.change, name="change"),
    path("batch/<uuid:key>/cancel/", plan.cancel, name="cancel"),
    path("batch/<uuid:key>/session/", plan.add_session, name="add_session"),
    path("batch/<uuid:key>/invite/", plan.invite, name="invite"),
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
