"""Due days: what the law's periods and the State Council's notices say, and a slow count that can be read."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel.deadlines import (
    Due,
    Holidays,
    Table,
    Unit,
    again,
    due,
    passed,
    working_days_between,
)
from dudao_engines.kernel.errors import EngineInputError


def days(year: int, *spans: tuple[str, int]) -> frozenset[date]:
    """Spans of days: the first as MM-DD, and how many."""
    return frozenset(
        date.fromisoformat(f"{year}-{first}") + timedelta(n) for first, count in spans for n in range(count)
    )


# 国办发明电〔2023〕7号, 〔2024〕12号, 〔2025〕7号.
Y2024 = Table(
    2024,
    1,
    days(2024, ("01-01", 1), ("02-10", 8), ("04-04", 3), ("05-01", 5), ("06-10", 1), ("09-15", 3), ("10-01", 7)),
    days(2024, *((day, 1) for day in ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"))),
)
Y2025 = Table(
    2025,
    1,
    days(2025, ("01-01", 1), ("01-28", 8), ("04-04", 3), ("05-01", 5), ("05-31", 3), ("10-01", 8)),
    days(2025, *((day, 1) for day in ("01-26", "02-08", "04-27", "09-28", "10-11"))),
)
TWO = Holidays([Y2024, Y2025])
# Made up: the last of December worked, the Friday before off.
Y2026 = Table(2026, 1, frozenset({date(2025, 12, 26), date(2026, 1, 1)}), frozenset({date(2025, 12, 28)}))


def test_what_was_formed_on_22_march_2024_is_published_by_22_april() -> None:
    # 政府信息公开条例第二十六条: 20 working days; 清明节 4 to 6 April, Sunday the 7th worked.
    assert due(date(2024, 3, 22), 20, "工作日", TWO) == Due(date(2024, 4, 22), False, "2024:1")
    assert working_days_between(date(2024, 3, 22), date(2024, 4, 22), TWO) == 20


def test_the_day_after_the_start_is_day_one() -> None:
    assert due(date(2024, 4, 7), 1, "日", TWO).day == date(2024, 4, 8)
    assert due(date(2024, 4, 7), 1, "工作日", TWO).day == date(2024, 4, 8)
    # Set off on a day off: the first day worked after it.
    assert due(date(2024, 4, 4), 1, "工作日", TWO).day == date(2024, 4, 7)


def test_natural_days_end_on_a_holiday_too_and_need_no_table() -> None:
    assert due(date(2024, 9, 21), 10, "日", Holidays()) == Due(date(2024, 10, 1), False, "")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2024-01-31", 1, "月", "2024-02-29"),
        ("2023-01-31", 1, "月", "2023-02-28"),
        ("2024-11-30", 3, "月", "2025-02-28"),
        ("2024-03-22", 12, "月", "2025-03-22"),
        ("2024-02-29", 1, "年", "2025-02-28"),
        ("2024-02-29", 4, "年", "2028-02-29"),
    ],
)
def test_months_and_years_end_on_the_same_day_or_the_months_last(start: str, amount: int, unit: str, end: str) -> None:
    assert due(date.fromisoformat(start), amount, unit, TWO) == Due(date.fromisoformat(end))


def test_a_span_over_the_new_year_names_both_tables() -> None:
    # 31 December; 1 January off; 2 and 3 January 2025.
    assert due(date(2024, 12, 30), 3, "工作日", TWO) == Due(date(2025, 1, 3), False, "2024:1+2025:1")


def test_a_year_without_a_table_is_counted_monday_to_friday_and_said_to_be_provisional() -> None:
    assert due(date(2025, 12, 10), 20, "工作日", TWO) == Due(date(2026, 1, 7), True, "2025:1")
    assert due(date(2030, 5, 1), 5, "工作日", TWO) == Due(date(2030, 5, 8), True, "")


def test_the_last_days_of_december_wait_for_the_next_years_notice() -> None:
    assert not due(date(2025, 12, 10), 10, "工作日", TWO).provisional  # the 24th
    assert due(date(2025, 12, 10), 11, "工作日", TWO) == Due(date(2025, 12, 25), True, "2025:1")
    three = Holidays([Y2024, Y2025, Y2026])
    assert [due(date(2025, 12, 10), n, "工作日", three) for n in (11, 12)] == [
        Due(date(2025, 12, 25), False, "2025:1+2026:1"),
        Due(date(2025, 12, 28), False, "2025:1+2026:1"),
    ]


def test_a_day_due_is_not_over_before_its_midnight() -> None:
    kept = Due(date(2024, 4, 22))
    assert not passed(kept, date(2024, 4, 22))
    assert passed(kept, date(2024, 4, 23))


def test_a_table_that_comes_settles_only_what_is_provisional_and_not_over() -> None:
    start, after = date(2025, 12, 19), Holidays([Y2025, Y2026])
    kept = due(start, 7, "工作日", Holidays([Y2025]))
    assert kept == Due(date(2025, 12, 30), True, "2025:1")
    # One Friday off, one Sunday worked: the same day, now settled.
    new = again(start, 7, "工作日", after, kept=kept, today=date(2025, 12, 25))
    assert new == Due(date(2025, 12, 30), False, "2025:1+2026:1")
    assert again(start, 7, "工作日", after, kept=new, today=date(2025, 12, 25)) is None
    assert again(start, 7, "工作日", after, kept=kept, today=date(2025, 12, 31)) is None
    assert again(start, 7, "工作日", Holidays([Y2025]), kept=kept, today=date(2025, 12, 25)) is None


def test_nobody_becomes_late_by_a_table_that_comes_too_late() -> None:
    worked = Table(2026, 1, frozenset(), frozenset({date(2026, 1, 3), date(2026, 1, 4)}))
    kept = due(date(2025, 12, 31), 5, "工作日", Holidays([Y2025]))
    assert kept.day == date(2026, 1, 7)
    after = Holidays([Y2025, worked])
    assert due(date(2025, 12, 31), 5, "工作日", after).day == date(2026, 1, 5)
    assert again(date(2025, 12, 31), 5, "工作日", after, kept=kept, today=date(2026, 1, 6)) is None
    new = again(date(2025, 12, 31), 5, "工作日", after, kept=kept, today=date(2026, 1, 5))
    assert new == Due(date(2026, 1, 5), False, "2026:1")


def test_the_higher_version_of_a_year_stands() -> None:
    changed = Table(2024, 2, Y2024.off | {date(2024, 4, 22)}, Y2024.work)
    for tables in ([Y2024, changed], [changed, Y2024], [changed, changed]):
        assert due(date(2024, 3, 22), 20, "工作日", Holidays(tables)) == Due(date(2024, 4, 23), False, "2024:2")
    with pytest.raises(EngineInputError) as refused:
        Holidays([Y2024, Table(2024, 1, Y2024.off, frozenset())])
    assert refused.value.code == "deadline.version"
    assert TWO.years == (2024, 2025)


@pytest.mark.parametrize(
    ("off", "work"),
    [
        ({date(2025, 1, 1)}, set()),  # another year
        ({date(2023, 12, 24)}, set()),  # too early for the turn of the year
        (set(), {date(2024, 4, 8)}),  # a Monday is worked anyway
        ({date(2024, 4, 7)}, {date(2024, 4, 7)}),
    ],
)
def test_a_table_that_cannot_be_is_refused(off: set[date], work: set[date]) -> None:
    with pytest.raises(EngineInputError) as refused:
        Table(2024, 1, frozenset(off), frozenset(work))
    assert refused.value.code == "deadline.table"


@pytest.mark.parametrize(
    ("amount", "unit", "code"),
    [
        (0, "日", "deadline.amount"),
        (-3, "工作日", "deadline.amount"),
        (10, "周", "deadline.unit"),
        (10**7, "日", "deadline.amount"),
        (10**12, "日", "deadline.amount"),
        (10**7, "工作日", "deadline.amount"),
        (10**5, "月", "deadline.amount"),
        (8000, "年", "deadline.amount"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(amount: int, unit: str, code: str) -> None:
    with pytest.raises(EngineInputError) as refused:
        due(date(2024, 4, 10), amount, unit, TWO)
    assert refused.value.code == code


YEARS = range(2020, 2025)
DAYS = st.dates(date(2019, 6, 1), date(2025, 12, 31))


@st.composite
def tables(draw: st.DrawFn) -> list[Table]:
    """Some of five years with any days off and any weekend days worked, the December before too."""
    made = []
    for year in sorted(draw(st.sets(st.sampled_from(YEARS)))):
        within = [date(year - 1, 12, 25) + timedelta(n) for n in range(372)]
        of_year = st.sampled_from([day for day in within if day.year == year or day.month == 12])
        off = frozenset(draw(st.sets(of_year, max_size=40)))
        work = {day for day in draw(st.sets(of_year, max_size=40)) if day.weekday() >= 5 and day not in off}
        made.append(Table(year, draw(st.integers(1, 3)), off, frozenset(work)))
    return made


def works(day: date, tables: list[Table]) -> bool:
    """The slow way: ask the notices, the latest first."""
    for table in reversed(tables):
        if day in table.off:
            return False
        if day in table.work:
            return True
    return day.weekday() < 5


@given(tables(), DAYS, st.integers(1, 300))
def test_working_days_are_those_that_one_counts_on_the_wall_calendar(
    tables: list[Table], start: date, amount: int
) -> None:
    holidays = Holidays(tables)
    day, left, provisional = start, amount, False
    years = {table.year for table in tables}
    while left:
        day += timedelta(1)
        provisional |= not {day.year, (day + timedelta(7)).year} <= years
        left -= works(day, tables)
        assert holidays.is_working(day) == works(day, tables)
    found = due(start, amount, Unit.WORKING_DAYS, holidays)
    assert (found.day, found.provisional) == (day, provisional)
    assert working_days_between(start, day, holidays) == amount == -working_days_between(day, start, holidays)
    named = {part.split(":")[0] for part in found.calendar.split("+") if part}
    assert provisional or named >= {str(start.year + (start.month == start.day - 19 == 12)), str(day.year)}


@given(DAYS, st.integers(1, 60), st.sampled_from(list(Unit)))
def test_a_longer_limit_never_ends_earlier(start: date, amount: int, unit: Unit) -> None:
    assert start < due(start, amount, unit, TWO).day <= due(start, amount + 1, unit, TWO).day
