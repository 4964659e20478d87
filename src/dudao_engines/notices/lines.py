"""The lowest layer: text to lines, each knowing where it stands."""

import re
from dataclasses import dataclass

from dudao_engines.notices.model import Span

# str.strip() leaves the byte-order mark and zero-width characters standing.
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\xad"
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_FOLD = re.compile(rf"[\s{INVISIBLE}]+")
_ENDS_SENTENCE = "。！？；：.!?;:…"
_CLOSERS = "”’\"'）)】》〉」』]〕"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a piece of one: ``start``–``stop`` with its line break, ``left``–``right`` without outer space."""

    start: int
    stop: int
    left: int
    right: int
    text: str

    @property
    def blank(self) -> bool:
        return self.left == self.right

    @property
    def ink(self) -> Span:
        """The printed words."""
        return Span(self.left, self.right)

    @property
    def whole(self) -> Span:
        """The words with the space and the line break around them."""
        return Span(self.start, self.stop)

    @property
    def closed(self) -> bool:
        """Whether the words end like a sentence, so that the next line starts afresh."""
        bare = self.text.rstrip(_CLOSERS)
        return not self.text or bare.endswith(tuple(_ENDS_SENTENCE)) or (bare != self.text and len(bare) > 0)


def cut(text: str, start: int, stop: int) -> Line:
    """The piece ``text[start:stop]`` as a line."""
    left, right = start, stop
    while left < right and (text[left].isspace() or text[left] in INVISIBLE):
        left += 1
    while right > left and (text[right - 1].isspace() or text[right - 1] in INVISIBLE):
        right -= 1
    return Line(start, stop, left, right, text[left:right])


def split_lines(text: str) -> list[Line]:
    """All lines of the text, in order; together they are the text."""
    lines, start = [], 0
    for match in _BREAK.finditer(text):
        lines.append(cut(text, start, match.end()))
        start = match.end()
    if start < len(text):
        lines.append(cut(text, start, len(text)))
    return lines


def fold(words: str) -> str:
    """The words without any white space: for comparing what may be spread or wrapped."""
    return _FOLD.sub("", words)


def width(words: str) -> int:
    """Printed width in half-width columns."""
    return sum(1 if ord(c) < 0x2000 else 2 for c in words)
