"""Values that are exact, or known to be missing: fractions, truths, words, square roots; and what is said of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import isqrt

from dudao_engines.kernel.errors import EngineInputError

#: Digits of a number that is only shown, never judged (a mean of square roots).
_SHOWN = Context(prec=60)


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Something that is not known.

    Attributes:
        unit: code of the unit where it lacks, or empty.
        name: of the unit.
        what: what lacks: the label of a field, or of an item.
        why: in what way.
    """

    unit: str
    name: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.name or self.unit}：{self.what}{self.why}" if self.unit else f"{self.what}{self.why}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value, because of these gaps. Never zero, and never a pass."""

    gaps: frozenset[Gap]

    @classmethod
    def of(cls, unit: str, name: str, what: str, why: str) -> "Unknown":
        return cls(frozenset((Gap(unit, name, what, why),)))

    def __str__(self) -> str:
        shown = sorted(self.gaps)
        more = f"等 {len(shown)} 处" if len(shown) > 3 else ""
        return "；".join(map(str, shown[:3])) + more


@dataclass(frozen=True, slots=True)
class Root:
    """The exact square root of a fraction that is not negative; compares with a fraction without being computed."""

    square: Fraction

    def __str__(self) -> str:
        return f"√({self.square})"


Value = Fraction | bool | str | Root | Decimal
Known = Value | Unknown


def joined(unknowns: Iterable[Unknown]) -> Unknown:
    return Unknown(frozenset().union(*(one.gaps for one in unknowns)))


def compare(op: str, left: Value, right: Value) -> bool:
    """``left op right`` for two numbers, two texts or two truths; square roots by their squares."""
    if isinstance(left, Root) or isinstance(right, Root):
        left, right = _squared(left), _squared(right)
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if not isinstance(left, Fraction) or not isinstance(right, Fraction):
        raise TypeError(f"{op} of {left!r} and {right!r}")
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _squared(value: Value) -> Fraction:
    """A number to compare with a root: its square, with its sign."""
    if isinstance(value, Root):
        return value.square
    if not isinstance(value, Fraction):
        raise TypeError(f"a root is compared with {value!r}")
    return value * abs(value)


def rounded(value: Fraction | Root | Decimal, decimals: int) -> Decimal:
    """Rounded once, half up (away from zero), from the exact value."""
    scale = 10**decimals
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _SHOWN)
    if isinstance(value, Root):
        # floor(2·scale·√x), halved upwards: exactly what rounding half up asks for.
        doubled = isqrt(4 * scale * scale * value.square.numerator // value.square.denominator)
        return Decimal((doubled + 1) // 2).scaleb(-decimals, _SHOWN)
    twice = 2 * abs(value) * scale
    whole = (twice.numerator // twice.denominator + 1) // 2
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals, _SHOWN)


def shown(value: Known, decimals: int | None) -> str:
    """How a value looks: rounded once, half up; with ``decimals`` None as it is where that is short, else four decimals."""
    if isinstance(value, Unknown):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value
    if decimals is None:
        if isinstance(value, Fraction) and (exact := _finite(value)) is not None:
            return exact
        decimals = 4
    return f"{rounded(value, decimals):f}"


def _finite(value: Fraction) -> str | None:
    """A fraction as a decimal that ends within six places, or None."""
    scaled = value * 10**6
    if scaled.denominator != 1:
        return None
    text = f"{Decimal(scaled.numerator).scaleb(-6, _SHOWN):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exactly(value: Known) -> str:
    """A value in its exact written form: ``11302/13619``, ``√(17/64)``, a text; empty when it is not known."""
    return "" if isinstance(value, Unknown) else shown(value, None) if isinstance(value, bool) else str(value)


def number(text: str) -> Fraction:
    """A decimal of a data file as a fraction.

    Raises:
        EngineInputError: ``value.number``.
    """
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise EngineInputError("value.number", f"“{text}”不是一个数。") from None


def mean(values: Iterable[Fraction | Root]) -> Fraction | Decimal:
    """The mean: exact of fractions; of square roots to 50 digits, to be shown and never judged."""
    numbers = list(values)
    exact = [one for one in numbers if isinstance(one, Fraction)]
    if len(exact) == len(numbers):
        return sum(exact, Fraction()) / len(exact)
    total = Decimal(0)
    for one in numbers:
        part = one.square if isinstance(one, Root) else one
        quotient = _SHOWN.divide(Decimal(part.numerator), Decimal(part.denominator))
        total = _SHOWN.add(total, _SHOWN.sqrt(quotient) if isinstance(one, Root) else quotient)
    return _SHOWN.divide(total, Decimal(len(numbers)))
