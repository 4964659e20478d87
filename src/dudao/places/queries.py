"""Reading units and regions. Names of units are no secret inside a county."""

from datetime import date

from django.db.models import Q, QuerySet

from dudao.places.models import UnitVersion
from dudao.shell.acts import Actor


def units_visible_to(actor: Actor, *, as_of: date) -> QuerySet[UnitVersion]:
    """The units of the actor's county as they were on a day, in the order of their names.

    Rows are ``UnitVersion``; ``row.unit_id`` is the stable key.
    """
    return (
        UnitVersion.objects.filter(unit__county=actor.county, valid_from__lte=as_of)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=as_of))
        .select_related("unit")
        .order_by("sort_key", "pk")
    )
