"""Pages of the audit administrator: the history, one event, and whether the chain is whole."""

import calendar
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from dudao.audit import queries, services, words
from dudao.shell import clock
from dudao.shell.http import Request
from dudao.shell.lists import Column, Filter, ListPage

# What a page checks at once; the whole chain is the command's.
QUICK = 5000
DAYS = (
    ("today", "今天"),
    ("week", "近 7 天"),
    ("month", "近 30 天"),
    ("this", "本月"),
    ("last", "上月"),
    ("year", "本年"),
)


def _only_auditors(request: Request) -> None:
    if not request.actor.can("audit.read"):
        raise Http404


def _days(name: str, today: date) -> Q:
    """The days of recording that a word stands for."""
    first = today.replace(day=1)
    before = first - timedelta(days=1)
    spans = {
        "today": (today, today),
        "week": (today - timedelta(days=6), today),
        "month": (today - timedelta(days=29), today),
        "this": (first, today.replace(day=calendar.monthrange(today.year, today.month)[1])),
        "last": (before.replace(day=1), before),
        "year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
    }
    start, end = spans[name]
    return Q(recorded_at__date__gte=start, recorded_at__date__lte=end)


def _subject(value: str) -> Q:
    kind, _, key = value.partition("|")
    return Q(subject_type=kind, subject=key)


def event_list(request: Request) -> HttpResponseBase:
    """The county's history; with ``subject=<kind>|<key>`` that of one object."""
    _only_auditors(request)
    today = clock.today()
    subject = request.GET.get("subject", "")
    kind, _, key = subject.partition("|")
    filters = [
        Filter("action", "办了什么", queries.actions(request.actor), lambda value: Q(action=value)),
        Filter("kind", "对象", queries.subject_types(request.actor), lambda value: Q(subject_type=value)),
        Filter("day", "登记时间", DAYS, lambda value: _days(value, today)),
    ]
    if key:
        filters.append(Filter("subject", "同一对象", [(subject, f"{queries.kind_name(kind)} {key[-6:]}")], _subject))
    page = ListPage(
        title="留痕",
        search=("by_name", "hat_label", "summary"),
        search_label="查找（姓名、单位、摘要）",
        order=("-recorded_at", "-pk"),
        filters=filters,
        columns=(
            Column("办了什么", lambda e: e.summary, cell="audit/_summary.html", head=True),
            Column("谁", lambda e: e.by_name, sort=("by_name",), css="nowrap"),
            Column("身份", lambda e: e.hat_label),
            Column("对象", lambda e: queries.kind_name(e.subject_type), sort=("subject_type",), css="nowrap"),
            Column("登记于", lambda e: e.recorded_at, sort=("recorded_at",), cell="audit/_recorded.html", css="nowrap"),
            Column("发生于", lambda e: e.occurred_on, sort=("occurred_on",), cell="audit/_occurred.html", css="nowrap"),
        ),
        empty={"title": "还没有留痕", "hint": "每办一件事，这里就多一条。"},
    )
    if request.GET.get("export") == "xlsx":
        services.record_export(filters=request.GET.dict(), by=request.actor, now=clock.now())
    return page.respond(request, queries.events_visible_to(request.actor), "audit/event_list.html")


def event_detail(request: Request, key: UUID) -> HttpResponse:
    """One event with all it holds and its place in the chain."""
    _only_auditors(request)
    event = get_object_or_404(queries.events_visible_to(request.actor), pk=key)
    services.record_reading(event=event, by=request.actor, now=clock.now())
    context = {
        "event": event,
        "kind": queries.kind_name(event.subject_type),
        "seal": queries.seal_of(event),
        "action": words.action(event.action),
        "facts": [(words.fact(name), value) for name, value in sorted(event.facts.items())],
        "is_sensitive": queries.is_sensitive(event),
    }
    return render(request, "audit/event_detail.html", context)


def chain_check(request: Request) -> HttpResponse:
    """Where the chain stands; after a click, whether its newest part is whole."""
    _only_auditors(request)
    county, report = request.actor.county, None
    if request.method == "POST":
        report = services.verify(county=county, now=clock.now(), newest=QUICK)
    waiting = queries.unsealed(county).count()
    context = {"head": queries.head(county), "waiting": waiting, "report": report, "quick": QUICK}
    return render(request, "audit/chain_check.html", context)


def head_export(request: Request) -> HttpResponse:
    """The county's head as a file, to be kept elsewhere."""
    _only_auditors(request)
    head = queries.head(request.actor.county)
    text = services.heads_text([head] if head else [], now=clock.now())
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="head-{request.actor.county}-{clock.today():%Y%m%d}.json"'
    return answer
