"""What the pages of the training share."""

from datetime import date
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse

from dudao.inspectors import queries as inspectors
from dudao.shell import clock
from dudao.shell.http import Request
from dudao.training import library, queries
from dudao.training.models import Batch, Claim, Session
from dudao.training.queries.hours import held_years

FIRST = 2012


def year_of(request: Request) -> int:
    """The year asked for, else the present one."""
    said, today = request.GET.get("year", ""), clock.today()
    return int(said) if said.isdecimal() and FIRST <= int(said) <= today.year + 1 else today.year


def years(request: Request, chosen: int) -> list[int]:
    """Years that can be chosen: those with something in them, the present one and its neighbours."""
    today = clock.today().year
    return sorted({*held_years(request.actor.county), today - 1, today, today + 1, chosen}, reverse=True)


def shared(request: Request, view: str, **more: Any) -> dict[str, Any]:
    """Context of every page with the tabs."""
    managing = queries.may_manage(request.actor)
    waiting = queries.claims_visible_to(request.actor).filter(state=Claim.State.PENDING).count() if managing else 0
    return {"view": view, "manages": managing, "waiting": waiting, "today": clock.today(), **more}


def found_batch(request: Request, key: UUID) -> Batch:
    return get_object_or_404(queries.batches_visible_to(request.actor), pk=key)


def found_session(request: Request, key: UUID) -> Session:
    return get_object_or_404(queries.sessions_visible_to(request.actor).select_related("batch"), pk=key)


def batch_address(key: UUID) -> str:
    return reverse("training:batch", args=[key])


def area_names(codes: list[str]) -> str:
    return "、".join(library.areas()[one] for one in codes if one in library.areas())


def in_office(county: str, day: date) -> list[tuple[str, str]]:
    return [(str(one.key), one.name) for one in inspectors.roster(county, day=day)]
