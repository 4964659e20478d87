"""The year's plan at a glance: where each duty stands, by column, day, unit, person and point of the notice.

A duty that comes again is one card: it stands where the period stands that is on, and says how many of its periods are
done. All readings take the reader first and a constant number of statements, however long the plan is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextChoices, Value
from django.db.models.functions import Coalesce

from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.plan import queries
from dudao.plan.models import Level, Notice, Section, Task, TaskPart
from dudao.shell.acts import Actor


class Stand(TextChoices):
    """Where a duty stands; each is in one place only, and what is late is late whatever else it is."""

    DRAFT = "draft", "未下达"
    WAITING = "waiting", "待签收"
    GOING = "going", "进行中"
    ANSWERED = "answered", "待审核"
    LATE = "late", "逾期"
    PAUSED = "paused", "暂停"
    DONE = "done", "办结"


TONES = {
    Stand.DRAFT: "none", Stand.WAITING: "wait", Stand.GOING: "go", Stand.ANSWERED: "soon", Stand.LATE: "late",
    Stand.PAUSED: "none", Stand.DONE: "done",
}  # fmt: skip
# Of several periods that are on, the card stands where the first of these is.
_FIRST = (Stand.LATE, Stand.ANSWERED, Stand.WAITING, Stand.GOING, Stand.DRAFT)


@dataclass(frozen=True, slots=True)
class Card:
    """One duty, or one period of it.

    Attributes:
        key: what the card opens: of a duty that comes again the period that is on.
        due_on: for a unit the day of its own part, where that was moved.
        held, periods: how many of its periods are done, of how many; 0 of 0 for one that does not come again.
    """

    key: UUID
    number: str
    title: str
    period: str
    stand: Stand
    due_on: date | None
    row: Any
    held: int = 0
    periods: int = 0
    lead: str = ""

    @property
    def tone(self) -> str:
        return TONES[self.stand]

    @property
    def label(self) -> str:
        return str(self.stand.label)

    @property
    def until(self) -> date | None:
        """The day of the whole: of one that comes again not that of the period that is on."""
        return None if self.periods else self.due_on

    @property
    def level(self) -> str:
        """From whom the duty comes, in the notice's own word where it has one; of ``whole`` cards."""
        row = self.row
        return row.level_label or (str(Level(row.level).label) if row.level in Level.values else "")

    @property
    def rhythm(self) -> str:
        """How often, in the notice's words where it has some."""
        row = self.row
        return row.rule_words or (str(Task.Rule(row.rule).label) if row.rule in Task.Rule.values else "")


_FIELDS = (
    "pk", "parent_id", "year", "number", "title", "period", "opens_on", "state", "lead_id", "lead_words", "person_id",
    "person__name", "leader_id", "leader__name", "rule", "rule_words", "due_words", "point_id", "position",
)  # fmt: skip
# What a hat sees of their parts.
_SEEN = ("is_given", "sign_by", "is_answered", "is_open", "due")
# What the wall sheet shows beside.
_WHOLE = (
    "level", "level_label", "cooperating", "proof", "notice_id", "notice__title", "point__no",
    "point__title", "point__words", "point__position", "point__section_id", "point__section__no",
    "point__section__heading", "point__section__position",
)  # fmt: skip


def _parts(actor: Actor) -> QuerySet[TaskPart]:
    """Parts of tasks and units that the hat sees, which the caller has narrowed to; by ``queries.parts_visible_to``.

    Without the county, which those have: with it the database takes the county's index once for each row outside.
    """
    parts = TaskPart.objects.all()
    return parts if actor.sees_county else parts.filter(Q(unit__in=actor.units) | Q(task__lead__in=actor.units))


def _rows(actor: Actor, *, where: Q, due: tuple[date, date] = (date.min, date.max)) -> QuerySet[Any]:
    """Tasks that the hat sees, with what of their parts it sees: ``is_given``, ``sign_by`` (the first day of those not signed for), ``is_answered``,
    ``is_open``, and the day ``due``: for a unit that of its own part.

    Args:
        due: with other than all days, only what is due between the two.
    """
    parts = _parts(actor).filter(task=OuterRef("pk"))
    live = parts.exclude(state=TaskPart.State.WITHDRAWN)
    waiting = parts.filter(state=TaskPart.State.WAITING).order_by("sign_by")
    own = parts.filter(unit__in=actor.units, state__in=TaskPart.OPEN).order_by("due_on").values("due_on")[:1]
    rows = (
        queries.tasks_visible_to(actor)
        .filter(where)
        .annotate(
            is_given=Exists(live),
            sign_by=Subquery(waiting.values("sign_by")[:1]),
            is_answered=Exists(parts.filter(state=TaskPart.State.ANSWERED)),
            # Asked of units only.
            is_open=Value(True) if actor.sees_county else Exists(parts.filter(state__in=TaskPart.OPEN)),
            due=F("due_on") if actor.sees_county else Coalesce(Subquery(own), F("due_on")),
        )
        .order_by("position", "number", "pk")
    )
    return rows if due == (date.min, date.max) else rows.filter(due__range=due)


def _stand(row: Any, *, actor: Actor, today: date) -> Stand:
    if row.state == Task.State.DONE:
        return Stand.DONE
    if row.state == Task.State.PAUSED:
        return Stand.PAUSED
    if not actor.sees_county and row.is_given and not row.is_open:
        # A unit is done with what it has done; the county's task goes on until the office closes it.
        return Stand.DONE
    if row.due and row.due < today:
        return Stand.LATE
    if row.state == Task.State.DRAFT or not row.is_given:
        return Stand.DRAFT
    if row.is_answered:
        return Stand.ANSWERED
    return Stand.WAITING if row.sign_by else Stand.GOING


def cards(actor: Actor, *, today: date, where: Q, whole: bool = False) -> list[Card]:
    """The duties as the hat sees them, in the order of the plan; two statements.

    Args:
        where: narrows tasks and periods alike, for example to a year.
        whole: with all that the wall sheet says.
    """
    return cards_of(actor, rows(actor, where=where, whole=whole), today=today)


def rows(actor: Actor, *, where: Q, whole: bool = False) -> list[Any]:
    """The tasks and their periods as the hat sees them, in the order of the plan, with how their parts stand."""
    fields = (*_FIELDS, *(_WHOLE if whole else ()))
    return list(_rows(actor, where=where).values_list(*fields, *_SEEN, named=True))


def cards_of(actor: Actor, rows: Sequence[Any], *, today: date) -> list[Card]:
    """The duties of rows, those that come again as one; one statement."""
    periods: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        if row.opens_on:
            periods[row.parent_id].append(row)
    heads = [row for row in rows if not row.opens_on]
    seen = {row.pk for row in heads}
    # A unit may have periods of a duty that it does not see as a whole.
    heads += [group[0] for key, group in periods.items() if key not in seen]
    heads.sort(key=lambda row: (row.position, row.number))
    names = places.unit_names(actor, {row.lead_id for row in heads if row.lead_id}, as_of=today)
    made = []
    for row in heads:
        lead = names.get(row.lead_id, "") or row.lead_words
        group = periods.get(row.parent_id if row.opens_on else row.pk)
        if group:
            made.append(_of_periods(row, group, lead=lead, actor=actor, today=today))
        else:
            stand = _stand(row, actor=actor, today=today)
            made.append(Card(row.pk, row.number, row.title, "", stand, row.due, row, lead=lead))
    return made


def _of_periods(head: Any, group: list[Any], *, lead: str, actor: Actor, today: date) -> Card:
    """One card for a duty that comes again: it stands where the period stands that most needs somebody."""
    stands = [(_stand(row, actor=actor, today=today), row) for row in sorted(group, key=lambda row: row.opens_on)]
    held = sum(stand is Stand.DONE for stand, _ in stands)
    on = [(s, row) for s, row in stands if s in _FIRST and (row.opens_on <= today or row.state == Task.State.HANDED)]
    ahead = [row for s, row in stands if s in _FIRST and row.opens_on > today]
    if on:
        stand, shown = min(on, key=lambda one: _FIRST.index(one[0]))
    elif ahead:
        # What was due is done, and the next has not begun.
        stand, shown = (Stand.GOING if held else Stand.DRAFT), ahead[0]
    else:
        stand, shown = next(((s, row) for s, row in stands if s is Stand.PAUSED), stands[-1])
    number = head.number.split(".")[0] if head.opens_on else head.number
    return Card(
        shown.pk, number, head.title, shown.period, stand, shown.due, head, held=held, periods=len(group), lead=lead
    )


@dataclass(slots=True)
class Lane:
    """A column of the board: the cards shown and how many there are."""

    stand: Stand
    cards: list[Card] = field(default_factory=list)
    total: int = 0

    @property
    def tone(self) -> str:
        return TONES[self.stand]

    @property
    def label(self) -> str:
        return str(self.stand.label)


def board(found: Sequence[Card], *, limit: int) -> list[Lane]:
    """Cards by column, in each the nearest day first, at most ``limit`` of them."""
    lanes = {stand: Lane(stand) for stand in Stand}
    for card in found:
        lanes[card.stand].cards.append(card)
    for lane in lanes.values():
        lane.cards.sort(key=lambda card: card.due_on or date.max)
        lane.total, lane.cards = len(lane.cards), lane.cards[:limit]
    return list(lanes.values())


def part_counts(actor: Actor, keys: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many parts of each task are done, of how many that the hat sees; one statement."""
    parts = _parts(actor).filter(task__in=list(keys)).exclude(state=TaskPart.State.WITHDRAWN)
    counted = (
        parts.order_by().values("task").annotate(n=Count("*"), done=Count("state", filter=Q(state=TaskPart.State.DONE)))
    )
    return {row["task"]: (row["done"], row["n"]) for row in counted}


@dataclass(slots=True)
class Tally:
    """How many duties stand where; ``late`` and the others do not overlap."""

    counts: dict[Stand, int] = field(default_factory=lambda: dict.fromkeys(Stand, 0))

    def add(self, card: Card) -> None:
        self.counts[card.stand] += 1

    def __getitem__(self, stand: str) -> int:
        return self.counts[Stand(stand)]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def blocks(self) -> tuple[int, int, int, int]:
        """For the row of blocks: done, going on, late, not begun."""
        c = self.counts
        going = c[Stand.WAITING] + c[Stand.GOING] + c[Stand.ANSWERED]
        return c[Stand.DONE], going, c[Stand.LATE], c[Stand.DRAFT] + c[Stand.PAUSED]


@dataclass(slots=True)
class Holder:
    """A person who answers for duties, and where those stand. ``key`` is ``None`` for those that nobody has."""

    key: UUID | None
    name: str
    counts: Tally = field(default_factory=Tally)


def by_person(found: Sequence[Card], *, leader: bool = False) -> list[Holder]:
    """The people who answer (or lead, ``leader``) with their duties counted, most late first; 未定 last."""
    holders: dict[UUID | None, Holder] = {}
    for card in found:
        row = card.row
        key, name = (row.leader_id, row.leader__name) if leader else (row.person_id, row.person__name)
        holders.setdefault(key, Holder(key, name or "未定")).counts.add(card)
    return sorted(holders.values(), key=lambda one: (one.key is None, -one.counts["late"], -one.counts.total, one.name))


# By day


def due_between(actor: Actor, *, first: date, last: date, today: date) -> dict[date, list[Card]]:
    """What is due on each day between two: tasks, and periods of those that come again; two statements."""
    again = Task.objects.filter(parent=OuterRef("pk"), opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    leaves = Q(opens_on__isnull=False) | ~Exists(again)
    rows = list(_rows(actor, where=leaves, due=(first, last)).values_list(*_FIELDS, *_SEEN, named=True))  # type: ignore[arg-type]
    names = places.unit_names(actor, {row.lead_id for row in rows if row.lead_id}, as_of=today)
    found: dict[date, list[Card]] = defaultdict(list)
    for row in rows:
        stand, lead = _stand(row, actor=actor, today=today), names.get(row.lead_id, "") or row.lead_words
        found[row.due].append(Card(row.pk, row.number, row.title, row.period, stand, row.due, row, lead=lead))
    return found


# By unit


def units(actor: Actor, *, year: int, today: date, by: str = "") -> QuerySet[UnitVersion]:
    """The units of the day; for who does not see the county the own and those that have a part in what these lead.

    Their figures come afterwards, for the rows that are shown (``count_units``).

    Args:
        by: the figure to order by, where it is one: only that is counted for all.
    """
    rows = places.units_visible_to(actor, as_of=today)
    if not actor.sees_county:
        theirs = _parts_in(actor, year).filter(task__in=_led(actor, year))
        rows = rows.filter(Q(unit__in=actor.units) | Q(unit__in=theirs.values("unit")))
    of_unit, of_lead = _figures(today)
    if by in of_unit:
        parts = _parts_in(actor, year).filter(of_unit[by], unit=OuterRef("unit_id")).order_by()
        counted = Subquery(parts.values("unit").annotate(n=Count("*")).values("n"))
    elif by in of_lead:
        led = _led(actor, year).filter(of_lead[by], lead=OuterRef("unit_id")).order_by()
        counted = Subquery(led.values("lead").annotate(n=Count("*")).values("n"))
    else:
        return rows
    return rows.annotate(**{by: Coalesce(counted, 0)})


def count_units(actor: Actor, rows: Sequence[UnitVersion], *, year: int, today: date) -> None:
    """Give units the figures of the year: their parts by where they stand (``waiting``, ``going``, ``answered``, ``late``,
    ``paused``, ``done``, together ``total``), and the tasks they lead (``leads``, ``leads_late``, ``leads_done``); two
    statements."""
    keys, (of_unit, of_lead) = [row.unit_id for row in rows], _figures(today)
    parts = _parts_in(actor, year).filter(unit__in=keys).order_by().values("unit")
    counted: dict[UUID, Any] = {row["unit"]: row for row in parts.annotate(**_counts(of_unit))}
    led = _led(actor, year).filter(lead__in=keys).order_by().values("lead")
    leads: dict[UUID, Any] = {row["lead"]: row for row in led.annotate(**_counts(of_lead))}
    for row in rows:
        for names, found in ((of_unit, counted), (of_lead, leads)):
            for name in names:
                setattr(row, name, found.get(row.unit_id, {}).get(name, 0))


def _figures(today: date) -> tuple[dict[str, Q], dict[str, Q]]:
    """The figures of a unit by name: of its parts, and of the tasks it leads."""
    return (
        {**{stand.value: _part_where(stand, today=today) for stand in _PART_STANDS}, "total": Q()},
        {"leads": Q(), "leads_late": _late_led(today), "leads_done": Q(state=Task.State.DONE)},
    )


def _counts(of: dict[str, Q]) -> dict[str, Count]:
    # The state stands in the index; the key does not.
    return {name: Count("state", filter=where) if where else Count("*") for name, where in of.items()}


def _late_led(today: date) -> Q:
    return Q(due_on__lt=today, state__in=Task.OPEN)


def unit_filters(actor: Actor, *, year: int, today: date) -> dict[str, Q]:
    """What narrows units: ``late`` (a part, or a task they lead), ``waiting`` for a signature, ``none`` (no work)."""
    parts = _parts_in(actor, year).filter(county=actor.county)
    led = _led(actor, year)
    late = parts.filter(_part_where(Stand.LATE, today=today)).values("unit")
    return {
        "late": Q(unit__in=late) | Q(unit__in=led.filter(_late_led(today), lead__isnull=False).values("lead")),
        "waiting": Q(unit__in=parts.filter(_part_where(Stand.WAITING, today=today)).values("unit")),
        "none": ~Exists(_parts_in(actor, year).filter(unit=OuterRef("unit_id")))
        & ~Exists(led.filter(lead=OuterRef("unit_id"))),
    }


_PART_STANDS = (Stand.WAITING, Stand.GOING, Stand.ANSWERED, Stand.LATE, Stand.PAUSED, Stand.DONE)
_PART_STATES = {
    Stand.WAITING: TaskPart.State.WAITING,
    Stand.GOING: TaskPart.State.SIGNED,
    Stand.ANSWERED: TaskPart.State.ANSWERED,
}


def _part_where(stand: Stand, *, today: date) -> Q:
    """Narrows parts to those that stand there."""
    if stand is Stand.DONE:
        return Q(state=TaskPart.State.DONE) | Q(task__state=Task.State.DONE)
    if stand is Stand.PAUSED:
        return Q(state__in=TaskPart.OPEN, task__state=Task.State.PAUSED)
    if stand is Stand.LATE:
        return Q(state__in=TaskPart.OPEN, due_on__lt=today, task__state__in=Task.OPEN)
    on_time = Q(due_on__isnull=True) | Q(due_on__gte=today)
    return on_time & Q(state=_PART_STATES[stand], task__state__in=Task.OPEN)


def part_stand(part: TaskPart, *, today: date) -> Stand:
    """Where a unit's part stands; ``part.task`` is there. The same rule as ``part_filters``."""
    if part.state == TaskPart.State.DONE or part.task.state == Task.State.DONE:
        return Stand.DONE
    if part.task.state == Task.State.PAUSED:
        return Stand.PAUSED
    if part.due_on and part.due_on < today:
        return Stand.LATE
    return next(stand for stand, state in _PART_STATES.items() if state == part.state)


def part_filters(*, today: date) -> dict[Stand, Q]:
    """What narrows parts to each place they can stand in."""
    return {stand: _part_where(stand, today=today) for stand in _PART_STANDS}


def _parts_in(actor: Actor, year: int) -> QuerySet[TaskPart]:
    of_year = Task.objects.filter(county=actor.county, year=year).exclude(state__in=Task.OUTSIDE)
    return _parts(actor).filter(task__in=of_year).exclude(state=TaskPart.State.WITHDRAWN)


def _led(actor: Actor, year: int) -> QuerySet[Task]:
    again = Task.objects.filter(parent=OuterRef("pk"), opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    led = Task.objects.filter(Q(opens_on__isnull=False) | ~Exists(again), year=year).exclude(state__in=Task.OUTSIDE)
    return led if actor.sees_county else led.filter(lead__in=actor.units).exclude(state=Task.State.DRAFT)


def parts_of_unit(actor: Actor, unit: UUID, *, year: int) -> QuerySet[TaskPart]:
    """A unit's parts of the year's tasks."""
    return _parts_in(actor, year).filter(unit=unit).select_related("task")


# By point of the notice


@dataclass(slots=True)
class Under:
    """Duties under one head: a point, or what no notice holds."""

    label: str
    key: UUID | None
    cards: list[Card] = field(default_factory=list)
    counts: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Part:
    """A section of a notice with its points."""

    label: str
    key: UUID | None
    points: list[Under] = field(default_factory=list)
    counts: Tally = field(default_factory=Tally)


def by_point(found: Sequence[Card]) -> list[Part]:
    """Duties by section and point in the order of their notices; those of no point last. Wants ``whole`` cards.

    Where there are several notices, a section is named with its own.
    """

    def order(card: Card) -> tuple[Any, ...]:
        row = card.row
        if row.point_id is None:
            return (1, "", 0, 0, row.position, row.number)
        place = (row.point__section__position, row.point__position)
        return (0, str(row.notice_id), *place, row.position, row.number)

    several = len({card.row.notice_id for card in found if card.row.point_id}) > 1
    parts: list[Part] = []
    for card in sorted(found, key=order):
        row = card.row
        if not parts or parts[-1].key != row.point__section_id:
            parts.append(Part(_section(row, several=several), row.point__section_id))
        part = parts[-1]
        if not part.points or part.points[-1].key != row.point_id:
            no, title = row.point__no or "", row.point__title or (row.point__words or "")[:40]
            part.points.append(Under(f"{no}．{title}" if no else title, row.point_id))
        part.points[-1].cards.append(card)
        part.points[-1].counts.add(card)
        part.counts.add(card)
    return parts


def _section(row: Any, *, several: bool) -> str:
    if row.point_id is None:
        return "其他任务"
    section = str(Section(no=row.point__section__no, heading=row.point__section__heading))
    return f"{row.notice__title} {section}".strip() if several or not section else section


def notices_of(actor: Actor) -> list[Notice]:
    """The confirmed notices, the newest year first, without their text; one statement."""
    rows = queries.notices_visible_to(actor).filter(state=Notice.State.CONFIRMED)
    return list(rows.only("pk", "title", "doc_no", "year").order_by("-year", "-handed_in_at"))
