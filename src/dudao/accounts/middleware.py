"""Puts who acts, and in which hat, onto the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from dudao.accounts import queries
from dudao.accounts.models import User
from dudao.shell import clock

HAT = "hat"


def acting(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor, request.hats = None, []  # type: ignore[attr-defined]
        if isinstance(request.user, User):
            actor, hats = queries.actor_for(request.user, hat=request.session.get(HAT), day=clock.today())
            request.actor, request.hats = actor, hats  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
