"""Random draws for anybody: the digest before the seed, then the result and the bundle. Off with the county's public pages."""

import io
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dudao.disclosure import queries
from dudao.draws import queries as draws
from dudao.draws import services
from dudao.draws.models import Draw
from dudao.shell.errors import Refused
from dudao.shell.http import Request

#: Shorter than with publications: a digest must be seen soon after the freezing.
_kept = cache_control(public=True, max_age=60)


def _found(key: UUID) -> Draw:
    found = draws.public(settings.COUNTY, key) if queries.setting_of(settings.COUNTY).is_site_on else None
    if found is None:
        raise Http404
    return found


@login_not_required
@_kept
@require_safe
def public_draws(request: Request) -> HttpResponse:
    """What was opened, the newest first."""
    setting = queries.setting_of(settings.COUNTY)
    if not setting.is_site_on:
        raise Http404
    context = {"rows": draws.light(draws.public_draws(settings.COUNTY))[:200], "setting": setting}
    return render(request, "disclosure/public_draws.html", context)


@login_not_required
@_kept
@require_safe
def public_draw(request: Request, key: UUID) -> HttpResponse:
    """One draw."""
    found = _found(key)
    context: dict[str, Any] = {
        "draw": found,
        "put": list(found.commitments.all()),
        "setting": queries.setting_of(found.county),
        "siblings": list(draws.siblings(found)),
    }
    if found.result is not None:
        try:
            rows = services.shown(found)
        except Refused as refusal:
            context["wrong"] = refusal.message
        else:
            context |= {
                "rows": [one for one in rows if one.drawn or one.added], "taken": len(found.result["drawn"]),
                "enlargements": list(found.enlargements.all()),
            }  # fmt: skip
    return render(request, "disclosure/public_draw.html", context)


@login_not_required
@_kept
@require_safe
def public_bundle(request: Request, key: UUID) -> HttpResponseBase:
    """The bundle of a drawn one."""
    found = _found(key)
    if found.result is None:
        raise Http404
    name = f"draw-{found.sha256[:12]}.zip"
    return FileResponse(
        io.BytesIO(services.bundle(found)), as_attachment=True, filename=name, content_type="application/zip"
    )
