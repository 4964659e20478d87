"""Tables as Excel: plain sheets of heads and lines, ready to print."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import xlsxwriter
from django.http import FileResponse

from dudao.shell.lists import BOOK, Value, write_cell
from dudao.shell.templatetags.parts import fullday

#: Name, heads, lines.
Sheet = tuple[str, Sequence[str], Sequence[Sequence[Value]]]
_NOT_IN_SHEETS = str.maketrans(dict.fromkeys("[]:*?/\\", "·"))


def table(title: str, parts: Sequence[Sheet], *, said: str, today: date) -> FileResponse:
    """A workbook of one sheet for each part; ``said`` stands under the title: filters, source."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, BOOK) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        big = book.add_format({"bold": True, "font_size": 14})
        for name, heads, lines in parts:
            sheet = book.add_worksheet(name.translate(_NOT_IN_SHEETS)[:31])
            sheet.write_string(0, 0, title, big)
            sheet.write_string(1, 0, f"{fullday(today)}导出{f' · {said}' if said else ''}")
            for at, head in enumerate(heads):
                sheet.write_string(2, at, head, bold)
            for number, line in enumerate(lines, 3):
                for at, value in enumerate(line):
                    write_cell(sheet, number, at, value)
            sheet.autofit(400)
            sheet.freeze_panes(3, 1)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
    made.seek(0)
    return FileResponse(made, as_attachment=True, filename=f"{title}_{today:%Y%m%d}.xlsx")


def number(text: str) -> Value:
    """A shown figure as a number for Excel; as text where it is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text or None
    return value if value.is_finite() else text
