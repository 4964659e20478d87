"""Who has not answered, as an Excel file."""

import io
from collections.abc import Iterable
from datetime import date

import xlsxwriter

from dudao.messages.models import Message, Recipient


def waiting_table(*, message: Message, recipients: Iterable[Recipient], day: date) -> bytes:
    """An .xlsx of the recipients who have not done what the message asks.

    Args:
        message: gives the title.
        recipients: those to be listed, with ``was_read``.
        day: printed as the day of the list.
    """
    made = io.BytesIO()
    # Text stays text: nothing typed by a person becomes a formula or a link.
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("未办理名单")
        sheet.write_string(0, 0, message.title, book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, f"截至 {day.year}年{day.month}月{day.day}日")
        bold = book.add_format({"bold": True, "bottom": 1})
        for at, head in enumerate(("序号", "单位或人员", "说明", "是否已读")):
            sheet.write_string(2, at, head, bold)
        number = 0
        for number, recipient in enumerate(recipients, 1):
            sheet.write_number(2 + number, 0, number)
            sheet.write_string(2 + number, 1, recipient.name)
            sheet.write_string(2 + number, 2, recipient.note)
            sheet.write_string(2 + number, 3, "已读" if recipient.was_read else "未读")  # type: ignore[attr-defined]
        sheet.autofit(400)
        sheet.freeze_panes(3, 0)
        sheet.autofilter(2, 0, 2 + number, 3)
        sheet.set_paper(9)
        sheet.repeat_rows(2)
        sheet.fit_to_pages(1, 0)
    return made.getvalue()
