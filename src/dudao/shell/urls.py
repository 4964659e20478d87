"""Addresses of the shell."""

from django.urls import path

from dudao.shell import views

app_name = "shell"
urlpatterns = [
    path("demo/day/", views.demo_day, name="demo_day"),
    path("drafts/", views.draft_keep, name="draft_keep"),
    path("drafts/drop/", views.draft_drop, name="draft_drop"),
    path("styleguide/", views.style_guide, name="styleguide"),
    path("styleguide/progress/", views.style_progress, name="styleguide_progress"),
]
