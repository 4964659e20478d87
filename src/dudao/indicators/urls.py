"""Addresses of standards and of what a county says of them."""

from django.urls import URLPattern

app_name = "indicators"
urlpatterns: list[URLPattern] = []
