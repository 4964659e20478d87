"""The minutes: written during the meeting, decisions that become tasks, finished, and afterwards only amended."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.urls import reverse

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.meetings.models import AgendaItem, Amendment, Meeting, Paragraph
from dudao.meetings.services.rights import claim, in_state, may
from dudao.places import queries as places
from dudao.plan import services as plan
from dudao.plan.models import Task
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.templatetags.parts import fullday

LONGEST = 20_000


def _writing(meeting: Meeting) -> None:
    """Hold the meeting in its state until this transaction ends, so that nobody finishes the minutes meanwhile."""
    if not Meeting.objects.filter(pk=meeting.pk, state=Meeting.State.HELD).update(state=Meeting.State.HELD):
        meeting.refresh_from_db()
        if meeting.state == Meeting.State.MINUTED:
            raise Refused("纪要已经定稿，要改请用更正。", code="meetings.finished")
        raise Refused("会议还没有开始，先登记召开再记纪要。", code="meetings.state")


def _words(text: str) -> str:
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not text:
        raise Refused("请写内容。", code="meetings.text", field="text")
    if len(text) > LONGEST:
        raise Refused(f"一段最多 {LONGEST} 个字，请分段。", code="meetings.text", field="text")
    return text


@transaction.atomic
def write_paragraph(*, meeting: Meeting, item: AgendaItem | None, text: str, by: Actor, now: datetime) -> Paragraph:
    """Write a paragraph under an agenda item of the meeting, or by itself.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.finished``, ``meetings.text``,
            ``meetings.item`` (of another meeting, or taken off).
    """
    may(by)
    _writing(meeting)
    return _write(meeting, item, _words(text), by=by, now=now)


def _write(meeting: Meeting, item: AgendaItem | None, text: str, *, by: Actor, now: datetime) -> Paragraph:
    if item is not None and not meeting.items.filter(pk=item.pk, is_removed=False).exists():
        raise Refused("这个议题不在这次会议的议程里。", code="meetings.item")
    last = meeting.paragraphs.aggregate(last=Max("position"))["last"]
    paragraph = Paragraph(
        meeting=meeting,
        item=item,
        position=0 if last is None else last + 1,
        text=text,
        written_by=by.name,
        written_at=now,
    )
    paragraph.save(force_insert=True)
    summary = f"记纪要：{meeting.title}，{item.title if item else '其他事项'}"
    audit.record(action="minutes.written", subject=meeting, summary=summary, by=by, now=now)
    return paragraph


def _claim(paragraph: Paragraph, base_version: int, **changes: object) -> None:
    if not claimed(paragraph, base_version, changes, is_removed=False):
        raise Conflict("别人刚刚改过这一段，请对照后再保存。", code="meetings.changed")


@transaction.atomic
def change_paragraph(*, paragraph: Paragraph, base_version: int, text: str, by: Actor, now: datetime) -> None:
    """Change the words of a paragraph while the minutes are open.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.finished``, ``meetings.text``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    _writing(paragraph.meeting)
    before, text = paragraph.text, _words(text)
    if text == before and paragraph.version == base_version:
        return
    _claim(paragraph, base_version, text=text, written_by=by.name, written_at=now)
    audit.record(
        action="minutes.changed",
        subject=paragraph.meeting,
        summary=f"改纪要：{paragraph.meeting.title}",
        by=by,
        now=now,
        before=before,
        after=text,
    )


@transaction.atomic
def remove_paragraph(*, paragraph: Paragraph, by: Actor, now: datetime) -> None:
    """Take a paragraph out; it can be put back until the minutes are finished.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.finished``, ``meetings.has_task``.
    """
    may(by)
    _writing(paragraph.meeting)
    if paragraph.task_id:
        raise Refused("这一段的决定已列为任务，不能删除；任务不对的，到任务里改或撤销。", code="meetings.has_task")
    rows = Paragraph.objects.filter(pk=paragraph.pk, is_removed=False, task__isnull=True)
    if rows.update(is_removed=True, version=F("version") + 1):
        summary = f"删去一段纪要：{paragraph.meeting.title}"
        audit.record(
            action="minutes.removed", subject=paragraph.meeting, summary=summary, by=by, now=now, before=paragraph.text
        )


@transaction.atomic
def restore_paragraph(*, paragraph: Paragraph, by: Actor, now: datetime) -> None:
    """Put back a paragraph that was taken out.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.finished``.
    """
    may(by)
    _writing(paragraph.meeting)
    if Paragraph.objects.filter(pk=paragraph.pk, is_removed=True).update(is_removed=False, version=F("version") + 1):
        summary = f"放回一段纪要：{paragraph.meeting.title}"
        audit.record(action="minutes.restored", subject=paragraph.meeting, summary=summary, by=by, now=now)


@transaction.atomic
def decide_paragraph(
    *,
    paragraph: Paragraph,
    base_version: int,
    matter: str,
    unit: UUID | None,
    person: UUID | None,
    due_on: date | None,
    at_once: bool = False,
    by: Actor,
    now: datetime,
) -> None:
    """Mark a paragraph as a decision: who does what until when. It becomes a task at once, or when the minutes are finished.

    Args:
        matter: what is to be done; the task's title.
        at_once: make the task now.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.finished``, ``meetings.has_task``, ``meetings.matter``,
            ``meetings.due_on`` (before the meeting), ``plan.unit``, ``plan.person``, ``plan.due_on``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    _writing(paragraph.meeting)
    if paragraph.task_id:
        raise Refused("这个决定已列为任务，到任务里修改。", code="meetings.has_task")
    if not matter.strip():
        raise Refused("请写明要办的事。", code="meetings.matter", field="matter")
    held = paragraph.meeting.day
    if due_on and held and not held <= due_on <= date(held.year + 5, 12, 31):
        raise Refused("时限不能早于会议当天，也不能太远。", code="meetings.due_on", field="due_on")
    _known(unit, person, by=by, now=now)
    _claim(
        paragraph,
        base_version,
        is_decision=True,
        matter=matter.strip()[:300],
        unit=unit,
        person=person,
        due_on=due_on,
    )
    audit.record(
        action="minutes.decided",
        subject=paragraph.meeting,
        summary=f"会议决定：{paragraph.matter}",
        by=by,
        now=now,
    )
    if at_once:
        _make_task(paragraph, by=by, now=now)


def _known(unit: UUID | None, person: UUID | None, *, by: Actor, now: datetime) -> None:
    today = day_of(now)
    if unit and not places.units_visible_to(by, as_of=today).filter(unit=unit).exists():
        raise Refused("请选择本县现有的单位。", code="plan.unit", field="unit")
    if person and not accounts.people_visible_to(by, day=today).filter(pk=person).exists():
        raise Refused("请选择本县现有的人员。", code="plan.person", field="person")


@transaction.atomic
def undecide_paragraph(*, paragraph: Paragraph, base_version: int, by: Actor, now: datetime) -> None:
    """The paragraph is no decision after all; possible until it is a task.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.finished``, ``meetings.has_task``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    _writing(paragraph.meeting)
    if paragraph.task_id:
        raise Refused("这个决定已列为任务，到任务里撤销。", code="meetings.has_task")
    matter = paragraph.matter
    _claim(paragraph, base_version, is_decision=False, matter="", unit=None, person=None, due_on=None)
    summary = f"不作为决定：{matter}"
    audit.record(action="minutes.undecided", subject=paragraph.meeting, summary=summary, by=by, now=now)


def _make_task(paragraph: Paragraph, *, by: Actor, now: datetime) -> Task:
    """The task of a decision, with the way back to its words; the paragraph takes it only once."""
    meeting = paragraph.meeting
    task = plan.add_task(
        title=paragraph.matter,
        quote=paragraph.text,
        origin=f"{fullday(meeting.day)}{meeting.title}决定"[:200],
        origin_link=f"{reverse('meetings:minutes', args=[meeting.pk])}#p-{paragraph.pk}",
        lead=paragraph.unit_id,
        person=paragraph.person_id,
        due_on=paragraph.due_on,
        by=by,
        now=now,
    )
    if not Paragraph.objects.filter(pk=paragraph.pk, task__isnull=True).update(task=task):
        raise Refused("这个决定刚刚已列为任务。", code="meetings.has_task")
    paragraph.task = task
    return task


@transaction.atomic
def finish_minutes(*, meeting: Meeting, base_version: int, by: Actor, now: datetime) -> list[Task]:
    """The minutes stand: every decision becomes a task, afterwards words are only amended, with a reason.

    Returns:
        The tasks made now.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.empty`` (nothing written), and what the plan
            refuses of a decision.
        Conflict: ``meetings.changed``.
    """
    may(by)
    claim(meeting, base_version, Meeting.State.HELD, state=Meeting.State.MINUTED, finished_at=now)
    rows = list(meeting.paragraphs.filter(is_removed=False).select_related("meeting"))
    if not rows:
        raise Refused("纪要还没有内容，先记下再定稿。", code="meetings.empty")
    made = [_make_task(row, by=by, now=now) for row in rows if row.is_decision and row.task_id is None]
    audit.record(
        action="minutes.finished",
        subject=meeting,
        summary=f"纪要定稿：{meeting.title}，新列任务 {len(made)} 项",
        by=by,
        now=now,
        tasks=len(made),
    )
    return made


@transaction.atomic
def amend_paragraph(
    *, paragraph: Paragraph, base_version: int, text: str, reason: str, by: Actor, now: datetime
) -> Amendment:
    """Correct a paragraph of minutes that stand; both texts and the reason stay. Tasks are corrected in the plan.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.text`` (nothing, or nothing else),
            ``meetings.reason``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    paragraph.meeting.refresh_from_db()
    in_state(paragraph.meeting, Meeting.State.MINUTED)
    before, text = paragraph.text, _words(text)
    if text == before:
        raise Refused("内容没有改动。", code="meetings.text", field="text")
    if not reason.strip():
        raise Refused("请写明更正原因。", code="meetings.reason", field="reason")
    _claim(paragraph, base_version, text=text)
    return _amended(paragraph, before, reason, by=by, now=now)


@transaction.atomic
def supplement_minutes(
    *, meeting: Meeting, item: AgendaItem | None, text: str, reason: str, by: Actor, now: datetime
) -> Amendment:
    """Add a paragraph to minutes that stand, with the reason.

    Raises:
        Refused: as ``amend_paragraph``, and ``meetings.item``.
    """
    may(by)
    meeting.refresh_from_db()
    in_state(meeting, Meeting.State.MINUTED)
    if not reason.strip():
        raise Refused("请写明补充原因。", code="meetings.reason", field="reason")
    paragraph = _write(meeting, item, _words(text), by=by, now=now)
    return _amended(paragraph, "", reason, by=by, now=now)


def _amended(paragraph: Paragraph, before: str, reason: str, *, by: Actor, now: datetime) -> Amendment:
    made = Amendment(
        paragraph=paragraph,
        before=before,
        after=paragraph.text,
        reason=reason.strip()[:200],
        made_by=by.name,
        made_at=now,
    )
    made.save(force_insert=True)
    audit.record(
        action="minutes.amended",
        subject=paragraph.meeting,
        summary=f"更正纪要：{paragraph.meeting.title}",
        by=by,
        now=now,
        before=before,
        after=paragraph.text,
        reason=made.reason,
    )
    return made
