"""A report says what the data say: every number is a formula over them, and what is missing is printed as missing."""

from decimal import Decimal
from fractions import Fraction

import pytest

from dudao_engines.kernel import datafiles
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import reports
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import Usable
from dudao_engines.standards.exact import Evaluator
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.reports import Basis, Figure, Grid, Rendered, Text, words_of
from dudao_engines.standards.results import Settings
from tests.engines.standards.counties import (
    BALANCED,
    BALANCED_CHECKS,
    LIBRARY,
    PRESCHOOL,
    county,
    good_schools,
    kindergarten,
    preschool_county,
    school,
)

REPORTS = reports.load(LIBRARY / "reports")
FACTS = {"county": "示例县", "year": "2024", "period": "2024年秋季学期", "office": "示例县人民政府教育督导室"}


def said(bound: Bound, dataset: Dataset, settings: Settings | None = None, **more: object) -> Rendered:
    settings = settings or Settings()
    basis = Basis(Evaluator(bound, dataset, settings), Usable(bound, settings), dataset, FACTS, **more)  # type: ignore[arg-type]
    return reports.render(REPORTS[bound.standard.id], basis)


def balanced(*more: Record, of: Record | None = None, checked: bool = True) -> Rendered:
    dataset = Dataset({"school": [*good_schools(), *more], "county": [of or county()]})
    return said(BALANCED, dataset, Settings(checked=BALANCED_CHECKS) if checked else None)


def grid(report: Rendered, id: str) -> Grid:
    return next(one for one in report.grids if one.id == id)


def cells(report: Rendered, id: str) -> list[list[str]]:
    return [[words_of(cell) for cell in row] for row in grid(report, id).rows]


def words(report: Rendered) -> str:
    return "\n".join(one.words for one in report.body if isinstance(one, Text))


@pytest.mark.parametrize("bound", [BALANCED, PRESCHOOL], ids=lambda bound: bound.standard.id)
def test_every_formula_of_a_report_means_something(bound: Bound):
    reports.check(REPORTS[bound.standard.id], bound)


def test_a_formula_that_means_nothing_is_named_with_its_place():
    report = REPORTS["balanced-2017"]
    table = report.tables[0].model_copy(update={"above": ("{{no_such_field}}",)})
    with pytest.raises(EngineInputError, match="no_such_field"):
        reports.check(report.model_copy(update={"tables": (table, *report.tables[1:])}), BALANCED)


def test_an_unknown_key_is_refused_with_its_line():
    text = (LIBRARY / "reports" / "balanced-2017.yaml").read_text("utf-8").replace("short: ", "shrot: ", 1)
    with pytest.raises(EngineInputError, match="第 7 行“shrot”"):
        datafiles.loads(text, reports.Report, name="报告")


def test_the_national_tables_have_the_decimals_of_the_form():
    report = balanced(school("P2", primary=300, teachers_backbone=3, network_multimedia_rooms=7))
    assert cells(report, "II-1")[0][1:4] == ["2", "2", "2"]
    row = cells(report, "II-2")[2]
    assert row[6:13] == ["100.00", "1.00", "100.00", "10.00", "20.00", "10000.00", "2.33"]
    means, spread = cells(report, "III")[:2]
    assert means[7] == "58.14" and means[8] == "——"  # 407 rooms for 700 pupils
    assert spread[7] == "0.831"


def test_the_composite_of_table_three_is_the_mean_of_seven_and_is_not_judged():
    report = balanced(school("P2", primary=300, network_multimedia_rooms=7))
    figures = [one for row in grid(report, "III").rows[1:2] for cell in row for one in cell if isinstance(one, Figure)]
    seven, mean = figures[:7], figures[7]
    assert mean.shown == f"{sum(Decimal(one.shown) for one in seven) / 7:.3f}"
    assert BALANCED.parts["CV"].part.kind == "info"


def test_percentages_have_one_decimal_and_counts_none():
    report = balanced(school("P2", primary=300, teachers_backbone=1), school("P3", primary=300))
    assert [row[2] for row in cells(report, "II-1")[:2]] == ["2", "66.7"]


def test_what_is_missing_is_never_zero_and_is_told_in_the_annex():
    report = balanced(school("P2", primary=300, network_multimedia_rooms=None))
    assert cells(report, "II-2")[2][12] == "—"
    assert [row[7] for row in cells(report, "II-1")[:2]] == ["无法判定", "无法判定"]
    assert cells(report, "III")[1][7:] == ["—", "—"]
    assert "网络多媒体教室无法判定（原因见附件）。" in words(report)
    assert any("P2" in row[4] and "网络多媒体教室" in row[4] for row in cells(report, "gaps"))
    assert "0" not in {one.shown for one in report.figures if one.state == "missing"}


def test_a_rule_that_nobody_checked_gives_no_official_verdict_and_marks_its_number():
    report = balanced(checked=False)
    row = cells(report, "V")[0]
    assert row[3] == "暂不能判定" and "100.0*" in row[2]
    assert "自查结论为：暂不能判定。" in words(report)
    assert "带 * 的是试算值" in grid(report, "V").note


def test_with_the_checks_recorded_the_conclusion_is_said():
    assert "自查结论为：达标。" in words(balanced())


def test_problems_stand_school_by_school_with_what_would_mend_them():
    report = balanced(school("P2", primary=300, teachers_backbone=1))
    rows = cells(report, "problems")
    row = next(row for row in rows if row[1] == "P2" and "骨干" in row[3])
    assert row[2:7] == ["小学", "每百名学生拥有县级以上骨干教师数（人/百人）", "0.33", "≥1", "不达标"]
    assert row[7] == "“县级及以上骨干教师数”增加2"


def test_where_nothing_is_wrong_the_list_says_so():
    assert cells(balanced(), "problems") == [["没有不达标或无法判定的项目。"]]


def test_every_number_can_be_opened():
    report = balanced(school("P2", primary=300, teachers_backbone=1))
    figure = next(
        one
        for one in report.figures
        if one.place == "表Ⅱ-1" and one.formula == "count(part, passes(R2)) / units(part) * 100"
    )
    assert (Fraction(figure.value), figure.shown, figure.items) == (Fraction(50), "50.0", ("R2",))
    assert (figure.unit, figure.stage, figure.state) == ("640122", "小学", "known")
    assert [one.no for one in report.figures] == list(range(1, len(report.figures) + 1))


def test_no_digit_stands_in_a_number_table_that_is_not_a_figure():
    for id in ("I", "II-1", "III", "VI"):
        loose = [piece for row in grid(balanced(), id).rows for cell in row for piece in cell if isinstance(piece, str)]
        assert not any(sign.isdigit() for piece in loose for sign in piece)


def test_what_people_write_stands_in_its_place():
    report = said(
        BALANCED, Dataset({"school": good_schools(), "county": [county()]}), free={"measures": "第一条。\n第二条。"}
    )
    assert [one.words for one in report.body if isinstance(one, Text) and one.free == "measures"] == [
        "第一条。",
        "第二条。",
    ]


def test_no_heading_stands_last_with_nothing_under_it():
    assert words(balanced()).splitlines()[-1].startswith("各校未达到标准")


def test_two_counties_are_no_report():
    other = Record("640123", "乙县", "640123", county().cells)
    with pytest.raises(EngineInputError, match="2 个县"):
        said(BALANCED, Dataset({"school": good_schools(), "county": [county(), other]}))


def test_the_preschool_report_lists_all_36_items_and_says_a_published_number_is_not_to_be_recomputed():
    rows = [
        kindergarten("K1", 9169),
        kindergarten("K2", 2133, nature="普惠性民办园"),
        kindergarten("K3", 2317, nature="非普惠性民办园"),
    ]
    of = preschool_county(published_gross_enrolment_ratio="98.01", age_population=None, resident_age_3_5=None)
    report = said(PRESCHOOL, Dataset({"kindergarten": rows, "county": [of]}))
    assert [row[0] for row in cells(report, "items")] == [str(one) for one in range(1, 37)]
    text = words(report)
    assert "普惠性幼儿园覆盖率82.99%，达标" in text and "公办园在园幼儿占比67.33%，达标" in text
    assert "已公布的学前三年毛入园率为98.01%。因没有申报适龄人口，该数不可复算" in text
    assert cells(report, "items")[0][7] == "暂不能判定"


def test_who_can_be_reached_is_masked():
    estate = Record(
        "E1",
        "示例小区",
        "640122",
        {"estate_name": Cell("示例小区"), "head_name": Cell("张三"), "phone": Cell("13812341234")},
    )
    report = said(
        PRESCHOOL, Dataset({"kindergarten": [kindergarten("K1")], "county": [preschool_county()], "estate": [estate]})
    )
    [row] = cells(report, "estates")
    assert row[1] == "示例小区" and row[12:] == ["张**", "138****1234"]
