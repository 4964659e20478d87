"""What comes round each morning: provisional days reckoned again, what is due written down once, and a message made ready
for each unit that is to act. It proposes, people send; no matter changes its state.

Every step is one transaction that leaves its cursor, and everything it writes has a key of its own: killed anywhere and begun
again, or run twice, nothing is there twice. After a gap of days one run says what is due by then.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse

from dudao.findings import waiting
from dudao.findings.models import Finding, Proposal
from dudao.findings.waiting import Waiting, What
from dudao.jobs.registry import Run
from dudao.messages import queries as messages_read
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.procedures import library, matters
from dudao.procedures import services as procedures
from dudao.procedures.models import Matter
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of

KIND = "findings.due"
#: What a message is about: the list of one unit.
SUBJECT = "findings.unit"
BATCH = 500
UNITS = 50
LINES = 60
_TAIL = "办理后请登录督导系统“问题整改”报送，或回电督导室登记；已经报送的不用理会。"

_Cursor = dict[str, Any]


def propose(run: Run) -> dict[str, int]:
    """The night run; goes on after the last finished step.

    Returns:
        How many days were reckoned again, matters looked at, things newly written down, messages made ready.
    """
    at: _Cursor = run.cursor or {"stage": "reckon", "after": None, "reckoned": 0, "looked": 0, "new": 0, "messages": 0}
    stages = ["reckon", *sorted(matters.kinds), "units"]
    for stage in stages[stages.index(at["stage"]) :]:
        if at["stage"] != stage:
            at = {**at, "stage": stage, "after": None}
        if stage == "reckon":
            with run.step(cursor=at):
                at["reckoned"] = procedures.reckon_again(county=run.by.county, by=run.by, now=run.now)
                # Whatever comes now is not reckoned twice, though nothing would change.
                at["stage"] = stages[1]
        elif stage == "units":
            at = _say(run, at)
        else:
            at = _look(run, at, matters.kinds[stage])
    return {"重算期限": at["reckoned"], "查看事项": at["looked"], "新列提醒": at["new"], "备好消息": at["messages"]}


# What is due


def _look(run: Run, at: _Cursor, kind: matters.Kind) -> _Cursor:
    """Write down what is due of every matter of a kind that is not at rest; five statements and two writes a batch."""
    today = day_of(run.now)
    states = [s.id for s in library.procedure(kind.procedure).states if not s.final and not s.rest]
    rows = kind.visible_to(run.by, today).filter(state__in=states).order_by("pk")
    while batch := list((rows.filter(pk__gt=UUID(at["after"])) if at["after"] else rows)[:BATCH]):
        found = [_proposal(one, run.by.county, today) for one in waiting.read(batch, today=today) if one.what]
        fresh = _unknown(found)
        at = {
            **at, "after": str(batch[-1].pk), "looked": at["looked"] + len(batch), "new": at["new"] + len(fresh),
        }  # fmt: skip
        with run.step(cursor=at, done=at["looked"], message=f"查看{library.procedure(kind.procedure).name}"):
            Proposal.objects.bulk_create(fresh, ignore_conflicts=True)
    return at


def _proposal(one: Waiting, county: str, today: date) -> Proposal:
    return Proposal(
        county=county, procedure=one.matter.PROCEDURE, subject=one.matter.pk, unit_id=unit_of(one.matter), what=one.what,
        day=one.day, step=one.step(today), is_for_unit=one.is_for_unit, proposed_on=today,
    )  # fmt: skip


def _unknown(found: Collection[Proposal]) -> list[Proposal]:
    """Those that are not written down yet, each once."""
    kept = Proposal.objects.filter(subject__in={row.subject for row in found})
    seen = set(kept.values_list("subject", "what", "day", "step"))
    fresh = {(row.subject, row.what, row.day, row.step): row for row in found}
    return [row for key, row in fresh.items() if key not in seen]


def unit_of(matter: Matter) -> UUID:
    found: UUID = matter.unit_id  # type: ignore[attr-defined]
    return found


# What is said to units


def _say(run: Run, at: _Cursor) -> _Cursor:
    """Make a message ready for each unit with something new to hear; bring those up to date that still wait to be sent."""
    today, county = day_of(run.now), run.by.county
    while units := _units(county, after=at["after"])[:UNITS]:
        lists = _lists(run.by, units, today=today)
        names = places.unit_names(run.by, set(units), as_of=today)
        ended = places.endings(run.by, set(units), as_of=today)
        unsaid = _unsaid(county, units)
        waits = messages_read.waiting_about(county, KIND, SUBJECT)
        for unit in units:
            at = {**at, "after": str(unit)}
            mine, old = lists.get(unit, []), waits.get(str(unit))
            with run.step(cursor=at):
                if not mine:
                    messages.mark_answered(subject=(SUBJECT, str(unit)), by=run.by, now=run.now)
                    Proposal.objects.filter(pk__in=unsaid.get(unit, ())).update(is_for_unit=False)
                elif unit not in ended and _tell(run, unit, names.get(unit, "—"), mine, old, unsaid.get(unit, [])):
                    at["messages"] += 1
    return at


def _units(county: str, *, after: str | None) -> list[UUID]:
    """Units that have something new to hear, or a message about their list that is not answered."""
    new = Proposal.objects.filter(county=county, message__isnull=True, is_for_unit=True)
    keys = set(new.order_by().values_list("unit", flat=True).distinct())
    keys |= {UUID(key) for key in messages_read.unanswered_about(county, KIND, SUBJECT)}
    return sorted(key for key in keys if after is None or key > UUID(after))


def _unsaid(county: str, units: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    rows = Proposal.objects.filter(county=county, message__isnull=True, is_for_unit=True, unit__in=units).order_by("pk")
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for key, unit in rows.values_list("pk", "unit"):
        found[unit].append(key)
    return found


def _lists(by: Actor, units: Collection[UUID], *, today: date) -> Mapping[UUID, list[Waiting]]:
    """What each of some units is to do, the longest late first."""
    found: dict[UUID, list[Waiting]] = defaultdict(list)
    for kind in matters.kinds.values():
        of_units = kind.visible_to(by, today).filter(unit__in=units)
        clocks = waiting.clocks_until(by.county, today + waiting.SOON, of_units)
        for one in waiting.read(of_units.filter(pk__in=clocks), today=today):
            if one.is_for_unit:
                found[unit_of(one.matter)].append(one)
    for mine in found.values():
        mine.sort(key=lambda one: (one.day, str(one.matter)))
    return found


def _tell(
    run: Run, unit: UUID, name: str, mine: Sequence[Waiting], old: Message | None, unsaid: Sequence[UUID]
) -> bool:
    """Make the message of a unit ready, or bring the one up to date that waits. Returns whether one was written."""
    today = day_of(run.now)
    title, text = _words(name, mine, today=today)
    if old and not unsaid and (old.title, old.text) == (title, text):
        return False
    if not old and not unsaid:
        # It was sent, and nothing is new since.
        return False
    counted = _counted(mine)
    message = messages.prepare(
        kind=KIND, title=title, text=text, units=[unit], notes={unit: counted}, subject=(SUBJECT, str(unit)),
        key=(old.key if old else None) or f"{KIND}:{unit}:{unsaid[0]}", link=reverse("findings:queue"),
        by=run.by, now=run.now,
    )  # fmt: skip
    if message.prepared_at != run.now:
        # Sent in this moment as it was; what is new is said next time.
        return False
    Proposal.objects.filter(pk__in=unsaid).update(message=message.pk)
    return True


def _words(name: str, mine: Sequence[Waiting], *, today: date) -> tuple[str, str]:
    """Title and text, ready to be pasted into WeChat."""
    lines = [f"{n}. {_line(one, today)}" for n, one in enumerate(mine[:LINES], 1)]
    if len(mine) > LINES:
        lines.append(f"……共 {len(mine)} 项，其余请登录查看。")
    head = f"【整改提醒】{name}：截至{today:%-m月%-d日}，以下事项请抓紧办理。"
    return f"整改提醒：{name}，{_counted(mine)}", "\n".join([head, *lines, _TAIL])


def _line(one: Waiting, today: date) -> str:
    days = one.days(today)
    when = f"已逾期 {days} 天" if days > 0 else "今天到期" if days == 0 else f"还有 {-days} 天"
    estimate = "（暂估）" if one.is_estimate else ""
    label = "问题 " if isinstance(one.matter, Finding) else ""
    return f"{label}{one.matter}：{one.limit}{one.day:%-m月%-d日}{estimate}，{when}，请{one.steps[0].name}。"


def _counted(mine: Sequence[Waiting]) -> str:
    words = {What.LATE: "逾期", What.DUE: "今天到期", What.SOON: "即将到期"}
    counts = [(said, sum(one.what == what for one in mine)) for what, said in words.items()]
    return "，".join(f"{said} {count} 项" for said, count in counts if count)
