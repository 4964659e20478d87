"""May this hat do it."""

from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


def manages(by: Actor) -> bool:
    """The office, or the system in its place."""
    return by.acts_for_county("inspector.manage")


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``duties.not_allowed``."""
    if not manages(by):
        raise Refused("责任区和挂牌由督导室安排。", code="duties.not_allowed")
