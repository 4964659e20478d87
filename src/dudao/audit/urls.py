"""History, for the audit administrator."""

from django.urls import path

from dudao.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.event_list, name="event_list"),
    path("chain/", views.chain_check, name="chain_check"),
    path("chain/head/", views.head_export, name="head_export"),
    path("<uuid:key>/", views.event_detail, name="event_detail"),
]
