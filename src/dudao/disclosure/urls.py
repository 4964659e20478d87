"""Addresses of publication inside the house. Those for the public stand in ``config.urls``."""

from django.urls import path

from dudao.disclosure.views import publications, setting

app_name = "disclosure"
urlpatterns = [
    path("", publications.edition_list, name="list"),
    path("catalogue/", publications.catalogue, name="catalogue"),
    path("waiting/", publications.waiting, name="waiting"),
    path("new/", publications.publication_new, name="new"),
    path("setting/", setting.setting, name="setting"),
    path("setting/switch/", setting.switch, name="switch"),
    path("paper/<uuid:key>/", publications.take_up, name="take_up"),
    path("<uuid:key>/", publications.publication, name="publication"),
    path("<uuid:key>/words/", publications.words, name="words"),
    path("<uuid:key>/facts/", publications.facts, name="facts"),
    path("<uuid:key>/attach/", publications.attach, name="attach"),
    path("<uuid:key>/detach/<uuid:attachment>/", publications.detach, name="detach"),
    path("<uuid:key>/submit/", publications.submit, name="submit"),
    path("<uuid:key>/openness/", publications.openness, name="openness"),
    path("<uuid:key>/secrecy/", publications.secrecy, name="secrecy"),
    path("<uuid:key>/traces/", publications.traces, name="traces"),
    path("<uuid:key>/package/", publications.package, name="package"),
    path("<uuid:key>/publish/", publications.publish, name="publish"),
    path("<uuid:key>/correct/", publications.correct, name="correct"),
    path("<uuid:key>/withdraw/", publications.withdraw, name="withdraw"),
    path("<uuid:key>/drop/", publications.drop, name="drop"),
    path("<uuid:key>/reopen/", publications.reopen, name="reopen"),
    path("<uuid:key>/compare/", publications.compare, name="compare"),
    path("<uuid:key>/print/", publications.publication_print, name="print"),
    path("<uuid:key>/file/<uuid:file>/", publications.publication_file, name="file"),
]
