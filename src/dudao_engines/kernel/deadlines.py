"""Due days: so many natural days, working days, months or years after a day.

The day after the start is day 1 and a due day ends at midnight. Working days are Monday to Friday as the State Council's
yearly notice on holidays moves them: days off, and weekend days that are worked to make up. Where a year has no table yet,
its Mondays to Fridays are counted and the due day is provisional (暂估).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate

from dateutil.relativedelta import relativedelta

from dudao_engines.kernel.errors import EngineInputError

# A notice also arranges the last days of the December before its year (that of 2023: 31 December 2022), so those of the
# last year with a table may still move.
_DECEMBER = timedelta(days=7)


class Unit(StrEnum):
    """What a limit is counted in."""

    DAYS = "日"
    WORKING_DAYS = "工作日"
    MONTHS = "月"
    YEARS = "年"


@dataclass(frozen=True, slots=True)
class Table:
    """What one year's notice says.

    Args:
        version: counts up when the year's arrangement is changed or a mistake in the table mended.
        off: days off; weekends that are off anyway may stand among them.
        work: weekend days that are worked.

    Raises:
        EngineInputError: ``deadline.table``, a day of another year, a make-up day that is no weekend day or is also off.
    """

    year: int
    version: int
    off: frozenset[date]
    work: frozenset[date]

    def __post_init__(self) -> None:
        for day in sorted(self.off | self.work):
            if self.year not in (day.year, (day + _DECEMBER).year):
                raise EngineInputError("deadline.table", f"{day}不在{self.year}年。", day=day)
        for day in sorted(self.work):
            if day.weekday() < 5 or day in self.off:
                raise EngineInputError("deadline.table", f"调休上班日{day}应是周末，且不放假。", day=day)


class Holidays:
    """The tables of several years; of two for one year the higher version stands.

    Raises:
        EngineInputError: ``deadline.version``, two different tables for one year with the same version.
    """

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        self._tables: dict[int, Table] = {}
        for table in sorted(tables, key=lambda table: (table.year, table.version)):
            other = self._tables.get(table.year)
            if other and other.version == table.version and other != table:
                words = f"{table.year}年有两份不同的放假安排，版本都是{table.version}。"
                raise EngineInputError("deadline.version", words, year=table.year)
            self._tables[table.year] = table
        # In the order of years: the later notice decides about a December day that two of them name.
        self._moved: dict[date, bool] = {}
        for table in self._tables.values():
            self._moved |= dict.fromkeys(table.off, False) | dict.fromkeys(table.work, True)
        changes = sorted((day.toordinal(), works - (day.weekday() < 5)) for day, works in self._moved.items())
        self._days = [day for day, _ in changes]
        self._sums = list(accumulate((change for _, change in changes), initial=0))

    @property
    def years(self) -> tuple[int, ...]:
        """Years with a table, in order."""
        return tuple(self._tables)

    def is_working(self, day: date) -> bool:
        """Whether work is done on a day; without a table whether it is Monday to Friday."""
        return self._moved.get(day, day.weekday() < 5)

    def working_day(self, start: date, number: int) -> date:
        """The working day with a number (from 1), counted from the day after ``start``."""
        first = start.toordinal() + 1
        # No span is longer than this: five working days a week, and every change of the tables a day off.
        days = range(first, first + 7 * (number + len(self._days)) // 5 + 7)
        return date.fromordinal(days[bisect_left(days, self._worked(first - 1) + number, key=self._worked)])

    def count(self, a: date, b: date) -> int:
        """Working days after ``a`` up to and with ``b``; negative where ``b`` is earlier."""
        return self._worked(b.toordinal()) - self._worked(a.toordinal())

    def of_span(self, start: date, end: date) -> tuple[str, bool]:
        """The tables that decide about a span of days, both ends inside.

        Returns:
            Their years and versions, ``2024:1+2025:1``; whether they settle every day of it.
        """
        years = range(start.year, (end + _DECEMBER).year + 1)
        known = [self._tables[year] for year in years if year in self._tables]
        return "+".join(f"{table.year}:{table.version}" for table in known), len(known) == len(years)

    def _worked(self, ordinal: int) -> int:
        """Working days from day 1 of the calendar, a Monday, up to and with one, as ``date.toordinal`` numbers days."""
        weeks, rest = divmod(ordinal, 7)
        return weeks * 5 + min(rest, 5) + self._sums[bisect_right(self._days, ordinal)]


@dataclass(frozen=True, slots=True)
class Due:
    """A due day.

    Args:
        provisional: 暂估, it leans on days that no table settles yet.
        calendar: the tables it was counted with (``2024:1+2025:1``); empty where none is needed or none is there.
    """

    day: date
    provisional: bool = False
    calendar: str = ""


def due(start: date, amount: int, unit: Unit | str, holidays: Holidays) -> Due:
    """The last day of a limit.

    Natural days do not move when the last one is a holiday. Months and years end on the day of the start's number, or on
    the month's last where it has no such day.

    Args:
        start: the day on which the limit is set off (收到, 形成 …); the next one is day 1.
        amount: how many of the unit, 1 or more.
        unit: ``日``, ``工作日``, ``月`` or ``年``.

    Raises:
        EngineInputError: ``deadline.unit``, not one of the four; ``deadline.amount``, less than 1, or the day lies beyond
            the calendar.

    Source: 起算日 and 对应日 as 民法典 第二百零一条、第二百零二条 (RECALL, 未核实); natural days that stay on a holiday:
    RECALL, 未核实; working days: the yearly notices in library/calendars/holidays.
    """
    if unit not in list(Unit):
        raise EngineInputError("deadline.unit", f"期限单位“{unit}”不是日、工作日、月或年。", unit=unit)
    if amount < 1:
        raise EngineInputError("deadline.amount", "期限至少是1。", amount=amount)
    try:
        if unit == Unit.WORKING_DAYS:
            day = holidays.working_day(start, amount)
            calendar, settled = holidays.of_span(start + timedelta(days=1), day)
            return Due(day, not settled, calendar)
        if unit == Unit.DAYS:
            return Due(start + timedelta(days=amount))
        return Due(start + relativedelta(months=amount if unit == Unit.MONTHS else amount * 12))
    except (OverflowError, ValueError):
        raise EngineInputError("deadline.amount", "期限超出了日历。", start=start, amount=amount) from None


def passed(due: Due, today: date) -> bool:
    """Whether the due day is over: it ends at midnight."""
    return today > due.day


def working_days_between(a: date, b: date, holidays: Holidays) -> int:
    """Working days after ``a`` up to and with ``b``; negative where ``b`` is earlier."""
    return holidays.count(a, b)


def again(start: date, amount: int, unit: Unit | str, holidays: Holidays, *, kept: Due, today: date) -> Due | None:
    """What replaces a kept due day after a table has come; arguments else as of ``due``.

    Returns:
        Nothing where the kept day stands: it is settled, it is over, or the new count says the same. Nor where the new
        day is over already: nobody becomes late by a table that came too late.
    """
    if not kept.provisional or passed(kept, today):
        return None
    new = due(start, amount, unit, holidays)
    return None if new == kept or passed(new, today) else new
