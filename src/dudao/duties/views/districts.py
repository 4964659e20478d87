"""Districts: list, new, change, end."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.duties import queries, services
from dudao.duties.coverage import Coverage
from dudao.duties.forms import DistrictForm, EndForm
from dudao.duties.models import District
from dudao.duties.services.rights import manages
from dudao.duties.views import choices
from dudao.duties.views.coverage import found_on_today
from dudao.shell import clock, sheets
from dudao.shell.evidence import EVIDENCE
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


@require_GET
@may("inspector.manage", "inspector.read")
def district_list(request: Request) -> HttpResponseBase:
    """Districts with their schools, inspectors and gaps."""
    found = found_on_today(request)
    if request.GET.get("export") == "xlsx":
        heads = ("责任区", "学校（园）数", "督学数", "督学", "空缺", "不合规定")
        lines = [
            (one.district.name, len(one.places), len(one.members), "、".join(name for _, name in one.members), one.gaps, "；".join(one.wrong))
            for one in found.areas
        ]  # fmt: skip
        return sheets.table("责任区", [("责任区", heads, lines)], said="", today=found.day)
    context = {
        "found": found,
        "manages": manages(request.actor),
        "rules": found.rules,
        "here": "districts",
        "printing": "print" in request.GET,
    }
    return render(request, "duties/districts.html", context)


def _lead(found: Coverage) -> str:
    most, least = found.rules["district_schools"], found.rules["district_inspectors"]
    return f"责任区一般不超过 {most.value} 所学校（园），督学不少于 {least.value} 名（{most.clause}，{EVIDENCE[most.evidence]}）。"


def _form(request: Request, found: Coverage, initial: dict[str, Any]) -> DistrictForm:
    return DistrictForm(
        request.POST or None, initial=initial, units=choices.by_town(list(found.places), with_district=True),
        inspectors=choices.inspectors(found, all_=True),
    )  # fmt: skip


def _said(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": data["name"], "starts_on": data["starts_on"], "units": {UUID(one) for one in data["units"]},
        "inspectors": {UUID(one) for one in data["inspectors"]},
    }  # fmt: skip


@get_or_post
@may("inspector.manage")
def district_new(request: Request) -> HttpResponse:
    """A new district."""
    found = found_on_today(request)
    form = _form(request, found, {"starts_on": found.day})

    def act(data: dict[str, Any]) -> None:
        services.new_district(**_said(data), by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        act,
        title="划定责任区",
        button="划定",
        back=reverse("duties:districts"),
        done="已划定。",
        lead=_lead(found),
    )


def _found(request: Request, key: UUID) -> District:
    return get_object_or_404(queries.districts_visible_to(request.actor), pk=key, ended_on__isnull=True)


@get_or_post
@may("inspector.manage")
def district_change(request: Request, key: UUID) -> HttpResponse:
    """Another name, other schools or inspectors."""
    row, found = _found(request, key), found_on_today(request)
    here = next((one for one in found.areas if one.district == row), None)
    initial = {
        "base_version": row.version, "name": row.name, "starts_on": max(found.day, row.starts_on),
        "units": [str(one.unit.unit_id) for one in here.places] if here else [],
        "inspectors": [str(one) for one, _ in here.members] if here else [],
    }  # fmt: skip
    form = _form(request, found, initial)

    def act(data: dict[str, Any]) -> None:
        services.change_district(
            district=row, base_version=data["base_version"] or 0, **_said(data), by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, act, title=f"调整{row.name}", button="保存", back=reverse("duties:districts"), done="已保存。", lead=_lead(found),
        version=row.version,
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def district_end(request: Request, key: UUID) -> HttpResponse:
    """The end of a district."""
    row = _found(request, key)
    form = EndForm(request.POST or None, initial={"last_day": clock.today(), "base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.end_district(
            district=row, base_version=data["base_version"] or 0, last_day=data["last_day"], reason=data["reason"],
            by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title=f"撤销{row.name}", button="撤销", back=reverse("duties:districts"), done="已撤销。", danger=True,
        lead="学校从第二天起不属于任何责任区；谁负责哪所学校不变。", version=row.version,
    )  # fmt: skip
