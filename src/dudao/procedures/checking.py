"""Whether what is written down of matters is what the procedures allow: acts, clocks, people, proofs.

Reads a thousand matters at a time with a constant number of statements and believes nothing: every rule is looked at again
from the rows, whatever the services would have refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from dudao.files import queries as files
from dudao.procedures import library
from dudao.procedures.matters import Kind, Said
from dudao.procedures.models import Act, Clock, Matter
from dudao.shell.acts import system
from dudao.shell.calendars import holidays
from dudao_engines.kernel import deadlines
from dudao_engines.procedures import schema as schemas

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be: a code for programs, where, and words for people. No personal data."""

    code: str
    procedure: str
    number: str
    subject: UUID
    words: str


@dataclass(slots=True)
class Told:
    """What is known of one matter, read once for all checks.

    Attributes:
        acts: in the order in which they were written down.
        proven: keys of the acts that have a file.
    """

    row: Matter
    acts: list[Act] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    proven: frozenset[UUID] = frozenset()

    def stopped_by(self, act: Act, limit: str) -> Clock | None:
        return next((c for c in self.clocks if c.stopped_by_id == act.pk and c.limit == limit), None)


def batches(kind: Kind, county: str) -> Iterator[list[Any]]:
    """All matters of a kind, a thousand at a time; whoever may see them."""
    rows = kind.model._base_manager.filter(county=county).order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def read(rows: Sequence[Matter]) -> dict[UUID, Told]:
    """Acts, clocks and proofs of some matters; three statements."""
    found = {row.pk: Told(row) for row in rows}
    for act in Act.objects.filter(subject__in=found).order_by("pk"):
        found[act.subject].acts.append(act)
    for clock in Clock.objects.filter(subject__in=found).select_related("started_by", "stopped_by").order_by("pk"):
        found[clock.subject].clocks.append(clock)
    keys = {str(act.pk): act.pk for told in found.values() for act in told.acts}
    county = rows[0].county if rows else ""
    given = files.files_of_many(system(county), Act, keys).values_list("subject", flat=True)
    proven = frozenset(keys[key] for key in given)
    for told in found.values():
        told.proven = proven
    return found


def faults(told: Mapping[UUID, Told]) -> Iterator[Fault]:
    """What every procedure asks, looked at on some matters."""
    for one in told.values():
        for code, row, words in _of_one(one):
            yield fault(code, row, words)


def fault(code: str, row: Matter, words: str) -> Fault:
    return Fault(code, row.PROCEDURE, getattr(row, "number", str(row.pk)), row.pk, words)


def _of_one(told: Told) -> Iterator[Said]:
    row, procedure = told.row, library.procedure(told.row.PROCEDURE)
    known = {state.id: state for state in procedure.states}
    for track, state in row.states:
        if state not in known or known[state].track != track:
            yield "state", row, f"状态“{state}”不在程序里"
            return
    if not told.acts:
        yield "acts.none", row, "没有任何办理记录"
        return
    yield from _chain(told, procedure)
    for act in told.acts:
        try:
            yield from _act(told, act, procedure.act(act.code))
        except KeyError:
            yield "acts.unknown", row, f"程序里没有动作“{act.code}”"
    yield from _clocks(told, procedure)


# Acts


def _chain(told: Told, procedure: schemas.Procedure) -> Iterator[Said]:
    """Each act begins where the one before it ended, and the last ends where the matter stands."""
    row = told.row
    stands = {track: procedure.first(track) for track in procedure.tracks}
    stands["main"] = ""
    since: dict[str, date] = {}
    round_ = 1
    for act in told.acts:
        if act.before != stands.get(act.track):
            yield "acts.chain", row, f"“{act.name}”的原状态与上一步的结果不同"
        if act.round not in (round_, round_ + 1):
            yield "acts.round", row, f"“{act.name}”的轮次不接上一步"
        round_ = act.round
        if _knows(procedure, act.code) and procedure.act(act.code).to:
            since[act.track] = act.occurred_on
        stands[act.track] = act.after
    for track, state in row.states:
        if stands[track] != state:
            yield "acts.end", row, f"现状态“{library.state_name(row.PROCEDURE, state)}”不是最后一步的结果"
    if row.round != round_:
        yield "acts.round", row, "轮次与办理记录不同"
    if since.get("main", row.state_since) != row.state_since:
        yield "acts.since", row, "进入现状态的日期不是那一步的日期"


def _act(told: Told, act: Act, known: schemas.Act) -> Iterator[Said]:
    row = told.row
    if act.version_of != library.procedure(row.PROCEDURE).version:
        # Taken under another version of the file: its chain is looked at, its conditions cannot be.
        return
    if act.before and act.before not in known.source:
        yield "acts.from", row, f"“{act.name}”不能从“{library.state_name(row.PROCEDURE, act.before)}”开始"
    if act.after != (known.to or act.before):
        yield "acts.to", row, f"“{act.name}”的结果不是程序所定的"
    if "evidence" in known.brings and act.paper_id is None and act.pk not in told.proven:
        yield "evidence", row, f"“{act.name}”没有佐证材料"
    round_ = act.round - (known.round == "new")
    earlier = [one for one in told.acts[: told.acts.index(act)] if one.round == round_ or not one.before]
    for need in known.needs:
        yield from _need(told, act, need, earlier)


def _need(told: Told, act: Act, need: schemas.Need, earlier: Sequence[Act]) -> Iterator[Said]:
    """Conditions that can be looked at afterwards: the hearing, the open window, the second person, the step before."""
    if need.open and not _within(told.stopped_by(act, need.open), act):
        yield "window", told.row, f"“{act.name}”不在期限以内"
    if need.other_than:
        hands = {act.by_person, act.behalf_person} - {None}
        for one in earlier:
            if one.code in need.other_than and hands & {one.by_person, one.behalf_person}:
                yield "same-person", told.row, f"“{act.name}”与“{one.name}”是同一人办理"
    if need.any and all(inner.done or inner.lapsed for inner in need.any):
        said = any(one.code in inner.done for inner in need.any for one in earlier)
        lapsed = (told.stopped_by(act, inner.lapsed) for inner in need.any if inner.lapsed)
        if not said and not any(clock and clock.due_on < act.occurred_on for clock in lapsed):
            yield "heard", told.row, f"“{act.name}”以前，单位没有答复，期限也没有满"
    if need.done and not any(one.code in need.done for one in earlier):
        yield "acts.before", told.row, f"“{act.name}”以前缺少必须的一步"


def _within(clock: Clock | None, act: Act) -> bool:
    return clock is not None and clock.due_on >= act.occurred_on


# Clocks


def _clocks(told: Told, procedure: schemas.Procedure) -> Iterator[Said]:
    row, running = told.row, [clock for clock in told.clocks if clock.stopped_by_id is None]
    limits = [clock.limit for clock in running]
    table = holidays()
    for limit in sorted({limit for limit in limits if limits.count(limit) > 1}):
        yield "clock.twice", row, f"期限 {limit} 同时计着两个"
    for clock in running:
        if procedure.state(row.state).final:
            yield "clock.ended", row, f"事项已经结束，{clock.name}还在计"
        if clock.round != row.round:
            yield "clock.round", row, f"{clock.name}是上一轮的，还在计"
    for clock in told.clocks:
        begins = procedure.act(clock.started_by.code).begins if _knows(procedure, clock.started_by.code) else False
        on = clock.started_by.occurred_on
        if clock.started_by.subject != row.pk or clock.started_on > on or (clock.started_on != on and not begins):
            yield "clock.start", row, f"{clock.name}的起算日不是起算那一步的日期"
        if clock.stopped_by and clock.stopped_on != clock.stopped_by.occurred_on:
            yield "clock.stop", row, f"{clock.name}的停止日不是停止那一步的日期"
        if (due := _wanted(clock, table)) and due != clock.due_on:
            yield "clock.due", row, f"{clock.name}到期日是{clock.due_on}，按依据应为{due}"


def _knows(procedure: schemas.Procedure, code: str) -> bool:
    return any(act.id == code for act in procedure.acts)


def _wanted(clock: Clock, table: deadlines.Holidays) -> date | None:
    """The due day that the rule gives; none where it was reckoned with other holiday tables than those of today."""
    if clock.amount is None:
        return clock.started_by.due_on
    new = deadlines.due(clock.started_on, clock.amount, clock.unit, table)
    same = (new.calendar[:100], new.provisional) == (clock.calendar, clock.is_provisional)
    return new.day if same else None
