"""What inspectors look at each month, and in which months nobody is expected (``library/visits.yaml``), read once."""

from functools import cache
from typing import Annotated, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from dudao_engines.kernel import datafiles

Kind = Literal["school", "kindergarten"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Item(_Strict):
    """One thing to look at; ``danger``: what is wrong there may endanger life."""

    id: str
    text: str
    danger: bool = False


class Theme(_Strict):
    """What the visits of a month are about."""

    id: str
    kind: Kind = Field(alias="for")
    name: str
    months: tuple[int, ...]
    clause: str
    evidence: str
    items: tuple[Item, ...]


class _Off(_Strict):
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...]
    evidence: str


class _File(_Strict):
    off_months: _Off
    always: dict[Kind, tuple[Item, ...]]
    themes: tuple[Theme, ...]


@cache
def _file() -> _File:
    return datafiles.read(settings.LIBRARY / "visits.yaml", _File)


def off_months() -> tuple[int, ...]:
    """Months in which nobody is expected once a month."""
    return _file().off_months.months


def kind_of(unit_kind: str) -> Kind:
    """Which lists a unit goes by."""
    return "kindergarten" if unit_kind == "kindergarten" else "school"


def themes(kind: Kind) -> list[Theme]:
    """The themes of schools or kindergartens, in the order of the file."""
    return [one for one in _file().themes if one.kind == kind]


def theme(code: str) -> Theme | None:
    """A theme by its code; None for one that the file does not have any more."""
    return next((one for one in _file().themes if one.id == code), None)


def theme_name(code: str) -> str:
    """What a theme is called; its code where the file does not have it any more."""
    found = theme(code)
    return found.name if found else code


def of_month(kind: Kind, month: int) -> Theme:
    """The theme that is proposed for a month; the first one where none is."""
    every = themes(kind)
    return next((one for one in every if month in one.months), every[0])


def items(code: str, kind: Kind) -> list[Item]:
    """What a visit looks at: what is always looked at, then the theme's own."""
    found = theme(code)
    return [*_file().always[kind], *(found.items if found else ())]
