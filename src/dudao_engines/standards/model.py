"""The data that standards are judged over: cells of units, as read, with where they stand and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of one unit.

    Attributes:
        value: as read; None where there is none. Missing is never zero.
        problem: why there is no value, or what is wrong with it, in Chinese.
        where: the place it was read from: ``学校.xlsx · 学校!C9``.
        raw: what stood there.
    """

    value: int | Decimal | bool | str | None
    problem: str = ""
    where: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one unit by field code; ``county`` is the code of its county, or empty where there is only one."""

    unit: str
    name: str
    county: str = ""
    cells: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Records by table: the level of their form (``school``, ``kindergarten``, ``county``)."""

    tables: Mapping[str, Sequence[Record]] = field(default_factory=dict)
