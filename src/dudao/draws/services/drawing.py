"""Seed, draw, and what comes of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dudao.audit import services as audit
from dudao.draws import content, queries
from dudao.draws.content import Row
from dudao.draws.models import Draw, Enlargement
from dudao.draws.services.rights import claim, may_manage, not_ahead, said
from dudao.inspections import services as inspections
from dudao.inspections.models import Inspection, TeamMember
from dudao.inspections.services import Member
from dudao.inspectors import queries as inspectors
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.draws import Unit, normal_seed
from dudao_engines.draws import draw as run_engine
from dudao_engines.draws.bundle import published
from dudao_engines.kernel.digests import sha256_hex
from dudao_engines.kernel.errors import EngineInputError

S = Draw.State
#: A shorter secret could be found out from its digest by trying. (DESIGN)
SHORTEST_SECRET = 16


@transaction.atomic
def say_seed(
    *, draw: Draw, base_version: int, seed: str, seed_from: str, on: date, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Record what the named event gave.

    Args:
        seed: as published; full width and blanks do not matter.
        seed_from: where anybody can look it up.
        on: the day on which it was published.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.seed_early`` (before the list was frozen, or before the event), ``draws.future``,
            ``draws.seed``, ``draws.words``, ``draws.state``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if draw.state == S.DRAFT:
        raise Refused("名单还没有冻结。冻结以前给出的种子不能用：知道种子就可以挑名单。", code="draws.seed_early")
    if not draw.event:
        raise Refused("这次抽取的种子由各方公开封存的数，不登记公开事件。", code="draws.seed")
    if draw.event_on and on < draw.event_on:
        words = f"约定的事件在 {draw.event_on.isoformat()}，那天以前给出的种子不能用。"
        raise Refused(words, code="draws.seed_early", field="on")
    not_ahead(on, now, "on")
    seed = normal_seed(seed)
    if not 0 < len(seed) <= 200:
        raise Refused("请填写种子，最多 200 个字。", code="draws.seed", field="seed")
    seed_from = said(seed_from, "seed_from", "请写明在哪里查得到，让别人也能看到。")[:400]
    claim(
        draw,
        base_version,
        S.FROZEN,
        state=S.SEEDED,
        seed=seed,
        seed_from=seed_from,
        seed_on=on,
        seed_by_name=by.name,
    )
    audit.record(
        action="draw.seeded", subject=draw, summary=f"公布抽取的种子：{draw}", by=by, now=now, occurred_on=on, seed=seed
    )


@transaction.atomic
def reveal(
    *, draw: Draw, base_version: int, position: int, secret: str, on: date, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Record the number that one party put aside. With the last one the seed is there.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.seed_early``, ``draws.future``, ``draws.seed`` (it is not the one put aside, too
            short, or said already), ``draws.state``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if draw.state == S.DRAFT or draw.frozen_on is None or on < draw.frozen_on:
        raise Refused("名单冻结以前不能公开封存的数：知道种子就可以挑名单。", code="draws.seed_early", field="on")
    not_ahead(on, now, "on")
    secret = normal_seed(secret)
    one = draw.commitments.filter(position=position).first()
    if one is None or one.secret:
        raise Refused("没有这一方，或者已经公开过。", code="draws.seed", field="secret")
    if len(secret) < SHORTEST_SECRET:
        words = f"封存的数至少 {SHORTEST_SECRET} 位；太短的别人可以从摘要试出来，请作废后重新封存。"
        raise Refused(words, code="draws.seed", field="secret")
    if sha256_hex(secret.encode()) != one.sha256:
        raise Refused(f"{one.who}公开的数和封存时的摘要对不上。", code="draws.seed", field="secret")
    # Of two parties at one moment the second is told to look again, so that the last one always finds all.
    claim(draw, base_version, S.FROZEN)
    one.secret, one.revealed_on = secret, on
    one.save(update_fields=["secret", "revealed_on"])
    audit.record(
        action="draw.revealed", subject=draw, summary=f"{one.who}公开封存的数：{draw}", by=by, now=now, occurred_on=on
    )
    rows = list(draw.commitments.all())
    if all(row.secret for row in rows):
        seed = "|".join(row.secret for row in rows)
        claim(
            draw, draw.version, S.FROZEN, state=S.SEEDED, seed=seed, seed_from="各方公开的数，按封存的次序", seed_on=on,
            seed_by_name=by.name,
        )  # fmt: skip


@transaction.atomic
def run(*, draw: Draw, base_version: int, witnesses: str = "", by: Actor, now: datetime) -> None:
    """Draw, once.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.twice`` (it was drawn), ``draws.state``, ``draws.tampered``, ``draws.seed…``,
            ``draws.unstaffed``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if draw.state == S.DRAWN:
        raise Refused("已经抽取过，结果只有一个，不能再抽。有错的请作废并写明原因。", code="draws.twice")
    frozen, today = content.thawed(draw), day_of(now)
    seeds = [draw.seed] if draw.event else [one.secret for one in draw.commitments.all()]
    if draw.state == S.SEEDED:
        try:
            result = run_engine(frozen, seeds, on=today)
        except EngineInputError as error:
            raise content.refused(error) from None
        whole = published(frozen, seeds, result, on=today)
        kept = {name: whole[name] for name in ("seeds", "tickets", "drawn", "teams")} | {"order": list(result.order)}
        claim(
            draw, base_version, S.SEEDED, state=S.DRAWN, result=kept, drawn_on=today, drawn_at=now, drawn_by_name=by.name,
            witnesses=" ".join(witnesses.split())[:200],
        )  # fmt: skip
        audit.record(
            action="draw.drawn", subject=draw, summary=f"随机抽取：{draw}，抽中 {len(result.drawn)} 个", by=by, now=now,
            sha256=draw.sha256, seed=draw.seed, drawn=list(result.drawn)[:50],
        )  # fmt: skip
        return
    claim(draw, base_version, S.SEEDED)


@transaction.atomic
def void(*, draw: Draw, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Void one with its reason; it stays to be seen.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.words``, ``draws.adopted`` (inspections came of it), ``draws.state``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    reason = said(reason, "reason", "请写明作废的原因。")[:400]
    if draw.adopted_on:
        raise Refused("已经按结果列入督导，不能作废；请在督导检查里办理。", code="draws.adopted")
    claim(
        draw,
        base_version,
        S.DRAFT,
        *Draw.WAITING,
        S.DRAWN,
        state=S.VOID,
        voided_on=day_of(now),
        void_reason=reason,
        voided_by_name=by.name,
    )
    audit.record(action="draw.voided", subject=draw, summary=f"作废随机抽取：{draw}（{reason}）", by=by, now=now)


@transaction.atomic
def open_draw(*, draw: Draw, base_version: int, is_open: bool, by: Actor, now: datetime) -> None:
    """Let anybody see the public page, or not any more.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    claim(draw, base_version, *Draw.WAITING, S.DRAWN, S.VOID, is_open=is_open)
    words = "对外公开" if is_open else "不再对外公开"
    audit.record(
        action="draw.opened", subject=draw, summary=f"随机抽取{words}：{draw}", by=by, now=now, is_open=is_open
    )


@transaction.atomic
def enlarge(
    *, draw: Draw, base_version: int, take: int | Mapping[str, int], reason: str, by: Actor, now: datetime
) -> Enlargement:  # fmt: skip
    """Take more units by the same tickets; who was drawn stays.

    Args:
        take: how many all together then.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.words``, ``draws.take``, ``draws.method``, ``draws.tampered``,
            ``draws.adopted``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    reason = said(reason, "reason", "请写明为什么扩大。")[:400]
    if draw.adopted_on:
        raise Refused("已经按结果列入督导，不能再扩大；请另建一次抽取。", code="draws.adopted")
    if draw.state != S.DRAWN:
        raise Refused("抽取以后才能扩大样本。", code="draws.state")
    before = [*(draw.result or {})["drawn"], *queries.added(draw)]
    more = content.enlarged(draw, content.thawed(draw), before, take)
    claim(draw, base_version, S.DRAWN)
    row = Enlargement(
        draw=draw, position=draw.enlargements.count() + 1, take=take if isinstance(take, int) else dict(take), added=more,
        reason=reason, on=day_of(now), by_name=by.name, recorded_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    audit.record(
        action="draw.enlarged", subject=draw, summary=f"扩大样本 {len(more)} 个：{draw}（{reason}）", by=by, now=now,
        added=more[:50],
    )  # fmt: skip
    return row


@transaction.atomic
def adopt(
    *, draw: Draw, base_version: int, kind: str, title: str, matters: str, begin_on: date, end_on: date, leaves_out: bool = False,
    by: Actor, now: datetime,
) -> list[Inspection]:  # fmt: skip
    """Plan an inspection for each drawn unit, with the drawn inspectors in its team; once.

    Args:
        kind, title, matters, begin_on, end_on: as ``inspections.services.plan_inspection``.
        leaves_out: who must be recused on the first day of the inspection is left out; else that is refused.

    Returns:
        The inspections in the order of the drawn units.

    Raises:
        Refused: ``draws.not_allowed``, ``draws.state``, ``draws.adopted``, ``draws.unit`` (a line that is no unit of the register),
            and the codes of ``plan_inspection``.
        Conflict: ``draws.changed``.
    """
    may_manage(by)
    if draw.adopted_on:
        raise Refused("已经列入督导，只列一次。", code="draws.adopted")
    claim(draw, base_version, S.DRAWN, adopted_on=day_of(now))
    known = {one.key: one for one in content.lines(draw)}
    people = {one.number: one for one in content.members(draw)}
    assert draw.result is not None
    drawn = [known[key] for key in [*draw.result["drawn"], *queries.added(draw)]]
    if outside := [one.name for one in drawn if not one.unit]:
        words = f"{'、'.join(outside[:5])}不是单位名册里的，不能列入督导。"
        raise Refused(words, code="draws.unit")
    teams: list[tuple[UUID, list[UUID]]] = [
        (UUID(one.unit), [UUID(people[number].person) for number in draw.result["teams"].get(one.key, ())])
        for one in drawn
    ]
    if leaves_out:
        everybody = {person for _, team in teams for person in team}
        apart = inspectors.recused(draw.county, everybody, [unit for unit, _ in teams], day=begin_on)
        teams = [(unit, [one for one in team if (one, unit) not in apart]) for unit, team in teams]
    made = [
        _planned(unit, team, kind=kind, title=title, matters=matters, begin_on=begin_on, end_on=end_on, by=by, now=now)
        for unit, team in teams
    ]
    Draw.objects.filter(pk=draw.pk).update(inspections=[str(one.pk) for one in made])
    audit.record(
        action="draw.adopted", subject=draw, summary=f"按抽取结果列入督导 {len(made)} 项：{draw}", by=by, now=now
    )
    return made


def _planned(
    unit: UUID, team: Sequence[UUID], *, kind: str, title: str, matters: str, begin_on: date, end_on: date, by: Actor, now: datetime
) -> Inspection:  # fmt: skip
    [made] = inspections.plan_inspection(
        units=[unit], kind=kind, title=title, matters=matters, begin_on=begin_on, end_on=end_on,
        members=[Member(TeamMember.Role.MEMBER, one) for one in team], occurred_on=day_of(now), by=by, now=now,
    )  # fmt: skip
    return made


def shown(draw: Draw) -> list[Row]:
    """The list with what the draw gave each unit, for a reader who may see it; of a draft the list alone.

    Raises:
        Refused: ``draws.tampered``.
    """
    if not draw.frozen_text:
        return [Row(Unit(one.key, one.name, one.stratum, one.size)) for one in content.lines(draw)]
    return content.rows(draw, content.thawed(draw), added=queries.added(draw))
