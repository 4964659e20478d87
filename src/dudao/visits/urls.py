"""Addresses of regular visits."""

from django.urls import path

from dudao.visits.views import plan, visit

app_name = "visits"
urlpatterns = [
    path("", plan.visits, name="list"),
    path("mine/", plan.mine, name="mine"),
    path("feedback/", plan.host, name="host"),
    path("plan/", plan.plan, name="plan"),
    path("new/", plan.new, name="new"),
    path("term/", plan.term, name="term"),
    path("month/", plan.months, name="months"),
    path("of/<uuid:key>/", plan.of_inspector, name="of"),
    path("begin/", visit.begin, name="begin"),
    path("paper/", visit.paper, name="paper"),
    path("sheet/", visit.blank, name="blank"),
    path("<uuid:key>/", visit.visit, name="visit"),
    path("<uuid:key>/change/", visit.change, name="change"),
    path("<uuid:key>/undone/", visit.give_up, name="give_up"),
    path("<uuid:key>/arrive/", visit.arrive, name="arrive"),
    path("<uuid:key>/check/", visit.check, name="check"),
    path("<uuid:key>/notes/", visit.notes, name="notes"),
    path("<uuid:key>/problem/", visit.problem, name="problem"),
    path("<uuid:key>/tell/", visit.tell, name="tell"),
    path("<uuid:key>/file/", visit.file_visit, name="file"),
    path("<uuid:key>/reopen/", visit.reopen, name="reopen"),
    path("<uuid:key>/seen/", visit.seen, name="seen"),
    path("<uuid:key>/sheet/", visit.sheet, name="sheet"),
    path("<uuid:key>/photo/<uuid:file>/", visit.photo, name="photo"),
]
