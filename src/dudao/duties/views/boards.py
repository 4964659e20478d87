"""Boards at the gates: what they lack, on paper, and what they say."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.duties import library, lists, queries, services
from dudao.duties.forms import OfficeForm, PhonesForm
from dudao.duties.queries import Sheet
from dudao.duties.services.rights import manages
from dudao.files import services as files
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def address(request: Request, key: UUID) -> str:
    """What stands in the code of a board: it never changes, whoever is responsible."""
    return urljoin(settings.SITE or request.build_absolute_uri("/"), queries.public_path(key))


def _drawn(request: Request, sheets: Iterable[Sheet]) -> list[tuple[Sheet, str]]:
    return [
        (one, segno.make(address(request, one.key), micro=False, error="m").svg_data_uri(scale=4, border=2))
        for one in sheets
    ]


@require_GET
@may("inspector.manage", "inspector.read")
def boards(request: Request) -> HttpResponseBase:
    """All boards with what they lack."""
    actor, today = request.actor, clock.today()
    if not queries.sees_all(actor):
        raise Http404
    sheets = {one.unit: one for one in queries.boards(actor.county, day=today)}
    rows = queries.covered(actor.county, day=today)
    site = settings.SITE or request.build_absolute_uri("/")
    context = {
        "manages": manages(actor), "without": rows.exclude(unit__in=sheets).count(), "here": "boards",
        "is_local": not settings.SITE or "//127.0.0.1" in site or "//localhost" in site,
        "school": library.words("school"), "kindergarten": library.words("kindergarten"),
    }  # fmt: skip
    return lists.boards(actor, sheets, today=today).respond(request, rows, "duties/boards.html", context)


@require_GET
@may("inspector.manage", "inspector.read")
def boards_print(request: Request) -> HttpResponse:
    """Boards on paper: the ticked ones, else all."""
    actor, today = request.actor, clock.today()
    if not queries.sees_all(actor):
        raise Http404
    ticked = [one for one in request.GET.getlist("place") if one.isdecimal()]
    units = queries.covered(actor.county, day=today).filter(pk__in=ticked).values_list("unit", flat=True)
    sheets = queries.boards(actor.county, day=today, units=set(units) if ticked else None)
    context = {"rows": _drawn(request, sheets), "back": reverse("duties:boards"), "printing": "print" in request.GET}
    return render(request, "duties/boards_print.html", context)


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self", "visit.host")
def board(request: Request, key: UUID) -> HttpResponse:
    """The board of one school, for the office, its inspector and its head."""
    actor = request.actor
    if not queries.may_see_unit(actor, key):
        raise Http404
    sheets = queries.boards(actor.county, day=clock.today(), units=[key])
    context = {
        "rows": _drawn(request, sheets), "back": reverse("duties:unit", args=[key]), "printing": "print" in request.GET,
    }  # fmt: skip
    return render(request, "duties/boards_print.html", context)


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self", "visit.host")
def photo(request: Request, key: UUID) -> HttpResponseBase:
    """The photo of an inspector who stands on a board that the reader may see."""
    file = queries.photo(request.actor, key, day=clock.today())
    if file is None:
        raise Http404
    return files.respond(file, by=request.actor, now=clock.now())


@require_POST
@may("inspector.manage")
def boards_make(request: Request) -> HttpResponse:
    """Boards for schools that have none."""
    units = set(queries.covered(request.actor.county, day=clock.today()).values_list("unit", flat=True))
    services.make_boards(units=units, by=request.actor, now=clock.now())
    messages.success(request, "已制作。")
    return redirect("duties:boards")


@get_or_post
@may("inspector.manage")
def office_contact(request: Request) -> HttpResponse:
    """What every board says of the office."""
    row = queries.office_contact(request.actor.county)
    initial = {"name": row.name, "phone": row.phone, "hours": row.hours, "base_version": row.version if row.pk else 0}
    form = OfficeForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.keep_office_contact(**data, by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title="公示牌上的督导机构", button="保存", back=reverse("duties:boards"), done="已保存，打印的牌要重新打印。",
        version=row.version if row.pk else 0,
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def phones(request: Request) -> HttpResponse:
    """Numbers of inspectors that stand on boards."""
    rows = queries.public_contacts(request.actor, day=clock.today())
    form = PhonesForm(request.POST or None, rows=rows)

    def act(data: dict[str, Any]) -> None:
        services.keep_public_contacts(said=form.changed(), by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title="责任督学公示电话", button="保存", back=reverse("duties:boards"), done="已保存，打印的牌要重新打印。",
        lead="印在校门口，谁都能看到；不要填本人不愿公开的手机号。不填的，牌上写监督电话。",
    )  # fmt: skip
