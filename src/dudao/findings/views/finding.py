"""Pages of one finding: what it is, what happened, what may be done next; registered by hand, corrected, printed."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.findings import queries, services
from dudao.findings.forms import ChangeForm, NewForm, unit_choices
from dudao.findings.models import Finding, Measure
from dudao.papers import queries as papers
from dudao.papers import writing
from dudao.papers.library import kind_name
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.procedures import library, pages
from dudao.procedures import queries as procedures
from dudao.shell import clock, conflicts
from dudao.shell.acts import Actor
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def address(finding: Finding) -> str:
    return reverse("findings:finding", args=[finding.pk])


def measure_address(measure: Measure) -> str:
    return reverse("findings:measure", args=[measure.pk])


def seen(request: Request, key: UUID) -> Finding:
    """A finding within the reader's scope."""
    rows = queries.findings_visible_to(request.actor).select_related("cause", "earlier")
    return get_object_or_404(rows, pk=key)


def _laid_out(request: Request, row: Finding) -> dict[str, Any]:
    """What the page and the print of a finding show alike; the same number of statements whatever it holds."""
    actor, today = request.actor, clock.today()
    measures = queries.measures_of(actor, [row.pk]).get(row.pk, [])
    others = {one.pk: (f"{one.get_kind_display()} {one.number}", measure_address(one)) for one in measures}
    names = places.unit_names(actor, {key for key in (row.unit_id, row.department_id) if key}, as_of=today)
    subjects = [(row._meta.label_lower, str(row.pk)), *((m._meta.label_lower, str(m.pk)) for m in measures)]
    entries = pages.timeline(
        actor, [row.pk, *others], of=others, own=row.pk,
        file_address=lambda act, file: reverse("findings:act_file", args=[row.pk, act.pk, file.pk]),
    )  # fmt: skip
    own_papers = [(one, kind_name(one.kind)) for one in papers.papers_of_many(actor, subjects)]
    return {
        "finding": row,
        "unit": names.get(row.unit_id, "—"),
        "department": names.get(row.department_id, "") if row.department_id else "",
        "measures": measures,
        "entries": entries,
        "files": [pair for entry in entries for pair in entry.files],
        "faces": pages.clock_faces([row.pk, *others], today=today, of={key: name for key, (name, _) in others.items()}),
        "papers": own_papers,
        "today": today,
    }


@require_GET
def finding(request: Request, key: UUID) -> HttpResponse:
    """One finding: facts, clock, what may be done next and by whom, what happened, evidence, papers, measures."""
    row, actor, today = seen(request, key), request.actor, clock.today()
    roles = procedures.roles(actor, unit=row.unit_id, department=row.department_id)
    is_unit = actor.is_of(row.unit_id)
    situation = queries.situations([row], today=today)[row.pk]
    nexts = procedures.next_acts(situation, roles=roles, of_unit=is_unit, person=actor.person)
    shown = _laid_out(request, row)
    lines = pages.next_lines(
        nexts, roles=roles, is_unit=is_unit,
        address=lambda act: reverse("findings:finding_act", args=[row.pk, act]),
        draft=(lambda kind: reverse("findings:finding_paper", args=[row.pk, kind])) if actor.can("paper.draft") else None,
        own=[paper for paper, _ in shown["papers"] if paper.subject_key == str(row.pk)],
    )  # fmt: skip
    manages = bool({"office", "inspector"} & roles) and not is_unit
    context = shown | {
        "lines": lines,
        "mine": [line for line in lines if line.is_ready and line.is_mine],
        "is_unit": is_unit,
        "is_department": bool(row.department_id and actor.is_of(row.department_id)),
        "manages": manages and row.is_open,
        "may_measure": "office" in roles and not is_unit and row.state in ("rectifying", "not_in_place"),
        "drafts": _drafts(row, shown["papers"]) if manages and actor.can("paper.draft") else [],
        "earlier": row.earlier if row.earlier and _sees(actor, row.earlier) else None,
        "later": list(queries.findings_visible_to(actor).filter(earlier=row)[:5]),
        "preview": preview(actor, shown["papers"]),
        "before": queries.beside(actor, row, before=True),
        "after": queries.beside(actor, row, before=False),
        "cases": list(queries.cases_of(actor, row.pk, today=today)),
        "complainant": services.may_open(row, by=actor, now=clock.now()),
        "has_complainant": queries.has_complainant(row),
        "may_case": "office" in roles and not is_unit,
        "procedure": library.procedure("finding"),
        "events": list(audit.history(actor, row)[:50]) if actor.sees_county else [],
    }
    template = "findings/finding_unit.html" if is_unit and not manages else "findings/finding.html"
    return render(request, template, context)


def preview(actor: Actor, own: list[tuple[Paper, str]]) -> dict[str, Any] | None:
    """The newest paper that is still worked on, as it will be printed; for those who draft and sign."""
    if not (actor.can("paper.draft") or actor.can("paper.issue")):
        return None
    found = next(((paper, kind) for paper, kind in own if paper.state in Paper.OPEN), None)
    text = found[0].texts.first() if found else None
    if found is None or text is None:
        return None
    return {"paper": found[0], "kind": found[1], "text": text, "lines": list(writing.lines(text.body))}


def _sees(actor: Actor, other: Finding) -> bool:
    return actor.sees_county or queries.findings_visible_to(actor).filter(pk=other.pk).exists()


def _drafts(row: Finding, own: list[tuple[Paper, str]]) -> list[tuple[str, str]]:
    """The papers one can draft from here as things stand, name and page; not those that are worked on already."""
    worked_on = {paper.kind for paper, _ in own if paper.state in Paper.OPEN}
    kinds = {
        "registered": ("rectification-notice",),
        "reported": ("recheck-record",),
        "passed": ("recheck-record",),
        "not_in_place": ("recheck-record",),
        "closed": ("look-back-record",),
        "archived": ("look-back-record",),
    }.get(row.state, ())
    if row.relapses and row.state == "rectifying":
        kinds = ("look-back-record",)
    return [
        (kind_name(kind), reverse("findings:finding_paper", args=[row.pk, kind]))
        for kind in kinds
        if kind not in worked_on
    ]


@require_GET
def finding_print(request: Request, key: UUID) -> HttpResponse:
    """The whole finding on paper: facts, limits, every act with who and when, papers."""
    row = seen(request, key)
    return render(request, "findings/finding_print.html", _laid_out(request, row) | {"facts": facts(row)})


def facts(row: Finding) -> list[tuple[str, Any]]:
    """A finding in words, name and value."""
    return [
        ("编号", row.number),
        ("来源", f"{row.get_source_display()}{f'（{row.origin_words}）' if row.origin_words else ''}"),
        ("依据", row.basis),
        ("严重程度", row.get_severity_display()),
        ("原因", row.cause.name if row.cause else ""),
        ("整改要求", row.wanted),
        ("责任人", row.responsible),
        ("发现日期", f"{row.found_on.year}年{row.found_on.month}月{row.found_on.day}日"),
    ]


@require_GET
def act_file(request: Request, key: UUID, act: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of an act of the finding, or of a measure on it that the reader sees."""
    row = seen(request, key)
    measures = queries.measures_of(request.actor, [row.pk]).get(row.pk, [])
    return give_out(request, [row.pk, *(one.pk for one in measures)], act, file)


def give_out(request: Request, matters: list[UUID], act: UUID, file: UUID) -> HttpResponseBase:
    """A file of an act of one of these matters, which the caller has found within the actor's scope."""
    found = get_object_or_404(procedures.timeline(matters), pk=act)
    stored = files.file_of(request.actor, found, file)
    if stored is None:
        raise Http404
    return file_services.respond(stored, by=request.actor, now=clock.now())


@get_or_post
@may("loop.office", "loop.inspect")
def finding_new(request: Request) -> HttpResponse:
    """Register something that is wrong, by hand."""
    actor, today = request.actor, clock.today()
    form = NewForm(
        request.POST or None, request.FILES or None,
        units=unit_choices(actor, today=today), departments=unit_choices(actor, today=today, leading=True),
        causes=queries.causes(actor), bases=queries.bases(actor), today=today,
        initial={"unit": request.GET.get("unit", ""), "basis": request.GET.get("basis", "")},
    )  # fmt: skip

    def register(data: dict[str, Any]) -> Finding:
        evidence = [file_services.receive(one) for one in data.pop("evidence")]
        told_on, key = data.pop("told_on"), data.pop("key")
        return services.register_finding(
            facts=services.Facts(**data), evidence=evidence, told_on=told_on, key=key, by=actor, now=clock.now()
        )

    return form_page(
        request, form, register,
        title="登记问题",
        lead="一个问题一条：同一单位的几个问题请分开登记，各自整改、复查、销号。",
        button="登记", back=reverse("findings:list"),
        to=address, done="已登记，下一步告知单位整改。", template="findings/finding_new.html",
    )  # fmt: skip


@get_or_post
@may("loop.office", "loop.inspect")
def finding_change(request: Request, key: UUID) -> HttpResponse:
    """Correct what was registered; a conflict lies out both texts."""
    row, actor, today = seen(request, key), request.actor, clock.today()
    form = ChangeForm(
        conflicts.chosen(request.POST) or None,
        departments=unit_choices(actor, today=today, leading=True), causes=queries.causes(actor),
        bases=queries.bases(actor), told=row.state != "registered",
        initial={**ChangeForm.values_of(row), "base_version": row.version},
    )  # fmt: skip

    def stands() -> tuple[dict[str, Any], int]:
        now = seen(request, key)
        return {name: value for name, value in ChangeForm.values_of(now).items() if name in form.fields}, now.version

    return form_page(
        request, form,
        lambda data: services.change_finding(finding=seen(request, key), **data, by=actor, now=clock.now()),
        title=f"更正问题 {row.number}",
        lead="已告知单位的整改期限不在这里改：请单位申请延期，再同意延期。" if row.state != "registered" else "",
        button="保存", back=address(row), done="已保存。", stands=stands,
    )  # fmt: skip
