"""Changing what a task says, before and after it is confirmed: one way for both."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.places import queries as places
from dudao.plan.models import Task, TaskPart
from dudao.plan.services.recurring import change_rhythm
from dudao.plan.services.rights import may, notice_open
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

#: What a person may change of a task.
FIELDS = (
    "title", "subject", "lead_id", "cooperating", "leader_id", "person_id", "due_on", "rule", "level", "level_label",
    "line", "proof",
)  # fmt: skip


# States in which nothing is changed any more.
CLOSED = (Task.State.DONE, Task.State.WITHDRAWN, Task.State.DROPPED)


@transaction.atomic
def correct_task(*, task: Task, base_version: int, by: Actor, now: datetime, **values: Any) -> Task:
    """Change what a task says; of one that is being checked it also says that it is right.

    Args:
        values: any of ``FIELDS``; a key of a unit or person of the county, or ``None`` for not yet decided (待定).

    Raises:
        Refused: ``plan.not_allowed``, ``plan.title``, ``plan.unit``, ``plan.person``, ``plan.due_on`` (years away from
            the task's), ``plan.notice_closed``, ``plan.task_closed``, ``plan.handed_down`` (its rhythm, while units have
            it as a whole).
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    correct(task, base_version, values, by=by, now=now)
    task.refresh_from_db()
    return task


def correct(task: Task, base_version: int, values: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """``correct_task`` inside another service's transaction. A conflict whose values stand already is none."""
    new = {name: values[name] for name in FIELDS if name in values}
    old = {name: getattr(task, name) for name in new}
    refuse_wrong(task, {name: value for name, value in new.items() if value != old[name]}, by=by, now=now)
    checking = task.state == Task.State.CHECKING
    if new == old and (not checking or task.checked_at):
        return
    stamp: dict[str, Any] = {"checked_at": now} if checking else {}
    turned = "rule" in new and new["rule"] != old["rule"]
    if turned:
        # The rule of RFC 5545 was read with the old one.
        stamp["rrule"] = ""
    still = Task.objects.filter(pk=task.pk, version=base_version).exclude(state__in=CLOSED)
    if not still.update(**new, **stamp, version=F("version") + 1):
        raise Conflict("别人刚刚改过这项任务，请对照后再保存。", code="plan.changed")
    if new == old:
        return
    if "due_on" in new and new["due_on"] != old["due_on"]:
        # What was put off for one unit stays put off.
        parts = TaskPart.objects.filter(task=task, state__in=TaskPart.OPEN)
        parts.filter(due_on=old["due_on"]).update(due_on=new["due_on"])
    if task.rule and not checking:
        _follow(task, old, new)
    if turned and not checking and not task.parent_id:
        change_rhythm(Task.objects.get(pk=task.pk), since=day_of(now))
    audit.record(
        action="task.corrected",
        subject=task,
        summary=f"修改任务 {task.number}：{new.get('title', task.title)}",
        by=by,
        now=now,
        before={k: str(v) for k, v in old.items() if v != new[k]},
        after={k: str(v) for k, v in new.items() if v != old[k]},
    )


def _follow(task: Task, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """The open periods of a task say what it says, but for their days; what was set otherwise for one of them stays."""
    periods = Task.objects.filter(parent=task, opens_on__isnull=False, state__in=Task.UNDONE)
    for name, value in new.items():
        if name not in ("due_on", "rule") and value != old[name]:
            periods.filter(**{name: old[name]}).update(**{name: value}, version=F("version") + 1)


def planned(tasks: Sequence[Task], values: Mapping[str, Any]) -> list[tuple[Task, dict[str, Any]]]:
    """What ``set_tasks`` would change: each task with the values that it has not yet. What is done or withdrawn is left
    alone; with a period the task that it is a period of is set too, but for the day.

    Args:
        tasks: with their ``parent``.
    """
    whole = {name: value for name, value in values.items() if name != "due_on"}
    periods = Task.objects.filter(parent__in=tasks, opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    again = set(periods.values_list("parent_id", flat=True))
    wanted = [(task, dict(values)) for task in tasks if task.pk not in again]
    above = {task.pk: task for task in tasks if task.pk in again}
    above |= {task.parent.pk: task.parent for task in tasks if task.opens_on and task.parent}
    wanted += [(task, whole) for task in above.values()]
    found = []
    for task, its in wanted:
        new = {name: value for name, value in its.items() if getattr(task, name) != value}
        if new and task.state in Task.UNDONE:
            found.append((task, new))
    return found


@transaction.atomic
def set_tasks(*, tasks: Sequence[Task], values: Mapping[str, Any], by: Actor, now: datetime) -> int:
    """Set the same of many tasks at once, all or none; what is not named stays as it is.

    Args:
        tasks: as read just now, with their ``parent``.
        values: some of ``FIELDS``.

    Returns:
        How many tasks changed.

    Raises:
        Refused: ``plan.no_task``, ``plan.nothing`` (no value), and what ``correct_task`` refuses.
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    if not tasks:
        raise Refused("请先选任务。", code="plan.no_task", field="tasks")
    if not values:
        raise Refused("请至少填一项要改的。", code="plan.nothing")
    changes = planned(tasks, values)
    for task, new in changes:
        correct(task, task.version, new, by=by, now=now)
    return len(changes)


def refuse_wrong(task: Task, new: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Refuse values that a task cannot have; ``new`` holds what is to change."""
    if task.state in CLOSED:
        raise Refused(f"这项任务{task.get_state_display()}，不能再改。", code="plan.task_closed")
    if task.state == Task.State.CHECKING and task.notice:
        notice_open(task.notice)
    if "title" in new and not new["title"].strip():
        raise Refused("请写明任务。", code="plan.title", field="title")
    if new.get("lead_id"):
        known_units(by, [new["lead_id"]], now)
    people = {new[name] for name in ("leader_id", "person_id") if new.get(name)}
    known = accounts.people_visible_to(by, day=day_of(now)).filter(pk__in=people) if people else ()
    if len(known) < len(people):
        raise Refused("请选择本县现有的人员。", code="plan.person", field="person")
    first, last = date(task.year - 1, 1, 1), date(task.year + 5, 12, 31)
    if new.get("due_on") and not first <= new["due_on"] <= last:
        raise Refused(f"完成时限应在{first.year}年到{last.year}年之间。", code="plan.due_on", field="due_on")


def known_units(by: Actor, units: list[Any], now: datetime) -> list[Any]:
    """The units that exist in the county today, in the order given; refuses one that does not."""
    known = set(
        places.units_visible_to(by, as_of=day_of(now)).filter(unit_id__in=units).values_list("unit_id", flat=True)
    )
    if not known or set(units) - known:
        raise Refused("请选择本县现有的单位。", code="plan.unit", field="units")
    return list(dict.fromkeys(units))
