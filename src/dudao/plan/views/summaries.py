"""The summary of half a year or a year: drafted from the plan, edited paragraph by paragraph, frozen, printed."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.plan import queries, services
from dudao.plan.checked import Checked, checked
from dudao.plan.forms import FinishForm, ParagraphForm, ReasonForm
from dudao.plan.models import Summary, SummaryParagraph
from dudao.plan.summing import draft, rows_behind, span_of
from dudao.plan.views.notices import get_or_post
from dudao.shell import clock, conflicts, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse
from dudao_engines.papers import docx
from dudao_engines.papers.model import Document, Form

reads = may("notice.read", "plan.approve")


@dataclass(frozen=True, slots=True)
class Linked:
    """A stretch of a draft with the page of the rows behind it."""

    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A paragraph as the page has it; ``pieces`` are those of its draft, whose numbers lead to their rows."""

    row: SummaryParagraph
    pieces: list[Linked]
    checks: Checked
    opens_section: bool


def _linked(summary: Summary, pieces: list[Any], *, on: date) -> list[Linked]:
    return [Linked(words, _link(summary, words, rows, on)) for words, rows in pieces]


def _link(summary: Summary, words: str, rows: str, on: date) -> str:
    if not rows:
        return ""
    kind, _, key = rows.partition("/")
    if kind == "task":
        return reverse("plan:task", args=[key])
    asked = urlencode({"of": rows, "on": on.isoformat(), "n": words})
    return f"{reverse('plan:summary_rows', args=[summary.pk])}?{asked}"


def address(summary: Summary) -> str:
    return f"{reverse('plan:summary')}?year={summary.year}&half={summary.half}"


def _asked(request: Request, years: list[int]) -> tuple[int, str]:
    """The year and half asked for, else the half that today lies in."""
    today = clock.today()
    year = request.GET.get("year", "")
    half = request.GET.get("half", "")
    known = half if half in Summary.Half.values else ("1" if today.month <= 6 else "2")
    default = today.year if today.year in years or not years else years[0]
    return (int(year) if year in map(str, years) else default), known


@require_GET
@reads
def summary(request: Request) -> HttpResponse:
    """The summary of ``?year=`` and ``?half=``, with each number of a draft leading to its rows; or how to begin one."""
    years = queries.plan_years(request.actor)
    year, half = _asked(request, years)
    found = queries.summaries_visible_to(request.actor).filter(year=year, half=half).first()
    context: dict[str, Any] = {
        "years": sorted({*years, year}, reverse=True),
        "halves": Summary.Half.choices,
        "year": year,
        "half": half,
        "summary": found,
        "printing": request.GET.get("print") == "1",
    }
    if found:
        span = span_of(found.year, found.half, today=found.facts_on)
        context |= {"paragraphs": _shown(found), "until": span.until, "office": settings.OFFICE}
        context["wrong"] = sum(one.checks.counts["late"] for one in context["paragraphs"])
    return render(request, "plan/summary.html", context)


def _shown(found: Summary) -> list[Shown]:
    shown, last = [], ""
    for row in found.paragraphs.all():
        pieces = _linked(found, row.draft, on=row.facts_on)
        shown.append(Shown(row, pieces, checked(row.text), bool(row.section) and row.section != last))
        last = row.section or last
    return shown


@require_POST
@may("plan.edit")
def summary_draft(request: Request) -> HttpResponse:
    year, half = request.POST.get("year", ""), request.POST.get("half", "")
    if not (year.isdecimal() and len(year) == 4):
        raise Http404
    made = services.draft_summary(year=int(year), half=half, by=request.actor, now=clock.now())
    return redirect(address(made))


def _summary(request: Request, key: UUID) -> Summary:
    return get_object_or_404(queries.summaries_visible_to(request.actor), pk=key)


@require_POST
@may("plan.edit")
def summary_redraft(request: Request, key: UUID) -> HttpResponse:
    row = _summary(request, key)
    edited = services.redraft_summary(summary=row, by=request.actor, now=clock.now())
    kept = f"，改过的 {edited} 段保留您的文字，新稿在“修改”里对照" if edited else ""
    messages.success(request, f"已按现在的情况重新起草{kept}。")
    return redirect(address(row))


@get_or_post
@may("plan.confirm")
def summary_finish(request: Request, key: UUID) -> HttpResponse:
    """Freeze it, after saying what does not add up."""
    row = _summary(request, key)
    wrong = sum(check.word == "不符" for one in row.paragraphs.all() for check in checked(one.text).rows)
    lead = (
        f"有 {wrong} 处数字不符，可以返回改，也可以照样定稿。"
        if wrong
        else "定稿后文字不能再改；要改须退回并写明原因。"
    )
    return form_page(
        request,
        FinishForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.finish_summary(summary=row, **data, by=request.actor, now=clock.now()),
        title=f"{row}定稿？",
        lead=lead,
        button="定稿",
        back=address(row),
        done="已定稿，可以打印或下载 Word 文件。",
    )


@get_or_post
@may("plan.confirm")
def summary_reopen(request: Request, key: UUID) -> HttpResponse:
    row = _summary(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.reopen_summary(summary=row, **data, by=request.actor, now=clock.now()),
        title=f"{row}退回修改？",
        lead="退回后可以再改，改完重新定稿。",
        button="退回修改",
        danger=True,
        back=address(row),
        done="已退回修改。",
    )


@require_GET
@reads
def summary_docx(request: Request, key: UUID) -> HttpResponseBase:
    """The summary as a Word file in the layout of official papers."""
    row = _summary(request, key)
    lines = []
    for one in _shown(row):
        lines += [one.row.section] if one.opens_section else []
        lines += [f"{one.row.heading}{one.row.text}"] if one.row.text else []
    day = clock.day_of(row.finished_at) if row.finished_at else None
    paper = Document(
        title=str(row),
        body="\n".join(lines),
        form=Form.PLAIN,
        signed_by=settings.OFFICE,
        day=day,
        note="" if day else "征求意见稿",
    )
    name = str(row) if day else f"{row}（草稿）"
    return FileResponse(
        io.BytesIO(docx.write(paper)), as_attachment=True, filename=f"{name}.docx", content_type=docx.WORD
    )


@require_GET
@reads
def summary_rows(request: Request, key: UUID) -> HttpResponse:
    """The rows behind a number of a draft, counted as of its day."""
    row = _summary(request, key)
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        raise Http404 from None
    behind = rows_behind(request.actor, row, request.GET.get("of", ""), on=on)
    if behind is None:
        raise Http404
    said = request.GET.get("n", "")
    context = {
        "summary": row,
        "behind": behind,
        "back": address(row),
        "until": span_of(row.year, row.half, today=on).until,
        "was": int(said) if said.isdecimal() and len(said) < 7 and int(said) != len(behind.rows) else None,
    }
    return render(request, "plan/summary_rows.html", context)


@get_or_post
@may("plan.edit")
def paragraph(request: Request, key: UUID) -> HttpResponse:
    """Edit one paragraph beside its draft and its checked numbers; ``?fresh=1`` drafts it from what stands today."""
    actor = request.actor
    row = get_object_or_404(queries.paragraphs_visible_to(actor), pk=key)
    start = {"text": row.text, "base_version": row.version}
    form = ParagraphForm(conflicts.chosen(request.POST) or None, initial=start)
    slot, clashes, status = Slot("plan.paragraph", key), None, 200
    kept = drafts.restore(form, slot, by=actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.edit_paragraph(paragraph=row, **form.cleaned_data, by=actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
                if isinstance(refusal, Conflict):
                    row.refresh_from_db()
                    clashes = conflicts.lay_out(form, theirs={"text": row.text}, version=row.version)
            else:
                drafts.clear(slot, by=actor)
                messages.success(request, f"已保存“{row}”。")
                return redirect(f"{address(row.summary)}#p-{row.pk}")
    pieces, on = row.draft, row.facts_on
    if fresh := request.GET.get("fresh") == "1":
        on = clock.today()
        span = span_of(row.summary.year, row.summary.half, today=on)
        made = {one.about: one for one in draft(actor, year=row.summary.year, half=row.summary.half, span=span)}
        pieces = made[row.about].pieces if row.about in made else [("现在没有这一段的任务。", "")]
    text = "".join(words for words, _ in pieces)
    context = {
        "row": row,
        "form": form,
        "slot": slot,
        "draft": kept,
        "clashes": clashes,
        "fresh": fresh,
        "pieces": _linked(row.summary, list(pieces), on=on),
        "drafted": text,
        "differs": text != row.text,
        "on": on,
        "found": checked(str(form["text"].value() or "")),
        "back": address(row.summary),
    }
    return render(request, "plan/summary_paragraph.html", context, status=status)
