"""Reading plans. Each query takes the reader first."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from dudao.inspections import queries as inspections
from dudao.inspections.models import Inspection
from dudao.shell.acts import Actor
from dudao.teams.models import Plan


def manages(actor: Actor) -> bool:
    """Plans name people who step back and who is left out: they are the office's own."""
    return actor.acts_for_county("inspector.manage")


def plans_visible_to(actor: Actor) -> QuerySet[Plan]:
    """The plans of the county, for the office."""
    rows = Plan.objects.filter(county=actor.county)
    return rows if manages(actor) else rows.none()


def open_inspections(actor: Actor, *, today: date) -> Sequence[Inspection]:
    """Inspections that have not begun, for which a team can be proposed, the earliest first."""
    rows = inspections.inspections(actor, today=today).filter(state__in=Inspection.AHEAD, begin_on__gte=today)
    return list(rows.order_by("begin_on", "serial"))


def inspections_of(actor: Actor, keys: Sequence[UUID]) -> list[Inspection]:
    """These inspections, as far as the reader may see them, with their teams."""
    return list(inspections.inspections_visible_to(actor).filter(pk__in=keys).prefetch_related("team"))
