"""The page that most acts need: one form, one service."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request


def refuse(form: forms.Form, refusal: Refused) -> int:
    """Put a refusal at the field it belongs to, else above the form; returns the answer's status."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    return 409 if isinstance(refusal, Conflict) else 422


def form_page(
    request: Request,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    title: str,
    button: str,
    back: str,
    done: str,
    lead: str = "",
) -> HttpResponse:
    """Show a form; when it is sent and whole, call the service, say that it is done, and go back.

    Args:
        act: the one service, given the cleaned data; what it refuses stands at its field, and what was typed stays.
        title, lead, button: of the page.
        back: where to go afterwards.
        done: what is said there.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(form.cleaned_data)
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, done)
                return redirect(back)
    context = {"form": form, "title": title, "button": button, "back": back, "lead": lead}
    return render(request, "shell/form.html", context, status=status)
