"""What is said of a meeting: when it is, and the notice as one pastes it into WeChat."""

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

from dudao.meetings.models import AgendaItem, Meeting, Member
from dudao.meetings.queries import Minutes
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


def values(
    meeting: Meeting, members: Sequence[Member], items: Sequence[AgendaItem], minutes: Minutes
) -> dict[str, Any]:
    """The minutes as the fields of the paper 会议纪要 (library/papers/minutes.yaml)."""
    came = Member.Attendance
    spoken = [section for section in minutes.sections if section.said]
    heads = numbered((section.item.title if section.item else "其他事项") if items else "" for section in spoken)
    content: list[str] = []
    for head, section in zip(heads, spoken, strict=True):
        content += [head] if items else []
        content += [line for one in section.said for line in one.paragraph.text.split("\n")]
    names = {state: "、".join(member.name for member in members if member.attendance == state) for state in came.values}
    return {
        "会议名称": meeting.title,
        "会议时间": when(meeting.day, meeting.at),
        "会议地点": meeting.place,
        "主持人": meeting.chair,
        "会议内容": content,
        "议定事项": [
            {
                "事项": one.paragraph.matter,
                "责任单位": one.who or "待定",
                "时限": fullday(one.paragraph.due_on) if one.paragraph.due_on else "待定",
            }
            for one in minutes.decisions
        ],
        "出席": names[came.PRESENT],
        "请假": names[came.LEAVE],
    }
