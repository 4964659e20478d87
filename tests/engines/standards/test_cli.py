"""``dudao indicators``: from files of an office to numbers, without the web application."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from dudao_engines.standards import cli, sources
from dudao_engines.standards.forms import load as load_forms

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


HEADS = (
    "学校标识码",
    "学校名称",
    "学校类型",
    "小学学生人数",
    "初中学生人数",
    *(f"{one}学历教师人数（小学）" for one in ("专科", "本科", "硕士", "博士研究生")),
)


def schools(path: Path, *rows: tuple[object, ...], heads: tuple[str, ...] = HEADS) -> None:
    """Primary schools: code, name, pupils, teachers above the wanted education."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("学校")
        sheet.write_row(0, 0, heads)
        for line, (code, name, pupils, teachers) in enumerate(rows, 1):
            sheet.write_row(line, 0, (code, name, "小学", pupils, 0, 0, teachers, 0, 0))


def results(capsys: pytest.CaptureFixture[str], *words: str) -> dict[tuple[str, str, str], dict[str, str]]:
    status, out, err = run(capsys, "compute", "--standard", "balanced-2017", *words, "--json")
    assert status == 0, err
    return {(one["indicator"], one["unit"], one["stage"] or ""): one for one in map(json.loads, out.splitlines())}


@pytest.mark.parametrize("engine", ["exact", "duckdb"])
@pytest.mark.parametrize(
    ("code", "name", "says", "unit"),
    [
        ("3164000001", "示例二小", "重复", "3164000001第 3 行"),
        ("3164000001", "示例一小", "重复", "3164000001"),
        ("", "", "没有写是哪个单位", "第 3 行"),
    ],
)  # fmt: skip
def test_a_row_that_is_refused_leaves_what_is_asked_of_all_schools_unsaid(
    engine: str, code: str, name: str, says: str, unit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [("3164000001", "示例一小", 400, 20), (code, name, 500, 20), ("3164000003", "示例三小", 400, 20)]
    schools(tmp_path / "学校.xlsx", *given)
    found = results(capsys, "--data", str(tmp_path), "--engine", engine)
    county = next(unit for part, unit, _ in found if part == "conclusion")
    for part, whose, stage in (("CV1", county, "小学"), ("R1", unit, "小学"), ("SR", unit, "小学")):
        assert found[part, whose, stage]["verdict"] == "无法判定", part
    assert says in found["CV1", county, "小学"]["reason"] or says in found["R1", unit, "小学"]["reason"]
    assert says in found["R1", unit, "小学"]["reason"]
    assert found["conclusion", county, ""]["verdict"] != "达标"
    assert found["R1", "3164000003", "小学"]["shown"] == "5.00"


def test_a_line_under_the_table_is_no_school(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schools(tmp_path / "学校.xlsx", ("3164000001", "示例一小", 400, 20), ("3164000002", "示例二小", 400, 20))
    found = results(capsys, "--data", str(tmp_path))
    assert {unit for part, unit, _ in found if part == "R1"} == {"3164000001", "3164000002"}


def test_heads_that_are_exactly_the_codes_of_the_form_are_its_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = next(one for one in load_forms(Path(LIBRARY[1]) / "forms").values() if one.id == "school-return")
    row = {"school_code": "3164000001", "school_name": "示例一小", "school_type": "小学", "students_primary": "400"}
    heads = ["school_code", "school_name", *(one.code for one in form.fields if one.code not in row)]
    heads[2:2] = ["school_type", "students_primary"]
    with (tmp_path / "en.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, [row.get(one, "") for one in heads]])
    loaded = sources.load(tmp_path / "en.csv", [form])
    (one,) = loaded.dataset.tables["school"]
    assert (one.unit, one.name, one.cells["students_primary"].value) == ("3164000001", "示例一小", 400)


def test_parquet_with_codes_for_heads_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schools_csv = tmp_path / "a.csv"
    schools_csv.write_text(
        "school_code,school_name,school_type,students_primary,students_junior\n3164000001,示例一小,小学,400,0\n",
        "utf-8",
    )
    target = tmp_path / "given" / "学校.parquet"
    target.parent.mkdir()
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{schools_csv}', all_varchar=true)) TO '{target}'")
    found = results(capsys, "--data", str(target))
    assert found["R1", "3164000001", "小学"]["name"] == "示例一小"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"parameters": {"P_FOO": "1"}}, "没有参数“P_FOO”"),
        ({"limits": {"R1.小学": "many"}}, "应当是一个数，不是“many”"),
        ({"limits": {"R9.小学": "1"}}, "没有限值“R9.小学”"),
        ({"checked": ["nonsense"]}, "nonsense"),
        ({"variants": {"R5": "x"}}, "没有算法“R5.x”"),
        ({"concessions": ["ZZ"]}, "没有放宽“ZZ”"),
        ({"opened": ["ZZ"]}, "ZZ"),
        ({"judge_on": "foo"}, "judge_on 没有“foo”"),
    ],
)  # fmt: skip
def test_settings_that_name_what_the_standard_has_not_are_refused_by_name(
    given: dict[str, object], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(tmp_path / "a.xlsx")
    (tmp_path / "s.json").write_text(json.dumps(given), "utf-8")
    words = ["--data", str(tmp_path / "a.xlsx"), "--settings", str(tmp_path / "s.json")]
    status, out, err = run(capsys, "compute", "--standard", "balanced-2017", *words)
    assert (status, out) == (2, "") and named in err


def test_the_library_shipped_with_the_code_is_found_from_any_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    school(tmp_path / "a.xlsx")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DUDAO_LIBRARY", raising=False)
    words = ["compute", "--standard", "balanced-2017", "--data", "a.xlsx"]
    assert cli.main(words) == 0
    monkeypatch.setenv("DUDAO_LIBRARY", str(tmp_path))
    assert cli.main(words) == 2 and str(tmp_path) in capsys.readouterr().err
    assert cli.main([*words, *LIBRARY]) == 0


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    school(tmp_path / "a.xlsx")
    code = "import sys; from dudao_engines.standards import cli; sys.exit(cli.main(sys.argv[1:]))"
    words = ["compute", "--standard", "balanced-2017", "--data", str(tmp_path), "--json", *LIBRARY]
    command = [sys.executable, "-c", code, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run_:
        assert run_.stdout is not None and run_.stderr is not None
        run_.stdout.close()
        said = run_.stderr.read().decode()
        assert run_.wait() == 0
    assert "pipe" not in said.lower() and "打不开" not in said


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--indicator", "R4", "--unit", "示例一小"], "请写 --stage 小学 或 初中"),
        (["--indicator", "G11.backbone", "--unit", "nobody"], "不判“nobody”"),
        (["--indicator", "R1", "--wrong"], "--unit"),
        (["--indicator", "R1", "--unit", "1", "--wrong"], "不认识：--wrong"),
        (["--indicator"], "--indicator 后面没有写"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_named(more: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school(tmp_path / "a.xlsx", 学校类型="九年一贯制", 初中学生人数=100)
    status, _, err = run(capsys, "explain", "--standard", "balanced-2017", "--data", str(tmp_path), *more)
    assert status == 2 and told in err


def test_a_file_that_is_not_there_is_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = run(capsys, "compute", "--standard", "balanced-2017", "--data", "nowhere.xlsx")
    assert "没有这个文件" in err and "No such file" not in err


def test_an_indicator_with_several_parts_and_the_conclusion_can_be_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school(tmp_path / "a.xlsx")
    words = ["explain", "--standard", "balanced-2017", "--data", str(tmp_path), "--unit", "本县", "--json"]
    _, out, err = run(capsys, *words, "--indicator", "G11")
    codes = [json.loads(line)["code"] for line in out.splitlines()]
    assert len(codes) > 1 and "G11.backbone" in codes, err
    status, out, _ = run(capsys, *words, "--indicator", "conclusion")
    (one,) = map(json.loads, out.splitlines())
    assert (
        status == 0 and one["shown"] != "达标" and {"CV1", "G11.backbone"} <= {each["code"] for each in one["children"]}
    )
