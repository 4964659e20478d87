"""Home pages."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dudao.shell import clock, periods
from dudao.shell.http import Request
from dudao.workbench import queries
from dudao.workbench.search import search as look_for


def home(request: Request) -> HttpResponse:
    """The workbench of the hat: late, soon, mine; then the year."""
    today = clock.today()
    context = {"home": queries.home(request.actor, today=today), "term": periods.current(today)["term"]}
    return render(request, "workbench/home.html", context)


@require_GET
def search(request: Request) -> HttpResponse:
    """Everything of the house that holds a word."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    context = {"words": words, "found": look_for(request.actor, words, today=clock.today())}
    return render(request, "workbench/search.html", context)
