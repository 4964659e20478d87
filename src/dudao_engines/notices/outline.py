"""From the tree of numbered items to sections and points.

A top item is a section; the items right below it are its points. Where such an item has numbered items below it, it
and its siblings are sections of their own after their parent. Unnumbered words under a heading are one point without
number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dudao_engines.notices.lines import fold, width
from dudao_engines.notices.markers import Marker, Style
from dudao_engines.notices.model import Point, Section, Span
from dudao_engines.notices.points import STOP, Shaper, trim
from dudao_engines.notices.tables import Table
from dudao_engines.notices.tree import Node

# 一、督导时间：9月1日至10日 and 一、指导思想 以……为指导: a short heading, then the words under it.
_LABEL = re.compile(
    r"([^，。；：,;:\s]{2,16})[ \t\u3000]*[:：][ \t\u3000]*(?=\S)|([^，。；：,;:\s]{2,20})[ \t\u3000]+(?=[^\s。，、；][^\n]{5,200}[。；])"
)
# Headings of every other notice, for texts that lost the line break behind them.
_KNOWN = re.compile(
    r"(?:指导思想|(?:总体|工作|主要|基本)(?:要求|目标|思路|原则)|(?:目标|主要|重点|工作)任务|(?:主要|工作|保障|具体)措施|"
    r"(?:实施|工作|推进)步骤|(?:工作|部门|职责)分工|工作职责|组织领导|组织机构|时间安排|督导(?:内容|时间|范围|方式|要求))"
    r"(?![的和与及及其、,，。])"
)
_LONGEST_HEADING = 36
_SHORTEST_SENTENCE = 5


@dataclass(frozen=True, slots=True)
class _Head:
    """A heading's place and the words under it; ``sentence``: the heading is itself a sentence that says what to do."""

    span: Span
    rest: list[Span]
    sentence: bool


class Outliner:
    """Makes sections of the items of one text."""

    def __init__(self, text: str, wrap: int | None) -> None:
        self.text = text
        self.wrap = wrap
        self.points = Shaper(text, wrap)

    def sections(self, tops: Sequence[Node]) -> list[Section]:
        """All sections, in order, of the top items."""
        sections: list[Section] = []
        loose: list[Node] = []
        for node in tops:
            if node.table is not None and node.table.monthly:
                below = self._months(node.table)
            elif node.marker is None or node.marker.style is Style.ARTICLE:
                loose.append(node)
                continue
            else:
                below = self._section(node, node.marker)
            sections.extend([*self._loose(loose), *below])
            loose = []
        return [*sections, *self._loose(loose)]

    def _loose(self, nodes: Sequence[Node]) -> list[Section]:
        """Points that stand under no heading: one section, or none."""
        points = tuple(point for node in nodes for point in self.points.of_item(node))
        if not points:
            return []
        return [Section(None, None, False, Span(points[0].span.start, points[-1].span.end), None, points)]

    def _section(self, node: Node, marker: Marker, level: int = 1) -> list[Section]:
        head = self._head(node, marker)
        own = self._own(node, marker, head)
        deeper = marker.style <= Style.DIVISION or _two_levels(node)
        below: list[Section] = []
        for child in node.children:
            if child.table is not None and child.table.monthly:
                below.extend(self._months(child.table, level + 1))
            elif deeper and child.marker is not None and child.marker.style is not Style.ARTICLE:
                below.extend(self._section(child, child.marker, level + 1))
            else:
                own.extend(self.points.of_item(child))
        end = max([head.span.end, *(point.span.end for point in own)])
        words = self._words(marker, head.span)
        span = Span(marker.start, end)
        return [Section(marker.no, words, node.repaired, span, head.span, tuple(own), level), *below]

    def _own(self, node: Node, marker: Marker, head: _Head) -> list[Point]:
        """The point that the unnumbered words of a section make; a lead-in to numbered items makes none."""
        if head.sentence and not node.children:
            return [self.points.plain([trim(self.text, marker.end, node.blocks[0].line.right), *_lines(node)])]
        if not head.rest:
            return []
        last = self.text[head.rest[-1].start : head.rest[-1].end]
        if node.children and last.endswith((":", "：")):
            return []
        return [self.points.plain(head.rest)]

    def _words(self, marker: Marker, heading: Span) -> str | None:
        if marker.style is Style.MONTH:
            return self.text[marker.start : marker.end].strip(":： ")
        return heading.of(self.text) or None

    def _months(self, table: Table, level: int = 1) -> list[Section]:
        """One section for each month of a table; the numbered jobs of its cell are the points."""
        return [
            Section(
                None, row.key.text, False, row.span, row.key.span, tuple(self.points.of_month(row, table.head)), level
            )
            for row in table.rows
        ]

    def _head(self, node: Node, marker: Marker) -> _Head:
        text, lines = self.text, _lines(node)
        end, lines = self._heading_end(node, lines)
        if marker.style is Style.MONTH:
            rest = trim(text, marker.end, end)
            return _Head(Span(marker.start, marker.end), [rest, *lines] if rest.start < rest.end else lines, False)
        heading, after = self._cut(marker.end, end)
        rest = trim(text, after, end)
        body = [rest, *lines] if rest.start < rest.end else lines
        long = len(fold(heading.of(text))) > _LONGEST_HEADING
        alone = not body and after > heading.end and len(heading.of(text)) >= _SHORTEST_SENTENCE
        return _Head(heading, body, alone or (long and after > heading.end))

    def _heading_end(self, node: Node, lines: list[Span]) -> tuple[int, list[Span]]:
        """Where the heading's line ends; a heading that fills its line in a hard-wrapped text goes on in the next."""
        end = node.blocks[0].line.right
        full = self.wrap is not None and width(node.blocks[0].line.text) >= self.wrap - 3
        while full and lines and not STOP.search(self.text, node.blocks[0].line.left, end):
            end = lines[0].end
            full = self.wrap is not None and width(lines[0].of(self.text)) >= self.wrap - 3
            lines = lines[1:]
        return end, lines

    def _cut(self, start: int, end: int) -> tuple[Span, int]:
        """The heading between ``start`` and ``end``, and where the words after it begin."""
        stop = STOP.search(self.text, start, end)
        label = _LABEL.match(self.text, start, end)
        if label and (stop is None or label.end() <= stop.start()):
            group = 1 if label[1] else 2
            return Span(*label.span(group)), label.end()
        known = _KNOWN.match(self.text, start, stop.start() if stop else end)
        if known and (stop.start() if stop else end) - start > 2 * len(known[0]):
            return Span(start, known.end()), known.end()
        if stop is None:
            heading = trim(self.text, start, end)
            named = trim(self.text, start, heading.end - self.text.endswith((":", "："), start, heading.end))
            return named, heading.end
        return trim(self.text, start, stop.start()), stop.end()


def wrap_width(running: Sequence[int], widest: int) -> int | None:
    """The column at which a text was wrapped by hand or by a converter; None when its paragraphs are whole.

    Args:
        running: printed widths of the lines that go on in the line right below them.
        widest: printed width of the widest line of the body.
    """
    near = sum(1 for size in running if size >= widest - 6)
    wrapped = len(running) >= 4 and 20 <= widest <= 120 and near * 10 >= len(running) * 7
    return widest if wrapped else None


def _lines(node: Node) -> list[Span]:
    return [block.line.ink for block in node.blocks[1:]]


def _two_levels(node: Node) -> bool:
    """Whether the items below are headings over points: one is enough, but 1. over （一） must hold throughout."""
    items = [child for child in node.children if child.marker is not None]
    over = [_numbered(child) for child in items]
    turned = any(child.marker is not None and child.marker.style is Style.ARABIC for child in items)
    return all(over) if turned and over else any(over)


def _numbered(node: Node) -> bool:
    """Whether an item has numbered items of the outline proper below it ((1) and ① belong to its words)."""
    return any(child.marker and child.marker.style < Style.ARABIC_BRACKET for child in node.children)
