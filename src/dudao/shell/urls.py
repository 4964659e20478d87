"""Addresses of the shell."""

from django.urls import path

from dudao.shell import views

app_name = "shell"
urlpatterns = [path("demo/day/", views.demo_day, name="demo_day")]
