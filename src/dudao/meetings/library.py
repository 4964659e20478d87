"""The kinds of meetings of ``library/meetings.yaml``: strict, read once; and the periods in which they come round."""

from datetime import date
from functools import cache
from typing import Annotated, Literal

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dudao.accounts.posts import posts
from dudao.shell import periods as calendar
from dudao_engines.kernel import periods
from dudao_engines.kernel.periods import Period

Every = Literal["month", "quarter", "term", "half-year", "year", "never"]
EVERY: dict[str, str] = {
    "month": "每月",
    "quarter": "每季度",
    "term": "每学期",
    "half-year": "每半年",
    "year": "每年",
    "never": "不自动提议",
}
Evidence = Literal["NOTICE", "DESIGN"]
_Words = Annotated[str, Field(min_length=1, max_length=300)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """The paper and clause a kind comes from, with its words."""

    document: _Words
    number: _Words
    clause: _Words
    words: _Words


class _Evidence(_Strict):
    every: Evidence
    headings: Evidence
    invited: Evidence


class Kind(_Strict):
    """A kind of meeting; what each field means stands at the head of the file."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,22}$")]
    name: _Words
    every: Every
    by_office: bool = False
    invited: tuple[str, ...]
    headings: tuple[_Words, ...]
    closes: tuple[_Words, ...] = ()
    source: Source
    evidence: _Evidence

    @model_validator(mode="after")
    def _posts_are_known(self) -> "Kind":
        if unknown := set(self.invited) - set(posts()):
            raise ValueError(f"no such post: {sorted(unknown)}")
        return self


class _Library(_Strict):
    kinds: tuple[Kind, ...]

    @model_validator(mode="after")
    def _codes_are_unique(self) -> "_Library":
        if len({kind.code for kind in self.kinds}) != len(self.kinds):
            raise ValueError("codes of kinds must be unique")
        return self


def read(text: str) -> dict[str, Kind]:
    """Kinds by code from the words of the file."""
    return {kind.code: kind for kind in _Library.model_validate(yaml.safe_load(text)).kinds}


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by code, in the order of the file."""
    return read((settings.LIBRARY / "meetings.yaml").read_text("utf-8"))


def kind_name(code: str) -> str:
    """What a kind is called; one that the library does not know (any more) by its code."""
    return kinds()[code].name if code in kinds() else code


def period(every: str, day: date) -> Period | None:
    """The period that a day lies in, with a label that names the year; ``None`` where there is no rhythm."""
    if every == "term":
        term = calendar.current(day)["term"]
        # Whether the calendar was checked is said where terms are counted in, not in the name of a meeting.
        return Period(term.start, term.end, term.kind, term.label.removesuffix("（校历未核实）"))
    if every == "year":
        return periods.calendar_year(day.year)
    spans = {"month": periods.month, "quarter": periods.quarter, "half-year": periods.half_year}
    if every not in spans:
        return None
    of = spans[every](day)
    return Period(of.start, of.end, of.kind, f"{of.start.year}年{of.label}")
