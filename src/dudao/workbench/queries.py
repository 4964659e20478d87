"""What a person sees first: what is late, what is soon, what waits for them, and the year's duties."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse

from dudao.complaints import desk as complaints
from dudao.disclosure import queries as disclosure
from dudao.disclosure.models import Edition
from dudao.dossiers import queries as dossiers
from dudao.dossiers.queries import Desk
from dudao.draws import desk as draws
from dudao.duties import desk as duties
from dudao.findings import desk
from dudao.findings.desk import Pile
from dudao.inspectors import desk as register
from dudao.meetings import queries as meetings
from dudao.meetings.models import Meeting
from dudao.messages import queries as messages
from dudao.messages.models import Message
from dudao.papers import queries as papers
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.plan import overviews
from dudao.plan import queries as plan
from dudao.plan.lists import SOON
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.plan.overviews import Card, Stand, Tally
from dudao.returns import queries as returns
from dudao.returns.models import Return, SchoolCheck
from dudao.returns.queries import site
from dudao.shell.acts import Actor
from dudao.shell.desk import Light
from dudao.training import desk as training
from dudao.visits import desk as visits

SHOWN = 5
#: What apps around the inspectors put on the workbench: ``(actor, today) -> lights``.
_INSPECTORS = (
    register.lights,
    duties.lights,
    complaints.lights,
    training.lights,
    visits.lights,
    draws.lights,
)

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Due:
    """A task (``overviews.rows``) and the day it is late or soon for: its own, or that on which units should have signed."""

    row: Any
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
    no: str = ""
    title: str = ""
    counts: Tally = field(default_factory=Tally)
    next: Card | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Papers that wait for this hat, for one reason: the first few, how many, and where they all are."""

    label: str
    papers: list[Paper]
    count: int
    address: str


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
    papers: list[Waiting]
    loop: list[Pile]
    inspectors: list[Light]
    dossiers: list[Desk]
    publishing: list[Edition]
    publishing_count: int
    returns: list[Return]
    returns_count: int
    checks: list[SchoolCheck]
    checks_count: int

    @property
    def points(self) -> int:
        return sum(clause.key is not None for clause in self.clauses)

    @property
    def duties(self) -> int:
        return sum(clause.counts.total for clause in self.clauses)


def _clauses(actor: Actor, rows: list[Any], *, today: date) -> list[Clause]:
    """The points that tasks come from, each with how its tasks stand; what no notice holds comes last."""
    clauses: dict[UUID | None, Clause] = {}
    for card in overviews.cards_of(actor, rows, today=today):
        held = clauses.setdefault(card.row.point_id, Clause(card.row.point_id))
        held.counts.add(card)
        if card.stand not in (Stand.DONE, Stand.PAUSED) and card.due_on:
            held.next = min((card, *filter(None, [held.next])), key=lambda one: one.due_on or date.max)
    for key, no, title in plan.point_titles(actor, [key for key in clauses if key]):
        clauses[key].no, clauses[key].title = no, title
    return sorted(clauses.values(), key=lambda one: one.key is None)


def _heaps(rows: list[Any], *, today: date) -> tuple[Heap, Heap]:
    """What is late and what is due in the next days: by its own day, or by that on which units should have signed."""
    late, soon = [], []
    for row in rows:
        if row.state not in Task.OPEN:
            continue
        days = [(row.due, False), (row.sign_by if row.state == Task.State.HANDED else None, True)]
        known = [(day, unsigned) for day, unsigned in days if day]
        if not known:
            continue
        on, unsigned = min(known)
        if on < today:
            late.append(Due(row, on, is_unsigned=unsigned))
        elif on <= today + SOON:
            soon.append(Due(row, on, is_unsigned=unsigned))
    return _heap(late), _heap(soon)


def _heap(found: list[Due]) -> Heap:
    return Heap(sorted(found, key=lambda one: (one.on, one.row.number))[:SHOWN], len(found))


def _first(rows: QuerySet[M]) -> tuple[list[M], int]:
    """The first few rows and how many there are; counted only where there are more."""
    first = list(rows[:SHOWN])
    return first, len(first) if len(first) < SHOWN else rows.count()


def _papers(actor: Actor) -> list[Waiting]:
    """What waits to be signed, co-signed and received; a statement for each that the hat may do."""
    reasons = [("待我会签", papers.to_cosign(actor), reverse("papers:list"))]
    if actor.can("paper.issue"):
        reasons.insert(0, ("待我签发", papers.to_sign(actor), f"{reverse('papers:list')}?chip=submitted"))
    if actor.can("paper.receive"):
        reasons.append(("待签收公文", papers.to_receive(actor), f"{reverse('papers:received')}?chip=waiting"))
    found = [(label, *_first(rows), address) for label, rows, address in reasons]
    return [Waiting(*one) for one in found if one[1]]


def home(actor: Actor, *, today: date) -> Home:
    """The workbench; at most sixty-five statements however much there is."""
    mine, mine_count = _first(plan.parts_to_sign(actor).select_related("task").order_by("sign_by", "task"))
    review, review_count = _first(plan.parts_to_review(actor).select_related("task").order_by("due_on", "task"))
    decide, decide_count = _first(plan.changes_to_decide(actor).select_related("task").order_by("asked_on", "pk"))
    prepared, prepared_count = _first(messages.prepared(actor))
    publishing, publishing_count = _first(disclosure.on_desk(actor))
    filling, filling_count = _first(returns.on_desk(actor, today=today))
    checks, checks_count = _first(site.my_checks(actor, day=today))
    names = places.unit_names(actor, {part.unit_id for part in mine + review}, as_of=today)
    for part in mine + review:
        part.unit_name = names.get(part.unit_id, "—")  # type: ignore[attr-defined]
    years = plan.years(actor)
    year = years[0] if years else None
    rows = overviews.rows(actor, where=plan.of_the_year(years)) if years else []
    late, soon = _heaps(rows, today=today)
    return Home(
        late=late,
        soon=soon,
        mine=mine,
        mine_count=mine_count,
        review=review,
        review_count=review_count,
        decide=decide,
        decide_count=decide_count,
        year=year,
        clauses=_clauses(actor, [row for row in rows if row.year == year], today=today),
        prepared=prepared,
        prepared_count=prepared_count,
        meetings=list(meetings.upcoming(actor)[:SHOWN]),
        papers=_papers(actor),
        loop=desk.piles(actor, today=today),
        inspectors=[light for lights in _INSPECTORS for light in lights(actor, today=today)],
        dossiers=dossiers.on_desk(actor, today=today),
        publishing=publishing,
        publishing_count=publishing_count,
        returns=filling,
        returns_count=filling_count,
        checks=checks,
        checks_count=checks_count,
    )
