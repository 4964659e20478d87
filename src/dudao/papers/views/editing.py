"""Pages of a paper's words: edited with a preview, filled from the template's fields, compared, printed."""

import io
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from dudao.papers import comparing, library, queries, services, writing
from dudao.papers.forms import FieldsForm, TextForm
from dudao.papers.models import Paper, PaperText
from dudao.papers.views.papers import found, get_or_post
from dudao.shell import clock, conflicts, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse
from dudao_engines.papers.docx import WORD


def _open(request: Request, key: UUID) -> tuple[Paper, PaperText]:
    row = found(request, key)
    text = row.texts.first()
    if text is None or not queries.sees_inside(request.actor, row):
        raise Http404
    return row, text


def _words(text: PaperText) -> dict[str, Any]:
    return {name: getattr(text, name) for name in TextForm.Meta.fields if name != "remark"}


@get_or_post
@may("paper.draft", "paper.issue")
def paper_edit(request: Request, key: UUID) -> HttpResponse:
    """Edit the words; kept as a draft while typing, both texts where somebody else saved meanwhile."""
    actor, (row, text) = request.actor, _open(request, key)
    if row.is_bound:
        return redirect(row.link)
    slot, clashes, status = Slot("papers.text", key), None, 200
    form = TextForm(conflicts.chosen(request.POST) or None, initial={**_words(text), "base_version": row.version})
    draft = drafts.restore(form, slot, by=actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            try:
                services.change_text(paper=row, **data, by=actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
                if isinstance(refusal, Conflict):
                    now, theirs = _open(request, key)
                    clashes = conflicts.lay_out(form, theirs=_words(theirs), version=now.version)
            else:
                drafts.clear(slot, by=actor)
                return redirect(queries.address(row))
    shown = PaperText(**{name: str(form[name].value() or "") for name in TextForm.Meta.fields})
    context = {"paper": row, "form": form, "slot": slot, "draft": draft, "clashes": clashes, "text": shown}
    context |= {"lines": list(writing.lines(shown.body)), "is_open": row.state in Paper.OPEN, "texts": row.texts.all()}
    return render(request, "papers/edit.html", context, status=status)


@require_POST
@may("paper.draft", "paper.issue")
def paper_preview(request: Request, key: UUID) -> HttpResponse:
    """What was typed as it will be printed; nothing is kept."""
    row, _ = _open(request, key)
    shown = PaperText(**{name: request.POST.get(name, "")[:200_000] for name in TextForm.Meta.fields})
    context = {"paper": row, "text": shown, "lines": list(writing.lines(shown.body))}
    return render(request, "papers/_words.html", context)


@get_or_post
@may("paper.draft", "paper.issue")
def paper_fields(request: Request, key: UUID) -> HttpResponse:
    """Fill the template's fields, and have the paper worded from them."""
    row, _ = _open(request, key)
    if row.is_bound:
        return redirect(row.link)
    template = library.kinds().get(row.kind)
    if template is None or row.is_outside:
        raise Http404

    def stands() -> tuple[dict[str, Any], int]:
        now = found(request, key)
        return FieldsForm.initial_of(template, now.values), now.version

    initial, version = stands()
    form = FieldsForm(
        conflicts.chosen(request.POST) or None, template=template, initial={**initial, "base_version": version}
    )

    def fill(data: dict[str, Any]) -> None:
        services.fill_paper(
            paper=row,
            base_version=data["base_version"],
            values=form.values,
            remark=data["remark"],
            by=request.actor,
            now=clock.now(),
        )

    return form_page(
        request,
        form,
        fill,
        title=f"填写要素：{template.name}",
        lead="保存后按模板重新起草正文，成为新的一稿；手工改过的正文留在前一稿里。缺的要素可以以后再填。",
        button="保存并起草",
        back=queries.address(row),
        done="已按要素起草。",
        stands=stands,
    )


@require_GET
def paper_compare(request: Request, key: UUID) -> HttpResponse:
    """Two texts beside each other, what differs marked; the last two where none were chosen."""
    row, _ = _open(request, key)
    texts = list(row.texts.all())
    numbers = [text.no for text in texts]

    def asked(name: str, default: int) -> PaperText:
        value = request.GET.get(name, "")
        no = int(value) if value.isdecimal() and len(value) < 6 else default
        return get_object_or_404(row.texts, no=no)

    old, new = asked("a", numbers[min(1, len(numbers) - 1)]), asked("b", numbers[0])
    if old.no > new.no:
        old, new = new, old
    context = {"paper": row, "texts": texts, "old": old, "new": new, "compared": comparing.compare(old, new)}
    return render(request, "papers/compare.html", context)


@require_GET
def paper_print(request: Request, key: UUID) -> HttpResponse:
    """The paper as one prints it from the browser."""
    row = found(request, key)
    text = row.texts.first()
    context = {"paper": row, "text": text, "lines": list(writing.lines(text.body)) if text else [], "printing": True}
    return render(request, "papers/print.html", context)


@require_GET
def paper_docx(request: Request, key: UUID) -> HttpResponseBase:
    """A draft as a Word file, without number, day and QR code; an issued paper has its own frozen file."""
    row, text = _open(request, key)
    if row.state in Paper.STANDING and row.file:
        return redirect("papers:file", key, row.file)
    if row.is_bound and row.state in Paper.OPEN:
        # Its matter knows whether it is a draft, and what has to stand on each page.
        return redirect(row.link)
    made = writing.document(row.kind, text, organ=settings.OFFICE)
    data = writing.written(made, own=queries.own_template(row), values=row.values)
    name = "".join("_" if c in '\\/:*?"<>|' else c for c in text.title)
    return FileResponse(
        io.BytesIO(data), as_attachment=True, filename=f"{name}（第{text.no}稿）.docx", content_type=WORD
    )
