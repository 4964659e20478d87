"""May this hat do it."""

from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


def may(by: Actor, capability: str) -> None:
    """Refuse what the hat does not give.

    Raises:
        Refused: ``plan.not_allowed``.
    """
    if not by.can(capability):
        raise Refused("您的身份不能办理这件事，请换身份或联系督导室。", code="plan.not_allowed")
