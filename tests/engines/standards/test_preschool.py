"""普及普惠 as the standard is written: 36 items, none outweighs another, numbers from the kindergartens' own cells."""

import pytest

from dudao_engines.standards import reading
from dudao_engines.standards.compute import CONCLUSION
from dudao_engines.standards.results import Settings, Verdict
from tests.engines.standards.counties import (
    FORMS,
    PRESCHOOL,
    PRESCHOOL_CHECKS,
    STANDARDS,
    kindergarten,
    preschool,
    preschool_county,
)

CHECKED = Settings(checked=PRESCHOOL_CHECKS)


def _conclusion(results):
    return results.of(CONCLUSION, "640122")


def test_the_36_items_stand_in_their_17_groups_of_three_kinds():
    items = [one for one in STANDARDS["preschool-2020"].indicators if one.seq]
    assert [one.seq for one in items] == list(range(1, 37))
    assert len({one.item for one in items}) == 17
    assert [sum(one.group == group for one in items) for group in ("universal", "support", "quality")] == [3, 22, 11]


def test_a_county_that_meets_everything_passes_once_what_is_open_was_looked_up():
    results = preschool(kindergarten("A"), settings=CHECKED)
    assert [one for one in results if one.verdict not in (Verdict.PASS, Verdict.NONE)] == []
    assert _conclusion(results).verdict is Verdict.PASS


def test_until_then_it_cannot_be_judged_and_the_trial_says_what_it_would_be():
    results = preschool(kindergarten("A"))
    assert (_conclusion(results).verdict, _conclusion(results).trial) == (Verdict.UNCHECKED, Verdict.PASS)
    # 毛入园率 rests on the basis of the age population, which the sources contradict each other about.
    assert (results.of("1.1.1", "640122").verdict, results.of("1.1.1", "640122").trial) == (
        Verdict.UNCHECKED,
        Verdict.PASS,
    )
    assert results.of("1.2.1", "640122").verdict is Verdict.PASS


@pytest.mark.parametrize("missing", sorted(PRESCHOOL_CHECKS))
def test_every_single_check_is_needed(missing):
    settings = Settings(checked=PRESCHOOL_CHECKS - {missing})
    assert _conclusion(preschool(kindergarten("A"), settings=settings)).verdict is Verdict.UNCHECKED


def _asked() -> list[str]:
    return sorted(part.key for part in PRESCHOOL.parts.values() if part.part.kind == "attest")


@pytest.mark.parametrize("key", _asked())
def test_one_item_that_is_not_met_decides(key):
    id = PRESCHOOL.parts[key].indicator.id
    spoilt = preschool_county(**{f"judged:{id}": "不达标"})
    assert _conclusion(preschool(kindergarten("A"), settings=CHECKED, of=spoilt)).verdict is Verdict.FAIL


@pytest.mark.parametrize("key", _asked())
def test_one_item_that_nobody_judged_leaves_it_open(key):
    id = PRESCHOOL.parts[key].indicator.id
    spoilt = preschool_county(**{f"judged:{id}": None})
    assert _conclusion(preschool(kindergarten("A"), settings=CHECKED, of=spoilt)).verdict is Verdict.MISSING


@pytest.mark.parametrize(
    "code", ["veto:V1", "veto:V2", "veto:V3", "major_safety_incidents_24m", "serious_ethics_incidents_24m"]
)
def test_one_case_of_a_veto_ends_it(code):
    results = preschool(kindergarten("A"), settings=CHECKED, of=preschool_county(**{code: 1}))
    assert _conclusion(results).verdict is Verdict.FAIL


def test_social_recognition_is_above_85_and_a_county_may_say_from_85():
    exactly = preschool_county(satisfied_responses=850)
    assert preschool(kindergarten("A"), of=exactly).of("Q.social_recognition", "640122").verdict is Verdict.FAIL
    from_85 = Settings(opened=frozenset({"Q.social_recognition.from"}))
    found = preschool(kindergarten("A"), settings=from_85, of=exactly).of("Q.social_recognition", "640122")
    assert (found.op, found.trial, found.verdict) == (">=", Verdict.PASS, Verdict.UNCHECKED)
    checked = Settings(opened=from_85.opened, checked=from_85.opened)
    below = preschool_county(satisfied_responses=849)
    assert (
        preschool(kindergarten("A"), settings=checked, of=exactly).of("Q.social_recognition", "640122").verdict
        is Verdict.PASS
    )
    assert (
        preschool(kindergarten("A"), settings=checked, of=below).of("Q.social_recognition", "640122").verdict
        is Verdict.FAIL
    )


@pytest.mark.parametrize("part", ["3.1.1", "3.1.2", "3.3.1"])
def test_a_looser_limit_that_a_county_opened_takes_the_place_of_the_default(part):
    key = f"{part}.basic"
    results = preschool(kindergarten("A"), settings=Settings(opened=frozenset({key})))
    found = results.of(part, "640122")
    wanted = next(limit for limit in PRESCHOOL.parts[part].limits if limit.key == key)
    assert (found.op, found.limit) == (">=", int(wanted.of.value))


@pytest.mark.parametrize(
    ("part", "cells"),
    [
        (
            "2.4.2",
            {"estate_kindergartens_total": 0, "estate_kindergartens_public": 0, "estate_kindergartens_inclusive": 0},
        ),
        ("2.5.2", {"other_public_fund_paid": 0}),
        ("2.5.3", {"private_subsidy_paid": 0}),
    ],
)
def test_what_a_county_has_none_of_is_not_asked_of_it(part, cells):
    results = preschool(kindergarten("A"), settings=CHECKED, of=preschool_county(**cells))
    assert results.of(part, "640122").verdict is Verdict.NONE
    assert _conclusion(results).verdict is Verdict.PASS


def test_kindergartens_designed_before_2017_are_asked_for_their_half_only():
    old = [kindergarten(f"O{at}", designed_year=2012, outdoor_play_area_m2=400 if at else 100) for at in range(2)]
    results = preschool(*old, kindergarten("N"))
    assert results.of("Q.area_share_pre2017", "640122").shown == "50.00"
    assert results.of("Q.area_share_pre2017", "640122").verdict is Verdict.PASS
    assert results.of("Q.area_share_post2017", "640122").shown == "100.00"


def test_a_half_day_kindergarten_needs_fewer_people():
    people = {"staff_total": 10, "fulltime_teachers": 8, "care_workers": 0, "certified_heads_and_teachers": 9}
    half = preschool(kindergarten("H", is_full_day=False, **people))
    assert half.of("Q.staff_child", "H").verdict is Verdict.PASS
    assert half.of("Q.care_child", "H").verdict is Verdict.PASS
    assert half.of("3.3.1", "640122").trial is Verdict.PASS
    full = preschool(kindergarten("H", **people))
    assert full.of("3.3.1", "640122").trial is Verdict.FAIL


def test_a_kindergarten_whose_areas_are_not_given_leaves_the_share_open():
    results = preschool(kindergarten("A"), kindergarten("B", outdoor_play_area_m2=None))
    assert results.of("3.1.1", "640122").trial is Verdict.MISSING


def test_children_per_teacher_are_shown_as_one_to_n():
    results = preschool(kindergarten("A", 100, fulltime_teachers=7))
    assert results.of("3.3.3", "640122").shown == "1:14.29"


def test_the_pupils_of_the_age_population_may_be_more_than_all():
    assert preschool(kindergarten("A", 120)).of("1.1.1", "640122").shown == "120.00"


@pytest.mark.parametrize(
    ("raw", "is_read"), [("83", True), ("82.99", True), ("0.83", False), ("1", False), ("120", False)]
)
def test_a_percentage_is_never_taken_for_its_hundredth_part(raw, is_read):
    cell = reading.read(raw, FORMS["preschool-county"].field("published_inclusive_coverage"))
    assert (cell.value is not None) == is_read
    assert bool(cell.problem) != is_read
