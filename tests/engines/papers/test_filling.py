"""Filling takes what is given, leaves open what is not, and invents nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import templates
from dudao_engines.papers.filling import fill, numeral, still_open
from dudao_engines.papers.making import make
from dudao_engines.papers.templates import Template
from dudao_engines.papers.text import Table, parse
from tests.engines.papers.conftest import ROOT, data_of


def test_every_paper_fills_from_its_data_with_nothing_missing(kind: str, library: dict[str, Template]) -> None:
    made = make(library[kind], data_of(kind))
    assert made.missing == ()
    assert still_open(made.document.title + made.document.to + made.document.body) == ()
    assert "{{" not in made.document.title + made.document.body


def test_what_is_required_and_not_given_stays_open_and_is_named(kind: str, library: dict[str, Template]) -> None:
    filled = fill(library[kind], {})
    wanted = {one.name for one in library[kind].fields if one.required}
    assert set(filled.missing) == wanted
    assert set(still_open("\n".join((filled.title, filled.to, filled.body)))) == wanted


def test_findings_come_one_by_one_with_their_basis_and_limit(library: dict[str, Template]) -> None:
    lines = fill(library["opinion"], data_of("opinion")).body.split("\n")
    assert "（一）五年级二班2月26日至3月8日两节体育课被用于上数学课，未安排补课。" in lines
    assert "（三）课后服务收费公示栏未标明投诉电话。" in lines
    assert sum(line.startswith("依据：") for line in lines) == 2
    assert "2.清点库存，补齐台账，落实双人双锁（2024年4月19日前完成）。" in lines


def test_a_row_without_its_limit_is_missing_it(library: dict[str, Template]) -> None:
    data = data_of("opinion")
    del data["问题"][1]["整改期限"]
    filled = fill(library["opinion"], data)
    assert filled.missing == ("存在问题·整改期限",)
    assert "2.清点库存，补齐台账，落实双人双锁（【待填：整改期限】前完成）。" in filled.body


def test_headings_are_numbered_anew_when_one_is_left_out(library: dict[str, Template]) -> None:
    data = data_of("inspection-notice")
    assert "五、有关要求" in fill(library["inspection-notice"], data).body
    del data["督导内容"]
    body = fill(library["inspection-notice"], data).body
    assert body.split("\n")[1] == "一、督导时间和方式"
    assert "四、有关要求" in body


def test_days_are_written_without_leading_zero(library: dict[str, Template]) -> None:
    for given_day in ("2024-05-06", date(2024, 5, 6), "2024年5月6日"):
        body = fill(library["supervision-order"], data_of("supervision-order") | {"办结期限": given_day}).body
        assert "请于2024年5月6日前办结" in body


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_value_becomes_a_field_or_a_row(words: str) -> None:
    template = Template.model_validate(
        {
            "id": "x", "name": "x", "form": "plain", "evidence": "DESIGN", "title": "{{甲}}",
            "fields": [{"key": "甲", "evidence": "DESIGN"}, {"key": "乙", "kind": "lines", "evidence": "DESIGN"}],
            "body": "| 名 | {{甲}} |\n| 实 | {{乙}} |",
        }
    )  # fmt: skip
    filled = fill(template, {"甲": words, "乙": words})
    (table,) = parse(filled.body)
    assert isinstance(table, Table)
    assert [len(row) for row in table.rows] == [2, 2]
    kept = "\n".join(line.strip() for line in words.splitlines() if line.strip())
    assert filled.missing == (("甲", "乙") if not kept else ())
    if kept:
        assert table.rows[1][1] == kept


OPINION = templates.load(ROOT / "library/papers")["opinion"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["问题描述", "依据", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["被督导单位", "督导事项", "问题", "建议", "附件", "标题", "正文"]), ANYTHING))
def test_values_of_any_shape_are_read_as_words(data: dict[str, object]) -> None:
    template = OPINION
    assert isinstance(make(template, data).document.body, str)


def test_names_that_no_template_has_are_refused(library: dict[str, Template]) -> None:
    with pytest.raises(EngineInputError) as caught:
        make(library["opinion"], {"被督导单位": "示例小学", "督导市项": "x"})
    assert "督导市项" in caught.value.message
    with pytest.raises(EngineInputError) as caught:
        make(library["opinion"], {"成文日期": "三月"})
    assert caught.value.code == "papers.bad_day"


@pytest.mark.parametrize(
    ("count", "words"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九"), (100, "100")]
)
def test_numerals(count: int, words: str) -> None:
    assert numeral(count) == words
