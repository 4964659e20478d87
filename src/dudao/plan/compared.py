"""Two years' plans laid side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from dudao.plan.models import Task
from dudao.plan.services.carry import link_of
from dudao.shell.lists import Column, ListPage
from dudao.shell.templatetags.parts import fullday
from dudao_engines.notices.compare import Change, Duty, Pair, Run, compare

#: The groups in the order one reads them: name, word, what it means.
GROUPS = (
    ("changed", "变化", "两年都有，文字、时限、频次或单位变了"),
    ("new", "新增", "今年新列的"),
    ("gone", "不再列", "去年有、今年没有的"),
    ("kept", "保留", "除年份外都一样"),
)
WORDS = {name: word for name, word, _ in GROUPS}
_CHANGES = {
    Change.WORDS: "文字",
    Change.DEADLINE: "时限",
    Change.LEAD: "牵头",
    Change.COOPERATING: "配合",
    Change.RECURRENCE: "频次",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A duty of one year or of both: its tasks, their words in runs, and what changed in words (field, before, after)."""

    group: str
    old: Task | None
    new: Task | None
    old_runs: tuple[Run, ...] = ()
    new_runs: tuple[Run, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()

    @property
    def old_link(self) -> str:
        return address(self.old) if self.old else ""

    @property
    def new_link(self) -> str:
        return address(self.new) if self.new else ""

    def said(self) -> str:
        """What changed, on one line."""
        return "；".join(f"{field}：{old} → {new}" if old or new else field for field, old, new in self.changes)


def address(task: Task) -> str:
    """The task's page, or for one that is being checked its words in the notice."""
    return link_of(task) if task.state == Task.State.CHECKING else reverse("plan:task", args=[task.pk])


def compared(old: Sequence[Task], new: Sequence[Task]) -> list[Row]:
    """All duties of both years, group by group. The tasks come from ``queries.plan_of``."""
    tasks = {str(task.pk): task for task in (*old, *new)}
    found = compare(_duties(old), _duties(new))
    return [
        *(_both("changed", pair, tasks) for pair in found.changed),
        *(Row("new", None, tasks[duty.key], (), (Run(duty.words, False),)) for duty in found.new),
        *(Row("gone", tasks[duty.key], None, (Run(duty.words, False),)) for duty in found.gone),
        *(_both("kept", pair, tasks) for pair in found.kept),
    ]


def _both(group: str, pair: Pair, tasks: dict[str, Task]) -> Row:
    old, new = tasks[pair.before.key], tasks[pair.after.key]
    told = {
        Change.WORDS: ("", ""),
        Change.DEADLINE: (_due(old), _due(new)),
        Change.LEAD: (pair.before.lead or "待定", pair.after.lead or "待定"),
        Change.COOPERATING: (pair.before.cooperating or "无", pair.after.cooperating or "无"),
        Change.RECURRENCE: (_rhythm(old), _rhythm(new)),
    }
    changes = tuple((_CHANGES[change], *told[change]) for change in pair.changes)
    return Row(group, old, new, pair.before_runs, pair.after_runs, changes)


def _duties(tasks: Sequence[Task]) -> list[Duty]:
    return [
        Duty(
            key=str(task.pk),
            title=task.title,
            quote=task.quote,
            year=task.year,
            section=task.point.section.heading if task.point else "",
            position=at,
            deadline=task.due_on.isoformat() if task.due_on else task.due_words,
            lead=task.lead_words or task.lead_name or "",  # type: ignore[attr-defined]
            cooperating=task.cooperating,
            recurrence=f"{task.rule} {task.times or ''}",
        )
        for at, task in enumerate(tasks)
    ]


def _due(task: Task) -> str:
    return fullday(task.due_on) if task.due_on else task.due_words or "待定"


def _rhythm(task: Task) -> str:
    return f"{task.get_rule_display()}{task.times}次" if task.times else task.get_rule_display() or "一次"


def sheet(before: int, after: int) -> ListPage:
    """The comparison as a table for Excel."""

    def name(task: Task | None) -> str:
        return task.number or (task.point.no if task.point else "") if task else ""

    return ListPage(
        title=f"{before}年与{after}年任务对比",
        columns=(
            Column("结果", lambda row: WORDS[row.group]),
            Column(f"{before}年编号", lambda row: name(row.old)),
            Column(f"{before}年", lambda row: row.old and (row.old.quote or row.old.title)),
            Column(f"{after}年编号", lambda row: name(row.new)),
            Column(f"{after}年", lambda row: row.new and (row.new.quote or row.new.title)),
            Column("变化", lambda row: row.said()),
        ),
        order=(),
    )
