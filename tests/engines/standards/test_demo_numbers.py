"""The demo county's numbers (library/demo/returns): made up, free of faults, and adding up to the notice's figures."""

import csv
from pathlib import Path

import pytest
import yaml

from dudao_engines.standards import reading, relations, sources
from dudao_engines.standards.compute import CONCLUSION, compute
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Verdict
from tests.engines.standards.counties import BALANCED, FORMS, LIBRARY, PRESCHOOL

RETURNS = LIBRARY / "demo" / "returns"
COUNTY = "640122"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _returns(year: str) -> dict[str, dict[str, dict[str, Cell]]]:
    """Cells by form and unit, as the reader of cells reads them."""
    found: dict[str, dict[str, dict[str, Cell]]] = {}
    for path in sorted((RETURNS / year).glob("*.csv")):
        if form := FORMS.get(path.stem):
            for row in _rows(path):
                unit = row.pop("unit")
                cells = {code: reading.read(raw, form.field(code)) for code, raw in row.items() if raw}
                assert [cell for cell in cells.values() if cell.problem] == []
                found.setdefault(form.id, {})[unit] = cells
    return found


@pytest.fixture(scope="module")
def now():
    return _returns("2024")


@pytest.fixture(scope="module")
def before():
    return _returns("2023")


def _judged(standard: str) -> dict[str, dict[str, Cell]]:
    found: dict[str, dict[str, Cell]] = {}
    for row in _rows(RETURNS / "2024" / "judged.csv"):
        if row["standard"] == standard:
            is_veto = row["item"].startswith("V")
            cell = Cell(int(row["judgement"]) if is_veto else row["judgement"])
            found.setdefault(row["unit"] or COUNTY, {})[f"{'veto' if is_veto else 'judged'}:{row['item']}"] = cell
    return found


def _results(bound, now):
    judged = _judged(bound.standard.id)
    tables: dict[str, list[Record]] = {}
    for id in bound.standard.forms:
        for unit, cells in now[id].items():
            name = str(cells.get("school_name", cells.get("kindergarten_name", Cell("示例县"))).value)
            tables.setdefault(FORMS[id].level, []).append(Record(unit, name, COUNTY, cells | judged.get(unit, {})))
    return compute(bound, Dataset(tables))


@pytest.fixture(scope="module")
def balanced(now):
    return _results(BALANCED, now)


@pytest.fixture(scope="module")
def preschool(now):
    return _results(PRESCHOOL, now)


def test_every_unit_is_one_of_the_demo_county(now):
    units = {one["code"]: one for one in yaml.safe_load((LIBRARY / "demo" / "helan.yaml").read_text("utf-8"))["units"]}
    for form in "school-return", "kindergarten-return":
        assert set(now[form]) <= set(units)
    kindergartens = {code for code, one in units.items() if one["kind"] == "kindergarten"}
    assert set(now["kindergarten-return"]) == kindergartens
    for code, cells in now["kindergarten-return"].items():
        one = units[code]
        nature = cells["nature"].value
        assert (nature == "教育办园") == (not one.get("is_private", False))
        assert (nature == "非普惠性民办园") == (not one["is_inclusive"])
        assert "示例" in str(cells["kindergarten_name"].value)


def test_the_kindergartens_add_up_to_the_notice(now, preschool):
    children = {code: cells["enrolled_children"].value for code, cells in now["kindergarten-return"].items()}
    assert len(children) == 60
    assert sum(children.values()) == 13619
    assert preschool.of("1.2.1", COUNTY).shown == "82.99"
    assert preschool.of("1.2.1", COUNTY).numerator == 11302
    assert preschool.of("1.3.1", COUNTY).shown == "67.33"
    assert preschool.of("1.3.1", COUNTY).numerator == 9169


def test_the_enrolment_ratio_is_only_published(now, preschool):
    assert preschool.of("1.1.1", COUNTY).trial is Verdict.MISSING
    assert str(now["preschool-county"][COUNTY]["published_gross_enrolment_ratio"].value) == "98.01"


@pytest.mark.parametrize("form", ["school-return", "kindergarten-return", "county-return", "preschool-county"])
def test_no_relation_is_broken_but_one_that_wants_a_word(now, before, form):
    lower = [
        relations.Lower(FORMS[id], [Record(unit, unit, COUNTY, cells) for unit, cells in now[id].items()])
        for id in ("school-return", "kindergarten-return")
    ]
    broken = {
        (unit, one.relation)
        for unit, cells in now[form].items()
        for one in relations.check(
            FORMS[form],
            cells,
            last=before.get(form, {}).get(unit),
            lower=lower if FORMS[form].level == "county" else (),
        )
    }
    assert broken == ({("SL-YG07", "size_360")} if form == "kindergarten-return" else set())


def test_only_what_is_meant_to_be_missing_is(now):
    lacking = {
        (unit, code)
        for form in ("school-return", "kindergarten-return", "county-return", "preschool-county")
        for unit, cells in now[form].items()
        for code in relations.missing(FORMS[form], cells)
    }
    assert lacking == {("SL-XX22", "area_sports_ground"), (COUNTY, "resident_age_3_5")}


def test_most_schools_pass_and_each_fault_is_there_once(balanced):
    failing = {
        (one.part, one.unit)
        for one in balanced.results
        if one.trial is Verdict.FAIL and one.level in ("school", "part")
    }
    assert failing == {
        ("R3", "SL-XX16"),
        ("R4", "SL-XX33"),
        ("R5", "SL-XX05"),
        ("R6", "SL-XX33"),
        ("R7", "SL-XX12"),
        ("SR", "SL-XX12"),
        ("SR", "SL-XX16"),
        ("SR", "SL-XX33"),
        ("G3.music", "SL-XX07"),
        ("G5", "SL-XX28"),
    }
    # Six of seven, and the last above 85 %.
    assert balanced.of("SR", "SL-XX05", "小学").verdict is Verdict.PASS
    assert balanced.of("SR", "SL-XX22", "小学").verdict is Verdict.MISSING
    assert {one.unit for one in balanced.left_out} == {"SL-XX25", "SL-XX41", "SL-XX42"}
    assert {one.stage for one in balanced.each("R4") if one.unit == "SL-XX36"} == {"小学", "初中"}


def test_the_county_does_not_pass_for_its_backbone_teachers_sit_in_two_schools(balanced):
    assert balanced.of("CV2", COUNTY, "小学").verdict is Verdict.FAIL
    assert [one.part for one in balanced.results if one.part.startswith("CV") and one.trial is Verdict.FAIL] == ["CV2"]
    assert balanced.of(CONCLUSION, COUNTY).trial is Verdict.FAIL


@pytest.mark.parametrize(("bound", "level", "count"), [(BALANCED, "school", 40), (PRESCHOOL, "kindergarten", 60)])
def test_the_command_takes_from_the_folder_the_tables_that_the_standard_needs(bound, level, count):
    wanted = [FORMS[id] for id in bound.standard.forms]
    loaded = sources.load(RETURNS / "2024", wanted, beside=FORMS.values())
    assert loaded.problems == []
    assert {level: len(rows) for level, rows in loaded.dataset.tables.items()} == {level: count, "county": 1}
    if bound is PRESCHOOL:
        results = compute(bound, loaded.dataset)
        assert [one.shown for part in ("1.2.1", "1.3.1") for one in results.each(part)] == ["82.99", "67.33"]
