"""What units have of tasks: handed down, signed for, answered, looked at, taken back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.messages import services as messages
from dudao.places import queries as places
from dudao.plan.models import Task, TaskPart
from dudao.plan.services.correct import known_units
from dudao.plan.services.rights import may
from dudao.plan.services.tasks import hold, open_again, settle
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

# Kinds of unit that a task can be handed to.
HANDED_TO = ("office", "bureau", "section", "department", "township", "school", "kindergarten")

# A day to sign by lies no further ahead than this: a slip of the year would hide the task for ever.
SIGN_WITHIN = timedelta(days=180)


@transaction.atomic
def hand_down(
    *,
    tasks: Sequence[Task],
    units: Sequence[UUID],
    sign_by: date,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    reopen: bool = False,
) -> list[TaskPart]:
    """Hand tasks down to units; each unit answers for its own part. A unit that has the task already is left alone.

    Args:
        tasks, units: every task goes to every unit.
        sign_by: the day until which to sign, not before the day of handing down.
        occurred_on: the day it happened where that was earlier, on paper say.
        reopen: open tasks again that are done; without it they are refused.

    Returns:
        The parts that came new.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.unit``, ``plan.no_task``, ``plan.task_closed`` (not part of the plan, paused
            or done), ``plan.periods`` (it comes again: one of its periods is handed down), ``plan.sign_by``,
            ``plan.handed_on`` (before the notice was written), ``audit.future``.
    """
    may(by, "plan.hand_down")
    if not tasks:
        raise Refused("请先选任务。", code="plan.no_task", field="tasks")
    hold(tasks)
    states = dict(Task.objects.filter(pk__in=[task.pk for task in tasks]).values_list("pk", "state"))
    closed = [task for task in tasks if states[task.pk] not in Task.OPEN]
    for task in closed:
        is_done = states[task.pk] == Task.State.DONE
        if not (is_done and reopen):
            words = f"任务 {task.number}{Task.State(states[task.pk]).label}，不能下达。"
            words += "要再下达，请勾选“重新打开已办结的任务”。" if is_done else ""
            raise Refused(words, code="plan.task_closed", field="tasks")
    if (
        again := Task.objects.filter(parent__in=tasks, opens_on__isnull=False)
        .exclude(state=Task.State.WITHDRAWN)
        .first()
    ):
        words = f"“{again.title}”分期办理，请选其中一期下达。"
        raise Refused(words, code="plan.periods", field="tasks")
    wanted = known_units(by, list(units), now)
    handed_on = occurred_on or day_of(now)
    if not handed_on <= sign_by <= handed_on + SIGN_WITHIN:
        words = f"签收期限应在下达之日到{handed_on + SIGN_WITHIN:%Y年%-m月%-d日}之间。"
        raise Refused(words, code="plan.sign_by", field="sign_by")
    papers = [task.notice.dated_on for task in tasks if task.notice and task.notice.dated_on]
    if papers and handed_on < min(papers):
        raise Refused("下达日期不能早于要点的成文日期。", code="plan.handed_on", field="occurred_on")
    parts = [
        TaskPart(county=by.county, task=task, unit_id=unit, handed_on=handed_on, sign_by=sign_by, due_on=task.due_on)
        for task in tasks
        for unit in wanted
    ]
    there = set(
        TaskPart.objects.filter(task__in=tasks, unit__in=wanted)
        .exclude(state=TaskPart.State.WITHDRAWN)
        .values_list("task_id", "unit_id")
    )
    fresh = [part for part in parts if (part.task_id, part.unit_id) not in there]
    # The constraint decides a race: a part that somebody else handed down meanwhile is not made twice.
    TaskPart.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    for task in closed:
        open_again(task, reason="继续下达", by=by, now=now)
    Task.objects.filter(pk__in=[task.pk for task in tasks], state=Task.State.DRAFT).update(
        state=Task.State.HANDED, version=F("version") + 1
    )
    for task in tasks:
        new = [str(part.unit_id) for part in fresh if part.task_id == task.pk]
        if not new:
            continue
        audit.record(
            action="task.handed_down",
            subject=task,
            summary=f"下达任务 {task.number} 给 {len(new)} 个单位",
            by=by,
            now=now,
            occurred_on=occurred_on,
            units=new,
            sign_by=sign_by.isoformat(),
        )
    return fresh


@transaction.atomic
def withdraw_part(*, part: TaskPart, reason: str, by: Actor, now: datetime) -> None:
    """Take back what was handed down to one unit; it stays with its reason.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.withdrawn``.
    """
    may(by, "plan.hand_down")
    if not reason.strip():
        raise Refused("请写明撤回原因。", code="plan.reason", field="reason")
    hold([part.task])
    changed = (
        TaskPart.objects.filter(pk=part.pk)
        .exclude(state__in=(TaskPart.State.WITHDRAWN, TaskPart.State.DONE))
        .update(state=TaskPart.State.WITHDRAWN, withdraw_reason=reason.strip()[:200])
    )
    if not changed:
        raise Refused("已经撤回或办结，不能再撤回。", code="plan.withdrawn")
    messages.mark_answered(subject=part.task, by=by, now=now, unit=part.unit_id)
    unit = _unit_name(part, by, now)
    audit.record(
        action="part.withdrawn",
        subject=part,
        summary=f"撤回任务 {part.task.number} 对{unit}的下达",
        by=by,
        now=now,
        unit=str(part.unit_id),
        reason=reason,
    )
    settle(part.task, by=by, now=now)


def _unit_name(part: TaskPart, by: Actor, now: datetime) -> str:
    """What the part's unit is called on the day, for the history."""
    return places.unit_names(by, {part.unit_id}, as_of=day_of(now)).get(part.unit_id, "")


def _own_or_on_behalf(part: TaskPart, by: Actor, *, person: str, how: str) -> bool:
    """Whether the act is the hat's own unit's; else it is recorded on behalf, and must say who and how."""
    if by.is_of(part.unit_id) and by.can("plan.sign"):
        return True
    may(by, "plan.on_behalf")
    if not (person.strip() and how.strip()):
        raise Refused("代为登记请写明是谁、用什么方式。", code="plan.how", field="how")
    return False


@transaction.atomic
def sign_part(
    *,
    part: TaskPart,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    signer: str = "",
    how: str = "",
    evidence: files.Received | None = None,
) -> TaskPart:
    """Sign for a task, for one's own unit, or record what a unit that does not sign in did on paper or by phone.

    Args:
        occurred_on: the day it was signed, not after today and not before it was handed down.
        signer: who signed, when recorded on behalf of the unit.
        how: how it was signed, when recorded on behalf: 电话, 纸质, OA.
        evidence: a scan or picture of it (``files.receive``).

    Raises:
        Refused: ``plan.not_allowed``; ``plan.how``, on behalf without saying how and who; ``plan.day``, signed before
            handed down; ``plan.already_signed``; ``plan.withdrawn``; ``audit.future``.
    """
    own = _own_or_on_behalf(part, by, person=signer, how=how)
    day = occurred_on or day_of(now)
    if day < part.handed_on:
        raise Refused("签收日期不能早于下达日期。", code="plan.day", field="occurred_on")
    changed = TaskPart.objects.filter(pk=part.pk, state=TaskPart.State.WAITING).update(
        state=TaskPart.State.SIGNED, signed_on=day, signed_by=signer.strip() or by.name, signed_how=how.strip()[:200]
    )
    part.refresh_from_db()
    if not changed:
        if part.state == TaskPart.State.WITHDRAWN:
            raise Refused("督导室已撤回这项任务，不用签收。", code="plan.withdrawn")
        raise Refused(f"已由{part.signed_by}于{part.signed_on:%-m月%-d日}签收。", code="plan.already_signed")
    messages.mark_answered(subject=part.task, by=by, now=now, unit=part.unit_id)
    unit = _unit_name(part, by, now)
    audit.record(
        action="part.signed",
        subject=part,
        summary=f"{unit}签收任务 {part.task.number}",
        by=by,
        now=now,
        occurred_on=occurred_on,
        on_behalf_of=None if own else part.unit_id,
        unit=str(part.unit_id),
        how=how.strip(),
    )
    if evidence:
        files.attach(evidence, subject=part, by=by, now=now, occurred_on=occurred_on)
    return part


@transaction.atomic
def answer_part(
    *,
    part: TaskPart,
    answer: str,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    person: str = "",
    how: str = "",
    evidence: Sequence[files.Received] = (),
) -> TaskPart:
    """Tell what the unit has done, with proof; the office looks at it. The office's own part is done with it.

    Args:
        answer: what was done, in words.
        occurred_on: the day it was told, not before it was signed for and not after today.
        person, how: who told it and how, when recorded on behalf of a unit that does not sign in.
        evidence: files already received.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.how``, ``plan.answer`` (nothing said), ``plan.day``, ``plan.state`` (not
            signed for yet, or told already), ``audit.future``.
    """
    own = _own_or_on_behalf(part, by, person=person, how=how)
    if not answer.strip():
        raise Refused("请写明办理情况。", code="plan.answer", field="answer")
    day = occurred_on or day_of(now)
    if part.signed_on and day < part.signed_on:
        raise Refused("报送日期不能早于签收日期。", code="plan.day", field="occurred_on")
    at_once = own and by.can("plan.hand_down")
    if at_once:
        hold([part.task])
    changed = TaskPart.objects.filter(pk=part.pk, state=TaskPart.State.SIGNED).update(
        state=TaskPart.State.DONE if at_once else TaskPart.State.ANSWERED,
        answer=answer.strip(),
        answered_on=day,
        answered_by=person.strip() or by.name,
        review_note="",
        done_on=day if at_once else None,
    )
    part.refresh_from_db()
    if not changed:
        raise Refused(f"这项任务现在是“{part.get_state_display()}”，不能报送办理情况。", code="plan.state")
    unit = _unit_name(part, by, now)
    audit.record(
        action="part.done" if at_once else "part.answered",
        subject=part,
        summary=f"{unit}{'办结' if at_once else '报送办理情况'}：任务 {part.task.number}",
        by=by,
        now=now,
        occurred_on=occurred_on,
        on_behalf_of=None if own else part.unit_id,
        unit=str(part.unit_id),
        how=how.strip(),
    )
    for received in evidence:
        files.attach(received, subject=part, by=by, now=now, occurred_on=occurred_on)
    if at_once:
        settle(part.task, by=by, now=now)
    return part


@transaction.atomic
def review_part(*, part: TaskPart, accepted: bool, note: str, by: Actor, now: datetime) -> TaskPart:
    """Look at what a unit told: done, or back to the unit with what is missing. Nobody looks at their own unit's.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.own_unit``, ``plan.reason`` (sent back without saying why), ``plan.state``.
    """
    may(by, "plan.review")
    if by.is_of(part.unit_id):
        raise Refused("不能审核本单位的办理情况，请换一位同志审核。", code="plan.own_unit")
    if not accepted and not note.strip():
        raise Refused("退回请写明缺什么、要补什么。", code="plan.reason", field="note")
    hold([part.task])
    changed = TaskPart.objects.filter(pk=part.pk, state=TaskPart.State.ANSWERED).update(
        state=TaskPart.State.DONE if accepted else TaskPart.State.SIGNED,
        review_note=note.strip()[:500],
        done_on=day_of(now) if accepted else None,
    )
    part.refresh_from_db()
    if not changed:
        raise Refused(f"这项任务现在是“{part.get_state_display()}”，没有等审核的内容。", code="plan.state")
    unit = _unit_name(part, by, now)
    audit.record(
        action="part.done" if accepted else "part.returned",
        subject=part,
        summary=f"{'审核办结' if accepted else '退回'}{unit}的任务 {part.task.number}",
        by=by,
        now=now,
        unit=str(part.unit_id),
        reason=note.strip(),
    )
    if accepted:
        settle(part.task, by=by, now=now)
    return part


@transaction.atomic
def reopen_part(*, part: TaskPart, reason: str, by: Actor, now: datetime) -> TaskPart:
    """Send back what was accepted already: the unit has to do it again, and a task that was done is open again with it.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.state`` (it is not done).
    """
    may(by, "plan.review")
    if not reason.strip():
        raise Refused("退回请写明缺什么、要补什么。", code="plan.reason", field="reason")
    hold([part.task])
    changed = TaskPart.objects.filter(pk=part.pk, state=TaskPart.State.DONE).update(
        state=TaskPart.State.SIGNED, review_note=reason.strip()[:500], done_on=None
    )
    part.refresh_from_db()
    if not changed:
        raise Refused(f"这项任务现在是“{part.get_state_display()}”，不用退回重办。", code="plan.state")
    if part.task.state == Task.State.DONE:
        open_again(part.task, reason=reason.strip(), by=by, now=now)
    unit = _unit_name(part, by, now)
    audit.record(
        action="part.reopened",
        subject=part,
        summary=f"{unit}的任务 {part.task.number} 退回重办",
        by=by,
        now=now,
        unit=str(part.unit_id),
        reason=reason.strip(),
    )
    return part


@transaction.atomic
def withdraw_waiting(*, task: Task, reason: str, by: Actor, now: datetime) -> int:
    """Take a task back from every unit that has not signed yet, in one step: what was handed down by mistake.

    Returns:
        From how many units.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.nobody_waits``.
    """
    may(by, "plan.hand_down")
    if not reason.strip():
        raise Refused("请写明撤回原因。", code="plan.reason", field="reason")
    hold([task])
    changed = _take_back(task, TaskPart.objects.filter(task=task), reason, by=by, now=now)
    if not changed:
        raise Refused("没有未签收的单位。", code="plan.nobody_waits")
    return changed


@transaction.atomic
def undo_hand_down(*, tasks: Sequence[Task], first: UUID, last: UUID, by: Actor, now: datetime) -> int:
    """Take back what was handed down just now, where nobody has signed yet.

    Args:
        first, last: the least and the greatest key of the parts that came new; keys grow with time.

    Returns:
        How many parts.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.nobody_waits``.
    """
    may(by, "plan.hand_down")
    hold(tasks)
    new = TaskPart.objects.filter(pk__gte=first, pk__lte=last)
    changed = sum(_take_back(task, new.filter(task=task), "下达后撤销", by=by, now=now) for task in tasks)
    if not changed:
        raise Refused("已经签收或撤回，没有可以撤销的下达。", code="plan.nobody_waits")
    return changed


def _take_back(task: Task, parts: QuerySet[TaskPart], reason: str, *, by: Actor, now: datetime) -> int:
    """End those of the parts that wait to be signed for; the caller holds the task."""
    waiting = parts.filter(state=TaskPart.State.WAITING)
    units = list(waiting.values_list("unit_id", flat=True))
    changed = waiting.update(state=TaskPart.State.WITHDRAWN, withdraw_reason=reason.strip()[:200])
    if not changed:
        return 0
    if TaskPart.objects.filter(task=task, state=TaskPart.State.WAITING).exists():
        for unit in units:
            messages.mark_answered(subject=task, by=by, now=now, unit=unit)
    else:
        messages.mark_answered(subject=task, by=by, now=now)
    audit.record(
        action="task.withdrawn",
        subject=task,
        summary=f"撤回任务 {task.number} 对 {changed} 个未签收单位的下达",
        by=by,
        now=now,
        units=[str(unit) for unit in units],
        reason=reason,
    )
    settle(task, by=by, now=now)
    return changed
