"""Where matters stand, for the engine and for people. The caller has found the matters within the actor's scope."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from dudao.papers import queries as papers
from dudao.papers.models import Paper
from dudao.procedures import library
from dudao.procedures.models import Act, Clock, LimitValue, Matter
from dudao.shell.acts import Actor
from dudao.shell.calendars import holidays
from dudao_engines.kernel import deadlines
from dudao_engines.procedures import rules
from dudao_engines.procedures import schema as schemas
from dudao_engines.procedures.rules import Missing
from dudao_engines.procedures.situation import Situation, Taken

#: The field of a paper that says until when, by the kind of paper.
_UNTIL = {"supervision-order": "办结期限"}


@dataclass(frozen=True, slots=True)
class Effective:
    """A limit as it holds in a county on a day."""

    limit: schemas.Limit
    amount: int | None
    unit: str
    enabled: bool
    rule: str
    is_sure: bool


def limits(county: str, procedure: str, on: date) -> dict[str, Effective]:
    """The limits of a procedure on a day: the county's word before the file's."""
    own: dict[str, LimitValue] = {}
    for row in LimitValue.objects.filter(county=county, procedure=procedure, from_on__lte=on).order_by("from_on"):
        own[row.limit] = row
    found = {}
    for limit in library.procedure(procedure).limits:
        said = own.get(limit.id)
        if said:
            sure = said.is_checked
            found[limit.id] = Effective(limit, said.amount, said.unit, said.is_enabled, said.source, sure)
        else:
            rule = limit.clause or limit.note
            found[limit.id] = Effective(limit, limit.amount, limit.unit, limit.enabled, rule, limit.is_sure)
    return found


def reckon(limit: Effective | None, on: date) -> deadlines.Due | None:
    """The due day of a limit that starts on a day; none where it is off or no span is set."""
    if limit is None or not limit.amount or not limit.enabled:
        return None
    return deadlines.due(on, limit.amount, limit.unit, holidays())


def set_by(matter: Matter, act: schemas.Act, on: date) -> Effective | None:
    """The limit whose day an act sets, as it holds in the county on a day."""
    if "due" not in act.brings:
        return None
    known = limits(matter.county, matter.PROCEDURE, on)
    return next((known[one] for one in act.starts), None)


def said_in(paper: Paper | None) -> date | None:
    """The day until which a paper drafted in this system wants something done; the clock must say the same."""
    said = str(paper.values.get(_UNTIL.get(paper.kind, ""), "")) if paper else ""
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def roles(actor: Actor, *, unit: UUID | None, department: UUID | None = None) -> frozenset[str]:
    """What the hat is to a matter about a unit: of ``schema.ROLES``."""
    found = set()
    if actor.sees_county and actor.can("loop.office"):
        found.add("office")
    if actor.sees_county and actor.can("loop.lead"):
        found.add("leader")
    if actor.can("loop.inspect") and unit in actor.units and unit != actor.unit:
        found.add("inspector")
    if actor.can("loop.upper"):
        found.add("upper")
    if unit and actor.is_of(unit) and actor.can("loop.answer"):
        found.add("unit")
    if department and actor.is_of(department) and actor.can("loop.answer"):
        found.add("department")
    return frozenset(found)


def situations(
    matters: Collection[Matter], *, today: date, marks: Mapping[UUID, Collection[str]] | None = None
) -> dict[UUID, Situation]:
    """Where each matter stands, the matters it is linked with apart; three statements for one procedure.

    Args:
        marks: grounds and words of the application for each matter.
    """
    rows = {row.pk: row for row in matters}
    done: dict[UUID, set[Taken]] = defaultdict(set)
    for subject, round_, code, by, behalf in Act.objects.filter(subject__in=rows).values_list(
        "subject", "round", "code", "by_person", "behalf_person"
    ):
        if round_ == rows[subject].round or library.procedure(rows[subject].PROCEDURE).act(code).begins:
            done[subject].add(Taken(code, frozenset(str(p) for p in (by, behalf) if p)))
    running: dict[UUID, set[str]] = defaultdict(set)
    passed: dict[UUID, set[str]] = defaultdict(set)
    for clock in Clock.objects.filter(subject__in=rows).order_by("pk"):
        if clock.round != rows[clock.subject].round:
            continue
        # The latest clock of a limit says how it stands.
        running[clock.subject].discard(clock.limit)
        passed[clock.subject].discard(clock.limit)
        if clock.due_on < (clock.stopped_on or today):
            passed[clock.subject].add(clock.limit)
        elif clock.stopped_on is None:
            running[clock.subject].add(clock.limit)
    issued = papers.issued_kinds({(row._meta.label_lower, str(row.pk)) for row in rows.values()})
    return {
        pk: Situation(
            procedure=row.PROCEDURE,
            kind=row.kind_code,
            states=row.states,
            marks=frozenset((marks or {}).get(pk, ())),
            done=frozenset(done[pk]),
            running=frozenset(running[pk]),
            passed=frozenset(passed[pk]),
            papers=frozenset(issued.get((row._meta.label_lower, str(pk)), ())),
        )
        for pk, row in rows.items()
    }


def linked(situation: Situation, others: Iterable[Situation]) -> Situation:
    return replace(situation, linked=tuple(others))


@dataclass(frozen=True, slots=True)
class Next:
    """An act that stands open: whether this person may take it, who may, and what is still missing."""

    act: schemas.Act
    mine: bool
    missing: tuple[Missing, ...]

    @property
    def who(self) -> str:
        return "、".join(schemas.ROLES[role] for role in self.act.who)

    @property
    def is_ready(self) -> bool:
        return not self.missing


def next_acts(situation: Situation, *, roles: Collection[str], of_unit: bool, person: UUID | None = None) -> list[Next]:
    """The acts of a matter that may follow, told ones apart; those this person may take first."""
    procedure = library.procedure(situation.procedure)
    found = [
        Next(
            act,
            rules.could_take(act, roles, of_unit=of_unit),
            tuple(rules.blocked(procedure, act, situation, person=str(person or ""))),
        )
        for act in rules.open_acts(procedure, situation)
        if not act.told
    ]
    return sorted(found, key=lambda n: (not n.mine, not n.is_ready))


def timeline(matters: Collection[UUID]) -> QuerySet[Act]:
    """The acts of matters, the earliest first, with their papers."""
    return Act.objects.filter(subject__in=matters).select_related("paper", "told_by").order_by("occurred_on", "pk")


def running_clocks(county: str, *, until: date | None = None, procedure: str = "") -> QuerySet[Clock]:
    """The clocks that run in a county, the first due first."""
    clocks = Clock.objects.filter(county=county, stopped_by__isnull=True).order_by("due_on", "pk")
    if procedure:
        clocks = clocks.filter(procedure=procedure)
    return clocks.filter(due_on__lte=until) if until else clocks


def running_clocks_of(subjects: Collection[UUID]) -> QuerySet[Clock]:
    """The clocks that run on some matters, the first due first."""
    return Clock.objects.filter(subject__in=subjects, stopped_by__isnull=True).order_by("due_on", "pk")


def taken_in_round(code: str) -> Exists:
    """Whether an act was taken in the present round of a matter; for a filter of its rows."""
    return Exists(Act.objects.filter(subject=OuterRef("pk"), round=OuterRef("round"), code=code))


def clocks_of(subjects: Sequence[UUID]) -> QuerySet[Clock]:
    return Clock.objects.filter(subject__in=subjects).order_by("-started_on", "-pk")


def limit_values(county: str) -> QuerySet[LimitValue]:
    """What a county says of limits itself."""
    return LimitValue.objects.filter(Q(county=county)).order_by("procedure", "limit", "from_on")
