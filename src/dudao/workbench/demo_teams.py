"""The demo's plans: the gaps of responsible inspectors, and teams for what is ahead, left for the worker to solve and the office to adopt."""

from collections.abc import Callable
from datetime import datetime

from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.teams import queries
from dudao.teams import services as teams


def propose(*, who: Callable[[str], Actor], now: datetime) -> None:
    """A plan that fills gaps; one of teams where inspections wait for theirs."""
    office, today = who("shili-zhuanzhi"), day_of(now)
    teams.plan_duties(title="补齐责任督学（示例）", starts_on=today, most=6, only_gaps=True, by=office, now=now)
    if rows := queries.open_inspections(office, today=today):
        teams.plan_teams(
            title="4月督导组队（示例）", inspections=[row.pk for row in rows], size=3, most=2, lines=["school"], by=office,
            now=now,
        )  # fmt: skip
