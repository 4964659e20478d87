"""What inspectors and units say themselves: absences, photos, and units that ask for a recusal."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.files import services as files
from dudao.inspectors import queries, services
from dudao.inspectors.forms import AbsenceForm, AskForm, PhotoForm
from dudao.inspectors.models import Absence, Inspector
from dudao.places import queries as places
from dudao.places.models import Unit
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def _own(request: Request, key: UUID) -> Inspector:
    """An entry that is the reader's own or that the office keeps."""
    row = get_object_or_404(queries.inspectors_visible_to(request.actor).select_related("person", "photo"), pk=key)
    if not queries.may_read_private(request.actor, row):
        raise Http404
    return row


def _address(key: UUID) -> str:
    return reverse("inspectors:entry", args=[key])


@get_or_post
@may("inspector.manage", "inspector.self")
def absent(request: Request, key: UUID) -> HttpResponse:
    """Days on which somebody cannot come."""
    row = _own(request, key)
    form = AbsenceForm(request.POST or None, initial={"start_on": clock.today(), "end_on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        services.record_absence(inspector=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"不能参加的日子：{row.person.name}", button="登记", back=_address(key), done="已登记。",
        lead="组队和分工时避开这些日子。",
    )  # fmt: skip


@require_POST
@may("inspector.manage", "inspector.self")
def absence_back(request: Request, key: UUID, absence: UUID) -> HttpResponse:
    """It came otherwise."""
    row = get_object_or_404(
        Absence.objects.select_related("inspector__person"), pk=absence, inspector=_own(request, key)
    )
    try:
        services.take_back_absence(absence=row, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤回。")
    return redirect(_address(key))


@get_or_post
@may("inspector.manage", "inspector.self")
def new_photo(request: Request, key: UUID) -> HttpResponse:
    """A photo for the board."""
    row = _own(request, key)
    form = PhotoForm(request.POST or None, request.FILES or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.set_photo(
            inspector=row, base_version=data["base_version"], photo=files.receive(data["photo"]), by=request.actor,
            now=clock.now(),
        )  # fmt: skip

    return form_page(
        request,
        form,
        act,
        title=f"照片：{row.person.name}",
        button="上传",
        back=_address(key),
        done="已更换照片。",
        version=row.version,
    )


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self")
def photo(request: Request, key: UUID) -> HttpResponseBase:
    """The photo, for who sees the entry."""
    rows = queries.inspectors_visible_to(request.actor).select_related("photo")
    row = get_object_or_404(rows, pk=key, photo__isnull=False)
    assert row.photo
    return files.respond(row.photo, by=request.actor, now=clock.now())


@require_GET
@may("inspector.ask")
def asked(request: Request) -> HttpResponse:
    """What the reader's unit asked for, and what became of it."""
    return render(request, "inspectors/asked.html", {"rows": queries.asked_by(request.actor)})


@get_or_post
@may("inspector.ask")
def ask(request: Request) -> HttpResponse:
    """Ask that somebody does not inspect the reader's unit."""
    actor, today = request.actor, clock.today()
    known = {str(one.key): one for one in queries.roster(actor.county, day=today)}
    form = AskForm(
        request.POST or None, inspectors=[(key, one.name) for key, one in known.items()], initial={"start_on": today}
    )
    unit = get_object_or_404(Unit, pk=actor.unit)

    def act(data: dict[str, Any]) -> None:
        chosen = Inspector.objects.select_related("person").get(pk=data.pop("inspector"))
        services.say_recusal(inspector=chosen, unit=unit, said_on=today, by=actor, now=clock.now(), **data)

    name = places.unit_names(actor, {unit.pk}, as_of=today).get(unit.pk, "")
    return form_page(
        request, form, act, title="申请督学回避", button="提出", back=reverse("inspectors:asked"), done="已提出，督导室决定以前先按回避对待。",
        lead=f"{name}的负责人和督学有近亲属关系或其他利害关系，可能影响公正的，可以申请回避，由督导室决定。（教育督导条例第十条）",
    )  # fmt: skip
