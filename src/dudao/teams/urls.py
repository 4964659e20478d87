"""Addresses of the assignment of people."""

app_name = "teams"
urlpatterns: list[object] = []
