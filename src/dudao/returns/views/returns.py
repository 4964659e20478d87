"""Pages of one unit's return: filled in section by section, checked, confirmed, handed in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.places import queries as places
from dudao.returns import checking, lists, pages, queries, services
from dudao.returns.checking import Look
from dudao.returns.forms.returns import PaperForm
from dudao.returns.models import Return, ReturnNote
from dudao.returns.queries import site
from dudao.returns.services import Changed, Clash
from dudao.returns.views.campaigns import seen
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post
from dudao.shell.pages import form_page
from dudao_engines.standards.forms import SECONDS_TYPED, Field


def found(request: Request, key: UUID) -> Return:
    """A return that the reader may see."""
    rows = queries.returns_visible_to(request.actor).select_related("campaign", "unit")
    return get_object_or_404(rows, pk=key)


def fills(actor: Actor, ret: Return) -> bool:
    """Whether the reader may write into it now."""
    return actor.can("return.fill") and actor.is_of(ret.unit_id) and ret.is_writable


def open_notes(ret: Return) -> dict[str, ReturnNote]:
    """Cells that were sent back and are not settled, the latest words of each."""
    return {one.code: one for one in ret.notes.filter(settled_at__isnull=True)}


def name_of(actor: Actor, ret: Return) -> str:
    return places.full_names(actor, {ret.unit_id}, as_of=ret.campaign.census_on).get(ret.unit_id, ret.unit.code)


def head(actor: Actor, ret: Return) -> dict[str, Any]:
    """What every page of a return says at its head."""
    today, due_on = clock.today(), ret.campaign.due_on if ret.campaign.state == "open" else None
    return {
        "ret": ret,
        "campaign": ret.campaign,
        "name": name_of(actor, ret),
        "state": lists.return_state(ret, due_on, today),
        "today": today,
        "fills": fills(actor, ret),
    }


@require_GET
def return_page(request: Request, key: UUID) -> HttpResponse:
    """The whole return to read; who has to fill it in is led to where the work is."""
    actor, ret = request.actor, found(request, key)
    if fills(actor, ret) and "all" not in request.GET:
        if open_notes(ret):
            return redirect("returns:back", ret.pk)
        return redirect("returns:fill", ret.pk, _unfinished(checking.look(ret)))
    if ret.state == Return.State.SUBMITTED and _reviews(actor, ret) and "all" not in request.GET:
        return redirect("returns:review", ret.pk)
    look = checking.look(ret)
    context = {
        **head(actor, ret),
        "parts": [(part, [_row(look, one) for one in _asked(look, part)]) for part in pages.parts(look, 0)],
        "look": look,
        "mistakes": pages.mistakes(look, with_missing=True),
        "confirmed": _confirmed(ret),
        "reviews": _reviews(actor, ret),
        "files": files.files_of(actor, ret),
        "events": list(audit.history(actor, ret)[:60]) if actor.sees_county else [],
    }
    return render(request, "returns/return.html", context)


def _reviews(actor: Actor, ret: Return) -> bool:
    return actor.can("return.approve") and not actor.is_of(ret.unit_id)


def _asked(look: Look, part: pages.Part) -> list[Field]:
    return [one for one in part.section.fields if one.code in look.asked]


def _row(look: Look, one: Field) -> pages.Row:
    return pages.row(look, one, notes={})


def _confirmed(ret: Return) -> str:
    if not ret.confirmed_at:
        return ""
    return f"{ret.confirmed_name}（{ret.get_confirmed_how_display()}）"


def _unfinished(look: Look) -> int:
    """The first section that is not done, else the first."""
    parts = pages.parts(look, 0)
    return next((part.number for part in parts if not part.is_done), parts[0].number if parts else 1)


@get_or_post
def return_fill(request: Request, key: UUID, at: int) -> HttpResponse:
    """One section of the form. Saved field by field where scripts run, else by its buttons."""
    actor, ret = request.actor, found(request, key)
    sections = checking.form_of(ret.campaign).sections
    if not 1 <= at <= len(sections):
        raise Http404
    if not (actor.can("return.fill") and actor.is_of(ret.unit_id)):
        return redirect("returns:return", ret.pk)
    fields = sections[at - 1].fields
    here = reverse("returns:fill", args=[ret.pk, at])
    if request.method == "POST":
        return _saved(request, ret, fields, here=here, at=at)
    if not ret.is_writable:
        return redirect("returns:return", ret.pk)
    return _section(request, ret, fields, here=here, at=at, look=checking.look(ret))


@get_or_post
def return_back(request: Request, key: UUID) -> HttpResponse:
    """Exactly the cells that were sent back, with the reviewer's words."""
    actor, ret = request.actor, found(request, key)
    if not (actor.can("return.fill") and actor.is_of(ret.unit_id)):
        return redirect("returns:return", ret.pk)
    form, notes = checking.form_of(ret.campaign), open_notes(ret)
    fields = [one for one in form.fields if one.code in notes]
    here = reverse("returns:back", args=[ret.pk])
    if request.method == "POST":
        return _saved(request, ret, fields, here=here, at=0)
    if not fields or not ret.is_writable:
        return redirect("returns:return", ret.pk)
    return _section(request, ret, fields, here=here, at=0, look=checking.look(ret))


def _saved(request: Request, ret: Return, fields: Any, *, here: str, at: int) -> HttpResponse:
    """Save what was sent of these fields; what clashed comes back with both texts."""
    posted = request.POST
    typed = {one.code: posted[one.code] for one in fields if one.code in posted}
    base = {code: _version(posted.get(f"base_{code}")) for code in typed}
    if (take := posted.get("take")) in typed:
        # Theirs was chosen: mine is not written.
        del typed[take]
    if (mine := posted.get("mine")) in typed:
        base[mine] = _version(posted.get(f"now_{mine}"))
    asked = checking.look(ret).asked if request.htmx else frozenset()
    try:
        done = services.set_cells(ret=ret, values=typed, base=base, source="typed", by=request.actor, now=clock.now())
    except Refused as refusal:
        if request.htmx:
            return render(request, "returns/_refused.html", {"words": refusal.message})
        raise
    clashes = {one.code: one for one in done.clashes}
    if request.htmx:
        look = checking.look(ret)
        if look.asked != asked:
            # Other fields are asked now: the page is loaded anew, everything typed is saved.
            answer = HttpResponse(status=204)
            answer["HX-Refresh"] = "true"
            return answer
        return _section(request, ret, fields, here=here, at=at, look=look, clashes=clashes, part="returns/_saved.html")
    if clashes:
        return _section(request, ret, fields, here=here, at=at, look=checking.look(ret), clashes=clashes, status=409)
    if done.codes or not posted.get("go"):
        messages.success(request, _said(done))
    return redirect(_next(posted.get("go", ""), ret, here))


def _said(done: Changed) -> str:
    if not done.codes:
        return "没有改动。"
    wrong = f"，其中 {len(done.problems)} 项要改正" if done.problems else ""
    return f"已保存 {len(done.codes)} 项{wrong}。"


def _next(go: str, ret: Return, here: str) -> str:
    if go == "check":
        return reverse("returns:check", args=[ret.pk])
    if go.isdecimal() and 1 <= int(go) <= len(checking.form_of(ret.campaign).sections):
        return reverse("returns:fill", args=[ret.pk, int(go)])
    return here


def _version(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _section(
    request: Request,
    ret: Return,
    fields: Any,
    *,
    here: str,
    at: int,
    look: Look,
    clashes: dict[str, Clash] | None = None,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    notes = open_notes(ret)
    parts = pages.parts(look, at)
    rows = [
        pages.row(look, one, notes=notes, clashes=clashes or {})
        for one in fields
        if one.code in look.asked or one.code in notes
    ]
    for row in rows:
        if row.clash:
            row.raw, row.version = row.clash.mine, _version(request.POST.get(f"base_{row.field.code}"))
    numbers = [one.number for one in parts]
    wanted, filled = sum(one.wanted for one in parts), sum(one.filled for one in parts)
    context = {
        **head(request.actor, ret),
        "at": at,
        "here": here,
        "section": look.form.sections[at - 1] if at else None,
        "part": next((one for one in parts if one.is_here), None),
        "parts": parts,
        "rows": rows,
        "mistakes": pages.mistakes(look),
        "wanted": wanted,
        "filled": filled,
        "minutes": -(-(wanted - filled) * SECONDS_TYPED // 60),
        "before": next((one for one in reversed(numbers) if one < at), None),
        "after": next((one for one in numbers if one > at), None),
        "notes": notes,
        "differs": [row for row in rows if row.differs],
        "hints": [row.field for row in rows if row.field.note],
        "last_label": look.beside.last_label,
        "saved_at": clock.now(),
        "clashes": clashes,
    }
    return render(request, part or "returns/fill.html", context, status=status)


@require_GET
def return_check(request: Request, key: UUID) -> HttpResponse:
    """Everything that stands between the return and its handing in, and the buttons for it."""
    actor, ret = request.actor, found(request, key)
    if not (actor.is_of(ret.unit_id) and actor.can("return.fill")):
        return redirect("returns:return", ret.pk)
    look = checking.recount(ret) if ret.is_writable else checking.look(ret)
    wrong = pages.mistakes(look, with_missing=True)
    context = {
        **head(actor, ret),
        "mistakes": wrong,
        "warnings": look.warnings,
        "unexplained": len(look.unexplained),
        "is_whole": not wrong and not look.unexplained,
        "confirms": actor.can("return.confirm"),
        "notes": open_notes(ret),
        "look": look,
    }
    return render(request, "returns/check.html", context)


@require_POST
def return_explain(request: Request, key: UUID) -> HttpResponse:
    """Keep the words on what looks odd."""
    ret = found(request, key)
    form = checking.form_of(ret.campaign)
    words = {one.id: request.POST[f"words_{one.id}"] for one in form.relations if f"words_{one.id}" in request.POST}
    done = services.explain(ret=ret, words=words, by=request.actor, now=clock.now())
    messages.success(request, f"已保存 {len(done)} 条说明。" if done else "没有改动。")
    return redirect("returns:check", ret.pk)


@require_POST
def return_confirm(request: Request, key: UUID) -> HttpResponse:
    """The head confirms, and hands in with the same click where asked."""
    ret, now = found(request, key), clock.now()
    services.confirm_return(ret=ret, base_version=seen(request), by=request.actor, now=now)
    if "submit" in request.POST:
        services.submit_return(ret=ret, base_version=ret.version, by=request.actor, now=now)
        messages.success(request, "已确认并报送，等督导室审核。")
    else:
        messages.success(request, "已确认，还没有报送。")
    return redirect("returns:return", ret.pk)


@require_POST
def return_submit(request: Request, key: UUID) -> HttpResponse:
    """Hand in what is confirmed."""
    ret = found(request, key)
    services.submit_return(ret=ret, base_version=seen(request), by=request.actor, now=clock.now())
    messages.success(request, "已报送，等督导室审核。")
    return redirect(reverse("returns:return", args=[ret.pk]) + "?all=1")


@get_or_post
def return_paper(request: Request, key: UUID) -> HttpResponse:
    """The office records that the head signed on paper, and hands in."""
    actor, ret = request.actor, found(request, key)
    if not actor.can("return.manage"):
        raise Http404

    def record(data: dict[str, Any]) -> None:
        received = [file_services.receive(data.pop("evidence"))]
        now = clock.now()
        services.confirm_return(ret=ret, **data, evidence=received, by=actor, now=now)
        services.submit_return(ret=ret, base_version=ret.version, by=actor, now=now)

    return form_page(
        request,
        PaperForm(
            request.POST or None,
            request.FILES or None,
            initial={"base_version": ret.version, "occurred_on": clock.today()},
        ),
        record,
        title="登记纸质确认",
        lead=f"{name_of(actor, ret)}：负责人在打印的表上签字盖章的，由督导室登记并代为报送。",
        button="登记并报送",
        back=reverse("returns:return", args=[ret.pk]) + "?all=1",
        done="已登记纸质确认并报送。",
        version=ret.version,
    )


@require_GET
def return_print(request: Request, key: UUID) -> HttpResponse:
    """The form on paper, with or without its numbers."""
    ret = found(request, key)
    look = checking.look(ret)
    context = {
        **head(request.actor, ret),
        "form": look.form,
        "parts": [(part, [_row(look, one) for one in _asked(look, part)]) for part in pages.parts(look, 0)],
        "blank": "blank" in request.GET,
        "look": look,
        "printing": True,
        "printed_at": clock.now(),
    }
    return render(request, "returns/print.html", context)


@require_GET
def cell_page(request: Request, key: UUID, code: str) -> HttpResponse:
    """Where one number came from: every reading, who, when, which file and cell; what was found and adopted."""
    ret = found(request, key)
    look = checking.look(ret)
    one = look.form.get(code)
    if one is None:
        raise Http404
    context = {
        **head(request.actor, ret),
        "row": pages.row(look, one, notes={}),
        "field": one,
        "history": queries.history_of(request.actor, ret, code),
        "notes": ret.notes.filter(code=code),
        "explanations": [b for b in look.broken if code in b.relation.fields],
        "query": urlencode({"cell": code}),
        "checks": site.checks_of_cell(request.actor, campaign=ret.campaign, unit=ret.unit_id, code=code),
    }
    return render(request, "returns/cell.html", context)


@require_GET
def return_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """The picture of a signature."""
    stored = files.file_of(request.actor, found(request, key), file)
    if stored is None:
        raise Http404
    return file_services.respond(stored, by=request.actor, now=clock.now())
