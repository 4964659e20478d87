"""The register of findings, and one unit's history."""

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dudao.findings import lists, queries, sheets
from dudao.shell import clock
from dudao.shell.http import Request
from dudao.shell.lists import PRINT_LIMIT


@require_GET
def register(request: Request) -> HttpResponseBase:
    """All findings the hat sees; ``?export=xlsx`` gives the 整改台账 under the same filters."""
    actor, today = request.actor, clock.today()
    page = lists.register(actor, request.GET, today=today)
    if request.GET.get("export") == "xlsx":
        page.fill = lambda rows: queries.filled_for_sheet(actor, rows, today=today)
        found, said = page.narrow(request, queries.register(actor, today=today).select_related("cause"))
        ordered, _ = page.ordered(request, found)
        return sheets.ledger(page.filled(ordered), said, office=settings.OFFICE, today=today)
    return page.respond(request, queries.register(actor, today=today), "findings/register.html")


@require_GET
def ledger(request: Request) -> HttpResponseBase:
    """The 整改台账 as a sheet to print across A3, under the register's filters."""
    actor, today = request.actor, clock.today()
    page = lists.register(actor, request.GET, today=today)
    found, said = page.narrow(request, queries.register(actor, today=today).select_related("cause"))
    ordered, _ = page.ordered(request, found)
    rows = list(ordered[: PRINT_LIMIT + 1])
    more, rows = len(rows) > PRINT_LIMIT, rows[:PRINT_LIMIT]
    queries.filled_for_sheet(actor, rows, today=today)
    lines = [[lists.sheet_value(row, name, today) for name in lists.PRINTED] for row in rows]
    labels = {name: head for head, _, name in lists.SHEET}
    context = {
        "heads": [labels[name] for name in lists.PRINTED],
        "lines": lines,
        "said": said,
        "more": more,
        "limit": PRINT_LIMIT,
    }
    return render(request, "findings/ledger.html", context)
