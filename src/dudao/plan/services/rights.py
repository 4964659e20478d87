"""May this hat do it, and is the notice still being checked."""

from dudao.plan.models import Notice
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


def may(by: Actor, capability: str) -> None:
    """Refuse what the hat does not give.

    Raises:
        Refused: ``plan.not_allowed``.
    """
    if not by.can(capability):
        raise Refused("您的身份不能办理这件事，请换身份或联系督导室。", code="plan.not_allowed")


def notice_open(notice: Notice) -> None:
    """Refuse a notice that is not being checked any more.

    Raises:
        Refused: ``plan.notice_closed``.
    """
    if notice.state != Notice.State.CHECKING:
        raise Refused(f"这份要点{notice.get_state_display()}，不能再改。", code="plan.notice_closed")
