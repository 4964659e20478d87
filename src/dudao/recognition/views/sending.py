"""Pages of handing a report up: sent, its package, the receipt, returned for change."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.jobs import services as jobs
from dudao.recognition import queries, services
from dudao.recognition.forms import ReceiptForm, ReturnedForm, SendForm
from dudao.recognition.models import Sending
from dudao.recognition.views import reports
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def found(request: Request, key: UUID) -> Sending:
    return get_object_or_404(queries.sendings_visible_to(request.actor), pk=key)


def evidence(data: dict[str, Any]) -> list[file_services.Received]:
    """The chosen file goes to its place before the transaction; if the act is refused, it is swept later."""
    chosen = data.pop("evidence", None)
    return [file_services.receive(chosen)] if chosen else []


@get_or_post
@may("report.manage")
def send(request: Request, key: UUID) -> HttpResponse:
    """Record that the report was handed up; the package is made by the worker."""
    row = reports.found(request, key)
    initial = {"receiver": row.to_words, "sent_on": clock.today()}
    form = SendForm(request.POST or None, request.FILES or None, initial=initial)

    def record(data: dict[str, Any]) -> Sending:
        proof = evidence(data)
        return services.record_sent(report=row, **data, evidence=proof, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        record,
        title="登记上报",
        lead=f"《{row.title}》{row.paper.number}",
        button="登记",
        back=reports.address(row),
        done="已登记上报，可以制作材料包。",
    )


@require_POST
@may("report.manage")
def package_make(request: Request, key: UUID) -> HttpResponse:
    """Ask the worker for the package."""
    row = found(request, key)
    job = jobs.start(
        kind="recognition.package", key=str(row.pk), payload={"sending": str(row.pk)}, by=request.actor, now=clock.now()
    )
    messages.success(request, "正在制作材料包。")
    return redirect(reverse("jobs:job", args=[job.pk]))


@get_or_post
@may("report.manage")
def receipt(request: Request, key: UUID) -> HttpResponse:
    row = found(request, key)
    form = ReceiptForm(
        request.POST or None,
        request.FILES or None,
        initial={"receipt_on": clock.today(), "base_version": row.version},
    )

    def record(data: dict[str, Any]) -> None:
        proof = evidence(data)
        services.record_receipt(sending=row, **data, evidence=proof, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        record,
        title="登记回执",
        lead=f"{row.receiver}，{row.sent_on:%Y-%m-%d}报送。",
        button="登记",
        back=reports.address(row.report),
        done="已登记回执。",
        version=row.version,
    )


@get_or_post
@may("report.manage")
def returned(request: Request, key: UUID) -> HttpResponse:
    row = found(request, key)
    form = ReturnedForm(
        request.POST or None,
        request.FILES or None,
        initial={"returned_on": clock.today(), "base_version": row.version},
    )

    def record(data: dict[str, Any]) -> None:
        proof = evidence(data)
        services.record_returned(sending=row, **data, evidence=proof, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        record,
        title="登记退回修改",
        lead=f"{row.receiver}退回《{row.report.title}》。印发的报告不变，改好后另起一份。",
        button="登记",
        back=reports.address(row.report),
        done="已登记退回，改好数据后另起一份报告。",
        version=row.version,
    )


@require_GET
@may(*queries.READS)
def sending_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    row = files.file_of(request.actor, found(request, key), file)
    if row is None:
        raise Http404
    return file_services.respond(row, by=request.actor, now=clock.now())
