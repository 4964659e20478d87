"""The pages on which a draw is made ready."""

import io
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.draws import content, lists, queries, reading, services
from dudao.draws.forms import (
    ChangeForm,
    CommitForm,
    DrawForm,
    EventForm,
    FreezeForm,
    PeopleForm,
    RegisterForm,
    SizesForm,
    TableForm,
    TakeForm,
)
from dudao.draws.models import Draw
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao_engines.draws import Method

S = Draw.State


def found(request: Request, key: UUID, *states: str) -> Draw:
    """A draw that the reader sees, else 404.

    Raises:
        Refused: ``draws.state``: it is in none of the states; the same act sent twice, say.
    """
    draw = get_object_or_404(queries.draws_visible_to(request.actor), pk=key)
    if states and draw.state not in states:
        raise Refused(f"这次抽取现在是“{draw.get_state_display()}”，这一步已经办过，或者还不能办。", code="draws.state")
    return draw


def address(draw: Draw) -> str:
    return reverse("draws:draw", args=[draw.pk])


@get_or_post
@may("draw.manage")
def new(request: Request) -> HttpResponse:
    """A new draw, or one in the place of a voided one."""
    voided = queries.draws_visible_to(request.actor).filter(state=S.VOID)
    follows = get_object_or_404(voided, pk=request.GET["follows"]) if _is_key(request.GET.get("follows")) else None
    initial: dict[str, Any] = {"held_on": clock.today()}
    if follows:
        initial = {"purpose": follows.purpose, "method": follows.method, "held_on": follows.held_on}
    form = DrawForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> Draw:
        return services.prepare(follows=follows, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="重新抽取" if follows else "新建抽取", button="下一步", back=reverse("draws:list"), to=address,
        done="已建立，接着备名单。", lead="先备名单、定数量、约定种子来源，再冻结并公布摘要；种子出来以后才抽取。",
    )  # fmt: skip


def _is_key(text: str | None) -> bool:
    try:
        return bool(text) and bool(UUID(text))
    except ValueError:
        return False


@get_or_post
@may("draw.manage")
def change(request: Request, key: UUID) -> HttpResponse:
    """What is drawn and how."""
    draw = found(request, key, S.DRAFT)
    initial = {name: getattr(draw, name) for name in ("purpose", "method", "held_on")}
    form = ChangeForm(request.POST or None, initial={**initial, "base_version": draw.version})

    def act(data: dict[str, Any]) -> None:
        services.change(draw=draw, by=request.actor, now=clock.now(), **data)

    return form_page(
        request,
        form,
        act,
        title="抽取事项和方法",
        button="保存",
        back=address(draw),
        done="已保存。",
        version=draw.version,
    )


@get_or_post
@may("draw.manage")
def register(request: Request, key: UUID) -> HttpResponse:
    """The list out of the register of units."""
    draw = found(request, key, S.DRAFT)
    towns = [(one.code, one.name) for one in places.towns(request.actor, as_of=draw.held_on)]
    form = RegisterForm(request.POST or None, towns=towns, initial={"base_version": draw.version})

    def act(data: dict[str, Any]) -> None:
        wanted = {name: data[name] for name in ("kinds", "stages", "towns", "sponsor", "strata")}
        lines = queries.from_register(request.actor, day=draw.held_on, **wanted)
        services.set_lines(
            draw=draw, base_version=data["base_version"], lines=lines, origin=_words(form), by=request.actor, now=clock.now()
        )  # fmt: skip

    return form_page(
        request, form, act, title="从单位名册选名单", button="生成名单", back=address(draw), done="名单已生成。", version=draw.version,
        lead="按计划开展那天的名册，代替现在的名单。",
    )  # fmt: skip


def _words(form: RegisterForm) -> str:
    """The chosen filters in words."""
    said = []
    for name in ("kinds", "stages", "towns", "sponsor", "strata"):
        labels = dict(form.fields[name].choices)  # type: ignore[attr-defined]
        value = form.cleaned_data[name]
        chosen = [str(labels[one]) for one in (value if isinstance(value, list) else [value]) if one]
        if chosen:
            said.append(f"{form.fields[name].label}：{'、'.join(chosen)}")
    return f"单位名册（{'；'.join(said)}）"


@get_or_post
@may("draw.manage")
def table(request: Request, key: UUID) -> HttpResponse:
    """The list out of a table."""
    draw = found(request, key, S.DRAFT)
    form = TableForm(request.POST or None, request.FILES or None, initial={"base_version": draw.version})

    def act(data: dict[str, Any]) -> None:
        lines = reading.read(data["table"], units=queries.codes(request.actor, day=draw.held_on))
        services.set_lines(
            draw=draw, base_version=data["base_version"], lines=lines, origin=f"表格 {reading.name_of(data['table'])}",
            by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title="上传名单", button="读入名单", back=address(draw), done="名单已读入，请看一遍。", version=draw.version,
        lead="代替现在的名单。代码在单位名册里的，和名册对上。",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def sizes(request: Request, key: UUID) -> HttpResponse:
    """Sizes for the list."""
    draw = found(request, key, S.DRAFT)
    form = SizesForm(
        request.POST or None, request.FILES or None, cells=queries.reported_cells(request.actor),
        initial={"base_version": draw.version},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        held = queries.reported_sizes(request.actor, data["cell"]) if data["cell"] else reading.sizes(data["table"])
        lines = [replace(one, size=held.get(one.key)) for one in content.lines(draw)]
        if lacking := [one.name for one in lines if one.size is None]:
            some = "、".join(lacking[:5])
            words = f"{some}{'等' if len(lacking) > 5 else ''} {len(lacking)} 个没有规模，名单没有改。请补上，或从名单里去掉。"
            raise Refused(words, code="draws.size", field="table" if data["table"] else "cell")
        origin = (
            dict(queries.reported_cells(request.actor))[data["cell"]]
            if data["cell"]
            else reading.name_of(data["table"])
        )
        services.set_lines(
            draw=draw, base_version=data["base_version"], lines=lines, by=request.actor, now=clock.now(),
            origin=f"{draw.lines_from.partition('，规模取自')[0]}，规模取自 {origin}",
        )  # fmt: skip

    return form_page(
        request, form, act, title="各单位的规模", button="填入规模", back=address(draw), done="规模已填入。", version=draw.version,
    )  # fmt: skip


@require_GET
@may("draw.manage", "inspector.read")
def lines(request: Request, key: UUID) -> HttpResponseBase:
    """The list as a table; of a draft it can be corrected and read in again."""
    draw = found(request, key)
    data = reading.sheet(content.lines(draw))
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=f"抽取名单_{draw.purpose[:30]}.xlsx")


@require_GET
@may("draw.manage")
def template(request: Request) -> HttpResponseBase:
    """An empty table to be filled."""
    return FileResponse(io.BytesIO(reading.sheet([])), as_attachment=True, filename="抽取名单模板.xlsx")


def strata_of(draw: Draw) -> dict[str, int] | None:
    """How many lines each stratum has; None where the method does not ask for strata."""
    if draw.method != Method.STRATIFIED:
        return None
    held: dict[str, int] = {}
    for one in content.lines(draw):
        held[one.stratum] = held.get(one.stratum, 0) + 1
    return dict(sorted(held.items()))


@get_or_post
@may("draw.manage")
def take(request: Request, key: UUID) -> HttpResponse:
    """How many are drawn."""
    draw = found(request, key, S.DRAFT)
    strata = strata_of(draw)
    initial: dict[str, Any] = {"base_version": draw.version, "take": draw.take}
    if strata and isinstance(draw.take, dict):
        initial |= {f"take_{at}": draw.take.get(name) for at, name in enumerate(strata)}
    form = TakeForm(request.POST or None, strata=strata, total=len(draw.lines), initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.set_take(
            draw=draw, base_version=data["base_version"], take=form.taken(), by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, act, title="抽取数量", button="保存", back=address(draw), done="已保存。", version=draw.version,
        lead="数量在种子出来以前定下，和名单一起冻结。",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def people(request: Request, key: UUID) -> HttpResponse:
    """Inspectors that are drawn too."""
    draw = found(request, key, S.DRAFT)
    roster, day = inspectors.roster(draw.county, day=draw.held_on), draw.held_on
    names = places.names_on(request.actor, day=day)
    free = [one for one in roster if not any(first <= day <= last for first, last in one.away)]
    able = [one for one in free if one.is_certified(day)]
    choices = [(str(one.key), _known(one, names)) for one in able]
    chosen = [one.inspector for one in content.members(draw)]
    if not draw.members:
        chosen = [str(one.key) for one in able]
    initial: dict[str, Any] = {"base_version": draw.version, "people": chosen, "shows_names": draw.shows_names}
    initial |= {"each": draw.each or 3, "most": draw.most or 2}
    form = PeopleForm(request.POST or None, people=choices, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.set_people(
            draw=draw, base_version=data["base_version"], inspectors_=[UUID(one) for one in data["people"]],
            each=data["each"], most=data["most"], shows_names=data["shows_names"], by=request.actor, now=clock.now(),
        )  # fmt: skip

    away = f"，{len(roster) - len(free)} 人那天请假" if len(roster) > len(free) else ""
    away += f"，{len(free) - len(able)} 人督学证那天无效" if len(free) > len(able) else ""
    return form_page(
        request, form, act, title="同时抽取督学", button="保存", back=address(draw), done="已保存。", version=draw.version,
        lead=f"计划开展那天在任 {len(roster)} 人{away}，其余的列在下面。回避在冻结时按名册核对，抽取时自动避开。",
    )  # fmt: skip


def _known(one: inspectors.Known, names: Any) -> str:
    said = names.get(one.work_unit, "") if one.work_unit else ""
    return f"{one.name}（{said}）" if said else one.name


@get_or_post
@may("draw.manage")
def event(request: Request, key: UUID) -> HttpResponse:
    """The public event that gives the seed."""
    draw = found(request, key, S.DRAFT)
    form = EventForm(
        request.POST or None,
        initial={"base_version": draw.version, "event": draw.event, "event_on": draw.event_on},
    )

    def act(data: dict[str, Any]) -> None:
        services.name_event(draw=draw, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="约定公开事件", button="约定", back=address(draw), done="已约定种子来源。", version=draw.version,
        lead="种子由以后的公开事件给出，谁也不能先知道；没有合适的事件时，可以由几方各自封存一个数。",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def commit(request: Request, key: UUID) -> HttpResponse:
    """What parties put aside."""
    draw = found(request, key, S.DRAFT)
    initial: dict[str, Any] = {"base_version": draw.version, "put_on": clock.today()}
    for one in draw.commitments.all():
        initial |= {f"who_{one.position}": one.who, f"sha256_{one.position}": one.sha256}
    form = CommitForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.commit(
            draw=draw, base_version=data["base_version"], put=form.put(), put_on=data["put_on"], by=request.actor, now=clock.now()
        )  # fmt: skip

    return form_page(
        request, form, act, title="各方封存一个数", button="登记", back=address(draw), done="已登记封存的摘要。", version=draw.version,
        lead="两方以上各自想好一个至少 16 位的数（只用半角字母和数字，不留空格），写在纸上封好，只把它的 SHA-256 报来；抽取那天当场拆封。不同单位的人各出一个，例如督导室、纪检监察组、学校代表。"
        "算摘要：python -c \"import hashlib; print(hashlib.sha256('您的数'.encode()).hexdigest())\"",
    )  # fmt: skip


@get_or_post
@may("draw.manage")
def freeze(request: Request, key: UUID) -> HttpResponse:
    """Freezing."""
    draw = found(request, key, S.DRAFT)
    if request.method == "GET":
        try:
            services.dry(draw, now=clock.now())
        except Refused as refusal:
            messages.error(request, f"还不能冻结：{refusal.message}")
            return redirect(address(draw))
    form = FreezeForm(request.POST or None, initial={"base_version": draw.version})

    def act(data: dict[str, Any]) -> None:
        services.freeze_draw(draw=draw, base_version=data["base_version"], by=request.actor, now=clock.now())

    source = f"{draw.event}（{draw.event_on}）" if draw.event else "各方封存的数"
    return form_page(
        request, form, act, title="冻结名单并公布摘要", button="冻结", back=address(draw), done="已冻结。请马上把摘要公布出去。",
        version=draw.version, danger=True,
        lead=f"名单 {len(draw.lines)} 行，抽 {lists.number(draw.take)} 个；"
        f"{f'督学 {len(draw.members)} 人；' if draw.is_crewed else ''}种子来源：{source}。",
    )  # fmt: skip
