"""The list and everything else that the digest will cover; changed freely until it is frozen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dudao.audit import services as audit
from dudao.draws import content, queries
from dudao.draws.content import Line
from dudao.draws.models import Commitment, Draw
from dudao.draws.services.rights import claim, may_manage, not_ahead, said
from dudao.inspectors import queries as inspectors
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.draws import Frozen, Method, freeze
from dudao_engines.kernel.digests import canonical_json
from dudao_engines.kernel.errors import EngineInputError

S = Draw.State
#: Longer lists are no county's.
LONGEST = 20_000
MOST_PARTIES = 5


@transaction.atomic
def prepare(
    *, purpose: str, method: str, held_on: date, follows: Draw | None = None, by: Actor, now: datetime
) -> Draw:  # fmt: skip
    """Begin a draw; with ``follows`` in the place of a voided one, whose list, people and numbers it takes over.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.words``, ``draws.method``, ``draws.follows`` (that one was not voided).
    """
    may_manage(by)
    draw = Draw(county=by.county, made_by_name=by.name, made_at=now, follows=follows)
    _facts(draw, purpose, method, held_on)
    if follows:
        if follows.state != S.VOID or follows.county != by.county:
            raise Refused("只有作废的抽取才能重新抽取。", code="draws.follows")
        for name in ("lines", "lines_from", "is_crewed", "each", "most", "members", "shows_names"):
            setattr(draw, name, getattr(follows, name))
        draw.take = follows.take if follows.method == method else None
    draw.save(force_insert=True)
    after = f"，重抽“{follows.purpose}”" if follows else ""
    audit.record(action="draw.prepared", subject=draw, summary=f"准备随机抽取：{draw}{after}", by=by, now=now)
    return draw


def _facts(draw: Draw, purpose: str, method: str, held_on: date) -> None:
    draw.purpose = said(purpose, "purpose", "请写明抽取什么、用来做什么。")[:200]
    if method not in list(Method):
        raise Refused("请选择抽取方法。", code="draws.method", field="method")
    draw.method, draw.held_on = method, held_on


@transaction.atomic
def change(
    *, draw: Draw, base_version: int, purpose: str, method: str, held_on: date, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Change what is drawn and how. Raises: as ``prepare``, ``draws.state``, ``Conflict``."""
    may_manage(by)
    old = draw.method
    _facts(draw, purpose, method, held_on)
    take = draw.take if (old == Method.STRATIFIED) == (draw.method == Method.STRATIFIED) else None
    _change(draw, base_version, purpose=draw.purpose, method=draw.method, held_on=held_on, take=take)
    _tell(draw, "修改抽取事项", by, now)


@transaction.atomic
def set_lines(
    *, draw: Draw, base_version: int, lines: Sequence[Line], origin: str, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Put this list in the place of the one before.

    Args:
        origin: where it is from: the filters in words, or the name of the file.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.empty``, ``draws.long``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if not lines:
        raise Refused("名单是空的：没有符合条件的单位。", code="draws.empty")
    if len(lines) > LONGEST:
        raise Refused(f"名单最多 {LONGEST} 行。", code="draws.long")
    held = {one.stratum for one in lines}
    # Numbers by stratum of another list do not hold for this one.
    take = draw.take if not isinstance(draw.take, dict) or draw.take.keys() == held else None
    _change(draw, base_version, lines=[one.plain for one in lines], lines_from=origin[:400], take=take)
    _tell(draw, f"抽取名单 {len(lines)} 行（{origin[:60]}）", by, now)


@transaction.atomic
def set_take(*, draw: Draw, base_version: int, take: int | Mapping[str, int], by: Actor, now: datetime) -> None:
    """Say how many are drawn, of each stratum where the method asks for it. Checked when it is frozen.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.take``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if isinstance(take, int) == (draw.method == Method.STRATIFIED):
        raise Refused("分层抽取要写明每一层抽几个，其他方法写一个总数。", code="draws.take", field="take")
    total = take if isinstance(take, int) else sum(take.values())
    if draw.lines and not 0 < total <= len(draw.lines):
        raise Refused(f"名单上有 {len(draw.lines)} 个，不能抽 {total} 个。", code="draws.take", field="take")
    _change(draw, base_version, take=take if isinstance(take, int) else dict(take))
    _tell(draw, f"抽取数量 {total}", by, now)


@transaction.atomic
def set_people(
    *, draw: Draw, base_version: int, inspectors_: Sequence[UUID], each: int, most: int, shows_names: bool = False, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Draw inspectors too (双随机), or with nobody chosen only units.

    Args:
        inspectors_: keys in the register, of people in office on the day of the draw's visits.
        each, most: how many go to one unit, and to how many units one goes at most.
        shows_names: the frozen and published list says names, and with them which pairs are recused (no grounds). Else numbers.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.people`` (somebody not in office or without a valid certificate), ``draws.crew``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    known = {one.key: one for one in inspectors.roster(draw.county, day=draw.held_on)}
    if gone := set(inspectors_) - known.keys():
        raise Refused(f"选中的有 {len(gone)} 人在计划开展那天不在任。", code="draws.people", field="people")
    if bare := [known[key].name for key in inspectors_ if not known[key].is_certified(draw.held_on)]:
        raise Refused(
            f"{'、'.join(bare[:5])}的督学证在计划开展那天无效，不能参加抽取。", code="draws.people", field="people"
        )
    if inspectors_ and (each < 1 or most < 1):
        raise Refused("每校人数、每人最多去的校数至少是 1。", code="draws.crew", field="each")
    chosen = content.numbered((known[key].name, str(key), str(known[key].person)) for key in dict.fromkeys(inspectors_))
    _change(
        draw, base_version, members=[one.plain for one in chosen], is_crewed=bool(chosen), each=each if chosen else None,
        most=most if chosen else None, shows_names=shows_names and bool(chosen),
    )  # fmt: skip
    _tell(draw, f"同时抽取督学，名单 {len(chosen)} 人" if chosen else "只抽单位，不抽督学", by, now)


@transaction.atomic
def name_event(*, draw: Draw, base_version: int, event: str, event_on: date, by: Actor, now: datetime) -> None:
    """Name the public event that will give the seed. It lies ahead; what was put aside before goes.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.words``, ``draws.seed_source`` (the event is not ahead).
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    event = said(event, "event", "请写明哪个公开事件、取其中哪个数。")
    if event_on <= day_of(now):
        raise Refused("约定的公开事件要在今天以后，名单要在它之前冻结。", code="draws.seed_source", field="event_on")
    _change(draw, base_version, event=event[:300], event_on=event_on)
    draw.commitments.all().delete()
    _tell(draw, f"约定种子来源：{event[:60]}，{event_on.isoformat()}", by, now)


@transaction.atomic
def commit(
    *, draw: Draw, base_version: int, put: Sequence[tuple[str, str]], put_on: date, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Record what two parties or more put aside: who, and the SHA-256 of a number that only they know.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.future``, ``draws.seed_source``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    not_ahead(put_on, now, "put_on", "封存日期")
    rows = [(" ".join(who.split()), "".join(digest.split()).lower()) for who, digest in put]
    if len({who for who, _ in rows if who}) < max(2, len(rows)) or len({digest for _, digest in rows}) < len(rows):
        words = "要两方以上各自封存一个数，而且各不相同；只有一方时可以挑选结果。"
        raise Refused(words, code="draws.seed_source")
    if len(rows) > MOST_PARTIES:
        raise Refused(f"最多 {MOST_PARTIES} 方。", code="draws.seed_source")
    for who, digest in rows:
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise Refused(f"{who}封存的摘要不是 64 位十六进制数。", code="draws.seed_source")
    _change(draw, base_version, event="", event_on=None)
    draw.commitments.all().delete()
    Commitment.objects.bulk_create(
        Commitment(draw=draw, position=at, who=who[:60], sha256=digest, put_on=put_on, recorded_at=now)
        for at, (who, digest) in enumerate(rows, 1)
    )
    _tell(draw, f"约定种子来源：{'、'.join(who for who, _ in rows)}各自封存一个数", by, now)


def dry(draw: Draw, *, now: datetime) -> Frozen:
    """Freeze a draft without keeping it: what would be fixed, or why it cannot be.

    Raises:
        Refused: the codes of ``dudao_engines.draws.freeze``, ``draws.unit`` (with people, every line must be of the register),
            ``draws.people`` (somebody is no longer in office, or the certificate has run out), ``draws.crew`` (too few people),
            ``draws.seed_source``, ``draws.held_on`` (the day of the visits is over, or before the event that gives the seed).
    """
    put, day = list(draw.commitments.all()), day_of(now)
    pairs: list[tuple[str, str]] = []
    if not draw.event and not put:
        raise Refused("还没有约定种子来源。", code="draws.seed_source")
    if draw.held_on < day:
        raise Refused("计划开展的日期已经过去，请先改到今天以后。", code="draws.held_on")
    if draw.event_on is not None and draw.event_on > draw.held_on:
        raise Refused("约定的事件在计划开展那天以后，到那天还抽不出来。请改事件，或者推后开展。", code="draws.held_on")
    if draw.is_crewed:
        for at, one in enumerate(content.lines(draw), 1):
            if not one.unit:
                raise Refused(
                    f"名单第 {at} 行“{one.name}”不是单位名册里的，无法核对回避。双随机的名单要来自单位名册。", code="draws.unit"
                )  # fmt: skip
        held = {str(one.key): one for one in inspectors.roster(draw.county, day=draw.held_on)}
        if gone := [one.name for one in content.members(draw) if one.inspector not in held]:
            raise Refused(f"{'、'.join(gone[:5])}在计划开展那天不在任，请重新选督学。", code="draws.people")
        if bare := [one.name for one in content.members(draw) if not held[one.inspector].is_certified(draw.held_on)]:
            raise Refused(f"{'、'.join(bare[:5])}的督学证在计划开展那天无效，请重新选督学。", code="draws.people")
        pairs = queries.apart(
            draw,
            units={UUID(one.unit): one.key for one in content.lines(draw)},
            people={UUID(one.person): one.number for one in content.members(draw)},
            day=draw.held_on,
        )
        _enough(draw, pairs)
    try:
        return freeze(content.plan(draw, put=put, apart=pairs, frozen_on=day))
    except EngineInputError as error:
        raise content.refused(error) from None


def _enough(draw: Draw, apart: Sequence[tuple[str, str]]) -> None:
    """Refuse what could not be staffed, or not if some unit were drawn, while there is time to mend it.

    Raises:
        Refused: ``draws.crew``.
    """
    if draw.each is None or draw.most is None or draw.take is None:
        return
    total = sum(draw.take.values()) if isinstance(draw.take, dict) else draw.take
    people = len(draw.members)
    if draw.each * total > draw.most * people:
        raise Refused(
            f"抽 {total} 个、每个 {draw.each} 人，要 {draw.each * total} 人次；{people} 名督学每人最多 {draw.most} 校，只有 "
            f"{draw.most * people} 人次。请增加督学，或减少每校人数。", code="draws.crew",
        )  # fmt: skip
    out = Counter(unit for unit, _ in apart)
    for one in content.lines(draw):
        if people - out[one.key] < draw.each:
            raise Refused(
                f"“{one.name}”除去回避只有 {people - out[one.key]} 名督学，抽中时配不齐 {draw.each} 人。请增加督学。", code="draws.crew"
            )  # fmt: skip


@transaction.atomic
def freeze_draw(*, draw: Draw, base_version: int, by: Actor, now: datetime) -> None:
    """Fix list, numbers, people, recusals and the source of the seed under their digests. Nothing of it changes afterwards.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, and as ``dry``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if draw.state != S.DRAFT:
        raise Refused(f"这次抽取现在是“{draw.get_state_display()}”，不能再冻结。", code="draws.state")
    # What is frozen is what was read; the claim holds only while that is the present version.
    frozen = dry(draw, now=now)
    text = canonical_json(frozen.content).decode()
    claim(
        draw, base_version, S.DRAFT, state=S.FROZEN, frozen_text=text, sha256=frozen.sha256, sm3=frozen.sm3,
        frozen_on=day_of(now), frozen_at=now, frozen_by_name=by.name,
    )  # fmt: skip
    audit.record(
        action="draw.frozen", subject=draw, summary=f"冻结抽取名单并公布摘要：{draw}", by=by, now=now, sha256=frozen.sha256,
        sm3=frozen.sm3, lines=len(draw.lines),
    )  # fmt: skip


def _change(draw: Draw, base_version: int, **changes: Any) -> None:
    claim(draw, base_version, S.DRAFT, **changes)


def _tell(draw: Draw, words: str, by: Actor, now: datetime) -> None:
    audit.record(action="draw.changed", subject=draw, summary=f"{words}：{draw}", by=by, now=now)
