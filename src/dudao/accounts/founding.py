"""The first people of a new house: the office, its director and the three administrators. Later ones come by the pages."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dudao.accounts import access, services
from dudao.accounts.models import User
from dudao.places import services as places
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

POSTS = ("office_director", "system_admin", "security_admin", "audit_admin")


@transaction.atomic
def found_house(*, office: str, names: Sequence[str], by: Actor, now: datetime) -> list[access.Slip]:
    """Open the office as a unit and an account for its director and each of the three administrators.

    Args:
        office: name of the 督导室.
        names: four different people, in the order of ``POSTS``.

    Returns:
        Their one-time codes, readable only now.

    Raises:
        Refused: ``accounts.founded``, somebody has an account already; ``accounts.three_apart``, a name comes twice.
    """
    if User.objects.exists():
        raise Refused("已经有账号了；以后的人员请在“人员”页办理。", code="accounts.founded")
    if len(set(names)) < len(POSTS):
        raise Refused("主任和三个管理员须是四个不同的人。", code="accounts.three_apart")
    today = day_of(now)
    unit = places.open_unit(code="OFFICE", name=office, kind="office", valid_from=today, by=by, now=now)
    people = []
    for name, post in zip(names, POSTS, strict=True):
        person = services.enter_person(name=name, by=by, now=now)
        services.appoint(person=person, post=post, unit=unit, start_on=today, by=by, now=now)
        people.append(person)
    return access.open_accounts(people=people, by=by, now=now)
