"""The plan of a year, and the aim that everybody comes to a training within some years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from dudao.inspectors import queries as inspectors
from dudao.inspectors.models import Inspector
from dudao.inspectors.queries import Known
from dudao.shell.acts import Actor
from dudao.training.models import Attendance, Batch, Certificate, Invitation, Level, Session
from dudao.training.queries.hours import trained_since
from dudao.training.queries.rules import Standing, last_day, rules
from dudao.training.queries.scope import batches_visible_to


@dataclass(frozen=True, slots=True)
class Planned:
    """A batch with its numbers: people named, sessions and their hours, people who came at least once, certificates."""

    batch: Batch
    invited: int
    sessions: int
    hours: Decimal | None
    came: int
    certified: int


@dataclass(frozen=True, slots=True)
class Aim:
    """全员轮训: who of those in office came to a 集中 training within the years, and who did not."""

    rule: Standing
    since: int
    people: int
    missing: Sequence[Known]

    @property
    def trained(self) -> int:
        return self.people - len(self.missing)


def planned(actor: Actor, year: int) -> list[Planned]:
    """The batches of a year's plan that the reader sees, by level and day. Five statements."""
    rows = list(batches_visible_to(actor).filter(year=year).order_by("starts_on", "pk"))
    keys = [row.pk for row in rows]
    invited = _count(Invitation.objects.filter(batch__in=keys).values("batch"), "inspector")
    certified = _count(Certificate.objects.filter(batch__in=keys).values("batch"), "inspector")
    held = {
        one["batch"]: (one["number"], one["total"])
        for one in Session.objects.filter(batch__in=keys, cancelled_why="")
        .order_by()
        .values("batch")
        .annotate(number=Count("pk"), total=Sum("hours"))
    }
    here = Q(state=Attendance.State.PRESENT, session__batch__in=keys)
    came = {
        one["session__batch"]: one["number"]
        for one in Attendance.objects.filter(here)
        .order_by()
        .values("session__batch")
        .annotate(number=Count("inspector", distinct=True))
    }
    order = list(Level.values)
    return sorted(
        (
            Planned(
                row, invited.get(row.pk, 0), *held.get(row.pk, (0, None)), came.get(row.pk, 0), certified.get(row.pk, 0)
            )
            for row in rows
        ),
        key=lambda one: order.index(one.batch.level),
    )


def _count(rows: object, of: str) -> Mapping[UUID, int]:
    found = rows.order_by().annotate(number=Count(of))  # type: ignore[attr-defined]
    return {one["batch"]: one["number"] for one in found}


def aim(county: str, year: int, *, today: date) -> Aim:
    """How far 全员轮训 has come by the end of a year, or today. Six statements."""
    day = last_day(year, today)
    rule = rules(county, day=date(year, 12, 31))["training_everybody"]
    people = inspectors.roster(county, day=day)
    trained = trained_since(county, years=rule.value, day=day)
    return Aim(rule, year - rule.value + 1, len(people), [one for one in people if one.key not in trained])


def invited(batch: Batch) -> list[Inspector]:
    """Who is to take part, in the order of their names. One statement."""
    rows = Inspector.objects.filter(pk__in=batch.invitations.values("inspector"))
    return list(rows.select_related("person").order_by("person__sort_key", "pk"))
