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


def current(day: date) -> dict[str, Period]:
    """The term, school year and calendar year that a day lies in, by a short code for addresses.

    While nobody has compared the terms with the published school calendar, the term's label says 未核实.
    """
    calendar = _calendar()
    starts = [(int(term.start[:2]), int(term.start[3:])) for term in calendar.terms]
    term = next(period for period in periods.terms(day, starts) if day in period)
    if calendar.checked_on is None:
        term = Period(term.start, term.end, term.kind, f"{term.label}（校历未核实）")
    return {"term": term, "school-year": periods.school_year(day), "year": periods.calendar_year(day.year)}
