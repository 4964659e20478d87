"""Periods: every day lies in exactly one school year and one term."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel import periods
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.periods import Kind, Period

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
TWO = ((9, 1), (3, 1))


def test_the_school_year_turns_on_the_first_of_september() -> None:
    assert periods.school_year(date(2024, 8, 31)).label == "2023—2024学年"
    assert periods.school_year(date(2024, 9, 1)).label == "2024—2025学年"


def test_the_notices_day_lies_in_the_second_term() -> None:
    [found] = [term for term in periods.terms(date(2024, 3, 22), TWO) if date(2024, 3, 22) in term]
    assert (found.label, found.start, found.end) == ("2023—2024学年第二学期", date(2024, 3, 1), date(2024, 8, 31))


@given(DAYS)
def test_terms_cut_the_school_year_without_gap_or_overlap(day: date) -> None:
    year, terms = periods.school_year(day), periods.terms(day, TWO)
    assert day in year
    assert (terms[0].start, terms[-1].end) == (year.start, year.end)
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(terms))
    assert sum(day in term for term in terms) == 1


@given(DAYS)
def test_a_year_later_the_school_year_is_the_next_one(day: date) -> None:
    year = periods.school_year(day)
    assert periods.school_year(year.end + timedelta(days=1)).start == year.end + timedelta(days=1)


def test_years_and_the_statistics_day() -> None:
    assert periods.calendar_year(2024).end == date(2024, 12, 31)
    assert date(2024, 9, 1) in periods.statistics_day(2024)
    assert "2024-09-01" not in periods.statistics_day(2024)


@pytest.mark.parametrize("starts", [(), ((9, 1), (9, 1)), ((9, 1), (3, 1), (2, 1))])
def test_terms_out_of_order_are_refused(starts: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(EngineInputError) as refused:
        periods.terms(date(2024, 4, 10), starts)
    assert refused.value.code == "period.terms"


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(EngineInputError) as refused:
        Period(date(2024, 2, 1), date(2024, 1, 1), Kind.TERM, "第一学期")
    assert refused.value.code == "period.order"
