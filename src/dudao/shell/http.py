"""Types of what a view gets."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from dudao.shell.acts import Actor

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class Request(HttpRequest):
    """A request after our middleware: who acts, in which hat."""

    htmx: HtmxDetails
    actor: Actor


def may(*capabilities: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The view is there only for a hat with one of these capabilities; for others there is no such page."""

    def around(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def inner(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.actor.can(capability) for capability in capabilities):
                raise Http404
            return view(request, *args, **kwargs)

        return inner

    return around
