"""Whether everybody is looked after: each school with its inspectors and what is wrong, each inspector's load, each district.

Rules: every school and kindergarten, private ones too, has a valid responsible inspector who need not be recused; about five each;
districts of at most twenty schools with at least two inspectors (``library/inspectors.yaml``: clause and evidence).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from dudao.duties import queries
from dudao.duties.models import District
from dudao.duties.queries import Held
from dudao.inspectors import queries as inspectors
from dudao.inspectors.queries import Known, Standing
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell.acts import Actor

#: What can be wrong with a school, the worst first, and what to do next.
GAPS = {
    "none": ("没有责任督学", "安排责任督学"),
    "office": ("责任督学不在任", "换人，或办理续聘"),
    "certificate": ("督学证无效", "换人，或补登记督学证"),
    "recused": ("责任督学应当回避", "换人"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A school or kindergarten with who is responsible for it.

    Attributes:
        held: each duty with what is wrong with it: a code of ``GAPS``, empty where nothing is.
        gap: the code of what is wrong with the school, empty where one of its inspectors is valid.
        why: more words: the ground of a recusal, the number of somebody.
    """

    unit: UnitVersion
    town: str
    district: District | None
    held: tuple[tuple[Held, str, str], ...]
    gap: str

    @property
    def words(self) -> str:
        return GAPS[self.gap][0] if self.gap else "已落实"

    @property
    def next_act(self) -> str:
        return GAPS[self.gap][1] if self.gap else ""

    @property
    def why(self) -> str:
        return "；".join(f"{one.name}{why}" for one, code, why in self.held if code and why)


@dataclass(slots=True)
class Load:
    """One inspector in office or with duties: how many schools, where; ``most``: how many the rule says."""

    inspector: UUID
    name: str
    known: Known | None
    most: int
    places: list[Place] = field(default_factory=list)
    districts: list[District] = field(default_factory=list)

    @property
    def too_many(self) -> int:
        """How many more than the rule says; 0 where not."""
        return max(0, len(self.places) - self.most)

    @property
    def state(self) -> tuple[str, str]:
        """Tone and words of how the inspector stands as a responsible one."""
        if self.known is None:
            return "late", "不在任，学校要换人"
        if self.too_many:
            return "soon", f"比一般多 {self.too_many} 所"
        return ("done", "正常") if self.places else ("none", "还没有学校")

    @property
    def words(self) -> str:
        return self.state[1]


@dataclass(frozen=True, slots=True)
class Area:
    """One district: its schools, inspectors and gaps; ``most`` schools and ``least`` inspectors by the rule."""

    most: int
    least: int
    district: District
    places: tuple[Place, ...]
    members: tuple[tuple[UUID, str], ...]

    @property
    def gaps(self) -> int:
        return sum(1 for one in self.places if one.gap)

    @property
    def wrong(self) -> list[str]:
        """What does not keep the rule for districts, in words."""
        found = []
        if len(self.places) > self.most:
            found.append(f"{len(self.places)} 所，超过 {self.most} 所")
        if len(self.members) < self.least:
            found.append(f"督学 {len(self.members)} 名，少于 {self.least} 名")
        return found


@dataclass(frozen=True)
class Coverage:
    """A county on a day."""

    county: str
    day: date
    #: Numbers of the rules as they stand in the county.
    rules: Mapping[str, Standing]
    places: tuple[Place, ...]
    loads: tuple[Load, ...]
    areas: tuple[Area, ...]
    #: Inspectors in office with a valid certificate.
    able: int

    @cached_property
    def gaps(self) -> list[Place]:
        return [one for one in self.places if one.gap]

    @cached_property
    def by_unit(self) -> Mapping[UUID, Place]:
        return {one.unit.unit_id: one for one in self.places}

    def number(self, kind: str) -> tuple[int, int]:
        """How many of a kind are covered, of how many."""
        those = [one for one in self.places if one.unit.kind == kind]
        return sum(1 for one in those if not one.gap), len(those)

    @property
    def needed(self) -> int:
        """How many inspectors the rule asks for."""
        return -(-len(self.places) // self.rules["schools_each"].value)

    def people(self, kind: str) -> tuple[int, int]:
        """How many valid inspectors look after units of a kind, and how many the rule asks for."""
        those = [one for one in self.places if one.unit.kind == kind]
        valid = {held.inspector for one in those for held, code, _ in one.held if not code}
        return len(valid), -(-len(those) // self.rules["schools_each"].value)

    @property
    def homeless(self) -> list[Place]:
        """Schools in no district."""
        return [one for one in self.places if one.district is None]


def coverage(actor: Actor, *, day: date) -> Coverage | None:
    """Everything at once; None for who does not see the county. Fourteen statements, however many schools."""
    if not queries.sees_all(actor):
        return None
    county, office = actor.county, actor.acts_for_county("inspector.manage")
    units = list(queries.covered(county, day=day))
    held = queries.duties_on(county, day=day)
    roster = {one.key: one for one in inspectors.roster(county, day=day)}
    grounds = inspectors.Grounds(county, {one.person for one in held}, {one.unit for one in held}, since=day)
    towns = {one.code[:9]: one.name for one in places.towns(actor, as_of=day)}
    districts = queries.districts_on(county, day=day)
    belongs = {unit: key for key, those in queries.units_by_district(county, day=day).items() for unit in those}
    by_unit: dict[UUID, list[tuple[Held, str, str]]] = {}
    for one in held:
        code, why = _wrong(one, roster.get(one.inspector), grounds.of(one.person, one.unit, day), day)
        # Grounds and days of certificates are the office's to read, not leaders'.
        why = why if office else ""
        by_unit.setdefault(one.unit, []).append((one, code, why))
    found = []
    for unit in units:
        those = tuple(by_unit.get(unit.unit_id, ()))
        gap = "none" if not those else "" if any(not code for _, code, _ in those) else those[0][1]
        district = districts.get(belongs[unit.unit_id]) if unit.unit_id in belongs else None
        found.append(Place(unit, towns.get(unit.region_code[:9], ""), district, those, gap))
    members, rules = queries.members_with_names(county, day=day), inspectors.rules_on(county, day=day)
    loads = _loads(found, roster, districts, members, rules["schools_each"].value)
    most, least = rules["district_schools"].value, rules["district_inspectors"].value
    areas = tuple(
        Area(
            most, least, district, tuple(one for one in found if one.district == district), tuple(members.get(key, ()))
        )
        for key, district in sorted(districts.items(), key=lambda pair: pair[1].name)
    )
    able = sum(1 for one in roster.values() if one.is_certified(day))
    return Coverage(county, day, rules, tuple(found), loads, areas, able)


def _wrong(held: Held, known: Known | None, ground: str, day: date) -> tuple[str, str]:
    if known is None:
        return "office", ""
    if not known.is_certified(day):
        return "certificate", f"（督学证到{known.certified_to}）" if known.certified_to else "（没有登记督学证）"
    return ("recused", f"（{ground}）") if ground else ("", "")


def _loads(
    found: list[Place], roster: Mapping[UUID, Known], districts: Mapping[UUID, District],
    members: Mapping[UUID, list[tuple[UUID, str]]], most: int,
) -> tuple[Load, ...]:  # fmt: skip
    """Loads in the order of the register; who is no longer in office and still has duties comes last."""
    loads = {key: Load(key, one.name, one, most) for key, one in roster.items()}
    for place in found:
        for one, _, _ in place.held:
            loads.setdefault(one.inspector, Load(one.inspector, one.name, None, most)).places.append(place)
    for key, those in members.items():
        for inspector, name in those:
            if key in districts:
                loads.setdefault(inspector, Load(inspector, name, None, most)).districts.append(districts[key])
    return tuple(loads.values())
