"""Addresses of the check on site, under site/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
