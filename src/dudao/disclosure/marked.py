"""A text on the screen with what was found in it marked, each mark with its number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dudao.disclosure.models import Trace


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words; ``number`` and ``trace`` where it was found."""

    words: str
    number: int = 0
    trace: Trace | None = None


def pieces(text: str, found: Sequence[tuple[int, Trace]]) -> list[Piece]:
    """A whole text in pieces; ``"".join`` of their words is the text.

    Args:
        found: number and trace, none over another.
    """
    return list(_pieces(text, found))


def _pieces(text: str, found: Sequence[tuple[int, Trace]]) -> Iterator[Piece]:
    at = 0
    for number, trace in sorted(found, key=lambda one: one[1].start):
        if trace.start < at or trace.end > len(text):
            continue
        if text[at : trace.start]:
            yield Piece(text[at : trace.start])
        yield Piece(text[trace.start : trace.end], number, trace)
        at = trace.end
    if text[at:]:
        yield Piece(text[at:])
