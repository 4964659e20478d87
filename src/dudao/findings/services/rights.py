"""Words and keys that the services of the loop share."""

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from dudao.accounts import queries as accounts
from dudao.findings.models import Cause, Finding
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.errors import Refused

_SIGNS = re.compile(r"[\s，。、；：（）()《》“”\"'·.,;:—-]+")


def basis_key(basis: str) -> str:
    """A basis without blanks and signs, so that 《…》第3条 and …第3条 are one."""
    return _SIGNS.sub("", basis)[:64]


def known_unit(by: Actor, unit: UUID | None, *, on: date, field: str = "unit") -> UUID:
    """Raises: ``Refused`` ``findings.unit`` for none, or one that is not of the county."""
    if unit is None or unit not in places.unit_names(by, {unit}, as_of=on):
        raise Refused("请从单位名册中选择单位。", code="findings.unit", field=field)
    return unit


def holds_post_in(person: UUID | None, unit: UUID, *, by: Actor, on: date) -> bool:
    """Whether a person holds a post in a unit on a day, in whatever hat they act now; lent hats count."""
    if person is None:
        return False
    found = accounts.people_visible_to(system(by.county), day=on).filter(pk=person).first()
    return found is not None and any(hat.appointment.unit_id == unit for hat in accounts.hats(found, day=on))


def known_cause(by: Actor, cause: UUID | None) -> UUID | None:
    """Raises: ``Refused`` ``findings.cause``."""
    if cause and not Cause.objects.filter(county=by.county, pk=cause).exists():
        raise Refused("请从原因清单中选择。", code="findings.cause", field="cause")
    return cause


def of_the_unit(findings: Sequence[Finding], unit: UUID, *, code: str) -> None:
    """Raises: ``Refused`` with the code, where one of the findings is another unit's."""
    if strays := [f for f in findings if f.unit_id != unit]:
        raise Refused(f"问题 {strays[0].number} 不是这个单位的。", code=code, field="findings")


def earlier(*, county: str, unit: UUID, key: str, year: int) -> Finding | None:
    """The latest finding of the same basis at the same unit in an earlier year."""
    rows = Finding.objects.filter(county=county, unit=unit, basis_key=key, year__lt=year).exclude(state="withdrawn")
    return rows.order_by("-year", "-serial").first()
