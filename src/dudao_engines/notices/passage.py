"""The words of a point as one string without white space, each character knowing where it stands in the notice."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dudao_engines.notices.lines import INVISIBLE
from dudao_engines.notices.markers import numeral
from dudao_engines.notices.model import Span

CN = "[一二两三四五六七八九十百零〇]"
_CELL = "|｜\t"
_NUMBER = re.compile(rf"{CN}{{1,5}}|\d{{1,9}}")
# Names of documents, document numbers, and short words in quotation marks (“双减”, “5+2”, “1+N”) hold no times or figures.
_MASKED = re.compile(
    r"《[^《》]{0,120}》|[〔\[【(]\d{2,4}[〕\]】)]第?\d{1,5}号|〔[^〔〕]{0,6}〕第?\d{0,5}号|“[^“”]{1,12}”"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """``words``: folded text; ``at[i]`` is the place of ``words[i]`` in the notice."""

    text: str
    words: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Place in the notice of ``words[start:end]`` (not empty)."""
        return Span(self.at[start], self.at[end - 1] + 1)

    def quote(self, start: int, end: int) -> str:
        """The words as printed, line breaks and all."""
        return self.span(start, end).of(self.text)


def passage(text: str, body: Sequence[Span]) -> Passage:
    """Join the body of a point: full-width characters folded, white space dropped except between two digits."""
    words: list[str] = []
    at: list[int] = []
    gap = False
    last = None
    for span in body:
        if last is not None and any(c in text[last : span.start] for c in _CELL):
            words.append("|")
            at.append(last)
        for place in range(max(0, span.start), min(len(text), span.end)):
            char = _folded(text[place])
            if char.isspace() or char in INVISIBLE:
                gap = True
                continue
            if gap and words and words[-1].isdecimal() and char.isdecimal():
                words.append(" ")
                at.append(place - 1)
            words.append(char)
            at.append(place)
            gap = False
        last = span.end
    return Passage(text, "".join(words), tuple(at))


def masked(words: str) -> str:
    """The words with what cannot hold a time or a figure blanked out, of the same length."""
    return _MASKED.sub(lambda match: "\x00" * len(match[0]), words)


def integer(words: str) -> int | None:
    """Value of Arabic or Chinese digits, None for anything else."""
    return numeral(words) if _NUMBER.fullmatch(words) else None


def _folded(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) != 1:
        return char
    if folded == "∶":
        return ":"
    return "-" if folded in "—–―‐‑−─" else folded
