"""From words to work points: number, title, first words, place."""

import re
from collections.abc import Sequence
from dataclasses import replace

from dudao_engines.notices.lines import INVISIBLE, fold, width
from dudao_engines.notices.model import Field, Point, Span
from dudao_engines.notices.tables import Cell, Row
from dudao_engines.notices.tree import Node

STOP = re.compile(r"[。！？!?]")
_WHEN = re.compile(r"[（(][^（()）]{0,30}\d\s*[年月日][^（()）]{0,30}[)）]$")
_CLAUSE = re.compile(r"[，。；：！？,;:!?]")
_ITEM = re.compile(r"(?:(?<=[\s。；;.!！)）])|^)(\d{1,2})\s?[.．、](?!\d)\s*")
_OUTER = " \t\r\n\u3000\xa0" + INVISIBLE
_LONGEST_TITLE = 36
_SHORTEST_QUOTE = 8
_LONGEST_QUOTE = 24


class Shaper:
    """Makes points of the items of one text; ``wrap`` is the column at which it was hard-wrapped, if it was."""

    def __init__(self, text: str, wrap: int | None) -> None:
        self.text = text
        self.wrap = wrap

    def plain(self, body: Sequence[Span]) -> Point:
        """Words without a number."""
        span = Span(body[0].start, body[-1].end)
        return Point(None, None, self._quote(span, None), span, None, tuple(body))

    def of_item(self, node: Node) -> list[Point]:
        """The point of an item, its words and everything below it; or the points of a table's rows."""
        if node.table is not None:
            return [self._of_row(row, node.table.head) for row in node.table.rows]
        lines = [block.line.ink for item in node.walk() for block in item.blocks]
        if node.marker is None:
            return [self.plain(lines)] if lines else []
        first = trim(self.text, node.marker.end, lines[0].end)
        body = [span for span in (first, *lines[1:]) if span.start < span.end] or [first]
        whole = Span(body[0].start, body[-1].end)
        title = self._title(body)
        span = Span(node.marker.start, lines[-1].end)
        return [
            Point(
                node.marker.no,
                title.of(self.text) if title else None,
                self._quote(whole, title),
                span,
                title,
                tuple(body),
            )
        ]

    def of_month(self, row: Row, head: Sequence[Cell]) -> list[Point]:
        """The jobs in the cells of a month: ``1.… 2.… 3.…``, or a cell as it stands."""
        named = _named(row, head)
        return [replace(point, columns=named) for cell in row.jobs for point in self._items(cell.span)]

    def _of_row(self, row: Row, head: Sequence[Cell]) -> Point:
        """A row of a table of work; its first words are those of the task column."""
        body = tuple(cell.span for cell in row.words) or (row.key.span,)
        return Point(row.key.text or None, None, self._quote(body[0], None), row.span, None, body, _named(row, head))

    def _items(self, cell: Span) -> list[Point]:
        starts: list[re.Match[str]] = []
        for match in _ITEM.finditer(self.text, cell.start, cell.end):
            if int(match[1]) == len(starts) + 1:
                starts.append(match)
        if not starts:
            return [self.plain([cell])]
        points = []
        for match, end in zip(starts, [after.start() for after in starts[1:]] + [cell.end], strict=True):
            body = trim(self.text, match.end(), end)
            span = Span(match.start(), body.end)
            points.append(Point(match[1], None, self._quote(body, None), span, None, (body,)))
        return points

    def _title(self, body: Sequence[Span]) -> Span | None:
        """The words before the first full stop, or on a line of their own, where more follows and they are short."""
        start, end = body[0].start, body[-1].end
        alone = len(body) > 1 and not self._goes_on(body[0])
        stop = STOP.search(self.text, start, body[0].end if alone else end)
        if stop is None and not alone:
            return None
        if stop is not None and not fold(self.text[stop.end() : min(end, stop.end() + 200)]):
            return None
        title = trim(self.text, start, stop.start() if stop else body[0].end)
        if not title.start < title.end or len(fold(title.of(self.text))) > _LONGEST_TITLE:
            return None
        if alone and stop is None and re.search(r"[:：]", title.of(self.text)):
            return None
        when = _WHEN.search(title.of(self.text))
        return trim(self.text, title.start, title.start + when.start()) if when and when.start() else title

    def _goes_on(self, line: Span) -> bool:
        """Whether a line without a full stop runs on into the next one."""
        return self.wrap is not None and width(line.of(self.text)) >= self.wrap - 8

    def _quote(self, span: Span, title: Span | None) -> str:
        """The first words of a point, long enough to find it again."""
        if title and len(title.of(self.text)) >= _SHORTEST_QUOTE:
            return title.of(self.text)
        limit = min(span.end, span.start + _LONGEST_QUOTE)
        for match in _CLAUSE.finditer(self.text, span.start, limit):
            if match.start() - span.start >= _SHORTEST_QUOTE:
                return self.text[span.start : match.start()].rstrip(_OUTER)
        return self.text[span.start : limit].strip(_OUTER)


def _named(row: Row, head: Sequence[Cell]) -> tuple[Field, ...]:
    """The cells of a row that say something, each with the name of its column."""
    pairs = zip(head[1:], row.cells, strict=False)
    return tuple(Field(fold(name.text), cell.span) for name, cell in pairs if cell.text)


def trim(text: str, start: int, end: int) -> Span:
    """The range without white space at its ends."""
    while start < end and text[start] in _OUTER:
        start += 1
    while end > start and text[end - 1] in _OUTER:
        end -= 1
    return Span(start, end)
