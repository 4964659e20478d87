"""Addresses of districts, responsibilities and boards at the gates."""

app_name = "duties"
urlpatterns: list[object] = []
