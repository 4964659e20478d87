"""The list of problems of an inspection: several lines at once, typed or pasted from a table."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from dudao.findings.models import Finding
from dudao.inspections import queries, services
from dudao.inspections.forms import MOST, LineForms, ListHeadForm, pasted_lines
from dudao.inspections.models import Inspection
from dudao.inspections.services import Line
from dudao.inspections.views.inspections import address, found
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.templatetags.parts import fullday

#: Empty lines at the end, and how many one click adds.
SPARE = 3
MORE = 6
_PREFIX = "f"
#: What is typed in a line.
_WORDS = ("title", "basis", "facts", "wanted", "due_on")


@get_or_post
@may("loop.office", "loop.inspect")
def finding_list(request: Request, key: UUID) -> HttpResponse:
    """Register and correct the problems of an inspection."""
    actor, today, row = request.actor, clock.today(), found(request, key)
    known = [one for one in queries.all_findings(row) if one.state == "registered"]
    asks = row.state in ("fed_back", "opinion")
    departments = [
        (str(unit.unit_id), unit.short_name or unit.name)
        for unit in places.units_visible_to(actor, as_of=today)
        if unit.kind in ("bureau", "section", "department", "township")
    ]
    kinds = {"departments": departments}
    head = ListHeadForm(asks=asks, initial={"found_on": _found_on(row, known, today)})
    status = 200
    if request.method != "POST":
        lines: Any = LineForms(initial=[*map(_typed, known), *[{}] * SPARE], prefix=_PREFIX, form_kwargs=kinds)
    elif "more" in request.POST or "paste" in request.POST:
        # Only looked at again: nothing is saved, and nothing is called wrong yet.
        head = ListHeadForm(asks=asks, initial=request.POST.dict())
        lines = LineForms(initial=_longer(request.POST), prefix=_PREFIX, form_kwargs=kinds)
    else:
        head, status = ListHeadForm(request.POST, asks=asks), 422
        lines = LineForms(request.POST, prefix=_PREFIX, form_kwargs=kinds)
        for form in lines:
            # A line without a word is no line.
            form.empty_permitted = not any(str(form[name].value() or "").strip() for name in ("finding", *_WORDS))
        if head.is_valid() and lines.is_valid():
            given = [form for form in lines if not form.empty_permitted]
            try:
                services.keep_findings(
                    inspection=row,
                    lines=[_line(form.cleaned_data, head.cleaned_data, known) for form in given],
                    was_told=head.cleaned_data.get("was_told", False),
                    by=actor,
                    now=clock.now(),
                )
            except Refused as refusal:
                lines, status = _refused(request.POST, row, refusal, head, lines, given, kinds)
            else:
                messages.success(request, f"已保存，问题清单共 {len(given)} 条。")
                return redirect(f"{address(key)}#findings")
    context = {
        "inspection": row, "head": head, "lines": lines, "asks": asks, "known": len(known),
        "unit_name": places.unit_names(actor, {row.unit_id}, as_of=today).get(row.unit_id, "—"),
    }  # fmt: skip
    return render(request, "inspections/findings.html", context, status=status)


def _found_on(row: Inspection, known: Sequence[Finding], today: date) -> date:
    """The day that new problems were most likely found: that of the last one, else the last day on site."""
    return known[-1].found_on if known else min(today, max(row.end_on, row.begin_on))


def _typed(one: Finding) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in (*_WORDS, "severity")},
        "finding": one.pk,
        "base_version": one.version,
        "department": str(one.department_id or ""),
    }


def _longer(sent: QueryDict) -> list[dict[str, str]]:
    """What was typed, with more lines below: empty ones, and those of a pasted table."""
    said = sent.get(f"{_PREFIX}-TOTAL_FORMS", "")
    count = int(said) if said.isdecimal() else 0
    names = ("key", "finding", "base_version", *_WORDS, "severity", "department")
    typed = [
        {n: value for n in names if (value := sent.get(f"{_PREFIX}-{at}-{n}", ""))} for at in range(min(count, MOST))
    ]
    while "paste" in sent and typed and not any(typed[-1].get(name, "").strip() for name in ("finding", *_WORDS)):
        typed.pop()
    pasted = pasted_lines(sent.get("pasted", ""))
    return [*typed, *pasted, *[{}] * (MORE if "more" in sent else SPARE)][:MOST]


def _line(data: dict[str, Any], head: dict[str, Any], known: Sequence[Finding]) -> Line:
    kept = next((one for one in known if one.pk == data.get("finding")), None)
    return Line(
        title=data["title"],
        basis=data["basis"],
        facts=data["facts"].replace("\r\n", "\n"),
        wanted=data["wanted"],
        due_on=data["due_on"] or head["due_on"],
        severity=data["severity"] or Finding.Severity.ORDINARY,
        department=data["department"],
        found_on=kept.found_on if kept else head["found_on"],
        finding=data.get("finding"),
        base_version=data.get("base_version") or 0,
        key=data.get("key"),
    )


def _refused(
    sent: QueryDict, row: Inspection, refusal: Refused, head: ListHeadForm, lines: Any, given: Sequence[Any],
    kinds: dict[str, Any],
) -> tuple[Any, int]:  # fmt: skip
    """Put a refusal at the line and field it belongs to; after a conflict the line says how it stands now."""
    at, _, field = (refusal.field or "").partition("-")
    if not field or not at.isdecimal():
        head.add_error(refusal.field if refusal.field in head.fields else None, refusal.message)
        return lines, 422
    form = given[int(at)]
    if not isinstance(refusal, Conflict):
        where, field = (head, "found_on") if field == "found_on" else (form, field)
        where.add_error(field if field in where.fields else "title", refusal.message)
        return lines, 422
    now = next((one for one in queries.all_findings(row) if one.pk == form.cleaned_data["finding"]), None)
    if now is None:
        form.add_error("title", refusal.message)
        return lines, 409
    data = sent.copy()
    data[f"{form.prefix}-base_version"] = str(now.version)
    again = LineForms(data, prefix=_PREFIX, form_kwargs=kinds)
    for before, after in zip(lines, again, strict=True):
        after.empty_permitted = before.empty_permitted
    again[list(lines).index(form)].add_error(
        "title",
        f"别人刚刚把这一条改成：{now.title}；依据：{now.basis}；要求：{now.wanted or '—'}；期限：{fullday(now.due_on)}。"
        "仍按您填的保存，请再提交一次。",
    )
    return again, 409
