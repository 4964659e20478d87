"""优质均衡 as the standard is written: who is counted, how schools of several stages are shared out, what decides the county."""

from fractions import Fraction

import pytest

from dudao_engines.standards import reading
from dudao_engines.standards.compute import CONCLUSION, compute
from dudao_engines.standards.model import Dataset, Record
from dudao_engines.standards.results import Settings, Verdict
from dudao_engines.standards.values import Unknown
from tests.engines.standards.counties import (
    BALANCED,
    BALANCED_CHECKS,
    FORMS,
    STANDARDS,
    balanced,
    county,
    good_schools,
    record,
    school,
)

CHECKED = Settings(checked=BALANCED_CHECKS)
RESOURCES = [f"R{at}" for at in range(1, 8)]


def _conclusion(results):
    return results.of(CONCLUSION, "640122")


class TestTheWholeStandard:
    def test_every_item_of_the_document_is_there(self):
        ids = [one.id for one in STANDARDS["balanced-2017"].indicators]
        for letter, count in ("R", 7), ("CV", 7), ("G", 15), ("Q", 9), ("V", 7), ("EL", 2):
            assert [f"{letter}{at}" for at in range(1, count + 1)] == [
                one for one in ids if one.rstrip("0123456789") == letter and one != letter
            ]
        assert {"SR", "S1"} <= set(ids)

    def test_every_item_says_where_it_comes_from(self):
        for one in STANDARDS["balanced-2017"].indicators:
            assert one.clause, one.id
            assert one.source, one.id

    def test_a_county_that_meets_everything_passes_once_what_is_open_was_looked_up(self):
        results = balanced(*good_schools(), settings=CHECKED)
        assert [one for one in results if one.verdict not in (Verdict.PASS, Verdict.NONE)] == []
        assert _conclusion(results).verdict is Verdict.PASS

    def test_until_then_it_cannot_be_judged_and_the_trial_says_what_it_would_be(self):
        results = balanced(*good_schools())
        assert _conclusion(results).verdict is Verdict.UNCHECKED
        assert _conclusion(results).trial is Verdict.PASS
        unchecked = {one.part for one in results.results if one.verdict is Verdict.UNCHECKED}
        assert unchecked == {"G2.primary", "G2.junior", "G3.music", "G3.art", "Q1"}

    @pytest.mark.parametrize("missing", sorted(BALANCED_CHECKS))
    def test_every_single_check_is_needed(self, missing):
        results = balanced(*good_schools(), settings=Settings(checked=BALANCED_CHECKS - {missing}))
        assert _conclusion(results).verdict is Verdict.UNCHECKED

    @pytest.mark.parametrize("veto", [f"V{at}" for at in range(1, 7)])
    def test_one_confirmed_case_ends_it(self, veto):
        results = balanced(*good_schools(), settings=CHECKED, of=county(**{f"veto:{veto}": 1}))
        assert _conclusion(results).verdict is Verdict.FAIL

    def test_the_veto_of_one_place_is_closed_until_it_is_opened(self):
        spoilt = county(**{"veto:V7": 3})
        assert _conclusion(balanced(*good_schools(), settings=CHECKED, of=spoilt)).verdict is Verdict.PASS
        opened = Settings(checked=BALANCED_CHECKS | {"V7"}, opened=frozenset({"V7"}))
        assert _conclusion(balanced(*good_schools(), settings=opened, of=spoilt)).verdict is Verdict.FAIL

    def test_the_precondition_is_shown_and_does_not_enter_the_conclusion(self):
        results = balanced(*good_schools(), settings=CHECKED, of=county(basic_balance_year=2022))
        assert results.of("EL1", "640122").verdict is Verdict.FAIL
        assert _conclusion(results).verdict is Verdict.PASS

    def test_a_county_without_one_school_cannot_be_judged(self):
        results = compute(BALANCED, Dataset({"school": [], "county": [county()]}), CHECKED)
        assert _conclusion(results).verdict is Verdict.MISSING


class TestWhoIsCounted:
    @pytest.mark.parametrize("kind", ["特殊教育", "职业学校"])
    def test_special_and_vocational_schools_are_not(self, kind):
        results = balanced(*good_schools(), school("X", kind, primary=100))
        assert results.get("R1", "X", "小学") is None
        assert "X" in {one.unit for one in results.left_out}

    def test_a_teaching_point_of_49_is_left_out_and_one_of_50_is_not(self):
        small, large = school("T49", "教学点", primary=49), school("T50", "教学点", primary=50)
        results = balanced(*good_schools(), small, large)
        assert {one.unit: one.says for one in results.left_out} == {"T49": "在校生不足 50 人的教学点不计入"}
        assert results.get("SR", "T49", "小学") is None
        assert results.of("SR", "T50", "小学").verdict is Verdict.PASS

    def test_its_money_is_looked_at_all_the_same(self):
        poor = school("T49", "教学点", primary=49, public_fund_budget_prev_wan="11.49")
        results = balanced(*good_schools(), poor)
        assert results.of("G6", "T49").verdict is Verdict.FAIL

    def test_a_primary_school_of_49_that_is_no_teaching_point_is_counted(self):
        assert balanced(*good_schools(), school("P49", primary=49)).of("SR", "P49", "小学").verdict is Verdict.PASS

    def test_private_schools_are_counted(self):
        private = school("M1", primary=500, organizer_type="民办", network_multimedia_rooms=0)
        results = balanced(*good_schools(), private, settings=CHECKED)
        assert results.of("SR", "M1", "小学").verdict is Verdict.FAIL
        assert _conclusion(results).verdict is Verdict.FAIL

    def test_a_school_without_pupils_is_left_out_and_says_so(self):
        results = balanced(*good_schools(), school("E0"))
        assert [one.says for one in results.left_out if one.unit == "E0"] == ["没有小学、初中在校生"]


class TestSharing:
    def test_a_school_of_one_stage_keeps_everything(self):
        results = balanced(school("P", primary=300, network_multimedia_rooms=12))
        assert results.of("R7", "P", "小学").numerator == 12

    @pytest.mark.parametrize(("primary", "junior", "stage"), [(300, 0, "小学"), (0, 300, "初中")])
    def test_a_campus_of_a_nine_year_school_with_one_stage_is_not_shared(self, primary, junior, stage):
        campus = school("C", "九年一贯制", primary=primary, junior=junior, network_multimedia_rooms=12)
        results = balanced(campus)
        assert results.of("R7", "C", stage).numerator == 12
        assert len([one for one in results.each("R7") if one.unit == "C"]) == 1

    @pytest.mark.parametrize(
        ("kind", "pupils", "shares"),
        [
            ("九年一贯制", (100, 200, 0), (Fraction(100, 320), Fraction(220, 320))),
            ("完全中学", (0, 200, 300), (None, Fraction(200, 560))),
            ("十二年一贯制", (100, 200, 300), (Fraction(100, 716), Fraction(220, 716))),
        ],
    )
    def test_weights_are_those_of_the_kind_of_school(self, kind, pupils, shares):
        primary, junior, senior = pupils
        one = school(
            "S",
            kind,
            primary=primary,
            junior=junior,
            senior=senior,
            area_teaching_aux=7000,
            area_indoor_sports=0,
            area_sports_ground=7000,
            equipment_value_wan=7000,
            network_multimedia_rooms=7000,
        )
        results = balanced(one)
        for stage, share in zip(("小学", "初中"), shares, strict=True):
            if share is not None:
                assert {results.of(part, "S", stage).numerator for part in ("R4", "R5", "R6", "R7")} == {7000 * share}

    def test_pupils_of_the_senior_stage_that_were_not_given_leave_it_open(self):
        one = school("S", "完全中学", junior=200, students_senior=None)
        found = balanced(one).of("R7", "S", "初中")
        assert found.verdict is Verdict.MISSING
        assert isinstance(found.value, Unknown)

    def test_teachers_are_never_shared(self):
        one = school(
            "N", "九年一贯制", primary=100, junior=100, teachers_backbone_primary=3, teachers_backbone_junior=1
        )
        results = balanced(one)
        assert (results.of("R2", "N", "小学").value, results.of("R2", "N", "初中").value) == (3, 1)

    def test_a_school_of_two_stages_that_gave_its_backbone_teachers_in_one_number_cannot_be_judged(self):
        one = school("N", "九年一贯制", primary=100, junior=100, teachers_backbone_primary=None)
        assert balanced(one).of("R2", "N", "小学").verdict is Verdict.MISSING

    def test_indoor_sports_rooms_count_for_sports_and_not_for_teaching(self):
        one = school("P", primary=100, area_teaching_aux=600, area_indoor_sports=100, area_sports_ground=700)
        results = balanced(one)
        assert (results.of("R4", "P", "小学").value, results.of("R5", "P", "小学").value) == (5, 8)


class TestVariantsAndConcessions:
    def test_both_ways_to_count_who_stayed_three_years(self):
        one = school(
            "J",
            "初中",
            junior=300,
            graduates_current=96,
            grade7_entry_students=100,
            transfer_in_3y=4,
            transfer_out_3y=2,
        )
        by = {id: balanced(one, settings=Settings(variants={"Q1": id})).of("Q1", "640122").value for id in ("A", "B")}
        assert by == {"A": 94, "B": Fraction(9600, 102)}
        assert balanced(one).of("Q1", "640122").value == 94

    def test_art_rooms_may_be_counted_together_with_music_rooms_where_a_county_says_so(self):
        one = school("P", primary=480, classes_total=12, music_rooms_ge_96=2, art_rooms_ge_90=0)
        assert balanced(one).of("G3.art", "P").trial is Verdict.FAIL
        together = Settings(variants={"G3.music": "sum", "G3.art": "sum"})
        assert balanced(one, settings=together).of("G3.art", "P").trial is Verdict.PASS

    @pytest.mark.parametrize(
        ("id", "part", "place", "spoilt"),
        [
            ("R3c", "R3", ("S", "小学"), {"rural_small_50_99": True, "teachers_pe": 0, "shared_teachers_pe": 1}),
            (
                "R5c",
                "R5",
                ("S", "小学"),
                {"dense_inner_city": True, "area_sports_ground": 0, "area_offsite_leased": 800},
            ),
            ("G3a", "G3.music", ("S", ""), {"built_by_2016": True, "music_rooms_ge_96": 0, "music_rooms_73_96": 9}),
            ("G3b", "G3.art", ("S", ""), {"rural_max_class_lt30": True, "art_rooms_ge_90": 0, "art_rooms_54_61": 9}),
        ],
    )
    def test_concessions_are_closed_until_somebody_opens_them(self, id, part, place, spoilt):
        nothing = {
            "shared_teachers_music": 0,
            "shared_teachers_fine_art": 0,
            "shared_teachers_art": 0,
            "area_onsite_other_sports": 0,
            "music_rooms_73_96": 0,
            "art_rooms_67_90": 0,
            "art_rooms_61_67": 0,
        }
        one = school("S", primary=80, **nothing | spoilt)
        assert balanced(one).of(part, *place).trial is Verdict.FAIL
        assert (
            balanced(one, settings=Settings(concessions=frozenset({id}), checked=frozenset({id})))
            .of(part, *place)
            .trial
            is Verdict.PASS
        )

    @pytest.mark.parametrize(
        ("kind", "primary", "junior", "limit"),
        [
            ("小学", 2400, 0, 2400),
            ("初中", 0, 2400, 2400),
            ("九年一贯制", 1500, 1500, 3000),
            ("十二年一贯制", 1250, 1250, 2500),
        ],
    )
    def test_old_schools_may_be_larger_where_the_concession_is_open(self, kind, primary, junior, limit):
        opened = Settings(concessions=frozenset({"G4a"}), checked=frozenset({"G4a"}))
        old = school("S", kind, primary=primary, junior=junior, built_by_2010=True)
        found = balanced(old, settings=opened).of("G4", "S")
        assert (found.limit, found.verdict) == (limit, Verdict.PASS)
        larger = school("S", kind, primary=primary, junior=junior + 1, built_by_2010=True)
        assert balanced(larger, settings=opened).of("G4", "S").verdict is Verdict.FAIL

    def test_a_school_where_half_the_children_are_migrants_gets_no_concession_and_one_more_does(self):
        opened = Settings(concessions=frozenset({"G4a"}), checked=frozenset({"G4a"}))
        half, more = (school("S", primary=2200, students_migrant=migrants) for migrants in (1100, 1101))
        assert balanced(half, settings=opened).of("G4", "S").verdict is Verdict.FAIL
        assert balanced(more, settings=opened).of("G4", "S").verdict is Verdict.PASS


class TestTraps:
    def test_a_column_of_zeros_fails_every_school_and_has_no_coefficient(self):
        schools = [school(f"P{at}", primary=400, network_multimedia_rooms=0) for at in range(3)]
        results = balanced(*schools)
        assert {one.verdict for one in results.each("R7")} == {Verdict.FAIL}
        found = results.of("CV7", "640122", "小学")
        assert found.verdict is Verdict.MISSING
        assert "平均值为 0" in found.reason

    def test_one_cell_that_was_left_empty_is_not_zero(self):
        schools = [*good_schools(), school("P2", primary=300, area_sports_ground=None)]
        results = balanced(*schools, settings=CHECKED)
        assert results.of("R5", "P2", "小学").verdict is Verdict.MISSING
        assert results.of("SR", "P2", "小学").verdict is Verdict.MISSING
        assert results.of("CV5", "640122", "小学").verdict is Verdict.MISSING
        assert results.of("CV4", "640122", "小学").verdict is Verdict.PASS
        assert _conclusion(results).verdict is Verdict.MISSING
        assert "P2" in results.of("CV5", "640122", "小学").reason

    def test_a_school_that_reported_nothing_leaves_the_county_open(self):
        results = balanced(*good_schools(), record("P3", {}), settings=CHECKED)
        assert {one.verdict for one in results.each("R1") if one.unit == "P3"} == {Verdict.MISSING}
        assert _conclusion(results).verdict is Verdict.MISSING

    def test_six_clear_passes_and_one_gap_are_no_pass_and_one_clear_fail_decides(self):
        gap = school("P", primary=400, network_multimedia_rooms=None)
        assert balanced(gap).of("SR", "P", "小学").verdict is Verdict.MISSING
        worse = school("P", primary=400, network_multimedia_rooms=None, area_teaching_aux=0)
        assert balanced(worse).of("SR", "P", "小学").verdict is Verdict.FAIL

    @pytest.mark.parametrize(
        ("raw", "value"),
        [("１２", 12), ("1,200", 1200), (12.0, 12), *((raw, None) for raw in ("-3", "十二", "N/A", "/", "1e3", 3.7))],
    )
    def test_what_stands_in_the_cell_of_a_count_is_read_or_told(self, raw, value):
        field = FORMS["school-return"].field("network_multimedia_rooms")
        cell = reading.read(raw, field)
        assert cell.value == value
        assert bool(cell.problem) == (value is None)
        one = school("P", primary=400)
        spoilt = Record(one.unit, one.name, one.county, {**one.cells, "network_multimedia_rooms": cell})
        found = balanced(spoilt).of("R7", "P", "小学")
        assert (found.verdict is Verdict.MISSING) == (value is None)


class TestSchoolsOfSeveralStages:
    def test_classes_that_are_too_large_are_counted_by_stage(self):
        one = school("N", "九年一贯制", primary=400, junior=400, classes_46_50=3, classes_over_45_primary=0)
        assert balanced(one).of("G5", "N", "小学").verdict is Verdict.PASS
        assert balanced(one).of("G5", "N", "初中").verdict is Verdict.PASS
        larger = school("N", "九年一贯制", primary=400, junior=400, classes_over_45_primary=1)
        assert balanced(larger).of("G5", "N", "小学").verdict is Verdict.FAIL
        assert balanced(larger).of("G5", "N", "初中").verdict is Verdict.PASS

    def test_a_junior_class_of_46_to_50_is_no_fault(self):
        assert balanced(school("J", "初中", junior=400, classes_46_50=8)).of("G5", "J", "初中").verdict is Verdict.PASS
