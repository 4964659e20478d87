"""The lists of data returns: campaigns, the units of one, a unit's own."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.returns.models import Campaign, Return
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import dash, due, fullday, status

_CAMPAIGN = {"draft": "none", "open": "go", "locked": "done", "cancelled": "none"}
_RETURN = {
    "empty": "none",
    "filling": "go",
    "confirmed": "go",
    "submitted": "wait",
    "returned": "late",
    "approved": "done",
}


def campaign_state(row: Campaign) -> tuple[str, str]:
    """Tone and word."""
    return _CAMPAIGN[row.state], row.get_state_display()


def return_state(row: Return, due_on: date | None = None, today: date | None = None) -> tuple[str, str]:
    """Tone and word; late where the day has passed and nothing was handed in."""
    word = row.get_state_display() + ("，已锁定" if row.is_locked else "")
    if due_on and today and due_on < today and row.state not in Return.HANDED_IN and not row.is_locked:
        return "late", f"{word}，逾期 {(today - due_on).days} 天"
    return _RETURN[row.state], word


def campaigns(actor: Actor, *, periods: list[tuple[str, str]], today: date) -> ListPage:
    """All campaigns."""

    def link(row: Campaign) -> str:
        return format_html('<a href="{}">{}</a>', reverse("returns:campaign", args=[row.pk]), row.title)

    def progress(row: Campaign) -> str:
        return f"{row.handed_in} / {row.called}"  # type: ignore[attr-defined]

    columns = (
        Column("填报", lambda r: r.title, sort=("title",), show=link, head=True),
        Column("期次", lambda r: r.period_label, sort=("census_on",), css="nowrap"),
        Column("对象", lambda r: r.get_level_display(), sort=("level",), css="hide"),
        Column("已报送（含已审核）/ 应报", progress, css="num"),
        Column("已审核", lambda r: r.approved, css="num"),
        Column("已填项", lambda r: f"{r.filled or 0} / {r.asked or 0}", css="num hide"),
        Column(
            "截止",
            lambda r: r.due_on,
            sort=("due_on",),
            show=lambda r: due(r.due_on, today) if r.state == "open" else fullday(r.due_on),
            css="nowrap",
        ),
        Column(
            "状态",
            lambda r: r.get_state_display(),
            sort=("state",),
            show=lambda r: status(*campaign_state(r)),
            css="nowrap",
        ),
    )
    manages = actor.can("return.manage")
    return ListPage(
        title="填报",
        columns=columns,
        order=("-census_on", "form"),
        search=("title", "period_label"),
        search_label="名称",
        filters=[
            Filter("period", "期次", periods, lambda value: Q(period=value)),
            Filter("level", "对象", Campaign.Level.choices, lambda value: Q(level=value)),
            Filter("state", "状态", Campaign.State.choices, lambda value: Q(state=value)),
        ],
        chips=[
            Chip("open", "填报中", Q(state="open")),
            Chip("late", "已过截止", Q(state="open", due_on__lt=today), "late"),
        ],
        empty={
            "title": "还没有填报",
            "hint": "选一张表和一个统计时点，发给学校填报。",
            **({"address": reverse("returns:new"), "action": "筹备填报"} if manages else {}),
        },
    )


def units(campaign: Campaign, *, today: date) -> ListPage:
    """The units of one campaign."""

    def link(row: Return) -> str:
        return format_html('<a href="{}">{}</a>', reverse("returns:return", args=[row.pk]), row.unit_name)  # type: ignore[attr-defined]

    def state(row: Return) -> tuple[str, str]:
        return return_state(row, campaign.due_on if campaign.state == "open" else None, today)

    columns = (
        Column("单位", lambda r: r.unit_name, sort=("unit_name",), show=link, head=True),
        Column("已填 / 应填", lambda r: f"{r.filled} / {r.asked}", sort=("filled",), css="num"),
        Column("需改正", lambda r: r.errors, sort=("errors",), show=lambda r: dash(r.errors or ""), css="num"),
        Column("待说明", lambda r: r.warnings, sort=("warnings",), show=lambda r: dash(r.warnings or ""), css="num"),
        Column("已预填", lambda r: r.prefilled, sort=("prefilled",), css="num hide"),
        Column("手工填", lambda r: r.typed, sort=("typed",), css="num hide"),
        Column("用时（分）", lambda r: r.minutes, sort=("seconds",), css="num hide"),
        Column("确认", lambda r: r.confirmed_name, sort=("confirmed_name",), css="hide"),
        Column("状态", lambda r: state(r)[1], sort=("state",), show=lambda r: status(*state(r)), css="nowrap"),
    )
    waiting = Q(state="submitted")
    return ListPage(
        title=campaign.title,
        columns=columns,
        order=("unit_name",),
        search=("unit_name", "unit__code"),
        search_label="单位",
        filters=[Filter("state", "状态", Return.State.choices, lambda value: Q(state=value))],
        chips=[
            Chip("review", "待审核", waiting, "soon"),
            Chip("out", "未报送", ~Q(state__in=Return.HANDED_IN), "late" if campaign.due_on < today else ""),
            Chip("back", "已退回", Q(state="returned"), "late"),
            Chip("wrong", "有需改正", Q(errors__gt=0), "late"),
        ],
        empty={"title": "还没有填报单位", "hint": "先选填报单位。"},
    )


def mine(*, today: date) -> ListPage:
    """The returns of the units that one sees."""

    def link(row: Return) -> str:
        return format_html('<a href="{}">{}</a>', reverse("returns:return", args=[row.pk]), row.campaign.title)

    def state(row: Return) -> tuple[str, str]:
        return return_state(row, row.campaign.due_on if row.campaign.state == "open" else None, today)

    columns = (
        Column("填报", lambda r: r.campaign.title, sort=("campaign__title",), show=link, head=True),
        Column("单位", lambda r: r.unit_name, sort=("unit_name",)),
        Column("统计时点", lambda r: r.campaign.census_on, show=lambda r: fullday(r.campaign.census_on), css="hide"),
        Column("已填 / 应填", lambda r: f"{r.filled} / {r.asked}", css="num"),
        Column("需改正", lambda r: r.errors, show=lambda r: dash(r.errors or ""), css="num"),
        Column(
            "截止",
            lambda r: r.campaign.due_on,
            sort=("campaign__due_on",),
            show=lambda r: due(r.campaign.due_on, today) if r.is_writable else fullday(r.campaign.due_on),
            css="nowrap",
        ),
        Column("状态", lambda r: state(r)[1], show=lambda r: status(*state(r)), css="nowrap"),
    )
    return ListPage(
        title="我的填报",
        columns=columns,
        order=("-campaign__census_on", "campaign__form", "unit_name"),
        chips=[
            Chip("todo", "要填的", Q(state__in=Return.WRITABLE, is_locked=False), "soon"),
            Chip("back", "退回的", Q(state="returned"), "late"),
        ],
        empty={"title": "没有要填的表", "hint": "督导室发起填报后，会出现在这里，并有消息提醒。"},
    )
