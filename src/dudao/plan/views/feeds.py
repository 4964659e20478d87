"""Subscribing to the plan in a calendar: one's own addresses, and the calendar itself, which needs no sign-in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from dudao.accounts import queries as accounts
from dudao.plan import calendars, services
from dudao.plan.services.feeds import digest_of
from dudao.shell import clock
from dudao.shell.http import Request


@require_GET
def feed_list(request: Request) -> HttpResponse:
    """One's own calendar addresses, and how to bring one into a telephone or Outlook."""
    return _page(request)


@require_POST
@never_cache
def feed_make(request: Request) -> HttpResponse:
    """Make an address for the hat; it is shown this once."""
    _, token = services.make_feed(by=request.actor, now=clock.now())
    return _page(request, address=request.build_absolute_uri(reverse("plan:feed", args=[token])))


def _page(request: Request, *, address: str = "") -> HttpResponse:
    feeds = list(calendars.feeds_of(request.actor)[:50])
    return render(
        request,
        "plan/feeds.html",
        {
            "feeds": feeds,
            "live": any(feed.hat == request.actor.hat and not feed.revoked_at for feed in feeds),
            "address": address,
            "webcal": "webcal://" + address.split("://", 1)[1] if address else "",
        },
    )


@require_POST
def feed_revoke(request: Request, key: UUID) -> HttpResponse:
    """Stop one of one's own addresses."""
    found = get_object_or_404(calendars.feeds_of(request.actor), pk=key)
    services.revoke_feed(feed=found, by=request.actor, now=clock.now())
    messages.success(request, "已停用，原来的地址不能再用。")
    return redirect("plan:feeds")


@login_not_required
@require_safe
def feed(request: Request, token: str) -> HttpResponse:
    """The calendar of an address. Whoever has the address reads it, until it is stopped, the hat ends or the account is
    closed; then there is no such page."""
    found, today = calendars.feed_by_digest(digest_of(token)), clock.today()
    actor = found and accounts.actor_in_hat(found.user, hat=found.hat, day=today)
    if not found or not actor:
        raise Http404
    made = calendars.calendar(
        calendars.dues(actor, today=today),
        name="督导任务",
        address_of=lambda key: request.build_absolute_uri(reverse("plan:task", args=[key])),
    )
    headers = {"Cache-Control": "private, max-age=900", "Content-Disposition": 'inline; filename="dudao.ics"'}
    return HttpResponse(made, content_type="text/calendar; charset=utf-8", headers=headers)
