"""What inspectors can do, area by area, and what that rests on. How levels follow is the county's own rule (DESIGN)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from dudao.inspectors import queries as inspectors
from dudao.inspectors.queries import years_before
from dudao.training import library
from dudao.training.models import Certificate, Claim, Judgement, Level, Score
from dudao.training.queries.hours import Line, lines


@dataclass(frozen=True, slots=True)
class Basis:
    """One thing that a level rests on: its day, words, and the level it reaches by itself (None: none yet)."""

    day: date
    kind: str
    words: str
    level: int | None
    certificate_level: str = ""


@dataclass(slots=True)
class Cell:
    """The level of an inspector in an area, how it was reached, and what is on record. ``level`` None: nothing is on record."""

    level: int | None
    how: str
    hours: Decimal
    rows: list[Basis]
    judged: Judgement | None = None


def competence(county: str, *, day: date) -> Mapping[UUID, Mapping[str, int]]:
    """Levels 0–3 by inspector and area on a day, for those in office; an area of which nothing is on record is left out.

    Codes of areas are those of ``library/training.yaml``; of them ``government school monitoring technique`` are the codes of
    ``Inspector.Line``.
    """
    return {
        key: {area: cell.level for area, cell in mine.items() if cell.level is not None}
        for key, mine in matrix(county, day=day).items()
    }


def matrix(county: str, *, day: date, only: Collection[UUID] | None = None) -> Mapping[UUID, Mapping[str, Cell]]:
    """A cell for every area that something is on record of. Nine statements, fewer with ``only``."""
    keys = set(only) if only is not None else {one.key for one in inspectors.roster(county, day=day)}
    most = max((one.years for one in library.reached()), default=0)
    said: dict[tuple[UUID, str], list[Line]] = defaultdict(list)
    for one in lines(county, since=years_before(day, most), until=day, only=keys, came=True):
        for area in one.areas:
            said[one.inspector, area].append(one)
    tests = _tests(county, keys, day)
    papers = _papers(county, keys, day)
    judged: dict[tuple[UUID, str], Judgement] = {}
    for row in Judgement.objects.filter(inspector__in=keys, judged_on__lte=day).order_by("judged_on", "pk"):
        judged[row.inspector_id, row.area] = row
    found: dict[UUID, dict[str, Cell]] = {key: {} for key in keys}
    for key in keys:
        for area in library.areas():
            at = (key, area)
            cell = _cell(said.get(at, ()), tests.get(at, ()), papers.get(at, ()), judged.get(at), day)
            if cell:
                found[key][area] = cell
    return found


def _tests(county: str, keys: Collection[UUID], day: date) -> Mapping[tuple[UUID, str], list[Score]]:
    rows = Score.objects.filter(
        exam__batch__county=county, inspector__in=keys, exam__day__lte=day, points__isnull=False
    ).select_related("exam__batch")
    found: dict[tuple[UUID, str], list[Score]] = defaultdict(list)
    for row in rows.order_by("exam__day", "pk"):
        for area in row.exam.areas:
            found[row.inspector_id, area].append(row)
    return found


def _papers(county: str, keys: Collection[UUID], day: date) -> Mapping[tuple[UUID, str], list[Basis]]:
    """Certificates by inspector and area: issued here, or shown with hours from elsewhere."""
    found: dict[tuple[UUID, str], list[Basis]] = defaultdict(list)
    issued = Certificate.objects.filter(county=county, inspector__in=keys, issued_on__lte=day).select_related("batch")
    shown = Claim.objects.filter(
        county=county, inspector__in=keys, state=Claim.State.ACCEPTED, ends_on__lte=day, certificate__gt=""
    )
    for one in issued:
        basis = Basis(one.issued_on, "证书", f"{one.batch.title}，{one.number}", None, one.batch.level)
        for area in one.batch.areas:
            found[one.inspector_id, area].append(basis)
    for claim in shown:
        basis = Basis(claim.ends_on, "证书", f"{claim.title}，{claim.certificate}", None, claim.level)
        for area in claim.areas:
            found[claim.inspector_id, area].append(basis)
    return found


def _cell(
    said: Iterable[Line], tests: Iterable[Score], papers: Iterable[Basis], judged: Judgement | None, day: date
) -> Cell | None:
    said, tests, papers = list(said), list(tests), list(papers)
    if not said and not tests and not papers and judged is None:
        return None
    passed = [one for one in tests if one.points is not None and one.points >= one.exam.pass_mark]
    level: int | None = 0 if said or tests or papers else None
    how = "有记录，未达一级" if level == 0 else ""
    for way in library.reached():
        enough = sum((one.hours for one in said if one.day > years_before(day, way.years)), Decimal(0)) >= way.hours
        holds = {
            "hours": enough,
            "test": bool(passed),
            "hours_and_test": enough and bool(passed),
            "certificate": any(one.certificate_level in way.of for one in papers),
        }[way.by]
        if holds and (level is None or way.level > level):
            level, how = way.level, way.words
    rows = [Basis(one.day, "学时", f"{one.title}，{plain(one.hours)}学时", None) for one in said]
    rows += [
        Basis(
            one.exam.day, "测试",
            f"{one.exam.title}，{plain(one.points)} / {plain(one.exam.full)}，{'合格' if one in passed else '不合格'}", None,
        )
        for one in tests
        if one.points is not None
    ]  # fmt: skip
    labels = dict(Level.choices)
    rows += [
        Basis(one.day, one.kind, f"{labels.get(Level(one.certificate_level), '')}：{one.words}", None) for one in papers
    ]
    if judged and judged.level is not None:
        level, how = judged.level, f"督导室评定：{judged.reason}"
    elif judged and level is None:
        return None
    total = sum((one.hours for one in said), Decimal(0))
    return Cell(level, how, total, sorted(rows, key=lambda one: one.day), judged)


def plain(value: Decimal) -> str:
    """A number without needless zeros: 8, 4.5."""
    return f"{value.normalize():f}"
