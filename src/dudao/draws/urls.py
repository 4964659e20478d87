"""Addresses of draws that anyone can check. Those for the public stand in ``config.urls``."""

from django.urls import path

from dudao.draws.views import draws, preparing

app_name = "draws"
urlpatterns = [
    path("", draws.draw_list, name="list"),
    path("new/", preparing.new, name="new"),
    path("check/", draws.check, name="check"),
    path("template/", preparing.template, name="template"),
    path("<uuid:key>/", draws.draw, name="draw"),
    path("<uuid:key>/change/", preparing.change, name="change"),
    path("<uuid:key>/register/", preparing.register, name="register"),
    path("<uuid:key>/table/", preparing.table, name="table"),
    path("<uuid:key>/sizes/", preparing.sizes, name="sizes"),
    path("<uuid:key>/lines/", preparing.lines, name="lines"),
    path("<uuid:key>/take/", preparing.take, name="take"),
    path("<uuid:key>/people/", preparing.people, name="people"),
    path("<uuid:key>/event/", preparing.event, name="event"),
    path("<uuid:key>/commit/", preparing.commit, name="commit"),
    path("<uuid:key>/freeze/", preparing.freeze, name="freeze"),
    path("<uuid:key>/seed/", draws.seed, name="seed"),
    path("<uuid:key>/reveal/<int:position>/", draws.reveal, name="reveal"),
    path("<uuid:key>/run/", draws.run, name="run"),
    path("<uuid:key>/void/", draws.void, name="void"),
    path("<uuid:key>/open/", draws.open_, name="open"),
    path("<uuid:key>/enlarge/", draws.enlarge, name="enlarge"),
    path("<uuid:key>/adopt/", draws.adopt, name="adopt"),
    path("<uuid:key>/export/", draws.export, name="export"),
    path("<uuid:key>/bundle/", draws.bundle, name="bundle"),
    path("<uuid:key>/print/", draws.paper, name="print"),
]
