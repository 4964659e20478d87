"""Who sees which campaign and which return."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from dudao.places import queries as places
from dudao.returns.models import Campaign, Return
from dudao.shell.acts import Actor


def campaigns_visible_to(actor: Actor) -> QuerySet[Campaign]:
    """All of the county for those who see it; for others those that a unit they see was called to, once it has begun."""
    rows = Campaign.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    mine = Return.objects.filter(campaign=OuterRef("pk"), unit__in=actor.units)
    return rows.filter(Exists(mine), state__in=(Campaign.State.OPEN, Campaign.State.LOCKED))


def returns_visible_to(actor: Actor) -> QuerySet[Return]:
    """All of the county for those who see it; for others those of the units they see, once the campaign has begun."""
    rows = Return.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    return rows.filter(Q(campaign__state__in=(Campaign.State.OPEN, Campaign.State.LOCKED)), unit__in=actor.units)


def named(rows: QuerySet[Return], *, as_of: date) -> QuerySet[Return]:
    """Returns with ``unit_name``: as the unit was called on a day; of one entered later its name since then."""
    later = date(as_of.year + 100, 1, 1)
    return rows.annotate(unit_name=Coalesce(places.name_on("unit", as_of=as_of), places.name_on("unit", as_of=later)))
