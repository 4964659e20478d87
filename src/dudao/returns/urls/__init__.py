"""Addresses of data returns."""

from dudao.returns.urls import campaigns, imports, returns, site

app_name = "returns"
urlpatterns = [*campaigns.urlpatterns, *returns.urlpatterns, *imports.urlpatterns, *site.urlpatterns]
