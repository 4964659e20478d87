"""Templates are files an expert can read; what is wrong in one is said with its line."""

from pathlib import Path

import pytest

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import templates
from dudao_engines.papers.model import Form
from dudao_engines.papers.templates import Template
from tests.engines.papers.conftest import KINDS

GOOD = """id: note
name: 便函
form: letter
evidence: DESIGN
fields:
  - { key: 事项, evidence: DESIGN }
title: 关于{{事项}}的函
body: |
  现就{{事项}}函告如下。
"""


def load(folder: Path, text: str) -> dict[str, Template]:
    (folder / "note.yaml").write_text(text, "utf-8")
    return templates.load(folder)


def test_the_papers_of_the_loop_are_all_there(library: dict[str, Template]) -> None:
    assert set(library) == {
        *("inspection-notice", "preliminary-opinion", "opinion", "rectification-notice", "supervision-order"),
        *("talk-notice", "talk-record", "circular-notice", "circular", "accountability-notice"),
        *("accountability-decision", "transfer-letter", "inspection-report", "minutes", "reward", "service-receipt"),
        *("recheck-record", "look-back-record", "self-check-report"),
    }
    assert len(KINDS) == 19


def test_what_nobody_has_checked_is_known_as_such(library: dict[str, Template]) -> None:
    opinion = library["opinion"]
    assert not opinion.unchecked
    assert {one.key for one in opinion.fields if one.unchecked} == {"督导时间", "事实", "法律依据", "整改报告时限"}
    assert all(one.unchecked for one in library["talk-notice"].fields)
    assert all(one.evidence for template in library.values() for one in template.fields)


def test_accountability_is_for_named_persons_and_a_report_goes_upward(library: dict[str, Template]) -> None:
    assert {kind for kind, one in library.items() if one.restricted} == {
        *("accountability-notice", "accountability-decision", "transfer-letter"),
    }
    assert [kind for kind, one in library.items() if one.upward] == ["inspection-report", "self-check-report"]
    assert [kind for kind, one in library.items() if one.form is Form.MINUTES] == ["minutes"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("name:", "nmae:"), "第 2 行“nmae”：没有这个项目名"),
        (GOOD.replace("evidence: DESIGN }", "evidence: MAYBE }"), "第 6 行“fields.0.evidence”：不在允许的取值内"),
        (GOOD.replace("key: 事项,", "key: 事项, colour: red,"), "第 6 行“fields.0.colour”：没有这个项目名"),
        (GOOD.replace("title: 关于{{事项}}的函\n", ""), "第 1 行“title”：缺少这个项目"),
        (GOOD.replace("就{{事项}}函", "就{{事由}}函"), "没有“事由”这个字段"),
        (GOOD.replace("就{{事项}}函", "就{{事项}函"), "花括号不成对"),
        (GOOD + "  {{有 事项}}\n", "没有对应的 {{完 事项}}"),
        (GOOD + "  {{每 事项}}\n  {{完 事项}}\n", "不是表格"),
        (GOOD + "  前{{有 事项}}后\n", "要单独占一行"),
        (GOOD + "  {{完 事项}}\n", "没有对应的开头"),
        (GOOD.replace("key: 事项", "key: 标题"), "公文要素"),
        (
            GOOD.replace("  - { key: 事项, evidence", "  - { key: 闲置, evidence: LAW }\n  - { key: 事项, evidence"),
            "闲置",
        ),
        (GOOD.replace("evidence: DESIGN }", "evidence: DESIGN, kind: table }"), "table 才有 columns"),
        (GOOD + "name: 又一次\n", "第 10 行：“name”写了两次"),
        (GOOD.replace("{ key: 事项, evidence: DESIGN }", "{ key: 事项, evidence: DESIGN"), "格式有误"),
        ("[]", "note.yaml"),
        ("", "note.yaml"),
        ("a: &a [*a]", "note.yaml"),
        (GOOD.replace("id: note", "id: other"), "id 应当是 note"),
    ],
)
def test_a_mistake_in_a_template_is_said_with_its_place(wrong: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EngineInputError) as caught:
        load(tmp_path, wrong)
    assert said in caught.value.message


def test_a_good_template_loads(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD)["note"].name == "便函"
