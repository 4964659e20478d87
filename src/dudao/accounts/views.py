"""Pages of accounts."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dudao.accounts.middleware import HAT
from dudao.shell.http import Request


@login_required
@require_POST
def hat_choose(request: Request) -> HttpResponse:
    """Put on another hat; one that is not theirs is ignored by ``actor_for``."""
    request.session[HAT] = request.POST.get("hat", "")
    return redirect("workbench:home")
