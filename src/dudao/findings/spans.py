"""The periods that findings are looked at by: years, half-years and terms, each with a short code for addresses."""

from collections.abc import Sequence
from datetime import date

from dudao.shell import periods as terms
from dudao_engines.kernel import periods
from dudao_engines.kernel.periods import Period


def spans(years: Sequence[int]) -> dict[str, Period]:
    """Each year with its halves and the terms that begin in it, the newest year first: 2024, 2024H1, 2024T2."""
    found: dict[str, Period] = {}
    for year in years:
        found[str(year)] = periods.calendar_year(year)
        for half, month in ((1, 1), (2, 7)):
            span = periods.half_year(date(year, month, 1))
            found[f"{year}H{half}"] = Period(span.start, span.end, span.kind, f"{year}年{span.label}")
        begun = [term for term in terms.terms_of(year) if term.start.year == year]
        found |= {f"{year}T{at}": term for at, term in enumerate(begun, 1)}
    return found


def chosen(code: str, years: Sequence[int], *, today: date) -> tuple[str, Period]:
    """The period asked for, else this year."""
    known = spans(years)
    return (code, known[code]) if code in known else (str(today.year), periods.calendar_year(today.year))
