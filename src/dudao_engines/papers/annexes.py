"""Annexes that are made, not typed: wide tables with heads of several rows, charts, and plain words, kept as JSON.

They say the numbers of a report as they were computed; nobody edits them as text. A landscape annex has its own pages.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """Structured text (``papers.text``)."""

    kind: Literal["words"] = "words"
    text: str


class Head(_Strict):
    """A cell of the head: how many columns and rows of the head it takes."""

    words: str
    across: int = Field(default=1, ge=1)
    down: int = Field(default=1, ge=1)


class Sheet(_Strict):
    """A table. ``widths`` are shares; a row of one cell goes over the whole width."""

    kind: Literal["sheet"] = "sheet"
    title: str
    above: tuple[str, ...] = ()
    heads: tuple[tuple[Head, ...], ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if any(len(row) not in (1, len(self.widths)) for row in self.rows):
            raise ValueError(f"表“{self.title}”有一行的格数与列数不符")
        return self


class Bars(_Strict):
    """A chart of columns with a line for the limit; numbers as decimals in text."""

    kind: Literal["bars"] = "bars"
    title: str
    unit: str = ""
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    limit: str = ""


Block = Annotated[Words | Sheet | Bars, Field(discriminator="kind")]


class Annex(_Strict):
    """One annex with its own page."""

    title: str
    landscape: bool = False
    blocks: tuple[Block, ...]


_ANNEXES = TypeAdapter(tuple[Annex, ...])


def dump(annexes: Sequence[Annex]) -> list[object]:
    """As JSON holds them."""
    plain: list[object] = _ANNEXES.dump_python(tuple(annexes), mode="json", exclude_defaults=False)
    return list(plain)


def load(plain: object) -> tuple[Annex, ...]:
    """From JSON.

    Raises:
        ValueError: it is no annex.
    """
    return _ANNEXES.validate_python(tuple(plain) if isinstance(plain, list) else plain)


def bars_of(annexes: Sequence[Annex]) -> list[Bars]:
    """All charts in order: the number of a chart is its place here."""
    return [one for annex in annexes for one in annex.blocks if isinstance(one, Bars)]
