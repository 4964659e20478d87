"""Addresses of standards and of what a county says of them."""

from django.urls import path

from dudao.indicators.views import standards

app_name = "indicators"
urlpatterns = [
    path("standards/", standards.standard_list, name="standards"),
    path("standards/<slug:standard>/", standards.standard, name="standard"),
    path("standards/<slug:standard>/<str:item>/", standards.element, name="element"),
    path("standards/<slug:standard>/<str:item>/check/", standards.check, name="check"),
    path("standards/<slug:standard>/<str:item>/choose/", standards.choose, name="choose"),
    path("said/check/<uuid:key>/take-back/", standards.take_back_check, name="take_back_check"),
    path("said/choice/<uuid:key>/take-back/", standards.take_back_choice, name="take_back_choice"),
    path("said/<str:kind>/<uuid:key>/file/<uuid:file>/", standards.said_file, name="file"),
]
