"""A ledger's dossiers as numbered folders with their list, in a ZIP; file names that Windows takes.

Pure functions from what is known to bytes on disk; the same dossiers give the same packages.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import xlsxwriter

from dudao.shell.lists import BOOK, write_cell

_EPOCH = (2000, 1, 1, 0, 0, 0)
#: Names that Windows keeps for devices.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")
#: A path inside the package stays below the 260 characters of Windows with room for where it is unpacked.
PATH = 180
HEADS = (
    "序号",
    "部分",
    "条目",
    "名称",
    "学校",
    "责任部门",
    "材料",
    "版次",
    "形成日期",
    "提交人",
    "结论",
    "判定人",
    "复核人",
    "在包内的位置",
    "说明",
)
WIDTHS = (6, 14, 8, 28, 22, 18, 26, 6, 12, 10, 10, 10, 10, 50, 34)


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a material, or a material of which there is none.

    Attributes:
        folder: where it goes: numbered, from the item down.
        size: bytes of the file; 0 where there is none.
        note: why there is no file: restricted, an address, missing.
    """

    group: str
    item: str
    name: str
    unit: str
    department: str
    material: str
    no: int | None
    formed_on: str
    by: str
    conclusion: str
    judge: str
    looked: str
    folder: str
    file: str
    size: int
    key: str
    note: str


class Source(Protocol):
    """Gives the bytes of a file by its key."""

    def __call__(self, key: str) -> Iterator[bytes]: ...


def safe(name: str, length: int = 60) -> str:
    """A name that Windows can unpack: no forbidden signs, no dot or blank at the end, no device, not too long."""
    kept = "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 or c == "\x7f" else c for c in name)
    # Signs beyond the basic plane count as two on Windows and break older programs.
    kept = "".join(c if ord(c) < 0x10000 else "_" for c in kept)
    stem, dot, ending = kept.rpartition(".")
    if dot and stem and 0 < len(ending) <= 5 and len(kept) > length:
        kept = f"{stem[: length - len(ending) - 1].strip(' .')}.{ending}"
    kept = kept[:length].strip(" .") or "未命名"
    return f"_{kept}" if _DEVICES.match(kept) else kept


def split(entries: Sequence[Entry], limit: int) -> list[list[Entry]]:
    """Entries in parts whose files stay under a limit of bytes; entries without a file stand in the first part's list only."""
    parts: list[list[Entry]] = [[]]
    size = 0
    for one in entries:
        if not one.key:
            continue
        if size + one.size > limit and parts[-1]:
            parts.append([])
            size = 0
        parts[-1].append(one)
        size += one.size
    return parts


def write(path: Path, *, index: bytes, entries: Sequence[Entry], places: dict[str, str], source: Source) -> None:
    """One part of the package on disk: the list, then the files, each in its folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as out:
        _put(out, "00_目录.xlsx", iter([index]))
        for one in entries:
            _put(out, places[one.key], source(one.key))


def _put(out: zipfile.ZipFile, name: str, blocks: Iterator[bytes]) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    # UTF-8 names, said so: what Windows 8 and later, WPS and 7-Zip read.
    info.flag_bits |= 0x800
    with out.open(info, "w", force_zip64=True) as opened:
        for block in blocks:
            opened.write(block)


def placed(entries: Sequence[Entry]) -> dict[str, str]:
    """Where each file goes, by its key: no two at one place, also not for a system that does not tell A from a."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for one in entries:
        if not one.key:
            continue
        name = safe(one.file)
        stem, dot, ending = name.rpartition(".")
        place, number = f"{one.folder}/{name}", 2
        while place.lower() in taken:
            place = f"{one.folder}/" + (f"{stem}（{number}）.{ending}" if dot else f"{name}（{number}）")
            number += 1
        taken.add(place.lower())
        found[one.key] = place
    return found


def index(title: str, entries: Sequence[Entry], parts: dict[str, str], places: dict[str, str], made: str) -> bytes:
    """目录: every material with its version and where it lies, also what is left out and what is missing.

    Args:
        parts: the part in which a file lies, by its key.
        places: its place in it.
        made: when the package was made.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, BOOK) as book:
        # The same dossiers give the same bytes.
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  # Excel knows no zones.
        sheet = book.add_worksheet("目录")
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        write_cell(sheet, 0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        missing = sum(one.note == MISSING for one in entries)
        left = sum(bool(one.note) and one.note != MISSING for one in entries)
        write_cell(sheet, 1, 0, f"{made}制作 · 文件 {len(places)} 个 · 未随包 {left} 项 · 缺 {missing} 项")
        for at, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            write_cell(sheet, 2, at, head, bold)
            sheet.set_column(at, at, width)
        for row, one in enumerate(entries, 1):
            where = f"{parts[one.key]}{places[one.key]}" if one.key else ""
            values = (
                row, one.group, one.item, one.name, one.unit, one.department, one.material, one.no, one.formed_on, one.by,
                one.conclusion, one.judge, one.looked, where, one.note,
            )  # fmt: skip
            for at, value in enumerate(values):
                write_cell(sheet, 2 + row, at, value, wrap)
        sheet.freeze_panes(3, 0)
        sheet.autofilter(2, 0, 2 + len(entries), len(HEADS) - 1)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.repeat_rows(2)
        sheet.fit_to_pages(1, 0)
    return out.getvalue()


MISSING = "缺：还没有报送"
RESTRICTED = "不外带：未随包，原件在责任部门"
