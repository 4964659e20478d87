"""May this hat do it, and is what was said in order."""

from functools import partial

from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused

#: Days that people say lie today or before: ``Refused`` ``inspectors.future``.
not_ahead = partial(clock.not_ahead, code="inspectors.future")


def manages(by: Actor) -> bool:
    """The office, or the system in its place."""
    return by.acts_for_county("inspector.manage")


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``inspectors.not_allowed``."""
    if not manages(by):
        raise Refused("督学名册由督导室管理。", code="inspectors.not_allowed")
