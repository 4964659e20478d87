"""Addresses of ledgers of materials and judgements."""

from django.urls import URLPattern

app_name = "dossiers"
urlpatterns: list[URLPattern] = []
