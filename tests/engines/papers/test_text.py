"""Structured text loses no character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.papers.text import Paragraph, Table, parse, render, table

LINES = st.text(alphabet=st.sampled_from("一二、（）(1)2.．| -\\n\r\t：《〔】甲乙"), max_size=12)


@given(st.one_of(st.text(), st.lists(LINES).map("\n".join)))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    blocks = parse(text)
    assert render(blocks) == text
    assert parse(render(blocks)) == blocks


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_cells_come_back_from_a_table(rows: list[list[str]]) -> None:
    width = max(map(len, rows))
    whole = [[*row, *[""] * (width - len(row))] for row in rows]
    made = table(whole, head=["项目"] * width)
    assert parse(render([made])) == (made,)
    assert made.head == ("项目",) * width
    assert made.rows == tuple(map(tuple, whole))


@pytest.mark.parametrize(
    ("line", "level", "mark"),
    [
        ("一、总体要求", 1, "一、"),
        ("十二、附则", 1, "十二、"),
        ("（一）课程管理。", 2, "（一）"),
        ("1.核对台账", 3, "1."),
        ("　　（2）补课时", 4, "（2）"),
        ("2024年春季学期", 0, ""),
        ("3.5万元", 0, ""),
        ("一是加强领导", 0, ""),
    ],
)
def test_the_head_of_a_line_makes_its_level(line: str, level: int, mark: str) -> None:
    assert parse(line) == (Paragraph(line, level, mark),)


@given(st.lists(st.lists(st.text(st.sampled_from("-| \\")), min_size=1, max_size=3), min_size=1, max_size=4))
def test_dashes_in_a_table_do_not_make_a_head(rows: list[list[str]]) -> None:
    made = table(rows)
    assert parse(render([made])) == (made,)
    assert (made.head, made.rows) == ((), tuple(map(tuple, rows)))


def test_a_table_without_a_ruled_head_has_rows_only() -> None:
    (made,) = parse("| 受送达单位 | 示例小学 |\n| 文书 | 意见书 |")
    assert isinstance(made, Table)
    assert made.head == ()
    assert made.rows == (("受送达单位", "示例小学"), ("文书", "意见书"))
