"""Pages of serving and withdrawing: by the office, by the unit itself, on paper."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.papers import library, lists, queries, services, writing
from dudao.papers.forms import ReceiveForm, ServeForm, WithdrawForm
from dudao.papers.models import Paper, PaperText, Receipt
from dudao.papers.views.papers import evidence, found, get_or_post
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page


@require_GET
@may("paper.receive")
def received_list(request: Request) -> HttpResponseBase:
    """收文: what was issued to the hat's unit."""
    rows = queries.received(request.actor)
    return lists.received(request.actor).respond(request, rows, "papers/received_list.html")


@require_POST
@may("paper.receive")
def paper_receive(request: Request, key: UUID) -> HttpResponse:
    """The unit signs for a paper."""
    actor, row = request.actor, found(request, key)
    form = ReceiveForm(request.POST)
    if actor.unit is None or not row.is_served_here:
        raise Http404
    if not form.is_valid():
        raise Refused("请写收到日期，例如 2024-04-10。", code="papers.day")
    services.serve_paper(
        paper=row,
        unit=actor.unit,
        way=Receipt.Way.SYSTEM,
        received_by_words=actor.name,
        evidence=[],
        **form.cleaned_data,
        by=actor,
        now=clock.now(),
    )
    messages.success(request, "已签收。")
    return redirect(queries.address(row))


@get_or_post
@may("paper.draft", "paper.issue")
def paper_serve(request: Request, key: UUID) -> HttpResponse:
    """Record how a unit got the paper."""
    actor, today, row = request.actor, clock.today(), found(request, key)
    if not row.is_served_here:
        raise Http404
    left = [(str(one.unit), one.name) for one in queries.sent(actor, row, today=today) if one.receipt is None]
    initial = {"on": today, "unit": request.GET.get("unit", "")}
    form = ServeForm(request.POST or None, request.FILES or None, units=left, initial=initial)

    def serve(data: dict[str, Any]) -> None:
        unit, proof = UUID(data.pop("unit")), evidence(data, sensitive=row.is_restricted)
        services.serve_paper(paper=row, unit=unit, evidence=proof, **data, by=actor, now=clock.now())

    return form_page(
        request,
        form,
        serve,
        title="登记送达",
        lead=f"{row.number}《{row.title}》。每个单位各登记一次，期限从收到日期算。",
        button="登记送达",
        back=queries.address(row),
        done="已登记送达。",
    )


@get_or_post
@may("paper.issue")
def paper_withdraw(request: Request, key: UUID) -> HttpResponse:
    """Withdraw an issued paper."""
    row = found(request, key)
    return form_page(
        request,
        WithdrawForm(request.POST or None, initial={"base_version": row.version, "occurred_on": clock.today()}),
        lambda data: services.withdraw_paper(paper=row, **data, by=request.actor, now=clock.now()),
        title="撤回这件公文？",
        lead=f"{row.number}《{row.title}》。文号不再使用；已收到的单位会备好通知，核验页会说已撤回。",
        button="撤回",
        danger=True,
        back=queries.address(row),
        done="已撤回。",
    )


@require_GET
@may("paper.draft", "paper.issue")
def receipt_form(request: Request, key: UUID, unit: UUID) -> HttpResponse:
    """送达回证 for a unit, to be printed, signed and scanned."""
    actor, row = request.actor, found(request, key)
    one = next((one for one in queries.sent(actor, row, today=clock.today()) if one.unit == unit), None)
    if one is None or row.state not in Paper.STANDING:
        raise Http404
    values = {"文书名称": row.title, "文号": row.number or "无", "受送达单位": one.name, "份数": "1"}
    values |= {"送达方式": "直接送达", "送达人": actor.name}
    filled = writing.fill("service-receipt", values)
    text = PaperText(title=filled.title, body=filled.body)
    context = {"paper": row, "text": text, "lines": list(writing.lines(text.body)), "printing": True}
    context |= {"kind": library.kind_name("service-receipt"), "back": reverse("papers:paper", args=[key])}
    return render(request, "papers/receipt_form.html", context)
