"""Taking an act on an inspection, drafting its papers, praising a unit without problems."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from dudao.findings import services as findings
from dudao.findings.models import Measure
from dudao.inspections import queries, services, wording
from dudao.inspections.forms import RewardForm
from dudao.inspections.models import Inspection
from dudao.inspections.views.inspections import address, found
from dudao.papers import queries as papers
from dudao.papers.library import kind_name
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.procedures import acting, library, pages
from dudao.procedures.forms import Step
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


@get_or_post
def inspection_act(request: Request, key: UUID, act: str) -> HttpResponse:
    """The page of one act of the procedure."""
    actor, today, row = request.actor, clock.today(), found(request, key)
    name = places.unit_names(actor, {row.unit_id}, as_of=today).get(row.unit_id, "—")

    def step(now: Inspection) -> Step:
        return acting.step_of(
            actor,
            now,
            act,
            situation=queries.situation(now, today=today),
            roles=queries.roles(actor, now),
            unit=now.unit_id,
            unit_name=name,
            today=today,
        )

    if not any(one.id == act and not one.begins for one in library.procedure(Inspection.PROCEDURE).acts):
        raise Http404
    first = step(row)
    facts: list[tuple[str, Any]] = [
        ("督导", str(row)), ("单位", name), ("计划时间", wording.span(row.begin_on, row.end_on)), ("状态", row.state_words),
    ]  # fmt: skip
    if first.act.id == "issue":
        told = [one for one in queries.all_findings(row) if one.state == "registered"]
        facts.append(("送达后开始整改", f"{len(told)} 个问题，各按自己的期限"))
    draws = actor.can("paper.draft") and not first.is_unit and first.act.paper in wording.PAPERS
    return pages.act_page(
        request,
        first,
        lambda brought, version: services.act_on_inspection(
            inspection=row, act=act, brought=brought, base_version=version, by=actor, now=clock.now()
        ),
        again=lambda: step(found(request, key)),
        title=f"{row.title} · {name}",
        back=address(key),
        draft=reverse("inspections:draft", args=[key, first.act.paper]) if draws else "",
        trail=[("督导检查", reverse("inspections:list")), (row.title, address(key))],
        facts=facts,
    )


@get_or_post
@may("loop.office")
def paper_draft(request: Request, key: UUID, kind: str) -> HttpResponse:
    """Draft a paper with what the inspection says; shown first what goes into it."""
    row = found(request, key)
    if kind not in wording.PAPERS:
        raise Http404
    name, count = kind_name(kind), sum(one.state != "withdrawn" for one in queries.all_findings(row))
    there = [paper for paper in papers.papers_of(request.actor, row).filter(kind=kind) if paper.state in Paper.OPEN]
    lead = (
        "单位、事项、时间和小组会自动填好。" if kind == "inspection-notice" else f"会带出 {count} 个问题和督导的要素。"
    )
    if there:
        lead += f"已经有一件没有签发的{name}，请确认是否要另起一件。"
    return form_page(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda _: services.draft(inspection=row, kind=kind, by=request.actor, now=clock.now()),
        title=f"起草{name}",
        lead=f"{row}。{lead}",
        button="起草",
        back=address(key),
        to=lambda paper: reverse("papers:fields", args=[paper.pk]),
        done="已起草，请补齐要素，改好以后送签。",
    )


@get_or_post
@may("loop.office")
def reward_new(request: Request, key: UUID) -> HttpResponse:
    """Propose to praise a unit on the strength of this inspection."""
    row, today = found(request, key), clock.today()
    name = places.unit_names(request.actor, {row.unit_id}, as_of=today).get(row.unit_id, "—")
    every = queries.all_findings(row)
    result = "没有发现需要整改的问题" if not every else "发现的问题已经全部整改销号"
    initial = {
        "title": f"{row.title}结果好",
        "wanted": f"{name}在{row.title}中{result}，建议通报表扬。",
        "occurred_on": today,
    }

    def propose(data: dict[str, Any]) -> Measure:
        return findings.propose_measure(
            kind="reward", unit=row.unit_id, findings=every, grounds=["good_result"], origin=row,
            origin_words=str(row), origin_link=address(key), **data, by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request,
        RewardForm(request.POST or None, initial=initial),
        propose,
        title="提出激励",
        lead=f"{name}，依据：{row}。提出以后由分管领导批准。",
        button="提出激励",
        back=address(key),
        to=lambda measure: reverse("findings:measure", args=[measure.pk]),
        done="已提出激励，等领导批准。",
    )
