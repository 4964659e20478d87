"""Hours of training of a year, exactly, and who is short of them. What nobody has said is not zero."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef

from dudao.inspectors import queries as inspectors
from dudao.inspectors.queries import Known
from dudao.training.models import Attendance, Claim, Kind, Session
from dudao.training.queries.rules import Standing, counting, last_day, rules

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """Hours of one inspector from one session or one accepted claim. ``state`` of a session: present, leave or absent."""

    inspector: UUID
    day: date
    title: str
    level: str
    kind: str
    hours: Decimal
    areas: tuple[str, ...]
    state: str
    words: str
    batch: UUID | None = None
    claim: UUID | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """How an inspector stands in a year.

    Attributes:
        by_kind: hours on record by kind.
        counted: hours that count for the year; None where nothing at all is on record.
        open: hours of sessions already held of which nobody has said whether they came, and of claims not decided.
        short: what is missing to the year's hours, from what is on record; None where they are reached or nothing is on record.
        verdict: ``met``, ``short`` (also if all that is open came to count), ``unknown`` (what is open could reach it), ``none``
            (nothing on record).
    """

    known: Known
    by_kind: Mapping[str, Decimal]
    counted: Decimal | None
    open: Decimal
    short: Decimal | None
    verdict: str


@dataclass(slots=True)
class Book:
    """A year: the rules it is judged by, and everybody in office on its last day (or today)."""

    year: int
    day: date
    rules: Mapping[str, Standing]
    kinds: frozenset[str]
    rows: list[Year] = field(default_factory=list)

    @property
    def need(self) -> Decimal:
        return Decimal(self.rules["training_hours"].value)

    def count(self, verdict: str) -> int:
        return sum(one.verdict == verdict for one in self.rows)


def lines(
    county: str, *, since: date, until: date, only: Collection[UUID] | None = None, came: bool = False
) -> list[Line]:
    """What is on record from a day to a day, in the order of days. Two statements.

    Args:
        only: of these inspectors.
        came: leave out leave and absence.
    """
    rows = Attendance.objects.filter(
        session__batch__county=county, session__day__range=(since, until), session__cancelled_why=""
    ).select_related("session__batch")
    claims = Claim.objects.filter(county=county, state=Claim.State.ACCEPTED, ends_on__range=(since, until))
    if only is not None:
        rows, claims = rows.filter(inspector__in=only), claims.filter(inspector__in=only)
    if came:
        rows = rows.filter(state=Attendance.State.PRESENT)
    found = [
        Line(
            one.inspector_id, one.session.day, f"{one.session.batch.title}：{one.session.title}", one.session.batch.level,
            one.session.batch.kind, one.hours, tuple(one.session.areas), one.state,
            one.reason or one.get_way_display(), batch=one.session.batch_id,
        )
        for one in rows
    ]  # fmt: skip
    found += [
        Line(
            one.inspector_id, one.ends_on, one.title, one.level, one.kind, one.hours, tuple(one.areas), "present",
            f"外出培训，{one.decided_name}认定", claim=one.pk,
        )
        for one in claims
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.day, one.title))


def hours(county: str, year: int, *, only: Collection[UUID] | None = None) -> Mapping[UUID, Decimal]:
    """Counted hours of a year by inspector. Who has nothing on record has no entry. Three statements."""
    until = date(year, 12, 31)
    kinds = counting(rules(county, day=until))
    found: dict[UUID, Decimal] = {}
    for one in lines(county, since=date(year, 1, 1), until=until, only=only):
        found[one.inspector] = found.get(one.inspector, ZERO) + (one.hours if one.kind in kinds else ZERO)
    return found


def book(county: str, year: int, *, today: date, only: Known | None = None) -> Book:
    """How everybody in office stands in a year: on its last day, or today where it still runs. Eight statements."""
    day = last_day(year, today)
    standing = rules(county, day=date(year, 12, 31))
    kinds = counting(standing)
    people = [only] if only else inspectors.roster(county, day=day)
    keys = {one.key for one in people}
    by_kind: dict[UUID, dict[str, Decimal]] = defaultdict(dict)
    for one in lines(county, since=date(year, 1, 1), until=date(year, 12, 31), only=keys):
        kinds_of = by_kind[one.inspector]
        kinds_of[one.kind] = kinds_of.get(one.kind, ZERO) + one.hours
    waiting = _open(county, year, kinds, keys, today=today)
    found = Book(year, day, standing, kinds)
    for known in people:
        mine, pending = by_kind.get(known.key), waiting.get(known.key, ZERO)
        counted = sum((mine.get(kind, ZERO) for kind in kinds), ZERO) if mine is not None else None
        short = max(found.need - counted, ZERO) if counted is not None else None
        if counted is None and not pending:
            verdict = "none"
        elif (counted or ZERO) >= found.need:
            verdict = "met"
        else:
            verdict = "unknown" if (counted or ZERO) + pending >= found.need else "short"
        found.rows.append(Year(known, mine or {}, counted, pending, short or None, verdict))
    return found


def _open(
    county: str, year: int, kinds: Collection[str], keys: Collection[UUID], *, today: date
) -> dict[UUID, Decimal]:
    """Hours by inspector that may still come to count: invited and held, but nobody said who came; claimed, not decided."""
    found: dict[UUID, Decimal] = {}
    said = Attendance.objects.filter(session=OuterRef("pk"), inspector=OuterRef("batch__invitations__inspector"))
    held = Session.objects.filter(
        ~Exists(said), batch__county=county, batch__kind__in=kinds, batch__cancelled_why="", cancelled_why="",
        day__range=(date(year, 1, 1), min(date(year, 12, 31), today)), batch__invitations__inspector__in=keys,
    )  # fmt: skip
    for key, value in held.values_list("batch__invitations__inspector", "hours"):
        found[key] = found.get(key, ZERO) + value
    claimed = Claim.objects.filter(
        county=county, state=Claim.State.PENDING, kind__in=kinds, inspector__in=keys, ends_on__year=year
    )
    for key, value in claimed.values_list("inspector", "hours"):
        found[key] = found.get(key, ZERO) + value
    return found


def trained_since(county: str, *, years: int, day: date) -> Mapping[UUID, date]:
    """The last day each inspector came to a 集中 training within some calendar years up to a day. Two statements."""
    since = date(day.year - years + 1, 1, 1)
    found: dict[UUID, date] = {}
    for one in lines(county, since=since, until=day, came=True):
        if one.kind == Kind.CLASS:
            found[one.inspector] = one.day
    return found


def held_years(county: str) -> list[int]:
    """Years with a training or a claim on record, the latest first."""
    said = set(Session.objects.filter(batch__county=county).values_list("day__year", flat=True).distinct())
    said |= set(Claim.objects.filter(county=county).values_list("ends_on__year", flat=True).distinct())
    return sorted(said, reverse=True)
