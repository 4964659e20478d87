"""Coverage: who looks after which school, and where nobody does."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from dudao.duties import lists, maps, queries
from dudao.duties.coverage import Coverage
from dudao.duties.coverage import coverage as covering
from dudao.duties.services.rights import manages
from dudao.places import queries as places
from dudao.shell import clock, sheets
from dudao.shell.http import Request, may


def found_on_today(request: Request) -> Coverage:
    """The county today, or there is no such page."""
    found = covering(request.actor, day=clock.today())
    if found is None:
        raise Http404
    return found


@require_GET
@may("inspector.manage", "inspector.read")
def coverage(request: Request) -> HttpResponseBase:
    """Every school and kindergarten, filtered, as Excel and in print; numbers against the rule above it."""
    found, managing = found_on_today(request), manages(request.actor)
    context = {
        "found": found, "manages": managing, "rules": found.rules, "here": "coverage",
        "schools": found.number("school"), "kindergartens": found.number("kindergarten"),
        "young": found.people("kindergarten"),
        "heavy": [one for one in found.loads if one.too_many], "wrong": [one for one in found.areas if one.wrong],
    }  # fmt: skip
    rows = queries.covered(request.actor.county, day=found.day)
    return lists.register(request.actor, found, manages=managing).respond(
        request, rows, "duties/coverage.html", context
    )


@require_GET
@may("inspector.manage", "inspector.read")
def loads(request: Request) -> HttpResponseBase:
    """Inspectors with their schools."""
    found = found_on_today(request)
    if request.GET.get("export") == "xlsx":
        heads = ("督学", "责任区", "学校（园）数", "学校（园）", "情况")
        lines = [
            (one.name, "、".join(area.name for area in one.districts), len(one.places), "、".join(p.unit.name for p in one.places), one.words)
            for one in found.loads
        ]  # fmt: skip
        return sheets.table("责任督学负责学校", [("责任督学", heads, lines)], said="", today=found.day)
    most = found.rules["schools_each"]
    context = {
        "found": found,
        "manages": manages(request.actor),
        "most": most,
        "here": "inspectors",
        "printing": "print" in request.GET,
    }
    return render(request, "duties/loads.html", context)


@require_GET
@may("inspector.manage", "inspector.read")
def county_map(request: Request) -> HttpResponseBase:
    """The county by towns: a drawing, and the same figures in a table beside it."""
    found = found_on_today(request)
    towns = [(one.code, one.name) for one in places.towns(request.actor, as_of=found.day)]
    drawn = maps.drawn(found, towns)
    if request.GET.get("export") == "xlsx":
        heads = ("乡镇场", "学校（园）", "已落实", "空缺", "责任区")
        lines = [
            (one.name, len(one.places), one.covered, one.gaps, "、".join(area.district.name for area in one.areas))
            for one in drawn.towns
        ]
        return sheets.table("责任督学分布", [("责任督学分布", heads, lines)], said="", today=found.day)
    context = {
        "map": drawn, "found": found, "here": "map", "covered": len(found.places) - len(found.gaps),
        "printing": "print" in request.GET,
    }  # fmt: skip
    return render(request, "duties/map.html", context)


@require_GET
@may("inspector.self")
def mine(request: Request) -> HttpResponse:
    """The schools that the reader is responsible for today."""
    actor, today = request.actor, clock.today()
    held = [one for person in sorted(actor.hands) for one in queries.schools_of(actor.county, person, day=today)]
    since = {one.unit: one.starts_on for one in held}
    rows = list(queries.covered(actor.county, day=today).filter(unit__in=since))
    districts = queries.districts_on(actor.county, day=today)
    area = {one.unit: districts[one.district].name for one in held if one.district in districts}
    lines = [(row, lists.kind(row), area.get(row.unit_id, ""), since[row.unit_id]) for row in rows]
    return render(request, "duties/mine.html", {"lines": lines, "today": today})


@require_GET
@may("visit.host")
def ours(request: Request) -> HttpResponse:
    """The way to who is responsible for the reader's own school."""
    unit = request.actor.unit
    if unit is None or not queries.covered(request.actor.county, day=clock.today()).filter(unit=unit).exists():
        raise Http404
    return redirect("duties:unit", unit)


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self", "visit.host")
def unit(request: Request, key: UUID) -> HttpResponse:
    """One school: who is responsible, who was, its board."""
    actor, today = request.actor, clock.today()
    rows = list(queries.duties_visible_to(actor).filter(unit=key).select_related("inspector__person"))
    version = queries.covered(actor.county, day=today).filter(unit=key).first()
    if version is None or not queries.may_see_unit(actor, key):
        raise Http404
    found = covering(actor, day=today)
    context = {
        "version": version, "kind": lists.kind(version), "rows": rows, "today": today, "manages": manages(actor),
        "all": queries.sees_all(actor), "place": found.by_unit.get(key) if found else None,
    }  # fmt: skip
    return render(request, "duties/unit.html", context)
