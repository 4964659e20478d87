"""Addresses of the training of inspectors."""

app_name = "training"
urlpatterns: list[object] = []
