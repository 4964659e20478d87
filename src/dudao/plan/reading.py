"""A notice laid out for the eye: its words in colour, each field of a duty at its place in them."""

from dataclasses import dataclass
from itertools import pairwise

from dudao.plan.models import Notice, Point, Section, Task
from dudao_engines.notices import Mark

#: What a field of a duty is in colour.
FIELDS = {"due_on": "when", "rule": "when", "lead": "who", "cooperating": "who", "subject": "who"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the words: its colour (empty for plain words) and the places that begin in it, as anchors."""

    text: str
    css: str = ""
    anchors: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A point with its words in pieces."""

    point: Point
    pieces: list[Piece]
    is_off: bool


def live(point: Point) -> list[Task]:
    """The duties of a point that are or will be tasks. The point comes from ``queries.outline``."""
    return [task for task in point.duties if task.state != Task.State.DROPPED]  # type: ignore[attr-defined]


def waits(point: Point) -> bool:
    """Whether somebody has still to look at a duty of it."""
    return any(task.state == Task.State.CHECKING and task.checked_at is None for task in live(point))


def laid_out(notice: Notice, chosen: Point | None) -> list[tuple[Section, list[Words]]]:
    """The notice's sections, each with its points in colour; anchors only in the chosen point."""
    return [
        (section, [_words(notice, point, is_chosen=point == chosen) for point in section.points.all()])
        for section in notice.sections.all()
    ]


def _words(notice: Notice, point: Point, *, is_chosen: bool) -> Words:
    duties = live(point)
    if point.is_corrected or not point.marks:
        return Words(point, [Piece(point.words)], not duties)
    stretches = [(start, end) for _, start, end in point.marks]
    inside = {at for stretch in stretches for at in stretch}
    acts = [
        (task.start, task.end, f"t-{task.pk}-words", at)
        for at, task in enumerate(duties, 1)
        if task.start is not None and task.end is not None
    ]
    fields = [
        (start, end, f"t-{task.pk}-{name}", FIELDS[name])
        for task in duties
        for name, places in task.spans.items()
        for start, end in places
    ]
    figures = [(start, end) for mark, start, end in point.marks if mark == Mark.FIGURE]
    cuts = inside | {at for act in acts for at in act[:2]} | {at for one in fields for at in one[:2]}
    pieces = []
    for start, end in pairwise(sorted(cuts)):
        if not any(a <= start and end <= b for a, b in stretches):
            continue
        css = next((kind for a, b, _, kind in fields if a <= start and end <= b), "")
        if not css and any(a <= start and end <= b for a, b in figures):
            css = "num"
        if not css and any(a <= start and end <= b for a, b, *_ in acts):
            css = "act"
        anchors = tuple(name for a, _, name, _ in [*acts, *fields] if a == start) if is_chosen else ()
        label = next((str(at) for _, b, _, at in acts if b == end), "") if is_chosen and point.no else ""
        pieces.append(Piece(notice.text[start:end], css, anchors, f"{point.no}-{label}" if label else ""))
    return Words(point, pieces, not duties)
