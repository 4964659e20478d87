"""A procedure as a picture: states as boxes in layers, acts as arrows; plain numbers for an inline SVG without any style."""

from dataclasses import dataclass

from dudao_engines.procedures import drawing
from dudao_engines.procedures.schema import Procedure

WIDTH, HEIGHT = 168, 36
_ACROSS, _DOWN, _MARGIN = 232, 104, 32
#: So many characters of an arrow's words are shown; the whole in its title.
SHOWN = 16


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its upper left corner, and where its name stands."""

    x: int
    y: int
    name: str
    ends: bool

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def line(self) -> int:
        return self.y + HEIGHT // 2 + 5


@dataclass(frozen=True, slots=True)
class Arrow:
    """What leads from a state to another: the path, the words and where they stand; ``kind``: told, back or empty."""

    path: str
    words: str
    x: int
    y: int
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One track, for one kind where the procedure has kinds."""

    title: str
    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]


def pictures(procedure: Procedure) -> list[Picture]:
    """The pictures of a procedure: one for each track, and for each kind where it has kinds with acts of their own."""
    kinds = [(k.id, k.name) for k in procedure.kinds if any(k.id in a.kinds for a in procedure.acts)] or [("", "")]
    return [
        _picture(drawing.draw(procedure, track=track, kind=kind), name or words)
        for track, words in procedure.tracks.items()
        for kind, name in kinds
    ]


def _picture(drawn: drawing.Drawing, title: str) -> Picture:
    boxes = {
        node.id: Box(_MARGIN + node.place * _ACROSS, _MARGIN + node.layer * _DOWN, node.name, node.ends)
        for node in drawn.nodes
    }
    right = max((box.x for box in boxes.values()), default=0) + WIDTH
    arrows: list[Arrow] = []
    returns = 0
    for edge in drawn.edges:
        if not edge.source or edge.source == edge.target:
            continue
        source, target = boxes[edge.source], boxes[edge.target]
        returns += target.y <= source.y and not _beside(source, target)
        kind = "told" if edge.told else "back" if edge.back and not _beside(source, target) else ""
        words = "、".join(edge.acts)
        path, x, y = _way(source, target, right + 30 * returns)
        arrows.append(Arrow(path, words, x, _free(arrows, words, x, y), kind))
    bottom = max((box.y for box in boxes.values()), default=0) + HEIGHT
    bottom = max([bottom, *(arrow.y for arrow in arrows)])
    return Picture(title, right + 30 * returns + 130, bottom + _MARGIN, list(boxes.values()), arrows)


def _beside(source: Box, target: Box) -> bool:
    """Whether the next box of the same layer is meant."""
    return source.y == target.y and abs(target.x - source.x) == _ACROSS


def _way(source: Box, target: Box, side: int) -> tuple[str, int, int]:
    """The path from a box to another, and where its words stand."""
    if _beside(source, target):
        y = source.y + HEIGHT // 2
        a, b = (source.x + WIDTH, target.x) if target.x > source.x else (source.x, target.x + WIDTH)
        return f"M{a} {y} L{b} {y}", (a + b) // 2, y - 22
    if target.y <= source.y:
        # Upwards: out at the right of one box, in at the right of the other.
        a, b = source.y + HEIGHT // 2 + 6, target.y + HEIGHT // 2 - 6
        return f"M{source.x + WIDTH} {a} C{side} {a} {side} {b} {target.x + WIDTH} {b}", side + 20, (a + b) // 2
    a, b = source.y + HEIGHT, target.y
    path = f"M{source.middle} {a} C{source.middle} {a + 40} {target.middle} {b - 40} {target.middle} {b}"
    # Nearer to its end: arrows that leave one box stand apart there.
    return path, (source.middle + 2 * target.middle) // 3, (a + 2 * b) // 3


def _free(arrows: list[Arrow], words: str, x: int, y: int) -> int:
    """The first line at or below ``y`` where the words cover no others."""
    half = 6 * min(len(words), SHOWN)
    while any(abs(one.y - y) < 14 and abs(one.x - x) < half + 6 * min(len(one.words), SHOWN) for one in arrows):
        y += 14
    return y
