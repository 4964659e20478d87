"""Pages of units."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from dudao.places import forms, intake, queries, services, tables
from dudao.places.models import UnitVersion
from dudao.places.services import UnitFacts
from dudao.shell import clock
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.lists import Column, Filter, ListPage
from dudao.shell.pages import form_page, refuse
from dudao_engines.kernel import periods


def _day(request: Request) -> date:
    """The day asked for with ``?on=``, else today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.today()


@require_GET
def units(request: Request) -> HttpResponseBase:
    """The units of the county as they were on a day."""
    actor, day = request.actor, _day(request)
    towns = queries.region_names(actor, as_of=day)
    year = clock.today().year
    days = {p.start.isoformat(): p.label for p in (periods.statistics_day(year - n) for n in range(6))}
    days.setdefault(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")
    if day != clock.today():
        days[clock.today().isoformat()] = "今天"

    def owner(unit: UnitVersion) -> str:
        if unit.kind not in (UnitVersion.Kind.SCHOOL, UnitVersion.Kind.KINDERGARTEN):
            return ""
        inclusive = {True: "普惠", False: "非普惠", None: ""}[unit.is_inclusive]
        return "、".join(filter(None, ["民办" if unit.is_private else "公办", inclusive]))

    page = ListPage(
        title="单位",
        columns=(
            Column("名称", lambda unit: unit.name, sort=("sort_key",), cell="places/_unit_link.html", head=True),
            Column("标识码", lambda unit: unit.unit.code, sort=("unit__code",), css="nowrap"),
            Column("类别", lambda unit: unit.get_kind_display(), sort=("kind", "sort_key")),
            Column("学段", queries.stage_names),
            Column("办学", owner),
            Column(
                "所在地",
                lambda unit: towns.get(unit.region_code, unit.region_code),
                sort=("region_code", "sort_key"),
                css="hide",
            ),
        ),
        order=("sort_key",),
        search=("name", "short_name", "unit__code"),
        search_label="名称、简称或标识码",
        filters=(
            Filter("kind", "类别", UnitVersion.Kind.choices, lambda kind: Q(kind=kind)),
            Filter(
                "town",
                "乡镇",
                [(t.code, t.name) for t in queries.towns(actor, as_of=day)],
                lambda town: Q(region_code__startswith=town[:9]),
            ),
            Filter("private", "办学", (("no", "公办"), ("yes", "民办")), lambda is_: Q(is_private=is_ == "yes")),
            Filter("on", "哪一天", sorted(days.items(), reverse=True), lambda _: Q()),
        ),
        empty={"title": "还没有单位", "hint": "可以逐个登记，也可以用表格一次导入。"},
    )
    rows = queries.units_visible_to(actor, as_of=day).prefetch_related("stages")
    return page.respond(request, rows, "places/units.html", {"day": day})


@require_GET
def unit(request: Request, key: UUID) -> HttpResponse:
    """One unit on a day, and all it was before."""
    day = _day(request)
    history = queries.history(request.actor, key, as_of=day)
    if history is None:
        raise Http404
    context = {
        "history": history,
        "unit": history.unit,
        "now": history.on(day),
        "name": history.called(day),
        "ahead": history.ahead(clock.today()),
        "day": day,
        "regions": queries.region_names(request.actor, as_of=day),
    }
    return render(request, "places/unit.html", context)


@may("places.manage")
def unit_new(request: Request) -> HttpResponse:
    """Enter a unit."""
    day = clock.today()
    form = forms.UnitForm(request.POST or None, actor=request.actor, day=day, initial={"valid_from": day})

    def enter(data: dict[str, Any]) -> None:
        facts = form.facts()
        services.open_unit(
            code=data["code"],
            valid_from=data["valid_from"],
            by=request.actor,
            now=clock.now(),
            **{name: getattr(facts, name) for name in UnitFacts.__slots__},
        )

    return form_page(
        request, form, enter, title="登记单位", button="登记", back=reverse("places:units"), done="已登记。"
    )


@may("places.manage")
def unit_edit(request: Request, key: UUID) -> HttpResponse:
    """From a day on the unit is something else; what others changed meanwhile is shown beside what was typed."""
    actor, today = request.actor, clock.today()
    history = queries.history(actor, key, as_of=today)
    if history is None or history.unit.ended_on:
        raise Http404
    row, standing = history.unit, history.versions[0]
    facts = services.facts_of(standing)
    initial = {**forms.UnitForm.initial_of(facts), "valid_from": today, "version": row.version}
    form = forms.UnitForm(request.POST or None, actor=actor, day=today, unit=row, initial=initial)
    campuses = forms.campus_rows(request.POST or None, facts=facts.campuses, actor=actor, day=today)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and campuses.is_valid():
            data = form.cleaned_data
            try:
                services.change_unit(
                    unit=row,
                    base_version=data["version"],
                    facts=form.facts(forms.campus_facts(campuses)),
                    valid_from=data["valid_from"],
                    reason=data["reason"],
                    by=actor,
                    now=clock.now(),
                )
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, "已保存。")
                return redirect("places:unit", key=key)
    theirs = []
    if status == 409:
        theirs = _beside(form, initial)
        # Sent once more, what was typed builds on what stands now.
        data = request.POST.copy()
        data["version"] = str(row.version)
        form = forms.UnitForm(data, actor=actor, day=today, unit=row, initial=initial)
        form.add_error(None, "这个单位刚被别人改过。您填的都在，请看过不同之处再保存。")
    context = {"form": form, "campuses": campuses, "unit": row, "standing": standing, "theirs": theirs}
    return render(request, "places/unit_edit.html", context, status=status)


def _beside(form: forms.UnitForm, now: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where what stands now differs from what was typed: label, now, typed."""
    shown = []
    for name, value in now.items():
        field = form.fields.get(name)
        if field is None or name in ("valid_from", "version"):
            continue
        words = {str(k): str(v) for k, v in getattr(field, "choices", [])}
        typed = form[name].value() or ""

        def said(one: Any, words: dict[str, str] = words) -> str:
            parts = one if isinstance(one, list) else [one]
            return "、".join(words.get(str(part), str(part)) for part in parts) or "—"

        if said(value) != said(typed):
            shown.append((str(field.label), said(value), said(typed)))
    return shown


@may("places.manage")
def unit_end(request: Request, key: UUID) -> HttpResponse:
    """End a unit, merge it into another, or split it."""
    actor, today = request.actor, clock.today()
    row = queries.unit_visible_to(actor, key)
    if row is None or row.ended_on:
        raise Http404
    initial = {"on": today, "version": row.version}
    form = forms.EndForm(request.POST or None, actor=actor, day=today, unit=row, initial=initial)

    def act(data: dict[str, Any]) -> None:
        into = [unit for chosen in data["into"] if (unit := queries.unit_visible_to(actor, UUID(chosen)))]
        common: dict[str, Any] = {"reason": data["reason"], "by": actor, "now": clock.now()}
        if data["way"] == "end":
            services.end_unit(unit=row, base_version=data["version"], last_day=data["on"], **common)
        elif data["way"] == "merge":
            services.merge_units(units=[(row, data["version"])], into=into[0], on=data["on"], **common)
        else:
            services.split_unit(
                unit=row, base_version=data["version"], into=into, on=data["on"], ends=data["way"] == "split", **common
            )

    name = queries.unit_names(actor, {key}, as_of=today).get(key, "")
    return form_page(
        request,
        form,
        act,
        title=f"合并、分设或终止：{name}",
        lead="单位不会消失：以前的信息、任务和问题都还能查到。",
        button="办理",
        back=reverse("places:unit", args=[key]),
        done="已办理。",
    )


@may("places.manage")
@require_POST
def unit_take_back(request: Request, key: UUID) -> HttpResponse:
    """Undo what was entered last and has not begun."""
    row = queries.unit_visible_to(request.actor, key)
    if row is None:
        raise Http404
    try:
        seen = int(request.POST.get("version", ""))
    except ValueError:
        raise Http404 from None
    try:
        services.take_back(unit=row, base_version=seen, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤回，单位恢复到原来的样子。")
    return redirect("places:unit", key=key)


# Tables in and out


def _xlsx(content: bytes, name: str) -> HttpResponse:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@may("places.manage")
@require_GET
def table(request: Request) -> HttpResponse:
    """All units of today in the columns of the import; with ``?empty=1`` the template alone."""
    if request.GET.get("empty"):
        return _xlsx(tables.write([], title="单位"), "单位导入模板.xlsx")
    today = clock.today()
    found = list(queries.units_visible_to(request.actor, as_of=today).prefetch_related("stages"))
    codes = {version.unit_id: version.unit.code for version in found}
    rows = (intake.as_row(v, codes.get(v.parent_id, "") if v.parent_id else "") for v in found)
    return _xlsx(tables.write(rows, title="单位"), f"单位_{today:%Y%m%d}.xlsx")


@may("places.manage")
def imports(request: Request) -> HttpResponse:
    """Hand a table in; it is only looked at. Below: what was handed in before."""
    form = forms.TableForm(request.POST or None, request.FILES or None, initial={"valid_from": clock.today()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["table"]
            try:
                if file.size > tables.LIMIT_BYTES:
                    raise Refused("文件超过 5 MB，请分开导入。", code="table.too_large", field="table")
                batch = intake.look_at(
                    rows=tables.read(file.read()),
                    file_name=file.name,
                    valid_from=form.cleaned_data["valid_from"],
                    by=request.actor,
                    now=clock.now(),
                )
            except Refused as refusal:
                refuse(form, refusal)
            else:
                return redirect("places:import", key=batch.pk)
    context = {"form": form, "batches": queries.imports_visible_to(request.actor)[:20]}
    return render(request, "places/imports.html", context, status=status)


@may("places.manage")
@require_GET
def import_preview(request: Request, key: UUID) -> HttpResponse:
    """What the table would do, row by row; nothing has been written."""
    preview = queries.preview(request.actor, key)
    if preview is None:
        raise Http404
    return render(request, "places/import.html", {"preview": preview, "batch": preview.batch})


@may("places.manage")
@require_POST
def import_confirm(request: Request, key: UUID) -> HttpResponse:
    """Write it."""
    batch = get_object_or_404(queries.imports_visible_to(request.actor), pk=key)
    try:
        intake.confirm(batch=batch, by=request.actor, now=clock.now())
    except Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已导入。此后没有别的改动时，可以整批撤销。")
    return redirect("places:import", key=key)


@may("places.manage")
@require_POST
def import_undo(request: Request, key: UUID) -> HttpResponse:
    """Take it back."""
    batch = get_object_or_404(queries.imports_visible_to(request.actor), pk=key)
    try:
        intake.undo(batch=batch, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤销，单位恢复到导入以前。")
    return redirect("places:import", key=key)


@require_GET
def regions(request: Request) -> HttpResponse:
    """The regions of the county, down to the village, by code."""
    found = queries.regions_with_level(request.actor, as_of=_day(request))
    return render(request, "places/regions.html", {"regions": found})
