"""Who has to visit which school on a day, as visits count it."""

from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Due:
    """A school to be visited: by whom (or that nobody is responsible), and since when visits of it are counted as owed."""

    name: str
    unit: UUID
    since: date
    district: str = ""


def due_of(one: Duty) -> Due:
    return Due(one.name, one.unit, one.since, one.district)


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


def owed_on(county: str, *, day: date) -> list[Due]:
    """What the county owes its schools on a day: each duty since anybody first was responsible for the school, and the schools that
    nobody is responsible for, since the first duty of the county. Six statements."""
    first = duties.first_days(county)
    if not first:
        return []
    held = [replace(due_of(one), since=min(one.since, first[one.unit])) for one in duties_on(county, day=day)]
    has, start = {one.unit for one in held}, min(first.values())
    bare = [one.unit_id for one in duties.covered(county, day=day) if one.unit_id not in has]
    return [*(Due("没有责任督学", unit, first.get(unit, start)) for unit in bare), *held]


def schools_of(county: str, persons: set[UUID], *, day: date) -> set[UUID]:
    """The schools that somebody is responsible for on a day."""
    return {one.unit for person in persons for one in duties.schools_of(county, person, day=day)}
