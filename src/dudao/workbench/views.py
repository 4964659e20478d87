"""Home pages."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from dudao.shell import clock
from dudao.shell.http import Request
from dudao.workbench import queries


@login_required
def home(request: Request) -> HttpResponse:
    """The workbench of the hat: late, soon, mine; then the year."""
    return render(request, "workbench/home.html", {"home": queries.home(request.actor, today=clock.today())})
