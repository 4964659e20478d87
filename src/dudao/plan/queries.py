"""Reading notices, points, tasks and parts. Each query takes the reader first."""

from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from dudao.places import queries as places
from dudao.plan.models import Flag, Notice, Point, Section, Task, TaskPart
from dudao.shell.acts import Actor

LIVE = ~Q(parts__state=TaskPart.State.WITHDRAWN)


def notices_visible_to(actor: Actor) -> QuerySet[Notice]:
    """All notices for those who read them in; for others the confirmed ones, which are public papers."""
    notices = Notice.objects.filter(county=actor.county)
    if actor.can("notice.read"):
        return notices
    return notices.filter(state=Notice.State.CONFIRMED)


def notices(actor: Actor) -> QuerySet[Notice]:
    """The list of notices with how many points and tasks each has."""
    return notices_visible_to(actor).annotate(
        point_count=Count("sections__points", distinct=True), task_count=Count("tasks", distinct=True)
    )


def outline(actor: Actor, notice: UUID) -> Notice | None:
    """One notice with sections, points and flags; five statements however long it is."""
    return (
        notices_visible_to(actor)
        .filter(pk=notice)
        .prefetch_related(
            Prefetch("sections", Section.objects.order_by("position")),
            Prefetch("sections__points", Point.objects.order_by("position")),
            Prefetch("flags", Flag.objects.order_by("start", "pk")),
        )
        .first()
    )


def points_visible_to(actor: Actor) -> QuerySet[Point]:
    return Point.objects.filter(section__notice__in=notices_visible_to(actor)).select_related("section__notice")


def flags_visible_to(actor: Actor) -> QuerySet[Flag]:
    return Flag.objects.filter(notice__in=notices_visible_to(actor)).select_related("notice")


def tasks_visible_to(actor: Actor) -> QuerySet[Task]:
    """The county's tasks for those who see it whole; for a unit those that it leads or has a part in."""
    tasks = Task.objects.filter(county=actor.county)
    if actor.sees_county:
        return tasks
    mine = TaskPart.objects.filter(task=OuterRef("pk"), unit__in=actor.units).exclude(state=TaskPart.State.WITHDRAWN)
    return tasks.filter(Q(lead__in=actor.units, state=Task.State.HANDED) | Exists(mine))


def tasks(actor: Actor, *, today: date) -> QuerySet[Task]:
    """The list of tasks: ``lead_name``, and its parts counted: ``part_count``, ``signed_count``, ``waiting_count``,
    ``next_sign_by``."""
    seen = LIVE if actor.sees_county else LIVE & Q(parts__unit__in=actor.units)
    return (
        tasks_visible_to(actor)
        .select_related("point__section", "notice")
        .annotate(
            lead_name=places.name_on("lead", as_of=today),
            part_count=Count("parts", filter=seen, distinct=True),
            signed_count=Count("parts", filter=seen & Q(parts__state=TaskPart.State.SIGNED), distinct=True),
            waiting_count=Count("parts", filter=seen & Q(parts__state=TaskPart.State.WAITING), distinct=True),
            next_sign_by=Min("parts__sign_by", filter=seen & Q(parts__state=TaskPart.State.WAITING)),
        )
    )


def parts_visible_to(actor: Actor) -> QuerySet[TaskPart]:
    """The parts of the actor's own units; all of the county for those who see it whole."""
    parts = TaskPart.objects.filter(task__county=actor.county).select_related("task__point__section", "task__notice")
    return parts if actor.sees_county else parts.filter(unit__in=actor.units)


def waiting_parts(actor: Actor, *, today: date) -> QuerySet[TaskPart]:
    """Parts handed down and not signed for, the latest first in need: those past their day come first."""
    return parts_visible_to(actor).filter(state=TaskPart.State.WAITING).order_by("sign_by", "task__number", "pk")


def years(actor: Actor) -> list[int]:
    """The years that have tasks, the newest first."""
    return sorted(set(tasks_visible_to(actor).values_list("year", flat=True)), reverse=True)
