"""The year's 任务清单 as Excel: one sheet, grouped like the wall sheet, ready to print on A3."""

import io
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from django.http import FileResponse

from dudao.plan.overviews import Card, Part
from dudao.shell.lists import BOOK, Value, write_cell
from dudao.shell.templatetags.parts import fullday


def how_far(card: Card) -> str:
    """Where the duty stands, with its periods counted."""
    return f"{card.label}（办结 {card.held} / {card.periods} 期）" if card.periods else card.label


def when(card: Card) -> Value:
    """The day, or what the notice says of it."""
    return card.until or card.row.due_words or None


# Head, width in characters, and what stands there.
COLUMNS: tuple[tuple[str, float, Callable[[Card], Value]], ...] = (
    ("编号", 8, lambda card: card.number),
    ("任务", 46, lambda card: card.title),
    ("层级", 9, lambda card: card.level),
    ("牵头", 18, lambda card: card.lead),
    ("责任人", 11, lambda card: card.row.person__name),
    ("配合", 24, lambda card: card.row.cooperating),
    ("完成时限", 13, when),
    ("频次", 13, lambda card: card.rhythm),
    ("佐证要求", 26, lambda card: card.row.proof),
    ("状态", 18, how_far),
)
A3 = 8
LINE_HEIGHT = 15.0


def excel(sections: Sequence[Part], *, year: int, today: date) -> FileResponse:
    """The sheet. Days are days; nothing typed by a person becomes a formula or a link."""
    made = io.BytesIO()
    title, last = f"{year}年度教育督导任务清单", len(COLUMNS) - 1
    total = sum(len(point.cards) for section in sections for point in section.points)
    with xlsxwriter.Workbook(made, BOOK) as book:
        sheet = book.add_worksheet("任务清单")
        looks: dict[str, Any] = {
            "title": book.add_format({"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"}),
            "head": book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#E9EEF5"}),
            "section": book.add_format({"bold": True, "border": 1, "bg_color": "#EEF3FB", "font_size": 12}),
            "point": book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"}),
            "cell": book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"}),
            "day": book.add_format({"border": 1, "valign": "vcenter", "align": "left", "num_format": "yyyy-mm-dd"}),
        }
        sheet.merge_range(0, 0, 0, last, "", looks["title"])
        sheet.write_string(0, 0, title, looks["title"])
        sheet.set_row(0, 32)
        sheet.write_string(1, 0, f"{fullday(today)}导出 · 共 {total} 项")
        for at, (head, width, _) in enumerate(COLUMNS):
            sheet.write_string(2, at, head, looks["head"])
            sheet.set_column(at, at, width)
        line, breaks = 3, []
        for number, section in enumerate(sections):
            if number:
                breaks.append(line)
            line = _banner(sheet, line, last, section.label, looks["section"])
            for point in section.points:
                if point.label:
                    line = _banner(sheet, line, last, point.label, looks["point"])
                for card in point.cards:
                    most = 1
                    for at, (_, width, value) in enumerate(COLUMNS):
                        said = value(card)
                        write_cell(sheet, line, at, said, looks["day" if isinstance(said, date) else "cell"])
                        most = max(most, _lines_of(said, width))
                    if most > 1:
                        # Not every program finds the height of wrapped words by itself when it opens the sheet.
                        sheet.set_row(line, LINE_HEIGHT * most)
                    line += 1
        sheet.freeze_panes(3, 2)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.set_paper(A3)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_h_pagebreaks(breaks)
        sheet.print_area(0, 0, max(line - 1, 2), last)
        sheet.set_footer("&L" + title + "&R第 &P 页，共 &N 页")
    made.seek(0)
    return FileResponse(made, as_attachment=True, filename=f"{title}_{today:%Y%m%d}.xlsx")


def _lines_of(said: Value, width: float) -> int:
    """How many lines the words take in a column of so many characters; a Chinese one is two wide."""
    if not isinstance(said, str):
        return 1
    wide = sum(2 if unicodedata.east_asian_width(mark) in "WFA" else 1 for mark in said)
    return max(1, -int(-wide // (width - 1)))


def _banner(sheet: Any, line: int, last: int, words: str, look: Any) -> int:
    """One row across the sheet; returns the next."""
    sheet.merge_range(line, 0, line, last, "", look)
    sheet.write_string(line, 0, words, look)
    return line + 1
