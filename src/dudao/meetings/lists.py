"""The list of meetings: its columns, filters and saved filters."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.meetings import library, queries
from dudao.meetings.models import Meeting
from dudao.meetings.wording import when
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import status

_TONES = {
    Meeting.State.PROPOSED: "none",
    Meeting.State.CALLED: "wait",
    Meeting.State.HELD: "go",
    Meeting.State.MINUTED: "done",
    Meeting.State.CANCELLED: "none",
}


def state(meeting: Meeting, today: date) -> tuple[str, str]:
    """A meeting's state as one sees it: tone and word."""
    if meeting.day and meeting.day < today and meeting.state in (Meeting.State.PROPOSED, Meeting.State.CALLED):
        return "late", "会期已过"
    return _TONES[Meeting.State(meeting.state)], meeting.get_state_display()


def _columns(today: date) -> tuple[Column, ...]:
    def link(meeting: Meeting) -> str:
        return format_html('<a href="{}">{}</a>', reverse("meetings:meeting", args=[meeting.pk]), meeting.title)

    def came(meeting: Meeting) -> str:
        count: int = meeting.member_count  # type: ignore[attr-defined]
        return f"{meeting.present_count} / {count}" if meeting.attended_count else f"{count}"  # type: ignore[attr-defined]

    return (
        Column("会议", lambda m: m.title, sort=("title",), show=link, head=True),
        Column("类别", lambda m: library.kind_name(m.kind), sort=("kind",)),
        Column("时间", lambda m: when(m.day, m.at), sort=("day", "at")),
        Column("地点", lambda m: m.place, sort=("place",)),
        Column(
            "状态", lambda m: state(m, today)[1], sort=("state",), show=lambda m: status(*state(m, today)), css="nowrap"
        ),
        Column("出席 / 应到", came, css="num"),
        Column("决定", lambda m: m.decision_count, show=lambda m: str(m.decision_count or "—"), css="num"),
    )


def meetings(actor: Actor, *, today: date) -> ListPage:
    """The list of meetings as the hat sees it."""
    manages = actor.can("meeting.manage")
    kinds = [(code, kind.name) for code, kind in library.kinds().items()]
    hint = "到了新的一个月，系统会提议本月的会议；也可以自己登记。" if manages else "通知您参加的会议会出现在这里。"
    return ListPage(
        title="会议",
        columns=_columns(today),
        order=("-year", "-period_on", "-day"),
        search=("title", "place"),
        search_label="会议名称或地点",
        filters=[
            Filter("kind", "类别", kinds, lambda value: Q(kind=value)),
            Filter("year", "年度", [(str(y), f"{y}年") for y in queries.years(actor)], lambda value: Q(year=value)),
            Filter("state", "状态", Meeting.State.choices, lambda value: Q(state=value)),
        ],
        chips=[
            Chip("upcoming", "待召开", Q(state__in=(Meeting.State.PROPOSED, Meeting.State.CALLED)), tone="soon"),
            Chip("minutes", "待定纪要", Q(state=Meeting.State.HELD), tone="soon"),
        ],
        empty={
            "title": "还没有会议",
            "hint": hint,
            **({"address": reverse("meetings:new"), "action": "登记会议"} if manages else {}),
        },
    )
