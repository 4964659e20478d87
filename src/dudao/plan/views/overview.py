"""Views of the plan: board, month, by unit, by person, by point, and the wall sheet."""

import calendar
import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from dudao.places import queries as places
from dudao.plan import overviews, queries, unit_lists, wall
from dudao.plan.overviews import Stand
from dudao.shell import clock
from dudao.shell.http import Request
from dudao.shell.lists import Column, ListPage

# Cards in a column of the board, and lines in a day of the month; the rest stands behind a link.
IN_COLUMN, IN_DAY, IN_ONE_DAY = 30, 4, 300
# Where the list shows what a column holds.
_IN_LIST = {
    Stand.DRAFT: "chip=draft", Stand.WAITING: "chip=waiting", Stand.GOING: "state=handed", Stand.ANSWERED: "chip=answered",
    Stand.LATE: "chip=overdue", Stand.PAUSED: "state=paused", Stand.DONE: "state=done",
}  # fmt: skip


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _year(request: Request) -> tuple[int, list[int]]:
    """The year asked for, else this one, else the newest that has tasks; and all that have."""
    years, asked = queries.years(request.actor), request.GET.get("year", "")
    today = clock.today().year
    if asked.isdecimal() and int(asked) in years:
        return int(asked), years
    return (today if today in years or not years else years[0]), years or [today]


@require_GET
def board(request: Request) -> HttpResponse:
    """The year's duties in columns by where they stand; ``?person=``, ``?leader=`` or ``?lead=`` narrows them."""
    actor, today = request.actor, clock.today()
    year, years = _year(request)
    found = overviews.cards(actor, today=today, where=Q(year=year))
    of = ""
    for name, words in (("person", "责任人"), ("leader", "分管领导"), ("lead", "牵头")):
        asked = request.GET.get(name)
        if asked is None:
            continue
        key = _key(asked)
        found = [card for card in found if getattr(card.row, f"{name}_id") == key]
        called = (found[0].lead if name == "lead" else getattr(found[0].row, f"{name}__name")) if found else ""
        of = f"{words}：{called or '未定'}"
    lanes = overviews.board(found, limit=IN_COLUMN)
    shown = [card for lane in lanes for card in lane.cards]
    counts = overviews.part_counts(actor, [card.key for card in shown if card.row.is_given])
    return render(
        request,
        "plan/board.html",
        {
            "year": year,
            "years": years,
            "lanes": [(lane, f"{reverse('plan:task_list')}?{_IN_LIST[lane.stand]}") for lane in lanes],
            "counts": counts,
            "total": len(found),
            "of": of,
        },
    )


def _month(text: str, today: date) -> date:
    """The first of the month asked for, else of this one."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text)
    if found and 1 <= int(found[2]) <= 12 and 1990 <= int(found[1]) <= 2100:
        return date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


@require_GET
def month(request: Request) -> HttpResponse:
    """What is due on each day of a month; ``?d=`` names the day whose whole list stands below."""
    actor, today = request.actor, clock.today()
    first = _month(request.GET.get("m", ""), today)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    found = overviews.due_between(actor, first=weeks[0][0], last=weeks[-1][-1], today=today)

    def cell(day: date) -> dict[str, Any]:
        cards = found.get(day, [])
        return {
            "on": day,
            "cards": cards[:IN_DAY],
            "more": len(cards) - IN_DAY if len(cards) > IN_DAY else 0,
            "total": len(cards),
            "inside": day.month == first.month,
        }

    asked = next((day for week in weeks for day in week if day.isoformat() == request.GET.get("d")), None)
    return render(
        request,
        "plan/month.html",
        {
            "first": first,
            "before": first - timedelta(days=1),
            "after": first + timedelta(days=31),
            "weeks": [[cell(day) for day in week] for week in weeks],
            "total": sum(len(cards) for day, cards in found.items() if day.month == first.month),
            "late": sum(
                card.stand is Stand.LATE for day, cards in found.items() if day.month == first.month for card in cards
            ),
            "asked": asked,
            "asked_cards": found.get(asked, [])[:IN_ONE_DAY] if asked else [],
        },
    )


@require_GET
def unit_list(request: Request) -> HttpResponseBase:
    """Units with where their parts and the tasks they lead stand."""
    actor, today = request.actor, clock.today()
    year, years = _year(request)
    page = unit_lists.units(actor, year=year, years=years, today=today)
    asked = page.asked(request)
    rows = overviews.units(actor, year=year, today=today, by=asked.sort[0] if asked else "")
    return page.respond(request, rows, "plan/unit_list.html", {"year": year, "years": years})


@require_GET
def unit(request: Request, key: UUID) -> HttpResponseBase:
    """One unit: the tasks it leads and its parts."""
    actor, today = request.actor, clock.today()
    year, years = _year(request)
    parts = overviews.parts_of_unit(actor, key, year=year)
    if places.unit_visible_to(actor, key) is None:
        raise Http404
    if not actor.sees_county and key not in actor.units and not parts.exists():
        raise Http404
    name = places.unit_names(actor, {key}, as_of=today).get(key, "—")
    context = {
        "unit": key,
        "name": name,
        "year": year,
        "years": years,
        "led": overviews.cards(actor, today=today, where=Q(year=year, lead=key)),
    }
    page = unit_lists.parts(years=years, today=today)
    return page.respond(request, parts, "plan/unit_parts.html", context)


@require_GET
def people(request: Request) -> HttpResponseBase:
    """The people who answer for duties (``?by=leader``: who lead them), and where those stand."""
    actor, today = request.actor, clock.today()
    year, years = _year(request)
    leader = request.GET.get("by") == "leader"
    holders = overviews.by_person(overviews.cards(actor, today=today, where=Q(year=year)), leader=leader)
    words = request.GET.get("q", "").strip()
    if words:
        holders = [one for one in holders if words in one.name]
    word = "分管领导" if leader else "责任人"
    if request.GET.get("export") == "xlsx":
        columns = [Column(word, lambda one: one.name), Column("任务", lambda one: one.counts.total)]
        columns += [
            Column(str(stand.label), lambda one, stand=stand: one.counts[stand])  # type: ignore[misc]
            for stand in Stand
        ]
        said = [f"{year}年", *([f"含“{words}”"] if words else [])]
        return ListPage(f"按{word}办理情况", columns, ()).excel(holders, said)
    return render(
        request,
        "plan/people.html",
        {
            "year": year,
            "years": years,
            "word": word,
            "by": "leader" if leader else "person",
            "holders": [(one, [(stand, one.counts[stand]) for stand in Stand]) for one in holders],
            "stands": list(Stand),
            "words": words,
            "export": urlencode({"year": year, "by": "leader" if leader else "person", "q": words, "export": "xlsx"}),
        },
    )


@require_GET
def clauses(request: Request) -> HttpResponse:
    """A notice, section by section and point by point, with the duties of each and where they stand."""
    actor, today = request.actor, clock.today()
    notices, asked = overviews.notices_of(actor), _key(request.GET.get("notice"))
    notice = next((one for one in notices if one.pk == asked), notices[0] if notices else None)
    if asked and (notice is None or notice.pk != asked):
        raise Http404
    found = overviews.cards(actor, today=today, where=Q(notice=notice), whole=True) if notice else []
    total = overviews.Tally()
    for card in found:
        total.add(card)
    return render(
        request,
        "plan/clauses.html",
        {
            "notices": notices,
            "notice": notice,
            "sections": overviews.by_point(found),
            "total": total,
            "year": notice.year if notice else None,
        },
    )


@require_GET
def wall_sheet(request: Request) -> HttpResponseBase:
    """The year's duties as the sheet that hangs on the wall, to print on A3 or as Excel (``?export=xlsx``)."""
    actor, today = request.actor, clock.today()
    year, years = _year(request)
    found = overviews.cards(actor, today=today, where=Q(year=year), whole=True)
    sections = overviews.by_point(found)
    if request.GET.get("export") == "xlsx":
        return wall.excel(sections, year=year, today=today)
    context = {"year": year, "years": years, "sections": sections, "total": len(found), "columns": wall.COLUMNS}
    context["printing"] = request.GET.get("print") == "1"
    return render(request, "plan/wall.html", context)
