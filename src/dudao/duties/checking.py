"""What rules say of who shall be responsible for what, asked before anything is written."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dudao.duties import queries
from dudao.inspectors import queries as inspectors
from dudao.inspectors.models import Inspector
from dudao.places import queries as places
from dudao.shell.acts import system
from dudao.shell.evidence import EVIDENCE


@dataclass(frozen=True, slots=True)
class Given:
    """One school to one inspector; both by key, the inspector's in the register."""

    unit: UUID
    inspector: UUID


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that an assignment does not keep.

    Attributes:
        is_hard: nothing is written with it; else it is only said.
    """

    words: str
    is_hard: bool
    unit: UUID | None = None
    inspector: UUID | None = None


def check(county: str, rows: Sequence[Given], *, starts_on: date, today: date) -> list[Breach]:
    """What speaks against an assignment, the hard first. A constant number of statements.

    Hard: the unit is no standing school or kindergarten (2013 办法, 教督〔2019〕3号: every one of these); the inspector has no running
    term or no valid certificate; recusal (教育督导条例 article 10). Said only: more than five schools each, another district.

    Args:
        rows: the whole of who is responsible for each of the units named in them.
        starts_on: the day it begins; one that lies back is looked at on both that day and today.
    """
    units, keys = {one.unit for one in rows}, {one.inspector for one in rows}
    day = max(starts_on, today)
    names = places.full_names(system(county), units, as_of=day)
    standing = set(queries.covered(county, day=starts_on).filter(unit__in=units).values_list("unit", flat=True))
    known = {one.pk: one for one in Inspector.objects.filter(county=county, pk__in=keys).select_related("person")}
    found = [
        Breach(f"{names.get(unit, '名单上没有的单位')}在{starts_on}不是本县的学校或幼儿园", True, unit=unit)
        for unit in sorted(units - standing, key=str)
    ]
    found += [Breach("督学不在本县的名册上", True, inspector=key) for key in sorted(keys - set(known), key=str)]
    days = sorted({starts_on, day})
    for at in days:
        roster = {one.key: one for one in inspectors.roster(county, day=at)}
        for key, row in known.items():
            if key not in roster:
                found.append(Breach(f"{row.person.name}在{at}没有公布的任期", True, inspector=key))
            elif not roster[key].is_certified(at):
                found.append(Breach(f"{row.person.name}在{at}没有有效的督学证", True, inspector=key))
    grounds = inspectors.Grounds(county, {one.person_id for one in known.values()}, units, since=days[0])
    for one in rows:
        who = known.get(one.inspector)
        if who:
            why = next((why for at in days if (why := grounds.of(who.person_id, one.unit, at))), "")
            if why:
                words = f"{who.person.name}对{names.get(one.unit, '')}应当回避：{why}"
                found.append(Breach(words, True, one.unit, one.inspector))
    return found + _said(county, rows, day=day, known=known, names=names)


def swapped(
    county: str,
    first: UUID,
    second: UUID,
    *,
    day: date,
    district: UUID | None = None,
    units: Collection[UUID] | None = None,
) -> list[Given]:
    """Who would be responsible if two inspectors (by key in the register) changed places: at all their schools of the day, or only
    at those of a district or among ``units``. Schools of others are left out."""
    other = {first: second, second: first}
    found: dict[UUID, list[Given]] = {}
    for one in queries.duties_on(county, day=day):
        if (district is None or one.district == district) and (units is None or one.unit in units):
            found.setdefault(one.unit, []).append(Given(one.unit, one.inspector))
    return [
        Given(one.unit, other.get(one.inspector, one.inspector))
        for those in found.values() if any(one.inspector in other for one in those)
        for one in those
    ]  # fmt: skip


def _said(
    county: str, rows: Sequence[Given], *, day: date, known: dict[UUID, Inspector], names: dict[UUID, str]
) -> list[Breach]:
    """What is only said: load and districts."""
    most, units = inspectors.rules_on(county, day=day)["schools_each"], {one.unit for one in rows}
    loads = Counter(one.inspector for one in queries.duties_on(county, day=day) if one.unit not in units)
    for one in rows:
        loads[one.inspector] += 1
    found = [
        Breach(
            f"{row.person.name}将负责 {loads[key]} 所，超过一般的 {most.value} 所（{most.clause}，{EVIDENCE[most.evidence]}）", False, inspector=key
        )
        for key, row in known.items() if loads[key] > most.value
    ]  # fmt: skip
    belongs = {
        unit: district for district, those in queries.units_by_district(county, day=day).items() for unit in those
    }
    members = queries.inspectors_by_district(county, day=day)
    for one in rows:
        district = belongs.get(one.unit)
        if one.inspector in known and district and one.inspector not in members.get(district, {one.inspector}):
            words = f"{known[one.inspector].person.name}不是{names.get(one.unit, '')}所在责任区的督学"
            found.append(Breach(words, False, one.unit, one.inspector))
    return found
