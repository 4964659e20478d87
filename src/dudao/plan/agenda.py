"""What a meeting should hear of the plan: what is late, held up, due, waiting and newly done; each task once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from dudao.places import queries as places
from dudao.plan import queries
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.shell.acts import Actor
from dudao.shell.templatetags.parts import day

# So many units are named for one reason, and so many tasks in one group; the rest is counted.
NAMED, SHOWN = 8, 50

OVERDUE, BLOCKED, DUE, WAITING, DONE, ASKED_FOR = "overdue", "blocked", "due", "waiting", "done", "asked_for"
_SAID = {
    TaskPart.State.WAITING: "待签收",
    TaskPart.State.SIGNED: "未报送",
    TaskPart.State.ANSWERED: "待审核",
}


@dataclass(frozen=True, slots=True)
class Matter:
    """One task to speak of.

    Attributes:
        group: the most pressing reason: overdue (past its day, or a unit late to sign), blocked (paused, or a wish to
            extend or pause is open), due, waiting (units are still to sign, to answer, or to be looked at), done; and
            ``asked_for`` where there is none.
        task: the task; ``None`` for the rest of a group that is too long to list.
        words: how it stands, with the units it waits for by name.
    """

    group: str
    task: Task | None
    words: str


def matters(
    actor: Actor, *, today: date, until: date, since: date, also: Collection[UUID] = (), without: Collection[UUID] = ()
) -> list[Matter]:
    """What stands on an agenda; a constant number of statements however many tasks and units.

    Args:
        until: tasks due up to this day are due soon.
        since: tasks done from this day on are newly done.
        also: tasks to tell of in any case.
        without: tasks to leave out.
    """
    chosen: dict[UUID, tuple[str, Task]] = {}
    more: dict[str, int] = {}
    asked = Q(Exists(TaskChange.objects.filter(task=OuterRef("pk"), state=TaskChange.State.ASKED)))
    for group, where, order in (
        (OVERDUE, queries.overdue(actor, today=today) | queries.late(actor, today=today), "due_on"),
        (BLOCKED, Q(state=Task.State.PAUSED) | asked & Q(state__in=Task.OPEN), "due_on"),
        (DUE, Q(state__in=Task.OPEN, due_on__gte=today, due_on__lte=until), "due_on"),
        (WAITING, Q(_has_part(state__in=TaskPart.OPEN), state__in=Task.OPEN), "due_on"),
        (DONE, Q(state=Task.State.DONE, done_on__gte=since, done_on__lte=today), "done_on"),
        (ASKED_FOR, Q(pk__in=list(also)), "due_on"),
    ):
        rows = _tasks(actor).filter(where).exclude(pk__in=[*chosen, *without])
        ordered = rows.order_by(F(order).asc(nulls_last=True), "-year", "position", "number", "pk")
        found = list(ordered if group == ASKED_FOR else ordered[: SHOWN + 1])
        if len(found) > SHOWN and group != ASKED_FOR:
            found.pop()
            more[group] = rows.count() - SHOWN
        chosen |= {task.pk: (group, task) for task in found}
    said = _Said(actor, [task for _, task in chosen.values()], today=today)
    told = [Matter(group, task, said.of(group, task)) for group, task in chosen.values()]
    return told + [Matter(group, None, f"另有 {count} 项，见任务清单") for group, count in more.items()]


def _has_part(**which: object) -> Exists:
    return Exists(TaskPart.objects.filter(task=OuterRef("pk"), **which))


def _tasks(actor: Actor) -> QuerySet[Task]:
    """Tasks that are worked at themselves: of those that come again the periods."""
    periods = Task.objects.filter(parent=OuterRef("pk"), opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    tasks = queries.tasks_visible_to(actor).filter(~Exists(periods)).select_related("person")
    return tasks.only(
        "number", "title", "period", "state", "reason", "due_on", "done_on", "lead", "result", "person__name", "year"
    )


class _Said:
    """How tasks stand, in words; four statements for all of them."""

    def __init__(self, actor: Actor, tasks: list[Task], *, today: date) -> None:
        self.today = today
        keys = [task.pk for task in tasks]
        parts = queries.parts_visible_to(actor).filter(task__in=keys, state__in=TaskPart.OPEN)
        rank = Window(RowNumber(), partition_by=["task", "state"], order_by=["sign_by", "unit"])
        first = list(parts.annotate(rank=rank).filter(rank__lte=NAMED).values_list("task", "state", "unit"))
        late = Count("pk", filter=Q(state=TaskPart.State.WAITING, sign_by__lt=today))
        counts = parts.order_by().values_list("task", "state").annotate(n=Count("pk"), late=late)
        wishes = list(
            TaskChange.objects.filter(task__in=keys, state=TaskChange.State.ASKED)
            .select_related("part")
            .order_by("asked_on", "pk")
        )
        units = {unit for _, _, unit in first} | {task.lead_id for task in tasks if task.lead_id}
        names = places.unit_names(actor, units | {w.part.unit_id for w in wishes if w.part}, as_of=today)
        self.lead = {task.pk: names.get(task.lead_id, "") for task in tasks if task.lead_id}
        self.units: dict[tuple[UUID, str], list[str]] = defaultdict(list)
        for task, state, unit in first:
            self.units[task, state].append(names.get(unit, "—"))
        self.counts = {(task, state): (n, late) for task, state, n, late in counts}
        self.wishes: dict[UUID, list[str]] = defaultdict(list)
        for wish in wishes:
            who = f"{names.get(wish.part.unit_id, '')}" if wish.part else ""
            to = f"至{day(wish.due_on)}" if wish.due_on else ""
            self.wishes[wish.task_id].append(f"{who}申请{wish.get_kind_display()}{to}：{wish.reason}")

    def of(self, group: str, task: Task) -> str:
        """One task's words: its day, who answers for it, what holds it up, which units it waits for."""
        parts = [self._day(group, task)]
        if task.pk in self.lead:
            parts.append(f"牵头：{self.lead[task.pk]}")
        if task.person:
            parts.append(f"责任人：{task.person.name}")
        if task.state == Task.State.PAUSED:
            parts.append(f"暂停：{task.reason}" if task.reason else "暂停")
        if task.state == Task.State.DRAFT and group != DONE:
            parts.append("尚未下达")
        parts += self.wishes[task.pk]
        if group == DONE and task.result:
            parts.append(task.result if len(task.result) <= 60 else f"{task.result[:60]}…")
        return "；".join(filter(None, [*parts, *self._waits(task)]))

    def _day(self, group: str, task: Task) -> str:
        if group == DONE:
            return f"{day(task.done_on)}办结"
        if task.due_on is None:
            return ""
        left = (task.due_on - self.today).days
        if left < 0:
            return f"逾期 {-left} 天（{day(task.due_on)}到期）"
        return f"{day(task.due_on)}到期，{f'还剩 {left} 天' if left else '就是今天'}"

    def _waits(self, task: Task) -> Iterable[str]:
        for state, word in _SAID.items():
            count, late = self.counts.get((task.pk, state), (0, 0))
            if not count:
                continue
            named = "、".join(self.units[task.pk, state])
            rest = f"等 {count} 个" if count > NAMED else ""
            yield f"{word}：{named}{rest}" + (f"（{late} 个已逾期）" if late else "")


def of_meeting(actor: Actor, *, words: Collection[str], on: date) -> list[Task]:
    """The open tasks that a meeting held on a day fulfils: those that name it, of the period the day lies in, or without
    a period in the day's year; one statement.

    Args:
        words: any of these names the meeting in the task's title or its words in the notice.
    """
    named = Q()
    for one in words:
        named |= Q(title__contains=one) | Q(quote__contains=one)
    if not named:
        return []
    period = Q(opens_on__lte=on, due_on__gte=on) | Q(opens_on__isnull=True, year=on.year)
    rows = _tasks(actor).filter(named, period, state__in=Task.OPEN)
    return list(rows.order_by("position", "number", "pk"))
