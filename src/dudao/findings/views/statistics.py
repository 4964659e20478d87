"""Findings counted: the map of bases and units, the statistics of a period, and one unit over the years."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from dudao.findings import counting, lists, queries, sheets
from dudao.findings.counting import Heat
from dudao.findings.models import Measure
from dudao.findings.spans import chosen, spans
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell import clock
from dudao.shell import sheets as tables
from dudao.shell.http import Request
from dudao_engines.kernel.periods import Period

#: Rows of a list that a number on the page opens.
OPENED = 300


def _period(request: Request) -> dict[str, Any]:
    """The period asked for, and those that can be."""
    today = clock.today()
    years = counting.years(request.actor, today=today)
    code, span = chosen(request.GET.get("period", ""), years, today=today)
    return {"code": code, "span": span, "spans": [(c, one.label) for c, one in spans(years).items()]}


def _address(asked: Mapping[str, str]) -> str:
    """The register under filters."""
    return f"{reverse('findings:list')}?{urlencode(asked)}"


def _opens(asked: Mapping[str, str]) -> tuple[str, str, str, str]:
    """All of them, those that are open, late, closed."""
    return (
        _address(asked),
        _address({**asked, "state": "open"}),
        _address({**asked, "light": "late"}),
        _address({**asked, "state": "done"}),
    )


# The map


@require_GET
def heat(request: Request) -> HttpResponseBase:
    """How many findings of a period go by which basis at which kind of unit, or at which unit (``?kind=``)."""
    actor, today = request.actor, clock.today()
    known = _period(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in lists.KINDS else ""
    found = counting.heat(
        actor, code=known["code"], span=known["span"], today=today, kind=kind, whole=request.GET.get("all") == "1"
    )
    words = str(UnitVersion.Kind(kind).label) if kind else ""
    if request.GET.get("export") == "xlsx":
        table = [[line.label, *(cell.count or None for cell in line.cells), line.total.count] for line in found.lines]
        table.append(["合计", *(cell.count for cell in found.foot), found.total.count])
        heads = ["依据", *(label for label, _ in found.columns), "合计"]
        title = f"{known['span'].label}问题：依据与{'单位' if found.by_unit else '单位类别'}"
        return tables.table(title, [("问题数", heads, table)], said=words, today=today)
    context = {
        **known, "kind": kind, "kinds": [(k, UnitVersion.Kind(k).label) for k in lists.KINDS], "kind_words": words,
        "heat": found, "table": _linked(found, known["code"], kind),
    }  # fmt: skip
    return render(request, "findings/heat.html", context)


def _linked(found: Heat, code: str, kind: str) -> dict[str, Any]:
    """The map with the address behind each number; those of the rest open the whole map."""
    everything = f"?{urlencode({'period': code, 'kind': kind, 'all': '1'})}"
    heads = []
    for label, asked in found.columns:
        one = asked.get("kind", "") if not found.by_unit and asked.get("kind") in lists.KINDS else ""
        heads.append((label, f"?{urlencode({'period': code, 'kind': one})}" if one else ""))
    lines = [
        (
            line,
            everything if line.is_rest else _address(line.total.asked),
            [(cell, everything if line.is_rest else _address(cell.asked)) for cell in line.cells],
        )
        for line in found.lines
    ]
    foot = [(cell, _address(cell.asked)) for cell in found.foot]
    return {"heads": heads, "lines": lines, "foot": foot, "total": _address(found.total.asked)}


# Statistics


@require_GET
def statistics(request: Request) -> HttpResponseBase:
    """A period in numbers; ``?open=`` lists the rows behind one that the register does not show."""
    actor, today = request.actor, clock.today()
    known = _period(request)
    code, span = known["code"], known["span"]
    mechanisms = counting.mechanisms(actor, code=code, span=span, today=today)
    groups = [
        (title, by, counting.shares(actor, by, code=code, span=span, today=today))
        for title, by in (("按原因", "cause"), ("按来源", "source"), ("按严重程度", "severity"))
    ]
    stays, kept = counting.stays(actor, span=span, today=today), counting.kept(actor, span=span, today=today)
    if request.GET.get("export") == "xlsx":
        return tables.table(
            f"{span.label}问题整改统计", sheets.statistics(mechanisms, groups, stays, kept), said="", today=today
        )
    ones = [key for stay in stays for key in (stay.longest, stay.running[1] if stay.running else None) if key]
    numbers = {row.pk: row.number for row in queries.findings_visible_to(actor).filter(pk__in=ones)}

    def opens(asked: Mapping[str, str]) -> str:
        if "open" in asked:
            return f"?{urlencode({'period': code, **asked})}#opened"
        return _address(asked)

    context = {
        **known,
        "mechanisms": [(m, opens(m.done_asked), opens(m.running_asked)) for m in mechanisms],
        "groups": [
            (title, [(share, *_opens(share.asked)) for share in shares], sum(share.count for share in shares))
            for title, _, shares in groups
        ],
        "stays": [
            (stay, stay.longest and numbers.get(stay.longest), stay.running and numbers.get(stay.running[1]))
            for stay in stays
        ],
        "kept": kept,
        "rate": percent(kept.in_time, kept.base),
        "opened": _opened(request, span),
        "opened_limit": OPENED,
        "printing": request.GET.get("print") == "1",
    }
    return render(request, "findings/statistics.html", context)


def percent(part: int, whole: int) -> str:
    """A share with one decimal, rounded half up; nothing where there is nothing to divide by."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


_PARTS = {"in_time": "按期报送的", "late": "逾期的", "ahead": "还没有到期的", "moved": "到期以前另定了期限的"}


def _opened(request: Request, span: Period) -> dict[str, Any] | None:
    """The rows behind a number: title, heads, lines of (address, cells)."""
    actor, today = request.actor, clock.today()
    what, _, of = request.GET.get("open", "").partition("-")
    if what in ("begun", "running") and of in Measure.Kind.values:
        rows = counting.measures_begun(actor, span) if what == "begun" else counting.measures_running(actor)
        measures = list(rows.filter(kind=of)[: OPENED + 1])
        names = places.unit_names(actor, {m.unit_id for m in measures}, as_of=today)
        label = Measure.Kind(of).label
        return {
            "title": f"{span.label}的{label}" if what == "begun" else f"在办的{label}",
            "heads": ("编号", "事由", "单位", "状态"),
            "lines": [
                (reverse("findings:measure", args=[m.pk]), (m.number, m.title, names.get(m.unit_id, "—"), m.state_words))
                for m in measures
            ],
        }  # fmt: skip
    if what in ("begun", "running") and of == "case":
        cases = (
            counting.cases_begun(actor, span, today=today)
            if what == "begun"
            else counting.cases_open(actor, today=today)
        )
        found = list(cases[: OPENED + 1])
        names = places.unit_names(actor, {c.unit_id for c in found}, as_of=today)
        return {
            "title": f"{span.label}的问责案件" if what == "begun" else "在办的问责案件",
            "heads": ("编号", "单位", "状态"),
            "lines": [
                (reverse("findings:case", args=[c.pk]), (c.number, names.get(c.unit_id, "—"), c.state_words)) for c in found
            ],
        }  # fmt: skip
    if what == "limit" and of in _PARTS:
        clocks = list(
            counting.limits_due(actor, span).filter(counting.limit_parts(today)[of]).order_by("due_on")[: OPENED + 1]
        )
        rows_of = {f.pk: f for f in queries.findings_visible_to(actor).filter(pk__in={c.subject for c in clocks})}
        names = places.unit_names(actor, {f.unit_id for f in rows_of.values()}, as_of=today)
        return {
            "title": f"{span.label}到期的整改期限：{_PARTS[of]}",
            "heads": ("编号", "问题", "单位", "期限", "报送"),
            "lines": [
                (
                    reverse("findings:finding", args=[c.subject]),
                    (
                        rows_of[c.subject].number, rows_of[c.subject].title, names.get(rows_of[c.subject].unit_id, "—"),
                        c.due_on, c.stopped_on,
                    ),
                )
                for c in clocks
            ],
        }  # fmt: skip
    return None


# One unit


@require_GET
def unit(request: Request, key: UUID) -> HttpResponseBase:
    """Everything that was ever found at a unit: by year, what came back, what was done about it."""
    actor, today = request.actor, clock.today()
    if places.unit_visible_to(actor, key) is None:
        raise Http404
    years = counting.unit_years(actor, key, today=today)
    if not actor.sees_county and key not in actor.units and not years:
        raise Http404
    measures = list(
        queries.measures_visible_to(actor).filter(unit=key).exclude(state="cancelled").order_by("-year", "-serial")
    )
    full = places.full_names(actor, {key}, as_of=today)
    context = {
        "unit": key,
        "name": full.get(key, "—"),
        "years": [(year, *_opens({"unit": str(key), "state": "valid", "period": str(year.year)})) for year in years],
        "repeats": [
            (one, _address({"unit": str(key), "state": "valid", "basis": one.key}))
            for one in counting.repeats(actor, key)
        ],
        "measures": measures,
    }
    page = lists.register(actor, request.GET, today=today, of_unit=True)
    page.title = f"{full.get(key, '')}的问题"
    rows = queries.register(actor, today=today).filter(unit=key)
    return page.respond(request, rows, "findings/unit.html", context)
