"""What of visits belongs on the workbench."""

from datetime import date

from django.urls import reverse

from dudao.shell.acts import Actor
from dudao.shell.desk import Light
from dudao.visits import queries
from dudao.visits.models import Visit

_NAMED = 4


def lights(actor: Actor, *, today: date) -> list[Light]:
    """Schools that were not visited as they should, for the office, leaders and their inspector; feedback that waits to be read, for
    the head of a school. At most nine statements."""
    if actor.can("visit.host") and actor.unit:
        return _of_school(actor)
    if not (queries.reads_county(actor) or actor.can("visit.make")):
        return []
    late = [one for one in queries.owed(actor, day=today) if one.is_late]
    if not late:
        return []
    names = "、".join(one.unit_name for one in late[:_NAMED])
    address = f"{reverse('visits:term')}?late=1"
    more = " 等" if len(late) > _NAMED else ""
    return [Light("late", f"{len(late)} 所", "到校督导缺访", address, f"{names}{more}")]


def _of_school(actor: Actor) -> list[Light]:
    waiting = queries.visits_visible_to(actor).filter(unit=actor.unit, seen_on=None, state__in=Visit.KNOWN_TO_SCHOOL)
    count = waiting.count()
    return [Light("soon", f"{count} 份", "到校督导反馈待阅知", reverse("visits:host"))] if count else []
