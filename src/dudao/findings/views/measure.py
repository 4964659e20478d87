"""Pages of measures: list, begin one on findings of a unit, one measure, its acts and papers."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.findings import filling, measure_lists, queries, services
from dudao.findings.forms import MeasureForm, unit_choices
from dudao.findings.models import Finding, Measure
from dudao.findings.views.acts import draft_page, known_act, shaped, ticked, unit_name, worked_on
from dudao.findings.views.finding import give_out, measure_address, preview
from dudao.papers import queries as papers
from dudao.papers import services as paper_services
from dudao.papers.library import kind_name
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.procedures import library, pages
from dudao.procedures import queries as procedures
from dudao.procedures.acting import step_of
from dudao.procedures.forms import Step
from dudao.shell import clock, drafts
from dudao.shell.acts import Actor
from dudao.shell.drafts import Slot
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import refuse
from dudao_engines.procedures.schema import Choice


@require_GET
def measure_list(request: Request) -> HttpResponseBase:
    """Measures within the scope: what runs, for whom, until when."""
    actor, today = request.actor, clock.today()
    return measure_lists.measures(actor, today=today).respond(
        request, queries.measures(actor, today=today), "findings/measure_list.html"
    )


def _seen(request: Request, key: UUID) -> Measure:
    return get_object_or_404(queries.measures_visible_to(request.actor), pk=key)


def _findings(request: Request, row: Measure) -> list[Finding]:
    """The findings of a measure that the reader sees."""
    shown = queries.findings_visible_to(request.actor).filter(under__measure=row)
    return list(shown.order_by("year", "serial"))


@require_GET
def measure(request: Request, key: UUID) -> HttpResponse:
    """One measure: its findings, what may be done next, what happened, papers, clock."""
    row, actor, today = _seen(request, key), request.actor, clock.today()
    roles, is_unit = procedures.roles(actor, unit=row.unit_id), actor.is_of(row.unit_id)
    about = list(queries.findings_of(row.pk))
    shown = {one.pk for one in _findings(request, row)}
    situation = queries.measure_situation(row, about, today=today)
    subject = (row._meta.label_lower, str(row.pk))
    own = [(one, kind_name(one.kind)) for one in papers.papers_of_many(actor, [subject])]
    lines = pages.next_lines(
        procedures.next_acts(situation, roles=roles, of_unit=is_unit, person=actor.person), roles=roles, is_unit=is_unit,
        address=lambda act: reverse("findings:measure_act", args=[row.pk, act]),
        draft=(lambda kind: reverse("findings:measure_paper", args=[row.pk, kind])) if actor.can("paper.draft") else None,
        own=[paper for paper, _ in own],
    )  # fmt: skip
    entries = pages.timeline(
        actor, [row.pk], of={}, own=row.pk,
        file_address=lambda act, file: reverse("findings:measure_file", args=[row.pk, act.pk, file.pk]),
    )  # fmt: skip
    context = {
        "measure": row,
        "unit": unit_name(request, row.unit_id),
        "findings": [one for one in about if one.pk in shown],
        "grounds": library.ground_names("measure", row.grounds),
        "lines": lines,
        "mine": [line for line in lines if line.is_ready and line.is_mine],
        "is_unit": is_unit,
        "may_drop": "office" in roles and not is_unit and row.state == "drafting" and len(about) > 1,
        "drafts": _drafts(row, own) if "office" in roles and not is_unit and actor.can("paper.draft") else [],
        "entries": entries,
        "faces": pages.clock_faces([row.pk], today=today),
        "papers": own,
        "preview": preview(actor, own),
        "kind": next(k for k in library.procedure("measure").kinds if k.id == row.kind),
        "procedure": library.procedure("measure"),
        "events": list(audit.history(actor, row)[:50]) if actor.sees_county else [],
        "today": today,
    }
    return render(request, "findings/measure.html", context)


def _drafts(row: Measure, own: list[tuple[Paper, str]]) -> list[tuple[str, str]]:
    """The papers one can draft for a measure, name and page; not those that are worked on or issued already."""
    if row.state in Measure.ENDED:
        return []
    there = {paper.kind for paper, _ in own if paper.state in (*Paper.OPEN, Paper.State.ISSUED)}
    kinds = [kind for kind in filling.OF_MEASURE[Measure.Kind(row.kind)] if kind not in there]
    return [(kind_name(kind), reverse("findings:measure_paper", args=[row.pk, kind])) for kind in kinds]


@get_or_post
def measure_act(request: Request, key: UUID, act: str) -> HttpResponse:
    """Take one act on a measure; its findings are told in the same transaction."""
    known_act("measure", act)
    row, actor, today = _seen(request, key), request.actor, clock.today()
    name = unit_name(request, row.unit_id)

    def step() -> Step:
        now = _seen(request, key)
        return step_of(
            actor, now, act,
            situation=queries.measure_situation(now, list(queries.findings_of(now.pk)), today=today),
            roles=procedures.roles(actor, unit=now.unit_id), unit=now.unit_id, unit_name=name, today=today,
        )  # fmt: skip

    paper = library.act("measure", act).paper
    about = "、".join(one.number for one in _findings(request, row))
    return pages.act_page(
        request, step(),
        lambda brought, version: services.act_on_measure(
            measure=row, act=act, brought=brought, base_version=version, by=actor, now=clock.now()
        ),
        again=step, title=f"{row.get_kind_display()} {row.number} {row.title}", back=measure_address(row),
        draft=reverse("findings:measure_paper", args=[row.pk, paper]) if paper and actor.can("paper.draft") else "",
        trail=[("督办与措施", reverse("findings:measures")), (row.number, measure_address(row))],
        facts=[
            ("单位", name), ("状态", row.state_words), ("涉及的问题", about),
            ("情形", "、".join(library.ground_names("measure", row.grounds))), ("要求", row.wanted),
        ],
    )  # fmt: skip


@require_GET
def measure_file(request: Request, key: UUID, act: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of an act of a measure."""
    return give_out(request, [_seen(request, key).pk], act, file)


@get_or_post
@may("paper.draft")
def measure_paper(request: Request, key: UUID, kind: str) -> HttpResponse:
    """Draft a paper of a measure, filled with what it and its findings say."""
    row, actor, today = _seen(request, key), request.actor, clock.today()
    if kind not in filling.OF_MEASURE[Measure.Kind(row.kind)]:
        raise Http404
    name = unit_name(request, row.unit_id)
    findings = list(queries.findings_of(row.pk))
    values = filling.of_measure(
        kind, row, findings, unit=name, ordinal=row.ordinal or queries.next_ordinal(findings),
        opinions="、".join(queries.told_by_papers(findings)), acts=list(procedures.timeline([row.pk])),
        by_name=actor.name, hearing=_hearing(row, today), due_on=_due(row, today), today=today,
    )  # fmt: skip

    # The departments that answer for the findings get a copy (督办单 D13: 抄送主管部门).
    departments = {one.department_id for one in findings if one.department_id} - {row.unit_id}
    copies = "、".join(places.unit_names(actor, departments, as_of=today).values()) if departments else ""

    def draft(_: dict[str, Any]) -> Paper:
        return paper_services.draft_paper(
            kind=kind, subject=row, subject_title=f"{row.get_kind_display()} {row.number} {row.title}",
            link=measure_address(row), values=shaped(values), to_units=[row.unit_id], is_served_here=False,
            copies_words=copies,
            by=actor, now=clock.now(),
        )  # fmt: skip

    matter = f"{row.get_kind_display()} {row.number} {row.title}，{name}"
    if at := worked_on(request, row, kind):
        return redirect(at)
    return draft_page(request, kind, draft, matter=matter, back=measure_address(row))


def _due(row: Measure, today: date) -> date | None:
    """The day set for a measure, else for an order the one that the limit gives from today."""
    if row.due_on or row.kind != Measure.Kind.ORDER:
        return row.due_on
    due = procedures.reckon(procedures.limits(row.county, "measure", today)["L_SUPERVISE_CLOSE"], today)
    return due.day if due else None


def _hearing(row: Measure, today: date) -> str:
    limit = procedures.limits(row.county, "measure", today)["L_HEARING"]
    return f"收到本告知书之日起{limit.amount}{limit.unit}内" if limit.amount else ""


def _kinds(actor: Actor) -> list[Choice]:
    """The kinds of measure that this hat can begin."""
    procedure = library.procedure("measure")
    mine = {name for name, may_do in (("office", "loop.office"), ("leader", "loop.lead")) if actor.can(may_do)}
    return [kind for kind in procedure.kinds if mine & set(procedure.act(services.BEGINS[kind.id]).who)]


@get_or_post
@may("loop.office", "loop.lead")
def measure_new(request: Request) -> HttpResponse:
    """Choose kind and unit, then the findings that qualify; those that do not are shown with the reason.

    ``?kind=`` and ``?unit=`` choose; ``?finding=`` ticks some.
    """
    actor, today = request.actor, clock.today()
    keys = request.GET.getlist("finding")
    kind, unit = request.GET.get("kind", ""), request.GET.get("unit", "")
    if keys and not unit:
        of = {row.unit_id for row in ticked(request)}
        unit = str(of.pop()) if len(of) == 1 else ""
    units = unit_choices(actor, today=today)
    names = {key: name for _, group in units for key, name in group}
    kinds = _kinds(actor)
    if kind not in {one.id for one in kinds} or unit not in names:
        shown = {"kinds": kinds, "units": units, "kind": kind, "unit": unit,
                 "ticked": keys, "asked": bool(kind or unit)}  # fmt: skip
        return render(request, "findings/measure_choose.html", shown)
    chosen = queries.for_measure(actor, kind, UUID(unit), today=today)
    form = MeasureForm(
        request.POST or None, kind=kind, today=today,
        findings=[(str(one.finding.pk), f"{one.finding.number}　{one.finding.title}（{one.finding.state_words}）")
                  for one in chosen if not one.why_not],
        suggested=_suggested(kind, chosen),
        initial={"findings": keys or _all(kind, chosen), "title": _title(kind, chosen, keys)},
    )  # fmt: skip
    slot, status = Slot("findings.measure_new", f"{kind}-{unit}"), 200
    draft = None if keys else drafts.restore(form, slot, by=actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            wanted = set(data.get("findings", ()))
            try:
                made = services.propose_measure(
                    kind=kind, unit=UUID(unit), findings=[o.finding for o in chosen if str(o.finding.pk) in wanted],
                    grounds=data["grounds"], title=data["title"], wanted=data["wanted"], due_on=data.get("due_on"),
                    occurred_on=data["occurred_on"], key=data["key"], by=actor, now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                drafts.clear(slot, by=actor)
                messages.success(request, f"已拟{made.get_kind_display()}，下一步拟文书、签发、送达。")
                return redirect("findings:measure", made.pk)
    context = {
        "form": form, "slot": slot, "draft": draft, "unit": names[unit], "unit_key": unit, "kind": Measure.Kind(kind),
        "refused": [one for one in chosen if one.why_not],
    }  # fmt: skip
    return render(request, "findings/measure_new.html", context, status=status)


def _suggested(kind: str, chosen: list[queries.Candidate]) -> list[str]:
    states = {one.finding.state for one in chosen if not one.why_not}
    if kind != Measure.Kind.ORDER or not states:
        return []
    return ["not_in_place"] if states == {"not_in_place"} else ["not_timely"]


def _all(kind: str, chosen: list[queries.Candidate]) -> list[str]:
    """An order is on everything that is late, unless some was ticked."""
    return [str(one.finding.pk) for one in chosen if not one.why_not] if kind == Measure.Kind.ORDER else []


def _title(kind: str, chosen: list[queries.Candidate], keys: list[str]) -> str:
    named = [one.finding for one in chosen if not one.why_not and (not keys or str(one.finding.pk) in keys)]
    if not named or kind == Measure.Kind.REWARD:
        return ""
    end = "整改不到位" if all(one.state == "not_in_place" for one in named) else "整改不及时"
    return f"{named[0].title}{f'等 {len(named)} 个问题' if len(named) > 1 else ''}{end}"[:200]


@require_POST
@may("loop.office")
def measure_drop(request: Request, key: UUID, finding: UUID) -> HttpResponse:
    """Take a finding out of a measure that is not served yet."""
    row = _seen(request, key)
    out = get_object_or_404(queries.findings_of(row.pk), pk=finding)
    version = request.POST.get("base_version", "")
    services.drop_finding(
        measure=row, finding=out, base_version=int(version) if version.isdecimal() else 0, by=request.actor,
        now=clock.now(),
    )  # fmt: skip
    messages.success(request, f"已移出问题 {out.number}。")
    return redirect("findings:measure", key)
