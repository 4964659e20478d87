"""The queue 到期与逾期: every limit that is past or near, with its next act, who may take it, and since when it was said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from dudao.findings import waiting
from dudao.findings.models import Measure, Proposal
from dudao.findings.waiting import SOON, Step, Waiting, What
from dudao.messages import queries as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.procedures import matters
from dudao.procedures.models import Clock, Matter
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import day as short_day
from dudao.shell.templatetags.parts import due, status

FIRST = 12
#: The states in which a matter stands without a limit and somebody is to act.
_WITHOUT = ("registered", "reported", "passed", "not_in_place")


@dataclass(slots=True)
class Line:
    """One thing that waits, as it is shown."""

    one: Waiting
    today: date
    unit: str
    actor: Actor
    said: str = ""

    @property
    def title(self) -> str:
        return str(self.one.matter)

    @property
    def address(self) -> str:
        return reverse(matters.kinds[self.one.matter.PROCEDURE].page, args=[self.one.matter.pk])

    @property
    def days(self) -> int:
        return self.one.days(self.today)

    @property
    def is_mine(self) -> bool:
        return any(step.is_mine(self.actor, self.one.matter) for step in self.one.steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.one.steps


@dataclass(slots=True)
class Alarms:
    """What no clock shows: dangers not reported up, papers that wait to be written down, what was never told."""

    lines: list[Line] = field(default_factory=list)
    idle: list[Line] = field(default_factory=list)


def list_page(actor: Actor, *, today: date) -> ListPage:
    """The list over ``waiting.clocks_visible_to``."""
    columns = [
        Column("事项", lambda c: c.line.title if c.line else c.name, show=_link, head=True),
        Column("单位", lambda c: c.line.unit if c.line else ""),
        Column("期限", lambda c: c.name, show=lambda c: _limit(c)),
        Column("到期", lambda c: c.due_on, sort=("due_on",), show=lambda c: due(c.due_on, today), css="nowrap"),
        Column("已过天数", lambda c: max((today - c.due_on).days, 0), show=lambda c: _late(c, today), css="num hide"),
        Column("下一步、由谁办", lambda c: _steps_in_words(c), show=_steps, css="full"),
    ]
    if actor.sees_county:
        columns.append(Column("提醒", lambda c: c.line.said if c.line else "", css="ink2 full"))
    names = [("finding", "问题"), ("measure", "措施"), ("inspection", "督导")]
    if actor.can("loop.office") or actor.can("loop.lead"):
        names.append(("accountability", "问责"))
    return ListPage(
        title="到期与逾期",
        columns=columns,
        order=("due_on",),
        search=("name",),
        search_label="期限名称",
        filters=[
            Filter(
                "procedure", "类别", [(code, name) for code, name in names if code in matters.kinds],
                lambda value: Q(procedure=value),
            )
        ],
        chips=[
            Chip("late", "已过期限", Q(due_on__lt=today), tone="late"),
            Chip("today", "今天到期", Q(due_on=today), tone="soon"),
            Chip("soon", "三日内到期", Q(due_on__gt=today, due_on__lte=today + SOON)),
        ],
        fill=lambda rows: fill(actor, rows, today=today),
        empty={"title": "没有到期、逾期的事项", "hint": "期限在三日内或已过的问题、措施会出现在这里，并写明下一步由谁办。"},
    )  # fmt: skip


def fill(actor: Actor, clocks: Sequence[Clock], *, today: date) -> None:
    """Set ``line`` on each clock; a constant number of statements."""
    rows = waiting.matters_of(actor, clocks, today=today)
    lines = _lines(actor, waiting.read(rows.values(), today=today), today=today)
    by_clock = {(line.one.matter.pk, line.one.limit, line.one.day): line for line in lines}
    for clock in clocks:
        clock.line = by_clock.get((clock.subject, clock.name, clock.due_on))  # type: ignore[attr-defined]


def _lines(actor: Actor, found: Sequence[Waiting], *, today: date) -> list[Line]:
    units = {one.matter.unit_id for one in found}  # type: ignore[attr-defined]
    names = places.unit_names(actor, units, as_of=today)
    said = _said(actor, [one.matter.pk for one in found], today=today) if actor.sees_county else {}
    return [
        Line(
            one, today, names.get(one.matter.unit_id, "—"), actor,  # type: ignore[attr-defined]
            said.get((one.matter.pk, one.what), ""),
        )
        for one in found
    ]  # fmt: skip


def _said(actor: Actor, subjects: Sequence[UUID], *, today: date) -> Mapping[tuple[UUID, str], str]:
    """Of each matter and what is due of it: since when it was said, and what became of the message."""
    rows: dict[tuple[UUID, str], list[Proposal]] = defaultdict(list)
    for row in Proposal.objects.filter(county=actor.county, subject__in=subjects).order_by("pk"):
        rows[row.subject, row.what].append(row)
    keys = {row.message for mine in rows.values() for row in mine if row.message}
    sent = messages.states_of(actor, keys)
    return {key: _words(mine, sent, today=today) for key, mine in rows.items()}


def _words(rows: Sequence[Proposal], sent: Mapping[UUID, Message], *, today: date) -> str:
    # The newest day it counts from: an earlier limit of the same matter is over.
    newest = max(row.day for row in rows)
    mine = [row for row in rows if row.day == newest]
    first, last = mine[0].proposed_on, mine[-1]
    said = f"{short_day(first)}列出（{(today - first).days} 天）"
    message = sent.get(last.message) if last.message else None
    if message is None:
        return said + ("，消息还没有备好" if last.is_for_unit and not last.message else "")
    if message.state == Message.State.PREPARED:
        return f"{said}，消息待发送"
    if message.state == Message.State.DROPPED:
        return f"{said}，消息已撤下"
    day = day_of(message.ended_at) if message.ended_at else first
    return f"{said}，{short_day(day)}已发，{(today - day).days} 天未办"


def alarms(actor: Actor, *, today: date) -> Alarms:
    """What no clock shows, the longest waiting first; a constant number of statements."""
    findings = matters.kinds["finding"].visible_to(actor, today)
    measures = matters.kinds["measure"].visible_to(actor, today)
    served = Proposal.objects.filter(county=actor.county, what=What.SERVED).order_by("-pk")
    keys = list(served.values_list("subject", flat=True)[:200])
    untold = findings.filter(state="registered", due_on__lt=today).order_by("due_on", "pk")[:FIRST]
    rows: dict[UUID, Matter] = {row.pk: row for row in waiting.dangers(actor, today=today)[:FIRST]}
    rows |= {row.pk: row for row in untold}
    rows |= {row.pk: row for row in findings.filter(pk__in=keys)} | {
        row.pk: row for row in measures.filter(pk__in=keys)
    }
    found = [one for one in waiting.read(rows.values(), today=today) if one.said and one.what]
    order = [What.DANGER, What.LATE, What.SERVED]
    found.sort(key=lambda one: (order.index(What(one.what)), one.day))
    still = findings.filter(state__in=_WITHOUT).order_by("state_since", "pk")[:FIRST]
    at_work = measures.exclude(state__in=Measure.ENDED).exclude(pk__in=waiting.with_clock(actor.county, "measure"))
    cases = matters.kinds["accountability"].visible_to(actor, today).order_by("state_since", "pk")[:FIRST]
    idle: list[Matter] = [*still, *at_work.order_by("state_since", "pk")[:FIRST], *cases]
    waits = [one for one in waiting.read(idle, today=today) if not one.what]
    waits.sort(key=lambda one: one.day)
    lines = _lines(actor, [*found[:FIRST], *waits[:FIRST]], today=today)
    shown = len(found[:FIRST])
    return Alarms(lines[:shown], lines[shown:])


def _link(clock: Any) -> str:
    line: Line | None = clock.line
    if line is None:
        return clock.name  # type: ignore[no-any-return]
    mine = status("go", "待我办") if line.is_mine else ""
    return format_html('<a href="{}">{}</a> {}', line.address, line.title, mine)


def _limit(clock: Clock) -> str:
    return format_html("{} {}", clock.name, status("soon", "暂估")) if clock.is_provisional else clock.name


def _late(clock: Clock, today: date) -> str:
    days = (today - clock.due_on).days
    return format_html('<span class="late">{}</span>', days) if days > 0 else "—"


def _steps(clock: Any) -> str:
    line: Line | None = clock.line
    if line is None or not line.steps:
        return status("late", "没有下一步，请报系统管理员")
    return steps_html(line.steps)


def steps_html(steps: Sequence[Step]) -> str:
    """Acts with who may take them, one a line."""
    return format_html_join(
        "", "<div>{} <small class=\"ink3\">{}{}</small></div>",
        ((step.name, step.who, f" · {step.lacks}" if step.lacks else "") for step in steps),
    )  # fmt: skip


def _steps_in_words(clock: Any) -> str:
    line: Line | None = clock.line
    return "；".join(f"{step.name}（{step.who}）" for step in line.steps) if line else ""
