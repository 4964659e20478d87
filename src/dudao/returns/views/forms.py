"""The forms that are asked: to look at, and to be edited by the county."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.returns import pages, queries, services
from dudao.returns.forms.campaigns import CountyFormForm
from dudao.returns.queries import InForce
from dudao.returns.views.campaigns import READS
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao_engines.standards import forms as engine


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
        "row": row,
        "form": row.form,
        "level": engine.LEVELS[row.form.level],
        "sections": [(pages.chinese(n), one) for n, one in enumerate(row.form.sections, 1)],
        "burden": engine.burden(row.form),
        "versions": list(queries.county_forms(request.actor).filter(form=form)),
        "edits": request.actor.can("return.manage"),
    }
    return render(request, "returns/form.html", context)


@get_or_post
@may("return.manage")
def form_edit(request: Request, form: str) -> HttpResponse:
    """Edit the form's text; checked strictly, each saving a new version."""
    row = _in_force(request, form)

    def save(data: dict[str, Any]) -> Any:
        return services.save_county_form(form=form, **data, by=request.actor, now=clock.now())

    return form_page(
        request,
        CountyFormForm(request.POST or None, initial={"text": row.text, "base_version": row.number}),
        save,
        title=f"修改：{row.form.name}",
        lead="代码（code）的含义不能变；要改含义请加新代码。保存时逐行检查，写错的会指出哪一行。已经发起的填报不受影响。",
        button="检查并存为新的一版",
        back=reverse("returns:form", args=[form]),
        done="已存为新的一版；以后发起的填报用这一版。",
        version=row.number,
    )
