"""Addresses of the assignment of people."""

from django.urls import path

from dudao.teams import views

app_name = "teams"
urlpatterns = [
    path("", views.plan_list, name="list"),
    path("duties/new/", views.new_duties, name="new_duties"),
    path("inspections/new/", views.new_teams, name="new_teams"),
    path("<uuid:key>/", views.plan, name="plan"),
    path("<uuid:key>/progress/", views.progress, name="progress"),
    path("<uuid:key>/again/", views.again, name="again"),
    path("<uuid:key>/adopt/", views.adopt, name="adopt"),
    path("<uuid:key>/drop/", views.drop, name="drop"),
    path("<uuid:key>/<str:job>/decide/", views.decide, name="decide"),
    path("<uuid:key>/<str:job>/release/", views.release, name="release"),
]
