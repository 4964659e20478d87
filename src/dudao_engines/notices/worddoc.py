"""A .docx file to lines, with the automatic numbers that Word shows but does not store in the words."""

import io
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass

from lxml import etree

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.markers import chinese
from dudao_engines.notices.webpage import grid_lines

MAX_XML_BYTES = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 5000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DROPPED = {_FALLBACK, *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sectPr"))}


def word_text(data: bytes) -> str:
    """The text of a .docx file.

    Raises:
        EngineInputError: ``notices.docx_bomb`` for a file that unpacks to an absurd size, ``notices.docx_damaged`` for
            one that is no Word document.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            document = _part(package, "word/document.xml")
            numbering = _part(package, "word/numbering.xml") if _has(package, "word/numbering.xml") else None
    except (
        zipfile.BadZipFile,
        KeyError,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
    ) as error:
        if isinstance(error, EngineInputError):
            raise
        raise _damaged() from None
    body = _parsed(document).find(f"{_W}body")
    if body is None:
        raise _damaged()
    return "\n".join(_lines(body, _Numbers(_parsed(numbering) if numbering else None)))


def _has(package: zipfile.ZipFile, name: str) -> bool:
    return name in package.NameToInfo


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """One part, unpacked only after its declared size was found sane; zipfile never unpacks more than declared."""
    info = package.getinfo(name)
    absurd = info.file_size > 1_000_000 and info.file_size > MAX_RATIO * max(info.compress_size, 1)
    if len(package.NameToInfo) > MAX_ENTRIES or info.file_size > MAX_XML_BYTES or absurd:
        raise EngineInputError(
            "notices.docx_bomb", "这个 .docx 文件解压后异常大，已拒绝打开，请改为粘贴正文。", part=name
        )
    return package.read(info)


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise _damaged() from None
    if root.getroottree().docinfo.doctype:
        raise _damaged()
    return root


def _damaged() -> EngineInputError:
    return EngineInputError("notices.docx_damaged", "这个文件打不开，可能已损坏或不是 Word 文档，请改为粘贴正文。")


def _lines(parent: etree._Element, numbers: "_Numbers") -> list[str]:
    lines: list[str] = []
    for child in parent:
        if child.tag == f"{_W}p":
            lines.extend((numbers.mark(child) + _words(child)).split("\n"))
        elif child.tag == f"{_W}tbl":
            lines.extend(grid_lines([[_lines(cell, numbers) for cell in _cells(row)] for row in _rows(child)], False))
        elif child.tag not in _DROPPED and isinstance(child.tag, str):
            lines.extend(_lines(child, numbers))
    return lines


def _rows(table: etree._Element) -> list[etree._Element]:
    return list(table.iterchildren(f"{_W}tr"))


def _cells(row: etree._Element) -> list[etree._Element]:
    return list(row.iterchildren(f"{_W}tc"))


def _words(paragraph: etree._Element) -> str:
    words: list[str] = []
    _collect(paragraph, words)
    return "".join(words)


def _collect(element: etree._Element, words: list[str]) -> None:
    for child in element:
        if child.tag == f"{_W}t":
            words.append(child.text or "")
        elif child.tag == f"{_W}tab":
            words.append("\t")
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            words.append("\n")
        elif child.tag == f"{_W}noBreakHyphen":
            words.append("-")
        elif child.tag == f"{_W}p":
            words.append("\n")
            _collect(child, words)
        elif child.tag not in _DROPPED and isinstance(child.tag, str):
            _collect(child, words)


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    shown: str
    start: int


class _Numbers:
    """Counts the automatic numbers of a document."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self.levels: dict[str, dict[int, _Level]] = {}
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        if numbering is not None:
            abstract = {_value(a, "abstractNumId"): _levels(a) for a in numbering.iterchildren(f"{_W}abstractNum")}
            for num in numbering.iterchildren(f"{_W}num"):
                reference = num.find(f"{_W}abstractNumId")
                if reference is not None:
                    self.levels[_value(num, "numId")] = abstract.get(_value(reference, "val"), {})

    def mark(self, paragraph: etree._Element) -> str:
        """The number shown before a paragraph; empty without automatic numbering or with a bullet."""
        properties = paragraph.find(f"{_W}pPr/{_W}numPr")
        number = properties.find(f"{_W}numId") if properties is not None else None
        if properties is None or number is None:
            return ""
        depth = properties.find(f"{_W}ilvl")
        at = int(_value(depth, "val") or 0) if depth is not None and _value(depth, "val").isdecimal() else 0
        levels = self.levels.get(_value(number, "val"), {})
        level = levels.get(at)
        if level is None:
            return ""
        counts = self.counts[_value(number, "val")]
        counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [key for key in counts if key > at]:
            del counts[deeper]
        shown = level.shown
        for key in range(at + 1):
            above = levels.get(key)
            if above is not None:
                shown = shown.replace(f"%{key + 1}", _shown(above.form, counts.get(key, above.start)))
        return shown if level.form not in ("bullet", "none") else ""


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    levels = {}
    for level in abstract.iterchildren(f"{_W}lvl"):
        at, start = _value(level, "ilvl"), _child(level, "start")
        if at.isdecimal():
            form, shown = _child(level, "numFmt"), _child(level, "lvlText")
            levels[int(at)] = _Level(form, shown, int(start) if start.isdecimal() else 1)
    return levels


def _child(element: etree._Element, name: str) -> str:
    child = element.find(f"{_W}{name}")
    return _value(child, "val") if child is not None else ""


def _value(element: etree._Element, name: str) -> str:
    return str(element.get(f"{_W}{name}", ""))


def _shown(form: str, count: int) -> str:
    if "hinese" in form or "japanese" in form or form in ("ideographDigital", "taiwaneseCounting"):
        return chinese(count) if 0 < count < 100 else str(count)
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 0 < count <= 20:
        return chr(ord("①") + count - 1)
    return str(count)
