"""May this hat do it, and is the dossier still as it was seen."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from dudao.dossiers import queries
from dudao.dossiers.models import Dossier
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

#: Days that people say lie today or before: ``Refused`` ``dossiers.future``.
not_ahead = partial(clock.not_ahead, code="dossiers.future")


def manages(by: Actor) -> bool:
    return by.sees_county and by.can("dossier.manage")


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``dossiers.not_allowed``."""
    if not manages(by):
        raise Refused("只有督导室可以这样办理。", code="dossiers.not_allowed")


def answers(by: Actor, dossier: Dossier) -> bool:
    """Whether the hat answers for the dossier: its school, its duty department, or the office in their place."""
    if manages(by):
        return True
    return by.can("dossier.answer") and by.unit is not None and by.unit in (dossier.unit_id, dossier.department_id)


def behalf(by: Actor, dossier: Dossier) -> UUID | None:
    """The unit that the office hands in for: what came on paper; None where the unit does it itself."""
    own = (dossier.unit_id, dossier.department_id)
    return None if by.unit in own else dossier.unit_id or dossier.department_id


def may_answer(by: Actor, dossier: Dossier) -> None:
    """Raises: ``Refused`` ``dossiers.not_allowed``."""
    if not answers(by, dossier):
        raise Refused("这份材料由责任部门或学校报送，您的身份不能代报。", code="dossiers.not_allowed")


def why_not_judge(by: Actor, dossier: Dossier, *, day: date) -> str:
    """Why the hat may not judge the dossier, in words; empty where it may. Nobody judges their own unit."""
    if not by.can("dossier.judge") or not by.hands:
        return "判定和复核由督导室、督学办理。"
    if queries.own_posts(by, [dossier], day=day):
        return "责任部门和本单位的人不能判定、复核自己的材料。"
    return ""


def may_judge(by: Actor, dossier: Dossier, now: datetime) -> None:
    """Raises: ``Refused`` ``dossiers.not_allowed``, ``dossiers.own_unit``."""
    if not by.can("dossier.judge") or not by.hands:
        raise Refused("判定和复核由督导室、督学办理。", code="dossiers.not_allowed")
    if why := why_not_judge(by, dossier, day=day_of(now)):
        raise Refused(why, code="dossiers.own_unit")


def said(words: str, name: str, message: str) -> str:
    """Words that must not be empty. Raises: ``Refused`` ``dossiers.words``."""
    words = words.strip()
    if not words:
        raise Refused(message, code="dossiers.words", field=name)
    return words


def claim(dossier: Dossier, base_version: int, *states: str, **changes: Any) -> None:
    """Change a dossier as the reader saw it, in one of the states.

    Raises:
        Refused: ``dossiers.state``.
        Conflict: ``dossiers.changed``.
    """
    if claimed(dossier, base_version, changes, state__in=states):
        return
    if dossier.state not in states:
        raise Refused(f"这份材料现在是“{dossier.get_state_display()}”，不能这样办理。", code="dossiers.state")
    raise Conflict("这一页打开以后又有办理，请看过最新情况再办；您填写的内容还在。", code="dossiers.changed")
