"""Pages of a report: beginning one, reading it, its own words, its numbers, printing over a warning, signing."""

import io
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.papers import pages as paper_pages
from dudao.papers import writing
from dudao.recognition import library, packing, queries, reporting, services
from dudao.recognition.forms import DraftForm, ReasonForm, WordsForm
from dudao.recognition.models import Report, Sending
from dudao.recognition.services.reports import StoppedError, stopped_by
from dudao.recognition.views import snapshots
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao_engines.papers.docx import WORD
from dudao_engines.standards.reports import Grid, Rendered, Text

_STATES = {"draft": "go", "final": "wait", "issued": "done", "dropped": "none"}


def found(request: Request, key: UUID) -> Report:
    """The report, if the reader may see it."""
    return get_object_or_404(queries.reports_visible_to(request.actor), pk=key)


def address(row: Report) -> str:
    return reverse("recognition:report", args=[row.pk])


def said(row: Report) -> Rendered:
    return reporting.rendered(row.kind, row.snapshot, row.words)


@get_or_post
@may("report.manage")
def report_new(request: Request, key: UUID, kind: str) -> HttpResponse:
    """Begin a report over a snapshot."""
    row = snapshots.found(request, key)
    if kind not in library.kinds():
        raise Http404
    return form_page(
        request,
        DraftForm(request.POST or None, initial={"to_words": "银川市人民政府教育督导室"}),
        lambda data: services.draft_report(kind=kind, snapshot=row, **data, by=request.actor, now=clock.now()),
        title=f"起草{library.kinds()[kind].name}",
        lead=f"按{row}生成征求意见稿：数和表出自快照，只能改自写的部分。",
        button="起草",
        back=reverse("recognition:snapshot", args=[key]),
        to=address,
        done="已生成征求意见稿。",
    )


@require_GET
@may(*queries.READS)
def report(request: Request, key: UUID) -> HttpResponse:
    """One report: whether it still stands, all its words and tables, what comes next."""
    actor, today, row = request.actor, clock.today(), found(request, key)
    made = said(row)
    is_open = row.state in Report.OPEN
    standing = queries.standing(actor, row.snapshot, today=today) if is_open else None
    newest = queries.snapshots_visible_to(actor).filter(
        standard=row.snapshot.standard, period=row.snapshot.period
    ).first()  # fmt: skip
    stops = stopped_by(row, by=actor, today=today) if is_open else []
    sendings = list(row.sendings.all())
    attached = files.files_of_many(actor, Sending, [one.pk for one in sendings])
    context = {
        "report": row,
        "paper": row.paper,
        "tone": _STATES[row.state],
        "kind": library.kinds()[row.kind],
        "mark": reporting.mark_of(row),
        "body": [_shown(block) for block in made.body],
        "annexes": [(one.title, [_shown(block) for block in one.blocks]) for one in made.annexes],
        "figures": len(made.figures),
        "lacks": sum(one.state in ("missing", "unchecked") for one in made.figures),
        "loose": reporting.loose_numbers(made) if is_open else [],
        "standing": standing,
        "stops": stops,
        "kinds": queries.stops_by_kind(actor, row.snapshot, stops) if stops else [],
        "newest": newest if newest and newest.pk != row.snapshot_id and row.state == Report.State.DRAFT else None,
        "manages": actor.can("report.manage"),
        "agrees": actor.can("report.manage") and actor.can("paper.issue"),
        "sendings": [(one, [file for file in attached if file.subject == str(one.pk)]) for one in sendings],
        "events": list(audit.history(actor, row)),
    }
    return render(request, "recognition/report.html", context)


def _shown(block: Any) -> dict[str, Any]:
    """A block as the page lays it out."""
    if isinstance(block, Text):
        return {"kind": "text", "level": block.level, "pieces": _pieces(block.pieces)}
    if isinstance(block, Grid):
        return {
            "kind": "grid",
            "grid": block,
            "heads": reporting.heads(block.columns),
            "rows": [[_pieces(cell) for cell in row] for row in block.rows],
            "across": len(block.columns),
        }
    return {"kind": "bars", "bars": block, "rows": [(name, figure) for name, figure in block.bars]}


def _pieces(pieces: Any) -> list[tuple[str, int, str]]:
    """Words, the number of the figure they are or 0, and how it stands."""
    return [(one, 0, "") if isinstance(one, str) else (one.shown, one.no, one.state) for one in pieces]


@require_GET
@may(*queries.READS)
def numbers(request: Request, key: UUID) -> HttpResponse:
    """Every number of a report with its formula, its exact value and what it rests on, place by place."""
    row = found(request, key)
    made = said(row)
    places = [(place, list(rows)) for place, rows in groupby(made.figures, key=lambda one: one.place)]
    context = {"report": row, "places": places, "count": len(made.figures), "lacks": made.lacks}
    return render(request, "recognition/numbers.html", context)


@require_GET
@may(*queries.READS)
def report_docx(request: Request, key: UUID) -> HttpResponseBase:
    """The report as a Word file: as it stands while it is open, as it was issued afterwards."""
    row = found(request, key)
    if row.paper.file:
        return redirect(reverse("papers:file", args=[row.paper_id, row.paper.file]))
    text = row.paper.texts.first()
    if text is None:
        raise Http404
    text.page_mark = reporting.mark_of(row)
    data = writing.written(writing.document(row.paper.kind, text, organ=settings.OFFICE))
    name = f"{row.title}（{reporting.DRAFT if row.state == Report.State.DRAFT else '待签发'}）.docx"
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=WORD)


@require_GET
@may(*queries.READS)
def report_xlsx(request: Request, key: UUID) -> HttpResponseBase:
    """All tables of the report in the forms' decimals, with where each number comes from."""
    row = found(request, key)
    data = packing.workbook(said(row))
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=f"{row.title}附表.xlsx")


@get_or_post
@may("report.manage")
def report_words(request: Request, key: UUID) -> HttpResponse:
    """What people write themselves; numbers they type are bound to nothing and are told."""
    row = found(request, key)
    form = WordsForm(
        request.POST or None, kind=library.kinds()[row.kind], initial={**row.words, "base_version": row.version}
    )

    def write(data: dict[str, Any]) -> Report:
        base = data.pop("base_version")
        return services.write_words(report=row, base_version=base, words=data, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        write,
        title="写自写部分",
        lead="只写文字；数字以快照为准，这里手写的数字没有绑定快照，会在报告页面列出来。",
        button="保存",
        back=address(row),
        done="已保存，报告已重新生成。",
        version=row.version,
    )


@get_or_post
@may("report.manage")
def report_move(request: Request, key: UUID) -> HttpResponse:
    """Say the draft over the newest snapshot."""
    row = found(request, key)
    rows = queries.snapshots_visible_to(request.actor)
    newest = rows.filter(standard=row.snapshot.standard, period=row.snapshot.period).first()
    if newest is None:
        raise Http404
    if request.method == "POST":
        base = _base(request)
        services.move_report(report=row, base_version=base, snapshot=newest, by=request.actor, now=clock.now())
        messages.success(request, "已改用最新的快照，报告已重新生成。")
        return redirect(address(row))
    words = f"报告的全部数和表按{newest}重新生成，自写的部分不变。"
    if row.over_reason:
        words += "原来同意带提示印发的，要重新同意。"
    return _confirm(request, row, "改用最新的快照？", words, "改用")


@get_or_post
@may("report.manage")
def report_over(request: Request, key: UUID) -> HttpResponse:
    """The director agrees that the report is printed over a warning."""
    row = found(request, key)
    if not request.actor.can("paper.issue"):
        raise Http404
    lines = queries.standing(request.actor, row.snapshot, today=clock.today()).lines
    kinds = queries.stops_by_kind(request.actor, row.snapshot, lines)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.agree_over(report=row, **data, by=request.actor, now=clock.now()),
        title="同意带提示印发",
        lead=f"现在：{'；'.join(one.says for one in kinds)}。您的姓名和理由会印在每一页上。",
        button="同意印发",
        danger=True,
        back=address(row),
        done="已同意，姓名和理由会印在每一页上。",
        version=row.version,
    )


@get_or_post
@may("report.manage")
def report_finish(request: Request, key: UUID) -> HttpResponse:
    """The words are final; stopped while something is open."""
    row = found(request, key)
    if request.method == "POST":
        try:
            services.finish_report(report=row, base_version=_base(request), by=request.actor, now=clock.now())
        except StoppedError as stop:
            return _stopped(request, row, stop.lines, status=422)
        messages.success(request, "已定稿，等待签发。")
        return redirect(address(row))
    if stops := stopped_by(row, by=request.actor, today=clock.today()):
        return _stopped(request, row, stops)
    return _confirm(
        request, row, "定稿送签？", "去掉“征求意见稿”，送有签发权的同志签发；起草、改稿的人不能签发。", "定稿送签"
    )


def _stopped(request: Request, row: Report, lines: list[str], *, status: int = 200) -> HttpResponse:
    context = {"report": row, "lines": lines, "back": address(row), "agrees": request.actor.can("paper.issue")}
    return render(request, "recognition/stopped.html", context, status=status)


@get_or_post
@may("report.manage")
def report_reopen(request: Request, key: UUID) -> HttpResponse:
    row = found(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.reopen_report(report=row, **data, by=request.actor, now=clock.now()),
        title="退回修改",
        lead=f"《{row.title}》退回征求意见稿。",
        button="退回修改",
        back=address(row),
        done="已退回修改。",
    )


@get_or_post
@may("report.manage")
def report_drop(request: Request, key: UUID) -> HttpResponse:
    row = found(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.drop_report(report=row, **data, by=request.actor, now=clock.now()),
        title="这份报告不用了？",
        lead=f"《{row.title}》。各稿保留，没有占用文号。",
        button="不用了",
        danger=True,
        back=address(row),
        done="已标为不用了。",
    )


@get_or_post
@may("paper.draft", "paper.issue")
def report_issue(request: Request, key: UUID) -> HttpResponse:
    """Sign and issue a final report; looked at once more whether it still stands."""
    row = found(request, key)
    if row.state != Report.State.FINAL:
        return redirect(address(row))

    def issue(**signing: Any) -> None:
        services.issue_report(report=row, **signing)

    return paper_pages.issue_page(request, row.paper, issue, back=address(row))


def _base(request: Request) -> int:
    value = request.POST.get("base_version", "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def _confirm(request: Request, row: Report, title: str, words: str, act: str) -> HttpResponse:
    context = {
        "title": title,
        "words": words,
        "act": act,
        "back": address(row),
        "keys": [("base_version", row.version)],
    }
    return render(request, "shell/confirm.html", context)
