"""Who needs which training, and why: hours, certificate, term, assessment, 全员轮训, areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from dudao.inspectors import library as register
from dudao.inspectors.models import Assessment
from dudao.inspectors.queries import Known
from dudao.training import library
from dudao.training.queries.competence import Cell, matrix, plain
from dudao.training.queries.hours import Book, Year, book
from dudao.training.queries.plan import Aim, aim

#: Codes of grounds and what they are called.
GROUNDS = {
    "hours": "上年学时不足", "running": "今年学时", "certificate": "督学证", "term": "任期", "assessment": "考核不合格", "everybody": "没有轮训", "area": "领域缺口",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for a training: its code, how pressing it is (late, soon, none), and the words."""

    ground: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Need:
    """What one inspector needs; ``areas`` are those wanted of them that are below level 1."""

    known: Known
    reasons: tuple[Reason, ...]
    areas: tuple[str, ...]


def needs(county: str, *, today: date, only: Known | None = None) -> list[Need]:
    """Everybody in office, or one of them, with what they need, also who needs nothing. About thirty statements."""
    this = book(county, today.year, today=today, only=only)
    last = book(county, today.year - 1, today=today, only=only)
    before = {one.known.key: one for one in last.rows}
    keys = [one.known.key for one in this.rows]
    cells = matrix(county, day=today, only=keys)
    everybody = aim(county, today.year, today=today)
    missing = {one.key for one in everybody.missing}
    graded: dict[UUID, Assessment] = {}
    for row in Assessment.objects.filter(inspector__in=keys).order_by("year"):
        graded[row.inspector_id] = row
    soon = today + timedelta(days=register.rules()["warn_days"].value)
    found = []
    for year in this.rows:
        known = year.known
        areas = tuple(area for area in wanted(known) if not _has(cells[known.key].get(area)))
        reasons = [
            *_hours(before.get(known.key), last, is_over=True),
            *_hours(year, this, is_over=False),
            *_papers(known, today, soon),
        ]
        grade = graded.get(known.key)
        if grade and grade.is_fail:
            reasons.append(Reason("assessment", "late", f"{grade.year}年度考核{grade.grade}"))
        if known.key in missing:
            reasons.append(Reason("everybody", "soon", _never(everybody)))
        if areas:
            names = "、".join(library.areas()[one] for one in areas)
            reasons.append(Reason("area", "none", f"未达一级：{names}"))
        found.append(Need(known, tuple(reasons), areas))
    return found


def wanted(known: Known) -> list[str]:
    """Areas in which an inspector is to have something: everybody's, and those of the own 专长."""
    return [one for one in library.areas() if one in library.wanted() or one in known.lines]


def by_area(rows: Sequence[Need]) -> Mapping[str, int]:
    """How many need each area."""
    return {area: sum(area in one.areas for one in rows) for area in library.areas()}


def _has(cell: Cell | None) -> bool:
    return cell is not None and bool(cell.level)


def _never(said: Aim) -> str:
    return f"{said.since}年以来没有参加过集中培训"


def _hours(year: Year | None, of: Book, *, is_over: bool) -> list[Reason]:
    if year is None or year.verdict == "met":
        return []
    ground = "hours" if is_over else "running"
    if year.verdict == "none":
        return [Reason(ground, "soon" if is_over else "none", f"{of.year}年没有学时记录")]
    if year.verdict == "unknown":
        return [Reason(ground, "none", f"{of.year}年有 {plain(year.open)} 学时没有登记或认定")]
    if year.short is None:
        words = f"{of.year}年还没有登记学时，待登记的 {plain(year.open)} 学时也不够"
    else:
        words = f"{of.year}年{'' if is_over else '还'}差 {plain(year.short)} 学时"
    return [Reason(ground, "late" if is_over else "none", words)]


def _papers(known: Known, today: date, soon: date) -> list[Reason]:
    found = []
    if not known.certificate_number:
        found.append(Reason("certificate", "soon", "没有登记督学证"))
    elif known.certified_to and known.certified_to < today:
        found.append(Reason("certificate", "late", f"督学证 {known.certified_to.isoformat()} 已过期"))
    elif known.certified_to and known.certified_to <= soon:
        found.append(Reason("certificate", "soon", f"督学证 {(known.certified_to - today).days} 天后到期"))
    if known.term_to and known.term_to <= soon:
        found.append(Reason("term", "soon", f"任期 {(known.term_to - today).days} 天后到期"))
    return found
