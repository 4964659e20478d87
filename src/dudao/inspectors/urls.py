"""Addresses of the register of inspectors."""

from django.urls import path

from dudao.inspectors.views import imports, own, rules
from dudao.inspectors.views import register as views

app_name = "inspectors"
urlpatterns = [
    path("", views.register, name="list"),
    path("mine/", views.mine, name="mine"),
    path("new/", views.enter, name="enter"),
    path("asked/", own.asked, name="asked"),
    path("asked/new/", own.ask, name="ask"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<slug:rule>/", rules.rule, name="rule"),
    path("import/", imports.hand_in, name="imports"),
    path("import/table/", imports.table, name="table"),
    path("import/<uuid:key>/", imports.preview, name="import"),
    path("import/<uuid:key>/refused/", imports.refused, name="import_refused"),
    path("import/<uuid:key>/again/", imports.again, name="import_again"),
    path("import/<uuid:key>/confirm/", imports.confirm, name="import_confirm"),
    path("import/<uuid:key>/undo/", imports.undo, name="import_undo"),
    path("<uuid:key>/", views.entry, name="entry"),
    path("<uuid:key>/change/", views.change, name="change"),
    path("<uuid:key>/conditions/", views.conditions, name="conditions"),
    path("<uuid:key>/file/", views.file, name="file"),
    path("<uuid:key>/photo/", own.photo, name="photo"),
    path("<uuid:key>/photo/new/", own.new_photo, name="photo_new"),
    path("<uuid:key>/absent/", own.absent, name="absent"),
    path("<uuid:key>/absence/<uuid:absence>/back/", own.absence_back, name="absence_back"),
    path("<uuid:key>/recommend/", views.recommend, name="recommend"),
    path("<uuid:key>/term/<uuid:term>/end/", views.end, name="end"),
    path("<uuid:key>/term/<uuid:term>/<slug:step>/", views.step, name="step"),
    path("<uuid:key>/assess/", views.assess, name="assess"),
    path("<uuid:key>/recuse/", views.recuse, name="recuse"),
    path("<uuid:key>/recusal/<uuid:recusal>/decide/", views.decide, name="decide"),
    path("<uuid:key>/recusal/<uuid:recusal>/end/", views.end_recusal, name="end_recusal"),
    path("<uuid:key>/paper/<uuid:file>/", views.paper, name="paper"),
]
