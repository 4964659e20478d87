"""Addresses of regular visits."""

app_name = "visits"
urlpatterns: list[object] = []
