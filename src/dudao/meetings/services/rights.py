"""May this hat do it, and is the row still as it was seen."""

from typing import Any

from dudao.meetings.models import Meeting
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused


def may(by: Actor) -> None:
    """Refuse a hat that does not keep the meetings; the system proposes by itself.

    Raises:
        Refused: ``meetings.not_allowed``.
    """
    if by.person is not None and not by.can("meeting.manage"):
        raise Refused("会议由督导室办理，请换身份或联系督导室。", code="meetings.not_allowed")


def claim(meeting: Meeting, base_version: int, *states: Meeting.State, **changes: Any) -> None:
    """Change a meeting as the reader saw it, in one of the states.

    Raises:
        Refused: ``meetings.state``.
        Conflict: ``meetings.changed``.
    """
    if not claimed(meeting, base_version, changes, state__in=states):
        in_state(meeting, *states)
        raise Conflict("别人刚刚改过这次会议，请对照后再保存。", code="meetings.changed")


def in_state(meeting: Meeting, *states: Meeting.State) -> None:
    """Refuse where the meeting, read again, is in none of the states.

    Raises:
        Refused: ``meetings.state``.
    """
    if meeting.state not in states:
        said = f"这次会议现在是“{meeting.get_state_display()}”，不能再这样办理。"
        raise Refused(said, code="meetings.state")
