"""Made-up counties in which every number of the two county standards is met, to be spoilt one cell at a time."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from dudao_engines.standards import forms, schema
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import bound_of, compute
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Results, Settings
from dudao_engines.standards.schema import JUDGED

LIBRARY = Path(__file__).parents[3] / "library"
FORMS = forms.load(LIBRARY / "forms")
STANDARDS = schema.load(LIBRARY / "standards")
BALANCED = bound_of(STANDARDS["balanced-2017"], FORMS)
PRESCHOOL = bound_of(STANDARDS["preschool-2020"], FORMS)

Raw = int | str | bool | Decimal | None

#: What may be said officially once a county has looked up everything that rests on one place, memory or our own design.
BALANCED_CHECKS = frozenset({"G2.primary.place", "G2.junior.place", "G3.music.separate", "G3.art.separate", "Q1.A"})
PRESCHOOL_CHECKS = frozenset(
    {
        "P_AGE_BASIS",
        "P_AGE_GROUP",
        "P_PUBLIC_FUND_PER_CHILD",
        "P_PRIVATE_SUBSIDY_PER_CHILD",
        "Q.books",
        "3.1.1.pass",
        "3.3.1.pass",
    }
)

_SUBJECTS = ("chinese", "math", "science", "pe", "art", "moral")


def record(unit: str, cells: Mapping[str, Raw], name: str = "") -> Record:
    """A unit with these cells; a text that is a number is a number, None is a cell that was left empty."""
    return Record(
        unit, name or unit, "640122", {code: _cell(code, raw) for code, raw in cells.items() if raw is not None}
    )


def _cell(code: str, raw: Raw) -> Cell:
    if isinstance(raw, str) and raw.replace(".", "", 1).isdigit():
        raw = Decimal(raw)
    return Cell(raw, where=f"示例.xlsx!{code}", raw=str(raw))


def school(unit: str, kind: str = "小学", primary: int = 0, junior: int = 0, senior: int = 0, **cells: Raw) -> Record:
    """A school that meets every number of 优质均衡 with the pupils given; ``cells`` replace single ones."""
    total = primary + junior
    good: dict[str, Raw] = {
        "school_type": kind,
        "students_primary": primary,
        "students_junior": junior,
        "students_senior": senior if kind in ("完全中学", "十二年一贯制") else None,
        "students_migrant": 0,
        "students_in_zone_primary": primary,
        "students_in_zone_junior": junior,
        "urban_rural": "城区",
        "organizer_type": "县级教育部门",
        "is_boarding": False,
        "built_by_2010": False,
        "built_by_2016": False,
        "dense_inner_city": False,
        "rural_small_50_99": False,
        "rural_max_class_lt30": False,
        "classes_total": max(total // 40, 1),
        "music_rooms_ge_96": max(total // 40, 1),
        "art_rooms_ge_90": max(total // 40, 1),
        "fulltime_teachers": total,
        "teachers_certified": total,
        "teachers_360h": total,
        "teachers_college_primary": 0,
        "teachers_bachelor_primary": primary,
        "teachers_master_primary": 0,
        "teachers_doctor_primary": 0,
        "teachers_bachelor_junior": junior,
        "teachers_master_junior": 0,
        "teachers_doctor_junior": 0,
        "area_teaching_aux": 10 * (total + senior),
        "area_indoor_sports": 0,
        "area_gymnasium": 0,
        "area_sports_ground": 20 * (total + senior),
        "equipment_value_wan": (total + senior),
        "network_multimedia_rooms": (total + senior),
        "public_fund_budget_prev_wan": 100 + total,
        "public_fund_final_prev_wan": 100 + total,
        "teacher_training_budget_prev_wan": 100 + total,
        "graduates_current": junior,
        "grade7_entry_students": junior,
        "transfer_in_3y": 0,
        "transfer_out_3y": 0,
        "deaths_3y": 0,
    }
    for stage, pupils in ("primary", primary), ("junior", junior):
        good |= {f"teachers_backbone_{stage}": pupils, f"teachers_pe_{stage}": pupils}
        good |= {f"teachers_{one}_{stage}": 0 for one in ("music", "fine_art", "art")}
    good |= {
        "teachers_backbone": total,
        "teachers_pe": total,
        "teachers_music": 0,
        "teachers_fine_art": 0,
        "teachers_art": 0,
    }
    good |= {f"classes_{band}": 0 for band in ("46_50", "51_55", "56_60", "61_65", "ge_66")}
    good |= {"classes_over_45_primary": 0, "classes_over_50_junior": 0}
    return record(unit, good | judged(BALANCED, "school") | cells)


def judged(bound: Bound, level: str) -> dict[str, Raw]:
    """Every item that people judge at a level, judged to be met."""
    said: dict[str, Raw] = {}
    for part in bound.parts.values():
        if part.level.id == level and part.part.kind in JUDGED:
            said[f"judged:{part.indicator.id}"] = "良好" if part.part.kind == "grade" else "达标"
        if part.level.id == level and part.part.kind == "veto":
            said[f"veto:{part.indicator.id}"] = 0
    return said


def county(**cells: Raw) -> Record:
    """The county of such schools; ``cells`` replace single ones."""
    good: dict[str, Raw] = {
        "report_year": 2024,
        "basic_balance_year": 2021,
        "g2_unified_items": 4,
        "fund_std_primary": 1150,
        "fund_std_junior": 1350,
        "special_school_fund_total": 60000,
        "special_school_students": 10,
        "teacher_avg_pay_wan": 10,
        "civil_servant_avg_pay_wan": 10,
        "rotation_eligible_teachers": 1000,
        "rotated_teachers": 100,
        "rotated_backbone_teachers": 20,
        "good_senior_plan_places": 1000,
        "good_senior_allotted": 500,
        "good_senior_allotted_rural": 200,
        "migrant_eligible": 1000,
        "migrant_in_public": 800,
        "migrant_in_purchased_private": 50,
        "disabled_school_age": 100,
        "disabled_enrolled": 95,
        "survey_valid": 1000,
        "survey_satisfied": 850,
        "visit_total": 100,
        "visit_satisfied": 85,
        "survey_valid_parent": 500,
        "survey_satisfied_parent": 450,
        "visit_total_parent": 50,
        "visit_satisfied_parent": 45,
    }
    for subject in _SUBJECTS:
        good |= {f"q9_{subject}_level": "Ⅲ", f"q9_{subject}_between_school": "0.149"}
    return record("640122", good | judged(BALANCED, "county") | cells, "示例县")


def balanced(*schools: Record, settings: Settings | None = None, of: Record | None = None) -> Results:
    """优质均衡 over these schools, two stages of them at least, and a county that meets everything."""
    return compute(BALANCED, Dataset({"school": schools, "county": [of or county()]}), settings)


def good_schools() -> list[Record]:
    return [school("P1", primary=400), school("J1", "初中", junior=400)]


def kindergarten(unit: str, children: int = 100, **cells: Raw) -> Record:
    """A kindergarten that meets every number of 普及普惠; ``cells`` replace single ones."""
    good: dict[str, Raw] = {
        "nature": "教育办园",
        "enrolled_children": children,
        "classes": 4,
        "classes_within_size_limit": 4,
        "staff_total": children,
        "heads": 1,
        "fulltime_teachers": children,
        "care_workers": children,
        "certified_heads_and_teachers": children + 1,
        "building_area_m2": children * 11,
        "activity_room_area_m2": children * 9,
        "outdoor_play_area_m2": children * 4,
        "picture_books": children * 3,
        "toys_meet_requirements": True,
        "is_full_day": True,
        "designed_year": 2018,
        "meets_building_standard": True,
        "has_party_coverage": True,
        "inspected_in_last_5y": True,
        "has_inspector": True,
        "is_licensed": True,
    }
    return record(unit, good | cells)


def preschool_county(**cells: Raw) -> Record:
    """The county of such kindergartens; ``cells`` replace single ones."""
    good: dict[str, Raw] = {
        "age_population": 100,
        "townships_total": 7,
        "townships_with_public_central_kindergarten": 7,
        "estate_kindergartens_total": 10,
        "estate_kindergartens_public": 8,
        "estate_kindergartens_inclusive": 2,
        "public_fund_paid": 10_000_000,
        "other_public_fund_paid": 0,
        "private_subsidy_paid": 10_000_000,
        "fee_violations": 0,
        "avg_annual_pay_nonquota_public": 75,
        "avg_annual_pay_quota_public": 100,
        "pay_arrears_cases": 0,
        "pay_complaints": 0,
        "major_safety_incidents_24m": 0,
        "unlicensed_kindergartens": 0,
        "profit_seeking_cases": 0,
        "unfilled_quota_posts": 0,
        "serious_ethics_incidents_24m": 0,
        "primary_schooling_findings": 0,
        "valid_responses": 1000,
        "satisfied_responses": 851,
    }
    return record("640122", good | judged(PRESCHOOL, "county") | cells, "示例县")


def preschool(
    *kindergartens: Record | Iterable[Record], settings: Settings | None = None, of: Record | None = None
) -> Results:
    """普及普惠 over these kindergartens and a county that meets everything."""
    rows = [one for some in kindergartens for one in ([some] if isinstance(some, Record) else some)]
    return compute(PRESCHOOL, Dataset({"kindergarten": rows, "county": [of or preschool_county()]}), settings)
