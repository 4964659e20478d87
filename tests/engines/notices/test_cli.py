"""``dudao notice read FILE [--json]``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dudao_engines.notices.cli import main

REAL = Path(__file__).parents[3] / "library" / "demo" / "helan_2024_yaodian.txt"


def test_the_outline_is_readable_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(REAL)]) == 0
    shown = capsys.readouterr().out
    assert "标题：贺兰县2024年教育督导工作要点" in shown
    assert "文号：贺政教督发〔2024〕4号" in shown
    assert "共 4 部分，13 个要点" in shown
    assert "四 聚焦“国检区考市强”任务强力督导（序号已恢复）" in shown
    assert "召开教育督导室专题工作会议（每月）" in shown
    assert "通过国家审核认定（力争2024年）" in shown
    assert "牵头：督导室" in shown
    assert "请核对：" in shown


def test_json_has_the_exchange_form_and_a_place_for_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--json", str(REAL)]) == 0
    notice = json.loads(capsys.readouterr().out)
    text = REAL.read_bytes().decode("utf-8")
    assert notice["version"] == 2
    assert [check["holds"] for check in notice["checks"]] == [True] * 4
    start, end = notice["spans"]["title"]
    assert text[start:end] == notice["title"]
    for section in notice["sections"]:
        start, end = section["heading_span"]
        assert text[start:end] == section["heading"]
        for point in section["points"]:
            start, end = point["span"]
            assert point["quote_start"] in text[start:end]
            for read in (*point["actions"], *point["figures"]):
                start, end = read["span"]
                assert text[start:end] == read["quote"]


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "文件是空的"), (b"\0\1\2" * 100, "不是文字文件"), (None, "没有这个文件")]
)
def test_what_cannot_be_read_is_one_line_of_chinese_and_status_2(
    content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "通知.txt"
    if content is not None:
        file.write_bytes(content)
    assert main(["read", str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["read"], ["write", "x"], ["read", "a", "--xml"], ["check"]])
def test_wrong_words_are_answered_by_one_line_of_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err == "用法：dudao notice read|check 文件 [--json]\n"


def test_reading_a_notice_needs_neither_settings_nor_django() -> None:
    code = "import sys; sys.argv = ['dudao', 'notice', 'read', sys.argv[1]]; import dudao.cli; dudao.cli.main(); assert 'django' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code, str(REAL)],
        capture_output=True,
        env={"PYTHONPATH": "src", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "共 4 部分" in done.stdout.decode("utf-8")


def test_the_numbers_of_any_text_are_checked_with_the_line_they_stand_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "总结.txt"
    file.write_text(
        "督导总结\n学校60所，其中公办39所，民办21所。\n发现问题36个，已整改30个，整改率84%。\n投入同比增长5%。\n",
        "utf-8",
    )
    assert main(["check", str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "✓　第 2 行　合计　39+21=60",
        "✗　第 3 行　占比　30÷36=83%，文中为84%",
        "无法核对　第 4 行　增减　5%：上年数未公布",
    ]
    assert main(["check", "--json", str(file)]) == 1
    checks = json.loads(capsys.readouterr().out)
    assert [check["holds"] for check in checks] == [True, False, None]
    start, end = checks[1]["spans"][-1]
    assert file.read_text("utf-8")[start:end] == "84"


def test_a_text_without_numbers_that_hang_together_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "文.txt"
    file.write_text("督学48名，学校21所。", "utf-8")
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == "没有可以相互核对的数。\n"
