"""A table of units: looked at, confirmed, undone; codes stay text; nothing is written unseen."""

import io

import pytest
import xlsxwriter

from dudao.audit.models import AuditEvent
from dudao.places import intake, queries, tables
from dudao.places.models import Unit, UnitVersion
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, SINCE, TODAY, unit

BY = system("640122")
HEADS = ["标识码", "名称", "类别", "学段", "民办", "区划代码"]


def sheet(*rows: list[object], heads: list[str] = HEADS) -> bytes:
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory)
    page = book.add_worksheet()
    page.write_row(0, 0, ["2024年示例单位表"])
    for number, row in enumerate([heads, *rows], start=1):
        page.write_row(number, 0, row)
    book.close()
    return memory.getvalue()


def hand_in(content: bytes):
    return intake.look_at(rows=tables.read(content), file_name="单位.xlsx", valid_from=TODAY, by=BY, now=NOW)


def outcomes(batch) -> list[tuple[str, str]]:
    return [(row.outcome, row.reason) for row in batch.rows.all()]


@pytest.mark.django_db
def test_the_preview_tells_new_changed_unchanged_and_refused_with_the_row():
    unit("示例第一小学", "2164000001", stages=frozenset({"primary"}))
    unit("示例第二中学", "3164000002", stages=frozenset({"junior"}))
    batch = hand_in(
        sheet(
            ["2164000001", "示例实验小学", "学校", "小学", "否", ""],
            ["3164000002", "示例第二中学", "学校", "初中", "否", ""],
            ["1164000009", "示例新幼儿园", "幼儿园", "学前", "是", 640122100],
            ["1164000010", "示例坏学段", "学校", "博士", "否", ""],
            ["1164000011", "示例坏区划", "学校", "小学", "否", "6401"[:3]],
            ["1164000012", "示例重复", "学校", "小学", "否", ""],
            ["1164000012", "示例重复", "学校", "小学", "也许", ""],
            ["", "示例缺码", "学校", "小学", "否", ""],
        )
    )
    assert [outcome for outcome, _ in outcomes(batch)] == ["changed", "unchanged", "new"] + ["refused"] * 5
    assert outcomes(batch)[0][1] == "名称：示例第一小学 → 示例实验小学"
    assert "博士" in outcomes(batch)[3][1]
    assert batch.rows.first().number == 3
    # Only looked at: nothing else was written.
    assert Unit.objects.count() == 2


@pytest.mark.django_db
def test_confirming_writes_once_and_undo_brings_everything_back():
    old = unit("示例第一小学", "2164000001", stages=frozenset({"primary"}))
    batch = hand_in(
        sheet(
            ["2164000001", "示例实验小学", "学校", "小学、初中", "否", ""], ["9", "示例新校", "学校", "小学", "否", ""]
        )
    )
    intake.confirm(batch=batch, by=BY, now=NOW)
    with pytest.raises(Conflict):
        intake.confirm(batch=batch, by=BY, now=NOW)
    names = [v.name for v in queries.units_visible_to(BY, as_of=TODAY)]
    assert sorted(names) == ["示例实验小学", "示例新校"]

    intake.undo(batch=batch, by=BY, now=NOW)
    (version,) = UnitVersion.objects.all()
    assert (version.name, version.valid_from, version.valid_to, version.unit) == ("示例第一小学", SINCE, None, old)
    assert [s.stage for s in version.stages.all()] == ["primary"]
    assert AuditEvent.objects.filter(action="units.import_undone").count() == 1
    with pytest.raises(Conflict):
        intake.undo(batch=batch, by=BY, now=NOW)


@pytest.mark.django_db
def test_a_correction_on_the_first_day_is_undone_too():
    unit("示例第一小学", "1", stages=frozenset({"primary"}), sponsor="示例县")
    batch = intake.look_at(
        rows=tables.read(sheet(["1", "改错了", "学校", "", "是", ""])), file_name="x", valid_from=SINCE, by=BY, now=NOW
    )
    intake.confirm(batch=batch, by=BY, now=NOW)
    assert UnitVersion.objects.get().sponsor == "示例县"  # a column that the table does not have stays
    intake.undo(batch=batch, by=BY, now=NOW)
    version = UnitVersion.objects.get()
    assert (version.name, version.is_private, version.valid_from) == ("示例第一小学", False, SINCE)
    assert [s.stage for s in version.stages.all()] == ["primary"]


@pytest.mark.django_db
def test_nothing_is_undone_once_somebody_built_on_it():
    batch = hand_in(sheet(["9", "示例新校", "学校", "小学", "否", ""]))
    intake.confirm(batch=batch, by=BY, now=NOW)
    new = Unit.objects.get(code="9")
    unit("示例下属", "10", parent=new)
    with pytest.raises(Refused) as caught:
        intake.undo(batch=batch, by=BY, now=NOW)
    assert caught.value.code == "table.built_on"
    assert Unit.objects.filter(code="9").exists()


@pytest.mark.django_db
def test_a_table_confirmed_after_somebody_changed_the_unit_writes_nothing():
    old = unit("示例第一小学", "1")
    batch = hand_in(sheet(["8", "示例新校", "学校", "", "否", ""], ["1", "示例改名", "学校", "", "否", ""]))
    intake.services.end_unit(unit=old, base_version=old.version, last_day=TODAY, reason="x", by=BY, now=NOW)
    with pytest.raises(Conflict) as caught:
        intake.confirm(batch=batch, by=BY, now=NOW)
    assert "什么都没有写入" in caught.value.message
    assert not Unit.objects.filter(code="8").exists()
    batch.refresh_from_db()
    assert batch.state == "looked_at"


@pytest.mark.django_db
def test_what_goes_out_comes_back_unchanged():
    bureau = unit("示例教体局", "B", "bureau")
    unit("示例第一小学", "0164000001", stages=frozenset({"primary", "junior"}), parent=bureau, region_code="640122100")
    unit("示例=花园园", "1164000003", "kindergarten", is_private=True, is_inclusive=True, sponsor="示例公司")
    units = list(queries.units_visible_to(BY, as_of=TODAY).prefetch_related("stages"))
    codes = {u.unit_id: u.unit.code for u in units}
    out = tables.write((intake.as_row(u, codes.get(u.parent_id, "")) for u in units), title="单位")
    rows = tables.read(out)
    assert {row.cells["标识码"] for row in rows} == {"B", "0164000001", "1164000003"}
    assert {outcome for outcome, _ in outcomes(hand_in(out))} == {"unchanged"}


def test_a_long_number_that_lost_digits_is_refused_not_guessed():
    (row,) = tables.read(sheet([91640122123456789, "示例公司园", "学校", "", "否", ""]))
    assert "位数已丢失" in row.fault


def test_numbers_and_blanks_in_cells_become_text():
    (row,) = tables.read(sheet([2164000001.0, "  示例  ", "学校", None, True, ""]))
    assert (row.cells["标识码"], row.cells["名称"], row.cells["民办"]) == ("2164000001", "示例", "是")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.empty"),
        (b"\x00\x01garbage", "table.unreadable"),
        ("标识码,名称".encode("gbk"), "table.unreadable"),
        (b"PK\x03\x04" + b"x" * 50, "table.unreadable"),
        (sheet(["1"], heads=["编号"]), "table.header"),
        (b"x" * (tables.LIMIT_BYTES + 1), "table.too_large"),
        (sheet(*([str(n), "示例", "学校"] for n in range(tables.LIMIT_ROWS + 1))), "table.too_long"),
    ],
)
def test_what_is_no_table_of_units_says_so(content, code):
    with pytest.raises(Refused) as caught:
        tables.read(content)
    assert caught.value.code == code
