"""Responsible inspectors for tests of visits."""

from datetime import date

from dudao.accounts import queries as accounts
from dudao.accounts import services
from dudao.accounts.models import Grant
from dudao.places.models import Unit
from dudao.shell.acts import system
from tests.cast import NOW, SINCE, TODAY, Cast, Player, player


def responsible(cast: Cast, name: str, *schools: Unit, since: date = SINCE) -> Player:
    """An inspector who is responsible for some schools."""
    one = player(name, "inspector", Unit.objects.get(pk=cast.office.appointment.unit_id))
    for school in schools:
        _give(one, school, since=since)
    actor, _ = accounts.actor_for(one.user, hat=None, day=TODAY)
    return Player(one.person, one.user, one.appointment, actor)


def _give(one: Player, school: Unit, *, since: date) -> Grant:
    return services.give_grant(
        to_person=one.person, on_type="places.unit", on_key=str(school.pk), purpose="inspector.responsible", start_on=since,
        reason="示例", by=system("640122"), now=NOW,
    )  # fmt: skip
