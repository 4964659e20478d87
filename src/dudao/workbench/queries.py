"""What a person sees first: what is late, what is soon, what waits for them, and the year's duties."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q

from dudao.meetings import queries as meetings
from dudao.meetings.models import Meeting
from dudao.messages import queries as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.plan import overviews
from dudao.plan import queries as plan
from dudao.plan.lists import SOON
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.plan.overviews import Card, Count7, Stand
from dudao.shell.acts import Actor

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Due:
    """A task and the day it is late or soon for; ``units``: how many are still to sign, where it is that day."""

    task: Task
    on: date
    units: int


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
    counts: Count7 = field(default_factory=Count7)
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


def _late(actor: Actor, *, today: date) -> Heap:
    """Tasks past their day, and those that units have not signed for in time; the oldest first."""
    overdue = plan.overdue(actor, today=today)
    rows = plan.tasks_visible_to(actor)
    past = list(rows.filter(overdue, due_on__lt=today).order_by("due_on", "pk")[:SHOWN])
    unsigned = plan.waiting_first(actor, when=Q(sign_by__lt=today), limit=SHOWN)
    seen = {task.pk for task in past}
    found = [Due(task, task.due_on or today, 0) for task in past]
    found += [Due(one.task, one.sign_by, one.units) for one in unsigned if one.task.pk not in seen]
    return Heap(
        sorted(found, key=lambda one: one.on)[:SHOWN], rows.filter(overdue | plan.late(actor, today=today)).count()
    )


def _soon(actor: Actor, *, today: date) -> Heap:
    """Tasks due in the next days, and those to be signed by then; the nearest first."""
    until = today + SOON
    rows = plan.tasks_visible_to(actor)
    near = rows.filter(due_on__gte=today, due_on__lte=until, state__in=Task.OPEN)
    due = list(near.order_by("due_on", "pk")[:SHOWN])
    unsigned = plan.waiting_first(actor, when=Q(sign_by__gte=today, sign_by__lte=until), limit=SHOWN)
    seen = {task.pk for task in due}
    found = [Due(task, task.due_on or today, 0) for task in due]
    found += [Due(one.task, one.sign_by, one.units) for one in unsigned if one.task.pk not in seen]
    count = rows.filter(plan.soon(actor, today=today, until=until)).count()
    return Heap(sorted(found, key=lambda one: one.on)[:SHOWN], count)


def home(actor: Actor, *, today: date) -> Home:
    """The workbench; twenty statements however much there is."""
    waiting = plan.parts_to_sign(actor)
    review = plan.parts_to_review(actor).select_related("task").order_by("due_on", "task")
    reviewed_first = list(review[:SHOWN])
    mine = list(waiting.select_related("task").order_by("sign_by", "task")[:SHOWN])
    names = places.unit_names(actor, {part.unit_id for part in mine + reviewed_first}, as_of=today)
    for part in mine + reviewed_first:
        part.unit_name = names.get(part.unit_id, "—")  # type: ignore[attr-defined]
    decide = plan.changes_to_decide(actor).select_related("task").order_by("asked_on", "pk")
    prepared = messages.prepared(actor)
    years = plan.years(actor)
    year = years[0] if years else None
    return Home(
        late=_late(actor, today=today),
        soon=_soon(actor, today=today),
        mine=mine,
        mine_count=waiting.count(),
        review=reviewed_first,
        review_count=review.count(),
        decide=list(decide[:SHOWN]),
        decide_count=decide.count(),
        year=year,
        clauses=_of_the_year(actor, year, today=today) if year else [],
        prepared=list(prepared[:SHOWN]),
        prepared_count=prepared.count(),
        meetings=list(meetings.upcoming(actor)[:SHOWN]),
    )
