"""Reading notices, points, tasks and parts. Each query takes the reader first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from dudao.accounts import queries as accounts
from dudao.places import queries as places
from dudao.plan.models import Flag, Notice, Point, Section, Summary, SummaryParagraph, Task, TaskChange, TaskPart
from dudao.shell.acts import Actor


def notices_visible_to(actor: Actor) -> QuerySet[Notice]:
    """All notices for those who read them in; for others the confirmed ones, which are public papers."""
    notices = Notice.objects.filter(county=actor.county)
    if actor.can("notice.read"):
        return notices
    return notices.filter(state=Notice.State.CONFIRMED)


def notices(actor: Actor) -> QuerySet[Notice]:
    """The list of notices with how many points and tasks each has, without their texts."""
    points = Point.objects.filter(section__notice=OuterRef("pk")).order_by().values("section__notice")
    tasks = Task.objects.filter(notice=OuterRef("pk"), opens_on__isnull=True).exclude(
        state__in=(Task.State.DROPPED, Task.State.WITHDRAWN)
    )
    return (
        notices_visible_to(actor)
        .defer("text", "metadata", "checks")
        .annotate(
            point_count=Coalesce(Subquery(points.annotate(n=Count("pk")).values("n")), 0),
            task_count=Coalesce(Subquery(tasks.order_by().values("notice").annotate(n=Count("pk")).values("n")), 0),
        )
    )


def notice_years(actor: Actor) -> list[int]:
    """The years that have notices, the newest first."""
    return list(notices_visible_to(actor).order_by("-year").values_list("year", flat=True).distinct())


def outline(actor: Actor, notice: UUID) -> Notice | None:
    """One notice with sections, points, their duties and flags; six statements however long it is."""
    duties = Task.objects.filter(opens_on__isnull=True).exclude(state=Task.State.WITHDRAWN)
    return (
        notices_visible_to(actor)
        .filter(pk=notice)
        .prefetch_related(
            Prefetch("sections", Section.objects.order_by("position")),
            Prefetch("sections__points", Point.objects.order_by("position")),
            Prefetch("sections__points__tasks", duties.order_by("position", "pk"), to_attr="duties"),
            Prefetch("flags", Flag.objects.order_by("start", "pk")),
        )
        .first()
    )


def points_visible_to(actor: Actor) -> QuerySet[Point]:
    return Point.objects.filter(section__notice__in=notices_visible_to(actor)).select_related("section__notice")


def flags_visible_to(actor: Actor) -> QuerySet[Flag]:
    return Flag.objects.filter(notice__in=notices_visible_to(actor)).select_related("notice")


def tasks_visible_to(actor: Actor, *, withdrawn: bool = False) -> QuerySet[Task]:
    """The county's tasks for those who see it whole; for a unit those that it leads or has a part in.

    Args:
        withdrawn: with those that were taken out of the plan, for those who see the county whole.
    """
    outside = [state for state in Task.OUTSIDE if not withdrawn or state != Task.State.WITHDRAWN]
    tasks = Task.objects.filter(county=actor.county)
    if actor.sees_county:
        return tasks.exclude(state__in=outside)
    tasks = tasks.exclude(state__in=Task.OUTSIDE)
    mine = TaskPart.objects.filter(task=OuterRef("pk"), unit__in=actor.units).exclude(state=TaskPart.State.WITHDRAWN)
    return tasks.filter(Q(lead__in=actor.units) & ~Q(state=Task.State.DRAFT) | Exists(mine))


def duties_visible_to(actor: Actor) -> QuerySet[Task]:
    """What is being checked or was dropped while checking: for those who read notices in."""
    if not actor.can("notice.read"):
        return Task.objects.none()
    wanted = (Task.State.CHECKING, Task.State.DROPPED)
    return Task.objects.filter(county=actor.county, state__in=wanted).select_related("notice", "point__section__notice")


# Posts whose holders are asked to answer for a task.
ANSWERING = (
    "office_director", "office_staff", "committee_head", "leader", "section_head", "department_contact",
    "township_contact", "inspector",
)  # fmt: skip
# Kinds of unit that lead a task; schools take part.
LEADING = ("office", "bureau", "section", "department", "township")


def leads(actor: Actor, *, task: Task | None, today: date) -> list[tuple[str, str]]:
    """The units that can lead a task, key and name, with the one that does."""
    units = places.units_visible_to(actor, as_of=today)
    rows = units.filter(Q(kind__in=LEADING) | Q(unit=task.lead_id if task else None))
    return [(str(unit.unit_id), unit.short_name or unit.name) for unit in rows]


def people(actor: Actor, *, task: Task | None, today: date) -> list[tuple[str, str]]:
    """The people who can answer for a task, key and name, with those who do."""
    held = accounts.holds_post(day=today)
    wanted = Q(pk__in=[task.leader_id, task.person_id] if task else [])
    for post in ANSWERING:
        wanted |= held(post)
    rows = accounts.people_visible_to(actor, day=today).filter(wanted).order_by("sort_key", "pk")
    return [(str(person.pk), person.name) for person in rows]


def tasks(actor: Actor, *, today: date, withdrawn: bool = False) -> QuerySet[Task]:
    """The list of tasks with ``lead_name``, ``sign_by`` (the first day on which a unit should sign that has not) and
    ``is_answered`` (an answer waits to be looked at); ``counted`` sets the counts of those that are shown."""
    parts = TaskPart.objects.filter(task=OuterRef("pk"))
    parts = parts if actor.sees_county else parts.filter(unit__in=actor.units)
    waiting = parts.filter(state=TaskPart.State.WAITING)
    return (
        tasks_visible_to(actor, withdrawn=withdrawn)
        .select_related("person")
        .annotate(
            lead_name=places.name_on("lead", as_of=today),
            # Asked of those under way only, which are few of many years.
            sign_by=Case(
                When(state=Task.State.HANDED, then=Subquery(waiting.order_by("sign_by").values("sign_by")[:1]))
            ),
            is_answered=Case(
                When(state=Task.State.HANDED, then=Exists(parts.filter(state=TaskPart.State.ANSWERED))),
                default=Value(False),
            ),
        )
    )


def counted(actor: Actor, rows: Iterable[Task]) -> list[Task]:
    """Set on each task how its parts and periods stand, as far as the actor may count them; two statements however many.

    Sets ``part_count``, ``signed_count``, ``answered_count``, ``done_count``, ``waiting_count``, ``next_sign_by`` (the first
    day of those that wait), ``period_count``, ``period_done``.
    """
    found = list(rows)
    keys = [task.pk for task in found]
    parts = TaskPart.objects.filter(task__in=keys).exclude(state=TaskPart.State.WITHDRAWN)
    if not actor.sees_county:
        parts = parts.filter(Q(unit__in=actor.units) | Q(task__lead__in=actor.units))
    states: dict[UUID, dict[str, tuple[int, date]]] = defaultdict(dict)
    by_state = parts.order_by().values_list("task", "state").annotate(Count("state"), Min("sign_by"))
    for key, state, count, day in by_state:
        states[key][state] = count, day
    again = [task.pk for task in found if task.rule]
    periods = _periods(Q(parent__in=again)).order_by().values("parent")
    done = Count("pk", filter=Q(state=Task.State.DONE))
    held = {row["parent"]: (row["count"], row["done"]) for row in periods.annotate(count=Count("pk"), done=done)}
    for task in found:
        of = {state: count for state, (count, _) in states[task.pk].items()}
        waiting = of.get(TaskPart.State.WAITING, 0)
        task.part_count = sum(of.values())  # type: ignore[attr-defined]
        task.waiting_count, task.signed_count = waiting, sum(of.values()) - waiting  # type: ignore[attr-defined]
        task.answered_count, task.done_count = (  # type: ignore[attr-defined]
            of.get(TaskPart.State.ANSWERED, 0),
            of.get(TaskPart.State.DONE, 0),
        )
        task.next_sign_by = states[task.pk][TaskPart.State.WAITING][1] if waiting else None  # type: ignore[attr-defined]
        task.period_count, task.period_done = held.get(task.pk, (0, 0))  # type: ignore[attr-defined]
    return found


def _periods(which: Q) -> QuerySet[Task]:
    """The periods of tasks that come again."""
    return Task.objects.filter(which, opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)


def periods_of(actor: Actor, task: Task, *, today: date) -> list[Task]:
    """The periods of a task that comes again, the first first, with their counts."""
    periods = tasks(actor, today=today).filter(parent=task, opens_on__isnull=False)
    return counted(actor, periods.order_by("opens_on", "pk"))


def point_choices(actor: Actor, years: Sequence[int]) -> list[tuple[str, str]]:
    """The points that tasks of these years come from, key and words, in the order of the notices."""
    points = points_visible_to(actor).filter(section__notice__year__in=years, section__notice__state="confirmed")
    rows = points.order_by("section__notice__handed_in_at", "section__position", "position")
    named = rows.values_list("pk", "no", "title", "words")
    return [
        (str(key), f"{no}．{title or words[:20]}" if no else title or words[:20]) for key, no, title, words in named
    ]


def point_titles(actor: Actor, keys: Sequence[UUID]) -> list[tuple[UUID, str, str]]:
    """Number and title of points, or their first words, in the order given by the notices."""
    rows = points_visible_to(actor).filter(pk__in=keys).values_list("pk", "no", "title", "words")
    return [(key, no, title or words[:24]) for key, no, title, words in rows]


def of_the_year(years: Sequence[int]) -> Q:
    """Narrows tasks to those of the newest of ``years``, and those of earlier years that are not at their end."""
    return Q(year__gte=years[0]) | Q(state__in=Task.UNDONE) if years else Q()


def current(*, today: date) -> Q:
    """Narrows tasks to one row each: of one that comes again the periods that have begun and are not done, else itself."""
    begun = Q(opens_on__lte=today, state__in=Task.UNDONE) | Q(opens_on__gt=today, state=Task.State.HANDED)
    return begun | Q(~Exists(_periods(Q(parent=OuterRef("pk"))).filter(begun)), opens_on__isnull=True)


def to_hand_down(actor: Actor, *, chosen: list[UUID], today: date) -> QuerySet[Task]:
    """What can be handed down: of the chosen tasks the open ones, the done ones to be opened again, and the open periods of
    those that come again; with none chosen the open tasks of the year, of those that come again the periods that are on."""
    rows = tasks_visible_to(actor).select_related("notice", "point__section", "parent").defer("notice__text")
    once = rows.filter(~Exists(_periods(Q(parent=OuterRef("pk"))))).order_by("position", "opens_on", "number")
    if chosen:
        mine = Q(pk__in=chosen, state__in=(*Task.OPEN, Task.State.DONE))
        return once.filter(mine | Q(parent__in=chosen, opens_on__isnull=False, state__in=Task.OPEN))
    held = years(actor)
    year = today.year if today.year in held or not held else held[0]
    return once.filter(current(today=today), year=year, state__in=Task.OPEN)


def tasks_to_set(actor: Actor, chosen: list[UUID]) -> QuerySet[Task]:
    """Chosen tasks with what ``services.planned`` looks at."""
    rows = tasks_visible_to(actor).filter(pk__in=chosen).select_related("notice", "parent__notice")
    return rows.defer("notice__text", "parent__notice__text").order_by("position", "opens_on", "number")


def late(actor: Actor, *, today: date) -> Q:
    """Narrows tasks to those for which a unit has not signed by its day."""
    which = Q(state=TaskPart.State.WAITING, sign_by__lt=today)
    if actor.sees_county:
        # The state first: it is cheap, and most tasks are at their end.
        return Q(state=Task.State.HANDED) & Q(Exists(TaskPart.objects.filter(which, task=OuterRef("pk"))))
    return Q(pk__in=TaskPart.objects.filter(which, unit__in=actor.units).values("task"), state=Task.State.HANDED)


def parts_visible_to(actor: Actor) -> QuerySet[TaskPart]:
    """The parts of the units that the hat sees and of tasks that they lead; all for those who see the county whole."""
    parts = TaskPart.objects.filter(county=actor.county)
    if actor.sees_county:
        return parts
    return parts.filter(Q(unit__in=actor.units) | Q(task__lead__in=actor.units))


def waiting_parts(actor: Actor) -> QuerySet[TaskPart]:
    """Parts handed down and not signed for; a task that is paused waits for nobody."""
    return parts_visible_to(actor).filter(state=TaskPart.State.WAITING).exclude(task__state=Task.State.PAUSED)


def parts_to_sign(actor: Actor) -> QuerySet[TaskPart]:
    """What waits for this hat to sign: its own unit's, not those of units it only sees."""
    return waiting_parts(actor).filter(unit=actor.unit) if actor.can("plan.sign") else TaskPart.objects.none()


def waiting_ended(actor: Actor, task: Task, *, today: date) -> dict[str, str]:
    """Units that are still to sign for a task and have ended: name, and what became of each; three statements."""
    units = set(waiting_parts(actor).filter(task=task).values_list("unit", flat=True))
    names = places.unit_names(actor, units, as_of=today)
    return {names[key]: words for key, words in places.endings(actor, units, as_of=today).items()}


def overdue(actor: Actor, *, today: date) -> Q:
    """Narrows tasks to those past their day that are not done; for a unit those of which its own part is not."""
    if actor.sees_county:
        return Q(due_on__lt=today, state__in=Task.OPEN)
    mine = TaskPart.objects.filter(unit__in=actor.units, state__in=TaskPart.OPEN, due_on__lt=today)
    return Q(pk__in=mine.values("task"), state__in=Task.OPEN) | Q(
        lead__in=actor.units, due_on__lt=today, state__in=Task.OPEN
    )


def is_late(part: TaskPart, today: date) -> bool:
    """Whether a unit's part is past its day: to sign, or to tell what was done."""
    due = {TaskPart.State.WAITING: part.sign_by, TaskPart.State.SIGNED: part.due_on}.get(TaskPart.State(part.state))
    return due is not None and due < today


def parts_to_review(actor: Actor) -> QuerySet[TaskPart]:
    """Answers that wait for this hat to look at them: not those of its own unit."""
    if not actor.can("plan.review"):
        return TaskPart.objects.none()
    return parts_visible_to(actor).filter(state=TaskPart.State.ANSWERED).exclude(unit=actor.unit)


def changes_visible_to(actor: Actor) -> QuerySet[TaskChange]:
    """Wishes to put off, pause or resume: all of the county for those who see it whole; for a unit those of its own
    part, of tasks that it leads, and those that hold for a whole task of its."""
    changes = TaskChange.objects.filter(county=actor.county)
    if actor.sees_county:
        return changes
    own = Q(part__unit__in=actor.units) | Q(task__lead__in=actor.units)
    whole = Q(part__isnull=True, state=TaskChange.State.APPROVED)
    return changes.filter(own | whole, task__in=tasks_visible_to(actor))


def changes(actor: Actor, *, today: date) -> QuerySet[TaskChange]:
    """The list of wishes, those first that wait (``is_open``); ``unit_name`` where it is one unit's part."""
    return (
        changes_visible_to(actor)
        .select_related("task", "part")
        .annotate(
            unit_name=places.name_on("part__unit", as_of=today),
            is_open=Case(When(state=TaskChange.State.ASKED, then=Value(1)), default=Value(0)),
        )
        .order_by("-is_open", "-asked_on", "-pk")
    )


def changes_to_decide(actor: Actor) -> QuerySet[TaskChange]:
    """Wishes that wait for this person to decide: not their own."""
    if not actor.can("plan.approve"):
        return TaskChange.objects.none()
    asked = changes_visible_to(actor).filter(state=TaskChange.State.ASKED)
    return asked.exclude(asked_person__in=actor.hands)


def years(actor: Actor) -> list[int]:
    """The years that have tasks, the newest first."""
    tasks = Task.objects.filter(county=actor.county).exclude(state__in=Task.OUTSIDE)
    return list(tasks.order_by("-year").values_list("year", flat=True).distinct())


# The order of the notices; what was added by hand comes last.
_IN_ORDER = ("notice__handed_in_at", "point__section__position", "point__position", "position")


def plan_rows(actor: Actor) -> QuerySet[Task]:
    """The duties of the county's years without their periods: the tasks, and for those who read notices in also what is
    still being checked."""
    rows = Task.objects.filter(county=actor.county, opens_on__isnull=True)
    if actor.can("notice.read"):
        rows = rows.exclude(state__in=(Task.State.DROPPED, Task.State.WITHDRAWN))
        rows = rows.exclude(state=Task.State.CHECKING, notice__state=Notice.State.DROPPED)
    else:
        rows = rows.filter(pk__in=tasks_visible_to(actor).values("pk"))
    return rows.select_related("point__section", "notice").defer("notice__text", "notice__metadata", "notice__checks")


def plan_years(actor: Actor) -> list[int]:
    """The years that have such duties, the newest first."""
    return list(plan_rows(actor).order_by("-year").values_list("year", flat=True).distinct())


def plan_of(actor: Actor, *, year: int, today: date) -> list[Task]:
    """The duties of a year in the order of its notices, each with ``lead_name``; what was added by hand comes last."""
    rows = plan_rows(actor).filter(year=year).annotate(lead_name=places.name_on("lead", as_of=today))
    return list(rows.order_by(*(F(name).asc(nulls_last=True) for name in _IN_ORDER), "pk"))


def summed(actor: Actor, *, year: int, with_periods: bool = False) -> QuerySet[Task]:
    """The tasks that a summary of a year tells of, those withdrawn too, in the order of the notices; for those who see the
    county whole."""
    rows = Task.objects.filter(county=actor.county, year=year) if actor.sees_county else Task.objects.none()
    rows = rows.exclude(state__in=(Task.State.CHECKING, Task.State.DROPPED))
    if not with_periods:
        rows = rows.filter(opens_on__isnull=True)
    return (
        rows.select_related("point__section", "notice")
        .defer("notice__text", "notice__metadata", "notice__checks")
        .order_by(*(F(name).asc(nulls_last=True) for name in _IN_ORDER), "pk")
    )


def periods_of_year(actor: Actor, *, year: int) -> QuerySet[Task]:
    """The periods of a year's tasks that come again, for those who see the county whole."""
    rows = _periods(Q(county=actor.county, year=year, parent__isnull=False))
    return rows.order_by("opens_on", "pk") if actor.sees_county else rows.none()


def summaries_visible_to(actor: Actor) -> QuerySet[Summary]:
    """The summaries of the county, for those who see it whole."""
    return Summary.objects.filter(county=actor.county) if actor.sees_county else Summary.objects.none()


def paragraphs_visible_to(actor: Actor) -> QuerySet[SummaryParagraph]:
    return SummaryParagraph.objects.filter(summary__in=summaries_visible_to(actor)).select_related("summary")
