"""Tables as offices make them: whatever is wrong is told with sheet and cell; what means one thing is read."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import mapping, reading, tables
from dudao_engines.standards.forms import Field, Form
from dudao_engines.standards.mapping import Profile, Vocabulary
from dudao_engines.standards.tables import normal

FORM = Form.model_validate(
    {
        "id": "school-return", "version": "1", "name": "示例学校表", "level": "school", "source": "示例", "evidence": "DESIGN",
        "sections": [{"title": "一", "fields": [
            {"code": "pupils_primary", "label": "小学学生人数", "kind": "int", "unit": "人", "maximum": "20000", "evidence": "NAT1"},
            {"code": "pupils_junior", "label": "初中学生人数", "kind": "int", "unit": "人", "evidence": "NAT1", "aliases": ["初中在校生"]},
            {"code": "in_zone_primary", "label": "在划片范围内的学生人数（小学）", "kind": "int", "unit": "人", "evidence": "NAT1"},
            {"code": "in_zone_junior", "label": "在划片范围内的学生人数（初中）", "kind": "int", "unit": "人", "evidence": "NAT1"},
            {"code": "area", "label": "教学及辅助用房总面积", "kind": "dec", "decimals": 2, "unit": "平方米", "evidence": "NAT1"},
            {"code": "equipment_wan", "label": "教学仪器设备资产值", "kind": "dec", "decimals": 2, "unit": "万元", "evidence": "NAT1"},
            {"code": "small", "label": "是否乡村小规模学校", "kind": "bool", "evidence": "NAT1", "required": False},
        ]}],
    }
)  # fmt: skip
VOCABULARY = Vocabulary(FORM)
HEADS = ["学校标识码", "学校名称", "小学学生人数", "初中学生人数", "教学及辅助用房总面积", "教学仪器设备资产值"]
LINES = [
    ["3164000001", "示例一小", 420, 0, 3100.5, 88.25],
    ["3164000002", "示例中学", 0, 610, 5200, 140],
]


def book(write: Callable[[Any, Any], None], **options: Any) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, **options}) as out:
        write(out, out.add_worksheet("学校"))
    return made.getvalue()


def plain(heads: list[str] | None = None, lines: list[list[Any]] | None = None, start: int = 0) -> bytes:
    def write(out: Any, sheet: Any) -> None:
        for number, line in enumerate([heads or HEADS, *(lines or LINES)]):
            sheet.write_row(start + number, 0, line)

    return book(write)


def read(content: bytes, name: str = "表.xlsx", profile: Profile | None = None) -> mapping.Read:
    found, notes = mapping.recognise(workbooks.read(content, name=name), [FORM], profile)
    assert found, notes
    return mapping.read(found[0])


def values(got: mapping.Read, code: str) -> list[str]:
    return list(got.columns[code].values)


def refused(content: bytes, name: str = "表.xlsx") -> EngineInputError:
    with pytest.raises(EngineInputError) as error:
        workbooks.read(content, name=name)
    return error.value


class TestFiles:
    def test_a_plain_table_is_read_with_the_address_of_every_cell(self) -> None:
        got = read(plain())
        assert got.codes == ["3164000001", "3164000002"]
        assert values(got, "area") == ["3100.5", "5200"]
        assert got.cell("pupils_junior", 1).where == "表.xlsx · 学校!D3"
        assert got.cell("pupils_junior", 1).value == 610

    def test_a_locked_workbook_says_that_it_has_a_password(self) -> None:
        locked = (Path(__file__).parent / "locked.xlsx").read_bytes()
        error = refused(locked)
        assert error.code == "workbook.locked" and "密码" in error.message

    @pytest.mark.parametrize("cut", [10, 600, 2000, -300])
    def test_a_damaged_workbook_is_told_and_not_half_read(self, cut: int) -> None:
        whole = plain()
        assert refused(whole[:cut]).code in ("workbook.damaged", "workbook.empty")

    def test_a_flipped_byte_is_told_or_read_but_never_breaks(self) -> None:
        whole = bytearray(plain())
        for at in range(0, len(whole), 37):
            bent = bytearray(whole)
            bent[at] ^= 0xFF
            try:
                workbooks.read(bytes(bent))
            except EngineInputError as error:
                assert error.code.startswith("workbook.")

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"%PDF-1.4 x", "PDF"), (b"\x89PNG\r\n", "图片"), (b"Rar!\x1a\x07", "压缩包"),
            ("<html><table><tr><td>学校</td></tr></table>".encode(), "网页"),
        ],
    )  # fmt: skip
    def test_what_is_no_table_is_named_whatever_its_ending_says(self, content: bytes, word: str) -> None:
        error = refused(content, "学校.xls")
        assert error.code == "workbook.kind" and word in error.message and "学校.xls" in error.message

    def test_a_word_file_with_the_ending_of_a_workbook_is_told(self) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as package:
            package.writestr("word/document.xml", "<w/>")
        assert refused(made.getvalue()).code == "workbook.kind"

    def test_a_zip_that_unfolds_to_gigabytes_is_not_unfolded(self) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/workbook.xml", b" " * (700 * 1024 * 1024))
        assert refused(made.getvalue()).code == "workbook.too_large"

    def test_a_million_empty_formatted_rows_are_nothing(self) -> None:
        def write(out: Any, sheet: Any) -> None:
            for number, line in enumerate([HEADS, *LINES]):
                sheet.write_row(number, 0, line)
            sheet.write_blank(1_048_575, 3, None, out.add_format({"bold": True}))

        assert len(read(book(write))) == 2

    def test_a_lone_cell_a_million_rows_below_is_told_by_its_address_before_memory_is_filled(self) -> None:
        def write(out: Any, sheet: Any) -> None:
            sheet.write_row(0, 0, HEADS)
            sheet.write_string(1_048_575, 60, "x")

        error = refused(book(write))
        assert error.code == "workbook.far" and "BI1048576" in error.message

    @pytest.mark.parametrize("kind", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_text_files_are_read_in_the_writings_that_excel_and_wps_save(self, kind: str) -> None:
        text = "\r\n".join([",".join(HEADS), '3164000001,示例一小,"1,420",0,３１００,88']).encode(kind)
        got = read(text, "学校.csv")
        assert values(got, "pupils_primary") == ["1420"] and values(got, "area") == ["3100"]

    @pytest.mark.office
    @pytest.mark.parametrize("kind", ["xls", "ods"])
    def test_old_and_open_formats_are_read(self, kind: str, tmp_path: Path) -> None:
        if not which("soffice"):
            pytest.skip("LibreOffice is not installed")
        (tmp_path / "a.xlsx").write_bytes(plain())
        home = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
        command = [
            "soffice",
            "--headless",
            home,
            "--convert-to",
            kind,
            "--outdir",
            str(tmp_path),
            str(tmp_path / "a.xlsx"),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        # The ending says nothing: WPS names such a file .et.
        got = read((tmp_path / f"a.{kind}").read_bytes(), "学校.et")
        assert values(got, "equipment_wan") == ["88.25", "140"]


class TestHeads:
    def test_a_title_above_and_heads_of_three_lines_with_merged_cells(self) -> None:
        def write(out: Any, sheet: Any) -> None:
            sheet.merge_range(0, 0, 0, 5, "示例县2024年义务教育学校基本情况表")
            sheet.merge_range(1, 0, 3, 0, "学校标识码")
            sheet.merge_range(1, 1, 3, 1, "学校名称")
            sheet.merge_range(1, 2, 1, 5, "学生情况")
            sheet.merge_range(2, 2, 2, 3, "在划片范围内的学生人数")
            sheet.merge_range(2, 4, 3, 4, "小学学生人数")
            sheet.merge_range(2, 5, 3, 5, "初中学生人数")
            sheet.write(3, 2, "小学")
            sheet.write(3, 3, "初中")
            sheet.write_row(4, 0, ["甲", "乙", "1", "2", "3", "4"])
            sheet.write_row(5, 0, ["3164000001", "示例九年制", 11, 22, 33, 44])
            sheet.write_row(6, 0, ["", "合  计", 11, 22, 33, 44])
            sheet.write(7, 0, "填表人：示例")

        got = read(book(write))
        assert (values(got, "in_zone_primary"), values(got, "in_zone_junior")) == (["11"], ["22"])
        assert (values(got, "pupils_primary"), values(got, "pupils_junior")) == (["33"], ["44"])
        assert got.table.dropped == [(5, "栏次"), (7, "合计行"), (8, "表下的说明")]

    def test_columns_may_stand_in_any_order_and_heads_go_by_codes_labels_and_aliases(self) -> None:
        got = read(
            plain(
                ["初中在校生", "pupils_primary", "学校名称", "3.教学及辅助用房总面积（㎡）"], [[5, 6, "示例一小", 70]]
            )
        )
        assert (values(got, "pupils_junior"), values(got, "pupils_primary"), values(got, "area")) == (
            ["5"],
            ["6"],
            ["70"],
        )

    def test_units_of_heads_are_converted_once_and_said(self) -> None:
        content = plain(
            ["学校名称", "教学仪器设备资产值（元）", "教学及辅助用房总面积（亩）", "小学学生人数"],
            [["示例一小", 882599.4, 1, 9], ["示例二小", "1,230,000", "半亩", 9]],
        )
        found, _ = mapping.recognise(workbooks.read(content, name="表.xlsx"), [FORM])
        by = {one.code: one for one in found[0].mapping.taken}
        assert by["equipment_wan"].factor == Fraction(1, 10_000) and "元换算为万元" in by["equipment_wan"].note
        got = mapping.read(found[0])
        assert values(got, "equipment_wan") == ["88.26", "123"]
        assert values(got, "area") == ["666.67", ""]
        assert "不是数" in got.columns["area"].problems[1]

    def test_a_head_whose_unit_is_of_another_kind_is_not_taken_for_sure(self) -> None:
        found = mapping.propose(["学校名称", "教学及辅助用房总面积（万元）"], VOCABULARY)
        assert not found.columns[1].is_sure and "万元" in found.columns[1].note

    def test_a_head_that_only_holds_a_label_is_a_guess_to_be_confirmed(self) -> None:
        found = mapping.propose(["学校名称", "秋季小学学生人数统计"], VOCABULARY)
        assert (found.columns[1].code, found.columns[1].is_sure) == ("pupils_primary", False)

    def test_unknown_and_missing_columns_are_told(self) -> None:
        found = mapping.propose([*HEADS[:4], "食堂"], VOCABULARY)
        assert [one.head for one in found.unknown] == ["食堂"]
        assert {one.code for one in found.missing} == {"in_zone_primary", "in_zone_junior", "area", "equipment_wan"}

    def test_the_same_label_twice_takes_the_first_and_tells_of_the_second(self) -> None:
        found = mapping.propose(["学校名称", "小学学生人数", "小学学生人数"], VOCABULARY)
        assert [one.code for one in found.columns] == ["", "pupils_primary", ""]
        assert "已取前面一列" in found.columns[2].note

    def test_a_profile_finds_next_years_columns_by_their_heads_though_they_moved(self) -> None:
        first = mapping.propose(["机构号", "校名称呼", "人数甲", "钱（元）"], VOCABULARY)
        said = {"人数甲": ("pupils_primary", Fraction(1)), "钱（元）": ("equipment_wan", Fraction(1, 10_000))}
        corrected = mapping.Mapped(
            FORM,
            [mapping.Matched(one.at, one.head, *said.get(one.head, ("", Fraction(1)))) for one in first.columns],
            code_at=0,
            name_at=1,
        )
        profile = Profile.model_validate_json(mapping.kept(corrected).model_dump_json())
        content = plain(
            ["钱（元）", "新列", "校名称呼", "人数 甲", "机构号"], [[120_000, "x", "示例一小", 30, "3164000001"]]
        )
        got = read(content, profile=profile)
        assert got.codes == ["3164000001"] and got.names == ["示例一小"]
        assert (values(got, "pupils_primary"), values(got, "equipment_wan")) == (["30"], ["12"])

    def test_a_form_written_downwards_is_read_with_its_cells(self) -> None:
        def write(out: Any, sheet: Any) -> None:
            sheet.write_row(0, 0, ["序号", "填报项目", "单位", "填报值"])
            for number, (label, unit, value) in enumerate(
                [
                    ("小学学生人数", "人", 30),
                    ("教学及辅助用房总面积", "平方米", 200.5),
                    ("是否乡村小规模学校", "", "是"),
                ],
                1,
            ):
                sheet.write_row(number, 0, [number, label, unit, value])

        got = read(book(write))
        assert [values(got, code) for code in ("pupils_primary", "area", "small")] == [["30"], ["200.5"], ["true"]]
        assert got.cell("area", 0).where == "表.xlsx · 学校!D3"

    def test_a_profile_of_addresses_reads_one_unit_a_sheet(self) -> None:
        made = io.BytesIO()
        with xlsxwriter.Workbook(made) as out:
            for name, code, pupils in (("一小", "3164000001", 8), ("二小", "3164000002", "九")):
                sheet = out.add_worksheet(f"教基4155 {name}")
                sheet.write("B2", code)
                sheet.write("C9", pupils)
            out.add_worksheet("封面").write("A1", "示例")
        profile = Profile(
            kind="cells", form="school-return", code="B2", sheet="教基4155*", cells={"pupils_primary": "C9"}
        )
        found, _notes = mapping.recognise(workbooks.read(made.getvalue(), name="教基.xlsx"), [FORM], profile)
        read = [mapping.read(one) for one in found]
        assert [one.codes for one in read] == [["3164000001"], ["3164000002"]]
        assert read[0].cell("pupils_primary", 0).value == 8
        assert read[1].cell("pupils_primary", 0).where == "教基.xlsx · 教基4155 二小!C9"
        assert read[1].cell("pupils_primary", 0).problem

    def test_hidden_sheets_and_sheets_of_other_things_are_passed_over_and_told(self) -> None:
        made = io.BytesIO()
        with xlsxwriter.Workbook(made) as out:
            for name in ("学校", "旧表", "通讯录"):
                sheet = out.add_worksheet(name)
                sheet.write_row(0, 0, HEADS if name != "通讯录" else ["姓名", "电话"])
                sheet.write_row(1, 0, LINES[0] if name != "通讯录" else ["示例", "0"])
                if name == "旧表":
                    sheet.hide()
        found, notes = mapping.recognise(workbooks.read(made.getvalue(), name="a.xlsx"), [FORM])
        assert [one.table.sheet for one in found] == ["学校"]
        assert len(notes) == 2 and "隐藏" in notes[0] and "通讯录" in notes[1]


class TestCells:
    def test_values_of_formulas_are_read_and_errors_told_by_their_cell(self) -> None:
        def write(out: Any, sheet: Any) -> None:
            sheet.write_row(0, 0, HEADS)
            for number, line in enumerate(LINES, 1):
                sheet.write_row(number, 0, line)
            sheet.write_formula("C2", "=400+20", None, 420)
            sheet.write_formula("D2", "=1/0", None, "#DIV/0!")
            sheet.write_formula("E2", "=A1", None, "")

        got = read(book(write))
        assert got.cell("pupils_primary", 0).value == 420
        assert got.cell("pupils_junior", 0).value is None and "#DIV/0!" in got.cell("pupils_junior", 0).problem
        assert "没有算出结果" in got.cell("area", 0).problem and got.cell("area", 0).where.endswith("学校!E2")
        assert got.cell("area", 1).problem == ""

    def test_a_number_merged_over_two_schools_belongs_to_neither(self) -> None:
        def write(out: Any, sheet: Any) -> None:
            sheet.write_row(0, 0, HEADS)
            for number, line in enumerate(LINES, 1):
                sheet.write_row(number, 0, line)
            sheet.merge_range("E2:E3", 99)

        got = read(book(write))
        assert values(got, "area") == ["", ""] and "合并" in got.columns["area"].problems[0]

    def test_two_schools_with_one_code_and_doubled_names_are_refused_with_their_rows(self) -> None:
        got = read(
            plain(
                lines=[
                    LINES[0],
                    LINES[1],
                    [LINES[0][0], "示例三小", 1, 2, 3, 4],
                    ["3164000009", "示例四小", 1, 2, 3, 4],
                ]
            )
        )
        assert set(got.refused) == {0, 2} and "第 2、4 行重复" in got.refused[0]
        got = read(plain(["学校名称", *HEADS[2:4]], [["示例一小", 1, 2], ["示例一小", 3, 4]]))
        assert set(got.refused) == {0, 1}

    def test_a_code_that_lost_digits_and_a_row_without_a_unit_are_refused(self) -> None:
        got = read(plain(lines=[[31640000010000018, "", 1, 2, 3, 4], ["", "", 7, 7, 7, 7]]))
        assert "15 位" in got.refused[0] and "没有写" in got.refused[1]

    def test_codes_typed_as_numbers_or_full_width_are_codes(self) -> None:
        got = read(
            plain(
                lines=[
                    [3164000001, "a", 1, 2, 3, 4],
                    ["３１６４０００００２ ", "b", 1, 2, 3, 4],
                    ["'3164000003", "c", 1, 2, 3, 4],
                ]
            )
        )
        assert got.codes == ["3164000001", "3164000002", "3164000003"]

    def test_truth_and_one_are_not_mixed_up_in_a_column(self) -> None:
        got = read(plain([*HEADS, "是否乡村小规模学校"], [[*LINES[0], True], [*LINES[1], 1.0]]))
        assert values(got, "small") == ["true", "true"]
        got = read(plain(lines=[[*LINES[0][:2], 1.0, True, 5, 5], [*LINES[1][:2], True, 1.0, 5, 5]]))
        assert values(got, "pupils_primary") == ["1", ""] and got.columns["pupils_primary"].problems[1]

    @settings(max_examples=300)
    @given(
        st.floats(allow_nan=False, allow_infinity=False)
        | st.integers(-5, 30_000).map(float)
        | st.integers(-500, 10**7).map(lambda n: n / 100),
        st.sampled_from(["pupils_primary", "area", "equipment_wan"]),
    )
    def test_the_short_way_for_plain_numbers_says_what_the_careful_one_says(self, value: float, code: str) -> None:
        field: Field = FORM.field(code)
        short = tables._plain(value, field)
        if short is not None:
            careful = reading.read(value, field)
            assert (careful.problem, reading.stored(careful.value)) == ("", short)


def test_addresses_go_both_ways() -> None:
    assert [workbooks.address(*at) for at in ((0, 0), (8, 2), (0, 26), (9, 701), (0, 702))] == [
        "A1",
        "C9",
        "AA1",
        "ZZ10",
        "AAA1",
    ]
    assert workbooks.place("$AAA$12") == (11, 702)
    assert normal("其中：（1）小学 学生人数（人）") == normal("小学学生人数(人)")
