"""The tables of a report as Excel in the forms' decimals, and the package that is handed up."""

import io
import json
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import xlsxwriter

from dudao.recognition.reporting import heads
from dudao.shell.lists import BOOK, write_cell
from dudao_engines.kernel.digests import sha256_hex, sm3_hex
from dudao_engines.standards.reports import Cell, Figure, Grid, Rendered, words_of

_EPOCH = (2000, 1, 1, 0, 0, 0)
_NAME = 28  # Of a sheet; Excel takes 31 characters.


def workbook(found: Rendered) -> bytes:
    """Every table of a report, one a sheet: numbers as numbers with the form's decimals, what is missing as words."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, BOOK) as book:
        looks = _Looks(book)
        for grid in found.grids:
            _write(book.add_worksheet(_sheet_name(grid, book)), grid, looks)
        _figures(book.add_worksheet("数据来源"), found, looks)
    return out.getvalue()


class _Looks:
    def __init__(self, book: Any) -> None:
        self._book = book
        line = {"border": 1, "valign": "vcenter", "align": "center", "text_wrap": True}
        self.head = book.add_format({**line, "bold": True})
        self.words = book.add_format({**line, "align": "left"})
        self.middle = book.add_format(line)
        self.title = book.add_format({"bold": True, "font_size": 14})
        self._line = line
        self._numbers: dict[int, Any] = {}

    def number(self, decimals: int) -> Any:
        if decimals not in self._numbers:
            form = "0" if not decimals else f"0.{'0' * decimals}"
            self._numbers[decimals] = self._book.add_format({**self._line, "num_format": form})
        return self._numbers[decimals]


def _sheet_name(grid: Grid, book: Any) -> str:
    """The table's number, else the beginning of its title; each once."""
    first = grid.title.split(" ")[0] if grid.title.startswith("表") else grid.title
    name = "".join(sign for sign in first if sign not in "[]:*?/\\（）")[:_NAME]
    taken = {sheet.get_name() for sheet in book.worksheets()}
    return name if name not in taken else f"{name[: _NAME - 2]}{len(taken)}"


def _write(sheet: Any, grid: Grid, looks: _Looks) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    write_cell(sheet, 0, 0, grid.title, looks.title)
    row = 1
    for line in grid.above:
        write_cell(sheet, row, 0, line.words)
        row += 1
    top = row
    busy: set[tuple[int, int]] = set()
    for at, head in enumerate(heads(grid.columns)):
        column = 0
        for one in head:
            while (at, column) in busy:
                column += 1
            if one.across > 1 or one.down > 1:
                last = row + one.down - 1
                sheet.merge_range(row, column, last, column + one.across - 1, one.words, looks.head)
                busy |= {(at + n, column + m) for n in range(one.down) for m in range(one.across)}
            else:
                write_cell(sheet, row, column, one.words, looks.head)
            column += one.across
        row += 1
    sheet.freeze_panes(row, 0)
    sheet.repeat_rows(top, row - 1)
    for cells in grid.rows:
        if len(cells) == 1 and len(grid.columns) > 1:
            sheet.merge_range(row, 0, row, len(grid.columns) - 1, words_of(cells[0]), looks.head)
        else:
            for column, cell in enumerate(cells):
                _cell(sheet, row, column, cell, looks)
        row += 1
    if grid.note:
        write_cell(sheet, row, 0, grid.note)
    for place, named in enumerate(grid.columns):
        sheet.set_column(place, place, max(8, (named.width or 6) * 2))


def _cell(sheet: Any, row: int, column: int, cell: Cell, looks: _Looks) -> None:
    """A number that is known as a number; everything else as it is printed."""
    only = cell[0] if len(cell) == 1 else None
    if isinstance(only, Figure) and only.is_number and only.state == "known" and only.shown:
        try:
            write_cell(sheet, row, column, Decimal(only.shown), looks.number(only.decimals or 0))
            return
        except ArithmeticError:
            pass
    words = words_of(cell)
    write_cell(sheet, row, column, words, looks.words if len(words) > 12 else looks.middle)


def _figures(sheet: Any, found: Rendered, looks: _Looks) -> None:
    """Every number of the report with its formula and its exact value."""
    names = ("序号", "位置", "指标", "单位", "学段", "公式", "精确值", "报告所印", "情况", "原因")
    write_cell(sheet, 0, 0, f"每个数的来历（快照 SHA-256 {found.digest}）", looks.title)
    for at, name in enumerate(names):
        write_cell(sheet, 1, at, name, looks.head)
    states = {"known": "", "trial": "试算", "missing": "缺数据", "unchecked": "规则未核实"}
    for row, one in enumerate(found.figures, 2):
        said: tuple[str | int, ...] = (
            *(one.no, one.place, "、".join(one.items), one.name or one.unit, one.stage),
            *(one.says, one.value, one.shown, states[one.state], one.reason),
        )
        for at, words in enumerate(said):
            write_cell(sheet, row, at, words)
    for at, width in enumerate((6, 16, 16, 20, 8, 50, 24, 14, 10, 40)):
        sheet.set_column(at, at, width)


def package(parts: Mapping[str, bytes], *, title: str, facts: Mapping[str, str]) -> bytes:
    """A zip of files under numbered names, with a list of them and their digests; the same parts give the same list."""
    listed = [
        {"序号": at, "文件": name, "字节": len(data), "SHA-256": sha256_hex(data), "SM3": sm3_hex(data)}
        for at, (name, data) in enumerate(parts.items(), 1)
    ]
    lines = [title, *(f"{name}：{words}" for name, words in facts.items()), "", "目录"]
    for one in listed:
        lines += [
            f"{one['序号']}. {one['文件']}（{one['字节']} 字节）",
            f"   SHA-256 {one['SHA-256']}",
            f"   SM3 {one['SM3']}",
        ]
    whole = {
        "目录.txt": ("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8"),
        "目录.json": json.dumps({**facts, "文件": listed}, ensure_ascii=False, indent=1).encode("utf-8"),
        **parts,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in whole.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = 0o600 << 16
            file.writestr(info, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
