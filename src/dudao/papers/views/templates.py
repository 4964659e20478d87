"""Pages of templates: which there are, what they ask for, and a county's own files in their place."""

import io
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.papers import library, queries, services
from dudao.papers.forms import TemplateForm
from dudao.papers.views.papers import get_or_post
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import refuse
from dudao_engines.papers import custom
from dudao_engines.papers.docx import WORD
from dudao_engines.papers.templates import Template


def _template(kind: str) -> Template:
    found = library.kinds().get(kind)
    if found is None:
        raise Http404
    return found


@require_GET
@may("paper.draft", "paper.issue")
def template_list(request: Request) -> HttpResponse:
    """All kinds of papers, and where the county has a file of its own."""
    own = {row.kind: row for row in queries.template_files(request.actor) if row.is_current}
    rows = [(one, own.get(one.id)) for one in library.kinds().values()]
    return render(request, "papers/templates.html", {"rows": rows})


@get_or_post
@may("paper.draft", "paper.issue")
def template(request: Request, kind: str) -> HttpResponse:
    """One kind: its fields with where they come from, the county's versions, and the form that hands one in."""
    found, actor = _template(kind), request.actor
    form, status, problems = TemplateForm(request.POST or None, request.FILES or None), 200, []
    if request.method == "POST":
        if not actor.can("paper.issue"):
            raise Http404
        status = 422
        if form.is_valid():
            given = form.cleaned_data["file"]
            try:
                # Larger files are refused by the service after one more byte.
                data = given.read(services.LARGEST + 1)
                services.replace_template(
                    kind=kind, data=data, name=given.name, note=form.cleaned_data["note"], by=actor, now=clock.now()
                )
            except services.UnfitError as unfit:
                problems = unfit.problems
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, f"{found.name}已改用本县模板。")
                return redirect("papers:template", kind)
    versions = list(queries.template_files(actor).filter(kind=kind))
    context = {"template": found, "form": form, "problems": problems, "versions": versions}
    context["current"] = next((row for row in versions if row.is_current), None)
    return render(request, "papers/template.html", context, status=status)


@require_GET
@may("paper.draft", "paper.issue")
def template_starter(request: Request, kind: str) -> HttpResponseBase:
    """The .docx a county begins with."""
    found = _template(kind)
    name = f"{found.name}模板.docx"
    return FileResponse(io.BytesIO(custom.starter(found)), as_attachment=True, filename=name, content_type=WORD)


@require_GET
@may("paper.draft", "paper.issue")
def template_file(request: Request, kind: str, file: UUID) -> HttpResponseBase:
    """One of the county's files."""
    row = get_object_or_404(queries.template_files(request.actor), kind=kind, file=file)
    found = files.file_of(request.actor, row, file)
    if found is None:
        raise Http404
    return file_services.respond(found, by=request.actor, now=clock.now())


@require_POST
@may("paper.issue")
def template_switch(request: Request, kind: str) -> HttpResponse:
    """Use another version, or the layout of the house."""
    value = request.POST.get("no", "")
    no = int(value) if value.isdecimal() and len(value) < 6 else None
    services.switch_template(kind=kind, no=no, by=request.actor, now=clock.now())
    messages.success(request, f"已改用第 {no} 版。" if no else "已改用通用模板。")
    return redirect("papers:template", kind)
