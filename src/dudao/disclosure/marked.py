"""A text on the screen with what was found in it marked, each mark with its number; tables as tables."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dudao.disclosure.models import Trace

_ROW = re.compile(r"[ \t]*\|.*\|[ \t\r]*")
_RULE = re.compile(r"[ \t]*\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t\r]*")
_CELL = re.compile(r"((?:\\.|[^|\\])*)\|")

Found = Sequence[tuple[int, Trace]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words; ``number`` and ``trace`` where it was found."""

    words: str
    number: int = 0
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a text, or a table: rows of cells, each in pieces."""

    pieces: tuple[Piece, ...] = ()
    head: tuple[tuple[Piece, ...], ...] = ()
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()


def blocks(text: str, found: Found) -> list[Block]:
    """A whole text; what stands on the screen is what is published.

    Args:
        found: number and trace, none over another.
    """
    made: list[Block] = []
    table: list[tuple[int, str]] = []
    at = 0
    for line in [*text.split("\n"), None]:
        if line is not None and _ROW.fullmatch(line):
            table.append((at, line))
        else:
            if table:
                made.append(_table(table, found))
                table = []
            if line is not None:
                made.append(Block(pieces=tuple(_pieces(text, at, at + len(line), found))))
        at += len(line or "") + 1
    return made


def _table(lines: Sequence[tuple[int, str]], found: Found) -> Block:
    headed = len(lines) > 1 and _RULE.fullmatch(lines[1][1]) is not None
    rows = [_row(at, line, found) for n, (at, line) in enumerate(lines) if not (headed and n == 1)]
    return Block(head=rows[0] if headed else (), rows=tuple(rows[1:] if headed else rows))


def _row(at: int, line: str, found: Found) -> tuple[tuple[Piece, ...], ...]:
    begin = line.index("|") + 1
    spans = [(at + cell.start(1), at + cell.end(1)) for cell in _CELL.finditer(line, begin)]
    text = " " * at + line
    return tuple(tuple(_pieces(text, start, end, found)) for start, end in spans)


def _pieces(text: str, start: int, end: int, found: Found) -> Iterator[Piece]:
    at = start
    for number, trace in sorted(found, key=lambda one: one[1].start):
        if trace.start < at or trace.end > end:
            continue
        if text[at : trace.start]:
            yield Piece(text[at : trace.start])
        yield Piece(text[trace.start : trace.end], number, trace)
        at = trace.end
    if text[at:end]:
        yield Piece(text[at:end])
