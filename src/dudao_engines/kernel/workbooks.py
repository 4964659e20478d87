"""Reading tables that people hand in: .xlsx, .xls, .et, .ods and .csv, told apart by their bytes, never by their names.

A book is read whole and as it stands: the values of formulas, never their texts; a cell whose formula came to an error, or was
never computed, is told by its address. What is damaged, locked, or would unfold to gigabytes is refused in words for people.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from dudao_engines.kernel.errors import EngineInputError

#: A cell as it was read; an empty one is "".
Value = str | int | float | bool | date | datetime | time | timedelta
Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: bytes of the file, bytes it unfolds to, cells of a sheet between its first and its last."""

    size: int = 50 * 1024 * 1024
    unpacked: int = 600 * 1024 * 1024
    cells: int = 12_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes:
        name: as on its tab; of a .csv the file's.
        rows: cells from A1 on; rows of a .csv may differ in length.
        merged: ranges as ((row, column), (row, column)), both from 0, the last included.
        is_hidden: not seen by who opens the book.
        faults: by (row, column) from 0, why a cell that looks empty is not: the error its formula came to, or that it was never
            computed. Known for .xlsx only; elsewhere such a cell is empty.
    """

    name: str
    rows: Sequence[Sequence[Value]]
    merged: Merged = ()
    is_hidden: bool = False
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file in their order; those without cells, charts and macros are left out."""

    name: str
    sheets: Sequence[Sheet]


def read(content: bytes, *, name: str = "", limits: Limits | None = None) -> Book:
    """All sheets of a workbook, or the table of a text file (UTF-8, UTF-16 or GB18030; commas, tabs or semicolons).

    Args:
        content: the file.
        name: what it is called, for messages and as the sheet of a .csv.

    Raises:
        EngineInputError: ``workbook.empty``, ``workbook.too_large`` (the file, or what it unfolds to), ``workbook.locked`` (a
            password), ``workbook.damaged``, ``workbook.kind`` (no table: a paper, a picture, a saved web page),
            ``workbook.far`` (content so far out that what lies between would fill the memory).
    """
    limits = limits or Limits()
    if not content.strip(b"\0 \r\n\t"):
        raise EngineInputError("workbook.empty", f"{_of(name)}是空的。")
    if len(content) > limits.size:
        raise EngineInputError("workbook.too_large", f"{_of(name)}超过 {limits.size // 2**20} MB，请分开导入。")
    if content[:4] == b"PK\x03\x04":
        return _packed(content, name, limits)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in content:
            # A new workbook with a password is an old container around it.
            raise _locked(name)
        return Book(name, _calamine(content, name, {}))
    _refuse_other(content, name)
    return Book(name, [_text(content, name)])


def address(row: int, column: int) -> str:
    """The address of a cell, both counted from 0: ``address(8, 2)`` is ``C9``."""
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """The letters of a column counted from 0: 27 is ``AB``."""
    said = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        said = chr(65 + rest) + said
    return said


def place(address: str) -> tuple[int, int]:
    """Row and column from 0 of an address: ``C9`` is (8, 2).

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", address.strip())
    if not found or int(found[2]) < 1:
        raise ValueError(address)
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _of(name: str) -> str:
    return f"文件“{name}”" if name else "文件"


# Workbooks


def _packed(content: bytes, name: str, limits: Limits) -> Book:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {one.filename: one.file_size for one in package.infolist()}
            if sum(parts.values()) > limits.unpacked:
                raise EngineInputError("workbook.too_large", f"{_of(name)}解开后过大，没有读取。")
            if any(part.startswith(("word/", "ppt/")) for part in parts):
                raise EngineInputError("workbook.kind", f"{_of(name)}不是表格，是 Word 或演示文件。")
            faults = _looked_through(package, name, limits) if "xl/workbook.xml" in parts else {}
    except EngineInputError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, RuntimeError):
        raise _damaged(name) from None
    return Book(name, _calamine(content, name, faults))


def _locked(name: str) -> EngineInputError:
    return EngineInputError(
        "workbook.locked", f"{_of(name)}有打开密码，读不出来。请在 Excel 或 WPS 里取消密码，另存后再试。"
    )


def _damaged(name: str) -> EngineInputError:
    return EngineInputError(
        "workbook.damaged", f"{_of(name)}读不出来，可能已损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 后再试。"
    )


def _calamine(content: bytes, name: str, faults: Mapping[str, Mapping[tuple[int, int], str]]) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = []
        for meta in book.sheets_metadata:
            if meta.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            rows = sheet.to_python(skip_empty_area=False)
            if rows or meta.name in faults:
                hidden = meta.visible is not SheetVisibleEnum.Visible
                sheets.append(Sheet(meta.name, rows, sheet.merged_cell_ranges or (), hidden, faults.get(meta.name, {})))
    except PasswordError:
        raise _locked(name) from None
    except (CalamineError, OSError, ValueError, IndexError, KeyError):
        raise _damaged(name) from None
    if not sheets:
        raise EngineInputError("workbook.empty", f"{_of(name)}里没有内容。")
    return sheets


_SHEET = re.compile(rb"<sheet\b[^>]*/?>")
_RELATION = re.compile(rb"<Relationship\b[^>]*/?>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_ADDRESS = re.compile(rb"([A-Z]+)([0-9]+)")
_CHUNK = 1 << 20
_ERROR = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*?\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?(?:<v>([^<]*)</v>)?')
_UNKNOWN = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
_LETTERS = re.compile(rb"[A-Z]+")
_FORMULA = re.compile(rb"<f[ />]")


def _looked_through(package: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, dict[tuple[int, int], str]]:
    """What calamine does not say of an .xlsx: cells with errors or without a computed value, by sheet; and whether a lone cell
    lies so far out that all between would be made."""
    targets = {}
    for relation in _RELATION.findall(package.read("xl/_rels/workbook.xml.rels")):
        said = dict(_ATTRIBUTE.findall(relation))
        targets[said.get(b"Id")] = said.get(b"Target", b"").decode()
    found: dict[str, dict[tuple[int, int], str]] = {}
    for sheet in _SHEET.findall(package.read("xl/workbook.xml")):
        said = dict(_ATTRIBUTE.findall(sheet))
        target = targets.get(next((v for k, v in said.items() if k.endswith(b":id")), b""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if not target or part not in package.NameToInfo:
            continue
        title = _unescaped(said.get(b"name", b"").decode("utf-8", "replace"))
        faults, rows, columns, last = _scanned(package, part)
        if rows * columns > limits.cells:
            raise EngineInputError(
                "workbook.far",
                f"{_of(name)}的工作表“{title}”一直用到 {letters(columns - 1)} 列、第 {rows} 行（{last} 还有内容），超出能读的范围。"
                "请删除表格后面多余的行和列，另存后再试。",
                sheet=title, cell=last,
            )  # fmt: skip
        if faults:
            found[title] = faults
    return found


def _scanned(package: zipfile.ZipFile, part: str) -> tuple[dict[tuple[int, int], str], int, int, str]:
    """Of a sheet's XML, some rows at a time: its faults, how many rows and columns lie between its first cell and its last that
    hold something (calamine makes all of them), and the address of the last."""
    faults: dict[tuple[int, int], str] = {}
    ends: set[bytes] = set()
    last, rest = b"", b""
    with package.open(part) as opened:
        while True:
            chunk = opened.read(_CHUNK)
            text = rest + chunk
            if chunk:
                cut = text.rfind(b"<row")
                if cut <= 0:
                    rest = text
                    continue
                text, rest = text[:cut], text[cut:]
            if b't="e"' in text:
                for at, error in _ERROR.findall(text):
                    faults[place(at.decode())] = f"公式出错：{error.decode('utf-8', 'replace') or '#N/A'}"
            if _FORMULA.search(text):
                for at in _UNKNOWN.findall(text):
                    faults.setdefault(place(at.decode()), "公式没有算出结果，请用 Excel 或 WPS 打开保存一次")
            # Of each row the last cell is the rightmost; cells that only have a format do not count.
            for row in text.split(b"</row>"):
                held = max(row.rfind(b"</v>"), row.rfind(b"</is>"))
                at = row.rfind(b'<c r="', 0, held) if held >= 0 else -1
                if at >= 0:
                    last = row[at + 6 : at + 16]
                    ends.add(last[:3])
            if not chunk:
                break
    columns = max((place(f"{found[0].decode()}1")[1] for one in ends if (found := _LETTERS.match(one))), default=-1) + 1
    cell = _ADDRESS.match(last)
    return faults, int(cell[2]) if cell else 0, columns, cell[0].decode() if cell else ""


def _unescaped(text: str) -> str:
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(code, sign)
    return text


# Text files

_OTHER = (
    (b"%PDF", "PDF 文件"), (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"GIF8", "图片"), (b"BM", "图片"),
    (b"Rar!", "压缩包"), (b"7z\xbc\xaf", "压缩包"), (b"\x1f\x8b", "压缩包"), (b"{\\rtf", "Word 文件"),
)  # fmt: skip


def _refuse_other(content: bytes, name: str) -> None:
    for mark, kind in _OTHER:
        if content.startswith(mark):
            raise EngineInputError("workbook.kind", f"{_of(name)}不是表格，是{kind}。请交 Excel、WPS 表格或 CSV。")
    begin = content[:4000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if begin.startswith(b"<"):
        raise EngineInputError(
            "workbook.kind",
            f"{_of(name)}其实是网页（有的系统导出的 .xls 是这样）。请用 Excel 或 WPS 打开，另存为 .xlsx 后再试。",
        )


def _text(content: bytes, name: str) -> Sheet:
    text = _decoded(content, name)
    first = "\n".join(text.split("\n", 20)[:20])
    mark = max((",", "\t", ";"), key=first.count)
    try:
        rows: list[list[Value]] = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=mark)
        ]
    except csv.Error:
        raise _damaged(name) from None
    return Sheet(re.sub(r"\.\w+$", "", name) or "CSV", rows)


def _decoded(content: bytes, name: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        kinds: tuple[str, ...] = ("utf-16",)
    else:
        kinds = ("utf-8-sig", "gb18030")
    for kind in kinds:
        try:
            text = content.decode(kind)
        except UnicodeDecodeError:
            continue
        # Bytes of a program or a picture can be read as GB18030 too.
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text[:10_000]):
            return text
    raise _damaged(name)


# Heads


def spread(rows: Sequence[Sequence[Value]], merged: Merged, head_end: int) -> list[list[Value]]:
    """Merged cells filled: among the heads (rows before ``head_end``) across and down, below them only down."""
    found = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if top >= len(found) or left >= len(found[top]):
            continue
        value = found[top][left]
        across = range(left, right + 1) if bottom < head_end else (left,)
        for at in range(top, min(bottom, len(found) - 1) + 1):
            for column in across:
                if column < len(found[at]):
                    found[at][column] = value
    return found


def joined(rows: Sequence[Sequence[Value]], limit: int = 100) -> list[str]:
    """One head for each column, of rows one under the other: their different words joined by ``/``."""
    heads = []
    for at in range(max((len(row) for row in rows), default=0)):
        parts: list[str] = []
        for row in rows:
            said = " ".join(str(row[at]).split()) if at < len(row) and row[at] is not None else ""
            if said and said not in parts:
                parts.append(said)
        heads.append("/".join(parts)[:limit])
    while heads and not heads[-1]:
        heads.pop()
    return heads
