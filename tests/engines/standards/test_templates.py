"""A template goes out with what is known, comes back filled in, and is recognised: by its labels, wherever its columns moved."""

import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from dudao_engines.kernel import workbooks
from dudao_engines.standards import forms, mapping, templates
from dudao_engines.standards.forms import Form
from dudao_engines.standards.model import Cell
from dudao_engines.standards.templates import Unit

FORMS = forms.load(Path(__file__).parents[3] / "library" / "forms")
KNOWN = {
    "school_type": Cell("九年一贯制"),
    "students_primary": Cell(480),
    "dense_inner_city": Cell(False),
    "equipment_value_wan": Cell(Decimal("210.5")),
    "founded_year": Cell(1998),
}
UNITS = [Unit("3464012201", "示例一小", KNOWN), Unit("3464012202", "示例二小", {})]


def test_what_was_prefilled_comes_back_as_it_was() -> None:
    made = templates.rows(FORMS["school-return"], UNITS, title="2024 年填报")
    found, notes = mapping.recognise(workbooks.read(made, name="填报.xlsx"), FORMS.values())
    assert notes == []
    read = mapping.read(found[0])
    assert [(one.unit, one.name) for one in read.records()] == [("3464012201", "示例一小"), ("3464012202", "示例二小")]
    first, second = (one.cells for one in read.records())
    assert {code: first[code].value for code in KNOWN} == {code: cell.value for code, cell in KNOWN.items()}
    assert {code for code, cell in second.items() if cell.value is not None} == {"school_code", "school_name"}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_column_of_a_template_is_recognised_as_its_field(form: Form) -> None:
    found, _ = mapping.recognise(workbooks.read(templates.rows(form, UNITS), name="填报.xlsx"), FORMS.values())
    assert {one.code for one in found[0].mapping.taken} == {one.code for one in form.fields}
    assert all(one.is_sure for one in found[0].mapping.taken)
    assert found[0].mapping.name_at is not None


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_written_downwards_is_recognised_too(form: Form) -> None:
    made = templates.sheet_of(form, Unit("640122", "示例县", {}))
    found, _ = mapping.recognise(workbooks.read(made, name="填报.xlsx"), FORMS.values())
    assert [one.form.id for one in found] == [form.id]
    assert {one.code for one in found[0].mapping.taken} == {one.code for one in form.fields}


def test_half_a_percent_goes_out_and_comes_back() -> None:
    form, known = FORMS["preschool-county"], {"published_public_share": Cell(Decimal("0.5"))}
    made = templates.rows(form, [Unit("640122", "示例县", known)])
    found, _ = mapping.recognise(workbooks.read(made, name="x.xlsx"), [form])
    assert mapping.read(found[0]).records()[0].cells["published_public_share"].value == Decimal("0.5")


def test_only_what_is_asked_stands_on_the_sheet_of_a_school() -> None:
    made = templates.sheet_of(FORMS["school-return"], UNITS[0], asked=frozenset({"school_name", "students_primary"}))
    rows = workbooks.read(made, name="x.xlsx").sheets[0].rows
    assert [row[2] for row in rows[3:5]] == ["学校名称", "小学学生人数"]


def test_choices_are_lists_and_numbers_have_their_range() -> None:
    with zipfile.ZipFile(io.BytesIO(templates.rows(FORMS["kindergarten-return"], UNITS))) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert '"教育办园,其他公办园,普惠性民办园,非普惠性民办园"' in re.sub("&quot;", '"', sheet)
    assert sheet.count("<dataValidation ") == sum(
        1 for one in FORMS["kindergarten-return"].fields if one.kind != "text"
    )


def test_the_same_template_is_the_same_bytes() -> None:
    assert templates.rows(FORMS["school-return"], UNITS) == templates.rows(FORMS["school-return"], UNITS)


def test_what_looks_like_a_formula_stays_a_text() -> None:
    unit = Unit("3464012201", "=1+1", {})
    rows = workbooks.read(templates.rows(FORMS["school-return"], [unit]), name="x.xlsx").sheets[0].rows
    assert "=1+1" in rows[4]
