"""What waits in the loop: what is past its limit, due, or stands without a limit, each with its next act and who may take it.

It reads the clocks and the states as they stand; nothing is kept. A constant number of statements for any number of matters.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from dudao.findings.models import Finding, Proposal
from dudao.papers import queries as papers
from dudao.procedures import library, matters
from dudao.procedures import queries as procedures
from dudao.procedures.models import Clock, Matter
from dudao.shell.acts import Actor
from dudao_engines.procedures import rules
from dudao_engines.procedures.schema import ROLES, Act, Need, Procedure
from dudao_engines.procedures.situation import Situation

What = Proposal.What
SOON = timedelta(days=3)
SHOWN = 3
#: Acts that end a matter without having done it, or stand beside its way: never the next thing to do.
_ASIDE = frozenset({"withdraw", "cancel", "revoke", "report_up"})
#: States of findings for which an order can be proposed.
_ORDERED = ("rectifying", "not_in_place")


@dataclass(frozen=True, slots=True)
class Step:
    """An act that is next: what it is called, who may take it, what it still lacks in words."""

    act: Act
    lacks: str = ""

    @property
    def name(self) -> str:
        return self.act.name

    @property
    def who(self) -> str:
        return "、".join(ROLES[role] for role in self.act.who)

    def is_mine(self, actor: Actor, matter: Matter) -> bool:
        """Whether the hat may take it; the office always may write it down for others, which is not meant here."""
        unit: UUID = matter.unit_id  # type: ignore[attr-defined]
        here = procedures.roles(actor, unit=unit, department=getattr(matter, "department_id", None))
        return bool((here & {"unit"} if actor.is_of(unit) else here) & set(self.act.who))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits.

    Attributes:
        matter: the row.
        what: why it is here; empty where it only waits, without a limit.
        day: since when it waits: the due day, or the day of the present state.
        limit: the limit in words; empty where there is none.
        said: what is the matter, where no limit says it.
        steps: what is next; empty only where something is broken.
        is_estimate: the day is 暂估.
    """

    matter: Matter
    what: str
    day: date
    limit: str = ""
    said: str = ""
    steps: tuple[Step, ...] = ()
    is_estimate: bool = False

    @property
    def is_for_unit(self) -> bool:
        return bool(self.steps) and "unit" in self.steps[0].act.who and self.what in (What.LATE, What.DUE, What.SOON)

    def days(self, today: date) -> int:
        """How many days it is late or waits; negative: still to come."""
        return (today - self.day).days

    def step(self, today: date) -> int:
        """How manieth time it is to be said: anew each week."""
        return max(self.days(today) - 1, 0) // 7


def read(rows: Iterable[Matter], *, today: date) -> list[Waiting]:
    """What waits of some matters, which the caller has found within the reader's scope."""
    found: list[Waiting] = []
    by_kind: dict[str, list[Matter]] = defaultdict(list)
    for row in rows:
        by_kind[row.PROCEDURE].append(row)
    for code, mine in by_kind.items():
        found += _of_kind(matters.kinds[code], mine, today=today)
    return found


def _of_kind(kind: matters.Kind, rows: Sequence[Matter], *, today: date) -> list[Waiting]:
    situations = kind.situations(rows, today)
    clocks: dict[UUID, list[Clock]] = defaultdict(list)
    for clock in procedures.running_clocks_of([row.pk for row in rows]):
        clocks[clock.subject].append(clock)
    served = papers.served_kinds({(row._meta.label_lower, str(row.pk)) for row in rows})
    found = []
    for row in rows:
        mine = list(_of_one(row, situations[row.pk], clocks[row.pk], today=today))
        mine += _served(row, situations[row.pk], served.get((row._meta.label_lower, str(row.pk)), {}))
        found += mine or _without_limit(row, situations[row.pk], [c for c in clocks[row.pk] if not _is_over(c, today)])
    return found


def _of_one(row: Matter, situation: Situation, clocks: Sequence[Clock], *, today: date) -> Iterable[Waiting]:
    procedure = library.procedure(row.PROCEDURE)
    if isinstance(row, Finding):
        yield from _of_finding(row, situation, today=today)
    for clock in clocks:
        if clock.due_on > today + SOON or _is_over(clock, today):
            continue
        if clock.due_on >= today:
            what = What.DUE if clock.due_on == today else What.SOON
        else:
            what = What.LAPSED if clock.limit in _lapses(procedure) else What.LATE
        steps = next_steps(situation, limit=clock.limit)
        if what == What.LATE and isinstance(row, Finding) and row.state in _ORDERED:
            steps += (Step(library.act("measure", "propose_order")),)
        yield Waiting(row, what, clock.due_on, clock.name, "", steps, clock.is_provisional)


def _of_finding(row: Finding, situation: Situation, *, today: date) -> Iterable[Waiting]:
    if row.severity == Finding.Severity.DANGER and row.is_open and not _done(situation, "report_up"):
        up = Step(library.act("finding", "report_up"))
        yield Waiting(row, What.DANGER, row.found_on, said="危及师生安全，还没有登记上报", steps=(up,))
    if row.state == "registered" and row.due_on and row.due_on < today:
        said = "还没有告知单位，所定整改期限已过"
        yield Waiting(row, What.LATE, row.due_on, said=said, steps=next_steps(situation))


def _served(row: Matter, situation: Situation, days: Mapping[str, tuple[date, date | None]]) -> list[Waiting]:
    """Papers that were issued, or served already, for an act that is not written down."""
    found = []
    for act in rules.open_acts(library.procedure(row.PROCEDURE), situation):
        if (
            act.told
            or act.paper not in days
            or _done(situation, act.id)
            or rules.blocked(library.procedure(row.PROCEDURE), act, situation)
        ):
            continue
        issued, received = days[act.paper]
        said = "文书单位已经收到，还没有办理" if received else "文书已经印发，还没有登记送达"
        found.append(Waiting(row, What.SERVED, received or issued, said=said, steps=(Step(act),)))
    return found


def _without_limit(row: Matter, situation: Situation, clocks: Sequence[Clock]) -> list[Waiting]:
    """A matter that has no limit now and is not at rest."""
    state = library.procedure(row.PROCEDURE).state(row.state)
    if clocks or state.final or state.rest:
        return []
    steps = next_steps(situation)
    if row.state == "not_in_place":
        steps += (Step(library.act("measure", "propose_order")),)
    return [Waiting(row, "", row.state_since, said=row.state_words, steps=steps)]


def _done(situation: Situation, act: str) -> bool:
    return any(taken.act == act for taken in situation.done)


def next_steps(situation: Situation, *, limit: str = "") -> tuple[Step, ...]:
    """What is next of a matter, the first few: what ends the limit, else what leads on, else what can be done at all."""
    procedure = library.procedure(situation.procedure)
    ranked: dict[int, list[Step]] = defaultdict(list)
    for act in rules.open_acts(procedure, situation):
        if act.told or act.id in _ASIDE:
            continue
        missing = rules.blocked(procedure, act, situation)
        moves = bool(act.to) and act.to != situation.state(act.track)
        # What only wants its paper can be got ready now.
        can = all(one.code == "procedures.paper" for one in missing)
        rank = 3 if not can else 0 if limit in act.stops else 1 if moves else 2 if not missing else 3
        ranked[rank].append(Step(act, missing[0].words if missing else ""))
    return tuple(ranked[min(ranked)][:SHOWN]) if ranked else ()


def _is_over(clock: Clock, today: date) -> bool:
    """A time in which somebody could have asked for something and did not: nobody is late by it."""
    return clock.due_on < today and clock.limit in windows(clock.procedure)


def windows(procedure: str) -> frozenset[str]:
    """Limits within which something can be asked for (复核, 申诉)."""
    acts = library.procedure(procedure).acts
    return frozenset(one.open for act in acts for need in act.needs for one in need.within() if one.open)


def _lapses(procedure: Procedure) -> frozenset[str]:
    """Limits whose end opens a way: somebody had time to speak, and did not."""
    return frozenset(limit for act in procedure.acts for need in act.needs for limit in _lapsed(need))


def _lapsed(need: Need) -> Iterable[str]:
    return (one.lapsed for one in need.within() if one.lapsed)


# Which matters


def clocks_visible_to(actor: Actor, *, until: date, today: date) -> QuerySet[Clock]:
    """The clocks that run out by a day, of the matters that the reader sees."""
    mine = Q(pk__in=[])
    for code, kind in matters.kinds.items():
        # Who sees the county sees every matter of it, the secret ones apart: the index of clocks is enough then.
        whole = actor.sees_county and not kind.model.IS_SECRET
        mine |= (
            Q(procedure=code) if whole else Q(procedure=code, subject__in=kind.visible_to(actor, today).values("pk"))
        )
    over = Q(pk__in=[])
    for code in matters.kinds:
        if limits := windows(code):
            over |= Q(procedure=code, limit__in=limits, due_on__lt=today)
    return procedures.running_clocks(actor.county, until=until).filter(mine).exclude(over)


def clocks_until(county: str, until: date, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The keys of those of some matters on which a limit runs out by a day."""
    return (
        procedures.running_clocks(county, until=until)
        .filter(subject__in=rows.values("pk"))
        .order_by()
        .values("subject")
    )


def with_clock(county: str, procedure: str) -> QuerySet[Any]:
    """The keys of the matters of a procedure on which a limit runs."""
    return procedures.running_clocks(county, procedure=procedure).order_by().values("subject")


def matters_of(actor: Actor, clocks: Collection[Clock], *, today: date) -> dict[UUID, Matter]:
    """The matters of some clocks with nothing more said of their units; one statement a procedure."""
    found: dict[UUID, Matter] = {}
    for code in {clock.procedure for clock in clocks}:
        keys = [clock.subject for clock in clocks if clock.procedure == code]
        found |= {row.pk: row for row in matters.kinds[code].visible_to(actor, today).filter(pk__in=keys)}
    return found


def dangers(actor: Actor, *, today: date) -> QuerySet[Finding]:
    """Findings that endanger life and that nobody has reported up in the present round."""
    rows = matters.kinds["finding"].visible_to(actor, today)
    open_ = rows.filter(severity=Finding.Severity.DANGER, state__in=Finding.OPEN)
    return open_.exclude(procedures.taken_in_round("report_up")).order_by("found_on", "pk")
