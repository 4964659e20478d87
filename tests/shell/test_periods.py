"""The county's calendar."""

from dudao.shell import periods


def test_the_terms_of_a_calendar_year_are_the_three_that_touch_it() -> None:
    assert [term.label for term in periods.terms_of(2024)] == [
        "2023—2024学年第一学期（校历未核实）",
        "2023—2024学年第二学期（校历未核实）",
        "2024—2025学年第一学期（校历未核实）",
    ]
