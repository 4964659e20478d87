"""The page that most acts need: one form, one service."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from dudao.shell import conflicts, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request


def refuse(form: forms.Form | forms.ModelForm, refusal: Refused) -> int:  # type: ignore[type-arg]
    """Put a refusal at the field it belongs to, else above the form; returns the answer's status."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    return 409 if isinstance(refusal, Conflict) else 422


def form_page(
    request: Request,
    form: forms.Form | forms.ModelForm,  # type: ignore[type-arg]
    act: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    button: str,
    back: str,
    done: str,
    lead: str = "",
    to: str | Callable[[Any], str] = "",
    danger: bool = False,
    stands: Callable[[], tuple[Mapping[str, Any], int]] | None = None,
    version: int | None = None,
    template: str = "shell/form.html",
) -> HttpResponse:
    """Show a form, kept as typed; when it is sent and whole, call the service, say that it is done, and go on.

    Args:
        act: the one service, given the cleaned data; what it refuses stands at its field, and what was typed stays.
        title, lead, button: of the page; ``danger`` gives the button a red outline.
        back: where to go without doing it, and afterwards unless ``to`` says otherwise: an
            address, or what tells it from the service's result.
        done: what is said there.
        stands: what stands in the database now by field name, and the row's version: with it a conflict is laid out
            field by field. The form is then bound to ``conflicts.chosen(request.POST)``.
        version: of the row now, for an act that writes over nobody's words: a draft goes on from it, and after a conflict
            the second try does.
        template: lays out the fields in a way of its own.
    """
    status, clashes, slot = 200, None, _slot(request, form)
    draft = drafts.restore(form, slot, by=request.actor) if slot else None
    if draft and version is not None:
        form.initial["base_version"] = version
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                result = act(form.cleaned_data)
            except Refused as refusal:
                status = refuse(form, refusal)
                if stands and isinstance(refusal, Conflict):
                    theirs, stands_at = stands()
                    clashes = conflicts.lay_out(form, theirs=theirs, version=stands_at)
                elif version is not None and isinstance(refusal, Conflict):
                    conflicts.lay_out(form, theirs={}, version=version)
            else:
                if slot:
                    drafts.clear(slot, by=request.actor)
                messages.success(request, done)
                return redirect((to(result) if callable(to) else to) or back)
    context = {"form": form, "title": title, "button": button, "back": back, "lead": lead, "slot": slot, "draft": draft}
    return render(request, template, {**context, "danger": danger, "clashes": clashes}, status=status)


def _slot(request: Request, form: forms.Form | forms.ModelForm) -> Slot | None:  # type: ignore[type-arg]
    """The page's own draft: one for each address and object. A form that asks for a password is never kept."""
    match = request.resolver_match
    if match is None or any(drafts.is_secret(name) for name in form.fields):
        return None
    return Slot(match.view_name.replace(":", "."), match.kwargs.get("key", ""))
