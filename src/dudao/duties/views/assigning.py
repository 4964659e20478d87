"""Assign, rotate, end: what speaks against it is said before anything is written."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from dudao.duties import checking, queries, services
from dudao.duties.coverage import Coverage, Place
from dudao.duties.forms import AssignForm, EndForm, RotateForm
from dudao.duties.models import Board
from dudao.duties.services import Given
from dudao.duties.views import choices
from dudao.duties.views.coverage import found_on_today
from dudao.inspectors import queries as register
from dudao.inspectors.models import Inspector
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def _uuids(said: list[str]) -> set[UUID]:
    found = set()
    for one in said:
        try:
            found.add(UUID(one))
        except ValueError:
            continue
    return found


def _warn(request: Request, rows: Sequence[Given], *, starts_on: date, seen: bool) -> None:
    """Everything that speaks against it, unless only reminders are left and they were seen."""
    found = checking.check(request.actor.county, rows, starts_on=starts_on, today=clock.today())
    if any(one.is_hard for one in found) or (found and not seen):
        words = "；".join(f"{'' if one.is_hard else '提醒：'}{one.words}" for one in found)
        raise Refused(f"{words}。", code="duties.breach")


def _away(found: Coverage, shown: Sequence[Place]) -> set[UUID]:
    """Who must not inspect one of these schools today."""
    people, units = {one.known.person for one in found.loads if one.known}, {one.unit.unit_id for one in shown}
    return {person for person, _ in register.recused(found.county, people, units, day=found.day)}


@get_or_post
@may("inspector.manage")
def assign(request: Request) -> HttpResponse:
    """Who is responsible for the chosen schools from a day on."""
    found = found_on_today(request)
    asked = _uuids(request.GET.getlist("unit")) | {
        one.unit.unit_id for one in found.places if str(one.unit.pk) in request.GET.getlist("place")
    }
    shown = [one for one in found.places if one.unit.unit_id in asked] or list(found.places)
    versions = dict(Board.objects.filter(county=request.actor.county).values_list("unit", "version"))
    form = AssignForm(
        request.POST or None, units=choices.by_town(shown), inspectors=choices.inspectors(found, near=shown if asked else (), away=_away(found, shown) if asked else ()),
        initial={
            "units": [str(one) for one in asked], "inspectors": request.GET.getlist("inspector"), "starts_on": found.day,
            "base": " ".join(f"{one.unit.unit_id}:{versions.get(one.unit.unit_id, 0)}" for one in shown),
        },
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        rows = [Given(UUID(unit), UUID(one)) for unit in data["units"] for one in data["inspectors"]]
        _warn(request, rows, starts_on=data["starts_on"], seen=data["seen"])
        services.assign_duties(
            rows=rows, starts_on=data["starts_on"], document=data["document"], reason=data["reason"], base_versions=data["base"],
            by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title="安排责任督学", button="安排", back=reverse("duties:coverage"), done="已安排，督学从起日起能看到这些学校。",
        lead=f"任期、督学证和回避不合的不能安排；超过 {found.rules['schools_each'].value} 所、跨责任区的先提醒。",
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def rotate(request: Request) -> HttpResponse:
    """Two inspectors change places."""
    found = found_on_today(request)
    form = RotateForm(
        request.POST or None, inspectors=choices.inspectors(found),
        districts=[(str(one.district.pk), one.district.name) for one in found.areas],
        initial={"starts_on": found.day, "first": request.GET.get("first", ""), "reason": "定期交流轮换"},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        first, second = (
            get_object_or_404(Inspector, pk=data[name], county=request.actor.county) for name in ("first", "second")
        )
        district, day = UUID(data["district"]) if data["district"] else None, data["starts_on"]
        rows = checking.swapped(request.actor.county, first.pk, second.pk, day=day, district=district)
        if rows and first != second:
            _warn(request, rows, starts_on=day, seen=data["seen"])
        services.rotate(
            first=first, second=second, district=district, starts_on=day, document=data["document"], reason=data["reason"],
            by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title="交流轮换", button="交换", back=reverse("duties:inspectors"), done="已交换。",
        lead="两名督学互换负责的学校；回避的先检查。",
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def end(request: Request, key: UUID) -> HttpResponse:
    """The end of one duty without anybody in its place."""
    rows = queries.duties_visible_to(request.actor).select_related("inspector__person", "grant")
    row = get_object_or_404(rows, pk=key)
    name = places.full_names(system(row.county), {row.unit_id}, as_of=clock.today()).get(row.unit_id, "")
    form = EndForm(request.POST or None, initial={"last_day": clock.today()})

    def act(data: dict[str, Any]) -> None:
        services.end_duty(duty=row, last_day=data["last_day"], reason=data["reason"], by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title=f"结束责任：{row.inspector.person.name}，{name}", button="结束", danger=True,
        back=reverse("duties:unit", args=[row.unit_id]), done="已结束。", lead="没有别人负责的，从第二天起列为空缺；换人请用“安排责任督学”。",
    )  # fmt: skip
