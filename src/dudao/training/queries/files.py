"""The training file of one inspector: 一人一份."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dudao.inspectors.models import Inspector
from dudao.training.models import Batch, Certificate, Claim, Score
from dudao.training.queries.hours import Line, hours, lines


@dataclass(frozen=True, slots=True)
class YearOf:
    """A year of the file: hours by kind, and those that count; None where nothing is on record."""

    year: int
    by_kind: dict[str, Decimal]
    counted: Decimal | None


@dataclass(frozen=True, slots=True)
class File:
    """All that is on record of one inspector: sessions and accepted claims, tests, certificates, claims, trainings to come."""

    lines: list[Line]
    years: list[YearOf]
    scores: list[Score]
    certificates: list[Certificate]
    claims: list[Claim]
    coming: list[Batch]


def file_of(inspector: Inspector, *, today: date) -> File:
    """The file of an inspector whom the caller has found within the reader's scope."""
    rows = lines(inspector.county, since=date(2000, 1, 1), until=today, only=[inspector.pk])
    years = []
    for year in sorted({one.day.year for one in rows}, reverse=True):
        by_kind: dict[str, Decimal] = {}
        for one in rows:
            if one.day.year == year:
                by_kind[one.kind] = by_kind.get(one.kind, Decimal(0)) + one.hours
        years.append(YearOf(year, by_kind, hours(inspector.county, year, only=[inspector.pk]).get(inspector.pk)))
    scores = Score.objects.filter(inspector=inspector).select_related("exam__batch").order_by("-exam__day", "pk")
    certificates = Certificate.objects.filter(inspector=inspector).select_related("batch").order_by("-issued_on", "pk")
    coming = Batch.objects.filter(invitations__inspector=inspector, cancelled_why="", ends_on__gte=today).order_by(
        "starts_on", "pk"
    )
    return File(
        rows[::-1],
        years,
        list(scores),
        list(certificates),
        list(Claim.objects.filter(inspector=inspector)),
        list(coming),
    )
