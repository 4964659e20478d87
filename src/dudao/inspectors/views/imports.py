"""Taking a register of inspectors in from Excel: hand in, look at the rows, confirm, undo."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from dudao.inspectors import lists, queries, tables
from dudao.inspectors.forms import TableForm
from dudao.inspectors.models import InspectorImport, InspectorImportRow
from dudao.inspectors.services import imports
from dudao.inspectors.services.rights import manages
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import refuse

_TONES = {"new": "done", "changed": "soon", "unchanged": "none", "refused": "late"}


@get_or_post
@may("inspector.manage")
def hand_in(request: Request) -> HttpResponse:
    """Hand a table in; it is only looked at. Below: what was handed in before."""
    form = TableForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["table"]
            try:
                rows = tables.read(file.read(), name=file.name)
                batch = imports.look_at(rows=rows, file_name=file.name, by=request.actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                return redirect("inspectors:import", key=batch.pk)
    context = {"form": form, "batches": queries.imports_visible_to(request.actor)[:20]}
    return render(request, "inspectors/imports.html", context, status=status)


def _book(content: bytes, name: str) -> HttpResponse:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_GET
@may("inspector.manage", "inspector.read")
def table(request: Request) -> HttpResponse:
    """The empty template, or the register as it is now in the same columns: for leaders without those that are private."""
    if "empty" in request.GET:
        return _book(tables.write([], title="督学名册"), "督学名册模板.xlsx")
    rows = lists.table_rows(request.actor, today=clock.today())
    book = tables.write(rows, title="督学名册", private=manages(request.actor))
    return _book(book, f"督学名册_{clock.today():%Y%m%d}.xlsx")


def _batch(request: Request, key: UUID) -> InspectorImport:
    return get_object_or_404(queries.imports_visible_to(request.actor), pk=key)


@require_GET
@may("inspector.manage")
def preview(request: Request, key: UUID) -> HttpResponse:
    """What each row would do, or did; refused ones with the reason at the cell."""
    batch = _batch(request, key)
    rows = list(batch.rows.order_by("number"))
    counts = Counter(row.outcome for row in rows)
    asked = request.GET.get("outcome", "")
    used = {code for row in rows for code, text in row.cells.items() if text} | set(tables.REQUIRED)
    heads = [one for one in tables.COLUMNS if one.code in used]
    lines = []
    for row in rows:
        if asked in InspectorImportRow.Outcome.values and row.outcome != asked:
            continue
        cells = [
            {"head": one.head, "text": row.cells.get(one.code, ""), "fault": row.faults.get(one.code, ""),
             "changes": one.code in row.old, "old": row.old.get(one.code, "")}
            for one in heads
        ]  # fmt: skip
        shown = {one.code for one in heads}
        rest = [words for code, words in row.faults.items() if code not in shown]
        lines.append(
            {
                "row": row,
                "cells": cells,
                "faults": rest,
                "tone": _TONES.get(row.outcome, "none"),
                "where": [one.head for one in heads if one.code in (row.faults or row.old)],
            }
        )
    context: dict[str, Any] = {
        "batch": batch, "heads": [one.head for one in heads], "lines": lines, "asked": asked, "counts": counts,
        "outcomes": [(value, label, counts[value]) for value, label in InspectorImportRow.Outcome.choices],
        "to_write": counts["new"] + counts["changed"], "total": len(rows),
    }  # fmt: skip
    return render(request, "inspectors/import.html", context)


@require_GET
@may("inspector.manage")
def refused(request: Request, key: UUID) -> HttpResponseBase:
    """The refused rows as a table with the reasons, to be mended and handed in again."""
    batch = _batch(request, key)
    rows = []
    for row in batch.rows.filter(outcome=InspectorImportRow.Outcome.REFUSED).order_by("number"):
        why = [
            f"{tables.HEADS[code]}：{words}" if code in tables.HEADS else words for code, words in row.faults.items()
        ]
        rows.append({**row.cells, "why": "\n".join(why)})
    return _book(tables.write(rows, title="督学名册退回的行", more={"why": "退回原因"}), "督学名册退回的行.xlsx")


def _act(request: Request, key: UUID, service: Callable[..., None], done: str) -> HttpResponse:
    text = request.POST.get("base_version", "")
    version = int(text) if text.isdecimal() and len(text) < 10 else 0
    try:
        service(batch=_batch(request, key), base_version=version, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect("inspectors:import", key=key)


@require_POST
@may("inspector.manage")
def again(request: Request, key: UUID) -> HttpResponse:
    """Look at the same rows again."""
    return _act(request, key, imports.look_again, "已重新核对。")


@require_POST
@may("inspector.manage")
def confirm(request: Request, key: UUID) -> HttpResponse:
    """Write it."""
    return _act(request, key, imports.confirm, "已导入。此后没有办理过的，可以整批撤销。")


@require_POST
@may("inspector.manage")
def undo(request: Request, key: UUID) -> HttpResponse:
    """Take it back."""
    return _act(request, key, imports.undo, "已撤销，名册恢复到导入以前。")
