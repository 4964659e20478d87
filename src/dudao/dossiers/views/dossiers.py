"""One dossier: its materials and versions, handing in, sending back, leaving out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.dossiers import lists, queries, services
from dudao.dossiers.forms import (
    HandInForm,
    MaterialForm,
    PieceForm,
    ReasonForm,
    VersionForm,
    VersionReasonForm,
    WordsForm,
)
from dudao.dossiers.items import BAD
from dudao.dossiers.models import Case, Dossier, Judgement, Material, Piece
from dudao.dossiers.services import rights
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.shell import clock
from dudao.shell.errors import Conflict
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page

_ALL = ("dossier.manage", "dossier.judge", "dossier.answer", "dossier.read")
_ANSWERS = ("dossier.manage", "dossier.answer")
S = Dossier.State


def found(request: Request, key: UUID) -> Dossier:
    """The dossier, if the reader may see it."""
    rows = queries.dossiers_visible_to(request.actor).select_related("ledger", "judge")
    return get_object_or_404(rows, pk=key)


def address(key: UUID) -> str:
    return reverse("dossiers:dossier", args=[key])


def _seen(request: Request) -> int:
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Conflict("页面不完整，请重新打开再办。", code="dossiers.changed")
    return int(form.cleaned_data["base_version"])


def files_by(request: Request, kind: type[Any], rows: list[Any]) -> dict[str, list[StoredFile]]:
    """The evidence of rows by their key; one statement."""
    of: dict[str, list[StoredFile]] = {}
    if rows:
        for file in file_queries.files_of_many(request.actor, kind, [row.pk for row in rows]):
            of.setdefault(file.subject, []).append(file)
    return of


@require_GET
@may(*_ALL)
def dossier(request: Request, key: UUID) -> HttpResponse:
    """One dossier: what is wanted and held, what was concluded, what may be done next, and what happened."""
    row, actor, today = found(request, key), request.actor, clock.today()
    wanted = queries.materials(row)
    names = queries.names_of(actor, [row], today=today)
    why_not = rights.why_not_judge(actor, row, day=today)
    answers, manages = rights.answers(actor, row), rights.manages(actor)
    # What is not settled is no business of who handed in.
    inside = actor.sees_county or not why_not
    judgements = queries.judgements(row) if inside or row.state == S.SETTLED else []
    if not inside:
        judgements = [one for one in judgements if one.look == Judgement.Look.AGREED and one.taken_back_on is None]
    cases = queries.cases(row) if row.kind == Dossier.Kind.VETO and inside else []
    events = list(audit.history(actor, row))
    if not inside:
        events = [one for one in events if not one.action.startswith(("dossier.judge", "dossier.look", "case."))]
    pending = next((one for one in judgements if one.look == Judgement.Look.PENDING and not one.taken_back_on), None)
    own = bool(pending and actor.hands & {pending.by_person, pending.by_behalf})
    held_files = _held_files(request, wanted)
    context = {
        "dossier": row, "ledger": row.ledger, "wanted": [(one, _pieces(one, held_files)) for one in wanted],
        "missing": [one.material.name for one in wanted if not one.held and not one.material.is_dropped],
        "unit_name": names.get(row.unit_id, ""), "department_name": names.get(row.department_id, ""),
        "state": lists.state(row, today), "today": today, "inside": inside, "why_not": why_not,
        "may_put": answers and (row.state in Dossier.WITH_UNIT or (manages and row.state == S.HANDED)),
        "may_hand": answers and row.state in Dossier.WITH_UNIT and (row.kind != Dossier.Kind.VETO or row.department_id is not None),
        "may_send_back": row.state == S.HANDED and (manages or not why_not),
        "may_judge": not why_not and (row.state == S.HANDED or (row.kind == Dossier.Kind.VETO and row.state in Dossier.WITH_UNIT)),
        "may_look": not why_not and row.state == S.JUDGED and not own, "own": own,
        "may_take_back": (row.state == S.SETTLED and manages) or (row.state == S.JUDGED and (own or manages)),
        "may_leave_out": manages and row.state in (S.OPEN, S.RETURNED, S.HANDED), "may_take_in": manages and row.state == S.LEFT_OUT,
        "manages": manages, "may_case": row.kind == Dossier.Kind.VETO and (manages or actor.can("dossier.judge")),
        "judgements": [(one, files) for one, files in _with(request, Judgement, judgements)], "bad": BAD,
        "cases": [(one, files, _case_acts(request, one, why_not, manages)) for one, files in _with(request, Case, cases)],
        "events": events,
    }  # fmt: skip
    return render(request, "dossiers/dossier.html", context)


def _with(request: Request, kind: type[Any], rows: list[Any]) -> list[tuple[Any, list[StoredFile]]]:
    of = files_by(request, kind, rows)
    return [(row, of.get(str(row.pk), [])) for row in rows]


def _held_files(request: Request, wanted: list[queries.Wanted]) -> dict[UUID, StoredFile]:
    pieces = [piece for one in wanted for piece in one.pieces if piece.file]
    return {file.pk: file for some in files_by(request, Piece, pieces).values() for file in some}


def _pieces(one: queries.Wanted, held: dict[UUID, StoredFile]) -> list[tuple[Piece, StoredFile | None]]:
    return [(piece, held.get(piece.file) if piece.file else None) for piece in one.pieces]


def _case_acts(request: Request, case: Case, why_not: str, manages: bool) -> set[str]:
    """What the reader may do with a case."""
    own_found = request.actor.hands & {case.found_person, case.found_behalf}
    acts = set()
    if not why_not and case.state == Case.State.REGISTERED:
        acts.add("find")
    if not why_not and case.state == Case.State.FOUND and not own_found:
        acts.add("look")
    own = request.actor.hands & {case.by_person} and case.state == Case.State.REGISTERED
    if case.state != Case.State.TAKEN_BACK and (manages or own):
        acts.add("take_back")
    return acts


def _material(request: Request, key: UUID, material: UUID) -> tuple[Dossier, Material]:
    row = found(request, key)
    one = get_object_or_404(row.materials, pk=material)
    one.dossier = row
    return row, one


def _answering(request: Request, key: UUID) -> Dossier:
    """The dossier for somebody who answers for it; for others there is no such page."""
    row = found(request, key)
    if not rights.answers(request.actor, row):
        raise Http404
    return row


@get_or_post
@may(*_ANSWERS)
def material_add(request: Request, key: UUID) -> HttpResponse:
    """Want one more material."""
    row = _answering(request, key)
    return form_page(
        request, MaterialForm(request.POST or None),
        lambda data: services.add_material(dossier=row, by=request.actor, now=clock.now(), **data),
        title="增加材料", button="增加", back=address(key), done="已增加，请上传。", lead=f"{row.item} {row.name}",
    )  # fmt: skip


@get_or_post
@may("dossier.manage")
def material_drop(request: Request, key: UUID, material: UUID) -> HttpResponse:
    """A material is not wanted in this county."""
    _, one = _material(request, key, material)
    return form_page(
        request, ReasonForm(request.POST or None),
        lambda data: services.drop_material(material=one, by=request.actor, now=clock.now(), **data),
        title=f"不需要“{one.name}”？", button="标为不需要", back=address(key), done="已标为不需要。",
        lead="写明原因；已经报送的版本保留。",
    )  # fmt: skip


@require_POST
@may("dossier.manage")
def material_restore(request: Request, key: UUID, material: UUID) -> HttpResponse:
    """A material is wanted again."""
    _, one = _material(request, key, material)
    services.restore_material(material=one, by=request.actor, now=clock.now())
    messages.success(request, f"已恢复：{one.name}")
    return redirect(address(key))


@get_or_post
@may(*_ANSWERS)
def piece_add(request: Request, key: UUID, material: UUID) -> HttpResponse:
    """Hand in a version of a material."""
    _answering(request, key)
    row, one = _material(request, key, material)
    form = PieceForm(request.POST or None, request.FILES or None, initial={"formed_on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        upload = data.pop("file")
        received = files.receive(upload, sensitive=data["is_restricted"]) if upload else None
        services.add_piece(material=one, received=received, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"提交“{one.name}”", button="提交", back=address(key), done=f"已提交：{one.name}",
        lead=f"{row.item} {row.name}。再次提交是新的一版，以前的版本保留。",
    )  # fmt: skip


def _piece(request: Request, key: UUID, piece: UUID) -> Piece:
    one = queries.piece_of(request.actor, piece)
    if one is None or one.material.dossier_id != key:
        raise Http404
    return one


@require_GET
@may(*_ALL)
def piece_file(request: Request, key: UUID, piece: UUID) -> HttpResponseBase:
    """The file of a version."""
    stored = queries.file_of_piece(request.actor, _piece(request, key, piece))
    if stored is None:
        raise Http404
    return files.respond(stored, by=request.actor, now=clock.now())


@get_or_post
@may(*_ANSWERS)
def piece_take_back(request: Request, key: UUID, piece: UUID) -> HttpResponse:
    """A version was handed in by mistake."""
    _answering(request, key)
    one = _piece(request, key, piece)
    return form_page(
        request, ReasonForm(request.POST or None),
        lambda data: services.take_back_piece(piece=one, by=request.actor, now=clock.now(), **data),
        title=f"撤回“{one.material.name}”第 {one.no} 版？", button="撤回", back=address(key), done="已撤回，这一版和原因留着备查。",
        danger=True,
    )  # fmt: skip


@get_or_post
@may(*_ANSWERS)
def hand_in(request: Request, key: UUID) -> HttpResponse:
    """Say that this is all there is."""
    row = _answering(request, key)
    lacks = queries.missing_names([row]).get(row.pk, [])
    lead = (
        f"还缺 {len(lacks)} 项：{'、'.join(lacks)}。能补的先补齐，没有的在说明里写明原因。"
        if lacks
        else "报送以后不能再改；要补充请督导室退回。"
    )
    return form_page(
        request, HandInForm(request.POST or None, initial={"base_version": row.version, "occurred_on": clock.today()}),
        lambda data: services.hand_in(dossier=row, by=request.actor, now=clock.now(), **data),
        title=f"报送：{row.name}", button="报送", back=address(key), done="已报送，等督导室判定。", lead=lead, version=row.version,
    )  # fmt: skip


@get_or_post
@may("dossier.manage", "dossier.judge")
def send_back(request: Request, key: UUID) -> HttpResponse:
    """Send it back for more."""
    row = found(request, key)
    return form_page(
        request, WordsForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.send_back(dossier=row, by=request.actor, now=clock.now(), **data),
        title=f"退回补充：{row.name}", button="退回", back=address(key), done="已退回，消息已备好，看过再发。",
        lead="写明缺什么、改什么，报送单位照着补。", version=row.version,
    )  # fmt: skip


@get_or_post
@may("dossier.manage")
def leave_out(request: Request, key: UUID) -> HttpResponse:
    """A dossier does not count."""
    row = found(request, key)
    return form_page(
        request, VersionReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.leave_out(dossier=row, by=request.actor, now=clock.now(), **data),
        title=f"不计入：{row.name}？", button="不计入", back=address(key), done="已标为不计入。", danger=True,
        lead="如标准不评的学校、本县没有的事项；写明依据。随时可以恢复。", version=row.version,
    )  # fmt: skip


@require_POST
@may("dossier.manage")
def take_in(request: Request, key: UUID) -> HttpResponse:
    """A dossier counts again."""
    row = found(request, key)
    services.take_in(dossier=row, base_version=_seen(request), by=request.actor, now=clock.now())
    messages.success(request, "已恢复计入。")
    return redirect(address(key))
