"""The words of a point as one string, and its clauses; every character knows its place in the text.

Line breaks and spaces inside are left out and marks are brought to one width, so that a rule need be written once: full
width for what is said, half width for numbers and times. Marks inside brackets and quotation marks do not divide.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from dudao_engines.notices.lines import INVISIBLE
from dudao_engines.notices.model import Span

_WIDE = str.maketrans(",;:!?()<>﹙﹚", "，；：！？（）（）（）")
_OPEN = {"（": "）", "《": "》", "“": "”", "〔": "〕", "【": "】", "‘": "’", "「": "」"}
_CLOSE = {close: name for name, close in _OPEN.items()}
_LONGEST_PAIR = 120
_ENDS = "。；！？"
_DIVIDES = _ENDS + "，："
_BARS = "|｜\t"
# Names of documents, document numbers, and short words in quotation marks (“双减”, “5+2”, “1+N”) hold no times or figures.
_MASKED = re.compile(
    r"《[^《》]{0,120}》|[〔\[【(]\d{2,4}[〕\]】)]第?\d{1,5}号|〔[^〔〕]{0,6}〕第?\d{0,5}号|“[^“”]{1,12}”"
)
# 一是… 二是…, （1）…, ① …: numbering inside a paragraph.
INNER = re.compile(
    r"(?:(?<=[。；：，])|^)(?:（(?:\d{1,2}|[一二三四五六七八九十]{1,2})）|[①-⑳]|[一二三四五六七八九](?:是(?!否)|要(?!求)))|(?<=[。；：])\d{1,2}[．.、](?!\d)"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """``words.flat[start:end]`` without its mark; ``stop`` is behind the mark. ``sentence`` counts from 0."""

    start: int
    end: int
    stop: int
    sentence: int


class Words:
    """The words of some stretches of one text, in order, as one string ``flat``; ``at[i]`` is the place of ``flat[i]``.

    ``cells``: of a table, each with sentences of its own. ``half``: as numbers and times are read: every character in
    half width (NFKC), a space kept between two digits, a bar between two cells.
    """

    def __init__(self, text: str, body: Sequence[Span], *, cells: bool = False, half: bool = False) -> None:
        self.text = text
        self.cells = cells
        self.at: list[int] = []
        self.heads: list[int] = []
        chars = self._gathered(body, half)
        self.flat = chars if half else _marks(chars)

    def _gathered(self, body: Sequence[Span], half: bool) -> str:
        text, at, chars = self.text, self.at, list[str]()
        gap, last = False, None
        for span in body:
            if half and last is not None and any(char in _BARS for char in text[last : span.start]):
                chars.append("|")
                at.append(last)
            self.heads.append(len(chars))
            for place in range(max(0, span.start), min(len(text), span.end)):
                char = text[place]
                if char.isspace() or char in INVISIBLE:
                    gap = True
                    continue
                char = _narrow(char) if half else char
                if half and gap and chars and chars[-1].isdecimal() and char.isdecimal():
                    chars.append(" ")
                    at.append(place - 1)
                chars.append(char)
                at.append(place)
                gap = False
            last = span.end
        return "".join(chars)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Places in ``flat`` of the brackets and quotation marks that pair, innermost first."""
        return _pairs(self.flat)

    @cached_property
    def outside(self) -> list[bool]:
        """For each character whether it stands outside all brackets and quotation marks."""
        steps = [0] * (len(self.flat) + 1)
        for opened, closed in self.pairs:
            steps[opened] += 1
            steps[closed + 1] -= 1
        return [depth == 0 for depth in accumulate(steps[:-1])]

    def span(self, start: int, end: int) -> Span:
        """Where ``flat[start:end]`` (not empty) stands in the text."""
        return Span(self.at[start], self.at[end - 1] + 1)

    def printed(self, start: int, end: int) -> str:
        """The same words as printed, line breaks and all."""
        return self.span(start, end).of(self.text)

    def clauses(self) -> list[Clause]:
        """All clauses, in order; together with their marks they are the words."""
        flat = self.flat
        outside = self.outside
        cuts: set[int] = {m.start() for m in INNER.finditer(flat) if outside[m.start()]}
        cuts.update(self.heads if self.cells else ())
        found: list[Clause] = []
        start = sentence = 0
        for at, char in enumerate(flat):
            if at in cuts and at > start:
                found.append(Clause(start, at, at, sentence))
                start, sentence = at, sentence + 1
            if char in _DIVIDES and outside[at]:
                found.append(Clause(start, at, at + 1, sentence))
                start, sentence = at + 1, sentence + (char in _ENDS)
        if start < len(flat):
            found.append(Clause(start, len(flat), len(flat), sentence))
        return found

    def cover(self, places: Sequence[tuple[int, int]]) -> None:
        """Read these places as nothing but full stops; the pairs stay as they were."""
        chars, outside = list(self.flat), self.outside
        for start, end in places:
            chars[start:end] = "。" * (end - start)
            outside[start:end] = [True] * (end - start)
        self.flat = "".join(chars)

    def flat_place(self, place: int) -> int:
        """The first character of ``flat`` at or behind a place of the text."""
        at = bisect_right(self.at, place)
        return at - 1 if at and self.at[at - 1] == place else at


def masked(words: str) -> str:
    """Half-width words with what cannot hold a time or a figure blanked out, of the same length."""
    return _MASKED.sub(lambda match: "\x00" * len(match[0]), words)


def _narrow(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) != 1:
        return char
    if folded == "∶":
        return ":"
    return "-" if folded in "—–―‐‑−─" else folded


def _marks(chars: str) -> str:
    """Full-width marks; a comma or colon between digits (1,200 and 8:30) stays."""
    wide = chars.translate(_WIDE)
    return re.sub(
        r"(?<=\d)[，：](?=\d)",
        lambda m: chars[m.start()] if chars[m.start()] == ":" or _grouped(chars, m) else m[0],
        wide,
    )


def _grouped(chars: str, mark: re.Match[str]) -> bool:
    """Whether a comma stands before a group of exactly three digits."""
    after = chars[mark.end() : mark.end() + 4]
    return chars[mark.start()] == "," and after[:3].isdecimal() and not after[3:].isdecimal() and len(after) >= 3


def _pairs(flat: str) -> list[tuple[int, int]]:
    """Brackets that pair within reach of each other, innermost first."""
    opened: list[tuple[str, int]] = []
    pairs = []
    for at, char in enumerate(flat):
        if char in _OPEN:
            opened.append((char, at))
            if len(opened) > _LONGEST_PAIR:
                del opened[0]
        elif char in _CLOSE:
            while opened and opened[-1][0] != _CLOSE[char] and at - opened[-1][1] > _LONGEST_PAIR:
                opened.pop()
            if opened and opened[-1][0] == _CLOSE[char]:
                start = opened.pop()[1]
                if at - start <= _LONGEST_PAIR:
                    pairs.append((start, at))
    return pairs
