"""Pages of cases of accountability, for their named members only; for everybody else there is no such page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.accounts import queries as accounts
from dudao.audit import queries as audit
from dudao.findings import case_lists, filling, queries, services
from dudao.findings.forms import CaseForm, MemberForm, unit_choices
from dudao.findings.models import Case, Finding
from dudao.findings.views.acts import draft_page, known_act, shaped, unit_name
from dudao.findings.views.finding import give_out
from dudao.papers import queries as papers
from dudao.papers import services as paper_services
from dudao.papers.library import kind_name
from dudao.papers.models import Paper
from dudao.procedures import library, pages
from dudao.procedures import queries as procedures
from dudao.procedures.acting import step_of
from dudao.procedures.forms import Step
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def address(case: Case) -> str:
    return reverse("findings:case", args=[case.pk])


def _seen(request: Request, key: UUID) -> Case:
    return get_object_or_404(queries.cases_visible_to(request.actor, today=clock.today()), pk=key)


@require_GET
def case_list(request: Request) -> HttpResponseBase:
    """The cases in which the person is a member."""
    actor, today = request.actor, clock.today()
    rows = queries.cases_visible_to(actor, today=today)
    return case_lists.cases(actor, today=today).respond(request, rows, "findings/case_list.html")


@require_GET
def case(request: Request, key: UUID) -> HttpResponse:
    """One case: both tracks side by side, both deadlines of the decision, what may be done, papers, members."""
    row, actor, today = _seen(request, key), request.actor, clock.today()
    roles, is_unit = procedures.roles(actor, unit=row.unit_id), actor.is_of(row.unit_id)
    situation = queries.case_situation(row, today=today)
    nexts = procedures.next_acts(situation, roles=roles, of_unit=is_unit, person=actor.person)
    lines = {
        track: pages.next_lines(
            [one for one in nexts if one.act.track == track], roles=roles, is_unit=is_unit,
            address=lambda act: reverse("findings:case_act", args=[row.pk, act]),
            draft=(lambda kind: reverse("findings:case_paper", args=[row.pk, kind])) if actor.can("paper.draft") else None,
        )
        for track in ("main", "remedy")
    }  # fmt: skip
    entries = pages.timeline(
        actor, [row.pk], of={}, own=row.pk,
        file_address=lambda act, file: reverse("findings:case_file", args=[row.pk, act.pk, file.pk]),
    )  # fmt: skip
    faces = pages.clock_faces([row.pk], today=today)
    findings = list(queries.findings_visible_to(actor).filter(cases=row).order_by("year", "serial"))
    keeps = "office" in roles and not is_unit
    context = {
        "case": row,
        "unit": unit_name(request, row.unit_id),
        "findings": findings,
        "grounds": library.ground_names("accountability", row.grounds),
        "lines": lines,
        "tracks": library.procedure("accountability").tracks,
        "entries": {track: [one for one in entries if one.act.track == track] for track in ("main", "remedy")},
        # The two deadlines of a decision stand in a table of their own.
        "faces": [face for face in faces if face.clock.stopped_on or face.clock.limit not in case_lists.DEADLINES],
        "deadlines": [face for face in faces if face.clock.limit in case_lists.DEADLINES],
        "papers": [(one, kind_name(one.kind)) for one in papers.papers_of(actor, row)],
        "drafts": _drafts(row) if keeps and actor.can("paper.draft") else [],
        "members": list(queries.members(row)),
        "keeps": keeps and not row.is_final,
        "events": list(audit.history(actor, row)[:50]) if keeps else [],
        "today": today,
    }
    return render(request, "findings/case.html", context)


def _drafts(row: Case) -> list[tuple[str, str]]:
    kinds = {
        "investigating": ("accountability-notice",),
        "approving": ("accountability-decision",),
        "decided": ("transfer-letter",) if row.is_for_others else (),
        "executed": ("transfer-letter",) if row.is_for_others else (),
    }.get(row.state, ())
    return [(kind_name(kind), reverse("findings:case_paper", args=[row.pk, kind])) for kind in kinds]


@get_or_post
@may("loop.office")
def case_new(request: Request) -> HttpResponse:
    """Choose the unit, then its findings and what the case is for. ``?unit=``, ``?finding=``."""
    actor, today = request.actor, clock.today()
    units = unit_choices(actor, today=today) + unit_choices(actor, today=today, leading=True)
    names = {key: name for _, group in units for key, name in group}
    unit, ticked = request.GET.get("unit", ""), request.GET.getlist("finding")
    if unit not in names:
        return render(request, "findings/case_choose.html", {"units": units, "ticked": ticked})
    rows = {str(one.pk): one for one in queries.for_case(actor, UUID(unit))}
    form = CaseForm(
        request.POST or None, today=today, initial={"findings": ticked},
        findings=[(key, f"{one.number}　{one.title}（{one.state_words}）") for key, one in rows.items()],
    )  # fmt: skip

    def begin(data: dict[str, Any]) -> Case:
        chosen: list[Finding] = [rows[key] for key in data.pop("findings", ())]
        return services.open_case(unit=UUID(unit), findings=chosen, by=actor, now=clock.now(), **data)

    return form_page(
        request, form, begin,
        title=f"问责立案：{names[unit]}",
        lead="案件只有成员看得到，您是第一名成员；问题照常整改、复查、销号，问责不代替整改。",
        button="立案", back=reverse("findings:cases"), to=address, done="已立案，下一步指定成员、成立工作组。",
    )  # fmt: skip


@get_or_post
def case_act(request: Request, key: UUID, act: str) -> HttpResponse:
    """Take one act of a case."""
    row, actor, today = _seen(request, key), request.actor, clock.today()
    known_act("accountability", act)
    name = unit_name(request, row.unit_id)

    def step() -> Step:
        now = _seen(request, key)
        return step_of(
            actor, now, act, situation=queries.case_situation(now, today=today),
            roles=procedures.roles(actor, unit=now.unit_id), unit=now.unit_id, unit_name=name, today=today,
        )  # fmt: skip

    paper = library.act("accountability", act).paper
    return pages.act_page(
        request, step(),
        lambda brought, version: services.act_on_case(
            case=row, act=act, brought=brought, base_version=version, by=actor, now=clock.now()
        ),
        again=step, title=f"{row} {row.title}", back=address(row),
        draft=reverse("findings:case_paper", args=[row.pk, paper]) if paper and actor.can("paper.draft") else "",
        trail=[("问责", reverse("findings:cases")), (row.number, address(row))],
        facts=[
            ("单位", name), ("办理", row.state_words), ("复核申诉", row.side_words),
            ("情形", "、".join(library.ground_names("accountability", row.grounds))),
            ("拟用方式", "；".join(row.method_names)),
        ],
    )  # fmt: skip


@require_GET
def case_file(request: Request, key: UUID, act: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of an act of a case; the look is written down."""
    return give_out(request, [_seen(request, key).pk], act, file)


@get_or_post
@may("paper.draft")
def case_paper(request: Request, key: UUID, kind: str) -> HttpResponse:
    """Draft a paper of a case; its members alone read it."""
    row, actor, today = _seen(request, key), request.actor, clock.today()
    if kind not in filling.OF_CASE:
        raise Http404
    limit = procedures.limits(row.county, "accountability", today)["L_ACC_HEARING"]
    values = filling.of_case(
        kind, row, list(queries.findings_visible_to(actor).filter(cases=row).order_by("year", "serial")),
        unit=unit_name(request, row.unit_id), acts=list(procedures.timeline([row.pk])), by_name=actor.name,
        hearing=f"收到本告知书之日起{limit.amount}{limit.unit}内" if limit.amount else "",
    )  # fmt: skip
    units = [] if kind == "transfer-letter" else [row.unit_id]

    def draft(_: dict[str, Any]) -> Paper:
        return paper_services.draft_paper(
            kind=kind, subject=row, subject_title=str(row), link=address(row), values=shaped(values), to_units=units,
            readers=services.members_of(row), is_served_here=kind == "transfer-letter", by=actor, now=clock.now(),
        )  # fmt: skip

    return draft_page(request, kind, draft, matter=str(row), back=address(row))


@get_or_post
def case_member(request: Request, key: UUID) -> HttpResponse:
    """Name another member."""
    row, actor, today = _seen(request, key), request.actor, clock.today()
    there = set(services.members_of(row))
    people = accounts.people_visible_to(actor, day=today).exclude(pk__in=there).order_by("sort_key", "pk")
    form = MemberForm(request.POST or None, people=[(str(one.pk), one.name) for one in people])
    return form_page(
        request, form,
        lambda data: services.name_member(case=row, **data, by=actor, now=clock.now()),
        title=f"指定成员：{row}", lead="成员能看到案件的全部内容和文书，并按本人岗位办理。",
        button="指定", back=address(row), done="已指定成员。",
    )  # fmt: skip


@require_POST
def case_member_end(request: Request, key: UUID, member: UUID) -> HttpResponse:
    """Take a member out: the case and its papers are closed to them at once."""
    row = _seen(request, key)
    out = get_object_or_404(queries.members(row).filter(ended_on__isnull=True), pk=member)
    services.end_member(member=out, by=request.actor, now=clock.now())
    messages.success(request, f"{out.name}已退出案件。")
    return redirect("findings:cases" if out.person_id == request.actor.person else address(row))
