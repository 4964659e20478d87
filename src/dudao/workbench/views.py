"""Home pages."""

from django.http import HttpResponse
from django.shortcuts import render

from dudao.shell import clock, periods
from dudao.shell.http import Request
from dudao.workbench import queries


def home(request: Request) -> HttpResponse:
    """The workbench of the hat: late, soon, mine; then the year."""
    today = clock.today()
    context = {"home": queries.home(request.actor, today=today), "term": periods.current(today)["term"]}
    return render(request, "workbench/home.html", context)
