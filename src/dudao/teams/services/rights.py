"""May this hat do it, and is the plan still what its reader saw."""

from typing import Any

from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused
from dudao.teams import queries
from dudao.teams.models import Plan


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``teams.not_allowed``."""
    if not queries.manages(by):
        raise Refused("组队与分工由督导室安排。", code="teams.not_allowed")


def claim(plan: Plan, base_version: int, *states: str, **changes: Any) -> None:
    """Change a plan that is in one of these states and still as its reader saw it.

    Raises:
        Refused: ``teams.state``.
        Conflict: ``teams.changed``.
    """
    if claimed(plan, base_version, changes, state__in=states):
        return
    if plan.state not in states:
        raise Refused(f"方案现在是“{plan.get_state_display()}”，不能这样办。", code="teams.state")
    raise Conflict("别人刚刚改过这个方案，请刷新后再看。", code="teams.changed")
