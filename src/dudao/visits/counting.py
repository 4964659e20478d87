"""The monthly table of visits: per inspector and per district, counted by one rule."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count

from dudao.findings import queries as findings
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.visits import duty, queries
from dudao.visits.models import Visit
from dudao.visits.spans import last_of


@dataclass(slots=True)
class Tally:
    """What an inspector or a district did in a month.

    Attributes:
        schools: they are responsible for. ``planned``: visits of the plan. ``visits``: made in the month.
        visited: how many of their schools were visited; ``missed``: names of those that were not.
        reports: records that were handed in. ``minutes``: at schools; ``untimed``: visits without both times.
        problems: findings of those visits.
    """

    name: str
    schools: int = 0
    planned: int = 0
    visits: int = 0
    visited: int = 0
    reports: int = 0
    minutes: int = 0
    untimed: int = 0
    problems: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def hours(self) -> float | None:
        """Of the visits with both times; None where no visit has them."""
        return round(self.minutes / 60, 1) if self.visits > self.untimed else None


@dataclass(frozen=True, slots=True)
class Month:
    """The month's table: inspectors, districts, all together."""

    persons: Sequence[Tally]
    districts: Sequence[Tally]
    total: Tally


def month_table(actor: Actor, month: date, *, today: date) -> Month:
    """Count a month for whom the reader sees; a constant number of statements."""
    end = last_of(month)
    rows = duty.duties_on(actor.county, day=min(end, today) if month <= today else month)
    visits = queries.visits_visible_to(actor).select_related("person")
    if not queries.reads_county(actor):
        rows = [one for one in rows if one.person in actor.hands]
        visits = visits.filter(person__in=actor.hands)
    planned = list(visits.filter(month=month, is_planned=True).values_list("person", "person__name", "unit"))
    made = list(visits.filter(visited_on__range=(month, end), state__in=Visit.KNOWN_TO_SCHOOL))
    named = places.names_on(system(actor.county), day=min(end, today) if month <= today else month)
    found = findings.findings_visible_to(actor).filter(
        origin_type=Visit._meta.label_lower, origin__in=[str(one.pk) for one in made]
    )
    problems = dict(found.order_by().values_list("origin").annotate(n=Count("pk")))
    district_of = {one.unit: one.district for one in rows}

    def table(
        names: dict[Any, str], of_duty: Callable[[duty.Duty], Any], of_row: Callable[[UUID, UUID], Any]
    ) -> list[Tally]:
        tallies = {key: Tally(name) for key, name in names.items()}
        units: dict[Any, set[UUID]] = defaultdict(set)
        for one in rows:
            units[of_duty(one)].add(one.unit)
        for person, _, unit in planned:
            tallies[of_row(person, unit)].planned += 1
        for row in made:
            _count(tallies[of_row(row.person_id, row.unit_id)], row, problems.get(str(row.pk), 0))
        seen = {one.unit_id for one in made}
        for key, mine in units.items():
            tally = tallies[key]
            tally.schools, tally.visited = len(mine), len(mine & seen)
            tally.missed = sorted(named[unit] for unit in mine - seen if unit in named)
        return sorted(tallies.values(), key=lambda one: one.name)

    people = {one.person: one.name for one in rows} | {person: name for person, name, _ in planned}
    people |= {one.person_id: one.person.name for one in made}
    districts = {one.district: one.district or "没有划责任区" for one in rows}
    if any(unit not in district_of for unit in _units(planned, made)):
        districts.setdefault("", "没有划责任区")
    by_person = table(people, lambda one: one.person, lambda person, unit: person)
    by_district = table(districts, lambda one: one.district, lambda person, unit: district_of.get(unit, ""))
    return Month(by_person, by_district, _sum(by_district))


def _units(planned: Iterable[tuple[Any, Any, UUID]], made: Iterable[Visit]) -> set[UUID]:
    return {unit for _, _, unit in planned} | {one.unit_id for one in made}


def _count(tally: Tally, visit: Visit, problems: int) -> None:
    tally.visits += 1
    tally.reports += visit.state == Visit.State.FILED
    tally.minutes += visit.minutes or 0
    tally.untimed += visit.minutes is None
    tally.problems += problems


def _sum(rows: Sequence[Tally]) -> Tally:
    total = Tally("合计")
    for one in rows:
        for name in ("schools", "planned", "visits", "visited", "reports", "minutes", "untimed", "problems"):
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return total
