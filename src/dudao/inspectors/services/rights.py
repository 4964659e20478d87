"""May this hat do it, and is what was said in order."""

from datetime import date, datetime

from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused


def manages(by: Actor) -> bool:
    """The office, or the system in its place."""
    return by.acts_for_county("inspector.manage")


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``inspectors.not_allowed``."""
    if not manages(by):
        raise Refused("督学名册由督导室管理。", code="inspectors.not_allowed")


def not_ahead(day: date, now: datetime, name: str, what: str) -> None:
    """Raises: ``Refused`` ``inspectors.future``."""
    if day > day_of(now):
        raise Refused(f"{what}不能晚于今天。", code="inspectors.future", field=name)
