"""Addresses of papers."""

from django.urls import path

from dudao.papers import views

app_name = "papers"
urlpatterns = [path("<uuid:key>/", views.paper, name="paper")]
