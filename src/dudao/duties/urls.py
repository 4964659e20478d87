"""Addresses of districts, responsibilities, boards at the gates and complaints."""

app_name = "duties"
urlpatterns: list[object] = []
