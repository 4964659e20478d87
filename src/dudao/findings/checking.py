"""``dudao findings check``: the invariants of the loop, proved on the live data, a thousand matters at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from dudao.findings import waiting
from dudao.findings.models import Case, CaseMember, Finding, Measure, MeasureFinding
from dudao.procedures import checking, library, matters
from dudao.procedures.checking import Fault, Told, fault
from dudao.procedures.models import Act, Clock

_CLOSED = ("closed", "archived")


@dataclass(slots=True)
class Checked:
    """What a check found.

    Attributes:
        counts: how many matters of each procedure were looked at.
        history: findings taken over from a ledger as closed: nothing proves how they came there, so they are said apart.
    """

    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    history: int = 0


def check(county: str, *, today: date) -> Checked:
    """Look at every matter of a county; a constant number of statements for each thousand."""
    found = Checked()
    for code, kind in sorted(matters.kinds.items()):
        for rows in checking.batches(kind, county):
            told = checking.read(rows)
            found.counts[code] += len(rows)
            found.faults += checking.faults(told)
            found.faults += _next(rows, told, today=today)
            found.faults += (fault(*said) for said in kind.faults(rows))
            if code == Finding.PROCEDURE:
                found.history += sum(_is_told_closed(one) for one in told.values())
                found.faults += _findings(told)
            elif code == Measure.PROCEDURE:
                found.faults += _measures(told)
            elif code == Case.PROCEDURE:
                found.faults += _cases(told)
    return found


def _next(rows: Sequence[Any], told: dict[UUID, Told], *, today: date) -> Iterator[Fault]:
    """Whatever is past its limit, and whatever is not at rest, has a next act."""
    sound = [row for row in rows if _is_known(row)]
    late = [row for row in sound if any(_is_late(clock, today) for clock in told[row.pk].clocks)]
    idle = [row for row in sound if row not in late and not _is_at_rest(row)]
    for one in waiting.read([*late, *idle], today=today):
        if not one.steps:
            yield fault("next.none", one.matter, f"{one.limit or one.said or '事项'}没有下一步")


def _is_known(row: Any) -> bool:
    states = {state.id for state in library.procedure(row.PROCEDURE).states}
    return all(state in states for _, state in row.states)


def _is_late(clock: Clock, today: date) -> bool:
    return clock.stopped_by_id is None and clock.due_on < today


def _is_at_rest(row: Any) -> bool:
    state = library.procedure(row.PROCEDURE).state(row.state)
    return state.final or state.rest


# Findings


def _is_told_closed(told: Told) -> bool:
    return bool(told.acts) and told.acts[0].code == "history_closed" and told.row.round == 1


def _findings(told: dict[UUID, Told]) -> Iterator[Fault]:
    for one in told.values():
        row = one.row
        assert isinstance(row, Finding)
        this_round = [act for act in one.acts if act.round == row.round]
        if row.state in _CLOSED and not _is_told_closed(one):
            if not any(act.code == "recheck_passed" for act in this_round):
                yield fault("finding.recheck", row, "没有复查合格就销号了")
            if row.state == "archived" and not any(act.code == "look_back_passed" for act in this_round):
                yield fault("finding.look_back", row, "没有回头看就归档了")
        if row.state in _CLOSED and row.closed_on is None:
            yield fault("finding.closed_on", row, "已经销号，没有销号日期")
        running = [clock for clock in one.clocks if clock.stopped_by_id is None]
        if row.state == "archived" and running:
            yield fault("finding.archived", row, "已经归档，还有期限在计")
        for clock in running:
            if clock.limit == "L_RECT_DEADLINE" and clock.due_on != row.due_on:
                yield fault("finding.due", row, "整改期限与正在计的期限不同")
        if row.relapses != sum(act.code == "relapse" for act in one.acts):
            yield fault("finding.relapses", row, "反弹次数与办理记录不同")


# Measures


def _measures(told: dict[UUID, Told]) -> Iterator[Fault]:
    """Orders: only on what was late or not in place, numbered for each finding, ended when all is closed."""
    links: dict[UUID, list[MeasureFinding]] = defaultdict(list)
    orders = [key for key, one in told.items() if isinstance(one.row, Measure) and one.row.kind == Measure.Kind.ORDER]
    for link in MeasureFinding.objects.filter(measure__in=orders).select_related("finding"):
        links[link.measure_id].append(link)
    served = {act.pk: act for key in orders for act in told[key].acts if act.code == "serve_order"}
    heard = {(act.told_by_id, act.subject): act for act in Act.objects.filter(told_by__in=served)}
    lapsed = {
        clock.stopped_by_id: clock
        for clock in Clock.objects.filter(stopped_by__in=[a.pk for a in heard.values()], limit="L_RECT_DEADLINE")
    }
    numbers = _ordinals({link.finding_id for mine in links.values() for link in mine})
    for key in orders:
        row, mine = told[key].row, links[key]
        assert isinstance(row, Measure)
        serving = next((act for act in told[key].acts if act.code == "serve_order"), None)
        if serving is None:
            if row.ordinal is not None or any(link.ordinal is not None for link in mine):
                yield fault("measure.ordinal", row, "还没有送达，已经有第几次")
            continue
        for link in mine:
            act = heard.get((serving.pk, link.finding_id))
            clock = lapsed.get(act.pk) if act else None
            late = clock is not None and act is not None and clock.due_on < act.occurred_on
            if act is None or not (act.before == "not_in_place" or late):
                yield fault(
                    "measure.order", row, f"问题 {link.finding.number} 没有逾期、复查也不是不到位，就发了督办单"
                )
            if sorted(numbers[link.finding_id]) != list(range(1, len(numbers[link.finding_id]) + 1)):
                yield fault("measure.ordinal", row, f"问题 {link.finding.number} 的督办次数不连续")
        if row.ordinal != max((link.ordinal or 0 for link in mine), default=None):
            yield fault("measure.ordinal", row, "第几次与所督办的问题不符")
        ended = any(act.code == "end_order" for act in told[key].acts)
        if ended and any(link.finding.is_open and not link.finding.relapses for link in mine):
            yield fault("measure.ended", row, "督办单已经办结，问题还没有销号")


def _ordinals(findings: set[UUID]) -> dict[UUID, list[int]]:
    found: dict[UUID, list[int]] = defaultdict(list)
    rows = MeasureFinding.objects.filter(finding__in=findings, ordinal__isnull=False)
    for finding, ordinal in rows.values_list("finding", "ordinal"):
        found[finding].append(ordinal or 0)
    return found


# Cases


def _cases(told: dict[UUID, Told]) -> Iterator[Fault]:
    """One review and one appeal each round, both deadlines of the decision, and somebody who may see it."""
    members = set(CaseMember.objects.filter(case__in=told, ended_on__isnull=True).values_list("case", flat=True))
    for key, one in told.items():
        row = one.row
        assert isinstance(row, Case)
        if key not in members:
            yield fault("case.members", row, "没有一名成员可以看到案件")
        done = Counter((act.round, act.code) for act in one.acts)
        for round_ in {act.round for act in one.acts}:
            if done[round_, "apply_review"] > 1:
                yield fault("case.review", row, "复核不止一次")
            if done[round_, "appeal"] + done[round_, "appeal_after_review"] > 1:
                yield fault("case.appeal", row, "申诉不止一次")
        decided = [act for act in one.acts if act.code == "decide"]
        if row.decided_on != (decided[-1].occurred_on if decided else None):
            yield fault("case.decided_on", row, "收到问责决定的日期与办理记录不同")
        for act in decided:
            started = {clock.limit for clock in one.clocks if clock.started_by_id == act.pk}
            if missing := {"L_ACC_REVIEW_APPLY", "L_ACC_APPEAL_DIRECT"} - started:
                yield fault("case.deadlines", row, f"问责决定没有起算：{'、'.join(sorted(missing))}")
