"""Structured text: what a person types in the browser, read as paragraphs with levels and tables, without losing a character.

One paragraph a line. A line that begins with ``一、``, ``（一）``, ``1.`` or ``（1）`` has that level. Lines ``| a | b |``
in a row are a table; a second line ``| --- | --- |`` makes the first its head.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_NUMERAL = "[一二三四五六七八九十百]+"
# GB/T 9704-2012, 7.3.3: 结构层次序数依次可以用“一、”“（一）”“1.”“（1）”标注.
_LEVELS = (rf"{_NUMERAL}、", rf"[（(]{_NUMERAL}[）)]", r"\d{1,3}[.．、](?!\d)", r"[（(]\d{1,3}[）)]")
_MARK = re.compile("|".join(f"(?P<l{n}>{form})" for n, form in enumerate(_LEVELS, 1)))
_ROW = re.compile(r"\|.*\|[ \t\r]*")
_RULE = re.compile(r"\|(?:[ \t]*-{3,}[ \t]*\|)+[ \t\r]*")
_CELL = re.compile(r"(?:\\.|[^|\\]|\\\Z)*", re.DOTALL)
_ESCAPED = {"\\\\": "\\", "\\|": "|", "\\n": "\n", "\\-": "-"}
_ESCAPE = re.compile(r"\\[\\|n-]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line as typed.

    Attributes:
        text: the whole line.
        level: 1 to 4; 0 for plain words.
        mark: what made the level, ``一、``; empty for plain words.
    """

    text: str
    level: int = 0
    mark: str = ""

    @property
    def words(self) -> str:
        """Without the spaces around: the layout indents by itself."""
        return self.text.strip()


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of a table as typed."""

    lines: tuple[str, ...]

    @property
    def head(self) -> tuple[str, ...]:
        """The cells of the head; empty without one."""
        return _cells(self.lines[0]) if self._headed else ()

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells below the head. Rows may differ in length."""
        return tuple(_cells(line) for line in self.lines[2 if self._headed else 0 :])

    @property
    def _headed(self) -> bool:
        return len(self.lines) > 1 and _RULE.fullmatch(self.lines[1]) is not None


Block = Paragraph | Table


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a text; ``render(parse(text)) == text`` for every text."""
    blocks: list[Block] = []
    rows: list[str] = []
    for line in text.split("\n"):
        if _ROW.fullmatch(line):
            rows.append(line)
            continue
        if rows:
            blocks.append(Table(tuple(rows)))
            rows = []
        blocks.append(_paragraph(line))
    if rows:
        blocks.append(Table(tuple(rows)))
    return tuple(blocks)


def render(blocks: Iterable[Block]) -> str:
    """The text of blocks; ``parse(render(blocks)) == blocks`` for what ``parse`` gives."""
    return "\n".join(
        line for block in blocks for line in ((block.text,) if isinstance(block, Paragraph) else block.lines)
    )


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> Table:
    """A table of any cells: bars, breaks and backslashes in them come back from ``rows`` as they were."""
    lines = [_line(row) for row in rows]
    if head:
        lines = [_line(head), "|" + " --- |" * len(head), *lines]
    return Table(tuple(lines))


def cell(words: str) -> str:
    """Words as a cell of a line ``| a | b |`` holds them."""
    written = words.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")
    # Dashes alone would make the line above a head.
    return re.sub(r"^( *)(?=---)", r"\1\\", written)


def chinese_day(day: date) -> str:
    """2024年3月22日: Arabic digits, the whole year, no leading zero (7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def _paragraph(line: str) -> Paragraph:
    found = _MARK.match(line.lstrip())
    if not found:
        return Paragraph(line)
    level = next(n for n in range(1, 5) if found[f"l{n}"])
    return Paragraph(line, level, found[0])


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell(one)} |" for one in cells)


def _cells(line: str) -> tuple[str, ...]:
    inner = line.rstrip(" \t\r")[1:-1]
    cells, at = [], 0
    while True:
        end = _CELL.match(inner, at).end()  # type: ignore[union-attr]  # It matches the empty string.
        cells.append(_ESCAPE.sub(lambda found: _ESCAPED[found[0]], _trimmed(inner[at:end])))
        if end >= len(inner):
            return tuple(cells)
        at = end + 1


def _trimmed(cell: str) -> str:
    """One blank off each side, as ``_line`` put it there."""
    cell = cell.removeprefix(" ")
    return cell.removesuffix(" ")
