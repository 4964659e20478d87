"""``dudao indicators``: from files of an office to numbers, without the web application."""

import csv
import json
from pathlib import Path

import pytest
import xlsxwriter

from dudao_engines.standards import cli

LIBRARY = ["--library", str(Path(__file__).parents[3] / "library")]


def school(path: Path, **more: object) -> None:
    """One school of 400 pupils, heads by label; with 20 teachers above the wanted education."""
    cells: dict[str, object] = {
        "学校标识码": "3164000001", "学校名称": "示例一小", "学校类型": "小学", "小学学生人数": 400, "初中学生人数": 0,
        "专科学历教师人数（小学）": 5, "本科学历教师人数（小学）": 15, "硕士学历教师人数（小学）": 0, "博士研究生学历教师人数（小学）": 0,
    } | more  # fmt: skip
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("学校")
        sheet.write(0, 0, "示例县2024年学校情况")
        sheet.write_row(1, 0, list(cells))
        sheet.write_row(2, 0, list(cells.values()))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.main([*words, *LIBRARY])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_folder_of_workbooks_becomes_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school(tmp_path / "学校.xlsx")
    with (tmp_path / "县.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([["区县代码", "区县名称", "填报年度"], ["640122", "示例县", "2024"]])
    (tmp_path / "~$学校.xlsx").write_bytes(b"x")
    (tmp_path / "说明.docx").write_bytes(b"x")
    status, out, _ = run(capsys, "compute", "--standard", "balanced-2017", "--data", str(tmp_path), "--json")
    found = [json.loads(line) for line in out.splitlines()]
    one = next(line for line in found if (line["indicator"], line["unit"]) == ("R1", "3164000001"))
    assert status == 0
    assert (one["stage"], one["numerator"], one["denominator"], one["value"], one["shown"]) == (
        "小学",
        "20",
        "400",
        "5",
        "5.00",
    )
    assert {line["unit"] for line in found if line["level"] == "county"} == {"640122"}


def test_a_number_opens_down_to_file_sheet_and_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school(tmp_path / "学校.xlsx")
    words = [
        "--standard",
        "balanced-2017",
        "--data",
        str(tmp_path),
        "--indicator",
        "R1",
        "--unit",
        "示例一小",
        "--stage",
        "小学",
    ]
    status, out, _ = run(capsys, "explain", *words)
    assert status == 0 and "[学校.xlsx · 学校!G3]" in out and "5.00" in out
    status, out, _ = run(capsys, "explain", *words, "--json")
    assert json.loads(out)["value"] == "5"


def test_what_cannot_be_read_is_told_by_its_cell_and_counts_as_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(tmp_path / "学校.xlsx", 小学学生人数="N/A")
    status, out, err = run(capsys, "compute", "--standard", "balanced-2017", "--data", str(tmp_path), "--json")
    assert status == 0 and "学校.xlsx · 学校!D3" in err
    assert not [
        one for one in map(json.loads, out.splitlines()) if one["indicator"] == "R1" and one["verdict"] == "达标"
    ]


def test_two_tables_that_disagree_leave_the_cell_missing_with_both_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(tmp_path / "a.xlsx")
    school(tmp_path / "b.xlsx", 小学学生人数=500)
    _, _, err = run(capsys, "compute", "--standard", "balanced-2017", "--data", str(tmp_path), "--json")
    assert "两处不一致" in err and "a.xlsx · 学校!D3" in err and "b.xlsx · 学校!D3" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compute", "--standard", "balanced-2017"], "用法"),
        (["compute", "--standard", "nothing", "--data", "."], "balanced-2017"),
        (["compute", "--standard", "balanced-2017", "--data", "nowhere.xlsx"], "打不开"),
        (["explain", "--standard", "balanced-2017", "--data", "{}", "--indicator", "XX", "--unit", "1"], "没有指标"),
        (["explain", "--standard", "balanced-2017", "--data", "{}", "--indicator", "R1", "--unit", "1"], "3164000001"),
    ],
)  # fmt: skip
def test_wrong_words_are_answered_in_chinese(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(tmp_path / "a.xlsx")
    status, out, err = run(capsys, *(one.replace("{}", str(tmp_path)) for one in words))
    assert status == 2 and out == "" and told in err
