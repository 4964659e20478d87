"""What the reader finds inside a point, for the person who checks it: duties with who and when, figures recomputed.

Read anew from the notice's own words each time; nothing of it is stored until a person makes a task of it.
"""

from dataclasses import dataclass

from dudao.plan.models import Notice, Point
from dudao_engines.notices import Action, read_notice
from dudao_engines.notices.facts import Check

RULES = {
    "weekly": "每周",
    "monthly": "每月",
    "quarterly": "每季度",
    "termly": "每学期",
    "half-yearly": "每半年",
    "yearly": "每年",
    "spring-and-autumn-start": "春秋季开学",
    "other": "定期",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty as it is shown: what, who, when; empty where the text does not say."""

    what: str
    who: str
    cooperating: str
    when: str


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found in the chosen point, and the recomputed figures of the whole notice."""

    duties: list[Duty]
    checks: tuple[Check, ...]


def _when(action: Action) -> str:
    if action.deadline:
        return action.deadline.quote
    if action.recurrence:
        return action.recurrence.quote or RULES.get(action.recurrence.rule or "", "定期")
    return action.vague_time.value if action.vague_time else ""


def _duty(action: Action) -> Duty:
    lead = "、".join(field.value for field in action.lead)
    subject = action.subject.value if action.subject else ""
    who = f"{lead}（牵头）" if lead else subject
    return Duty(action.quote, who, "、".join(field.value for field in action.cooperating), _when(action))


def inside(notice: Notice, chosen: Point | None) -> Inside:
    """Read a kept notice again; linear in its length.

    Args:
        chosen: the point whose duties are wanted; found again by where it begins in the text.
    """
    reading = read_notice(notice.text)
    points = [point for section in reading.sections for point in section.points]
    found = next((point for point in points if chosen and point.span.start == chosen.start), None)
    return Inside([_duty(action) for action in found.actions] if found else [], reading.checks)
