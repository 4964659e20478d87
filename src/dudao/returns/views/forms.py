"""The forms that are asked: to look at, and to be edited by the county."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.returns import library, pages, queries, services
from dudao.returns.forms.campaigns import CountyFormForm
from dudao.returns.queries import InForce
from dudao.returns.views.campaigns import READS
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao_engines.standards import forms as engine
from dudao_engines.standards.forms import Form


@require_GET
@may(*READS)
def form_list(request: Request) -> HttpResponse:
    """The forms in force."""
    rows = [(one, engine.burden(one.form)) for one in queries.all_in_force(request.actor)]
    return render(request, "returns/form_list.html", {"rows": rows, "levels": engine.LEVELS})


def _in_force(request: Request, form: str) -> InForce:
    found = queries.in_force(request.actor, form)
    if found is None:
        raise Http404
    return found


@require_GET
@may(*READS)
def form_show(request: Request, form: str) -> HttpResponse:
    """One form: its fields, its relations, its versions."""
    row = _in_force(request, form)
    context = {
        **_shown(row),
        "versions": list(queries.county_forms(request.actor).filter(form=form)),
        "edits": request.actor.can("return.manage"),
    }
    return render(request, "returns/form.html", context)


@get_or_post
@may("return.manage")
def form_edit(request: Request, form: str) -> HttpResponse:
    """Edit the form's text; checked strictly, looked at, each saving a new version."""
    row, posted = _in_force(request, form), request.POST
    if "preview" in posted:
        # A text with a mistake goes on to the form below, where the same check refuses it beside the field.
        with suppress(Refused):
            return _preview(request, row, library.checked(posted.get("text", ""), form=form))
    said: dict[str, Any] = {
        "title": f"修改：{row.form.name}",
        "lead": "代码（code）的含义不能变；要改含义请加新代码。保存时逐行检查，写错的会指出哪一行。已经发起的填报不受影响。",
        "button": "存为新的一版",
        "back": reverse("returns:form", args=[form]),
    }
    initial = {"text": row.text, "base_version": row.number}
    if "again" in posted:
        # Back from the preview: what was typed stands in the form, nothing is saved.
        typed = CountyFormForm(initial={**initial, "text": posted.get("text", ""), "note": posted.get("note", "")})
        return render(request, "returns/form_edit.html", {**said, "form": typed})

    def save(data: dict[str, Any]) -> Any:
        return services.save_county_form(form=form, **data, by=request.actor, now=clock.now())

    return form_page(
        request,
        CountyFormForm(posted or None, initial=initial),
        save,
        **said,
        done="已存为新的一版；以后发起的填报用这一版。",
        version=row.number,
        template="returns/form_edit.html",
    )


def _preview(request: Request, row: InForce, found: Form) -> HttpResponse:
    """The form as it would be, with what it changes."""
    preview = {
        "text": request.POST.get("text", ""),
        "note": request.POST.get("note", ""),
        "base_version": request.POST.get("base_version", "0"),
        "changes": _changes(row.form, found),
    }
    return render(request, "returns/form.html", {**_shown(replace(row, form=found)), "preview": preview})


def _changes(before: Form, after: Form) -> list[str]:
    """What became of fields and relations, in words."""
    old, new = {one.code: one for one in before.fields}, {one.code: one for one in after.fields}
    said = [f"新增“{one.label}”" for code, one in new.items() if code not in old]
    said += [f"去掉“{one.label}”" for code, one in old.items() if code not in new]
    said += [f"修改“{one.label}”" for code, one in new.items() if code in old and old[code] != one]
    if before.relations != after.relations:
        said.append(f"校验关系 {len(before.relations)} 条改为 {len(after.relations)} 条")
    return said


def _shown(row: InForce) -> dict[str, Any]:
    return {
        "row": row,
        "form": row.form,
        "level": engine.LEVELS[row.form.level],
        "sections": [(pages.chinese(n), one) for n, one in enumerate(row.form.sections, 1)],
        "burden": engine.burden(row.form),
    }
