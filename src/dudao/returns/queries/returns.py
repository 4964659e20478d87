"""Who sees which campaign and which return."""

from django.db.models import Exists, OuterRef, Q, QuerySet

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
