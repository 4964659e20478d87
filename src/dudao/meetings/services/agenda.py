"""What stands on the agenda: kept from the plan on a day, added, put in order, taken off and put back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dudao.audit import services as audit
from dudao.meetings import queries
from dudao.meetings.models import AgendaItem, Meeting
from dudao.meetings.services.rights import in_state, may
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

_WITH_OWN = (*Meeting.OPEN, Meeting.State.HELD)


@transaction.atomic
def keep_agenda(*, meeting: Meeting, by: Actor, now: datetime) -> None:
    """Keep what the plan says today on the agenda; the office's own items and what was taken off stay as they are.

    Raises:
        Refused: ``meetings.not_allowed``.
    """
    may(by)
    today = day_of(now)
    there = {_key(item): item for item in meeting.items.exclude(group=AgendaItem.Group.OWN)}
    written = set(meeting.paragraphs.values_list("item", flat=True))
    fresh, kept = [], []
    for item in queries.from_plan(by, meeting, today=today):
        old = there.pop(_key(item), None)
        if old is None:
            fresh.append(item)
            continue
        old.group, old.title, old.words, old.position = item.group, item.title, item.words, item.position
        kept.append(old)
    # What was taken off stays off; what the plan no longer tells goes, unless something was said about it.
    gone = [item.pk for item in there.values() if not item.is_removed and item.pk not in written]
    AgendaItem.objects.filter(pk__in=gone).delete()
    AgendaItem.objects.bulk_update(kept, ["group", "title", "words", "position"], batch_size=100)
    # The constraint decides when two keep it in the same moment.
    AgendaItem.objects.bulk_create(fresh, ignore_conflicts=True)
    Meeting.objects.filter(pk=meeting.pk).update(agenda_on=today)
    meeting.agenda_on = today


def _key(item: AgendaItem) -> object:
    """A task stands on an agenda once; the rest of a group that is too long stands for the group."""
    return item.task_id or item.group


@transaction.atomic
def refresh_agenda(*, meeting: Meeting, by: Actor, now: datetime) -> None:
    """Keep the agenda anew, until the meeting is held.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``.
    """
    may(by)
    _still(meeting, *Meeting.OPEN)
    keep_agenda(meeting=meeting, by=by, now=now)
    summary = f"更新议程：{meeting.title}"
    audit.record(action="agenda.refreshed", subject=meeting, summary=summary, by=by, now=now)


@transaction.atomic
def add_item(*, meeting: Meeting, title: str, by: Actor, now: datetime) -> AgendaItem:
    """Put something of the office's own on the agenda, also during the meeting.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.title``.
    """
    may(by)
    _still(meeting, *_WITH_OWN)
    if not title.strip():
        raise Refused("请填写议题。", code="meetings.title", field="title")
    last = meeting.items.filter(group=AgendaItem.Group.OWN).aggregate(last=Max("position"))["last"]
    item = AgendaItem(meeting=meeting, title=title.strip()[:300], position=0 if last is None else last + 1)
    item.save(force_insert=True)
    audit.record(action="agenda.added", subject=meeting, summary=f"增加议题：{item.title}", by=by, now=now)
    return item


def _still(meeting: Meeting, *states: Meeting.State) -> None:
    meeting.refresh_from_db()
    in_state(meeting, *states)


@transaction.atomic
def remove_item(*, item: AgendaItem, by: Actor, now: datetime) -> None:
    """Take something off the agenda; it can be put back. What minutes were written under stays.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.minuted`` (has paragraphs).
    """
    may(by)
    _still(item.meeting, *_WITH_OWN)
    if item.paragraphs.filter(is_removed=False).exists():
        raise Refused("这个议题下已有记录，不能移出。", code="meetings.minuted")
    if AgendaItem.objects.filter(pk=item.pk, is_removed=False).update(is_removed=True):
        summary = f"移出议题：{item.title}"
        audit.record(action="agenda.removed", subject=item.meeting, summary=summary, by=by, now=now)


@transaction.atomic
def restore_item(*, item: AgendaItem, by: Actor, now: datetime) -> None:
    """Put back what was taken off.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``.
    """
    may(by)
    _still(item.meeting, *_WITH_OWN)
    if AgendaItem.objects.filter(pk=item.pk, is_removed=True).update(is_removed=False):
        summary = f"放回议题：{item.title}"
        audit.record(action="agenda.restored", subject=item.meeting, summary=summary, by=by, now=now)


@transaction.atomic
def move_item(*, item: AgendaItem, up: bool, by: Actor, now: datetime) -> None:
    """Put an item one place up or down among those of its kind; at the end nothing changes.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``.
    """
    may(by)
    _still(item.meeting, *_WITH_OWN)
    rows = list(item.meeting.items.filter(group=item.group, is_removed=False))
    at = next((n for n, row in enumerate(rows) if row.pk == item.pk), None)
    to = None if at is None else at - 1 if up else at + 1
    if at is None or to is None or not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for n, row in enumerate(rows):
        row.position = n
    AgendaItem.objects.bulk_update(rows, ["position"])
    summary = f"调整议题次序：{item.title}"
    audit.record(action="agenda.moved", subject=item.meeting, summary=summary, by=by, now=now)
