"""Pages of the shell: the demo's day."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dudao.shell import clock
from dudao.shell.http import Request


def back(request: Request, otherwise: str) -> str:
    """The page asked for in ``next``, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours else otherwise


@login_required
@require_POST
def demo_day(request: Request) -> HttpResponse:
    """Step the demo's day by some days; there is no such page where there is no demo day."""
    days = request.POST.get("days", "")
    if settings.DEMO_TODAY is None or days not in ("-1", "1", "7"):
        raise Http404
    clock.step_demo_day(days=int(days))
    return redirect(back(request, "/"))
