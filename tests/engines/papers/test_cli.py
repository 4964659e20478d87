"""``dudao papers``: papers and templates on the terminal."""

import io
import subprocess
import sys
from pathlib import Path

import docx as reader
import pytest

from dudao_engines.papers.cli import main
from tests.engines.papers.conftest import ROOT

DATA = ROOT / "tests/data/papers"


def test_a_paper_is_made_from_a_file_of_values(tmp_path: Path) -> None:
    out = tmp_path / "意见书.docx"
    assert main(["make", "opinion", "--data", str(DATA / "opinion.yaml"), "-o", str(out)]) == 0
    assert "贺政教督发〔2024〕7号" in [one.text for one in reader.Document(io.BytesIO(out.read_bytes())).paragraphs]


def test_what_is_missing_is_named_and_the_paper_made_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "data.yaml", tmp_path / "x.docx"
    data.write_text("被约谈单位: 示例小学\n", "utf-8")
    assert main(["make", "talk-notice", "--data", str(data), "-o", str(out)]) == 1
    assert "被约谈人员、事由、约谈时间" in capsys.readouterr().err
    assert out.is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("被约谈单位: 示例\n督导: x\n", "没有这些字段：督导"),
        ("成文日期: 三月\n", "不是日期"),
        ("a: [\n", "格式有误"),
        ("- 1\n", "字段: 值"),
        ("\0", "格式有误"),
    ],
)
def test_data_that_cannot_be_used_is_refused_in_one_line(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.yaml"
    data.write_text(text, "utf-8")
    assert main(["make", "talk-notice", "--data", str(data), "-o", str(tmp_path / "x.docx")]) == 2
    shown = capsys.readouterr().err
    assert said in shown or "不是可读的" in shown
    assert shown.count("\n") == 1
    assert not (tmp_path / "x.docx").exists()


def test_a_countys_file_is_begun_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = tmp_path / "begun.docx"
    assert main(["starter", "opinion", "-o", str(begun)]) == 0
    assert main(["check-template", "opinion", str(begun)]) == 0
    assert capsys.readouterr().out == "可以使用。\n"
    begun.write_bytes(b"no document")
    assert main(["check-template", "opinion", str(begun)]) == 1
    assert capsys.readouterr().out.startswith("整个文件：")


def test_templates_are_listed_and_a_wrong_name_is_answered_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "supervision-order　督办单（文件）" in capsys.readouterr().out
    assert main(["starter", "opinon", "-o", "x"]) == 2
    assert "opinion" in capsys.readouterr().err
    assert main(["check-template", "opinion", "没有.docx"]) == 2
    assert "没有.docx" in capsys.readouterr().err
    assert main([]) == 2


def test_dudao_knows_the_word_without_the_web_application(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from dudao.cli import main; sys.argv[1:] = ['papers', 'list']; sys.exit(main())"],
        capture_output=True, cwd=tmp_path, env={"PATH": "/usr/bin", "PYTHONPATH": str(ROOT / "src")}, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "送达回证" in done.stdout.decode("utf-8")
