"""What a person sees first: what is late, what is soon, what waits for them, and the year's duties."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from dudao.meetings import queries as meetings
from dudao.meetings.models import Meeting
from dudao.messages import queries as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.plan import queries as plan
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.shell.acts import Actor

SOON = timedelta(days=3)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Heap:
    """The first few tasks that wait for signatures, and how many there are."""

    tasks: list[plan.Waiting]
    count: int


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
    tasks: list[Task]
    prepared: list[Message]
    prepared_count: int
    meetings: list[Meeting]


def _of_the_year(actor: Actor, year: int, *, today: date) -> list[Task]:
    rows = plan.tasks(actor, today=today).filter(plan.current(today=today), year=year)
    return plan.counted(actor, rows.order_by("position", "number")[:60])


def home(actor: Actor, *, today: date) -> Home:
    """The workbench; eighteen statements however much there is."""
    late = plan.waiting_first(actor, when=Q(sign_by__lt=today), limit=SHOWN)
    soon = plan.waiting_first(actor, when=Q(sign_by__gte=today, sign_by__lte=today + SOON), limit=SHOWN)
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
        late=Heap(*late),
        soon=Heap(*soon),
        mine=mine,
        mine_count=waiting.count(),
        review=reviewed_first,
        review_count=review.count(),
        decide=list(decide[:SHOWN]),
        decide_count=decide.count(),
        year=year,
        tasks=_of_the_year(actor, year, today=today) if year else [],
        prepared=list(prepared[:SHOWN]),
        prepared_count=prepared.count(),
        meetings=list(meetings.upcoming(actor)[:SHOWN]),
    )
