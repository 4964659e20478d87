"""A list narrows, sorts, pages, goes into Excel and onto paper; ten thousand rows cost as many statements as three."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from dudao.accounts.models import Person
from dudao.shell.lists import CELL, Bulk, Chip, Column, Filter, ListPage, write_cell

COUNTY = "640199"
Ask = Callable[..., HttpResponseBase]

PAGE = ListPage(
    title="人员[示例]",
    columns=(
        Column("姓名", lambda p: p.name, sort=("sort_key",), head=True),
        Column("电话", lambda p: p.phone, sort=("phone",), css="nowrap"),
        Column("版本", lambda p: p.version, sort=("-version",), css="num"),
        Column("日期", lambda p: date(2024, 9, 12)),
    ),
    order=("sort_key",),
    search=("name", "phone"),
    filters=(
        Filter("kind", "种类", [("a", "有电话"), ("b", "无电话")], lambda v: Q(phone="") if v == "b" else ~Q(phone="")),
    ),
    chips=(Chip("new", "改过的", Q(version__gt=1), "late"),),
    bulk=(Bulk("下达", "/hand-down/", icon="send"),),
)


@pytest.fixture
def ask(db: None, rf: RequestFactory) -> Ask:
    """``ask("sort=0", 30)``: the list over so many people, asked with a query."""

    def answer(query: str = "", count: int = 3, **names: str) -> HttpResponseBase:
        Person.objects.bulk_create(
            Person(
                county=COUNTY,
                name=names.get(f"n{n}", f"示例{n:05}"),
                sort_key=f"{n:05}",
                phone="" if n % 2 else f"0951{n:04}",
                version=1 + n % 3,
            )
            for n in range(count)
        )
        request: Any = rf.get(f"/people/?{query}")
        request.actor, request.htmx = None, False
        return PAGE.respond(request, Person.objects.filter(county=COUNTY), "components/list.html")

    return answer


def text(answer: HttpResponseBase) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def sheet(answer: HttpResponseBase) -> list[list[Any]]:
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_the_page_says_which_part_of_the_whole_it_shows(ask: Ask) -> None:
    page = text(ask("page=2", 60))
    assert "第 26—50 项，共 60 项" in page
    assert "示例00025" in page and "示例00050" not in page


def test_a_page_that_does_not_exist_shows_the_last_one_and_a_size_is_one_of_three(ask: Ask) -> None:
    assert "第 26—30 项，共 30 项" in text(ask("page=999&size=7", 30))


def test_sorting_turns_round_at_the_second_click_and_an_unknown_column_changes_nothing(ask: Ask) -> None:
    page = text(ask("sort=-0"))
    assert page.index("示例00002") < page.index("示例00000")
    assert 'aria-sort="descending"' in page
    page = text(ask("sort=17"))
    assert page.index("示例00000") < page.index("示例00002")


def test_search_filter_and_chip_narrow_together_and_the_page_says_so(ask: Ask) -> None:
    page = text(ask("q=示例&kind=a&chip=new", 12))
    assert "含“示例”，种类：有电话，改过的" in page
    assert "共 4 项" in page


def test_chips_count_the_whole_list_whatever_is_chosen(ask: Ask) -> None:
    page = text(ask("kind=b", 12))
    assert '改过的 <b class="dd-n late">8</b>' in page
    assert '全部 <b class="dd-n">12</b>' in page


def test_nothing_found_is_told_from_nothing_there(ask: Ask) -> None:
    assert "还没有内容" in text(ask("", 0))
    assert "没有符合条件的" in text(ask("q=没有这个人"))


def test_what_was_searched_for_stands_in_the_page_as_text_only(ask: Ask) -> None:
    page = text(ask("q=%22><script>alert(1)</script>%00"))
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_excel_holds_the_whole_filtered_list_with_its_title_and_filter(ask: Ask) -> None:
    rows = sheet(ask("export=xlsx&chip=new", 300))
    assert rows[0][0] == "人员[示例]"
    assert "筛选：改过的" in rows[1][0]
    assert rows[2][:3] == ["姓名", "电话", "版本"]
    assert len(rows) == 3 + 200
    assert rows[3][2] == 2 and rows[3][3] == date(2024, 9, 12)


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "http://evil.example/", "{=1}"])
def test_a_name_never_becomes_a_formula_or_a_link(ask: Ask, name: str) -> None:
    answer = ask("export=xlsx", 1, n0=name)
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[3][0] == name
    assert b"<f>" not in data and b"hyperlink" not in data


def test_a_text_longer_than_a_cell_is_cut_with_a_mark_not_dropped() -> None:
    written: list[str] = []

    class Sheet:
        def write_string(self, row: int, at: int, words: str, look: object) -> None:
            written.append(words)

    write_cell(Sheet(), 0, 0, "长" * (CELL + 5))
    assert len(written[0]) == CELL and written[0].endswith("…")


def test_print_shows_all_rows_up_to_the_limit_and_says_what_is_left(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dudao.shell.lists.PRINT_LIMIT", 40)
    page = text(ask("print=1", 60))
    assert page.count('<th scope="row"') == 40
    assert "只印前 40 项，其余请导出 Excel" in page


@pytest.mark.parametrize("count", [3, 10_000])
def test_statements_do_not_grow_with_the_rows(ask: Ask, count: int) -> None:
    ask("", count)
    with CaptureQueriesContext(
        connection,
    ) as statements:
        ask("q=示例&sort=1&size=100", 0)
    assert len(statements) <= 5  # rows, count, total, and one for each of the two chips
