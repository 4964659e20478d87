"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from dudao.shell import clock
from dudao.shell.nav import navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "hats": getattr(request, "hats", []),
        "office": settings.OFFICE,
        "demo": settings.DEMO,
        "demo_day": settings.DEMO_TODAY is not None,
        "today": clock.today(),
        "navigation": navigation(request, actor),
    }
