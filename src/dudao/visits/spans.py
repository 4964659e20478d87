"""Months and terms as visits count them."""

from datetime import date, timedelta

from dudao.shell import calendars, periods
from dudao.visits import library
from dudao_engines.kernel.periods import Period


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    return first_of(month + timedelta(days=31))


def month_before(month: date) -> date:
    return first_of(month - timedelta(days=1))


def last_of(month: date) -> date:
    """The last day of a month."""
    return next_month(month) - timedelta(days=1)


def month_words(month: date) -> str:
    return f"{month.year}年{month.month}月"


def months_of(span: Period) -> list[date]:
    """The first days of the months of a term."""
    found, month = [], first_of(span.start)
    while month <= span.end:
        found.append(month)
        month = next_month(month)
    return found


def expected(months: list[date]) -> list[date]:
    """Of these months those in which one visit is expected: not the holidays."""
    return [one for one in months if one.month not in library.off_months()]


def term_of(day: date) -> Period:
    """The term that a day lies in."""
    return periods.current(day)["term"]


def days_of(month: date, *, since: date) -> list[date]:
    """The working days of a month from a day on; Monday to Friday where the year has no table of holidays."""
    first, table = max(month, since), calendars.holidays()
    every = (first + timedelta(days=n) for n in range((last_of(month) - first).days + 1))
    return [day for day in every if table.is_working(day)]
