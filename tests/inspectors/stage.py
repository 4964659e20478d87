"""Inspectors for tests: entered, and in office since September."""

from datetime import date

from dudao.inspectors import library, services
from dudao.inspectors.models import Inspector, Term
from dudao.inspectors.services import Facts
from dudao.shell.acts import system
from tests.cast import NOW, Player

ABLE = Facts(kind="part", education="bachelor", since_year=2000, certificate_number="", stages=("primary",))


def entered(who: Player, facts: Facts = ABLE, *, county: str = "640122") -> Inspector:
    return services.enter_inspector(person=who.person, facts=facts, by=system(county), now=NOW)


def fit(row: Inspector, on: date = date(2023, 8, 1), **unmet: bool) -> None:
    """The six conditions looked at and met, but those said otherwise."""
    found = {one.id: (unmet.get(one.id, True), "人事档案（示例）") for one in library.conditions()}
    services.record_conditions(inspector=row, found=found, looked_on=on, who="示例", by=system(row.county), now=NOW)


def recommended(row: Inspector, on: date = date(2023, 8, 1)) -> Term:
    fit(row, on)
    return services.begin_term(inspector=row, recommended_on=on, who="教体局（示例）", by=system(row.county), now=NOW)


def announced(row: Inspector, start_on: date = date(2023, 9, 1), **more: object) -> Term:
    term = recommended(row)
    by = system(row.county)
    for step, day, facts in (
        ("review", date(2023, 8, 2), {}),
        ("publicise", date(2023, 8, 3), {"until": date(2023, 8, 9)}),
        ("announce", date(2023, 8, 10), {"start_on": start_on, **more}),
    ):
        services.take_step(term=term, base_version=term.version, step=step, occurred_on=day, by=by, now=NOW, **facts)
    return term
