"""Every limit of both standards, taken from the files: data that lie on it, one unit above and one unit below.

The smallest unit is what a cell can hold: one person, one room, one kindergarten, 0.01 square metres, 0.01 万元.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest

from dudao_engines.standards.bound import in_force
from dudao_engines.standards.model import Record
from dudao_engines.standards.results import Results, Settings, Verdict
from dudao_engines.standards.values import Root
from tests.engines.standards.counties import (
    BALANCED,
    PRESCHOOL,
    STANDARDS,
    Raw,
    balanced,
    county,
    kindergarten,
    preschool,
    preschool_county,
    school,
)

STAGES = ("小学", "初中")
#: So many pupils that every limit, and 0.85 of it, is a whole number of units.
PUPILS = 20_000
#: The cells that a resource indicator's numerator is made of where the others are zero: by stage, with the smallest unit.
RESOURCE: dict[str, tuple[dict[str, str], str, int]] = {
    "R1": ({"小学": "teachers_bachelor_primary", "初中": "teachers_bachelor_junior"}, "1", 100),
    "R2": ({"小学": "teachers_backbone", "初中": "teachers_backbone"}, "1", 100),
    "R3": ({"小学": "teachers_pe", "初中": "teachers_pe"}, "1", 100),
    "R4": ({"小学": "area_teaching_aux", "初中": "area_teaching_aux"}, "0.01", 1),
    "R5": ({"小学": "area_sports_ground", "初中": "area_sports_ground"}, "0.01", 1),
    "R6": ({"小学": "equipment_value_wan", "初中": "equipment_value_wan"}, "0.01", 10_000),
    "R7": ({"小学": "network_multimedia_rooms", "初中": "network_multimedia_rooms"}, "1", 100),
}


def _limit(id: str, stage: str) -> Fraction:
    part = STANDARDS["balanced-2017"].indicator(id).parts[0]
    return Fraction(next(one.value for one in part.limits if one.stage == stage))


def _school(stage: str, **cells: Raw) -> Record:
    return school("S", stage, **{"primary" if stage == "小学" else "junior": PUPILS}, **cells)


def _cell(id: str, stage: str, times: Fraction = Fraction(1), steps: int = 0) -> dict[str, Raw]:
    """The cell with which an indicator lies on so many times its limit, and so many of the smallest units above."""
    codes, unit, factor = RESOURCE[id]
    amount = _limit(id, stage) * times * PUPILS / factor
    exact = Decimal(amount.numerator) / Decimal(amount.denominator) + steps * Decimal(unit)
    return {codes[stage]: exact}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("id", RESOURCE)
class TestResources:
    def test_on_the_limit_passes_and_one_unit_less_fails(self, id, stage):
        found = {
            steps: balanced(_school(stage, **_cell(id, stage, steps=steps))).of(id, "S", stage) for steps in (-1, 0, 1)
        }
        assert found[0].value == found[0].limit == _limit(id, stage)
        assert [found[steps].verdict for steps in (-1, 0, 1)] == [Verdict.FAIL, Verdict.PASS, Verdict.PASS]

    def test_six_of_seven_pass_where_the_last_is_exactly_85_percent_and_not_one_unit_below(self, id, stage):
        eighty_five = Fraction("0.85")
        for steps, verdict in (-1, Verdict.FAIL), (0, Verdict.PASS), (1, Verdict.PASS):
            results = balanced(_school(stage, **_cell(id, stage, eighty_five, steps)))
            if steps == 0:
                assert results.of(id, "S", stage).value == eighty_five * _limit(id, stage)
            assert results.of(id, "S", stage).verdict is Verdict.FAIL
            assert results.of("SR", "S", stage).verdict is verdict

    def test_two_just_below_their_limits_are_one_too_many(self, id, stage):
        other = "R7" if id != "R7" else "R1"
        cells = _cell(id, stage, steps=-1) | _cell(other, stage, steps=-1)
        assert balanced(_school(stage, **cells)).of("SR", "S", stage).verdict is Verdict.FAIL


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("id", RESOURCE)
def test_coefficients_on_the_limit_pass_and_one_step_more_fails(id, stage):
    """Two schools of the same size: with x and y per pupil the coefficient is |x − y| / (x + y)."""
    limit = _limit(f"CV{id[1]}", stage)
    codes, unit, _ = RESOURCE[id]
    kind = "primary" if stage == "小学" else "junior"
    # Of 2·total, the second school has (1 + limit)·total: the coefficient is the limit.
    total = 1_000_000
    for steps, verdict in (-1, Verdict.PASS), (0, Verdict.PASS), (1, Verdict.FAIL):
        high = Decimal(int(total * (1 + limit))) + steps * Decimal(unit)
        low = Decimal(int(total * (1 - limit))) - steps * Decimal(unit)
        schools = [
            school(name, stage, **{kind: PUPILS}, **{codes[stage]: amount})
            for name, amount in (("A", low), ("B", high))
        ]
        found = balanced(*schools).of(f"CV{id[1]}", "640122", stage)
        assert isinstance(found.value, Root)
        assert found.verdict is verdict
        if steps == 0:
            assert found.value.square == limit**2


@dataclass(frozen=True)
class Case:
    """Data that lie on a limit; ``worse`` replaces cells by what is one unit beyond it, ``better`` by one unit within."""

    part: str
    on: Callable[..., Results]
    worse: dict[str, Raw]
    better: dict[str, Raw] | None = None
    unit: str = "640122"
    stage: str = ""
    #: Cells with which the value is the limit itself, when they are not those of a county that meets everything.
    at: tuple[tuple[str, Raw], ...] = ()
    limit: str = "1"


def _in_county(**cells: Raw) -> Results:
    return balanced(school("P", primary=400), school("J", "初中", junior=400), of=county(**cells))


def _in_school(**cells: Raw) -> Results:
    return balanced(school("S", primary=480, **cells))


def _in_junior(**cells: Raw) -> Results:
    return balanced(school("S", "初中", junior=480, **cells))


def _sized(kind: str) -> Callable[..., Results]:
    return lambda **cells: balanced(school("S", kind, **cells))


BALANCED_CASES = [
    Case("EL1", _in_county, {"basic_balance_year": 2022}, {"basic_balance_year": 2020}, limit="3"),
    Case("G2.unified", _in_county, {"g2_unified_items": 3}, limit="4"),
    Case("G2.primary", _in_county, {"fund_std_primary": 1149}, {"fund_std_primary": 1151}, limit="1150"),
    Case("G2.junior", _in_county, {"fund_std_junior": 1349}, {"fund_std_junior": 1351}, limit="1350"),
    *(
        Case(
            f"G3.{room}",
            _in_school,
            {code: needed - 1},
            {code: needed + 1},
            "S",
            at=(("classes_total", classes), (code, needed)),
        )
        for room, code in (("music", "music_rooms_ge_96"), ("art", "art_rooms_ge_90"))
        for classes, needed in ((1, 1), (12, 1), (13, 2), (24, 2), (25, 3))
    ),
    Case("G4", _sized("小学"), {"primary": 2001}, {"primary": 1999}, "S", at=(("primary", 2000),), limit="2000"),
    Case("G4", _sized("教学点"), {"primary": 2001}, {"primary": 1999}, "S", at=(("primary", 2000),), limit="2000"),
    Case("G4", _sized("初中"), {"junior": 2001}, {"junior": 1999}, "S", at=(("junior", 2000),), limit="2000"),
    Case(
        "G4",
        _sized("完全中学"),
        {"junior": 2001},
        {"junior": 1999},
        "S",
        at=(("junior", 2000), ("senior", 900)),
        limit="2000",
    ),
    *(
        Case(
            "G4",
            _sized(kind),
            {"junior": 1501},
            {"junior": 1499},
            "S",
            at=(("primary", 1000), ("junior", 1500)),
            limit="2500",
        )
        for kind in ("九年一贯制", "十二年一贯制")
    ),
    *(
        Case("G5", _in_school, {f"classes_{band}": 1}, None, "S", "小学", limit="0")
        for band in ("46_50", "51_55", "56_60", "61_65", "ge_66")
    ),
    *(
        Case("G5", _in_junior, {f"classes_{band}": 1}, None, "S", "初中", limit="0")
        for band in ("51_55", "56_60", "61_65", "ge_66")
    ),
    Case(
        "G6",
        _sized("小学"),
        {"public_fund_budget_prev_wan": "11.49"},
        {"public_fund_budget_prev_wan": "11.51"},
        "S",
        at=(("primary", 99), ("public_fund_budget_prev_wan", "11.50")),
    ),
    Case(
        "G7",
        _in_county,
        {"special_school_fund_total": "59999.99"},
        {"special_school_fund_total": "60000.01"},
        limit="6000",
    ),
    Case("G8", _in_county, {"teacher_avg_pay_wan": "9.99"}, {"teacher_avg_pay_wan": "10.01"}),
    Case("G9", _in_school, {"teachers_360h": 479}, limit="100"),
    Case("G11.rotated", _in_county, {"rotated_teachers": 99}, {"rotated_teachers": 101}, limit="10"),
    Case("G11.backbone", _in_county, {"rotated_backbone_teachers": 19}, {"rotated_backbone_teachers": 21}, limit="20"),
    Case("G12", _in_school, {"teachers_certified": 479}, limit="100"),
    Case("G13.primary", _in_school, {"students_in_zone_primary": 479}, limit="100"),
    Case(
        "G13.junior",
        _in_junior,
        {"students_in_zone_junior": 455},
        {"students_in_zone_junior": 457},
        at=(("students_in_zone_junior", 456),),
        limit="95",
    ),
    Case("G14.allotted", _in_county, {"good_senior_allotted": 499}, {"good_senior_allotted": 501}, limit="50"),
    Case("G15.migrant", _in_county, {"migrant_in_public": 799}, {"migrant_in_public": 801}, limit="85"),
    Case(
        "Q1",
        _in_junior,
        {"graduates_current": 455},
        {"graduates_current": 457},
        at=(("graduates_current", 456),),
        limit="95",
    ),
    Case("Q2", _in_county, {"disabled_enrolled": 94}, {"disabled_enrolled": 96}, limit="95"),
    Case(
        "Q4.budget",
        _in_school,
        {"teacher_training_budget_prev_wan": "4.99"},
        {"teacher_training_budget_prev_wan": "5.01"},
        "S",
        at=(("public_fund_budget_prev_wan", 100), ("teacher_training_budget_prev_wan", 5)),
        limit="5",
    ),
    Case("S1.survey", _in_county, {"survey_satisfied": 849}, {"survey_satisfied": 851}, limit="85"),
    Case("S1.visit", _in_county, {"visit_satisfied": 84}, {"visit_satisfied": 86}, limit="85"),
    *(Case(f"V{at}", _in_county, {f"veto:V{at}": 1}, limit="0") for at in range(1, 7)),
]


def _kindergartens(**cells: Raw) -> Results:
    """A hundred kindergartens, of which one has these cells."""
    return preschool(kindergarten("K", **cells), (kindergarten(f"K{at}") for at in range(99)))


def _one(**cells: Raw) -> Results:
    return preschool(kindergarten("K", **cells))


def _preschool_county(**cells: Raw) -> Results:
    return preschool(kindergarten("K"), of=preschool_county(**cells))


def _enrolled(public: int, inclusive: int, other: int, age: int) -> Results:
    return preschool(
        kindergarten("A", public),
        kindergarten("B", inclusive, nature="普惠性民办园"),
        kindergarten("C", other, nature="非普惠性民办园"),
        of=preschool_county(age_population=age),
    )


def _ratios(**cells: Raw) -> Results:
    given = {"public": 500, "inclusive": 300, "other": 200, "age": 1000} | cells
    return _enrolled(**{key: int(str(value)) for key, value in given.items()})


def _other_public(**cells: Raw) -> Results:
    return preschool(kindergarten("K", nature="其他公办园"), of=preschool_county(**cells))


def _inclusive(**cells: Raw) -> Results:
    return preschool(kindergarten("K", nature="普惠性民办园"), of=preschool_county(**cells))


def _before_2017(**cells: Raw) -> Results:
    return preschool(
        kindergarten("K", designed_year=2016, **cells), kindergarten("L", designed_year=2016, outdoor_play_area_m2=0)
    )


PRESCHOOL_CASES = [
    Case("1.1.1", _ratios, {"age": 1001}, {"age": 999}, at=(("age", 1000), ("public", 350)), limit="85"),
    Case("1.2.1", _ratios, {"other": 201}, {"other": 199}, limit="80"),
    Case("1.3.1", _ratios, {"other": 201}, {"other": 199}, limit="50"),
    Case("2.1.1", _kindergartens, {"has_party_coverage": False}, limit="100"),
    Case("2.3.1", _preschool_county, {"townships_with_public_central_kindergarten": 6}, limit="100"),
    Case("2.4.2", _preschool_county, {"estate_kindergartens_inclusive": 1}, limit="100"),
    Case(
        "2.5.1",
        _preschool_county,
        {"public_fund_paid": "49999.99"},
        {"public_fund_paid": "50000.01"},
        at=(("public_fund_paid", 50000),),
        limit="500",
    ),
    Case(
        "2.5.2",
        _other_public,
        {"other_public_fund_paid": 49999},
        {"other_public_fund_paid": 50001},
        at=(("other_public_fund_paid", 50000),),
        limit="500",
    ),
    Case(
        "2.5.3",
        _inclusive,
        {"private_subsidy_paid": 49999},
        {"private_subsidy_paid": 50001},
        at=(("private_subsidy_paid", 50000),),
        limit="500",
    ),
    *(
        Case(part, _preschool_county, {code: 1}, limit="0")
        for part, code in {
            "2.6.3": "fee_violations",
            "2.8.2": "major_safety_incidents_24m",
            "2.9.5": "unlicensed_kindergartens",
            "2.9.6": "profit_seeking_cases",
            "3.3.2": "unfilled_quota_posts",
            "2.7.1.arrears": "pay_arrears_cases",
            "2.7.1.complaints": "pay_complaints",
            "3.4.4": "serious_ethics_incidents_24m",
            "3.5.1": "primary_schooling_findings",
            "V1": "veto:V1",
            "V2": "veto:V2",
            "V3": "veto:V3",
        }.items()
    ),
    Case(
        "2.7.1.ratio",
        _preschool_county,
        {"avg_annual_pay_nonquota_public": 74},
        {"avg_annual_pay_nonquota_public": 76},
        limit="75",
    ),
    Case("2.9.3", _kindergartens, {"inspected_in_last_5y": False}, limit="100"),
    Case("2.9.4", _kindergartens, {"has_inspector": False}, limit="100"),
    Case("3.1.1", _kindergartens, {"toys_meet_requirements": False}, limit="100"),
    Case("3.1.1", _kindergartens, {"picture_books": 299}, limit="100"),
    Case("3.1.2", _kindergartens, {"meets_building_standard": False}, limit="100"),
    Case(
        "3.2.1",
        _one,
        {"classes_within_size_limit": 16},
        {"classes_within_size_limit": 18},
        at=(("classes", 20), ("classes_within_size_limit", 17)),
        limit="85",
    ),
    Case("3.3.1", _kindergartens, {"staff_total": 14}, limit="100"),
    Case(
        "3.3.3",
        _one,
        {"fulltime_teachers": 9},
        {"fulltime_teachers": 11},
        at=(("children", 150), ("fulltime_teachers", 10)),
        limit="15",
    ),
    Case("3.4.1", _one, {"certified_heads_and_teachers": 100}, limit="100"),
    Case("Q.outdoor", _one, {"outdoor_play_area_m2": "399.99"}, {"outdoor_play_area_m2": "400.01"}, "K", limit="4"),
    Case(
        "Q.activity_room",
        _one,
        {"activity_room_area_m2": "816.99"},
        {"activity_room_area_m2": "817.01"},
        "K",
        at=(("activity_room_area_m2", 817),),
        limit="8.17",
    ),
    Case(
        "Q.building",
        _one,
        {"building_area_m2": "1043.99"},
        {"building_area_m2": "1044.01"},
        "K",
        at=(("building_area_m2", 1044),),
        limit="10.44",
    ),
    Case("Q.books", _one, {"picture_books": 299}, {"picture_books": 301}, "K", limit="3"),
    Case("Q.area_share_post2017", _kindergartens, {"outdoor_play_area_m2": 399}, limit="100"),
    Case("Q.area_share_pre2017", _before_2017, {"outdoor_play_area_m2": 0}, limit="50"),
    *(
        Case(
            part,
            _one,
            {code: count - 1},
            {code: count + 1},
            "K",
            at=(("children", 630), ("is_full_day", full), ("care_workers", 0), (code, count)),
            limit=limit,
        )
        for part, code, full, count, limit in (
            ("Q.staff_child", "staff_total", True, 90, "7"),
            ("Q.staff_child", "staff_total", False, 63, "10"),
            ("Q.care_child", "fulltime_teachers", True, 70, "9"),
        )
    ),
    Case(
        "Q.care_child",
        _one,
        {"fulltime_teachers": 9},
        {"fulltime_teachers": 11},
        "K",
        at=(("children", 130), ("is_full_day", False), ("care_workers", 0), ("fulltime_teachers", 10)),
        limit="13",
    ),
    Case(
        "Q.class_staff.full",
        _one,
        {"care_workers": 3},
        {"care_workers": 5},
        "K",
        at=(("fulltime_teachers", 8), ("care_workers", 4)),
        limit="3",
    ),
    Case(
        "Q.class_staff.half",
        _one,
        {"fulltime_teachers": 7},
        {"fulltime_teachers": 9},
        "K",
        at=(("is_full_day", False), ("fulltime_teachers", 8)),
        limit="2",
    ),
]
#: Where the limit itself does not pass: strictly above, strictly below.
STRICT_CASES = [
    Case(
        "Q.social_recognition",
        _preschool_county,
        {"satisfied_responses": 850},
        {"satisfied_responses": 851},
        limit="85",
    ),
    *(
        Case(
            "Q9.between",
            _in_county,
            {f"q9_{subject}_between_school": "0.150"},
            {f"q9_{subject}_between_school": "0.149"},
            limit="0.15",
        )
        for subject in ("chinese", "math", "science", "pe", "art", "moral")
    ),
]


def _named(case: Case) -> str:
    return f"{case.part}-{'-'.join(case.worse)}"


@pytest.mark.parametrize("case", [*BALANCED_CASES, *PRESCHOOL_CASES], ids=_named)
def test_on_the_limit_passes_and_one_unit_beyond_fails(case):
    at = dict(case.at)
    on = case.on(**at).of(case.part, case.unit, case.stage)
    assert on.value == on.limit == Fraction(case.limit)
    assert on.trial is Verdict.PASS
    assert case.on(**at | case.worse).of(case.part, case.unit, case.stage).trial is Verdict.FAIL
    if case.better:
        assert case.on(**at | case.better).of(case.part, case.unit, case.stage).trial is Verdict.PASS


@pytest.mark.parametrize("case", STRICT_CASES, ids=_named)
def test_on_the_limit_fails_where_it_must_be_exceeded_or_undercut(case):
    on = case.on(**case.worse).of(case.part, case.unit)
    assert on.value == on.limit == Fraction(case.limit)
    assert on.trial is Verdict.FAIL
    assert case.better is not None
    assert case.on(**case.better).of(case.part, case.unit).trial is Verdict.PASS


@pytest.mark.parametrize(
    ("bound", "cases"), [(BALANCED, BALANCED_CASES), (PRESCHOOL, PRESCHOOL_CASES)], ids=["balanced", "preschool"]
)
def test_every_limit_that_numbers_are_compared_with_has_its_case(bound, cases):
    judged = {
        part.key
        for part in bound.parts.values()
        if part.part.kind in ("ratio", "number", "veto") and part.indicator.enabled
        if any(limit.of.default for limit in part.limits)
    }
    elsewhere = {*RESOURCE, *(f"CV{at}" for at in range(1, 8))}
    assert judged == {case.part for case in [*cases, *STRICT_CASES] if case.part in bound.parts} | (judged & elsewhere)


@pytest.mark.parametrize("subject", ["chinese", "math", "science", "pe", "art", "moral"])
@pytest.mark.parametrize(("level", "verdict"), [("Ⅱ", Verdict.FAIL), ("Ⅲ", Verdict.PASS), ("Ⅳ", Verdict.PASS)])
def test_every_subject_is_at_level_three_or_better(subject, level, verdict):
    assert _in_county(**{f"q9_{subject}_level": level}).of("Q9.level", "640122").verdict is verdict


def _monitored(**said):
    """Q9 of a county where only these subjects were monitored: level and difference of each."""
    cells = {}
    for subject in ("chinese", "math", "science", "pe", "art", "moral"):
        cells[f"q9_{subject}_level"], cells[f"q9_{subject}_between_school"] = said.get(subject, (None, None))
    found = _in_county(**cells)
    return [found.of(part, "640122").verdict for part in ("Q9.level", "Q9.between")]


def test_only_subjects_that_were_monitored_are_asked_for():
    assert _monitored(math=("Ⅲ", "0.149"), pe=("Ⅳ", "0.1")) == [Verdict.PASS, Verdict.PASS]
    assert _monitored(math=("Ⅲ", "0.15"), pe=("Ⅱ", "0.1")) == [Verdict.FAIL, Verdict.FAIL]


def test_a_subject_of_which_one_half_lacks_was_monitored_and_cannot_be_judged():
    assert _monitored(math=("Ⅲ", None), pe=("Ⅲ", "0.1")) == [Verdict.PASS, Verdict.MISSING]
    assert _monitored(math=(None, "0.1"), pe=("Ⅲ", "0.1")) == [Verdict.MISSING, Verdict.PASS]


def test_without_any_monitored_subject_nothing_can_be_judged():
    assert _monitored() == [Verdict.MISSING, Verdict.MISSING]


@pytest.mark.parametrize(("grade", "verdict"), [("合格", Verdict.FAIL), ("良好", Verdict.PASS), ("优秀", Verdict.PASS)])
def test_moral_education_is_good_or_better(grade, verdict):
    assert _in_school(**{"judged:Q6": grade}).of("Q6", "S").verdict is verdict


@pytest.mark.parametrize(("money", "verdict"), [("69999.99", Verdict.FAIL), ("70000", Verdict.PASS)])
def test_a_county_may_choose_another_limit_that_is_in_the_file(money, verdict):
    settings = Settings(opened=frozenset({"G7.nation2022"}))
    schools = [school("P", primary=400)]
    found = balanced(*schools, settings=settings, of=county(special_school_fund_total=money)).of("G7", "640122")
    assert found.trial is verdict


def test_of_limits_that_were_opened_all_must_be_met_and_the_default_no_longer():
    settings = Settings(opened=frozenset({"G7.nation2022", "G7.shenyang"}))
    limits = [limit.key for limit in in_force(BALANCED.parts["G7"].limits, settings.opened, "")]
    assert limits == ["G7.nation2022", "G7.shenyang"]


@pytest.mark.parametrize(("teachers", "reason"), [(897, "按未取整的值（0.897）判定"), (900, ""), (880, "")])
def test_where_rounding_hides_the_difference_the_reason_gives_the_value_that_was_judged(teachers, reason):
    found = balanced(school("P", primary=100_000, teachers_pe_primary=teachers, teachers_pe=teachers)).of(
        "R3", "P", "小学"
    )
    assert (found.trial is Verdict.PASS, found.reason) == (teachers == 900, reason)


def test_the_reason_names_whom_no_limit_is_for():
    assert (
        balanced(school("S", primary=100, public_fund_budget_prev_wan=0)).of("G6", "S").reason == "没有适用于该校的限值"
    )
    none = preschool(kindergarten("A"), of=preschool_county(private_subsidy_paid=0)).of("2.5.3", "640122")
    assert none.reason == "没有适用于该县的限值"


def test_a_school_of_100_is_not_asked_for_the_money_of_small_ones():
    assert balanced(school("S", primary=100, public_fund_budget_prev_wan=0)).of("G6", "S").verdict is Verdict.NONE


def test_a_larger_age_population_can_be_asked_for_by_the_province():
    settings = Settings(parameters={"P_GER_MIN": "90"})
    found = preschool(kindergarten("K", 89), settings=settings).of("1.1.1", "640122")
    assert (found.limit, found.trial) == (90, Verdict.FAIL)
