"""All addresses of the house and an empty page: signed in, the frame, nothing in it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    return render(request, "shell/base.html")


urlpatterns = [path("bench/empty/", empty), path("", include("dudao.config.urls"))]
