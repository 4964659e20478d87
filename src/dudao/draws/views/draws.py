"""The list of draws, one draw, and what follows the freezing."""

import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.draws import content, lists, packing, queries, services
from dudao.draws.content import Line, Row
from dudao.draws.forms import AdoptForm, CheckForm, EnlargeForm, RevealForm, RunForm, SeedForm, VoidForm
from dudao.draws.models import Draw
from dudao.draws.services.rights import manages
from dudao.draws.views.preparing import address, found, strata_of
from dudao.inspections import queries as inspections
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.lists import SIZES, ListPage
from dudao.shell.pages import form_page, refuse
from dudao_engines.draws import Method

S = Draw.State
STEPS = ("准备名单", "约定种子来源", "冻结并公布摘要", "公布种子", "抽取并公布")


@require_GET
@may("draw.manage", "inspector.read")
def draw_list(request: Request) -> HttpResponseBase:
    """All draws, filtered, as Excel and in print."""
    rows = queries.light(queries.draws_visible_to(request.actor)).prefetch_related("commitments")
    return lists.draws().respond(request, rows, "draws/list.html", {"manages": manages(request.actor)})


def _current(draw: Draw) -> int:
    """Which of the steps one is at."""
    if draw.state == S.DRAFT:
        return 1 if not draw.lines or draw.take is None else 2 if not draw.event and not draw.commitments.all() else 3
    return {S.FROZEN: 4, S.SEEDED: 5}.get(S(draw.state), 6)


@require_GET
@may("draw.manage", "inspector.read")
def draw(request: Request, key: UUID) -> HttpResponse:
    """One draw: what is missing, digest, seed, result, the list."""
    row, managing = found(request, key), manages(request.actor)
    wrong, lacks = "", ""
    try:
        rows = services.shown(row)
    except Refused as refusal:
        rows, wrong = [], refusal.message
    put = list(row.commitments.all())
    if row.state == S.DRAFT:
        try:
            services.dry(row, now=clock.now())
        except Refused as refusal:
            lacks = refusal.message
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]
    shown = [one for one in rows if words in one.unit.name or words in one.unit.key] if words else rows
    size = ListPage.size(request)
    page = Paginator(shown, size).get_page(request.GET.get("page"))
    members = content.members(row)
    known = {one.number: one.name for one in members} if managing else {}
    context = {
        "draw": row, "manages": managing, "state": lists.state(row), "steps": STEPS, "current": _current(row), "put": put,
        "wrong": wrong, "lacks": lacks, "page": page, "words": words, "members": members if managing else [],
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "taken": lists.number(row.take), "strata": strata_of(row), "today": clock.today(),
        "size": size, "sizes": SIZES, "drawn": [(one, _people(one, known)) for one in rows if one.drawn or one.added], "sized": any(one.unit.size for one in rows[:1]),
        "layered": any(one.unit.stratum for one in rows), "enlargements": list(row.enlargements.all()),
        "sure": sum(one.is_sure for one in rows), "printing": request.GET.get("print") == "1",
        "may_enlarge": row.state == S.DRAWN and not row.is_crewed and row.method != Method.SYSTEMATIC and not row.adopted_on,
        "adopted": _adopted(request, row), "followers": list(row.followers.all()), "siblings": list(queries.siblings(row)),
        "events": list(audit.history(request.actor, row)[:12]) if managing else [],
        "public_address": request.build_absolute_uri(f"/cq/{row.pk}/"),
    }  # fmt: skip
    return render(request, "draws/draw.html", context)


def _people(row: Row, known: dict[str, str]) -> list[str]:
    """Who goes there: for the office by name, for others as the public list says it."""
    return [f"{number} {known[number]}" for number in row.numbers] if known else list(row.people)


def _adopted(request: Request, row: Draw) -> list[Any]:
    if not row.inspections:
        return []
    return list(inspections.inspections_visible_to(request.actor).filter(pk__in=row.inspections).order_by("serial"))


@get_or_post
@may("draw.manage")
def seed(request: Request, key: UUID) -> HttpResponse:
    """The seed that the event gave."""
    row = found(request, key, S.FROZEN)
    if not row.event:
        raise Http404
    form = SeedForm(request.POST or None, initial={"base_version": row.version, "on": row.event_on})

    def act(data: dict[str, Any]) -> None:
        services.say_seed(draw=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="公布种子", button="登记种子", back=address(row), done="已公布种子，可以抽取。", version=row.version,
        lead=f"约定的事件：{row.event}",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def reveal(request: Request, key: UUID, position: int) -> HttpResponse:
    """The number that one party put aside."""
    row = found(request, key, S.FROZEN)
    one = row.commitments.filter(position=position, secret="").first()
    if one is None:
        raise Http404
    form = RevealForm(request.POST or None, initial={"base_version": row.version, "on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        services.reveal(draw=row, position=position, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"{one.who}公开封存的数", button="登记", back=address(row), done="已登记，和封存时的摘要一致。",
        version=row.version,
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def run(request: Request, key: UUID) -> HttpResponse:
    """Drawing."""
    row = found(request, key, S.SEEDED)
    form = RunForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.run(draw=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="抽取", button="抽取", back=address(row), done="已抽取。", version=row.version,
        lead="由冻结的名单和已公布的种子算出，在哪里算都一样；只抽一次。",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def void(request: Request, key: UUID) -> HttpResponse:
    """Voiding."""
    row = found(request, key, S.DRAFT, S.FROZEN, S.SEEDED, S.DRAWN)
    form = VoidForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.void(draw=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="作废", button="作废", back=address(row), done="已作废，可以重新抽取。", version=row.version, danger=True,
        lead="作废的抽取连同原因一直看得到，公开的也不撤下；要重抽的另起一次，注明代替哪一次。",
    )  # fmt: skip


@require_POST
@may("draw.manage")
def open_(request: Request, key: UUID) -> HttpResponse:
    """Opening the public page, or closing it."""
    row, is_open = found(request, key), request.POST.get("is_open") == "1"
    version = request.POST.get("base_version", "")
    try:
        services.open_draw(
            draw=row, base_version=int(version) if version.isdecimal() else 0, is_open=is_open, by=request.actor, now=clock.now()
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已允许公开；本系统的公开网页打开时，任何人都能看到。" if is_open else "不再公开。")
    return redirect(address(row))


@get_or_post
@may("draw.manage")
def enlarge(request: Request, key: UUID) -> HttpResponse:
    """More of the same draw."""
    row = found(request, key, S.DRAWN)
    form = EnlargeForm(
        request.POST or None, strata=strata_of(row), total=len(row.lines), initial={"base_version": row.version}
    )

    def act(data: dict[str, Any]) -> None:
        services.enlarge(
            draw=row, base_version=data["base_version"], take=form.taken(), reason=data["reason"], by=request.actor,
            now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title="扩大样本", button="扩大", back=address(row), done="已扩大，原来抽中的不变。", version=row.version,
        lead="按同一次抽取的号码接着取，填扩大以后一共几个。",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def adopt(request: Request, key: UUID) -> HttpResponse:
    """Inspections for the drawn units."""
    row = found(request, key, S.DRAWN)
    begin = max(row.held_on, clock.today())
    initial = {"base_version": row.version, "title": row.purpose[:100], "begin_on": begin, "end_on": begin}
    form = AdoptForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.adopt(draw=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="列入督导", button="列入督导", back=address(row), done="已列入督导。", version=row.version,
        lead="每个抽中的单位各列一项，抽中的督学列为组员；组长在督导检查里指定。",
    )  # fmt: skip


@require_GET
@may("draw.manage", "inspector.read")
def export(request: Request, key: UUID) -> HttpResponseBase:
    """A draw in Excel."""
    row = found(request, key)
    try:
        return lists.book(row, services.shown(row))
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect(address(row))


@require_GET
@may("draw.manage", "inspector.read")
def bundle(request: Request, key: UUID) -> HttpResponseBase:
    """The bundle that anybody can check."""
    row = found(request, key)
    if row.result is None:
        raise Http404
    return FileResponse(
        io.BytesIO(services.bundle(row)), as_attachment=True, filename=f"核验包_{row.sha256[:12]}.zip", content_type="application/zip"
    )  # fmt: skip


@require_GET
@may("draw.manage", "inspector.read")
def paper(request: Request, key: UUID) -> HttpResponse:
    """抽签记录, to be signed by who watched."""
    row = found(request, key)
    if row.result is None:
        raise Http404
    known: dict[str, Line] = {one.key: one for one in content.lines(row)}
    names = {one.number: one.name for one in content.members(row)}
    drawn = [
        (known[code], [(number, names.get(number, "")) for number in row.result["teams"].get(code, ())])
        for code in row.result["drawn"]
    ]
    context = {"draw": row, "drawn": drawn, "put": list(row.commitments.all()), "taken": lists.number(row.take)}
    return render(request, "draws/print.html", context)


@get_or_post
@may("draw.manage", "inspector.read")
def check(request: Request) -> HttpResponse:
    """核验: does an uploaded bundle or list agree with what was published?"""
    frozen = queries.draws_visible_to(request.actor).filter(frozen_on__isnull=False)
    choices = [
        (str(one.pk), f"{one.purpose}（{one.sha256[:12]}…）") for one in queries.light(frozen).defer("lines")[:200]
    ]
    form = CheckForm(
        request.POST or None, request.FILES or None, draws=choices, initial={"draw": request.GET.get("draw", "")}
    )
    verdict, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                said = packing.opened(form.cleaned_data["file"].read())
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                chosen = form.cleaned_data["draw"]
                row = (
                    frozen.filter(pk=chosen).first()
                    if chosen
                    else queries.by_digest(request.actor, packing.digest_of(said))
                )
                verdict, status = packing.check(said, row), 200
    return render(request, "draws/check.html", {"form": form, "verdict": verdict}, status=status)
