"""May this hat do it, is it still as it was seen, and are the days in order."""

import re
from datetime import date, datetime
from typing import Any

from dudao.complaints import queries
from dudao.complaints.models import Complaint, ComplaintStep
from dudao.messages.guard import personal_in
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of, not_ahead
from dudao.shell.errors import Conflict, Refused


def may_handle(complaint: Complaint, *, by: Actor, now: datetime) -> None:
    """The office, and nobody whom it is about or who belongs to the unit.

    Raises:
        Refused: ``complaints.not_allowed``, ``complaints.concerned``.
    """
    if not queries.handles(by) or by.county != complaint.county:
        raise Refused("投诉由督导室办理。", code="complaints.not_allowed")
    not_concerned(complaint, by=by, now=now)


def not_concerned(complaint: Complaint, *, by: Actor, now: datetime) -> None:
    """Raises: ``Refused`` ``complaints.concerned``."""
    if by.person is not None and queries.concerned(by, complaint, day=day_of(now)):
        raise Refused("投诉涉及您本人或您任职的单位，请由别的同志办理。", code="complaints.concerned")


def in_order(complaint: Complaint, day: date, *, now: datetime) -> None:
    """A step happens neither after today nor before the one before it.

    Raises:
        Refused: ``complaints.future``, ``complaints.dates``.
    """
    not_ahead(day, now, "occurred_on", code="complaints.future")
    last = complaint.steps.order_by("-occurred_on").values_list("occurred_on", flat=True).first()
    if last and day < last:
        raise Refused(
            f"日期不能早于上一步（{last.year}年{last.month}月{last.day}日）。",
            code="complaints.dates",
            field="occurred_on",
        )


def claim(complaint: Complaint, base_version: int, *states: Complaint.State, **changes: Any) -> None:
    """Change a complaint as the reader saw it, in one of the states.

    Raises:
        Refused: ``complaints.state``. Conflict: ``complaints.changed``.
    """
    if not claimed(complaint, base_version, changes, state__in=states):
        if complaint.state not in states:
            words = f"这件投诉现在是“{complaint.get_state_display()}”，不能这样办。"
            raise Refused(words, code="complaints.state")
        raise Conflict(
            "这一页打开以后，这件投诉又有办理。请看过最新情况再办；您填写的内容还在。", code="complaints.changed"
        )


def note(
    complaint: Complaint, step: ComplaintStep.Step, *, occurred_on: date, by: Actor, now: datetime, said: str = "", words: str = ""
) -> ComplaintStep:  # fmt: skip
    """Write a step down."""
    row = ComplaintStep(
        complaint=complaint, step=step, occurred_on=occurred_on, said=said[:200], words=words.strip(), by_person=by.person,
        by_name=by.name, recorded_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


#: How people are called beside their name; without it the name is looked for. What is left of 家长 is nobody.
_CALLED = re.compile(r"(先生|女士|老师|同志|同学|家长|妈妈|爸爸|母亲|父亲|奶奶|爷爷)+$")
_NOBODY = {"匿名", "群众", "学生", "教师", "居民", "村民", "热心", "未留名", "不愿透露"}


def without_who(title: str, *, name: str, contact: str) -> str:
    """A line of the office that lists, sheets and the inspector show; it may not tell who complained.

    Args:
        name, contact: what the complainant left.

    Raises:
        Refused: ``complaints.who``, at ``title``.
    """
    title = title.strip()[:100]
    name, contact = name.strip(), contact.strip()
    called = _CALLED.sub("", name)
    names = {one for one in (name, called) if one and called and called not in _NOBODY}
    found = personal_in(title, names=names)
    digits, bare = re.sub(r"\D", "", contact), re.sub(r"(?<=\d)[\s-]+(?=\d)", "", title)
    if (len(contact) > 3 and contact in title) or (len(digits) > 5 and digits in bare):
        found.append("联系方式")
    if found:
        raise Refused(
            "事项会出现在登记表、Excel 和承办督学的页面上，不能写投诉人的称呼、联系方式，也不能写电话号码、身份证件号。",
            code="complaints.who",
            field="title",
        )
    return title


def wanted(text: str, *, name: str, ask: str) -> str:
    """Raises: ``Refused`` ``complaints.words``, nothing is written there."""
    if not text.strip():
        raise Refused(ask, code="complaints.words", field=name)
    return text.strip()
