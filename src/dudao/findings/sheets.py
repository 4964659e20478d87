"""The 整改台账 as Excel: the office's own columns, with lines, ready to print on A3."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from django.http import FileResponse

from dudao.findings.counting import Kept, Mechanism, Share, Stay
from dudao.findings.lists import SHEET, sheet_value
from dudao.shell.lists import BOOK, write_cell
from dudao.shell.sheets import Sheet
from dudao.shell.templatetags.parts import fullday

TITLE = "教育督导问题整改台账"
_A3 = 8


def ledger(rows: Iterable[Any], said: Sequence[str], *, office: str, today: date) -> FileResponse:
    """The table; ``rows`` went through ``queries.filled_for_sheet``. Nothing typed by a person becomes a formula."""
    made, last = io.BytesIO(), len(SHEET) - 1
    with xlsxwriter.Workbook(made, BOOK) as book:
        sheet = book.add_worksheet("整改台账")
        title = book.add_format({"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"})
        head = book.add_format(
            {
                "bold": True,
                "border": 1,
                "align": "center",
                "valign": "vcenter",
                "text_wrap": True,
                "bg_color": "#E9EEF5",
            }
        )
        cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        day = book.add_format({"border": 1, "valign": "top", "align": "left", "num_format": "yyyy-mm-dd"})
        sheet.merge_range(0, 0, 0, last, "", title)
        sheet.write_string(0, 0, TITLE, title)
        sheet.set_row(0, 32)
        sheet.write_string(1, 0, f"填报单位：{office}　{fullday(today)}导出　筛选：{'，'.join(said) or '全部'}")
        for at, (label, width, _) in enumerate(SHEET):
            sheet.write_string(2, at, label, head)
            sheet.set_column(at, at, width)
        number = 2
        for number, row in enumerate(rows, 3):
            for at, (_, _, name) in enumerate(SHEET):
                value = sheet_value(row, name, today)
                write_cell(sheet, number, at, value, day if isinstance(value, date) else cell)
        sheet.freeze_panes(3, 2)
        sheet.autofilter(2, 0, max(number, 3), last)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.set_paper(_A3)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L" + TITLE + "&R第 &P 页，共 &N 页")
    made.seek(0)
    return FileResponse(made, as_attachment=True, filename=f"整改台账_{today:%Y%m%d}.xlsx")


def statistics(
    mechanisms: Sequence[Mechanism],
    groups: Sequence[tuple[str, str, Sequence[Share]]],
    stays: Sequence[Stay],
    kept: Kept,
) -> list[Sheet]:
    """The statistics page as sheets."""
    heads = ("问题数", "未销号", "其中逾期", "已销号")
    return [
        ("八项机制", ("机制", "本期", "单位", "在办", "说明"), [(m.name, m.done, m.unit, m.running, m.note) for m in mechanisms]),
        *((title, (title[1:], *heads), [(s.label, s.count, s.is_open, s.late, s.closed) for s in shares])
          for title, _, shares in groups),
        ("各状态天数", ("状态", "已走完", "中位数", "九成不超过", "最长", "仍在此状态", "其中最长"), [
            (s.name, len(s.days), None if s.median is None else float(s.median), s.p90, s.most, len(s.now),
             s.running[0] if s.running else None)
            for s in stays
        ]),
        ("按期报送", ("按期", "逾期", "分母", "未到期", "另定期限"), [(kept.in_time, kept.late, kept.base, kept.ahead, kept.moved)]),
    ]  # fmt: skip
