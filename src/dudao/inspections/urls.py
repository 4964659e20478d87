"""Addresses of inspections."""

from django.http import Http404, HttpResponse
from django.urls import path

from dudao.shell.http import Request

app_name = "inspections"


def _soon(request: Request, key: object) -> HttpResponse:
    raise Http404


urlpatterns = [path("<uuid:key>/", _soon, name="inspection")]
