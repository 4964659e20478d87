"""Figures with the words that name them, ready to be recomputed from each other with exact fractions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dudao_engines.notices.facts import Check, CheckKind, Figure, FigureKind
from dudao_engines.notices.wording import Words

PERCENT = ("%",)
# No more figures than this hang together; keeps the work linear.
REACH = 40
_FILLER = re.compile(
    r"^(?:其中|\d{4}年|去年|上年|今年|目前|现有|共有|共|已有|已|有|全[县市区省镇乡校]|我[县市区]|和|及|分别为|分别|为|是|计|等|按|:|约)+|(?:共有|现有|已有|共|有|为|是|达到|达|数|合计|总计|分别|约|:)+$"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A figure with the words that name it, where it stands in the words, and in how many brackets."""

    figure: Figure
    label: str
    start: int
    end: int
    lead: str
    value: Fraction
    depth: int

    @property
    def unit(self) -> str | None:
        return self.figure.unit

    @property
    def slack(self) -> Fraction:
        """By how much the printed number may be rounded: 12.5亿元 by 0.05, 120所 by nothing."""
        decimals = len(self.figure.value.partition(".")[2])
        rounded = decimals > 0 or (self.unit or "").startswith(("万", "亿"))
        return Fraction(1, 2 * 10**decimals) if rounded else Fraction(0)

    @property
    def rough(self) -> bool:
        """Whether the words say that the number is not exact: 约, 近, 以上."""
        return self.figure.bound is not None


def items_of(source: Words, figures: Sequence[Figure]) -> list[Item]:
    place = {at: i for i, at in enumerate(source.at)}
    items: list[Item] = []
    last = depth = 0
    for figure in figures:
        start, end = place.get(figure.number.start), place.get(figure.span.end - 1)
        countable = re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", figure.value)
        if start is None or end is None or not countable or figure.kind is FigureKind.THRESHOLD:
            continue
        lead = source.flat[max(last, start - 40) : start]
        label = re.split(r"[,。;:!?|()、]", lead)[-1]
        before = source.flat[last:start]
        depth = max(0, depth + before.count("(") - before.count(")"))
        items.append(Item(figure, named(label), start, end + 1, lead, Fraction(figure.value), depth))
        last = end + 1
    return items


def named(label: str) -> str:
    """The words that name a number, brought to one form: 普惠性幼儿园 and 普惠园 are the same."""
    previous = None
    while previous != label:
        previous, label = label, _FILLER.sub("", label)
    return label.replace("幼儿园", "园").replace("在园", "").replace("在校", "").replace("性", "")


def check_of(kind: CheckKind, terms: Sequence[Item], holds: bool | None, why: str) -> Check:
    return Check(kind, tuple(t.figure.value for t in terms), tuple(t.figure.number for t in terms), holds, why)


def half_up(value: Fraction, digits: int) -> Fraction:
    """Rounded to so many digits behind the point, a half away from zero."""
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**digits)


def decimal(value: Fraction, digits: int | None = None) -> str:
    """A terminating fraction in decimal digits."""
    if digits is None:
        digits = next((d for d in range(10) if (value * 10**d).denominator == 1), 9)
    scaled = half_up(value, digits) * 10**digits
    number = str(abs(int(scaled))).rjust(digits + 1, "0")
    sign = "-" if scaled < 0 else ""
    return sign + (f"{number[:-digits]}.{number[-digits:]}" if digits else number)
