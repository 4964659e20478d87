"""A saved web page to lines: blocks become lines, rows of tables ``cell | cell |``, scripts and styles are dropped.

libxml2 reads the page: the standard library's parser needs minutes for some hostile pages and crashes on others.
"""

import codecs
import re
from dataclasses import dataclass, field

from lxml import etree

from dudao_engines.notices.plain import decode

_DROPPED = {
    "script",
    "style",
    "noscript",
    "template",
    "head",
    "svg",
    "iframe",
    "select",
    "textarea",
    "object",
    "canvas",
}
_BLOCKS = set(
    (
        "address article aside blockquote body center dd details dir div dl dt fieldset figure footer form h1 h2 h3 h4 h5 "
        "h6 header hr html li main menu nav ol p pre section summary table tbody tfoot thead tr ul caption"
    ).split()
)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]{3,20})""", re.IGNORECASE)
_CHINESE = ("gb2312", "gbk", "gb18030", "gb_2312-80", "hz-gb-2312", "x-gbk")


@dataclass(slots=True)
class _Box:
    """Where words go: the page itself, or one cell of a table."""

    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        self.words.append(words)

    def end_line(self) -> None:
        line = _SPACES.sub(" ", "".join(self.words)).strip(" ")
        self.words.clear()
        self.lines.append(line)


@dataclass(slots=True)
class _Grid:
    """A table being read; ``nested``: it holds other tables, so it only arranges the page."""

    rows: list[list[_Box]] = field(default_factory=list)
    nested: bool = False


def page_text(data: bytes) -> str:
    """The text of a saved web page; its declared charset is honoured.

    Raises:
        EngineInputError: as ``plain.decode`` for bytes that are no text.
    """
    text = _decoded(data)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    # The mark in front keeps libxml2 from trusting a charset that the page declares and we have already undone.
    root = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    if root is None:
        return ""
    return _Reader().read(root)


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or not name:
        return decode(data)
    try:
        return data.decode("gb18030" if name in _CHINESE else name)
    except (LookupError, UnicodeDecodeError):
        return decode(data)


class _Reader:
    def __init__(self) -> None:
        self.boxes = [_Box()]
        self.grids: list[_Grid] = []
        self.dropped = 0

    def read(self, root: etree._Element) -> str:
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                self.start(tag, element.text or "")
            else:
                self.end(tag, element.tail or "")
        self.boxes[0].end_line()
        return "\n".join(_unpadded(self.boxes[0].lines))

    def start(self, tag: str, words: str) -> None:
        if tag in _DROPPED:
            self.dropped += 1
        if self.dropped:
            return
        if tag == "table":
            self.boxes[-1].end_line()
            for grid in self.grids:
                grid.nested = True
            self.grids.append(_Grid())
        elif tag == "tr" and self.grids:
            self.grids[-1].rows.append([])
        elif tag in ("td", "th") and self.grids:
            self._cell()
        elif tag == "br" or tag in _BLOCKS:
            self.boxes[-1].end_line()
        self.boxes[-1].add(words)

    def _cell(self) -> None:
        grid = self.grids[-1]
        if not grid.rows:
            grid.rows.append([])
        grid.rows[-1].append(_Box())
        self.boxes.append(grid.rows[-1][-1])

    def end(self, tag: str, tail: str) -> None:
        if self.dropped:
            self.dropped -= tag in _DROPPED
        elif tag in ("td", "th") and len(self.boxes) > 1:
            self.boxes.pop().end_line()
        elif tag == "table" and self.grids:
            grid = self.grids.pop()
            self.boxes[-1].lines.extend(grid_lines([[box.lines for box in row] for row in grid.rows], grid.nested))
        elif tag in _BLOCKS:
            self.boxes[-1].end_line()
        if not self.dropped:
            self.boxes[-1].add(tail)


def grid_lines(rows: list[list[list[str]]], layout: bool) -> list[str]:
    """The lines of a table, its cells given as lines.

    A table of data gives one line a row, ``cell | cell |``; one that only arranges the page, or has a single column,
    gives the lines of its cells.
    """
    if layout or max((len(row) for row in rows), default=0) < 2:
        return [line for row in rows for cell in row for line in cell]
    lines = []
    for row in rows:
        cells = [" ".join(line.strip() for line in cell if line.strip()).replace("|", "｜") for cell in row]
        lines.append(" | ".join(cells) + " |" if len(cells) > 1 else "".join(cells))
    return lines


def _unpadded(lines: list[str]) -> list[str]:
    """Runs of empty lines say no more than one."""
    return [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
