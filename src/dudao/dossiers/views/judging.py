"""Judging a dossier, the second look, and the cases of a veto."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from dudao.dossiers import queries, services
from dudao.dossiers.forms import CaseForm, FindForm, JudgeForm, LookForm, TakeBackForm, VersionReasonForm
from dudao.dossiers.models import Case, Dossier
from dudao.dossiers.services import rights
from dudao.dossiers.views.dossiers import address, found
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page

_JUDGES = ("dossier.judge", "dossier.manage")


def _received(data: dict[str, Any]) -> list[files.Received]:
    return [files.receive(one) for one in data.pop("evidence") or ()]


def _judging(request: Request, key: UUID) -> Dossier:
    """The dossier for somebody who may judge it; for others there is no such page."""
    row = found(request, key)
    if rights.why_not_judge(request.actor, row, day=clock.today()):
        raise Http404
    return row


@get_or_post
@may("dossier.judge")
def judge(request: Request, key: UUID) -> HttpResponse:
    """Conclude with words and evidence."""
    row = _judging(request, key)
    pieces = [
        (one.held.pk, f"{one.material.name}（第 {one.held.no} 版）{one.held.file_name or one.held.address}")
        for one in queries.materials(row)
        if one.held and not one.material.is_dropped
    ]  # fmt: skip
    form = JudgeForm(
        request.POST or None, request.FILES or None, kind=row.kind, pieces=pieces,
        initial={"base_version": row.version, "judged_on": clock.today()},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        chosen = [UUID(one) for one in data.pop("pieces", ())]
        services.judge(
            dossier=row, pieces=chosen, evidence=_received(data), by=request.actor, now=clock.now(), **data
        )  # fmt: skip

    said = f"报送说明：{row.words}。" if row.words else ""
    return form_page(
        request, form, act, title=f"判定：{row.name}", button="判定", back=address(key), done="已判定，等另一位同志复核。",
        lead=f"{row.item} · {row.clause}。{said}您的姓名和身份记为判定人；另一位同志复核同意后结论才算数。", version=row.version,
    )  # fmt: skip


@get_or_post
@may("dossier.judge")
def look(request: Request, key: UUID) -> HttpResponse:
    """Agree with a judgement, or send it back."""
    row = _judging(request, key)
    pending = next((one for one in queries.judgements(row) if one.look == "pending" and not one.taken_back_on), None)
    if pending is None:
        raise Http404
    form = LookForm(request.POST or None, initial={"base_version": row.version, "looked_on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        agrees = data.pop("agrees") == "1"
        services.look(dossier=row, agrees=agrees, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"复核：{row.name}", button="复核", back=address(key), done="已复核。",
        lead=f"{pending.by_name}判定“{pending.conclusion}”：{pending.words}", version=row.version,
    )  # fmt: skip


@get_or_post
@may(*_JUDGES)
def take_back(request: Request, key: UUID) -> HttpResponse:
    """End a judgement that stands."""
    row = found(request, key)
    return form_page(
        request, TakeBackForm(request.POST or None, initial={"base_version": row.version, "on": clock.today()}),
        lambda data: services.take_back_judgement(dossier=row, by=request.actor, now=clock.now(), **data),
        title=f"撤回判定：{row.name}？", button="撤回判定", back=address(key), done="已撤回，请重新判定。", danger=True,
        lead="撤回以后这一条没有结论，指标按“无法判定”算；原来的判定、复核和撤回原因都保留。", version=row.version,
    )  # fmt: skip


@require_GET
@may(*_JUDGES, "dossier.read")
def judgement_file(request: Request, key: UUID, judgement: UUID, file: UUID) -> HttpResponseBase:
    """The judge's own evidence."""
    one = get_object_or_404(found(request, key).judgements, pk=judgement)
    stored = file_queries.file_of(request.actor, one, file)
    if stored is None:
        raise Http404
    return files.respond(stored, by=request.actor, now=clock.now())


# Cases of a veto


@get_or_post
@may(*_JUDGES)
def case_new(request: Request, key: UUID) -> HttpResponse:
    """Write down a lead."""
    row = found(request, key)
    if row.kind != Dossier.Kind.VETO:
        raise Http404
    today = clock.today()
    form = CaseForm(
        request.POST or None, request.FILES or None, initial={"happened_on": today, "registered_on": today}
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        services.register_case(
            dossier=row, evidence=_received(data), by=request.actor, now=clock.now(), **data
        )  # fmt: skip

    return form_page(
        request, form, act, title=f"登记线索：{row.name}", button="登记", back=address(key), done="已登记，等核实。",
        lead="线索经一人核实、另一人复核同意后才计数；核实以前，这一项没有结论。",
    )  # fmt: skip


def _case(request: Request, key: UUID, case: UUID) -> Case:
    row = found(request, key)
    one = get_object_or_404(row.cases, pk=case)
    one.dossier = row
    return one


@get_or_post
@may("dossier.judge")
def case_find(request: Request, key: UUID, case: UUID) -> HttpResponse:
    """Say what was found of a lead."""
    _judging(request, key)
    one = _case(request, key, case)
    form = FindForm(
        request.POST or None, request.FILES or None, initial={"base_version": one.version, "found_on": clock.today()}
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        is_so = data.pop("is_so") == "1"
        services.find_case(
            case=one, is_so=is_so, evidence=_received(data), by=request.actor, now=clock.now(), **data
        )  # fmt: skip

    return form_page(
        request, form, act, title=f"核实：{one.title}", button="登记核实", back=address(key), done="已登记，等另一位同志复核。",
        lead=f"{one.facts}（{one.source}）", version=one.version,
    )  # fmt: skip


@get_or_post
@may("dossier.judge")
def case_look(request: Request, key: UUID, case: UUID) -> HttpResponse:
    """Agree with what was found of a lead, or send it back."""
    _judging(request, key)
    one = _case(request, key, case)
    form = LookForm(request.POST or None, initial={"base_version": one.version, "looked_on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        agrees = data.pop("agrees") == "1"
        services.look_case(case=one, agrees=agrees, by=request.actor, now=clock.now(), **data)

    found_ = "成立" if one.is_so else "不成立"
    return form_page(
        request, form, act, title=f"复核线索：{one.title}", button="复核", back=address(key), done="已复核。",
        lead=f"{one.found_name}核实“{found_}”：{one.found_words}", version=one.version,
    )  # fmt: skip


@get_or_post
@may(*_JUDGES)
def case_take_back(request: Request, key: UUID, case: UUID) -> HttpResponse:
    """A lead was written down by mistake."""
    one = _case(request, key, case)
    return form_page(
        request, VersionReasonForm(request.POST or None, initial={"base_version": one.version}),
        lambda data: services.take_back_case(case=one, by=request.actor, now=clock.now(), **data),
        title=f"撤回线索：{one.title}？", button="撤回线索", back=address(key), done="已撤回，原因留着备查。", danger=True,
        version=one.version,
    )  # fmt: skip


@require_GET
@may(*_JUDGES, "dossier.read")
def case_file(request: Request, key: UUID, case: UUID, file: UUID) -> HttpResponseBase:
    """Evidence of a lead."""
    stored = file_queries.file_of(request.actor, _case(request, key, case), file)
    if stored is None:
        raise Http404
    return files.respond(stored, by=request.actor, now=clock.now())
