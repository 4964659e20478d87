"""Acts on findings: one at a time, several of one unit at once, and the papers that are drafted from a finding."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from dudao.files import services as files
from dudao.findings import filling, queries, services
from dudao.findings.forms import RecheckForm
from dudao.findings.models import Finding
from dudao.findings.views.finding import address, facts, seen
from dudao.papers import queries as papers_read
from dudao.papers import services as papers
from dudao.papers.library import kind_name
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.procedures import library, pages
from dudao.procedures import queries as procedures
from dudao.procedures.acting import step_of
from dudao.procedures.forms import Step
from dudao.procedures.models import Matter
from dudao.procedures.services import Brought
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def unit_name(request: Request, unit: UUID) -> str:
    return places.unit_names(request.actor, {unit}, as_of=clock.today()).get(unit, "—")


def known_act(procedure: str, code: str) -> None:
    """There is no page for an act that the procedure does not know, that begins a matter, or that it is only told of."""
    found = next((act for act in library.procedure(procedure).acts if act.id == code), None)
    if found is None or found.told or found.begins:
        raise Http404


@get_or_post
def finding_act(request: Request, key: UUID, act: str) -> HttpResponse:
    """Take one act on a finding."""
    known_act("finding", act)
    row, actor, today = seen(request, key), request.actor, clock.today()
    name = unit_name(request, row.unit_id)

    def step() -> Step:
        now = seen(request, key)
        return step_of(
            actor, now, act, situation=queries.situations([now], today=today)[now.pk],
            roles=procedures.roles(actor, unit=now.unit_id, department=now.department_id),
            unit=now.unit_id, unit_name=name, department=now.department_id, today=today,
        )  # fmt: skip

    return pages.act_page(
        request, step(),
        lambda brought, version: services.act_on_finding(
            finding=row, act=act, brought=brought, base_version=version, by=actor, now=clock.now()
        ),
        again=step, title=f"问题 {row.number} {row.title}", back=address(row),
        draft=_draft_address(row, act) if actor.can("paper.draft") else "",
        trail=[("问题", reverse("findings:list")), (row.number, address(row))],
        facts=[("单位", name), ("状态", row.state_words), *facts(row)[2:]],
    )  # fmt: skip


def _draft_address(row: Finding, act: str) -> str:
    kind = library.act("finding", act).paper
    return reverse("findings:finding_paper", args=[row.pk, kind]) if kind else ""


@get_or_post
@may("paper.draft")
def finding_paper(request: Request, key: UUID, kind: str) -> HttpResponse:
    """Draft a paper of a finding, filled with what the finding says; it goes on on the paper's own page."""
    if kind not in filling.OF_FINDING:
        raise Http404
    row, actor, today = seen(request, key), request.actor, clock.today()
    name = unit_name(request, row.unit_id)
    acts = list(procedures.timeline([row.pk]))
    values = filling.of_finding(kind, row, unit=name, acts=acts, by_name=actor.name, today=today)

    def draft(_: dict[str, Any]) -> Paper:
        return papers.draft_paper(
            kind=kind, subject=row, subject_title=f"问题 {row.number} {row.title}", link=address(row),
            values=shaped(values), to_units=[row.unit_id], is_served_here=False, by=actor, now=clock.now(),
        )  # fmt: skip

    if at := worked_on(request, row, kind):
        return redirect(at)
    return draft_page(request, kind, draft, matter=f"问题 {row.number} {row.title}，{name}", back=address(row))


def worked_on(request: Request, matter: Matter, kind: str) -> str:
    """The page of the paper of this kind that is worked on already; a button pressed twice drafts one."""
    own = papers_read.papers_of(request.actor, matter).filter(kind=kind, state__in=Paper.OPEN).first()
    return papers_read.address(own) if own else ""


def shaped(values: dict[str, Any]) -> dict[str, Any]:
    """Values as a paper keeps them: days in ISO form, words else."""

    def one(value: Any) -> Any:
        if isinstance(value, list):
            return [one(inner) for inner in value]
        if isinstance(value, dict):
            return {name: one(inner) for name, inner in value.items()}
        return value if isinstance(value, str) else value.isoformat()

    return {name: one(value) for name, value in values.items() if value}


def draft_page(request: Request, kind: str, draft: Any, *, matter: str, back: str) -> HttpResponse:
    """Asked once, so that no draft is made by a link alone; then to the paper, where it is completed and signed."""
    name = kind_name(kind)
    return form_page(
        request, forms.Form(request.POST if request.method == "POST" else None), draft,
        title=f"拟{name}",
        lead=f"{matter}。已知的内容（单位、问题、期限、文号）自动填好，其余在公文页补齐，送签发人签发；签发后回来送达。",
        button=f"拟{name}", back=back,
        to=lambda paper: reverse("papers:paper", args=[paper.pk]), done=f"已拟{name}，请补齐内容后送签。",
    )  # fmt: skip


def ticked(request: Request) -> list[Finding]:
    """The findings that came along in the address, as far as the reader sees them."""
    keys = set()
    for one in request.GET.getlist("finding"):
        with suppress(ValueError):
            keys.add(UUID(one))
    return list(queries.findings_visible_to(request.actor).filter(pk__in=keys).order_by("year", "serial"))


def of_one_unit(request: Request, rows: list[Finding]) -> bool:
    """Whether the ticked findings are of one unit; else the page before says so."""
    if not rows:
        messages.warning(request, "请先勾选问题。")
    elif len({row.unit_id for row in rows}) > 1:
        messages.warning(request, "一次只能办一个单位的问题，请按单位筛选后再勾选。")
    else:
        return True
    return False


@get_or_post
@may("loop.office", "loop.inspect")
def bulk_recheck(request: Request) -> HttpResponse:
    """Write down what was found at one unit for several findings (``?finding=``), on one page."""
    actor, chosen = request.actor, ticked(request)
    if not of_one_unit(request, chosen):
        return redirect("findings:list")
    rows = [row for row in chosen if row.state == "reported"]
    name = unit_name(request, chosen[0].unit_id)
    if not rows:
        messages.warning(request, f"{name}选中的问题都没有报送整改，不能登记复查。")
        return redirect("findings:list")
    form = RecheckForm(request.POST or None, request.FILES or None, findings=rows, today=clock.today())

    def recheck(data: dict[str, Any]) -> Any:
        # Each finding has its own copy of the proof: the bytes lie on disk once.
        steps = [
            services.Step(row, act, Brought(
                occurred_on=data["occurred_on"], words=data["words"],
                evidence=tuple(files.receive(one) for one in data["evidence"]),
            ), version)
            for row, act, version in form.outcomes()
        ]  # fmt: skip
        return services.act_on_findings(steps=steps, by=actor, now=clock.now())

    left = len(chosen) - len(rows)
    return form_page(
        request, form, recheck,
        title=f"登记复查：{name}",
        lead=f"{len(rows)} 个已报整改的问题{f'；另有 {left} 个没有报送整改，不在此列' if left else ''}。复查人不能是写方案、报告的人。",
        button="登记复查", back=reverse("findings:list"), done="已登记复查结果。",
    )  # fmt: skip


@get_or_post
@may("loop.office")
def bulk_order(request: Request) -> HttpResponse:
    """From ticked findings of one unit to the order on them."""
    chosen = ticked(request)
    if not of_one_unit(request, chosen):
        return redirect("findings:list")
    asked = [("kind", "order"), ("unit", str(chosen[0].unit_id)), *(("finding", str(row.pk)) for row in chosen)]
    return redirect(f"{reverse('findings:measure_new')}?{urlencode(asked)}")
