"""The periods that a day lies in, by the calendar of ``library/calendars``."""

from datetime import date
from functools import cache
from typing import Annotated

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, StringConstraints

from dudao_engines.kernel import periods
from dudao_engines.kernel.periods import Period


class _Term(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")]


class _Calendar(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    terms: tuple[_Term, ...]
    checked_on: date | None


@cache
def _calendar() -> _Calendar:
    text = (settings.LIBRARY / "calendars" / "default.yaml").read_text("utf-8")
    return _Calendar.model_validate(yaml.safe_load(text))


def terms_of(year: int) -> list[Period]:
    """The terms that touch a calendar year, in order; labels as in ``current``."""
    first, last = _terms(date(year, 1, 1)), _terms(date(year, 12, 31))
    return [term for term in first + last if term.start.year <= year <= term.end.year]


def current(day: date) -> dict[str, Period]:
    """The term, school year and calendar year that a day lies in, by a short code for addresses.

    While nobody has compared the terms with the published school calendar, the term's label says 未核实.
    """
    term = next(period for period in _terms(day) if day in period)
    return {"term": term, "school-year": periods.school_year(day), "year": periods.calendar_year(day.year)}


def _terms(day: date) -> list[Period]:
    calendar = _calendar()
    found = periods.terms(day, [(int(term.start[:2]), int(term.start[3:])) for term in calendar.terms])
    if calendar.checked_on is not None:
        return found
    return [Period(term.start, term.end, term.kind, f"{term.label}（校历未核实）") for term in found]
