"""Tables of units, out and in: what Excel and WPS show, and what comes back from them. No database here."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter

from dudao.shell.errors import Refused
from dudao.shell.tables import first_sheet

# Header, width, hint for the template. Codes are text cells, because Excel drops zeros and rounds long numbers.
COLUMNS = (
    ("标识码", 14, "10位，文本；没有的用统一社会信用代码或自编码"),
    ("名称", 34, "全称"),
    ("简称", 16, ""),
    ("类别", 12, "督导机构、督委会、教育行政部门、科室、成员单位、乡镇场街道、村（社区）、学校、幼儿园、上级督导机构"),
    ("学段", 16, "学前、小学、初中、普通高中、中职、特殊教育；多个用顿号隔开"),
    ("举办者", 16, ""),
    ("民办", 6, "是或否"),
    ("普惠", 6, "是或否，只用于幼儿园"),
    ("区划代码", 14, "6、9或12位"),
    ("上级单位标识码", 16, ""),
)
HEADERS = tuple(header for header, _, _ in COLUMNS)
REQUIRED = ("标识码", "名称", "类别")
LIMIT_BYTES = 5 * 1024 * 1024
LIMIT_UNPACKED = 100 * 1024 * 1024
LIMIT_ROWS = 2000
# From here on a number in a cell has lost digits before we see it (IEEE 754: 2**53 has 16 digits).
EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Row:
    """One row as text, with its number in the sheet, and what could not be read."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""


def read(content: bytes) -> list[Row]:
    """The rows of the first sheet of an .xlsx, .xls, .et or .ods file; empty rows are left out.

    Raises:
        Refused: ``table.empty``, ``table.too_large``, ``table.unreadable``, ``table.header``, ``table.too_long``.
    """
    if not content:
        raise Refused("文件是空的。", code="table.empty", field="table")
    if len(content) > LIMIT_BYTES:
        raise Refused("文件超过 5 MB，请分开导入。", code="table.too_large", field="table")
    sheet = first_sheet(content, unpacked=LIMIT_UNPACKED, too_large="table.too_large", unreadable="table.unreadable")
    start = next((i for i, line in enumerate(sheet) if {_text(c)[0] for c in line} >= set(REQUIRED)), None)
    if start is None:
        raise Refused(
            f"第一张表里没有找到表头（{'、'.join(REQUIRED)}）。请用模板填写。", code="table.header", field="table"
        )
    heads = [_text(cell)[0] for cell in sheet[start]]
    rows = []
    for number, line in enumerate(sheet[start + 1 :], start=start + 2):
        cells, faults = {}, []
        for head, cell in zip(heads, line, strict=False):
            if head in HEADERS:
                cells[head], exact = _text(cell)
                if not exact:
                    faults.append(f"“{head}”是数字格式，位数已丢失，请改为文本格式重填。")
        if any(cells.values()):
            rows.append(Row(number, cells, "".join(faults)))
    if len(rows) > LIMIT_ROWS:
        raise Refused(f"一次最多导入 {LIMIT_ROWS} 行，请分开导入。", code="table.too_long", field="table")
    return rows


def _text(cell: object) -> tuple[str, bool]:
    """A cell as text, and whether nothing was lost. Excel's numbers are floats: 640122.0 means 640122."""
    if isinstance(cell, bool):
        return ("是" if cell else "否"), True
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)), abs(cell) < 10**EXACT_DIGITS
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10], True
    return str(cell).strip(), True


def write(rows: Iterable[Mapping[str, str]], *, title: str) -> bytes:
    """An .xlsx of units with the columns that ``read`` takes; without rows it is the template."""
    memory = io.BytesIO()
    # Nothing typed by people is ever taken for a formula or a link.
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    head = book.add_format({"bold": True, "bg_color": "#EEF3FB", "border": 1, "text_wrap": True})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("单位")
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&C{title}")
    for column, (header, width, _) in enumerate(COLUMNS):
        sheet.set_column(column, column, width, text)
        sheet.write_string(0, column, header, head)
    for number, row in enumerate(rows, start=1):
        for column, header in enumerate(HEADERS):
            sheet.write_string(number, column, row.get(header, ""), text)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 18)
    notes.set_column(1, 1, 90)
    for number, (header, _, hint) in enumerate(COLUMNS):
        notes.write_string(number, 0, header + ("（必填）" if header in REQUIRED else ""), head)
        notes.write_string(number, 1, hint)
    book.close()
    return memory.getvalue()
