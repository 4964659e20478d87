"""Each check relation of the library breaks where the form says so, at the limit it holds, and over missing cells it is silent."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.standards import forms, relations
from dudao_engines.standards.forms import BESIDE
from dudao_engines.standards.model import Cell, Record
from dudao_engines.standards.reading import Value

LIBRARY = Path(__file__).parents[3] / "library" / "forms"
FORMS = forms.load(LIBRARY)
BANDS = ("le_25", "26_30", "31_35", "36_40", "41_45", "46_50", "51_55", "56_60", "61_65", "ge_66")

#: A nine-year school of which nothing is wrong.
GOOD: dict[str, Value] = {
    "school_type": "九年一贯制",
    "founded_year": 1998,
    "built_by_2010": True,
    "built_by_2016": True,
    "dense_inner_city": False,
    "rural_small_50_99": False,
    "rural_max_class_lt30": False,
    "students_primary": 480,
    "students_junior": 390,
    "students_migrant": 40,
    "max_class_size": 47,
    "classes_total": 21,
    **{f"classes_{band}": 0 for band in BANDS},
    "classes_36_40": 11,
    "classes_41_45": 8,
    "classes_46_50": 2,
    "classes_total_primary": 12,
    "classes_total_junior": 9,
    "classes_over_45_primary": 0,
    "classes_over_50_junior": 0,
    "fulltime_teachers": 70,
    "teachers_college_primary": 20,
    "teachers_bachelor_primary": 15,
    "teachers_bachelor_junior": 30,
    "teachers_master_primary": 1,
    "teachers_master_junior": 2,
    "teachers_doctor_primary": 0,
    "teachers_doctor_junior": 0,
    "teachers_backbone": 10,
    "teachers_backbone_primary": 6,
    "teachers_backbone_junior": 4,
    "teachers_certified": 70,
    "teachers_360h": 68,
    "teachers_pe": 4,
    "teachers_pe_primary": 2,
    "teachers_pe_junior": 2,
    "teachers_music": 2,
    "teachers_music_primary": 1,
    "teachers_music_junior": 1,
    "teachers_fine_art": 2,
    "teachers_fine_art_primary": 1,
    "teachers_fine_art_junior": 1,
    "teachers_art": 0,
    "teachers_art_primary": 0,
    "teachers_art_junior": 0,
    "area_teaching_aux": Decimal("5200.5"),
    "area_indoor_sports": Decimal(600),
    "area_gymnasium": Decimal(600),
    "area_sports_ground": Decimal(9000),
    "equipment_value_wan": Decimal("210.5"),
    "network_multimedia_rooms": 24,
    "music_rooms_total": 2,
    "music_rooms_ge_96": 2,
    "music_rooms_73_96": 0,
    "music_rooms_61_73": 0,
    "art_rooms_total": 2,
    "art_rooms_ge_90": 2,
    "art_rooms_67_90": 0,
    "art_rooms_61_67": 0,
    "public_fund_budget_prev_wan": Decimal(80),
    "public_fund_final_prev_wan": Decimal(78),
    "teacher_training_budget_prev_wan": Decimal(5),
    "graduates_current": 125,
    "grade7_entry_students": 128,
    "transfer_in_3y": 3,
    "transfer_out_3y": 6,
    "deaths_3y": 0,
}


def cells(values: dict[str, Value]) -> dict[str, Cell]:
    return {code: Cell(value) for code, value in values.items()}


def broken(change: dict[str, Value], **beside: dict[str, Value]) -> set[str]:
    found = relations.check(
        FORMS["school-return"],
        cells(GOOD | change),
        last=cells(beside.pop("last", {})),
        others={name: cells(values) for name, values in beside.items()},
    )
    return {one.relation for one in found}


def test_nothing_is_wrong_with_a_school_of_which_nothing_is_wrong() -> None:
    assert broken({}, last=GOOD, platform=GOOD, statistics=GOOD) == set()


@pytest.mark.parametrize(
    ("change", "relation"),
    [
        ({"classes_total": 22}, "classes_sum"),
        ({"fulltime_teachers": 67, "teachers_certified": 67, "teachers_360h": 60}, "degrees_within_teachers"),
        ({"teachers_certified": 71}, "certified_within_teachers"),
        ({"teachers_360h": 71}, "trained_within_teachers"),
        ({"teachers_backbone": 71}, "backbone_within_teachers"),
        ({"teachers_pe": 67}, "sports_arts_within_teachers"),
        ({"area_indoor_sports": Decimal("5200.51")}, "indoor_within_teaching"),
        ({"music_rooms_73_96": 1}, "music_rooms_within_total"),
        ({"art_rooms_61_67": 1}, "art_rooms_within_total"),
        ({"students_migrant": 871}, "migrant_within_students"),
        ({"students_in_zone_primary": 481}, "zone_within_primary"),
        ({"students_in_zone_junior": 391}, "zone_within_junior"),
        ({"teacher_training_budget_prev_wan": Decimal("80.01")}, "training_within_fund"),
        ({"shared_teachers_pe": 1}, "shared_only_if_small"),
        ({"area_offsite_leased": Decimal(200)}, "leased_only_if_dense"),
        ({"school_type": "小学"}, "type_primary"),
        ({"school_type": "初中"}, "type_junior"),
        ({"students_junior": 0}, "type_both"),
        ({"rural_small_50_99": True}, "small_is_50_99"),
        ({"built_by_2016": False}, "built_in_order"),
        ({"founded_year": 2017}, "founded_and_built"),
        ({"rural_max_class_lt30": True}, "max_class_and_lt30"),
        ({"max_class_size": 45}, "max_class_and_bands"),
        ({"max_class_size": 51}, "max_class_and_bands"),
        ({"students_primary": 960}, "students_and_bands"),
        ({"students_primary": 200}, "students_and_bands"),
        ({"fulltime_teachers": 0}, "no_empty_shell"),
        ({"area_gymnasium": Decimal(0)}, "gymnasium_and_indoor"),
        ({"graduates_current": 132}, "graduates_reachable"),
        ({"transfer_out_3y": 132}, "deaths_within_entry"),
        ({"network_multimedia_rooms": 64}, "rooms_per_class"),
        ({"classes_56_60": 1}, "large_classes"),
        ({"teachers_backbone_primary": 7}, "split_teachers_backbone"),
        ({"classes_total_junior": 10}, "split_classes"),
        ({"classes_over_45_primary": 3}, "split_over_45"),
        ({"classes_over_50_junior": 1}, "split_over_50"),
        ({"classes_51_55": 1}, "split_over_all"),
        ({"equipment_value_wan": Decimal(2105000)}, "equipment_per_pupil_high"),
        ({"equipment_value_wan": Decimal("0.02")}, "equipment_per_pupil_low"),
        ({"public_fund_budget_prev_wan": Decimal(800000)}, "fund_per_pupil_high"),
        ({"area_teaching_aux": Decimal("7.8"), "area_indoor_sports": Decimal(0)}, "teaching_per_pupil_low"),
        ({"area_sports_ground": Decimal("13.5")}, "ground_per_pupil_low"),
        ({"public_fund_final_prev_wan": Decimal("160.01")}, "final_and_budget"),
    ],
)
def test_each_relation_breaks_one_step_off_and_is_shown_at_its_cells(change: dict[str, Value], relation: str) -> None:
    assert relation in broken(change)
    shown = next(
        one for one in relations.check(FORMS["school-return"], cells(GOOD | change)) if one.relation == relation
    )
    assert shown.fields
    assert shown.says


def test_it_says_both_sides_of_what_does_not_add_up() -> None:
    found = relations.check(FORMS["school-return"], cells(GOOD | {"classes_total": 22}))
    assert (
        str(next(one for one in found if one.relation == "classes_sum"))
        == "班级总数应当等于各班额段班数之和（22 ≠ 21）"
    )


def test_teachers_of_the_senior_stage_may_make_the_difference_between_the_stages_and_all() -> None:
    complete: dict[str, Value] = {"school_type": "完全中学", "students_primary": 0, "students_senior": 600}
    complete |= {"teachers_backbone_primary": None, "teachers_backbone_junior": 4}
    assert "split_teachers_backbone" not in broken(complete)
    assert "split_teachers_backbone" in broken(complete | {"teachers_backbone_junior": 11})


@pytest.mark.parametrize("code", sorted(GOOD))
def test_a_relation_over_a_missing_cell_says_nothing(code: str) -> None:
    assert broken({code: None}, last=GOOD, platform=GOOD) == set()


@given(
    st.dictionaries(st.sampled_from(sorted(GOOD)), st.integers(0, 30), max_size=12),
    st.sampled_from(["小学", "初中", "九年一贯制", "十二年一贯制", "完全中学"]),
    st.sets(st.sampled_from([*sorted(GOOD), "students_senior"]), max_size=8),
)
@settings(max_examples=150)
def test_taking_cells_away_never_breaks_a_relation_that_held(
    change: dict[str, int], school_type: str, lost: set[str]
) -> None:
    numbers = {code: value for code, value in change.items() if not isinstance(GOOD[code], bool | str)}
    whole: dict[str, Value] = {**GOOD, "students_senior": 300, **numbers, "school_type": school_type}
    left = {code: value for code, value in whole.items() if code not in lost}
    school = FORMS["school-return"]
    told = {one.relation for one in relations.check(school, cells(left), last=cells(left))}
    assert told <= {one.relation for one in relations.check(school, cells(whole), last=cells(whole))}


def test_a_school_of_zeros_is_asked_about_and_not_passed() -> None:
    zeros: dict[str, Value] = {code: 0 if isinstance(value, int | Decimal) else value for code, value in GOOD.items()}
    zeros |= {code: value for code, value in GOOD.items() if isinstance(value, bool | str)}
    assert "no_students" in broken(zeros)


@pytest.mark.parametrize(
    ("factor", "relation"),
    [
        (Decimal(10000), "equipment_value_wan_x10000"),
        (Decimal(10), "equipment_value_wan_x10"),
        (Decimal("1.31"), "equipment_value_wan_year"),
        (Decimal("0.79"), "equipment_value_wan_year"),
    ],
)
def test_money_in_the_wrong_unit_is_seen_by_last_year(factor: Decimal, relation: str) -> None:
    changed = {"equipment_value_wan": Decimal("210.5") * factor}
    own = {one for one in broken(changed, last=GOOD) if one.startswith("equipment_value_wan")}
    assert own == {relation}
    within: dict[str, Value] = {"equipment_value_wan": Decimal("210.5") * Decimal("1.3")}
    assert broken(within, last=GOOD) == set()


def test_square_metres_written_as_mu_are_seen_by_last_year() -> None:
    mu = round(Decimal(9000) / Decimal("666.67"), 2)
    found = relations.check(FORMS["school-return"], cells(GOOD | {"area_sports_ground": mu}), last=cells(GOOD))
    assert "是否把平方米填成了亩？" in " ".join(map(str, found))
    assert {one.relation for one in found} == {"area_sports_ground_mu", "ground_per_pupil_low"}
    assert not any(one.is_sure for one in found)


@pytest.mark.parametrize("source", ["platform", "statistics"])
def test_a_number_that_differs_from_another_source_is_named_with_both(source: str) -> None:
    found = relations.check(
        FORMS["school-return"], cells(GOOD), others={source: cells(GOOD | {"students_primary": 481})}
    )
    assert [str(one) for one in found] == [f"小学学生人数与{BESIDE[source]}不一致（480 ≠ 481）"]


def county(change: dict[str, Value], lower: list[relations.Lower]) -> set[str]:
    return {one.relation for one in relations.check(FORMS["preschool-county"], cells(change), lower=lower)}


def kindergartens(children: list[tuple[str, int | None]]) -> list[relations.Lower]:
    records = [
        Record(f"64012299{n:02}", f"示例园{n}", "640122", cells({"nature": nature, "enrolled_children": count}))
        for n, (nature, count) in enumerate(children)
    ]
    return [relations.Lower(FORMS["kindergarten-return"], records)]


def test_the_county_s_numbers_are_compared_with_the_sum_of_its_kindergartens() -> None:
    rows = kindergartens([("教育办园", 300), ("其他公办园", 100), ("普惠性民办园", 200)])
    right = {"kindergartens_total": 3, "enrolled_public": 400, "enrolled_children_total": 600}
    assert county(right, rows) == set()
    assert county(right | {"enrolled_public": 300}, rows) == {"sum_of_enrolled_public"}
    # One kindergarten that has not answered leaves the sum open; their number is known all the same.
    open_rows = kindergartens([("教育办园", 300), ("其他公办园", None)])
    assert county(right, open_rows) == {"sum_of_kindergartens_total"}
    assert county(right, []) == set()


def test_published_numbers_of_the_county_s_notice_add_up() -> None:
    published: dict[str, Value] = {
        "enrolled_children_total": 13619,
        "enrolled_public": 9169,
        "enrolled_inclusive_private": 2133,
        "enrolled_noninclusive_private": 2317,
    }
    assert county(published, []) == set()
    assert county(published | {"enrolled_public": 9170}, []) == {"enrolled_sum"}


@pytest.mark.parametrize(
    ("change", "relation"),
    [
        ({"rotation_eligible_teachers": 100, "rotated_teachers": 101, "rotated_backbone_teachers": 1}, "rotated_order"),
        ({"migrant_in_public": 80, "migrant_in_purchased_private": 21, "migrant_eligible": 100}, "migrant_order"),
        ({"disabled_enrolled": 11, "disabled_school_age": 10}, "disabled_order"),
        ({"survey_sent": 100, "survey_valid": 90, "survey_satisfied": 91}, "survey_order"),
        ({"teacher_avg_pay_wan": Decimal(85000)}, "pay_high"),
        ({"special_school_fund_total": Decimal("96.5"), "special_school_students": 120}, "special_fund_low"),
        ({"population_total_wan": Decimal(350000)}, "population_high"),
    ],
)
def test_relations_of_the_county_return(change: dict[str, Value], relation: str) -> None:
    assert {one.relation for one in relations.check(FORMS["county-return"], cells(change))} == {relation}


def test_required_cells_that_are_asked_and_empty_are_missing() -> None:
    school = FORMS["school-return"]
    assert "graduates_current" in relations.missing(school, cells(GOOD | {"graduates_current": None}))
    primary = cells(GOOD | {"school_type": "小学", "students_junior": 0, "graduates_current": None})
    assert "graduates_current" not in relations.missing(school, primary)
    assert "shared_teachers_pe" not in relations.missing(school, cells(GOOD | {"rural_small_50_99": True}))


#: A kindergarten of which nothing is wrong.
KINDERGARTEN: dict[str, Value] = {
    "nature": "教育办园",
    "designed_year": 2018,
    "opened_year": 2019,
    "enrolled_children": 260,
    "classes_small": 3,
    "classes_middle": 3,
    "classes_large": 3,
    "classes_mixed": 0,
    "classes": 9,
    "classes_within_size_limit": 9,
    "staff_total": 42,
    "heads": 2,
    "fulltime_teachers": 20,
    "care_workers": 10,
    "other_staff": 10,
    "certified_heads_and_teachers": 22,
    "quota_posts": 30,
    "quota_staff": 28,
    "outdoor_play_area_m2": Decimal(1300),
    "activity_room_area_m2": Decimal(2200),
    "building_area_m2": Decimal(3100),
    "fee": Decimal(380),
}


@pytest.mark.parametrize(
    ("change", "relation"),
    [
        ({"classes": 10}, "classes_sum"),
        ({"classes_within_size_limit": 10}, "within_classes"),
        ({"staff_total": 41}, "staff_sum"),
        ({"certified_heads_and_teachers": 23}, "certified_within"),
        ({"quota_staff": 43}, "quota_within_staff"),
        ({"quota_staff": 31}, "quota_order"),
        ({"activity_room_area_m2": Decimal("3100.01")}, "rooms_within_building"),
        ({"opened_year": 2017}, "designed_before_opened"),
        ({"enrolled_children": 271}, "children_within_limits"),
        ({"enrolled_children": 361}, "size_360"),
        ({"enrolled_children": 0}, "no_children"),
        ({"fulltime_teachers": 0}, "children_without_staff"),
        ({"building_area_m2": Decimal("4.65")}, "building_low"),
        ({"outdoor_play_area_m2": Decimal("1.95")}, "outdoor_low"),
        ({"fee": Decimal("20000.01")}, "fee_high"),
    ],
)
def test_relations_of_a_kindergarten(change: dict[str, Value], relation: str) -> None:
    form = FORMS["kindergarten-return"]
    assert relations.check(form, cells(KINDERGARTEN), last=cells(KINDERGARTEN)) == []
    assert relation in {one.relation for one in relations.check(form, cells(KINDERGARTEN | change))}


def test_a_self_assessment_does_not_call_fit_what_was_not_done_and_basic_fit_is_asked_about() -> None:
    form = FORMS["preschool-self-assessment"]
    found = relations.check(form, cells({"item_5_value": False, "item_5_conclusion": "合格"}))
    assert [(one.relation, one.severity) for one in found] == [("item_5_agrees", "error")]
    basic = relations.check(form, cells({"item_26_conclusion": "基本合格"}))
    assert [(one.relation, one.severity, one.is_sure) for one in basic] == [("item_26_basic", "warning", False)]
