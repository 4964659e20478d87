"""What a notice says in dates and numbers: frozen values, each with its place in the text."""

from dataclasses import dataclass
from enum import StrEnum

from dudao_engines.notices.model import Span


class TimeKind(StrEnum):
    """What the words of a time do in their sentence."""

    DEADLINE = "deadline"
    """By or within this time. ``until`` is None where it hangs on an event (收到之日起3日内) or repeats (当年11月底前)."""
    RECURRENCE = "recurrence"
    VAGUE = "vague"
    """及时, 随时, 适时 …: no date can be given."""
    AS_OF = "as_of"
    """The date of a datum (截至6月底, 目前): never a deadline."""
    CONDITION = "condition"
    """7日内仍未…, 连续2天…: when something else sets in."""


@dataclass(frozen=True, slots=True)
class Time:
    """One mention of a time.

    ``until``: the last moment, as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, for a deadline or the date of a datum.
    ``rule``: monthly, quarterly, termly, half-yearly, yearly, weekly, spring-and-autumn-start, other; ``times`` in one
    period; ``rrule`` (RFC 5545) where it can be said so: terms and seasons follow the county's calendar and have none.
    """

    kind: TimeKind
    quote: str
    span: Span
    until: str | None = None
    rule: str | None = None
    times: int | None = None
    rrule: str | None = None


class FigureKind(StrEnum):
    """What a number states."""

    PRESENT = "present"
    TARGET = "target"
    THRESHOLD = "threshold"
    COUNT = "count"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its measure word.

    ``quote`` has the bound words where they touch the number, ``number`` is the place of the bare number, ``value`` is in
    Arabic digits (``60``, ``0.50``, ``1/3``), ``bound`` one of ``>= <= > < ~``.
    """

    quote: str
    span: Span
    number: Span
    value: str
    unit: str | None
    kind: FigureKind
    as_of: str | None = None
    bound: str | None = None


class CheckKind(StrEnum):
    """How the numbers of a check hang together."""

    SUM = "sum"
    SHARE = "share"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Check:
    """Numbers recomputed from each other.

    ``quotes``: terms then total; part, whole, percent; before, after, growth. ``holds`` is None where the text does not
    give enough to recompute. ``why``: the sum in figures, or the reason, in Chinese, for the reader.
    """

    kind: CheckKind
    quotes: tuple[str, ...]
    spans: tuple[Span, ...]
    holds: bool | None
    why: str
