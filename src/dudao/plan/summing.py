"""What the plan's rows say of half a year or a year: every number with the rows it counts, then the sentences made of them.

A number is counted in ``facts`` and its rows are listed by ``rows_behind`` with the same conditions, as of the same day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from dudao.places import queries as places
from dudao.plan import queries
from dudao.plan.models import Summary, Task, TaskPart
from dudao.shell.acts import Actor

#: So many units that are late are named; the others are counted.
NAMED = 8
#: So many words of a result go into a draft; the whole stands on the task.
RESULT = 200
_DIGITS = "零一二三四五六七八九"
_KINDS = {
    "school": "所学校",
    "kindergarten": "所幼儿园",
    "township": "个乡镇场街道",
    "department": "个部门",
    "section": "个科室",
}


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a summary: ``until`` is the last that is counted, ``late_before``: what was due before it and open is late."""

    start: date
    until: date
    late_before: date


def span_of(year: int, half: str, *, today: date) -> Span:
    """The days of half a year or a year, up to today."""
    start = date(year, 7, 1) if half == Summary.Half.SECOND else date(year, 1, 1)
    end = date(year, 6, 30) if half == Summary.Half.FIRST else date(year, 12, 31)
    until = min(end, today)
    return Span(start, until, min(end + timedelta(days=1), today))


# What is counted of the units of a task, as of a day.
def parts_of(measure: str, span: Span) -> Q:
    """The condition of the parts that a measure counts: handed, signed, answered, done, late."""
    handed = Q(handed_on__lte=span.until) & ~Q(state=TaskPart.State.WITHDRAWN)
    done = Q(done_on__lte=span.until)
    return {
        "handed": handed,
        "signed": handed & Q(signed_on__lte=span.until),
        "answered": handed & Q(answered_on__lte=span.until, state__in=(TaskPart.State.ANSWERED, TaskPart.State.DONE)),
        "done": handed & done,
        "late": handed & Q(due_on__lt=span.late_before) & (Q(done_on__isnull=True) | Q(done_on__gt=span.until)),
    }[measure]


PART_MEASURES = {"handed": "已下达", "signed": "已签收", "answered": "已报送", "done": "已办结", "late": "逾期未办结"}


def periods_of(measure: str, span: Span) -> Q:
    """The condition of the periods of a task that a measure counts: begun, done, late, going."""
    begun = Q(opens_on__gte=span.start, opens_on__lte=span.until) & ~Q(state=Task.State.WITHDRAWN)
    done = Q(state=Task.State.DONE, done_on__lte=span.until)
    late = ~done & Q(due_on__lt=span.late_before)
    return {"begun": begun, "done": begun & done, "late": begun & late, "going": begun & ~done & ~late}[measure]


PERIOD_MEASURES = {"begun": "已到的各期", "done": "办结的各期", "late": "逾期的各期", "going": "正在办理的各期"}

#: What became of a task by the day, in the order of a summary.
STANDS = {
    "done": "办结",
    "going": "尚未办结",
    "late": "逾期",
    "paused": "暂停",
    "withdrawn": "撤销",
}

#: A stretch of a draft: its words, and the rows behind it (empty, ``task/<key>``, ``parts/<key>/<measure>``,
#: ``periods/<key>/<measure>``, ``tasks/<stand or all>``).
Piece = tuple[str, str]


@dataclass(slots=True)
class Fact:
    """A task with what is counted of it."""

    task: Task
    parts: dict[str, int] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    late_units: list[str] = field(default_factory=list)
    periods: dict[str, int] = field(default_factory=dict)
    late_periods: list[str] = field(default_factory=list)
    handed_periods: list["Fact"] = field(default_factory=list)
    stand: str = "going"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A paragraph as drafted; ``about`` is ``opening``, the key of a point, or ``others``."""

    about: str
    section: str
    heading: str
    pieces: list[Piece]

    @property
    def text(self) -> str:
        return "".join(words for words, _ in self.pieces)


def facts(actor: Actor, *, year: int, span: Span) -> list[Fact]:
    """The tasks of a year as they stood; a constant number of statements however many tasks, periods and units."""
    tasks = list(queries.summed(actor, year=year))
    found = {task.pk: Fact(task) for task in tasks}
    periods = {
        period.pk: Fact(period)
        for period in queries.periods_of_year(actor, year=year).filter(periods_of("begun", span))
    }
    _count_periods(actor, found, year, span)
    _count_parts(actor, {**found, **periods}, year, span)
    for fact in periods.values():
        held = found.get(fact.task.parent_id)  # type: ignore[arg-type]
        if held and fact.parts.get("handed"):
            held.handed_periods.append(fact)
    for fact in found.values():
        fact.stand = _stand(fact, span)
    return [found[task.pk] for task in tasks]


def _count_periods(actor: Actor, found: dict[UUID, Fact], year: int, span: Span) -> None:
    counted = {name: Count("pk", filter=periods_of(name, span)) for name in PERIOD_MEASURES}
    rows = queries.periods_of_year(actor, year=year)
    by_parent = rows.order_by().values("parent").annotate(**counted)
    for row in cast(Iterable[dict[str, Any]], by_parent):
        if fact := found.get(row["parent"]):
            fact.periods = {name: row[name] for name in PERIOD_MEASURES if row[name]}
    for period in rows.filter(periods_of("late", span)).only("parent", "period"):
        if period.parent_id and (fact := found.get(period.parent_id)):
            fact.late_periods.append(period.period)


def _count_parts(actor: Actor, found: dict[UUID, Fact], year: int, span: Span) -> None:
    counted = {name: Count("pk", filter=parts_of(name, span)) for name in PART_MEASURES}
    parts = queries.parts_visible_to(actor).filter(task__year=year)
    kinds = parts.annotate(kind=places.kind_on("unit", as_of=span.until)).order_by()
    by_task = kinds.values("task", "kind").annotate(**counted)
    for row in cast(Iterable[dict[str, Any]], by_task):
        fact = found.get(row["task"])
        if fact is None or not row["handed"]:
            continue
        fact.kinds.add(row["kind"] or "")
        for name in PART_MEASURES:
            fact.parts[name] = fact.parts.get(name, 0) + row[name]
    numbered = parts.filter(parts_of("late", span)).annotate(
        at=Window(RowNumber(), partition_by=F("task"), order_by=(F("due_on").asc(), F("pk").asc()))
    )
    named = list(numbered.filter(at__lte=NAMED).values_list("task", "unit"))
    names = places.unit_names(actor, {unit for _, unit in named}, as_of=span.until)
    for task, unit in named:
        if task in found:
            found[task].late_units.append(names.get(unit, "—"))


def _stand(fact: Fact, span: Span) -> str:
    task = fact.task
    if task.state == Task.State.WITHDRAWN:
        return "withdrawn"
    if task.state == Task.State.DONE and task.done_on and task.done_on <= span.until:
        return "done"
    if task.state == Task.State.PAUSED:
        return "paused"
    own = not fact.periods and task.due_on and task.due_on < span.late_before
    handed = any(one.parts.get("late") for one in fact.handed_periods)
    return "late" if own or fact.parts.get("late") or fact.periods.get("late") or handed else "going"


def draft(actor: Actor, *, year: int, half: str, span: Span) -> list[Drafted]:
    """The paragraphs of a summary in the order of the notices: an opening, one for each point with tasks, and the rest."""
    told = facts(actor, year=year, span=span)
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in told:
        groups[str(fact.task.point_id) if fact.task.point_id else "others"].append(fact)
    others = groups.pop("others", [])
    paragraphs = [_opening(told, year, half, span)]
    paragraphs += [_paragraph(about, *_heading(held[0].task), held) for about, held in groups.items()]
    if others:
        paragraphs.append(_paragraph("others", "", "其他工作。", others))
    return paragraphs


def _heading(task: Task) -> tuple[str, str]:
    """The section and the heading of a task's point: （十）常态化做好控辍保学工作。"""
    point = task.point
    assert point is not None
    number = chinese(int(point.no)) if point.no.isdecimal() and int(point.no) < 100 else point.no
    title = point.title.strip("。；，,.;")
    if not number and not title:
        title = point.section.heading.strip("。；，,.;")
    return str(point.section), (f"（{number}）" if number else "") + (f"{title}。" if title else "")


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones or not tens else "")


def _opening(told: Sequence[Fact], year: int, half: str, span: Span) -> Drafted:
    papers = list(dict.fromkeys(fact.task.notice.title for fact in told if fact.task.notice))
    label = "" if half == Summary.Half.YEAR else dict(Summary.Half.choices)[half]
    against = f"，对照{'、'.join(f'《{title}》' for title in papers)}" if papers else ""
    pieces: list[Piece] = [(f"{year}年{label}{against}，全年共列任务", ""), (str(len(told)), "tasks/all"), ("项", "")]
    counts = [(name, word, sum(fact.stand == name for fact in told)) for name, word in STANDS.items()]
    for at, (name, word, count) in enumerate(one for one in counts if one[2]):
        if not at:
            pieces.append((f"。截至{_day(span.until)}，", ""))
        pieces += [("、" if at else "", ""), (f"{word}", ""), (str(count), f"tasks/{name}"), ("项", "")]
    return Drafted("opening", "", "", _joined([*pieces, ("。", "")]))


def _paragraph(about: str, section: str, heading: str, held: Sequence[Fact]) -> Drafted:
    pieces: list[Piece] = []
    plain = [fact for fact in held if fact.stand == "going" and not _counted(fact)]
    groups = (
        ("", [fact for fact in held if fact.stand in ("done", "going") and fact not in plain]),
        ("正在推进：", [fact for fact in plain if fact.task.state != Task.State.DRAFT]),
        # Nobody has it and nothing is written down of it: the draft must not say more than that.
        ("尚无办理记录：", [fact for fact in plain if fact.task.state == Task.State.DRAFT]),
        ("尚未完成：", [fact for fact in held if fact.stand == "late"]),
        ("", [fact for fact in held if fact.stand in ("paused", "withdrawn")]),
    )
    for lead, chosen in groups:
        if not chosen:
            continue
        pieces.append((lead, ""))
        for at, fact in enumerate(chosen):
            pieces += [("；" if at else "", ""), *_sentence(fact)]
        pieces.append(("。", ""))
    return Drafted(about, section, heading, _joined(pieces))


def _sentence(fact: Fact) -> list[Piece]:
    """One task: what, and how it stands."""
    task = fact.task
    named: Piece = (_plain(task.title), f"task/{task.pk}")
    if fact.stand == "withdrawn":
        return [named, (f"，已撤销（{_plain(task.reason)}）" if task.reason else "，已撤销", "")]
    if fact.stand == "paused":
        why = f"，已暂停（{_plain(task.reason)}）" if task.reason else "，已暂停"
        return [named, (why, ""), *_after("，", _counted(fact))]
    said = _counted(fact)
    if fact.stand == "done" and task.done_on:
        said += [("，" if said else "", ""), ("已于", ""), (_day(task.done_on), f"task/{task.pk}"), ("办结", "")]
        if result := _plain(task.result):
            cut = result if len(result) <= RESULT else f"{result[:RESULT]}……"
            said.append((f"，{cut}", f"task/{task.pk}"))
    elif not said:
        due = f"时限{_day(task.due_on)}" if task.due_on else ""
        late = "，逾期" if fact.stand == "late" else ""
        return [named, (f"（{due}{late}）" if due else "", "")]
    return [named, ("：", ""), *said]


def _counted(fact: Fact) -> list[Piece]:
    """What is counted of a task: its periods, its units."""
    key, pieces = fact.task.pk, []
    if begun := fact.periods.get("begun"):
        pieces = [("应办", ""), (str(begun), f"periods/{key}/begun"), ("期", "")]
        for name, word in (("done", "办结"), ("going", "正在办理"), ("late", "逾期")):
            if count := fact.periods.get(name):
                pieces += [(f"，{word}", ""), (str(count), f"periods/{key}/{name}"), ("期", "")]
        if fact.late_periods:
            pieces.append((f"（{_some(fact.late_periods, len(fact.late_periods), '期')}）", ""))
    for period in fact.handed_periods:
        pieces += [("，" if pieces else "", ""), (period.task.period, f"task/{period.task.pk}"), *_units(period)]
    return [*pieces, *_after("，" if pieces else "", _units(fact))]


def _units(fact: Fact) -> list[Piece]:
    """已下达42所学校，签收40所，办结38所，2所逾期未办结（某校、某校）."""
    handed, key = fact.parts.get("handed", 0), fact.task.pk
    if not handed:
        return []
    kind = _KINDS.get(next(iter(fact.kinds)), "个单位") if len(fact.kinds) == 1 else "个单位"
    pieces: list[Piece] = [("已下达", ""), (str(handed), f"parts/{key}/handed"), (kind, "")]
    for name, word in (("signed", "签收"), ("answered", "报送"), ("done", "办结")):
        count = fact.parts.get(name, 0)
        if name == "answered" and count == fact.parts.get("done", 0):
            continue
        pieces += [(f"，{word}", ""), (str(count), f"parts/{key}/{name}"), (kind[0], "")]
    if late := fact.parts.get("late"):
        names = _some(fact.late_units, late, kind)
        pieces += [("，", ""), (str(late), f"parts/{key}/late"), (f"{kind[0]}逾期未办结（{names}）", "")]
    return pieces


def _some(names: Sequence[str], count: int, kind: str) -> str:
    """The first names, and how many there are where that is not all."""
    shown = "、".join(names[:NAMED])
    return shown if count <= len(names[:NAMED]) else f"{shown}等{count}{kind}"


def _after(mark: str, pieces: list[Piece]) -> list[Piece]:
    return [(mark, ""), *pieces] if pieces else []


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Without empty stretches; plain ones that stand side by side are one."""
    found: list[Piece] = []
    for words, rows in pieces:
        if not words:
            continue
        if found and not rows and not found[-1][1]:
            found[-1] = (found[-1][0] + words, "")
        else:
            found.append((words, rows))
    return found


def _plain(words: str) -> str:
    """Words that go into a sentence: on one line, without the stop at the end."""
    return " ".join(words.split()).rstrip("。；;,，.")


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows that a number counts: what they are, and each with its name, what is said of it, and its page's task."""

    title: str
    rows: Sequence[tuple[str, str, UUID | None]]


def rows_behind(actor: Actor, summary: Summary, of: str, *, on: date) -> Behind | None:
    """The rows behind a number of a draft, as the draft of the day ``on`` counted them; ``None`` where there is no such number."""
    span = span_of(summary.year, summary.half, today=on)
    kind, _, rest = of.partition("/")
    if kind == "tasks" and rest in ("all", *STANDS):
        found = [f for f in facts(actor, year=summary.year, span=span) if rest in ("all", f.stand)]
        rows = [(f"{f.task.number} {f.task.title}", STANDS[f.stand], _page(f.task)) for f in found]
        return Behind("全年共列的任务" if rest == "all" else f"{STANDS[rest]}的任务", rows)
    key, _, measure = rest.partition("/")
    task = queries.summed(actor, year=summary.year, with_periods=True).filter(pk=key).first() if _is_key(key) else None
    if task is None:
        return None
    if kind == "periods" and measure in PERIOD_MEASURES:
        periods = queries.periods_of_year(actor, year=summary.year).filter(periods_of(measure, span), parent=task)
        said = [(one.period, _when(one.done_on, span, "办结"), one.pk) for one in periods.order_by("opens_on")]
        return Behind(f"{task.title}：{PERIOD_MEASURES[measure]}", said)
    if kind == "parts" and measure in PART_MEASURES:
        parts = list(queries.parts_visible_to(actor).filter(parts_of(measure, span), task=task).order_by("pk"))
        names = places.unit_names(actor, {part.unit_id for part in parts}, as_of=span.until)
        rows = sorted((names.get(part.unit_id, "—"), _part(part, span), task.pk) for part in parts)
        return Behind(f"{task.named}：{PART_MEASURES[measure]}的单位", rows)
    return None


def _is_key(words: str) -> bool:
    try:
        return bool(UUID(words))
    except ValueError:
        return False


def _page(task: Task) -> UUID | None:
    """A task that has a page: one that was withdrawn has none."""
    return None if task.state in Task.OUTSIDE else task.pk


def _when(day: date | None, span: Span, word: str) -> str:
    return f"{_day(day)}{word}" if day and day <= span.until else f"未{word}"


def _part(part: TaskPart, span: Span) -> str:
    due = f"，时限{_day(part.due_on)}" if part.due_on else ""
    said = [_when(part.signed_on, span, "签收"), _when(part.done_on, span, "办结")]
    return f"{_day(part.handed_on)}下达，{'，'.join(said)}{due}"
