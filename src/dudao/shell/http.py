"""Types of what a view gets."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from dudao.shell.acts import Actor


class Request(HttpRequest):
    """A request after our middleware: who acts, in which hat."""

    htmx: HtmxDetails
    actor: Actor
