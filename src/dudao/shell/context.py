"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from dudao.shell import clock


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"actor": getattr(request, "actor", None), "demo": settings.DEMO, "today": clock.today()}
