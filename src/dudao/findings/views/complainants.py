"""Who complained: a page of its own, for the office, opened for a reason each time."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from dudao.findings import queries, services
from dudao.findings.forms import ComplainantForm, ReasonForm
from dudao.findings.models import Complainant, Finding
from dudao.findings.views.finding import address, seen
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post
from dudao.shell.pages import form_page, refuse


def _allowed(request: Request, key: UUID) -> Finding:
    row = seen(request, key)
    if not services.may_open(row, by=request.actor, now=clock.now()):
        raise Http404
    return row


@never_cache
@get_or_post
def complainant(request: Request, key: UUID) -> HttpResponse:
    """Say why, then see it once; nothing is shown by an address alone."""
    row, status = _allowed(request, key), 200
    form, shown = ReasonForm(request.POST or None), None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                shown = services.open_complainant(
                    finding=row, reason=form.cleaned_data["reason"], by=request.actor, now=clock.now()
                )
                status = 200
            except Refused as refusal:
                status = refuse(form, refusal)
    context = {
        "finding": row,
        "form": form,
        "shown": shown,
        "back": address(row),
        "is_there": queries.has_complainant(row),
    }
    return render(request, "findings/complainant.html", context, status=status)


@never_cache
@get_or_post
def complainant_record(request: Request, key: UUID) -> HttpResponse:
    """Keep who complained."""
    row = _allowed(request, key)

    def keep(data: dict[str, Any]) -> Complainant:
        return services.record_complainant(finding=row, **data, by=request.actor, now=clock.now())

    return form_page(
        request, ComplainantForm(request.POST or None), keep,
        title=f"登记投诉人信息：问题 {row.number}",
        lead="加密保存，只有督导室写明理由才能查看，每次查看都留痕；不进导出、打印、公文、搜索和消息。再次登记会替换原来的内容。",
        button="加密保存", back=address(row), done="已加密保存。",
    )  # fmt: skip
