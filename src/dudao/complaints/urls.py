"""Addresses of the public page behind a board at the gate, and of the complaints that come through it."""

app_name = "complaints"
urlpatterns: list[object] = []
