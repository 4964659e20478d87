"""From the tree of numbered items to sections and points.

A top item is a section; the items right below it are its points. Where such an item has numbered items below it, it
and its siblings are sections of their own after their parent. Unnumbered words under a heading are one point without
number.
"""

import re
from collections.abc import Sequence

from dudao_engines.notices.lines import INVISIBLE, fold
from dudao_engines.notices.markers import Marker, Style
from dudao_engines.notices.model import Point, Section, Span
from dudao_engines.notices.tree import Node

_STOP = re.compile(r"[。！？!?]")
_WHEN = re.compile(r"[（(][^（()）]*\d\s*[年月日][^（()）]*[)）]$")
_CLAUSE = re.compile(r"[，。；：！？,;:!?]")
_OUTER = " \t\r\n\u3000\xa0" + INVISIBLE
_LONGEST_TITLE = 36
_SHORTEST_QUOTE = 8
_LONGEST_QUOTE = 24


def sections_of(text: str, tops: Sequence[Node]) -> list[Section]:
    """All sections, in order, of the top items."""
    sections: list[Section] = []
    loose: list[Node] = []
    for node in tops:
        if node.marker is None or node.marker.style is Style.ARTICLE:
            loose.append(node)
            continue
        if loose:
            sections.append(_loose(text, loose))
            loose = []
        sections.extend(_section(text, node, node.marker))
    if loose:
        sections.append(_loose(text, loose))
    return sections


def _loose(text: str, nodes: Sequence[Node]) -> Section:
    """Points that stand under no heading."""
    points = tuple(point for node in nodes for point in _points(text, node))
    return Section(None, None, False, Span(points[0].span.start, points[-1].span.end), None, points)


def _section(text: str, node: Node, marker: Marker) -> list[Section]:
    heading, rest = _head(text, node, marker)
    own = [] if not rest else [_plain_point(text, rest)]
    deeper = marker.style <= Style.DIVISION or any(_numbered(child) for child in node.children)
    below: list[Section] = []
    for child in node.children:
        if deeper and child.marker is not None and child.marker.style is not Style.ARTICLE:
            below.extend(_section(text, child, child.marker))
        else:
            own.extend(_points(text, child))
    no = marker.no
    end = own[-1].span.end if own else (rest[-1].end if rest else heading.end)
    span = Span(marker.start, max(end, heading.end))
    return [Section(no, _heading_words(text, marker, heading), node.repaired, span, heading, tuple(own)), *below]


def _numbered(node: Node) -> bool:
    """Whether an item has numbered items of the outline proper below it ((1) and ① belong to its words)."""
    return any(child.marker and child.marker.style < Style.ARABIC_BRACKET for child in node.children)


def _heading_words(text: str, marker: Marker, heading: Span) -> str | None:
    if marker.style is Style.MONTH:
        return text[marker.start : marker.end].strip(_OUTER + ":：")
    return heading.of(text) or None


def _head(text: str, node: Node, marker: Marker) -> tuple[Span, list[Span]]:
    """The heading's words, and the words under it before any numbered item."""
    first = node.blocks[0].line
    lines = [Span(block.line.left, block.line.right) for block in node.blocks[1:]]
    words = text[marker.end : first.right]
    if marker.style is Style.MONTH:
        rest = [Span(marker.end, first.right)] if words else []
        return Span(marker.start, marker.end), rest + lines
    cut_at = _cut(words)
    if cut_at is None:
        return _trim(text, marker.end, first.right), lines
    heading = _trim(text, marker.end, marker.end + cut_at)
    rest_span = _trim(text, marker.end + cut_at + 1, first.right)
    if rest_span.start < rest_span.end:
        return heading, [rest_span, *lines]
    return heading, lines


def _cut(words: str) -> int | None:
    """Where a heading ends and its body goes on, on the same line."""
    stop = _STOP.search(words)
    return stop.start() if stop else None


def _plain_point(text: str, body: Sequence[Span]) -> Point:
    span = Span(body[0].start, body[-1].end)
    return Point(None, None, _quote(text, body, None), span, None, tuple(body))


def _points(text: str, node: Node) -> list[Point]:
    """The point of an item: its words and everything below it."""
    blocks = [block for item in node.walk() for block in item.blocks]
    lines = [Span(block.line.left, block.line.right) for block in blocks]
    if node.marker is None:
        return [_plain_point(text, lines)] if lines else []
    start = node.marker.end
    body = [_trim(text, start, lines[0].end), *lines[1:]]
    body = [span for span in body if span.start < span.end] or [Span(start, start)]
    title = _title(text, body)
    span = Span(node.marker.start, lines[-1].end)
    words = title.of(text) if title else None
    return [Point(node.marker.no, words, _quote(text, body, title), span, title, tuple(body))]


def _title(text: str, body: Sequence[Span]) -> Span | None:
    """The words before the first full stop, where more follows and they are short enough to be a title."""
    start, end = body[0].start, body[-1].end
    stop = _STOP.search(text, start, end)
    if stop is None or not fold(text[stop.end() : end]):
        return None
    title = _trim(text, start, stop.start())
    if len(fold(title.of(text))) > _LONGEST_TITLE:
        return None
    when = _WHEN.search(title.of(text))
    return _trim(text, title.start, title.start + when.start()) if when and when.start() else title


def _quote(text: str, body: Sequence[Span], title: Span | None) -> str:
    """The first words of a point, long enough to find it again."""
    start, end = body[0].start, body[-1].end
    if title and len(title.of(text)) >= _SHORTEST_QUOTE:
        return title.of(text)
    limit = min(end, start + _LONGEST_QUOTE)
    for match in _CLAUSE.finditer(text, start, limit):
        if match.start() - start >= _SHORTEST_QUOTE:
            return text[start : match.start()]
    return text[start:limit].strip(_OUTER)


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _OUTER:
        start += 1
    while end > start and text[end - 1] in _OUTER:
        end -= 1
    return Span(start, end)
