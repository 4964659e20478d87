"""What a person sees first: what is late, what is soon, what waits for them, and the year's duties."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from dudao.meetings import queries as meetings
from dudao.meetings.models import Meeting
from dudao.messages import queries as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.plan import overviews
from dudao.plan import queries as plan
from dudao.plan.lists import SOON
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.plan.overviews import Card, Stand, Tally
from dudao.shell.acts import Actor

SHOWN = 5

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Due:
    """A task and the day it is late or soon for: its own, or that on which units should have signed."""

    task: Task
    on: date
    is_unsigned: bool


@dataclass(frozen=True, slots=True)
class Heap:
    """The first few of some tasks, and how many there are."""

    tasks: list[Due]
    count: int


@dataclass(slots=True)
class Clause:
    """A point of the year's notices, how its tasks stand, and the one that is due next."""

    key: UUID | None
    no: str
    title: str
    counts: Tally = field(default_factory=Tally)
    next: Card | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The workbench of one hat on one day."""

    late: Heap
    soon: Heap
    mine: list[TaskPart]
    mine_count: int
    review: list[TaskPart]
    review_count: int
    decide: list[TaskChange]
    decide_count: int
    year: int | None
    clauses: list[Clause]
    prepared: list[Message]
    prepared_count: int
    meetings: list[Meeting]


def _of_the_year(actor: Actor, year: int, *, today: date) -> list[Clause]:
    """The points of a year in the order of the notices, each with how its tasks stand; what no notice holds comes last."""
    clauses: dict[UUID | None, Clause] = {}
    for card in overviews.cards(actor, today=today, where=Q(year=year), whole=True):
        row = card.row
        title = row.point__title or (row.point__words or "")[:24]
        held = clauses.setdefault(row.point_id, Clause(row.point_id, row.point__no or "", title))
        held.counts.add(card)
        if card.stand not in (Stand.DONE, Stand.PAUSED) and card.due_on:
            held.next = min((card, *filter(None, [held.next])), key=lambda one: one.due_on or date.max)
    return sorted(clauses.values(), key=lambda one: one.key is None)


def _heap(due: QuerySet[Task], unsigned: list[Task], found: QuerySet[Task]) -> Heap:
    """The first of those due and of those not signed for, each once, the earliest day first."""
    first = {
        task.pk: Due(task, task.due_on or date.max, is_unsigned=False) for task in due.order_by("due_on", "pk")[:SHOWN]
    }
    for task in unsigned:
        first.setdefault(task.pk, Due(task, task.sign_by, is_unsigned=True))  # type: ignore[attr-defined]
    shown = sorted(first.values(), key=lambda one: one.on)[:SHOWN]
    return Heap(shown, len(first) if len(first) < SHOWN else found.count())


def _late(actor: Actor, *, today: date) -> Heap:
    """Tasks past their day, and those that units have not signed for in time."""
    overdue, rows = plan.overdue(actor, today=today), plan.tasks_visible_to(actor).filter(state__in=Task.OPEN)
    unsigned = plan.waiting_first(actor, until=today - timedelta(days=1), limit=SHOWN)
    return _heap(rows.filter(overdue, due_on__lt=today), unsigned, rows.filter(overdue | plan.late(actor, today=today)))


def _soon(actor: Actor, *, today: date) -> Heap:
    """Tasks due in the next days, and those to be signed by then."""
    until, rows = today + SOON, plan.tasks_visible_to(actor).filter(state__in=Task.OPEN)
    unsigned = plan.waiting_first(actor, since=today, until=until, limit=SHOWN)
    near = rows.filter(due_on__gte=today, due_on__lte=until)
    return _heap(near, unsigned, rows.filter(plan.soon(actor, today=today, until=until)))


def _first(rows: QuerySet[M]) -> tuple[list[M], int]:
    """The first few rows and how many there are; counted only where there are more."""
    first = list(rows[:SHOWN])
    return first, len(first) if len(first) < SHOWN else rows.count()


def home(actor: Actor, *, today: date) -> Home:
    """The workbench; at most twenty statements however much there is."""
    mine, mine_count = _first(plan.parts_to_sign(actor).select_related("task").order_by("sign_by", "task"))
    review, review_count = _first(plan.parts_to_review(actor).select_related("task").order_by("due_on", "task"))
    decide, decide_count = _first(plan.changes_to_decide(actor).select_related("task").order_by("asked_on", "pk"))
    prepared, prepared_count = _first(messages.prepared(actor))
    names = places.unit_names(actor, {part.unit_id for part in mine + review}, as_of=today)
    for part in mine + review:
        part.unit_name = names.get(part.unit_id, "—")  # type: ignore[attr-defined]
    years = plan.years(actor)
    year = years[0] if years else None
    return Home(
        late=_late(actor, today=today),
        soon=_soon(actor, today=today),
        mine=mine,
        mine_count=mine_count,
        review=review,
        review_count=review_count,
        decide=decide,
        decide_count=decide_count,
        year=year,
        clauses=_of_the_year(actor, year, today=today) if year else [],
        prepared=prepared,
        prepared_count=prepared_count,
        meetings=list(meetings.upcoming(actor)[:SHOWN]),
    )
