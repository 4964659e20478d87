"""Addresses of one unit's return."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
