"""Whose visit is it, may it be made, and is it still as it was seen."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.acts import Actor, system
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused
from dudao.visits import duty, library
from dudao.visits.models import Visit
from dudao.visits.queries import is_office

#: Days that people say lie today or before: ``Refused`` ``visits.future``.
not_ahead = partial(clock.not_ahead, code="visits.future")


def makes(by: Actor, person: UUID) -> bool:
    """Whether the hat makes the visits of a person: their own, or the office for them."""
    return is_office(by) or (by.can("visit.make") and person in by.hands)


def may_make(by: Actor, person: UUID) -> None:
    """Raises: ``Refused`` ``visits.not_allowed``."""
    if not makes(by, person):
        raise Refused("到校督导由责任督学本人或督导室记录。", code="visits.not_allowed")


def may_meet(by: Actor, person: UUID, unit: UUID, *, day: date, who: str = "您") -> None:
    """May this person visit this school on a day: it is theirs, and there is no recusal. The office may send another.

    Raises:
        Refused: ``visits.not_theirs``, ``visits.recused``.
    """
    if not is_office(by) and unit not in duty.schools_of(by.county, {person}, day=day):
        raise Refused(
            "这所学校不是您的责任学校；临时代别人去的，请督导室安排。", code="visits.not_theirs", field="unit"
        )
    if inspectors.recused(by.county, [person], [unit], day=day):
        raise Refused(
            f"{who}在这所学校任职、三年内任过职，或登记了回避，应当回避。", code="visits.recused", field="unit"
        )


def kind_of(county: str, unit: UUID, *, day: date) -> library.Kind:
    """Which lists a unit goes by on a day."""
    found = places.units_visible_to(system(county), as_of=day).filter(unit=unit).first()
    if found is None:
        raise Refused("请从单位名册中选择学校。", code="visits.unit", field="unit")
    return library.kind_of(found.kind)


def claim(visit: Visit, base_version: int, states: Sequence[str], **changes: Any) -> None:
    """Change a visit as its reader saw it, in one of the states.

    Raises:
        Refused: ``visits.state``.
        Conflict: ``visits.changed``.
    """
    if claimed(visit, base_version, changes, state__in=states):
        return
    if visit.state not in states:
        raise Refused(f"这次督导现在是“{visit.get_state_display()}”，不能这样办。", code="visits.state")
    raise Conflict("别人刚刚改过这次督导，请对照后再保存。", code="visits.changed")


def attach(visit: Visit, received: Sequence[files.Received], *, by: Actor, now: datetime, occurred_on: date) -> None:
    """Attach photos, once each: a form sent twice brings the same file twice."""
    if not received:
        return
    known = set(file_queries.files_of(by, visit).values_list("sha256", flat=True))
    for one in received:
        if one.sha256 not in known:
            files.attach(one, subject=visit, by=by, now=now, occurred_on=occurred_on)
            known.add(one.sha256)
