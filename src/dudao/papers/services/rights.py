"""May this hat do it, whose hand is it, and is the paper still as it was seen."""

from typing import Any
from uuid import UUID

from dudao.papers.models import Paper
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused


def may(by: Actor, *capabilities: str) -> None:
    """Refuse a hat that gives none of these; the system acts by itself.

    Raises:
        Refused: ``papers.not_allowed``.
    """
    if by.person is not None and not any(by.can(one) for one in capabilities):
        raise Refused("您的身份不能办理这件公文，请换身份或联系督导室。", code="papers.not_allowed")


def writers(paper: Paper) -> set[UUID]:
    """Everybody whose hand was in the words: who drafted it, and who saved a text of it, and in whose hat."""
    found = {paper.drafted_by} if paper.drafted_by else set()
    for pair in paper.texts.values_list("written_by", "written_for"):
        found |= {one for one in pair if one}
    return found


def claim(paper: Paper, base_version: int, *states: Paper.State, **changes: Any) -> None:
    """Change a paper as the reader saw it, in one of the states.

    Raises:
        Refused: ``papers.state``.
        Conflict: ``papers.changed``.
    """
    if not claimed(paper, base_version, changes, state__in=states):
        in_state(paper, *states)
        raise Conflict("别人刚刚改过这件公文，请对照后再办。", code="papers.changed")


def in_state(paper: Paper, *states: Paper.State) -> None:
    """Refuse where the paper, read again, is in none of the states.

    Raises:
        Refused: ``papers.state``.
    """
    if paper.state not in states:
        raise Refused(f"这件公文现在是“{paper.get_state_display()}”，不能再这样办理。", code="papers.state")


def named(paper: Paper) -> str:
    """A paper in history and messages: a restricted one without its title."""
    return "一件限阅公文" if paper.is_restricted else f"《{paper.title}》"
