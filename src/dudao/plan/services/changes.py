"""Putting off, pausing and resuming: asked for with a reason, decided by somebody else."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.plan.services.rights import may
from dudao.plan.services.tasks import hold
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

Kind = TaskChange.Kind
State = TaskChange.State


def may_ask(by: Actor, task: Task, part: TaskPart | None) -> bool:
    """Whether this hat may ask: the office, the leading unit for the task, a unit for its own part."""
    if by.can("plan.edit"):
        return True
    unit = part.unit_id if part else task.lead_id
    return unit is not None and by.is_of(unit) and by.can("plan.sign")


@transaction.atomic
def ask_change(
    *,
    task: Task,
    part: TaskPart | None = None,
    kind: str,
    due_on: date | None = None,
    reason: str,
    by: Actor,
    now: datetime,
) -> TaskChange:
    """Ask to put a task off, to pause it or to resume it; nothing changes until somebody else approves.

    Args:
        part: only this unit's part is to be put off.
        kind: of ``TaskChange.Kind``; a part can only be put off.
        due_on: the new day, later than the present one, when it is to be put off.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.change_kind`` (a part is only put off; what is not paused is
            not resumed), ``plan.due_on``, ``plan.task_closed``, ``plan.state`` (of the part), ``plan.periods``,
            ``plan.change_open`` (one of the kind waits already).
    """
    if not may_ask(by, task, part):
        may(by, "plan.edit")
    if not reason.strip():
        raise Refused("请写明原因。", code="plan.reason", field="reason")
    if kind not in Kind.values or (part and kind != Kind.EXTEND):
        raise Refused("单位的承办只能申请延期。", code="plan.change_kind", field="kind")
    _refuse_impossible(task, part, kind, due_on if kind == Kind.EXTEND else None)
    change = TaskChange(
        county=by.county, task=task, part=part, kind=kind, due_on=due_on if kind == Kind.EXTEND else None,
        reason=reason.strip()[:300], asked_on=day_of(now), asked_by=by.name, asked_person=by.person,
    )  # fmt: skip
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError:
        words = f"已经有一份等批准的{Kind(kind).label}申请。"
        raise Refused(words, code="plan.change_open", field="kind") from None
    audit.record(
        action="change.asked", subject=change, summary=f"申请{_said(change)}", by=by, now=now,
        reason=change.reason, **_of(change),
    )  # fmt: skip
    return change


def _refuse_impossible(task: Task, part: TaskPart | None, kind: str, due_on: date | None) -> None:
    """Refuse what cannot be, when it is asked for and again when it is decided."""
    wanted = (Task.State.PAUSED,) if kind == Kind.RESUME else Task.OPEN
    if task.state not in wanted:
        label = Kind(kind).label
        words = f"这项任务现在是“{task.get_state_display()}”，不能{label}。"
        code = "plan.change_kind" if kind == Kind.RESUME else "plan.task_closed"
        raise Refused(words, code=code, field="kind")
    if kind != Kind.EXTEND:
        return
    if part and part.state not in TaskPart.OPEN:
        words = f"这个单位的承办现在是“{part.get_state_display()}”，不用延期。"
        raise Refused(words, code="plan.state", field="kind")
    periods = Task.objects.filter(parent=task, opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    if task.rule and periods.exists():
        raise Refused("这项任务分期办理，请选其中一期申请延期。", code="plan.periods", field="kind")
    before = part.due_on if part else task.due_on
    if before is None:
        raise Refused("完成时限待定，不用延期；定了时限再申请。", code="plan.due_on", field="due_on")
    last = date(task.year + 5, 12, 31)
    if due_on is None or not before < due_on <= last:
        words = f"延到的日子应在{before:%Y年%-m月%-d日}之后、{last.year}年以内。"
        raise Refused(words, code="plan.due_on", field="due_on")


def _said(change: TaskChange) -> str:
    """A change in words: 延期任务 10-2 到2024年6月30日."""
    until = f"到{change.due_on:%Y年%-m月%-d日}" if change.due_on else ""
    whose = "（一个单位）" if change.part_id else ""
    return f"任务 {change.task.number}{whose}{change.get_kind_display()}{until}：{change.task.title}"


def _of(change: TaskChange) -> dict[str, Any]:
    """The facts that lead from the history of a change to its task and unit."""
    return {"task": str(change.task_id), **({"unit": str(change.part.unit_id)} if change.part else {})}


@transaction.atomic
def decide_change(*, change: TaskChange, approved: bool, note: str, by: Actor, now: datetime) -> TaskChange:
    """Approve or refuse what somebody else asked for; approved, it holds at once.

    Raises:
        Refused: ``plan.not_allowed``; ``plan.own_change``, one's own wish; ``plan.reason``, refused without saying why;
            ``plan.change_decided``; what ``ask_change`` says where the task changed meanwhile.
    """
    may(by, "plan.approve")
    if change.asked_person in by.hands:
        raise Refused("不能批准自己的申请，请分管领导或督委会主任批准。", code="plan.own_change")
    _decide(change, approved, note, decided_by=by.name, how="", by=by, now=now, occurred_on=None)
    return change


@transaction.atomic
def record_decision(
    *,
    change: TaskChange,
    approved: bool,
    note: str = "",
    decided_by: str,
    how: str,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    evidence: Sequence[files.Received] = (),
) -> TaskChange:
    """Record what a leader decided on paper or by word.

    Args:
        decided_by: who decided, as the paper names them; nobody decides their own wish, nor records themselves who may
            not approve.
        how: 书面, 口头, OA.
        occurred_on: the day it was decided, not after today.
        evidence: files already received, the signed paper say.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.how`` (who and how is missing), ``plan.own_change``, ``audit.future``, and
            what ``decide_change`` refuses.
    """
    may(by, "plan.on_behalf")
    name = decided_by.strip()
    if not name or not how.strip():
        raise Refused("请写明是谁批准的、用什么方式。", code="plan.how", field="decided_by")
    if name == change.asked_by or (name == by.name and not by.can("plan.approve")):
        words = "批准人不能是申请人，也不能是没有批准权限的登记人。"
        raise Refused(words, code="plan.own_change", field="decided_by")
    _decide(change, approved, note, decided_by=name, how=how.strip(), by=by, now=now, occurred_on=occurred_on)
    for received in evidence:
        files.attach(received, subject=change, by=by, now=now, occurred_on=occurred_on)
    return change


def _decide(
    change: TaskChange,
    approved: bool,
    note: str,
    *,
    decided_by: str,
    how: str,
    by: Actor,
    now: datetime,
    occurred_on: date | None,
) -> None:
    if not approved and not note.strip():
        raise Refused("不批准请写明理由。", code="plan.reason", field="note")
    hold([change.task])
    changed = TaskChange.objects.filter(pk=change.pk, state=State.ASKED).update(
        state=State.APPROVED if approved else State.REFUSED,
        decided_on=occurred_on or day_of(now),
        decided_by=decided_by[:64],
        decided_how=how[:200],
        note=note.strip()[:300],
    )
    change.refresh_from_db()
    if not changed:
        raise Refused(f"这份申请{change.get_state_display()}，不能再批。", code="plan.change_decided")
    if approved:
        _apply(change)
    audit.record(
        action="change.approved" if approved else "change.refused",
        subject=change,
        summary=f"{'批准' if approved else '不批准'}{_said(change)}",
        by=by,
        now=now,
        occurred_on=occurred_on,
        decided_by=decided_by,
        how=how,
        note=note.strip(),
        **_of(change),
    )


def _apply(change: TaskChange) -> None:
    """What was approved begins to hold."""
    task, part = change.task, change.part
    _refuse_impossible(task, part, change.kind, change.due_on)
    row = Task.objects.filter(pk=task.pk)
    if part:
        TaskPart.objects.filter(pk=part.pk).update(due_on=change.due_on)
    elif change.kind == Kind.EXTEND:
        TaskPart.objects.filter(task=task, state__in=TaskPart.OPEN, due_on=task.due_on).update(due_on=change.due_on)
        row.update(due_on=change.due_on, version=F("version") + 1)
    else:
        # Of one that comes again the periods pause and go on with it.
        both = [task, *Task.objects.filter(parent=task, opens_on__isnull=False)]
        hold(both[1:])
        rows = Task.objects.filter(pk__in=[one.pk for one in both])
        if change.kind == Kind.PAUSE:
            rows.filter(state__in=Task.OPEN).update(
                state=Task.State.PAUSED, reason=change.reason[:200], version=F("version") + 1
            )
        else:
            live = TaskPart.objects.exclude(state=TaskPart.State.WITHDRAWN)
            handed = live.filter(task__in=both).values("task")
            paused = rows.filter(state=Task.State.PAUSED)
            for where, state in ((paused.filter(pk__in=handed), Task.State.HANDED), (paused, Task.State.DRAFT)):
                where.update(state=state, reason="", version=F("version") + 1)


@transaction.atomic
def take_back_change(*, change: TaskChange, by: Actor, now: datetime) -> TaskChange:
    """Take one's own wish back before it is decided.

    Raises:
        Refused: ``plan.not_allowed`` (somebody else's), ``plan.change_decided``.
    """
    if by.person is None or change.asked_person != by.person:
        raise Refused("只能撤回自己的申请。", code="plan.not_allowed")
    changed = TaskChange.objects.filter(pk=change.pk, state=State.ASKED).update(state=State.TAKEN_BACK)
    change.refresh_from_db()
    if not changed:
        raise Refused(f"这份申请{change.get_state_display()}，不能撤回。", code="plan.change_decided")
    summary = f"撤回申请：{_said(change)}"
    audit.record(action="change.taken_back", subject=change, summary=summary, by=by, now=now, **_of(change))
    return change
