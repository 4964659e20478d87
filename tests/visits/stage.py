"""Responsible inspectors for tests of visits."""

from dataclasses import replace
from datetime import date

from dudao.accounts import queries as accounts
from dudao.duties import queries as duties
from dudao.duties.services import Given, assign_duties
from dudao.places.models import Unit
from dudao.shell.acts import system
from tests.cast import NOW, SINCE, TODAY, Cast, Player, player
from tests.inspectors.stage import ABLE, announced, entered


def responsible(cast: Cast, name: str, *schools: Unit, since: date = SINCE) -> Player:
    """An inspector in office who is responsible for some schools, beside whoever is already."""
    one = player(name, "inspector", Unit.objects.get(pk=cast.office.appointment.unit_id))
    row = entered(one, replace(ABLE, certificate_number=f"示例-{name}", certificate_from=SINCE))
    announced(row)
    by = system("640122")
    keys = {school.pk for school in schools}
    beside = [Given(held.unit, held.inspector) for held in duties.duties_on("640122", day=TODAY) if held.unit in keys]
    assign_duties(rows=[*beside, *(Given(key, row.pk) for key in keys)], starts_on=since, by=by, now=NOW)
    actor, _ = accounts.actor_for(one.user, hat=None, day=TODAY)
    return Player(one.person, one.user, one.appointment, actor)
