"""Spans of days that work is counted in: 自然年, 半年, 季度, 月, 周, 学年, 学期, 统计时点."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from dudao_engines.kernel.errors import EngineInputError


class Kind(StrEnum):
    """What a period is one of."""

    CALENDAR_YEAR = "calendar_year"
    SCHOOL_YEAR = "school_year"
    TERM = "term"
    TERM_START = "term_start"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    STATISTICS_DAY = "statistics_day"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of days, both ends inside, with the name people give it.

    Raises:
        EngineInputError: ``period.order``, it would end before it starts.
    """

    start: date
    end: date
    kind: Kind
    label: str

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise EngineInputError(
                "period.order", f"{self.label}的结束日期早于开始日期。", start=self.start, end=self.end
            )

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


def calendar_year(year: int) -> Period:
    """自然年: 1 January to 31 December."""
    return Period(date(year, 1, 1), date(year, 12, 31), Kind.CALENDAR_YEAR, f"{year}年")


def months(year: int, month: int, count: int, kind: Kind, label: str) -> Period:
    """``count`` whole months, the first of them ``month`` of ``year``; they may run into the next year."""
    after = year * 12 + month - 1 + count
    return Period(date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1), kind, label)


def half_year(day: date) -> Period:
    """上半年 or 下半年 that a day lies in."""
    return months(day.year, 1 if day.month <= 6 else 7, 6, Kind.HALF_YEAR, "上半年" if day.month <= 6 else "下半年")


def quarter(day: date) -> Period:
    """季度 that a day lies in."""
    at = (day.month - 1) // 3
    return months(day.year, at * 3 + 1, 3, Kind.QUARTER, f"第{'一二三四'[at]}季度")


def month(day: date) -> Period:
    """月 that a day lies in."""
    return months(day.year, day.month, 1, Kind.MONTH, f"{day.month}月")


def week(day: date) -> Period:
    """周 that a day lies in, Monday to Sunday, numbered by GB/T 7408 (ISO 8601): week 1 has the year's first Thursday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6), Kind.WEEK, f"第{day.isocalendar().week}周")


def school_year(day: date) -> Period:
    """学年 that a day lies in: 1 September to 31 August. Source: 教育事业统计 (library/calendars, ``school_year``)."""
    first = day.year if day.month >= 9 else day.year - 1
    return Period(date(first, 9, 1), date(first + 1, 8, 31), Kind.SCHOOL_YEAR, f"{first}—{first + 1}学年")


def statistics_day(year: int) -> Period:
    """统计时点 of a year: 1 September, for what is counted as standing. Source: as ``school_year``."""
    return Period(date(year, 9, 1), date(year, 9, 1), Kind.STATISTICS_DAY, f"{year}年9月1日统计时点")


def terms(day: date, starts: Sequence[tuple[int, int]]) -> list[Period]:
    """The 学期 of the school year that a day lies in, one after the other without a gap.

    Args:
        starts: (month, day) on which each term starts, in the order of the school year; the first is taken as 1 September.

    Raises:
        EngineInputError: ``period.terms``, no start, or one that does not follow the one before it.
    """
    year = school_year(day)
    days = [year.start]
    for month, number in starts[1:]:
        days.append(date(year.start.year if month >= 9 else year.end.year, month, number))
    if not starts or any(later <= earlier for earlier, later in pairwise(days)):
        raise EngineInputError("period.terms", "学期的开始日期要按先后排列。", starts=list(starts))
    ends = [*(start - timedelta(days=1) for start in days[1:]), year.end]
    return [
        Period(start, end, Kind.TERM, f"{year.label}第{'一二三四'[at]}学期")
        for at, (start, end) in enumerate(zip(days, ends, strict=True))
    ]
