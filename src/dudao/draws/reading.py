"""Lists as people bring them: a sheet of code, name, stratum and size. No database here."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import xlsxwriter
from django.core.files.base import File

from dudao.draws.content import Line
from dudao.messages import guard
from dudao.shell.errors import Refused
from dudao.shell.lists import BOOK
from dudao.shell.tables import first_sheet

HEADS = ("代码", "名称", "层", "规模")
REQUIRED = ("代码", "名称")
LIMIT_BYTES = 5 * 1024 * 1024
LIMIT_UNPACKED = 100 * 1024 * 1024
#: From here on a number in a cell has lost digits before we see it (IEEE 754).
_EXACT = 10**15


def read(file: "File[bytes]", *, units: Mapping[str, tuple[str, str]]) -> list[Line]:
    """The lines of the first sheet of an .xlsx, .xls, .et or .ods file; empty rows are left out.

    Args:
        units: key and name of the units of the register by code; a line with such a code belongs to it.

    Raises:
        Refused: ``draws.table``: too large, unreadable, without the heads, or a line that cannot be taken, by its row.
    """
    found = []
    for number, cells in _rows(file, REQUIRED):
        code, name = cells.get("代码", ""), cells.get("名称", "")
        unit, known = units.get(code, ("", ""))
        if not code or not (name or known):
            raise Refused(f"第 {number} 行没有代码或名称。", code="draws.table", field="table")
        if personal := guard.personal_in(f"{code} {name}", names=()):
            raise Refused(
                f"第 {number} 行有{'、'.join(personal)}。名单要公布，不能写学生或家长的身份信息。", code="draws.table", field="table"
            )  # fmt: skip
        if known and name and name != known:
            raise Refused(
                f"第 {number} 行：名册里代码“{code[:40]}”是“{known}”，不是“{name[:40]}”。", code="draws.table", field="table"
            )  # fmt: skip
        size = _size(cells.get("规模", ""), number)
        found.append(Line(code[:40], (name or known)[:100], cells.get("层", "")[:40], size, unit))
    return found


def sizes(file: "File[bytes]") -> dict[str, int]:
    """Sizes by code, of a sheet with the heads 代码 and 规模.

    Raises:
        Refused: ``draws.table``, as ``read``; also one code twice.
    """
    found: dict[str, int] = {}
    for number, cells in _rows(file, ("代码", "规模")):
        code, size = cells.get("代码", ""), _size(cells.get("规模", ""), number)
        if code in found:
            raise Refused(f"第 {number} 行的代码“{code}”前面已经有了。", code="draws.table", field="table")
        if code and size is not None:
            found[code] = size
    return found


def _size(text: str, number: int) -> int | None:
    if not text:
        return None
    try:
        size = int(text)
    except ValueError:
        raise Refused(f"第 {number} 行的规模“{text[:20]}”不是整数。", code="draws.table", field="table") from None
    if not 0 < size < _EXACT:
        raise Refused(f"第 {number} 行的规模是 {text[:20]}，要大于 0。", code="draws.table", field="table")
    return size


def _rows(file: "File[bytes]", wanted: Sequence[str]) -> Iterable[tuple[int, dict[str, str]]]:
    if (file.size or 0) > LIMIT_BYTES:
        raise Refused("文件超过 5 MB。", code="draws.table", field="table")
    content = file.read()
    sheet = first_sheet(content, unpacked=LIMIT_UNPACKED, too_large="draws.table", unreadable="draws.table")
    start = next((at for at, line in enumerate(sheet) if {_text(cell) for cell in line} >= set(wanted)), None)
    if start is None:
        words = f"第一张表里没有找到表头（{'、'.join(wanted)}）。请用模板填写。"
        raise Refused(words, code="draws.table", field="table")
    heads = [_text(cell) for cell in sheet[start]]
    for number, line in enumerate(sheet[start + 1 :], start=start + 2):
        cells = {}
        for head, cell in zip(heads, line, strict=False):
            if head not in HEADS:
                continue
            if isinstance(cell, float) and abs(cell) >= _EXACT:
                raise Refused(
                    f"第 {number} 行的“{head}”是数字格式，位数已丢失，请改为文本格式重填。", code="draws.table", field="table"
                )  # fmt: skip
            cells[head] = _text(cell)
        if any(cells.values()):
            yield number, cells


def _text(cell: object) -> str:
    """A cell as text. Excel's numbers are floats: 2164000001.0 means 2164000001."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def name_of(file: "File[bytes]") -> str:
    return PurePath(file.name or "").name[:100]


def sheet(lines: Iterable[Line]) -> bytes:
    """An .xlsx of a list with the columns that ``read`` takes; without lines it is the template."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, BOOK) as book:
        page, text, bold = (
            book.add_worksheet("名单"),
            book.add_format({"num_format": "@"}),
            book.add_format({"bold": True}),
        )
        for at, (head, width) in enumerate(zip(HEADS, (16, 34, 16, 10), strict=True)):
            page.set_column(at, at, width, None if head == "规模" else text)
            page.write_string(0, at, head, bold)
        for number, one in enumerate(lines, 1):
            for at, value in enumerate((one.key, one.name, one.stratum)):
                page.write_string(number, at, value, text)
            if one.size is not None:
                page.write_number(number, 3, one.size)
        page.freeze_panes(1, 0)
    return made.getvalue()
