"""The queue of what is due and late."""

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from dudao.findings import queue, waiting
from dudao.shell import clock
from dudao.shell.http import Request


@require_GET
def queue_list(request: Request) -> HttpResponseBase:
    """Every limit past or near that the hat sees, with its next act; above it what no limit shows."""
    actor, today = request.actor, clock.today()
    rows = waiting.clocks_visible_to(actor, until=today + waiting.SOON, today=today)
    context = {"alarms": queue.alarms(actor, today=today), "today": today}
    return queue.list_page(actor, today=today).respond(request, rows, "findings/queue.html", context)
