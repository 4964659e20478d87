"""The bell in the frame of every page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from dudao.messages import queries


def bell(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "unread_address": reverse("messages:inbox"),
        # Counted only where a page shows the frame.
        "unread": SimpleLazyObject(lambda: queries.unread(actor)),
    }
