"""Home pages."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from dudao.shell.http import Request


@login_required
def home(request: Request) -> HttpResponse:
    return render(request, "workbench/home.html")
