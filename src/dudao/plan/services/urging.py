"""Reminders for units that have not signed in time, or signed and not told in time what they did; people send them."""

import contextlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.plan.models import Task, TaskPart
from dudao.plan.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

# So many names stand in one sentence, and so many units in one text; the whole list is beside the message.
NAMES = 12
UNITS = 80


@transaction.atomic
def urge(*, task: Task, by: Actor, now: datetime) -> Message:
    """Make the reminder for the units of a task that are late: not signed in time, or past the day and nothing told; when
    none is late, for those that are still to sign. A person looks at it and sends it.

    Twice on one day is one message, brought up to date. Units that have ended are left out: ``queries.waiting_ended``.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.nobody_waits`` (nor does anybody wait for a task that is paused or closed).
    """
    may(by, "message.send")
    return _of_one(task, by=by, now=now)


@transaction.atomic
def urge_many(*, tasks: Sequence[Task], by: Actor, now: datetime) -> Message:
    """One reminder for the late units of several tasks, unit by unit with its tasks, ready to be pasted into WeChat.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.no_task``, ``plan.nobody_waits``.
    """
    may(by, "message.send")
    if not tasks:
        raise Refused("请先选任务。", code="plan.no_task", field="tasks")
    if len(tasks) == 1:
        return _of_one(tasks[0], by=by, now=now)
    today = day_of(now)
    parts, names = _who(tasks, by=by, today=today)
    of_unit: dict[UUID, list[TaskPart]] = defaultdict(list)
    for part in sorted(parts, key=lambda part: (part.task.position, part.task.number)):
        of_unit[part.unit_id].append(part)
    said = {
        unit: "、".join(f"{part.task.number}（{_why(part, today)}）" for part in its) for unit, its in of_unit.items()
    }
    lines = [f"{names.get(unit, '')}：任务 {words}" for unit, words in list(said.items())[:UNITS]]
    if len(said) > UNITS:
        lines.append(f"……共 {len(said)} 个单位，名单见附表")
    numbers = list(dict.fromkeys(part.task.number for part in parts))
    title = f"催办 {len(numbers)} 项任务：{'、'.join(numbers[:NAMES])}"
    about = ",".join(sorted(str(task.pk) for task in tasks))
    return messages.prepare(
        kind="plan.urge",
        title=title,
        text="\n".join(["【任务催办】请以下单位尽快办理：", *lines, "请登录督导系统“任务”办理，或回电督导室登记。"]),
        own_text="贵单位有任务到了期限还没有办理，编号和情况见本条说明。请点“去办理”，或回电督导室登记。",
        units=list(said),
        notes={unit: f"任务 {words}" for unit, words in said.items()},
        key=f"plan.urge:{uuid5(NAMESPACE_URL, about)}:{today}",
        link=reverse("plan:task_list"),
        by=by,
        now=now,
    )


def _of_one(task: Task, *, by: Actor, now: datetime) -> Message:
    today = day_of(now)
    parts, names = _who([task], by=by, today=today)
    unsigned = [part for part in parts if part.state == TaskPart.State.WAITING]
    untold = [part for part in parts if part.state == TaskPart.State.SIGNED]
    clauses = []
    if unsigned:
        first = min(part.sign_by for part in unsigned)
        when = "已过签收期限" if first < today else f"请于{first:%-m月%-d日}前签收"
        clauses.append((when, "尚未签收", unsigned))
    if untold:
        due = min(part.due_on for part in untold if part.due_on)
        clauses.append((f"已过完成时限（{due:%-m月%-d日}）", "尚未报送办理情况", untold))
    said = "；".join(f"{when}，{lacks}：{_listed(which, names)}" for when, lacks, which in clauses)
    # One text goes to all: where some lack this and some that, the note beside it says which.
    own = f"{clauses[0][0]}，贵单位{clauses[0][1]}" if len(clauses) == 1 else "贵单位已经逾期，见本条说明"
    what = "签收和报送" if len(clauses) == 2 else "报送" if untold else "签收"
    return messages.prepare(
        kind="plan.urge",
        title=f"催{what}：任务 {task.number} {task.title}",
        text=f"【任务催办】任务 {task.number}“{task.title}”{said}。请登录督导系统“任务”办理，或回电督导室登记。",
        own_text=f"任务 {task.number}“{task.title}”{own}。请点“去办理”办理，或回电督导室登记。",
        units=[part.unit_id for part in parts],
        notes={part.unit_id: _why(part, today) for part in parts},
        subject=task,
        key=f"plan.urge:{task.pk}:{today}",
        link=reverse("plan:task", args=[task.pk]),
        by=by,
        now=now,
    )


def _who(tasks: Sequence[Task], *, by: Actor, today: date) -> tuple[list[TaskPart], dict[UUID, str]]:
    """The parts to be urged, with their tasks, the names of their units; three statements."""
    live = TaskPart.objects.filter(task__in=tasks, task__state=Task.State.HANDED).select_related("task")
    waiting = live.filter(_late(today) | Q(state=TaskPart.State.WAITING)).order_by("sign_by", "pk")
    found = list(waiting)
    ended = places.endings(by, {part.unit_id for part in found}, as_of=today)
    there = [part for part in found if part.unit_id not in ended]
    late = [part for part in there if part.state == TaskPart.State.SIGNED or part.sign_by < today]
    parts = late or there
    if not parts:
        if any(task.state == Task.State.PAUSED for task in tasks) and len(tasks) == 1:
            said = "这项任务已暂停，不用催。"
        elif ended:
            said = "未签收的单位都已终止，请撤回，或下达给承接的单位。"
        else:
            said = "各单位都已按时签收、报送，不用催。"
        raise Refused(said, code="plan.nobody_waits")
    return parts, places.unit_names(by, {part.unit_id for part in parts}, as_of=today)


def _late(today: date) -> Q:
    """Narrows parts to those past their day: to sign, or, signed for, to tell."""
    return Q(state=TaskPart.State.WAITING, sign_by__lt=today) | Q(state=TaskPart.State.SIGNED, due_on__lt=today)


def _why(part: TaskPart, today: date) -> str:
    """What is late of a part, in a few words."""
    if part.state == TaskPart.State.SIGNED and part.due_on:
        return f"未报送，逾期 {(today - part.due_on).days} 天"
    return f"未签收，逾期 {(today - part.sign_by).days} 天" if part.sign_by < today else "待签收"


def _listed(parts: list[TaskPart], names: dict[UUID, str]) -> str:
    listed = "、".join(names.get(part.unit_id, "") for part in parts[:NAMES])
    return listed + (f"等 {len(parts)} 个单位" if len(parts) > NAMES else f"（{len(parts)} 个单位）")


def propose_urges(*, by: Actor, now: datetime) -> int:
    """Once a day: a reminder is made ready for every task of which a unit is late. Nothing is sent.

    Returns:
        How many reminders are ready; a task of which only units are late that have ended gets none.
    """
    late = TaskPart.objects.filter(_late(day_of(now)), county=by.county, task__state=Task.State.HANDED)
    tasks = Task.objects.filter(pk__in=late.values("task")).order_by("number")
    ready = 0
    for task in tasks:
        with contextlib.suppress(Refused), transaction.atomic():
            _of_one(task, by=by, now=now)
            ready += 1
    return ready
