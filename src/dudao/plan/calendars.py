"""The due days of the plan as a calendar that telephones and Outlook subscribe to (RFC 5545)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from icalendar import Calendar, Event

from dudao.plan.models import Feed, Task, TaskPart
from dudao.plan.queries import tasks_visible_to
from dudao.shell.acts import Actor

# What lies further back nobody looks up in a telephone.
PAST = timedelta(days=180)
# How often a client is asked to look again.
AGAIN = timedelta(hours=6)


def feeds_of(actor: Actor) -> QuerySet[Feed]:
    """One's own calendars, the newest first."""
    return Feed.objects.filter(county=actor.county, user=actor.user)


def feed_by_digest(digest: str) -> Feed | None:
    """The live feed of an address, before anybody is known to read; one statement."""
    return Feed.objects.filter(digest=digest, revoked_at__isnull=True).select_related("user__person").first()


@dataclass(frozen=True, slots=True)
class Due:
    """A day in the calendar. ``version`` rises when the task changes."""

    key: UUID
    title: str
    on: date
    version: int
    is_done: bool
    is_gone: bool


def dues(actor: Actor, *, today: date) -> list[Due]:
    """The due days that the hat has: the county's for who sees it whole; else those of the tasks one answers for, that
    the unit leads or has a part in. What was taken back stays, as gone, so that it leaves the telephones; one statement.
    """
    again = Task.objects.filter(parent=OuterRef("pk"), opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    parts = TaskPart.objects.filter(task=OuterRef("pk"), unit__in=actor.units)
    live = parts.exclude(state=TaskPart.State.WITHDRAWN)
    # Tasks in one's own name are there before they are handed down.
    named = Q(person=actor.person) | Q(leader=actor.person)
    was_mine = (
        Q() if actor.sees_county else named | Exists(parts) | Q(lead__in=actor.units) & ~Q(state=Task.State.DRAFT)
    )
    rows = (
        Task.objects.filter(was_mine, Q(opens_on__isnull=False) | ~Exists(again), county=actor.county)
        .exclude(number="")
        .exclude(state__in=(Task.State.CHECKING, Task.State.DROPPED))
        .annotate(
            mine=Exists(tasks_visible_to(actor).filter(pk=OuterRef("pk"))),
            own_due=Coalesce(Subquery(live.order_by("due_on").values("due_on")[:1]), F("due_on")),
        )
        .filter(own_due__gte=today - PAST)
        .order_by("own_due", "position", "pk")
        .values_list(
            "pk", "title", "period", "own_due", "version", "state", "mine", "person", "leader", named=True,
        )
    )  # fmt: skip
    return [
        Due(
            row.pk,
            f"{row.title}（{row.period}）" if row.period else row.title,
            row.own_due,
            row.version,
            row.state == Task.State.DONE,
            row.state == Task.State.WITHDRAWN or not (row.mine or actor.person in (row.person, row.leader)),
        )
        for row in rows
    ]


def calendar(found: Iterable[Due], *, name: str, address_of: Callable[[UUID], str]) -> bytes:
    """The calendar file: titles and days, no names of people.

    Args:
        address_of: the page of a task, for opening it from the telephone.
    """
    made = Calendar()
    made.add("prodid", "-//Dudao//plan//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", "Asia/Shanghai")
    made.add("refresh-interval", AGAIN, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for due in found:
        event = Event()
        event.add("uid", f"{due.key}@dudao")
        # Stable for a task, so that the file changes only where the plan does: the key tells when the row was made.
        event.add("dtstamp", datetime.fromtimestamp((due.key.int >> 80) // 1000, tz=UTC))
        event.add("dtstart", due.on)
        event.add("dtend", due.on + timedelta(days=1))
        event.add("sequence", due.version)
        event.add("summary", f"【办结】{due.title}" if due.is_done else due.title)
        event.add("status", "CANCELLED" if due.is_gone else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        event.add("url", address_of(due.key))
        made.add_component(event)
    return bytes(made.to_ical())
