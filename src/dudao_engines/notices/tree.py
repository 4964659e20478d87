"""From blocks to a tree of numbered items, with lost numerals restored where they are certain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dudao_engines.notices.lines import width
from dudao_engines.notices.markers import Marker, Style, chinese
from dudao_engines.notices.model import Role
from dudao_engines.notices.tables import Table
from dudao_engines.notices.walk import Block


@dataclass(slots=True)
class Node:
    """One numbered item (or, without marker, unnumbered words or a table) with the items below it."""

    doc: int
    marker: Marker | None
    blocks: list[Block] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    table: Table | None = None
    repaired: bool = False

    def walk(self) -> Iterator["Node"]:
        """The item and everything below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def restore(blocks: list[Block]) -> None:
    """Give lost numerals their number where the numbers around leave no choice; else they are words, not numbering.

    三、… 、… 五、… leaves only 四; after the last number, the next ones. Where nothing is missing, nothing is restored.
    """
    for style in (Style.CHINESE, Style.BRACKET, Style.ARABIC):
        runs: list[list[Block]] = [[]]
        last: dict[int, int] = {}
        for block in blocks:
            marker = block.marker
            if marker is None:
                continue
            if marker.style is style and marker.lost:
                runs[-1].append(block)
                continue
            if marker.style is style or (runs[-1] and marker.style < style):
                following = marker.number if marker.style is style else 0
                _settle(runs[-1], last.get(block.doc, 0), following)
                runs.append([])
            if marker.style is style:
                last[block.doc] = marker.number
        _settle(runs[-1], last.get(runs[-1][0].doc, 0) if runs[-1] else 0, 0)


def _settle(run: list[Block], before: int, after: int) -> None:
    if not run:
        return
    certain = before + len(run) + 1 == after if after else before > 0
    if not certain and after and after == len(run) + 1:
        before, certain = 0, True
    for number, block in enumerate(run, before + 1):
        if block.marker is not None:
            block.marker = _numbered(block.marker, number) if certain else None


def _numbered(lost: Marker, number: int) -> Marker:
    printed = {Style.CHINESE: chinese(number), Style.BRACKET: f"（{chinese(number)}）", Style.ARABIC: str(number)}
    return Marker(lost.style, number, printed[lost.style], lost.start, lost.end, lost=True)


def unnumbered(blocks: Sequence[Block]) -> None:
    """A notice without any numbering: its sentences are its body (of the printed programme, where it has its own)."""
    if any(block.role is Role.POINT for block in blocks):
        return
    docs = sorted({block.doc for block in blocks if block.role is Role.PREAMBLE})
    for block in blocks:
        if block.role is Role.PREAMBLE and block.doc in (docs[1:] or docs):
            block.role = Role.POINT


def running(blocks: Sequence[Block]) -> list[int]:
    """Printed widths of the lines that go on in the line right below them."""
    return [
        width(here.line.text)
        for here, below in pairwise(blocks)
        if here.role in (Role.POINT, Role.PREAMBLE)
        and below.role is here.role
        and below.marker is None
        and here.table is None
        and below.line.left == below.line.start
        and not here.line.closed
    ]


def widest(blocks: Sequence[Block]) -> int:
    """Printed width of the widest line of the body."""
    body = (block for block in blocks if block.role in (Role.POINT, Role.PREAMBLE) and block.table is None)
    return max((width(block.line.text) for block in body), default=0)


def grow(blocks: list[Block]) -> list[Node]:
    """The top items of all documents, in order; unnumbered words follow the item they stand under."""
    tops: list[Node] = []
    path: list[Node] = []
    for block in blocks:
        if block.role is not Role.POINT:
            continue
        if path and path[0].doc != block.doc:
            path = []
        if block.table is not None:
            # Rows are points of the section; words below the table stand for themselves.
            below = [Node(block.doc, None, [block], table=block.table), Node(block.doc, None)]
            (path[0].children if path and path[0].marker else tops).extend(below)
            path = [*path[:1], below[1]] if path and path[0].marker else [below[1]]
        elif block.marker is None:
            if not path:
                path = [Node(block.doc, None)]
                tops.append(path[0])
            path[-1].blocks.append(block)
        else:
            node = Node(block.doc, block.marker, [block], repaired=block.marker.lost)
            path = _above(path, block.marker)
            (path[-1].children if path else tops).append(node)
            path.append(node)
    return tops


def _above(path: list[Node], marker: Marker) -> list[Node]:
    """The items that a new one stands under.

    A style in use is gone on with where it stands. Else the order of styles decides, save that （一） right under 1., where
    1. is not itself under （…）, turns the order round.
    """
    styles = [node.marker.style if node.marker else None for node in path]
    if marker.style in styles:
        return path[: styles.index(marker.style)]
    if marker.style is Style.BRACKET and marker.number == 1 and styles[-1:] == [Style.ARABIC]:
        return path
    return [node for node, style in zip(path, styles, strict=True) if style is not None and style < marker.style]
