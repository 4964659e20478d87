"""May this hat do it, whose hand is it, and is the edition still as it was seen."""

from typing import Any

from dudao.disclosure.models import Edition
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused


def may(by: Actor, *capabilities: str) -> None:
    """Refuse a hat that gives none of these; the system acts by itself.

    Raises:
        Refused: ``disclosure.not_allowed``.
    """
    if by.person is not None and not (by.sees_county and any(by.can(one) for one in capabilities)):
        raise Refused("您的身份不能办理信息公开的这一步，请换身份或请有权的同志办理。", code="disclosure.not_allowed")


def in_state(edition: Edition, *states: Edition.State) -> None:
    """Refuse where the edition, read again, is in none of the states.

    Raises:
        Refused: ``disclosure.state``.
    """
    if edition.state not in states:
        words = f"这一版现在是“{edition.get_state_display()}”，不能这样办理。"
        raise Refused(words, code="disclosure.state")


def claim(edition: Edition, base_version: int, *states: Edition.State, **changes: Any) -> None:
    """Change an edition as the reader saw it, in one of the states.

    Raises:
        Refused: ``disclosure.state``.
        Conflict: ``disclosure.changed``.
    """
    if not claimed(edition, base_version, changes, state__in=states):
        in_state(edition, *states)
        raise Conflict(
            "这一页打开以后，这一版又有办理（见“办理过程”）。请看过最新情况再办；您填写的内容还在。",
            code="disclosure.changed",
        )


def one_line(words: str, limit: int) -> str:
    """Words in one line, not longer than the field."""
    return " ".join(words.split())[:limit]
