"""What a plan is made from, read from the floors below: register, recusals, absences, districts, duties, inspections, competence."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from dudao.duties import queries as duties
from dudao.inspections import queries as inspections
from dudao.inspections.models import Inspection
from dudao.inspectors import queries as register
from dudao.inspectors.models import Inspector as Entry
from dudao.inspectors.queries import Known
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell.acts import system
from dudao.teams import library
from dudao.training import queries as training
from dudao_engines.teams import (
    Assignment,
    District,
    DutyProblem,
    Inspector,
    School,
    TeamProblem,
    check,
)
from dudao_engines.teams import Inspection as Trip

#: A township is the first nine digits of a region code.
_TOWN = 9


def _versions(county: str, day: date) -> dict[UUID, UnitVersion]:
    rows = places.units_visible_to(system(county), as_of=day).prefetch_related("stages")
    return {row.unit_id: row for row in rows}


def _stages(version: UnitVersion | None) -> frozenset[str]:
    codes = {one.stage for one in version.stages.all()} if version else set()
    return frozenset(str(stage.label) for stage in Entry.Stage if stage.value in codes)


def _place(version: UnitVersion | None) -> str:
    return version.region_code[:_TOWN] if version and version.region_code else ""


def _skills(one: Known, levels: Mapping[str, int]) -> dict[str, int]:
    """Areas by name: a stage or line that the register names counts as the first level, more where competence was shown."""
    found = {str(stage.label): 1 for stage in Entry.Stage if stage.value in one.stages}
    for line in Entry.Line:
        level = max(levels.get(line.value, 0), int(line.value in one.lines))
        if level:
            found[str(line.label)] = level
    return found


def _person(
    one: Known,
    versions: Mapping[UUID, UnitVersion],
    levels: Mapping[UUID, Mapping[str, int]],
    *,
    most: int,
    **more: Any,
) -> Inspector:
    certificate = (one.certified_from or date.min, one.certified_to or date.max) if one.certificate_number else None
    return Inspector(
        key=str(one.key), name=one.name, most=most, skills=_skills(one, levels.get(one.key, {})),
        subjects=frozenset(one.subjects), place=_place(versions.get(one.work_unit) if one.work_unit else None),
        certificate=certificate, term_to=one.term_to, **more,
    )  # fmt: skip


def duty_problem(county: str, *, starts_on: date, most: int, only_gaps: bool) -> tuple[DutyProblem, dict[str, Any]]:
    """Every school and kindergarten that stands on the day, and who could be responsible for it.

    Args:
        only_gaps: duties that keep the rules stay as they are, only schools without one are given to somebody.

    Returns:
        The problem, and ``current``: by school who is responsible for it now, the longest first.
    """
    known, versions = register.roster(county, day=starts_on), _versions(county, starts_on)
    levels = training.competence(county, day=starts_on)
    rules = register.rules_on(county, day=starts_on)
    held = duties.duties_on(county, day=starts_on)
    belongs = {
        str(unit): str(key) for key, those in duties.units_by_district(county, day=starts_on).items() for unit in those
    }
    members = duties.inspectors_by_district(county, day=starts_on)
    districts = tuple(
        District(
            str(key), row.name, frozenset(str(one) for one in members.get(key, ())),
            least=rules["district_inspectors"].value, most=rules["district_schools"].value,
        )
        for key, row in duties.districts_on(county, day=starts_on).items()
    )  # fmt: skip
    covered = list(duties.covered(county, day=starts_on))
    schools = tuple(
        School(
            str(row.unit_id), row.short_name or row.name, _place(row), _stages(versions.get(row.unit_id)),
            belongs.get(str(row.unit_id), ""),
        )
        for row in covered
    )  # fmt: skip
    recused = register.recused(county, [one.person for one in known], [row.unit_id for row in covered], day=starts_on)
    keys = {one.person: str(one.key) for one in known}
    here = {one.key for one in schools}
    problem = DutyProblem(
        day=starts_on,
        inspectors=tuple(_person(one, versions, levels, most=most) for one in known),
        schools=schools,
        districts=districts,
        recused={(keys[person], str(unit)): why for (person, unit), why in recused.items()},
        held={
            (str(one.inspector), str(one.unit)): (starts_on - one.starts_on).days // 365
            for one in held
            if str(one.unit) in here
        },
        far=library.limits().far,
        weights=library.duty_weights(about=rules["schools_each"].value),
    )
    current: dict[str, list[str]] = {}
    for one in held:
        current.setdefault(str(one.unit), []).append(str(one.inspector))
    if only_gaps:
        problem = _with_present(problem, current)
    return problem, {"current": current, "persons": {str(one.key): str(one.person) for one in known}}


def _with_present(problem: DutyProblem, current: Mapping[str, list[str]]) -> DutyProblem:
    """The same with the present duties fixed that keep the rules of a single pair."""
    here = {one.key for one in problem.inspectors}
    pairs = {(who, key) for key, those in current.items() for who in those[:1] if who in here}
    pairs &= set(problem.held)
    alone = ("recused", "certificate", "term", "district")
    wrong = {(one.inspector, one.job) for one in check(problem, Assignment(frozenset(pairs))) if one.rule in alone}
    return DutyProblem(
        problem.day, problem.inspectors, problem.schools, problem.districts, problem.recused, problem.held,
        problem.travel, problem.far, frozenset(pairs - wrong), problem.barred, problem.weights,
    )  # fmt: skip


def team_problem(
    county: str, rows: Collection[Inspection], *, size: int, most: int, lines: Collection[str], today: date
) -> tuple[TeamProblem, dict[str, Any]]:
    """The inspections chosen, and who could go.

    Args:
        lines: codes of the lines that each team should cover, beside the stages of the unit.

    Returns:
        The problem; ``versions`` of the inspections as they were read, ``persons`` by inspector.
    """
    first = min(row.begin_on for row in rows)
    last = max(row.end_on for row in rows)
    known, versions = register.roster(county, day=first), _versions(county, first)
    levels = training.competence(county, day=today)
    chosen = {row.pk for row in rows}
    since = register.years_before(first, library.limits().again_years)
    gone = [one for one in inspections.outings(county, since=since) if one.inspection not in chosen]
    load = Counter(one.person for one in gone if one.begin_on.year == first.year)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    wanted = frozenset(str(line.label) for line in Entry.Line if line.value in lines)
    units = {row.unit_id for row in rows}
    persons = {one.person: str(one.key) for one in known}
    grounds = register.Grounds(county, persons, units, since=first)
    recused = {
        (persons[person], str(row.unit_id)): why
        for row in rows
        for person in persons
        if (why := grounds.of(person, row.unit_id, row.begin_on))
    }
    visited = Counter(
        (persons[one.person], str(one.unit)) for one in gone if one.person in persons and one.unit in units
    )
    problem = TeamProblem(
        inspectors=tuple(
            _person(
                one, versions, levels, most=most, load=load[one.person], may_lead=_may_lead(one),
                away=tuple(sorted({*one.away, *((each.begin_on, each.end_on) for each in gone if each.person == one.person)})),
                most_days=one.days_a_month * months if one.days_a_month is not None else None,
            )
            for one in known
        ),
        inspections=tuple(
            Trip(
                str(row.pk), f"{row.title}（{_called(versions.get(row.unit_id))}）", str(row.unit_id), row.begin_on, row.end_on, size,
                _place(versions.get(row.unit_id)), wanted | _stages(versions.get(row.unit_id)),
            )
            for row in sorted(rows, key=lambda row: (row.begin_on, row.serial))
        ),
        recused=recused,
        visited=dict(visited),
        far=library.limits().far,
        least=inspections.team_minimum(county, day=today) or 1,
        weights=library.team_weights(),
    )  # fmt: skip
    said = {
        "versions": {str(row.pk): row.version for row in rows},
        "persons": {key: str(one) for one, key in persons.items()},
    }
    return problem, said


def _called(version: UnitVersion | None) -> str:
    return (version.short_name or version.name) if version else "已撤销单位"


def _may_lead(one: Known) -> bool:
    """Full-time inspectors, and part-time ones of some experience (DESIGN)."""
    return one.kind == Entry.Kind.FULL or one.ordinal >= library.limits().lead_from_term
