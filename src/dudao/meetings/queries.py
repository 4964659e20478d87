"""Reading meetings. Each query takes the reader first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dudao.meetings import library
from dudao.meetings.models import AgendaItem, Amendment, Meeting, Member, Paragraph, Rhythm
from dudao.papers import queries as papers
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.plan import agenda as plan_agenda
from dudao.plan import queries as plan
from dudao.plan.checked import Row, checked
from dudao.plan.models import Task
from dudao.shell.acts import Actor
from dudao.shell.templatetags.parts import day

# How far ahead a meeting looks, and back where there was none before it.
AHEAD = timedelta(days=30)


def meetings_visible_to(actor: Actor) -> QuerySet[Meeting]:
    """All meetings for those who see the county whole; for others those they were called to. Units see none."""
    meetings = Meeting.objects.filter(county=actor.county)
    if actor.sees_county:
        return meetings
    invited = Member.objects.filter(meeting=OuterRef("pk"), person__in=actor.hands)
    return meetings.filter(Exists(invited)).exclude(state=Meeting.State.PROPOSED)


def _count(rows: QuerySet[Member] | QuerySet[Paragraph]) -> Coalesce:
    own = rows.filter(meeting=OuterRef("pk")).order_by()
    return Coalesce(Subquery(own.values("meeting").annotate(n=Count("pk")).values("n")), 0)


def meetings(actor: Actor) -> QuerySet[Meeting]:
    """The list of meetings, with ``member_count``, ``present_count``, ``attended_count`` (of whom it is known whether they
    came) and ``decision_count``."""
    members = Member.objects.all()
    return meetings_visible_to(actor).annotate(
        member_count=_count(members),
        present_count=_count(members.filter(attendance=Member.Attendance.PRESENT)),
        attended_count=_count(members.exclude(attendance="")),
        decision_count=_count(Paragraph.objects.filter(is_decision=True, is_removed=False)),
    )


def upcoming(actor: Actor) -> QuerySet[Meeting]:
    """What is still to be held, the next first: for the office also what waits to be placed or minuted."""
    states = [Meeting.State.CALLED]
    if actor.can("meeting.manage"):
        states += [Meeting.State.PROPOSED, Meeting.State.HELD]
    return (
        meetings_visible_to(actor).filter(state__in=states).order_by(F("day").asc(nulls_last=True), "period_on", "pk")
    )


def years(actor: Actor) -> list[int]:
    """The years that have meetings, the newest first."""
    return list(meetings_visible_to(actor).order_by("-year").values_list("year", flat=True).distinct())


def every(actor: Actor, kind: library.Kind) -> str:
    """How often a kind is held: as the office has set it, else as the library says."""
    if not kind.by_office:
        return kind.every
    found = Rhythm.objects.filter(county=actor.county, kind=kind.code).values_list("every", flat=True).first()
    return found or kind.every


def rhythms(actor: Actor) -> dict[str, Rhythm]:
    """What the office has set, by kind."""
    return {row.kind: row for row in Rhythm.objects.filter(county=actor.county)}


def members(actor: Actor, meeting: Meeting) -> list[Member]:
    """Who is invited, in order. Why somebody did not come is for the office and the leaders."""
    rows = list(Member.objects.filter(meeting__in=meetings_visible_to(actor), meeting=meeting))
    if not actor.sees_county:
        for row in rows:
            row.note = ""
    return rows


def items_visible_to(actor: Actor) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.filter(meeting__in=meetings_visible_to(actor)).select_related("meeting")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on an agenda; ``opens`` where the reader may open its task, ``is_live`` where it is not kept yet."""

    item: AgendaItem
    opens: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class Block:
    """What stands on an agenda for one reason."""

    code: str
    label: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Agenda:
    """An agenda by groups, and what was taken off; ``is_live``: computed from the plan as it stands now."""

    blocks: list[Block]
    removed: list[AgendaItem]
    is_live: bool

    def items(self) -> list[AgendaItem]:
        """All things in order."""
        return [line.item for block in self.blocks for line in block.lines]


def agenda(actor: Actor, meeting: Meeting, *, today: date) -> Agenda:
    """The agenda: what was kept, or until then the office's own items and what the plan says today."""
    rows = list(AgendaItem.objects.filter(meeting__in=meetings_visible_to(actor), meeting=meeting))
    shown = [row for row in rows if not row.is_removed]
    is_live = meeting.agenda_on is None and meeting.state == Meeting.State.PROPOSED
    if is_live:
        shown += from_plan(actor, meeting, today=today)
    keys = {row.task_id for row in shown if row.task_id}
    opens = set(plan.tasks_visible_to(actor).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    blocks = [
        Block(
            code, str(label), [Line(row, row.task_id in opens, row._state.adding) for row in shown if row.group == code]
        )
        for code, label in AgendaItem.Group.choices
    ]
    return Agenda([block for block in blocks if block.lines], [row for row in rows if row.is_removed], is_live)


def from_plan(actor: Actor, meeting: Meeting, *, today: date) -> list[AgendaItem]:
    """What the plan puts on a meeting's agenda today, rows that are not in the database; a constant number of statements.

    What earlier meetings of the kind decided comes back until its task is done or withdrawn.
    """
    earlier = decisions_of(actor, meeting.kind).exclude(meeting=meeting)
    open_ = earlier.exclude(task__state__in=(Task.State.DONE, Task.State.WITHDRAWN))
    decided = {row.task_id: row.meeting for row in open_.select_related("meeting") if row.task_id}
    since = last_held(actor, meeting, before=today)
    found = plan_agenda.matters(
        actor,
        today=today,
        until=(meeting.day or today) + AHEAD,
        since=since.day if since and since.day else today - AHEAD,
        also=list(decided),
        without=[task.pk for task in fulfils(actor, meeting, on=meeting.day or today)],
    )
    items = []
    for matter in found:
        group, words = matter.group, matter.words
        if matter.task is not None and matter.task.pk in decided and group != plan_agenda.DONE:
            group = AgendaItem.Group.DECISION
            words = "；".join(filter(None, [f"{day(decided[matter.task.pk].day)}会议决定", words]))
        title = f"任务 {matter.task.number} {matter.task.named}" if matter.task else words
        words = words if matter.task else ""
        items.append(AgendaItem(meeting=meeting, group=group, title=title, words=words, task=matter.task))
    for n, item in enumerate(items):
        item.position = n
    return items


def fulfils(actor: Actor, meeting: Meeting, *, on: date) -> list[Task]:
    """The open tasks of the plan that holding this meeting fulfils."""
    kind = library.kinds().get(meeting.kind)
    return plan_agenda.of_meeting(actor, words=kind.closes, on=on) if kind else []


def decisions_of(actor: Actor, kind: str) -> QuerySet[Paragraph]:
    """What meetings of a kind decided."""
    shown = meetings_visible_to(actor).filter(kind=kind)
    return Paragraph.objects.filter(meeting__in=shown, is_decision=True, is_removed=False)


def last_held(actor: Actor, meeting: Meeting, *, before: date) -> Meeting | None:
    """The meeting of the kind before this one."""
    held = meetings_visible_to(actor).filter(kind=meeting.kind, state__in=(Meeting.State.HELD, Meeting.State.MINUTED))
    return held.filter(day__lte=meeting.day or before).exclude(pk=meeting.pk).order_by("-day", "-pk").first()


def paragraphs_visible_to(actor: Actor) -> QuerySet[Paragraph]:
    """Minutes that stand, of meetings that the reader sees; drafts are for the office and the leaders."""
    rows = Paragraph.objects.filter(meeting__in=meetings_visible_to(actor)).select_related("meeting")
    return rows if actor.sees_county else rows.filter(meeting__state=Meeting.State.MINUTED)


def wrong_numbers(actor: Actor, meeting: Meeting) -> list[str]:
    """The sums in the minutes that do not come out, in figures; for the look before they stand."""
    texts = paragraphs_visible_to(actor).filter(meeting=meeting, is_removed=False).values_list("text", flat=True)
    return [row.why for text in texts for row in checked(text).rows if row.tone == "late"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in words, and the task it has become."""

    paragraph: Paragraph
    who: str
    task: Task | None
    opens: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One paragraph of the minutes, with the numbers that were recomputed in it and what was amended."""

    paragraph: Paragraph
    checks: list[Row]
    decision: Decision | None
    amendments: list[Amendment]


@dataclass(frozen=True, slots=True)
class Section:
    """What was said to one agenda item; ``item`` is ``None`` for what stands by itself."""

    item: AgendaItem | None
    said: list[Said]


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes by agenda item, the decisions in order, and what was taken out."""

    sections: list[Section]
    decisions: list[Decision]
    removed: list[Paragraph]

    @property
    def count(self) -> int:
        """How many paragraphs there are."""
        return sum(len(section.said) for section in self.sections)


def minutes(actor: Actor, meeting: Meeting, items: Sequence[AgendaItem], *, today: date) -> Minutes:
    """The minutes of a meeting; a constant number of statements.

    Args:
        items: the agenda in order (``agenda(…).items()``).
    """
    found = paragraphs_visible_to(actor).filter(meeting=meeting).select_related("meeting", "person", "task")
    rows = list(found.prefetch_related("amendments"))
    shown = [row for row in rows if not row.is_removed]
    names = places.unit_names(actor, {row.unit_id for row in shown if row.unit_id}, as_of=today)
    keys = {row.task_id for row in shown if row.task_id}
    opens = set(plan.tasks_visible_to(actor).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    said: dict[object, list[Said]] = {}
    decisions = []
    order: dict[object, int] = {item.pk: n for n, item in enumerate(items)}
    for row in sorted(shown, key=lambda r: (order.get(r.item_id, len(order)), r.position, r.pk)):
        decision = None
        if row.is_decision:
            unit = names[row.unit_id] if row.unit_id else ""
            who = "、".join(filter(None, [unit, row.person.name if row.person else ""]))
            decision = Decision(row, who, row.task, row.task_id in opens)
            decisions.append(decision)
        key = row.item_id if row.item_id in order else None
        one = Said(row, checked(row.text).rows, decision, list(row.amendments.all()))
        said.setdefault(key, []).append(one)
    sections = [Section(item, said.get(item.pk, [])) for item in items] + [Section(None, said.get(None, []))]
    return Minutes(sections, decisions, [row for row in rows if row.is_removed])


def paper_of(actor: Actor, meeting: Meeting) -> Paper | None:
    """The paper 会议纪要 of a meeting, as far as it is in use."""
    found = papers.papers_of(actor, meeting).filter(kind="minutes")
    return found.exclude(state__in=(Paper.State.DROPPED, Paper.State.WITHDRAWN)).first()
