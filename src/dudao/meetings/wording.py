"""What is said of a meeting: when it is, and the notice as one pastes it into WeChat."""

from collections.abc import Iterable, Sequence
from datetime import date, time

from dudao.meetings.document import Written
from dudao.meetings.models import AgendaItem, Meeting, Member
from dudao.meetings.queries import Minutes
from dudao.shell.clock import day_of
from dudao.shell.templatetags.parts import fullday, weekday

_NUMBERS = "一二三四五六七八九十"


def when(day: date | None, at: time | None) -> str:
    """2024年4月15日（星期一）上午9:00; 待定 where there is no day yet."""
    if day is None:
        return "待定"
    said = f"{fullday(day)}（{weekday(day)}）"
    if at is None:
        return said
    part = "上午" if at.hour < 12 else "下午" if at.hour < 18 else "晚上"
    return f"{said}{part}{at.hour if at.hour <= 12 else at.hour - 12}:{at.minute:02d}"


def numbered(lines: Iterable[str]) -> list[str]:
    """Lines with 一、二、… before them; past ten with figures."""
    return [f"{_NUMBERS[n]}、{line}" if n < len(_NUMBERS) else f"{n + 1}、{line}" for n, line in enumerate(lines)]


def headings(items: Iterable[AgendaItem]) -> list[str]:
    """An agenda in short: the office's own items by name, those of the plan by kind with how many there are."""
    own, counts = [], dict.fromkeys(AgendaItem.Group.values, 0)
    for item in items:
        if item.group == AgendaItem.Group.OWN:
            own.append(item.title)
        counts[item.group] += 1
    labels = dict(AgendaItem.Group.choices)
    return own + [f"{labels[group]}（{n} 项）" for group, n in counts.items() if n and group != AgendaItem.Group.OWN]


def notice(meeting: Meeting, items: Iterable[AgendaItem]) -> str:
    """The notice to members, plain text."""
    lines = [
        f"【会议通知】{meeting.title}",
        f"时间：{when(meeting.day, meeting.at)}",
        f"地点：{meeting.place or '待定'}",
    ]
    if meeting.chair:
        lines.append(f"主持：{meeting.chair}")
    if said := headings(items):
        lines += ["议程：", *numbered(said)]
    return "\n".join([*lines, "请准时参加；不能参加的，请提前向督导室请假。"])


def cancelled(meeting: Meeting) -> str:
    """What members are told when a meeting they were called to is not held."""
    return (
        f"【会议取消】原定{when(meeting.day, meeting.at)}召开的“{meeting.title}”取消。原因：{meeting.cancel_reason}。"
    )


def written(
    meeting: Meeting, members: Sequence[Member], items: Sequence[AgendaItem], minutes: Minutes, *, office: str
) -> Written:
    """The minutes as they are printed and given out."""
    came = Member.Attendance
    facts = [
        ("时间", when(meeting.day, meeting.at)),
        ("地点", meeting.place),
        ("主持", meeting.chair),
        ("记录", meeting.recorder),
    ]
    for label, state in (("出席", came.PRESENT), ("请假", came.LEAVE), ("缺席", came.ABSENT)):
        names = "、".join(member.name for member in members if member.attendance == state)
        facts += [(label, names)] if names or state == came.PRESENT else []
    sections = [
        (
            section.item.title if section.item else "其他事项" if items else "",
            [one.paragraph.text for one in section.said],
        )
        for section in minutes.sections
        if section.said
    ]
    decisions = [
        (one.paragraph.matter, one.who or "待定", fullday(one.paragraph.due_on) if one.paragraph.due_on else "待定")
        for one in minutes.decisions
    ]
    stands = meeting.finished_at and f"{fullday(day_of(meeting.finished_at))}定稿"
    return Written(
        title=f"{meeting.title}纪要" + ("" if stands else "（未定稿）"),
        facts=facts,
        agenda=headings(items),
        sections=[(heading and f"（{n}）{heading}", said) for n, (heading, said) in enumerate(sections, 1)],
        decisions=decisions,
        foot="　".join(filter(None, [office, stands or ""])),
    )
