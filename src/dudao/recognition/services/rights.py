"""May this hat do it, and is the report still as it was seen."""

from typing import Any

from dudao.recognition.models import Report
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused


def may(by: Actor, *capabilities: str) -> None:
    """Refuse a hat that lacks one of these; the system acts by itself.

    Raises:
        Refused: ``recognition.not_allowed``.
    """
    if by.person is not None and not all(by.can(one) for one in capabilities):
        raise Refused("您的身份不能办理自查报告，请换身份或联系督导室。", code="recognition.not_allowed")


def claim(report: Report, base_version: int, *states: Report.State, **changes: Any) -> None:
    """Change a report as the reader saw it, in one of the states.

    Raises:
        Refused: ``recognition.state``.
        Conflict: ``recognition.changed``.
    """
    if not claimed(report, base_version, changes, state__in=states):
        if report.state not in states:
            raise Refused(f"报告现在是“{report.get_state_display()}”，不能这样办理。", code="recognition.state")
        raise Conflict("别人刚刚改过这份报告，请对照后再办。", code="recognition.changed")
