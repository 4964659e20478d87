"""When a recurring duty falls due: its periods inside a span of days."""

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby, takewhile

from dateutil.rrule import rrulestr

from dudao_engines.kernel import periods
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.periods import Kind, Period

_DAY = timedelta(days=1)
_BROKEN = "频次的写法读不懂，请改选每周、每月等。"
# Days only: a rule that counts hours, or one that ends by itself, is not a rhythm of a year's plan.
_PART = re.compile(
    r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)|INTERVAL=[1-9]\d?|WKST=MO|BYDAY=[\w,+-]+"
    r"|BYMONTH=(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*"
    r"|BYMONTHDAY=-?(?:[1-9]|[12]\d|3[01])(?:,-?(?:[1-9]|[12]\d|3[01]))*"
)
_UNITS: dict[str, Callable[[date], Period]] = {
    "weekly": periods.week,
    "monthly": periods.month,
    "quarterly": periods.quarter,
    "half-yearly": periods.half_year,
    "yearly": lambda day: periods.calendar_year(day.year),
}


def occurrences(rule: str, *, rrule: str | None, span: Period, terms: Sequence[Period]) -> list[Period]:
    """The periods of one recurring duty that touch ``span``, in order; each ends on the day on which it is due.

    A period under way when the span begins counts whole; one wholly before it does not. One that begins inside the span
    counts even when it is due after the span's end (the first term of a school year).

    Args:
        rule: ``weekly``, ``monthly``, ``quarterly``, ``termly``, ``half-yearly``, ``yearly``, ``spring-and-autumn-start``.
            Any other has no periods unless ``rrule`` says them.
        rrule: RFC 5545 rule of weeks or longer, without COUNT and UNTIL (``FREQ=MONTHLY;BYMONTHDAY=15``). Where it names
            days, those are the days on which the periods are due; the 31st is the last day of a shorter month, as the
            office means it. It is not asked for duties by term.
        span: the days asked for, as a rule from the day of the notice to 31 December.
        terms: the terms that touch the span, from the county's calendar.

    Returns:
        Periods without overlap, with a Chinese label that names each within its year; the year is added where it is not
        that of the span's first day. Empty for what has no rhythm to lay out: every day, every three years, unknown.

    Raises:
        EngineInputError: ``occurrences.rrule``, the rule cannot be read.
    """
    if rule == "termly":
        found: list[Period] = sorted(terms)
    elif rule == "spring-and-autumn-start":
        found = [_term_start(term, span) for term in sorted(terms)]
    else:
        parts = _parts(rrule) if rrule else {}
        by_days = parts.keys() & {"BYDAY", "BYMONTH", "BYMONTHDAY"} and parts["FREQ"] != "DAILY"
        found = list(_by_days(rule, parts, span) if by_days else _by_blocks(rule, parts, span))
    return [period for period in found if period.end >= span.start and period.start <= span.end]


def _parts(words: str) -> dict[str, str]:
    parts = words.upper().removeprefix("RRULE:").split(";")
    read = dict(part.split("=", 1) for part in parts if _PART.fullmatch(part))
    if len(read) != len(parts) or "FREQ" not in read:
        raise EngineInputError("occurrences.rrule", _BROKEN, rrule=words)
    return read


def _term_start(term: Period, span: Period) -> Period:
    last = date(term.start.year, term.start.month, calendar.monthrange(term.start.year, term.start.month)[1])
    season = "春季开学" if term.start.month < 7 else "秋季开学"
    return Period(term.start, last, Kind.TERM_START, _year(term.start.year, span) + season)


def _by_blocks(rule: str, parts: dict[str, str], span: Period) -> Iterator[Period]:
    """Whole weeks, months and so on, or several of them at a time; those at a time that do not fill a year are left out."""
    every = int(parts.get("INTERVAL", "1"))
    if parts.get("FREQ", rule.upper()) == "WEEKLY":
        yield from _weeks(every, span)
        return
    count = {"MONTHLY": 1, "QUARTERLY": 3, "HALF-YEARLY": 6, "YEARLY": 12}.get(
        parts.get("FREQ", rule.upper()), 0
    ) * every
    if not count or 12 % count:
        return
    named = {1: "monthly", 3: "quarterly", 6: "half-yearly", 12: "yearly"}.get(count)
    for year in range(span.start.year, span.end.year + 1):
        for month in range(1, 13, count):
            if named:
                yield _labelled(_UNITS[named](date(year, month, 1)), span)
            else:
                label = f"{_year(year, span)}{month}—{month + count - 1}月"
                yield periods.months(year, month, count, Kind.MONTH, label)


def _weeks(every: int, span: Period) -> Iterator[Period]:
    # Several weeks at a time are counted from week 1 of the year in which the span begins.
    year = span.start.isocalendar().year
    start = date.fromisocalendar(year, 1, 1)
    while start <= span.end:
        end = start + timedelta(days=7 * every - 1)
        yield _labelled(Period(start, end, Kind.WEEK, ""), span)
        start = end + _DAY


def _by_days(rule: str, parts: dict[str, str], span: Period) -> Iterator[Period]:
    """Periods due on the days of a rule. One of several in a month or week begins the day after the one before it."""
    if parts["FREQ"] == "YEARLY" and parts.get("INTERVAL", "1") != "1":
        return
    names_days = parts.keys() & {"BYDAY", "BYMONTHDAY"}
    unit = _UNITS["monthly"]
    if parts["FREQ"] == "WEEKLY":
        unit = periods.week
    elif names_days and rule in ("quarterly", "half-yearly"):
        unit = _UNITS[rule]
    for whole, group in groupby(_days(parts, span), unit):
        dues = list(group) if names_days else [whole.end]
        start = whole.start
        for due in dues:
            if len(dues) > 1 and whole.kind is not Kind.WEEK:
                yield Period(start, due, whole.kind, f"{_year(due.year, span)}{due.month}月{due.day}日前")
            else:
                yield _labelled(Period(start, due, whole.kind, whole.label), span)
            start = due + _DAY


def _days(parts: dict[str, str], span: Period) -> list[date]:
    # Counted from the beginning of the span's year, so that the one before the first is known; of every two, three, six
    # months it is the last that is meant.
    first = date(span.start.year, 1, 1)
    if parts["FREQ"] == "WEEKLY":
        first = date.fromisocalendar(span.start.isocalendar().year, 1, 1)
    elif parts["FREQ"] == "MONTHLY":
        first = date(span.start.year, min(int(parts.get("INTERVAL", "1")), 12), 1)
    last = span.end + timedelta(days=366)
    days = set()
    for each in _simple(parts):
        try:
            rule = rrulestr(";".join(f"{name}={value}" for name, value in each.items()), dtstart=_at(first))
        except (ValueError, TypeError, KeyError) as broken:
            raise EngineInputError("occurrences.rrule", _BROKEN, rrule=parts) from broken
        days |= {moment.date() for moment in takewhile(lambda moment: moment <= _at(last), rule)}
    return sorted(days)


def _simple(parts: dict[str, str]) -> Iterator[dict[str, str]]:
    """The rule once for each of its days of the month; from the 29th on as the last day up to it that the month has."""
    for number in parts.get("BYMONTHDAY", "").split(","):
        if "BYDAY" in parts or not number or -28 <= int(number) <= 28:
            yield parts if "BYDAY" in parts or not number else {**parts, "BYMONTHDAY": number}
        else:
            freq = "MONTHLY" if parts["FREQ"] == "YEARLY" else parts["FREQ"]
            edge = range(28, int(number) + 1) if int(number) > 0 else range(-28, int(number) - 1, -1)
            yield {
                **parts,
                "FREQ": freq,
                "BYMONTHDAY": ",".join(map(str, edge)),
                "BYSETPOS": "-1" if int(number) > 0 else "1",
            }


def _at(day: date) -> datetime:
    return datetime.combine(day, time())


def _labelled(period: Period, span: Period) -> Period:
    """The period with the year where it is another, and a week with its days."""
    start, end = period.start, period.end
    if period.kind is Kind.CALENDAR_YEAR:
        return period
    if period.kind is not Kind.WEEK:
        return Period(start, end, period.kind, _year(start.year, span) + period.label)
    first, last = start.isocalendar(), end.isocalendar()
    weeks = f"{first.week}" if first[:2] == last[:2] else f"{first.week}—{last.week}"
    days = f"{start.month}月{start.day}日"
    if end != start:
        days += f"—{'' if end.month == start.month else f'{end.month}月'}{end.day}日"
    return Period(start, end, Kind.WEEK, f"{_year(first.year, span)}第{weeks}周（{days}）")


def _year(year: int, span: Period) -> str:
    return "" if year == span.start.year else f"{year}年"
