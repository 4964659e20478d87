"""Addresses of findings, measures and cases."""

from django.urls import URLPattern

app_name = "findings"
urlpatterns: list[URLPattern] = []
