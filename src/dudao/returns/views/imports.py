"""Tables in: handed in, columns named, looked at, written, undone; sources side by side; what schools are to correct."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.jobs import queries as jobs
from dudao.places import queries as places
from dudao.returns import checking, queries, staging
from dudao.returns.forms.imports import CellsForm, ColumnsForm, CorrectionForm, UploadForm
from dudao.returns.models import Campaign, Correction, Source, Upload
from dudao.returns.queries import imports as read
from dudao.returns.services import corrections as correcting
from dudao.returns.services import imports as services
from dudao.shell import clock, sheets
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse

ON_PAGE = 100
#: Schools on one page of the comparison.
UNITS_ON_PAGE = 10
_TONES = {"new": "done", "changed": "soon", "same": "none", "kept": "wait", "refused": "late"}


def _campaign(request: Request, key: UUID) -> Campaign:
    return get_object_or_404(queries.campaigns_visible_to(request.actor), pk=key)


def _upload(request: Request, key: UUID) -> Upload:
    rows = read.uploads_visible_to(request.actor).select_related("campaign", "file", "profile")
    return get_object_or_404(rows, pk=key)


def _paged(request: Request, rows: list[Any], size: int) -> dict[str, Any]:
    page: Page[Any] = Paginator(rows, size).get_page(request.GET.get("page"))
    numbers = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return {"page": page, "numbers": numbers, "size": size, "sizes": (size,)}


def _version(request: Request) -> int:
    text = request.POST.get("base_version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@may("return.manage")
@require_GET
def import_list(request: Request) -> HttpResponse:
    """Campaigns that tables can be read in for, and what was handed in last."""
    campaigns = queries.campaigns_visible_to(request.actor).exclude(state=Campaign.State.CANCELLED)
    uploads = read.uploads_visible_to(request.actor).select_related("campaign")[:30]
    context = {"campaigns": campaigns, "uploads": [(one, Source(one.source).label) for one in uploads]}
    return render(request, "returns/imports/list.html", context)


@may("return.manage")
def import_new(request: Request, key: UUID) -> HttpResponseBase:
    """Hand a table in; it is only read."""
    campaign = _campaign(request, key)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        profiles=read.profiles_visible_to(request.actor, form=campaign.form),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file, profile = form.cleaned_data["table"], form.chosen()
            try:
                if file.size > services.LIMITS.size:
                    raise Refused("文件超过 30 MB，请分开导入。", code="workbook.too_large", field="table")
                handed = services.receive(
                    content=file.read(), name=file.name, form=checking.form_of(campaign), profile=profile
                )
                upload = services.hand_in(
                    campaign=campaign, handed=handed, source=form.cleaned_data["source"],
                    purpose=form.cleaned_data["purpose"], profile=profile, by=request.actor, now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                if refusal.field == "file":
                    refusal.field = "table"
                status = refuse(form, refusal)
            else:
                return redirect("returns:import_columns", key=upload.pk)
    uploads = read.uploads_visible_to(request.actor).filter(campaign=campaign)[:20]
    context = {"form": form, "campaign": campaign, "uploads": [(one, Source(one.source).label) for one in uploads]}
    return render(request, "returns/imports/new.html", context, status=status)


@may("return.manage")
def import_columns(request: Request, key: UUID) -> HttpResponseBase:
    """Say what each column is; then every line is looked at."""
    upload = _upload(request, key)
    if upload.state in (Upload.State.APPLIED, Upload.State.UNDONE):
        return redirect("returns:import", key=key)
    if (upload.mapping or {}).get("kind") == "cells":
        return redirect("returns:import_cells", key=key)
    item = checking.form_of(upload.campaign)
    initial = {"base_version": upload.version, "keep_as": upload.profile.name if upload.profile else ""}
    form = ColumnsForm(request.POST or None, initial=initial, tables=upload.tables, form=item)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = _named(request, upload, form)
            if answer is not None:
                return answer
    missing = set.intersection(*(set(one["missing"]) for one in upload.tables)) if upload.tables else set()
    context = {
        "upload": upload, "form": form, "source": Source(upload.source).label,
        "missing": [one.label for one in item.fields if one.code in missing],
        "notes": [*upload.notes, *dict.fromkeys(said for one in upload.tables for said in one["notes"])],
    }  # fmt: skip
    return render(request, "returns/imports/columns.html", context, status=status)


@may("return.manage")
def import_cells(request: Request, key: UUID) -> HttpResponseBase:
    """Say where the items stand on sheets of one unit each (教基报表)."""
    upload = _upload(request, key)
    if upload.state in (Upload.State.APPLIED, Upload.State.UNDONE):
        return redirect("returns:import", key=key)
    item = checking.form_of(upload.campaign)
    said: dict[str, Any] = upload.mapping or {}
    kept = said if said.get("kind") == "cells" else {}
    lines = [
        f"{code} {at} {kept.get('factors', {}).get(code, '')}".strip() for code, at in kept.get("cells", {}).items()
    ]
    initial = {
        "base_version": upload.version,
        "sheet": kept.get("sheet", ""),
        "code": kept.get("code", ""),
        "name": kept.get("name", ""),
    }
    initial |= {"cells": "\n".join(lines), "keep_as": upload.profile.name if upload.profile else ""}
    form = CellsForm(request.POST or None, initial=initial, form=item)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = _named(request, upload, form)
            if answer is not None:
                return answer
    context = {"upload": upload, "form": form, "source": Source(upload.source).label}
    return render(request, "returns/imports/cells.html", context, status=status)


def _named(request: Request, upload: Upload, form: ColumnsForm | CellsForm) -> HttpResponse | None:
    """Keep what was said and look at the lines; nothing where that was refused, which then stands in the form."""
    try:
        services.name_columns(
            upload=upload, base_version=form.cleaned_data["base_version"], said=form.profile(),
            keep_as=form.cleaned_data["keep_as"], by=request.actor, now=clock.now(),
        )  # fmt: skip
        if not services.look_at(upload=upload, by=request.actor, now=clock.now()):
            messages.success(request, "文件较大，已交后台核对，可以离开本页。")
    except Refused as refusal:
        refuse(form, refusal)
        # What was said of the columns may be kept already; the next try goes on from it.
        upload.refresh_from_db()
        data = request.POST.copy()
        data["base_version"] = str(upload.version)
        form.data = data
        return None
    return redirect("returns:import", key=upload.pk)


@may("return.manage")
@require_GET
def import_show(request: Request, key: UUID) -> HttpResponseBase:
    """What the table would do, or did: counts, by unit, by item, cell by cell."""
    upload = _upload(request, key)
    job = jobs.job_of(request.actor, kind=services.JOB, key=str(upload.pk))
    if upload.state == Upload.State.HANDED_IN:
        if job is None:
            return redirect("returns:import_columns", key=key)
        return render(request, "returns/imports/waiting.html", {"upload": upload, "job": job})
    found = read.preview(request.actor, upload)
    asked = request.GET.get("show", "units")
    if request.GET.get("export") == "xlsx":
        return _refusals(request, found)
    rows: list[Any] = found.lines
    if asked in staging.OUTCOMES:
        rows = [(one, item, cell, read.show(cell.value, item)) for one, item, cell in found.cells(asked)]
    elif asked == "rows":
        rows = found.refused
    elif asked == "fields":
        rows = found.fields
    else:
        asked = "units"
    context = {
        "upload": upload, "found": found, "asked": asked, "source": Source(upload.source).label,
        "outcomes": [(code, label, upload.counts.get(code, 0), _TONES[code]) for code, label in staging.OUTCOMES.items()],
        "can_apply": any(upload.counts.get(one) for one in ("new", "changed", "same", "kept")), **_paged(request, rows, ON_PAGE),
    }  # fmt: skip
    return render(request, "returns/imports/show.html", context)


def _refusals(request: Request, found: read.Preview) -> HttpResponseBase:
    """What was refused, as a sheet that goes back to whoever sent the file."""
    lines: list[list[Any]] = [
        [one.line.sheet, one.line.row, one.line.name, "", "", "", one.line.why] for one in found.refused
    ]
    lines += [
        [one.line.sheet, one.line.row, one.line.name, cell.place, item.label, cell.raw, cell.why]
        for one, item, cell in found.cells(staging.REFUSED)
    ]
    heads = ["工作表", "行", "单位", "单元格", "项目", "内容", "原因"]
    return sheets.table("导入退回清单", [("退回", heads, lines)], said=found.upload.name, today=clock.today())


@may("return.manage")
@require_GET
def import_progress(request: Request, key: UUID) -> HttpResponse:
    """How far the worker is."""
    upload = _upload(request, key)
    job = jobs.job_of(request.actor, kind=services.JOB, key=str(upload.pk))
    return render(request, "returns/imports/_progress.html", {"upload": upload, "job": job})


@may("return.manage")
@require_POST
def import_confirm(request: Request, key: UUID) -> HttpResponse:
    """Write it."""
    upload = _upload(request, key)
    try:
        services.apply(upload=upload, base_version=_version(request), by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已导入。没有人在它上面改过以前，可以整批撤销。")
    return redirect("returns:import", key=key)


@may("return.manage")
@require_POST
def import_undo(request: Request, key: UUID) -> HttpResponse:
    """Take it back."""
    try:
        services.undo(upload=_upload(request, key), by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤销，各项恢复到导入以前。")
    return redirect("returns:import", key=key)


# Sources side by side


@may("return.manage")
@require_GET
def compare(request: Request, key: UUID) -> HttpResponseBase:
    """What each source says of each item; by itself only where they differ."""
    campaign = _campaign(request, key)
    sides = read.compare(request.actor, campaign)
    asked = request.GET.get("show", "differ")
    shown: dict[str, Callable[[read.Side], bool]] = {
        "differ": lambda one: one.differs,
        "moved": lambda one: one.moved,
        "asked": lambda one: one.correction is not None,
    }
    kept = [one for one in sides if shown[asked](one)] if asked in shown else sides
    if request.GET.get("export") == "xlsx":
        heads = ["单位", "项目", "单位（量）", *read.SIDES.values()]
        lines = [
            [one.name, one.field.label, one.field.unit, *(sheets.number(said) for _, said, _ in one.sides)]
            for one in kept
        ]
        return sheets.table(f"{campaign.title}多源比对", [("比对", heads, lines)], said="", today=clock.today())
    units: dict[UUID, list[read.Side]] = {}
    for one in kept:
        units.setdefault(one.unit, []).append(one)
    context = {
        "campaign": campaign, "asked": asked, "heads": read.SIDES.values(),
        "counts": {name: sum(map(test, sides)) for name, test in shown.items()} | {"all": len(sides)},
        "proposed": sum(1 for one in sides if one.proposal[0] and one.correction is None),
        **_paged(request, [(rows[0].name, unit, rows) for unit, rows in units.items()], UNITS_ON_PAGE),
    }  # fmt: skip
    return render(request, "returns/imports/compare.html", context)


# What schools are to correct


@require_GET
def corrections(request: Request, key: UUID) -> HttpResponseBase:
    """What each school is to correct on the platform."""
    campaign = _campaign(request, key)
    units = read.asks(request.actor, campaign)
    if request.GET.get("export") == "xlsx":
        return _as_sheet(campaign, units)
    waiting, done = sum(len(one.waiting) for one in units), sum(len(one.done) for one in units)
    context = {
        "campaign": campaign,
        "units": units,
        "waiting": waiting,
        "done": done,
        "manages": request.actor.can("return.manage"),
    }
    return render(request, "returns/imports/corrections.html", context)


def _as_sheet(campaign: Campaign, units: list[read.UnitAsks]) -> HttpResponseBase:
    heads = ["学校", "项目", "平台上的值", "应改为", "单位", "依据", "平台导出中的位置", "状态"]
    lines = [
        [
            unit.name,
            one.label,
            sheets.number(one.found),
            sheets.number(one.right),
            one.unit,
            one.row.why,
            "",
            one.row.get_state_display(),
        ]
        for unit in units
        for one in unit.asks
    ]
    title = f"请在自治区督导平台改正（{units[0].name}）" if len(units) == 1 else "请在自治区督导平台改正"
    return sheets.table(title, [("改正清单", heads, lines)], said=campaign.title, today=clock.today())


@require_GET
def correction_unit(request: Request, key: UUID, unit: UUID) -> HttpResponseBase:
    """One school's list: on screen, on paper, as Excel, as words for WeChat."""
    campaign = _campaign(request, key)
    found = read.asks(request.actor, campaign, unit=unit)
    if not found:
        raise Http404
    if request.GET.get("export") == "xlsx":
        return _as_sheet(campaign, found)
    context = {
        "campaign": campaign,
        "found": found[0],
        "text": found[0].text(campaign),
        "manages": request.actor.can("return.manage"),
    }
    return render(request, "returns/imports/correction_unit.html", context)


@may("return.manage")
@require_POST
def correction_propose(request: Request, key: UUID) -> HttpResponse:
    """Take in what the check on site or the school itself has said to be otherwise."""
    campaign = _campaign(request, key)
    count = correcting.propose_corrections(campaign=campaign, by=request.actor, now=clock.now())
    messages.success(request, f"列入 {count} 项。" if count else "没有新的可以列入。")
    return redirect("returns:corrections", key=key)


@may("return.manage")
def correction_new(request: Request, key: UUID, unit: UUID, code: str) -> HttpResponse:
    """Say of one number on the platform what is right, and why."""
    campaign = _campaign(request, key)
    side = next((one for one in read.compare(request.actor, campaign, unit=unit) if one.field.code == code), None)
    if side is None or places.unit_visible_to(request.actor, unit) is None:
        raise Http404
    right, why = side.proposal
    said = "；".join(f"{head} {shown}" for head, shown, _ in side.sides if shown)
    return form_page(
        request,
        CorrectionForm(request.POST or None, initial={"right": read.show(right, side.field), "why": why}),
        lambda data: correcting.ask_correction(
            campaign=campaign,
            unit=unit,
            code=code,
            right=data["right"],
            why=data["why"],
            by=request.actor,
            now=clock.now(),
        ),
        title=f"{side.name}：{side.field.label}",
        lead=f"{said}{f'（{side.field.unit}）' if side.field.unit else ''}",
        button="列入改正清单",
        back=reverse("returns:compare", args=[key]),
        done="已列入改正清单。",
    )


@may("return.manage")
@require_POST
def correction_drop(request: Request, key: UUID) -> HttpResponse:
    """Take one out of the list."""
    correction: Correction = get_object_or_404(
        read.corrections_visible_to(request.actor).select_related("campaign"), pk=key
    )
    try:
        correcting.drop_correction(correction=correction, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已移出改正清单。")
    return redirect("returns:correction_unit", key=correction.campaign_id, unit=correction.unit_id)
