"""May this hat do it, and is the draw still as it was seen."""

from functools import partial
from typing import Any

from dudao.draws.models import Draw
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused

#: Days that people say lie today or before: ``Refused`` ``draws.future``.
not_ahead = partial(clock.not_ahead, code="draws.future")


def manages(by: Actor) -> bool:
    """The office, or the system in its place."""
    return by.acts_for_county("draw.manage")


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``draws.not_allowed``."""
    if not manages(by):
        raise Refused("随机抽取由督导室办理。", code="draws.not_allowed")


def said(words: str, name: str, message: str) -> str:
    """Words that must not be empty, in one line. Raises: ``Refused`` ``draws.words``."""
    words = " ".join(words.split())
    if not words:
        raise Refused(message, code="draws.words", field=name)
    return words


def claim(draw: Draw, base_version: int, *states: str, **changes: Any) -> None:
    """Change a draw as the reader saw it, in one of the states.

    Raises:
        Refused: ``draws.state``.
        Conflict: ``draws.changed``.
    """
    if claimed(draw, base_version, changes, state__in=states):
        return
    if draw.state not in states:
        raise Refused(f"这次抽取现在是“{draw.get_state_display()}”，不能这样办理。", code="draws.state")
    raise Conflict("这一页打开以后又有办理，请看过最新情况再办；您填写的内容还在。", code="draws.changed")
