"""Pages of papers: the list, one paper, drafting one by itself, recording one from outside."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.jobs import services as jobs
from dudao.papers import acts, library, lists, queries, services, writing
from dudao.papers.forms import CosignForm, NewPaperForm, OutsideForm, ReceiveForm
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def found(request: Request, key: UUID) -> Paper:
    """The paper, if the reader may see it."""
    return get_object_or_404(queries.papers_visible_to(request.actor), pk=key)


def unit_choices(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """The units of the county in groups, for choosing."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for unit in places.units_visible_to(actor, as_of=clock.today()):
        grouped.setdefault(unit.get_kind_display(), []).append((str(unit.unit_id), unit.short_name or unit.name))
    return list(grouped.items())


def evidence(data: dict[str, Any], *, sensitive: bool = False) -> list[file_services.Received]:
    """The chosen file goes to its place before the transaction; if the act is refused, it is swept later."""
    chosen = data.pop("evidence", None)
    return [file_services.receive(chosen, sensitive=sensitive)] if chosen else []


@require_GET
def paper_list(request: Request) -> HttpResponseBase:
    """All papers the hat sees, to filter, find, sort, print and export."""
    page = lists.papers(request.actor, today=clock.today())
    return page.respond(request, queries.papers(request.actor), "papers/paper_list.html")


@require_GET
def paper(request: Request, key: UUID) -> HttpResponse:
    """One paper: its words as they will be printed, who worked on it, its number, who has it, what comes next."""
    actor, today, row = request.actor, clock.today(), found(request, key)
    inside = queries.sees_inside(actor, row)
    texts = list(row.texts.all()) if inside else list(row.texts.all()[:1])
    text = texts[0]
    sent, cosigns = queries.sent(actor, row, today=today), queries.cosigns(actor, row, today=today) if inside else []
    is_open = row.state in Paper.OPEN
    own = next((one for one in sent if actor.is_of(one.unit)), None)
    receives = (
        own is not None and own.receipt is None and row.state == Paper.State.ISSUED and actor.can("paper.receive")
    )
    asked = next((one for one in cosigns if one.is_mine and not one.row.answer), None) if is_open else None
    template = library.kinds().get(row.kind)
    context = {
        "paper": row,
        "state": lists.state(row),
        "kind": library.kind_name(row.kind),
        "template": template,
        "text": text,
        "lines": list(writing.lines(text.body)),
        "texts": texts,
        "inside": inside,
        "is_open": is_open,
        "sent": sent,
        "served": sum(one.receipt is not None for one in sent),
        "cosigns": cosigns,
        "asked": asked,
        "cosign_form": CosignForm() if asked else None,
        "records": is_open and actor.can("paper.draft"),
        "receive_form": ReceiveForm(initial={"on": today}) if receives and row.is_served_here else None,
        "receives_at_link": receives and not row.is_served_here,
        "acts": acts.acts(actor, row, today=today) if inside else [],
        "warnings": queries.warnings(row, text) if is_open else [],
        "open_fields": writing.still_open(text) if is_open else (),
        "files": list(files.files_of(actor, row)) if inside else [],
        "events": list(audit.history(actor, row)) if inside else [],
        "check_address": reverse("check_paper", args=[row.check_key]) if row.check_key else "",
    }
    return render(request, "papers/paper.html", context)


@get_or_post
@may("paper.draft")
def paper_new(request: Request) -> HttpResponse:
    """Draft a paper that belongs to nothing."""
    form = NewPaperForm(request.POST or None, units=unit_choices(request.actor))

    def draft(data: dict[str, Any]) -> Paper:
        return services.draft_paper(
            **{**data, "to_units": [UUID(one) for one in data["to_units"]]},
            subject=None,
            subject_title="",
            link="",
            values={},
            by=request.actor,
            now=clock.now(),
        )

    return form_page(
        request,
        form,
        draft,
        title="起草公文",
        lead="事项里的公文请到事项的页面起草，要素会自动带过来。",
        button="起草",
        back=reverse("papers:list"),
        to=lambda row: reverse("papers:fields", args=[row.pk]),
        done="已起草，接着填要素或改正文。",
    )


@get_or_post
@may("paper.draft", "paper.issue")
def paper_record(request: Request) -> HttpResponse:
    """Record a paper that was issued on paper or by the OA."""
    form = OutsideForm(request.POST or None, request.FILES or None, units=unit_choices(request.actor))

    def record(data: dict[str, Any]) -> Paper:
        given = evidence(data)
        return services.record_outside_paper(
            **{**data, "to_units": [UUID(one) for one in data["to_units"]]},
            received=given[0] if given else None,
            subject=None,
            subject_title="",
            link="",
            by=request.actor,
            now=clock.now(),
        )

    return form_page(
        request,
        form,
        record,
        title="登记系统外印发的公文",
        lead="已经在纸上或 OA 里印发的，登记文号、日期和扫描件。",
        button="登记",
        back=reverse("papers:list"),
        to=queries.address,
        done="已登记。",
    )


@require_GET
def paper_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A file of a paper: the issued one, a signature, a receipt, a co-sign."""
    one = queries.file_of(request.actor, found(request, key), file)
    if one is None:
        raise Http404
    return file_services.respond(one, by=request.actor, now=clock.now())


@require_POST
def paper_pdf(request: Request, key: UUID) -> HttpResponse:
    """The PDF of the issued file; made by the worker the first time somebody asks."""
    row = found(request, key)
    if row.file is None or row.is_outside:
        raise Http404
    if row.pdf:
        return redirect("papers:file", key, row.pdf)
    jobs.start(kind="papers.pdf", key=str(key), payload={"paper": str(key)}, by=request.actor, now=clock.now())
    messages.success(request, "正在转成 PDF，通常不到一分钟；好了以后这里会有“PDF”按钮，请刷新。")
    return redirect(queries.address(row))
