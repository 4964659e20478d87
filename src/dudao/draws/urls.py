"""Addresses of draws that anyone can check."""

app_name = "draws"
urlpatterns: list[object] = []
