"""Addresses of the register of inspectors."""

app_name = "inspectors"
urlpatterns: list[object] = []
