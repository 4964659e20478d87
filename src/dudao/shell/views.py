"""Pages of the shell: the demo's day, drafts, the style guide, and what is said when a request cannot be taken."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from dudao.shell import clock, drafts, styleguide
from dudao.shell.errors import Refused
from dudao.shell.http import Request


def is_ours(request: HttpRequest, address: str) -> bool:
    """Whether an address leads to a page of this site, and not elsewhere."""
    return url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """The page asked for in ``next``, else the page this came from, if it is one of ours."""
    wanted = (request.POST.get("next", ""), request.headers.get("referer", ""))
    return next((one for one in wanted if one and is_ours(request, one)), otherwise)


@require_POST
def demo_day(request: Request) -> HttpResponse:
    """Step the demo's day by some days; there is no such page where there is no demo day."""
    days = request.POST.get("days", "")
    if settings.DEMO_TODAY is None or days not in ("-1", "1", "7"):
        raise Http404
    clock.step_demo_day(days=int(days))
    return redirect(back(request))


@require_POST
def draft_keep(request: Request) -> HttpResponse:
    """Keep a form as typed: while typing (htmx header; one line comes back) or by the button 存草稿 (back to the page)."""
    slot = drafts.slot_of(request.POST)
    if slot is None:
        raise Http404
    try:
        draft = drafts.keep(slot, typed=request.POST, by=request.actor, now=clock.now())
    except Refused as refusal:
        if request.htmx:
            return HttpResponse(refusal.message, status=422, content_type="text/plain; charset=utf-8")
        raise
    said = f"{draft.saved_at.astimezone(clock.CHINA):%H:%M:%S} 已存草稿，可随时离开"
    if request.htmx:
        return HttpResponse(said, content_type="text/plain; charset=utf-8")
    messages.success(request, said)
    return redirect(back(request))


@require_POST
def draft_drop(request: Request) -> HttpResponse:
    """Begin anew: the draft goes, the page opens with what is saved."""
    slot = drafts.slot_of(request.POST)
    if slot is None:
        raise Http404
    drafts.clear(slot, by=request.actor)
    messages.success(request, "草稿已丢弃。")
    return redirect(back(request))


@require_GET
def style_guide(request: Request) -> HttpResponseBase:
    """Every part with real-sized data. In production for the system administrator only."""
    if settings.MODE == "production" and not request.actor.can("system.manage"):
        raise Http404
    if request.GET.get("export") == "xlsx":
        return styleguide.excel(request)
    return render(request, "shell/styleguide.html", styleguide.shown(request))


@require_GET
def style_progress(request: Request) -> HttpResponse:
    """The style guide's long job, one step further each time it is asked."""
    done = min(int(request.GET.get("done", "0")) + 4, 42) if request.GET.get("done", "0").isdecimal() else 0
    template = "components/progress.html" if request.htmx else "shell/styleguide_progress.html"
    return render(request, template, styleguide.job(done))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where more was sent than a request may hold."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A stale or missing token. What was typed is kept as a draft, or shown to be copied, if it came from our own page."""
    actor = getattr(request, "actor", None)
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    typed, draft = [], None
    if origin and origin != "null" and is_ours(request, origin):
        if actor is not None:
            draft = drafts.keep_sent(request.POST, by=actor, now=clock.now())
        words = [(n, v) for n, values in request.POST.lists() for v in values if not drafts.is_secret(n) and v.strip()]
        typed = words if draft is None else []
    return render(
        request, "403_csrf.html", {"draft": draft, "typed": typed, "back": back(request), "actor": actor}, status=403
    )
