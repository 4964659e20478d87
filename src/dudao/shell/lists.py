"""The one list of the house: filter, search, sort, paging, Excel and print, all plain links and forms.

A page declares columns, filters and chips once and calls :meth:`ListPage.respond`. However long the list is, a page takes
one statement for the rows, one for the count and one for the chips.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter
from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, Q, QuerySet
from django.db.models import Value as Literal
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from dudao.shell import clock
from dudao.shell.http import Request
from dudao.shell.templatetags.parts import dash, fullday

SIZES = (25, 50, 100)
# More rows than this are for Excel, not for paper.
PRINT_LIMIT = 2000
# Rows of an export that are read at once.
CHUNK = 500

# As many characters as a cell of Excel holds.
CELL = 32_767
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")

# How every book is made: text stays text, nothing typed by a person becomes a formula or a link.
BOOK = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}

ONE = Literal(1)
Value = str | int | float | Decimal | date | datetime | None


def write_cell(sheet: Any, row: int, at: int, value: Value, look: Any = None) -> None:
    """One cell: numbers and days as such, everything else as text, never as a formula or a link; ``look`` is its format."""
    if value is None or value == "":
        if look is not None:
            sheet.write_blank(row, at, None, look)
        return
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, datetime):
        value = f"{value.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        sheet.write_datetime(row, at, datetime.combine(value, time()), look)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, at, value, look)
    else:
        # A cell holds 32 767 characters; more would be left out without a word.
        text = str(value)
        sheet.write_string(row, at, text if len(text) <= CELL else f"{text[: CELL - 1]}…", look)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        label: its head.
        value: what it says of a row; goes into Excel as it is, and on the page where there is no cell.
        sort: the fields that order by it, or none.
        show: how it looks on the page, where that is not its value; a few words made by ``format_html``.
        cell: the same as a template, for more than that; gets ``row``.
        css: classes of the cell: ``num``, ``nowrap``, ``hide`` (left out on phones), ``full`` (a line of its own there).
        head: the column that names the row.
    """

    label: str
    value: Callable[[Any], Value]
    sort: tuple[str, ...] = ()
    show: Callable[[Any], str] | None = None
    cell: str = ""
    css: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A select over the list; ``choices`` are (value, label), ``where`` makes the condition of a chosen value.

    ``more``: folded away until it is asked for or chosen. Without choices it is not shown at all.
    """

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    where: Callable[[str], Q]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A saved filter with its count; ``tone`` colours the count: late or soon."""

    name: str
    label: str
    where: Q
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done with the ticked rows: a page that takes their keys as ``name``."""

    label: str
    address: str
    icon: str


@dataclass(slots=True)
class ListPage:
    """A list: what it is called, its columns, and how it can be narrowed.

    Attributes:
        title: also the name of the Excel file and the head of the print.
        search: fields looked through for a part of a word; ``seek`` makes one more condition of the words, where fields of
            the row are not enough.
        name: the query name of ticked rows, where there are bulk acts.
        fill: what is read for the rows of one page at once, counts say, set on them as attributes; so that a long list counts
            only what it shows.
        wide: more columns than a screen holds: the table scrolls sideways in its own region, its head does not stick.
    """

    title: str
    columns: Sequence[Column]
    order: tuple[str, ...]
    search: tuple[str, ...] = ()
    seek: Callable[[str], Q] | None = None
    search_label: str = "查找"
    filters: Sequence[Filter] = ()
    chips: Sequence[Chip] = ()
    bulk: Sequence[Bulk] = ()
    name: str = "key"
    fill: Callable[[list[Any]], object] | None = None
    wide: bool = False
    empty: dict[str, str] = field(default_factory=dict)

    def respond(
        self, request: Request, rows: QuerySet[Any], template: str, context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The page, or with ``?export=xlsx`` the whole filtered list as Excel, or with ``?print=1`` as one long page."""
        narrowed, said = self.narrow(request, rows)
        ordered, sort = self.ordered(request, narrowed)
        if request.GET.get("export") == "xlsx":
            return self.excel(self.filled(ordered), said)
        counts: dict[str, int] = {}
        if self.chips:
            # Ones are counted rather than keys, so that an index without the key is enough.
            each = {chip.name: Count(ONE, filter=chip.where) for chip in self.chips}
            counts = rows.order_by().aggregate(total_=Count(ONE), **each)
        pages = Paginator(ordered, self.size(request))
        if counts and not said:
            # Where nothing narrows the list, how many there are is known already.
            pages.count = counts["total_"]
        page = pages.get_page(request.GET.get("page"))
        page.object_list = list(page.object_list)
        if self.fill:
            self.fill(page.object_list)
        return render(request, template, {**(context or {}), **self.shown(request, page, counts, said, sort)})

    def filled(self, rows: QuerySet[Any]) -> Iterator[Any]:
        """All rows, some at a time."""
        found = rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            if self.fill:
                self.fill(chunk)
            yield from chunk

    def shown(
        self, request: Request, page: Page[Any], counts: Mapping[str, int], said: list[str], sort: str
    ) -> dict[str, Any]:
        """What ``components/list.html`` needs."""
        return {
            "list": self,
            "page": page,
            "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
            "printing": request.GET.get("print") == "1",
            "loose": request.GET.get("rows") == "loose",
            "said": said,
            "sort": sort,
            "sizes": SIZES,
            "size": page.paginator.per_page,
            "printed_at": clock.now(),
            "total": counts.get("total_"),
            "chips": [(chip, counts[chip.name]) for chip in self.chips],
            "rows": [self._row(row) for row in page.object_list],
            "heads": [self._head(index, column, sort) for index, column in enumerate(self.columns)],
            "shown_filters": [f for f in self.filters if f.choices and not f.more],
            "more_filters": [f for f in self.filters if f.choices and f.more],
            "is_more": any(request.GET.get(f.name) for f in self.filters if f.more),
            "chosen": {f.name: request.GET.get(f.name, "") for f in self.filters},
        }

    def asked(self, request: Request) -> Column | None:
        """The column by which the list is to be ordered, where one was asked for."""
        index = request.GET.get("sort", "").removeprefix("-")
        column = self.columns[int(index)] if index.isdecimal() and int(index) < len(self.columns) else None
        return column if column and column.sort else None

    def narrow(self, request: Request, rows: QuerySet[Any]) -> tuple[QuerySet[Any], list[str]]:
        """Apply search, filters and chip; say in words what was applied."""
        said = []
        if words := request.GET.get("q", "").replace("\0", "").strip():
            found = self.seek(words) if self.seek else Q()
            for name in self.search:
                found |= Q(**{f"{name}__icontains": words})
            rows, said = rows.filter(found), [f"含“{words}”"]
        for one in self.filters:
            value = request.GET.get(one.name, "")
            label = dict(one.choices).get(value)
            if value and label:
                rows = rows.filter(one.where(value))
                said.append(f"{one.label}：{label}")
        for chip in self.chips:
            if request.GET.get("chip") == chip.name:
                rows = rows.filter(chip.where)
                said.append(chip.label)
        return rows, said

    def ordered(self, request: Request, rows: QuerySet[Any]) -> tuple[QuerySet[Any], str]:
        """Order by the asked column (``-`` for downwards), else as the list does; the key decides last."""
        asked = request.GET.get("sort", "")
        fields = self.order
        if column := self.asked(request):
            turn = asked.startswith("-")
            fields = tuple(
                f.removeprefix("-") if turn and f.startswith("-") else f"-{f}" if turn else f for f in column.sort
            )
        else:
            asked = ""
        return rows.order_by(*fields, "pk"), asked

    @staticmethod
    def size(request: Request) -> int:
        if request.GET.get("print") == "1":
            return PRINT_LIMIT
        asked = request.GET.get("size", "")
        return int(asked) if asked.isdecimal() and int(asked) in SIZES else SIZES[0]

    @staticmethod
    def _head(number: int, column: Column, sort: str) -> dict[str, Any]:
        index = str(number)
        way = "ascending" if sort == index else "descending" if sort == f"-{index}" else ""
        return {"column": column, "to": f"-{index}" if way == "ascending" else index, "way": way}

    def _row(self, row: Model) -> dict[str, Any]:
        """A row with its cells: whole where they are plain, only the column where a template shows them."""
        cells = [(column, "" if column.cell else self._cell(column, row)) for column in self.columns]
        # What a box is called: the row's own words, else its head.
        named = str(row)
        if type(row).__str__ is Model.__str__:
            named = str(next((column.value(row) for column in self.columns if column.head), row.pk))
        return {"row": row, "cells": cells, "named": named}

    @staticmethod
    def _cell(column: Column, row: Model) -> SafeString:
        said = column.show(row) if column.show else dash(column.value(row))
        if column.head:
            return SafeString(f'<th scope="row" class="full {column.css}">{conditional_escape(said)}</th>')
        # On phones, where a row is a card without heads, a bare value says what it is, and nothing is left out.
        label = "" if isinstance(said, SafeString) else f' data-l="{column.label}"'
        css = f"{column.css} hide".strip() if said == "—" else column.css
        return SafeString(f'<td class="{css}"{label}>{conditional_escape(said)}</td>')

    def excel(self, rows: Iterable[Any], said: list[str]) -> FileResponse:
        """The whole filtered list. Text stays text: nothing typed by a person becomes a formula or a link."""
        made = io.BytesIO()
        with xlsxwriter.Workbook(made, BOOK) as book:
            sheet = book.add_worksheet(_NOT_IN_NAMES.sub("·", self.title)[:31])
            bold = book.add_format({"bold": True, "bottom": 1})
            sheet.write_string(0, 0, self.title, book.add_format({"bold": True, "font_size": 14}))
            filters = "；".join(said) or "全部"
            sheet.write_string(1, 0, f"{fullday(clock.today())}导出 · 筛选：{filters}")
            for at, column in enumerate(self.columns):
                sheet.write_string(2, at, column.label, bold)
            number = 0
            for number, row in enumerate(rows, 1):
                for at, column in enumerate(self.columns):
                    write_cell(sheet, 2 + number, at, column.value(row))
            sheet.autofit(400)
            sheet.freeze_panes(3, 0)
            sheet.autofilter(2, 0, 2 + number, len(self.columns) - 1)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.repeat_rows(2)
            sheet.fit_to_pages(1, 0)
        made.seek(0)
        return FileResponse(made, as_attachment=True, filename=f"{self.title}_{clock.today():%Y%m%d}.xlsx")
