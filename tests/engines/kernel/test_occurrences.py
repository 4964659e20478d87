"""When a recurring duty falls due, in the words of a notice and against a slow count day by day."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel import periods
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.occurrences import occurrences
from dudao_engines.kernel.periods import Kind, Period

TERMS = [*periods.terms(date(2024, 1, 1), ((9, 1), (3, 1))), *periods.terms(date(2024, 12, 1), ((9, 1), (3, 1)))]
YEAR = Period(date(2024, 3, 22), date(2024, 12, 31), Kind.CALENDAR_YEAR, "2024年")


def of_the_year(rule: str, rrule: str | None = None) -> list[tuple[str, date]]:
    return [(found.label, found.end) for found in occurrences(rule, rrule=rrule, span=YEAR, terms=TERMS)]


def test_the_monthly_reports_of_the_notice_run_from_march_to_december() -> None:
    found = of_the_year("monthly")
    assert [label for label, _ in found] == [f"{month}月" for month in range(3, 13)]
    assert found[0] == ("3月", date(2024, 3, 31))


def test_a_week_is_named_by_its_number_and_days() -> None:
    found = [label for label, _ in of_the_year("weekly")]
    assert found[:3] == ["第12周（3月18日—24日）", "第13周（3月25日—31日）", "第14周（4月1日—7日）"]
    assert found[-1] == "2025年第1周（12月30日—1月5日）"


@pytest.mark.parametrize(
    ("rule", "labels"),
    [
        ("quarterly", ["第一季度", "第二季度", "第三季度", "第四季度"]),
        ("half-yearly", ["上半年", "下半年"]),
        ("yearly", ["2024年"]),
        ("termly", ["2023—2024学年第二学期", "2024—2025学年第一学期"]),
        ("spring-and-autumn-start", ["春季开学", "秋季开学"]),
        ("other", []),
        ("", []),
    ],
)
def test_each_rhythm_has_its_names(rule: str, labels: list[str]) -> None:
    assert [label for label, _ in of_the_year(rule)] == labels


def test_the_start_of_a_term_is_due_by_the_end_of_its_month() -> None:
    assert of_the_year("spring-and-autumn-start") == [
        ("春季开学", date(2024, 3, 31)),
        ("秋季开学", date(2024, 9, 30)),
    ]


@pytest.mark.parametrize(
    ("rule", "rrule", "first", "count"),
    [
        ("monthly", "FREQ=MONTHLY", ("3月", date(2024, 3, 31)), 10),
        ("monthly", "FREQ=MONTHLY;BYMONTHDAY=15", ("4月", date(2024, 4, 15)), 9),
        ("monthly", "FREQ=MONTHLY;BYMONTHDAY=-1", ("3月", date(2024, 3, 31)), 10),
        ("other", "FREQ=MONTHLY;BYMONTHDAY=15,30", ("3月30日前", date(2024, 3, 30)), 19),
        ("yearly", "FREQ=YEARLY;BYMONTH=3,9", ("3月", date(2024, 3, 31)), 2),
        ("yearly", "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=10", ("9月", date(2024, 9, 10)), 1),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3", ("第一季度", date(2024, 3, 31)), 4),
        ("quarterly", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=15", ("第二季度", date(2024, 6, 15)), 3),
        ("half-yearly", "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=20", ("上半年", date(2024, 6, 20)), 2),
        ("other", "FREQ=MONTHLY;INTERVAL=2", ("3—4月", date(2024, 4, 30)), 5),
        ("weekly", "FREQ=WEEKLY;BYDAY=FR", ("第12周（3月18日—22日）", date(2024, 3, 22)), 42),
        ("other", "FREQ=WEEKLY;INTERVAL=2", ("第11—12周（3月11日—24日）", date(2024, 3, 24)), 22),
    ],
)
def test_a_rule_that_names_days_is_due_on_them(rule: str, rrule: str, first: tuple[str, date], count: int) -> None:
    found = of_the_year(rule, rrule)
    assert (found[0], len(found)) == (first, count)


def test_the_thirty_first_is_the_last_day_of_a_shorter_month() -> None:
    days = [day for _, day in of_the_year("monthly", "FREQ=MONTHLY;BYMONTHDAY=31")]
    assert days == [day for _, day in of_the_year("monthly")]


@pytest.mark.parametrize("rrule", ["FREQ=DAILY", "FREQ=YEARLY;INTERVAL=3", "FREQ=YEARLY;INTERVAL=2;BYMONTH=5"])
def test_what_has_no_rhythm_within_a_year_has_no_periods(rrule: str) -> None:
    assert of_the_year("other", rrule) == []


@pytest.mark.parametrize(
    "rrule",
    [
        "每月",
        "FREQ=SECONDLY",
        "FREQ=MONTHLY;COUNT=3",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=99",
        ";",
        "FREQ",
    ],
)
def test_a_rule_nobody_can_read_is_refused(rrule: str) -> None:
    with pytest.raises(EngineInputError) as refused:
        of_the_year("other", rrule)
    assert refused.value.code == "occurrences.rrule"


DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
SPANS = st.builds(
    lambda day, length: Period(day, day + timedelta(days=length), Kind.MONTH, "?"), DAYS, st.integers(0, 500)
)
KEYS: dict[str, Callable[[date], tuple[int, ...]]] = {
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "quarterly": lambda day: (day.year, (day.month + 2) // 3),
    "half-yearly": lambda day: (day.year, day.month // 7),
    "yearly": lambda day: (day.year,),
}


def every_day(span: Period, around: int) -> list[date]:
    first = span.start - timedelta(days=around)
    return [first + timedelta(days=at) for at in range((span.end - first).days + around + 1)]


@given(st.sampled_from(sorted(KEYS)), SPANS)
def test_whole_periods_are_those_that_touch_the_span(rule: str, span: Period) -> None:
    groups = [list(days) for _, days in groupby(every_day(span, 400), KEYS[rule])]
    slow = [(days[0], days[-1]) for days in groups if any(day in span for day in days)]
    assert [(found.start, found.end) for found in occurrences(rule, rrule=None, span=span, terms=[])] == slow


@given(st.sets(st.integers(1, 31), min_size=1, max_size=4), SPANS)
def test_days_of_the_month_are_those_a_wall_calendar_shows(numbers: set[int], span: Period) -> None:
    def due(day: date) -> bool:
        last = (day + timedelta(days=1)).month != day.month
        return day.day in numbers or (last and any(number > day.day for number in numbers))

    rrule = "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(map(str, sorted(numbers)))
    slow, start = [], None
    for day in every_day(span, 400):
        start = day if start is None or day.day == 1 else start
        if due(day):
            if day >= span.start and start <= span.end:
                slow.append((start, day))
            start = None
    assert [(found.start, found.end) for found in occurrences("other", rrule=rrule, span=span, terms=[])] == slow


@given(st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1), SPANS)
def test_days_of_the_week_are_those_a_wall_calendar_shows(names: set[str], span: Period) -> None:
    at = {["MO", "TU", "WE", "TH", "FR", "SA", "SU"].index(name) for name in names}
    found = occurrences("weekly", rrule="FREQ=WEEKLY;BYDAY=" + ",".join(sorted(names)), span=span, terms=[])
    inside = [day for day in every_day(span, 0) if day.weekday() in at]
    assert [period.end for period in found if period.end in span] == inside
    assert all(later.start > earlier.end for earlier, later in pairwise(found))
    assert len({found.start for found in found}) == len(found)
