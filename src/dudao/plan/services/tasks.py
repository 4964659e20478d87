"""Tasks as wholes: added by hand, done, opened again, withdrawn."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, QuerySet

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.messages import services as messages
from dudao.places import queries as places
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.plan.services.correct import refuse_wrong
from dudao.plan.services.recurring import open_periods
from dudao.plan.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

# Tries to find a free number while others add tasks too.
_TRIES = 5


@transaction.atomic
def add_task(
    *,
    title: str,
    year: int | None = None,
    quote: str = "",
    origin: str = "",
    origin_link: str = "",
    lead: UUID | None = None,
    leader: UUID | None = None,
    person: UUID | None = None,
    due_on: date | None = None,
    cooperating: str = "",
    proof: str = "",
    rule: str = "",
    level: str = "",
    level_label: str = "",
    line: str = "",
    parent: Task | None = None,
    by: Actor,
    now: datetime,
) -> Task:
    """Add a task that no notice of the house holds: set by hand, sent by an upper level, decided in a meeting.

    Args:
        year: the year of the plan; that of its day where it is not said, else this year.
        quote: the words it comes from; ``origin`` says whose they are, ``origin_link`` is the page where they stand.
        parent: the task it is a part of.

    Returns:
        The task, numbered ``补01``, ``补02`` … in its year, with its periods when it comes again.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.title``, ``plan.year``, ``plan.unit``, ``plan.person``, ``plan.due_on``.
    """
    may(by, "plan.edit")
    year = year or (due_on or day_of(now)).year
    if not day_of(now).year - 10 <= year <= day_of(now).year + 5:
        raise Refused("年度不对，请核对。", code="plan.year", field="year")
    task = Task(
        county=by.county, year=year, title="", quote=quote, origin=origin[:200], origin_link=origin_link[:200],
        parent=parent, checked_at=now,
    )  # fmt: skip
    values = {
        "title": title.strip()[:300], "lead_id": lead, "leader_id": leader, "person_id": person, "due_on": due_on,
        "cooperating": cooperating, "proof": proof, "rule": rule, "level": level, "level_label": level_label, "line": line,
    }  # fmt: skip
    refuse_wrong(task, {"title": title, **values}, by=by, now=now)
    for name, value in values.items():
        setattr(task, name, value)
    _numbered(task)
    open_periods(task, since=day_of(now))
    audit.record(action="task.added", subject=task, summary=f"新增任务 {task.number}：{task.title}", by=by, now=now)
    return task


def _numbered(task: Task) -> None:
    """Save a task under the next free number of its year; the constraint decides between two at once."""
    for attempt in range(_TRIES):
        there = Task.objects.filter(county=task.county, year=task.year)
        taken = there.filter(notice__isnull=True, number__regex=r"^补\d+$").values_list("number", flat=True)
        last = max((int(number[1:]) for number in taken), default=0)
        task.number = f"补{last + 1:02d}"
        task.position = (there.aggregate(last=Max("position"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                task.save(force_insert=True)
            return
        except IntegrityError:
            if attempt == _TRIES - 1:
                raise


# ---- the end of a task, and back ------------------------------------------------------------------------------------

# States of a part in which the unit, or the office, has still to do something.


def hold(tasks: Iterable[Task]) -> None:
    """Touch the rows of tasks, and before them those of the tasks whose periods they are: whoever decides about the
    same task next waits until we are through, and then sees what we did. Always in one order, and before any part.
    """
    tasks = list(tasks)
    above = {task.parent_id for task in tasks if task.parent_id}
    for key in [*sorted(above), *sorted({task.pk for task in tasks} - above)]:
        Task.objects.filter(pk=key).update(state=F("state"))


def settle(task: Task, *, by: Actor, now: datetime) -> None:
    """After a part ended: the task is done with its last open part, and not handed down when none is left.

    Called inside the service that changed the part, which holds the task.
    """
    live = TaskPart.objects.filter(task=task).exclude(state=TaskPart.State.WITHDRAWN)
    states = dict(live.order_by().values_list("state").annotate(n=Count("pk")))
    row = Task.objects.filter(pk=task.pk)
    if not states:
        row.filter(state=Task.State.HANDED).update(state=Task.State.DRAFT, version=F("version") + 1)
    elif set(states) == {TaskPart.State.DONE}:
        day = live.aggregate(last=Max("done_on"))["last"]
        _finish(row.filter(state__in=(Task.State.HANDED, Task.State.PAUSED)), "各单位", day=day, by=by, now=now)


def _finish(rows: QuerySet[Task], made_of: str, *, day: date, by: Actor, now: datetime) -> None:
    """Say of a task that it is done because all that it is made of is done."""
    task = rows.first()
    if task and rows.update(state=Task.State.DONE, done_on=day, reason="", version=F("version") + 1):
        summary = f"任务 {task.number} {made_of}都已办结：{task.title}"
        audit.record(action="task.done", subject=task, summary=summary, by=by, now=now)
        settle_parent(task, by=by, now=now)


def settle_parent(task: Task, *, by: Actor, now: datetime) -> None:
    """After a period ended or was opened again: the task that it is a period of is done with the last one."""
    if not (task.parent_id and task.opens_on):
        return
    live = Task.objects.filter(parent=task.parent_id, opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    states, parent = set(live.order_by().values_list("state", flat=True)), Task.objects.filter(pk=task.parent_id)
    if states == {Task.State.DONE}:
        day = live.aggregate(last=Max("done_on"))["last"]
        _finish(parent.filter(state__in=Task.OPEN), "各期", day=day, by=by, now=now)
    elif states:
        parent.filter(state=Task.State.DONE).update(state=Task.State.DRAFT, done_on=None, version=F("version") + 1)


@transaction.atomic
def close_task(
    *,
    task: Task,
    result: str,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    evidence: Sequence[files.Received] = (),
) -> Task:
    """Write down that a task is done (记录办结): the office's own, or one that was done outside the house.

    Args:
        result: what was done, in words.
        occurred_on: the day it was done, not before the notice was written and not after today.
        evidence: files already received.

    Raises:
        Refused: ``plan.not_allowed``; ``plan.result``, nothing said; ``plan.parts_open``, units have still to answer;
            ``plan.periods_open``, it comes again and periods are open; ``plan.task_closed``, it is done, paused or
            withdrawn; ``plan.day``; ``audit.future``.
    """
    may(by, "plan.review")
    if not result.strip():
        raise Refused("请写明办理结果。", code="plan.result", field="result")
    day = occurred_on or day_of(now)
    if task.notice and task.notice.dated_on and day < task.notice.dated_on:
        raise Refused("办结日期不能早于要点的成文日期。", code="plan.day", field="occurred_on")
    hold([task])
    open_parts = TaskPart.objects.filter(task=task, state__in=TaskPart.OPEN)
    if units := set(open_parts.values_list("unit_id", flat=True)):
        names = sorted(places.unit_names(by, units, as_of=day_of(now)).values())
        listed = "、".join(names[:5]) + (f"等 {len(names)} 个单位" if len(names) > 5 else "")
        raise Refused(f"{listed}还没有办结。请先审核或撤回，各单位都办结后任务自动办结。", code="plan.parts_open")
    periods = Task.objects.filter(parent=task, opens_on__isnull=False)
    if count := periods.filter(state__in=Task.UNDONE).count():
        raise Refused(f"还有 {count} 期没有办结，各期都办结后自动办结。", code="plan.periods_open")
    changed = Task.objects.filter(pk=task.pk, state__in=Task.OPEN).update(
        state=Task.State.DONE, result=result.strip(), done_on=day, version=F("version") + 1
    )
    task.refresh_from_db()
    if not changed:
        raise Refused(f"这项任务现在是“{task.get_state_display()}”，不能记录办结。", code="plan.task_closed")
    audit.record(
        action="task.done", subject=task, summary=f"记录办结任务 {task.number}：{task.title}", by=by, now=now,
        occurred_on=occurred_on, result=result.strip(),
    )  # fmt: skip
    for received in evidence:
        files.attach(received, subject=task, by=by, now=now, occurred_on=occurred_on)
    settle_parent(task, by=by, now=now)
    return task


@transaction.atomic
def reopen_task(*, task: Task, reason: str, by: Actor, now: datetime) -> Task:
    """Open a task again that was closed. What was written of it stays; parts of units stay done.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.task_open`` (it is not done).
    """
    may(by, "plan.review")
    if not reason.strip():
        raise Refused("请写明重新打开的原因。", code="plan.reason", field="reason")
    hold([task])
    open_again(task, reason=reason.strip(), by=by, now=now)
    return task


def open_again(task: Task, *, reason: str, by: Actor, now: datetime) -> None:
    """``reopen_task`` inside another service's transaction, which holds the task."""
    handed = TaskPart.objects.filter(task=task).exclude(state=TaskPart.State.WITHDRAWN).exists()
    changed = Task.objects.filter(pk=task.pk, state=Task.State.DONE).update(
        state=Task.State.HANDED if handed else Task.State.DRAFT, done_on=None, version=F("version") + 1
    )
    task.refresh_from_db()
    if not changed:
        raise Refused(f"这项任务现在是“{task.get_state_display()}”，不用重新打开。", code="plan.task_open")
    summary = f"重新打开任务 {task.number}：{task.title}"
    audit.record(action="task.reopened", subject=task, summary=summary, by=by, now=now, reason=reason)
    settle_parent(task, by=by, now=now)


@transaction.atomic
def withdraw_task(*, task: Task, reason: str, by: Actor, now: datetime) -> None:
    """Take a task out of the plan (撤销): its open parts, its open periods and their open parts end with it, with the
    reason; what is done stays done. Messages about it are answered, wishes to put it off are over.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.task_closed`` (it is done, or withdrawn already).
    """
    may(by, "plan.hand_down")
    if not reason.strip():
        raise Refused("请写明撤销原因。", code="plan.reason", field="reason")
    words = reason.strip()[:200]
    hold([task])
    periods = list(Task.objects.filter(parent=task, opens_on__isnull=False, state__in=Task.UNDONE))
    hold(periods)
    ending = Task.objects.filter(pk__in=[task.pk, *(one.pk for one in periods)], state__in=Task.UNDONE)
    ended = set(ending.values_list("pk", flat=True))
    if task.pk not in ended:
        task.refresh_from_db()
        raise Refused(f"这项任务现在是“{task.get_state_display()}”，不能撤销。", code="plan.task_closed")
    ending.update(state=Task.State.WITHDRAWN, reason=words, version=F("version") + 1)
    parts = TaskPart.objects.filter(task__in=ended, state__in=TaskPart.OPEN)
    units = {str(unit) for unit in parts.values_list("unit_id", flat=True)}
    parts.update(state=TaskPart.State.WITHDRAWN, withdraw_reason=words)
    TaskChange.objects.filter(task__in=ended, state=TaskChange.State.ASKED).update(
        state=TaskChange.State.TAKEN_BACK, note="任务已撤销"
    )
    for one in [task, *periods]:
        messages.mark_answered(subject=one, by=by, now=now)
    task.refresh_from_db()
    audit.record(
        action="task.revoked", subject=task, summary=f"撤销任务 {task.number}：{task.title}", by=by, now=now,
        reason=words, units=sorted(units), periods=[one.number for one in periods],
    )  # fmt: skip
    settle_parent(task, by=by, now=now)
