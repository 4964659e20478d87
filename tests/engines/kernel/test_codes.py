"""Codes of people and places. The example number is the one printed in GB 11643-1999, not a person's."""

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel import codes
from dudao_engines.kernel.errors import EngineInputError

PRINTED = "11010519491231002X"

numbers = st.builds(
    lambda province, area, born, order: f"{province}{area:04d}{born:%Y%m%d}{order:03d}",
    st.sampled_from(sorted(codes.PROVINCES)),
    st.integers(0, 9999),
    st.dates(date(1900, 1, 1), date(2024, 12, 31)),
    st.integers(0, 999),
).map(lambda body: body + codes.id_check_character(body))


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(codes).failed == 0


def test_the_number_printed_in_the_standard_passes_in_any_spelling():
    assert codes.id_number(" 110105 19491231 002x ") == PRINTED


@given(numbers)
def test_a_well_made_number_passes(number):
    assert codes.id_number(number) == number


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(number, place, step):
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    with pytest.raises(EngineInputError):
        codes.id_number(wrong)


@given(numbers, st.integers(0, 15))
def test_two_neighbours_swapped_are_noticed(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(EngineInputError):
            codes.id_number(swapped)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "id_number.form"),
        ("11010519491231002", "id_number.form"),
        ("１１０１０５１９４９１２３１００２Ｘ", "id_number.form"),
        ("99010519491231002X", "id_number.region"),
        ("11010519490231002X", "id_number.birth"),
        ("11010518991231002X", "id_number.birth"),
        ("110105194912310021", "id_number.check"),
    ],
)
def test_a_bad_number_says_what_is_wrong(text, code):
    with pytest.raises(EngineInputError) as caught:
        codes.id_number(text)
    assert caught.value.code == code


def test_nobody_is_born_after_today():
    with pytest.raises(EngineInputError, match=r"id_number\.birth"):
        codes.id_number(PRINTED, today=date(1949, 12, 30))


@given(numbers)
def test_a_masked_number_hides_the_birth_date(number):
    masked = codes.mask_id_number(number)
    assert len(masked) == 18
    assert masked[3:16] == "*" * 13


@pytest.mark.parametrize(
    ("text", "full", "level", "parent"),
    [
        ("64", "640000000000", "province", ""),
        ("640122", "640122000000", "county", "640100000000"),
        ("640122100", "640122100000", "town", "640122000000"),
        ("640122100201", "640122100201", "village", "640122100000"),
    ],
)
def test_a_region_code_knows_its_level_and_what_stands_above(text, full, level, parent):
    assert codes.region(text) == full
    assert codes.region_level(full) == level
    assert codes.region_parent(full) == parent
    assert full.startswith(codes.region_prefix(full))


@pytest.mark.parametrize(
    ("text", "code"),
    [("6401221", "region.form"), ("64012a", "region.form"), ("990122", "region.province"), ("640022", "region.gap")],
)
def test_a_bad_region_code_says_what_is_wrong(text, code):
    with pytest.raises(EngineInputError) as caught:
        codes.region(text)
    assert caught.value.code == code


def test_a_school_code_keeps_its_leading_zero():
    assert codes.school_code(" 0164000001 ") == "0164000001"
    with pytest.raises(EngineInputError, match=r"school_code\.form"):
        codes.school_code("164000001")
