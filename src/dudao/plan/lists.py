"""The lists of tasks and of notices: columns, filters and saved filters."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from dudao.plan import queries
from dudao.plan.models import Level, Notice, Task, TaskChange
from dudao.shell import periods
from dudao.shell.acts import Actor
from dudao.shell.lists import Bulk, Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status

STATES = (Task.State.DRAFT, Task.State.HANDED, Task.State.PAUSED, Task.State.DONE, Task.State.WITHDRAWN)

# What is due within so many days is soon.
SOON = timedelta(days=3)

# Asked for any of these, the list shows every period of every year; else of a task that comes again the one that is on.
WHOLE = ("q", "state", "due", "periods")


def _bulk(actor: Actor) -> list[Bulk]:
    """What the hat can do with ticked tasks."""
    acts = (
        ("plan.hand_down", Bulk("下达", reverse("plan:hand_down"), icon="send")),
        ("plan.edit", Bulk("批量设定", reverse("plan:task_set"), icon="pencil")),
        ("message.send", Bulk("催办", reverse("plan:tasks_urge"), icon="bell")),
    )
    return [act for capability, act in acts if actor.can(capability)]


def state(task: Task, today: date) -> tuple[str, str]:
    """A task's state as one sees it: tone and word. The task comes from ``queries.counted``."""
    parts, done = task.part_count, task.done_count  # type: ignore[attr-defined]
    if task.period_count:  # type: ignore[attr-defined]
        held, all_ = task.period_done, task.period_count  # type: ignore[attr-defined]
        return ("done", "各期办结") if held == all_ else ("go", f"办结 {held} / {all_} 期")
    if task.state == Task.State.DONE:
        return "done", "办结"
    if task.state == Task.State.WITHDRAWN:
        return "none", "已撤销"
    if task.state == Task.State.PAUSED:
        return "none", "暂停"
    if task.due_on and task.due_on < today:
        return "late", f"逾期 {(today - task.due_on).days} 天"
    if task.state == Task.State.DRAFT:
        return "none", "未下达"
    if not parts:
        return "none", "已撤回"
    if done == parts:
        return "soon", "待办结"
    if task.answered_count:  # type: ignore[attr-defined]
        return "soon", "待审核"
    if task.waiting_count:  # type: ignore[attr-defined]
        late = task.next_sign_by and task.next_sign_by < today  # type: ignore[attr-defined]
        return ("late", "签收逾期") if late else ("wait", "待签收")
    return "go", "进行中"


def _due(task: Task) -> str:
    """The day, else the words of the notice that stand for it."""
    return fullday(task.due_on) if task.due_on else task.rule_words or task.due_words or "待定"


def _columns(today: date) -> tuple[Column, ...]:
    def link(task: Task) -> str:
        return format_html('<a href="{}">{}</a>', reverse("plan:task", args=[task.pk]), task.named)

    def signed(task: Task) -> str:
        return f"{task.signed_count} / {task.part_count}" if task.part_count else "—"  # type: ignore[attr-defined]

    def done(task: Task) -> str:
        return f"{task.done_count} / {task.part_count}" if task.part_count else "—"  # type: ignore[attr-defined]

    return (
        Column("编号", lambda t: t.number, sort=("position", "number"), css="nowrap ink3"),
        Column("任务", lambda t: t.named, sort=("title", "opens_on"), show=link, head=True),
        Column("牵头", lambda t: t.lead_name or t.lead_words, sort=("lead_name",)),
        Column("责任人", lambda t: t.person and t.person.name, sort=("person__sort_key",), css="nowrap hide"),
        Column("配合", lambda t: t.cooperating, show=lambda t: Truncator(t.cooperating).chars(20), css="ink2 hide"),
        Column("完成时限", lambda t: t.due_on, sort=("due_on",), show=_due, css="nowrap"),
        Column(
            "状态",
            lambda t: state(t, today)[1],
            sort=("state",),
            show=lambda t: status(*state(t, today)),
            css="nowrap",
        ),
        Column("已签收", lambda t: t.signed_count, show=signed, css="num"),
        Column("已办结", lambda t: t.done_count, show=done, css="num"),
    )


def _unsigned(**when: date | tuple[date, date]) -> Q:
    """Narrows ``queries.tasks`` by the first day on which a unit should sign that has not."""
    return Q(state=Task.State.HANDED, **when)


def _due_within(first: date, last: date) -> Q:
    """Narrows ``queries.tasks`` to what is due, or to be signed, between two days."""
    return Q(due_on__range=(first, last), state__in=Task.OPEN) | _unsigned(sign_by__range=(first, last))


def tasks(actor: Actor, *, years: Sequence[int], today: date) -> ListPage:
    """The list of tasks as the hat sees it."""
    spans = periods.current(today)
    return ListPage(
        title="任务",
        columns=_columns(today),
        order=("-year", "position", "number"),
        search=("number", "title", "quote", "cooperating"),
        search_label="任务、编号或原文里的字",
        filters=[
            Filter("year", "年度", [(str(year), f"{year}年") for year in years], lambda value: Q(year=value)),
            Filter(
                "due",
                "时限在",
                [(code, span.label) for code, span in spans.items()],
                lambda code: Q(due_on__gte=spans[code].start, due_on__lte=spans[code].end),
            ),
            Filter("state", "状态", [(s.value, s.label) for s in STATES], lambda value: Q(state=value)),
            Filter("level", "层级", Level.choices, lambda value: Q(level=value)),
            Filter("line", "工作线", Task.Line.choices, lambda value: Q(line=value)),
            Filter("point", "要点", queries.point_choices(actor, years[:1]), lambda value: Q(point=value)),
            Filter("periods", "期次", [("all", "各期都列")], lambda value: Q()),
        ],
        chips=[
            Chip("overdue", "逾期", queries.overdue(actor, today=today), tone="late"),
            Chip("soon", "三日内到期", _due_within(today, today + SOON), tone="soon"),
            Chip("answered", "待审核", Q(state=Task.State.HANDED, is_answered=True), tone="soon"),
            Chip("late", "签收逾期", _unsigned(sign_by__lt=today), tone="late"),
            Chip("waiting", "待签收", _unsigned(sign_by__gte=today), tone="soon"),
            Chip("draft", "未下达", Q(state=Task.State.DRAFT)),
        ],
        bulk=_bulk(actor),
        name="task",
        fill=lambda rows: queries.counted(actor, rows),
        empty={
            "title": "还没有任务",
            "hint": "导入要点并确认后，每一项成为一项任务；下达给贵单位的任务会出现在这里。",
            **({"address": reverse("plan:notice_list"), "action": "看要点"} if actor.can("notice.read") else {}),
        },
    )


NOTICE_TONES = {Notice.State.CHECKING: "go", Notice.State.CONFIRMED: "done", Notice.State.DROPPED: "none"}


def notices(actor: Actor) -> ListPage:
    """The list of notices, the newest year first."""

    def link(notice: Notice) -> str:
        return format_html('<a href="{}">{}</a>', reverse("plan:notice", args=[notice.pk]), notice.title)

    def state(notice: Notice) -> str:
        return status(NOTICE_TONES[Notice.State(notice.state)], notice.get_state_display())

    return ListPage(
        title="要点",
        columns=(
            Column("年度", lambda n: n.year, sort=("year",), css="nowrap"),
            Column("要点", lambda n: n.title, sort=("title",), show=link, head=True),
            Column("文号", lambda n: n.doc_no, sort=("doc_no",)),
            Column("层级", lambda n: n.get_level_display(), sort=("level",), css="nowrap"),
            Column(
                "成文日期", lambda n: n.dated_on, sort=("dated_on",), show=lambda n: fullday(n.dated_on), css="nowrap"
            ),
            Column("要点", lambda n: n.point_count, css="num"),
            Column("任务", lambda n: n.task_count, css="num"),
            Column("状态", lambda n: n.get_state_display(), sort=("state",), show=state, css="nowrap"),
        ),
        order=("-year", "-handed_in_at"),
        search=("title", "doc_no", "issuer"),
        search_label="标题、文号或发文机关",
        filters=[
            Filter(
                "year",
                "年度",
                [(str(year), f"{year}年") for year in queries.notice_years(actor)],
                lambda value: Q(year=value),
            ),
            Filter("level", "层级", Level.choices, lambda value: Q(level=value)),
            Filter("state", "状态", Notice.State.choices, lambda value: Q(state=value)),
        ],
        empty={
            "title": "还没有导入要点",
            "hint": "把今年的教育督导工作要点粘贴进来，系统读出每一项，由您核对；没有文件的可以手工录入。",
            **({"address": reverse("plan:notice_new"), "action": "导入要点"} if actor.can("notice.read") else {}),
        },
    )


TONES = {
    TaskChange.State.ASKED: "soon",
    TaskChange.State.APPROVED: "done",
    TaskChange.State.REFUSED: "late",
    TaskChange.State.TAKEN_BACK: "none",
}


def change_wanted(change: TaskChange) -> str:
    """What is asked for: 延期到2024年6月30日, 暂停, 恢复."""
    until = f"到{fullday(change.due_on)}" if change.due_on else ""
    return f"{change.get_kind_display()}{until}"


def changes(actor: Actor) -> ListPage:
    """The list of wishes to put off, pause and resume; those that wait come first."""

    def link(change: TaskChange) -> str:
        words = f"任务 {change.task.number} {change.task.named}"
        return format_html('<a href="{}">{}</a>', reverse("plan:change", args=[change.pk]), words)

    def decided(change: TaskChange) -> str:
        how = f"（{change.decided_how}）" if change.decided_how else ""
        return f"{change.decided_by}{how} {fullday(change.decided_on)}" if change.decided_on else ""

    return ListPage(
        title="延期与暂停",
        columns=(
            Column("任务", lambda c: f"{c.task.number} {c.task.named}", sort=("task__number",), show=link, head=True),
            Column("事项", change_wanted, sort=("kind", "due_on"), css="nowrap"),
            Column("单位", lambda c: c.unit_name or "整个任务", sort=("unit_name",)),
            Column("理由", lambda c: c.reason, show=lambda c: Truncator(c.reason).chars(40), css="ink2"),
            Column("申请", lambda c: f"{c.asked_by} {fullday(c.asked_on)}", sort=("asked_on",)),
            Column(
                "状态",
                lambda c: c.get_state_display(),
                sort=("state",),
                show=lambda c: status(TONES[TaskChange.State(c.state)], c.get_state_display()),
                css="nowrap",
            ),
            Column("批准", decided, sort=("decided_on",)),
        ),
        order=("-is_open", "-asked_on"),
        search=("task__number", "task__title", "reason", "asked_by"),
        search_label="任务、理由或申请人",
        filters=[
            Filter("state", "状态", TaskChange.State.choices, lambda value: Q(state=value)),
            Filter("kind", "事项", TaskChange.Kind.choices, lambda value: Q(kind=value)),
        ],
        chips=[Chip("asked", "待批准", Q(state=TaskChange.State.ASKED), tone="soon")],
        empty={"title": "没有延期和暂停", "hint": "在任务页申请延期、暂停；批准以后在这里看得到是谁批的。"},
    )
