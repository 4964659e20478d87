"""What people do with the duties that were read in a notice before it is confirmed: correct, split, merge, drop, add."""

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from dudao.audit import services as audit
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.plan.models import Level, Notice, Point, Section, Task
from dudao.plan.services.correct import correct
from dudao.plan.services.rights import may, notice_open
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.notices import Action, Span, read_notice


def rows_of(notice: Notice, point: Point, actions: Sequence[Action], units: Sequence[UnitVersion]) -> list[Task]:
    """The duties of a point as tasks to be checked, in the order of the text; not saved yet."""
    return [_row(notice, point, action, at, units) for at, action in enumerate(actions, 1)]


def _row(notice: Notice, point: Point, action: Action, at: int, units: Sequence[UnitVersion]) -> Task:
    due, again = action.deadline, action.recurrence
    lead = "、".join(field.value for field in action.lead)
    vague = action.vague_time.value if action.vague_time else ""
    spans: dict[str, list[list[int]]] = {
        "subject": _places([action.subject.span] if action.subject else []),
        "lead": _places(field.span for field in action.lead),
        "cooperating": _places(field.span for field in action.cooperating),
        "due_on": _places(at.span for at in (due or action.vague_time,) if at),
        "rule": _places([again.span] if again else []),
    }
    return Task(
        county=notice.county,
        year=notice.year,
        notice=notice,
        point=point,
        position=at,
        title=" ".join(action.quote.split())[:300],
        quote=action.quote,
        start=action.span.start,
        end=action.span.end,
        spans={name: found for name, found in spans.items() if found},
        level="" if notice.level == Level.COUNTY else notice.level,
        subject=action.subject.value[:300] if action.subject else "",
        lead_id=_unit_called(lead, units),
        lead_words=lead[:200],
        cooperating="、".join(field.value for field in action.cooperating)[:300],
        due_on=last_day(due.until) if due and due.until else None,
        due_words=(due.quote if due else vague)[:100],
        rule=(again.rule or "other") if again else "",
        rrule=(again.rrule or "") if again else "",
        times=again.times if again else None,
        rule_words=again.quote[:100] if again else "",
        state=Task.State.CHECKING,
    )


def _places(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def last_day(until: str) -> date | None:
    """The last day of ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; ``None`` where there is no such day."""
    year, month, day = (int(part) for part in [*until.split("-"), "0", "0"][:3])
    try:
        month = month or 12
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def _unit_called(words: str, units: Sequence[UnitVersion]) -> Any:
    """The key of the one unit that is called so: its name, its short name, or the end of one name only."""
    if not words:
        return None
    called = {unit.unit_id for unit in units if words in (unit.name, unit.short_name)}
    called = called or {unit.unit_id for unit in units if unit.name.endswith(words)}
    return called.pop() if len(called) == 1 else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants a duty to be: ``values`` by field name (``correct.FIELDS``), as seen at ``base_version``."""

    task: Task
    base_version: int
    values: Mapping[str, Any]


class Clashes(Conflict):
    """Somebody changed some of the duties meanwhile; ``tasks`` are their keys."""

    def __init__(self, tasks: list[Any]) -> None:
        super().__init__("别人刚刚改过其中的任务，请对照后再保存。", code="plan.changed")
        self.tasks = tasks


@transaction.atomic
def check_point(*, point: Point, wanted: Sequence[Wanted], by: Actor, now: datetime) -> Point:
    """Say that the duties of a point are right, correcting those that are not; all of them or none.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, and what ``correct_task`` refuses.
        Clashes: somebody changed one of them in between.
    """
    may(by, "plan.edit")
    notice_open(point.section.notice)
    clashed = []
    for one in wanted:
        if one.task.point_id != point.pk:
            raise Refused("这项任务已经不在这一项里，请刷新。", code="plan.other_point")
        try:
            correct(one.task, one.base_version, one.values, by=by, now=now)
        except Conflict:
            clashed.append(one.task.pk)
    if clashed:
        raise Clashes(clashed)
    Point.objects.filter(pk=point.pk).update(checked_at=now, version=F("version") + 1)
    audit.record(
        action="point.checked", subject=point, summary=f"核对要点第{point.no or point.position}项", by=by, now=now
    )
    point.refresh_from_db()
    return point


def _checking(task: Task) -> tuple[Point, Notice]:
    """The point and notice of a duty that is still being checked; refuses another one."""
    if task.point is None or task.notice is None or task.state != Task.State.CHECKING:
        raise Refused("这项任务已经不在核对中，请刷新。", code="plan.not_checking")
    notice_open(task.notice)
    return task.point, task.notice


def _claim(task: Task, base_version: int, **values: Any) -> None:
    """Change a duty that is still as the person saw it."""
    still = Task.objects.filter(pk=task.pk, version=base_version, state=Task.State.CHECKING)
    if not still.update(**values, version=F("version") + 1):
        raise Conflict("别人刚刚改过这项任务，请刷新后再办。", code="plan.changed")


@transaction.atomic
def split_task(*, task: Task, base_version: int, titles: Sequence[str], by: Actor, now: datetime) -> list[Task]:
    """Make several duties of one. Each keeps who and when; its words are found again inside the old ones where they can be.

    Args:
        titles: one for each new duty, at least two; the first stays in the old one's place.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.not_checking``, ``plan.split`` (fewer than two, or two
            that are the same).
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    point, notice = _checking(task)
    titles = [title.strip()[:300] for title in titles if title.strip()]
    if len(titles) < 2:
        raise Refused("拆成几项就写几行，至少两行。", code="plan.split", field="titles")
    if len(set(titles)) < len(titles):
        raise Refused("有两行一样，请写出各做什么。", code="plan.split", field="titles")
    found = [_words_in(notice, task, title) for title in titles]
    _claim(task, base_version, title=titles[0], checked_at=now, **found[0])
    Task.objects.filter(point=point, position__gt=task.position).update(position=F("position") + len(titles) - 1)
    task.refresh_from_db()
    made = [task]
    for at, (title, words) in enumerate(zip(titles[1:], found[1:], strict=True), 1):
        fresh = Task.objects.get(pk=task.pk)
        fresh.pk, fresh.version = Task._meta.pk.get_default(), 1
        fresh._state.adding = True
        fresh.title, fresh.position = title, task.position + at
        for name, value in words.items():
            setattr(fresh, name, value)
        fresh.save(force_insert=True)
        made.append(fresh)
    audit.record(
        action="task.split", subject=task, summary=f"拆成 {len(made)} 项：{'；'.join(titles)}"[:300], by=by, now=now,
        tasks=[str(one.pk) for one in made],
    )  # fmt: skip
    return made


def _words_in(notice: Notice, task: Task, title: str) -> dict[str, Any]:
    """Where a title stands in the words of a duty, blanks aside; else all the words of the duty."""
    if task.start is not None and task.end is not None:
        blank = r"\s*"
        pattern = blank.join(re.escape(mark) for mark in "".join(title.split()))
        if found := re.search(pattern, notice.text[task.start : task.end]):
            start, end = task.start + found.start(), task.start + found.end()
            return {"quote": notice.text[start:end], "start": start, "end": end}
    return {"quote": task.quote, "start": task.start, "end": task.end}


@transaction.atomic
def merge_tasks(*, point: Point, tasks: Sequence[Task], title: str, by: Actor, now: datetime) -> Task:
    """Make one duty of several of a point: the first takes the title and all the words, the others stay as dropped.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.not_checking``, ``plan.merge`` (fewer than two),
            ``plan.other_point``.
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    notice_open(point.section.notice)
    tasks = sorted(tasks, key=lambda one: one.position)
    if len(tasks) < 2:
        raise Refused("请至少选两项来合并。", code="plan.merge", field="tasks")
    if any(one.point_id != point.pk for one in tasks):
        raise Refused("只能合并同一项要点里的任务。", code="plan.other_point", field="tasks")
    first, *others = tasks
    _, notice = _checking(first)
    starts = [one.start for one in tasks if one.start is not None]
    ends = [one.end for one in tasks if one.end is not None]
    words: dict[str, Any] = {"quote": "；".join(one.quote for one in tasks if one.quote)}
    if len(starts) == len(tasks):
        words = {"quote": notice.text[min(starts) : max(ends)], "start": min(starts), "end": max(ends)}
    # What the first does not say comes from the first that does.
    for name in (
        "subject",
        "lead_id",
        "lead_words",
        "cooperating",
        "due_on",
        "due_words",
        "rule",
        "rrule",
        "rule_words",
    ):
        words[name] = next((value for one in tasks if (value := getattr(one, name))), getattr(first, name))
    words["spans"] = {name: places for one in reversed(tasks) for name, places in one.spans.items()}
    _claim(first, first.version, title=title.strip()[:300] or first.title, checked_at=now, **words)
    for one in others:
        _claim(one, one.version, state=Task.State.DROPPED, reason=f"并入“{title.strip()[:150] or first.title[:150]}”")
    first.refresh_from_db()
    audit.record(
        action="task.merged", subject=first, summary=f"合并 {len(tasks)} 项：{first.title}", by=by, now=now,
        tasks=[str(one.pk) for one in tasks],
    )  # fmt: skip
    return first


@transaction.atomic
def drop_task(*, task: Task, reason: str, by: Actor, now: datetime) -> None:
    """Say that words are no task of their own; the row stays with the reason and can be taken up again.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.not_checking``, ``plan.reason``.
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    _checking(task)
    if not reason.strip():
        raise Refused("请写明为什么不列任务。", code="plan.reason", field="reason")
    _claim(task, task.version, state=Task.State.DROPPED, reason=reason.strip()[:200])
    audit.record(action="task.dropped", subject=task, summary=f"不列任务：{task.title}", by=by, now=now, reason=reason)


@transaction.atomic
def take_up_task(*, task: Task, by: Actor, now: datetime) -> None:
    """Take up again what was dropped. Twice is once.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``.
    """
    may(by, "plan.edit")
    if task.notice:
        notice_open(task.notice)
    dropped = Task.objects.filter(pk=task.pk, state=Task.State.DROPPED)
    if dropped.update(state=Task.State.CHECKING, reason="", version=F("version") + 1):
        audit.record(action="task.taken_up", subject=task, summary=f"恢复列为任务：{task.title}", by=by, now=now)


@transaction.atomic
def add_to_point(*, point: Point, title: str, by: Actor, now: datetime) -> Task:
    """Add a duty that the reader did not find; its words are looked for in the point.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.title``.
    """
    may(by, "plan.edit")
    notice = point.section.notice
    notice_open(notice)
    if not title.strip():
        raise Refused("请写明做什么。", code="plan.title", field="title")
    last = Task.objects.filter(point=point).aggregate(last=Max("position"))["last"] or 0
    whole = Task(quote=point.words, start=point.start, end=point.end)
    words = _words_in(notice, whole, title)
    task = Task.objects.create(
        county=notice.county,
        year=notice.year,
        notice=notice,
        point=point,
        position=last + 1,
        title=title.strip()[:300],
        level="" if notice.level == Level.COUNTY else notice.level,
        state=Task.State.CHECKING,
        checked_at=now,
        **words,
    )
    audit.record(action="task.added", subject=task, summary=f"补列任务：{task.title}", by=by, now=now)
    return task


@transaction.atomic
def add_point(*, section: Section, no: str, words: str, by: Actor, now: datetime) -> Point:
    """Add a point that the reader did not find, with the duties read in its words, else one; it ends its section.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.words``.
    """
    may(by, "plan.edit")
    notice_open(section.notice)
    if not words.strip():
        raise Refused("请写要点的内容。", code="plan.words", field="words")
    last = Point.objects.filter(section=section).aggregate(last=Max("position"))["last"] or 0
    point = Point.objects.create(
        section=section, position=last + 1, no=no.strip(), words=words.strip(), title="", is_corrected=True
    )
    audit.record(action="point.added", subject=point, summary=f"补录要点第{no or point.position}项", by=by, now=now)
    duties = rows_of(section.notice, point, _duties_in(words), list(places.units_visible_to(by, as_of=day_of(now))))
    for task in duties:
        # The words stand in what the person typed, not in the notice.
        task.start, task.end, task.spans = None, None, {}
    Task.objects.bulk_create(duties)
    if not duties:
        add_to_point(point=point, title=re.split(r"[。；;\n]", words.strip())[0][:300], by=by, now=now)
    return point


def _duties_in(words: str) -> list[Action]:
    """What the reader finds in the words of one point."""
    points = [point for section in read_notice(words).sections for point in section.points]
    return [action for point in points for action in point.actions]
