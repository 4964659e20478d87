"""What is said of a meeting: when it is, and the notice as one pastes it into WeChat."""

from collections.abc import Iterable
from datetime import date, time

from dudao.meetings.models import AgendaItem, Meeting
from dudao.shell.templatetags.parts import fullday, weekday

_NUMBERS = "一二三四五六七八九十"


def when(day: date | None, at: time | None) -> str:
    """2024年4月15日（星期一）上午9:00; 时间待定 where there is no day yet."""
    if day is None:
        return "时间待定"
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
