"""Who has to visit which school on a day, as visits count it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dudao.duties import queries as duties


@dataclass(frozen=True, slots=True)
class Duty:
    """An inspector is responsible for a school; ``since`` the first day of it, ``district`` the name of its 责任区."""

    person: UUID
    name: str
    unit: UUID
    since: date
    district: str = ""


def duties_on(county: str, *, day: date) -> list[Duty]:
    """Who is responsible for which school on a day, in the order of the names. Three statements."""
    held = duties.duties_on(county, day=day)
    if not held:
        return []
    districts = {key: one.name for key, one in duties.districts_on(county, day=day).items()}
    found = [
        Duty(one.person, one.name, one.unit, one.starts_on, districts.get(one.district, "") if one.district else "")
        for one in held
    ]
    return sorted(found, key=lambda one: (one.name, one.person))


def schools_of(county: str, persons: set[UUID], *, day: date) -> set[UUID]:
    """The schools that somebody is responsible for on a day."""
    return {one.unit for person in persons for one in duties.schools_of(county, person, day=day)}
