"""Addresses of imports, under imports/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
