"""Taking the office's 整改台账 in: hand in, say what the columns are, look at the rows, confirm, undo."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from dudao.findings import ledger, queries
from dudao.findings import register_forms as forms
from dudao.findings.models import LedgerImport, LedgerRow
from dudao.findings.services import ledgers
from dudao.jobs import queries as jobs
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import refuse

ON_PAGE = 100
# Cells of a column that are shown beside its head.
SAMPLES = 3


@may("loop.office")
def ledger_import(request: Request) -> HttpResponseBase:
    """Hand a ledger in; it is only read. Below: what was handed in before."""
    form = forms.LedgerForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["table"]
            try:
                if file.size > ledger.LIMIT_BYTES:
                    raise Refused("文件超过 10 MB，请分开导入。", code="ledger.too_large", field="table")
                batch = ledgers.hand_in(
                    grid=ledger.read(file.read()), file_name=file.name, by=request.actor, now=clock.now()
                )
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                return redirect("findings:ledger_columns", key=batch.pk)
    context = {"form": form, "batches": queries.ledgers_visible_to(request.actor)[:20]}
    return render(request, "findings/ledger_import.html", context, status=status)


@may("loop.office")
@require_GET
def ledger_template(request: Request) -> HttpResponse:
    """An empty ledger with the columns that are read."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(ledger.template(), content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, "整改台账模板.xlsx") or ""
    return response


def _batch(request: Request, key: UUID) -> LedgerImport:
    return get_object_or_404(queries.ledgers_visible_to(request.actor), pk=key)


@may("loop.office")
def ledger_columns(request: Request, key: UUID) -> HttpResponseBase:
    """Say what each column is, and what goes for rows that do not say; then every row is looked at."""
    batch = _batch(request, key)
    if batch.state not in (LedgerImport.State.HANDED_IN, LedgerImport.State.LOOKED_AT):
        return redirect("findings:ledger_rows", key=key)
    initial = {**ledgers.Options.of(batch.options).kept(), "base_version": batch.version}
    form = forms.ColumnsForm(request.POST or None, initial=initial, heads=batch.heads, columns=batch.columns)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                ledgers.look_at(
                    batch=batch, base_version=form.cleaned_data["base_version"], columns=form.columns(),
                    options=ledgers.Options(**form.options()), by=request.actor, now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                return redirect("findings:ledger_rows", key=key)
    rows = list(batch.rows.order_by("number")[:50])
    columns = []
    for at, head in enumerate(batch.heads):
        cells = [ledger.text(row.cells[at]) for row in rows if at < len(row.cells)]
        columns.append(
            (
                head or f"第 {at + 1} 列（没有表头）",
                form[f"column_{at}"],
                list(dict.fromkeys(filter(None, cells)))[:SAMPLES],
            )
        )
    context = {"batch": batch, "form": form, "columns": columns, "total": batch.rows.count()}
    return render(request, "findings/ledger_columns.html", context, status=status)


_TONES = {"new": "done", "changed": "soon", "same": "none", "refused": "late"}


@may("loop.office")
@require_GET
def ledger_rows(request: Request, key: UUID) -> HttpResponseBase:
    """What each row would do, or did; refused ones with the reason beside the cell."""
    batch = _batch(request, key)
    if batch.state == LedgerImport.State.HANDED_IN:
        return redirect("findings:ledger_columns", key=key)
    counts = queries.ledger_counts(batch)
    asked = request.GET.get("outcome", "")
    rows = batch.rows.select_related("finding").order_by("number")
    if asked in LedgerRow.Outcome.values:
        rows = rows.filter(outcome=asked)
    page = Paginator(rows, ON_PAGE).get_page(request.GET.get("page"))
    at = {code: index for index, code in enumerate(batch.columns) if code}
    shown = [code for code in ledger.LABELS if code in at]
    lines = []
    for row in page.object_list:
        cells = [
            (
                ledger.LABELS[code],
                ledger.text(row.cells[at[code]]) if at[code] < len(row.cells) else "",
                row.faults.get(code, ""),
            )
            for code in shown
        ]
        # What is wrong with something that has no column stands with the row.
        rest = [words for code, words in row.faults.items() if code not in at]
        lines.append({"row": row, "cells": cells, "faults": rest, "tone": _TONES.get(row.outcome, "none")})
    job = jobs.job_of(request.actor, kind=ledgers.JOB, key=str(batch.pk))
    context: dict[str, Any] = {
        "batch": batch, "counts": counts, "asked": asked, "page": page, "lines": lines,
        "heads": [ledger.LABELS[code] for code in shown], "job": job,
        "outcomes": [(value, label, counts[value]) for value, label in LedgerRow.Outcome.choices],
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "size": ON_PAGE, "sizes": (ON_PAGE,), "to_write": counts["new"] + counts["changed"], "written": queries.ledger_written(batch),
    }  # fmt: skip
    return render(request, "findings/ledger_rows.html", context)


@may("loop.office")
@require_GET
def ledger_progress(request: Request, key: UUID) -> HttpResponse:
    """How far the worker is; asked again by the page while it runs."""
    batch = _batch(request, key)
    counts = queries.ledger_counts(batch)
    context = {
        "batch": batch, "job": jobs.job_of(request.actor, kind=ledgers.JOB, key=str(batch.pk)),
        "to_write": counts["new"] + counts["changed"], "written": queries.ledger_written(batch),
    }  # fmt: skip
    return render(request, "findings/_ledger_progress.html", context)


def _version(request: Request) -> int:
    text = request.POST.get("base_version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@may("loop.office")
@require_POST
def ledger_confirm(request: Request, key: UUID) -> HttpResponse:
    """Write it, or give it to the worker."""
    batch = _batch(request, key)
    try:
        ledgers.confirm(batch=batch, base_version=_version(request), by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        running = batch.state == LedgerImport.State.RUNNING
        messages.success(
            request, "已开始写入，可以离开本页。" if running else "已导入。此后没有办理过的，可以整批撤销。"
        )
    return redirect("findings:ledger_rows", key=key)


@may("loop.office")
@require_POST
def ledger_undo(request: Request, key: UUID) -> HttpResponse:
    """Take it back."""
    try:
        ledgers.undo(batch=_batch(request, key), by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤销，台账恢复到导入以前。")
    return redirect("findings:ledger_rows", key=key)
