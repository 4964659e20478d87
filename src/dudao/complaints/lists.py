"""The register of complaints as a list: on the page, in Excel and on paper. Nothing in it tells who complained or their words."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.complaints import queries
from dudao.complaints.models import Complaint
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import due, fullday, status

S = Complaint.State
_TONES = {S.RECEIVED: "soon", S.ACCEPTED: "go", S.HANDED: "wait", S.REFUSED: "none", S.ANSWERED: "go", S.CLOSED: "done"}


def standing(row: Complaint, today: date) -> tuple[str, str]:
    """Tone and words of a state: late where the day has passed."""
    if row.is_open and row.due_on and row.due_on < today:
        return "late", f"{row.get_state_display()}，逾期 {(today - row.due_on).days} 天"
    words = (
        f"{row.get_state_display()}，已报告" if row.state == S.HANDED and row.reported_on else row.get_state_display()
    )
    return _TONES[S(row.state)], words


def register(actor: Actor, *, today: date) -> ListPage:
    """Complaints that the reader sees."""
    names = places.names_on(system(actor.county), day=today)

    def link(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("complaints:complaint", args=[row.pk]), row.number)

    def about(row: Complaint) -> str:
        return "督学" if row.about_id else "学校（园）"

    return ListPage(
        title="投诉登记",
        columns=(
            Column("编号", lambda r: r.number, sort=("year", "serial"), show=link, css="nowrap", head=True),
            Column("收到日期", lambda r: r.received_on, sort=("received_on",), show=lambda r: fullday(r.received_on), css="nowrap"),
            Column("来源", lambda r: r.get_source_display(), sort=("source",), css="nowrap hide"),
            Column("类别", lambda r: r.get_kind_display(), sort=("kind",), css="nowrap"),
            Column("学校（园）", lambda r: names.get(r.unit_id, "")),
            Column("对象", about, css="nowrap hide"),
            Column("事项", lambda r: r.title or ("没有受理" if r.state == S.REFUSED else "待受理")),
            Column(
                "状态", lambda r: standing(r, today)[1], sort=("state",), show=lambda r: status(*standing(r, today)), css="nowrap"
            ),
            Column(
                "期限", lambda r: r.due_on, sort=("due_on",), css="nowrap",
                show=lambda r: due(r.due_on, today) if r.is_open else "—",
            ),
            Column("跟踪督学", lambda r: r.follower.name if r.follower else "", css="hide"),
            Column("核实结果", lambda r: r.get_verdict_display(), css="hide"),
            Column("答复日期", lambda r: r.answered_on, sort=("answered_on",), css="hide nowrap"),
        ),
        order=("-year", "-serial"),
        search=("title", "follower__name"), search_label="事项、学校或督学",
        seek=lambda words: Q(unit__in=[key for key, name in names.items() if words in name]),
        filters=(
            Filter("state", "状态", S.choices, lambda v: Q(state=v)),
            Filter("kind", "类别", Complaint.Kind.choices, lambda v: Q(kind=v)),
            Filter("source", "来源", Complaint.Source.choices, lambda v: Q(source=v)),
            Filter(
                "about", "对象", [("unit", "学校（园）"), ("inspector", "督学")], lambda v: Q(about__isnull=v == "unit"), more=True
            ),
        ),
        chips=(
            Chip("new", "待受理", Q(state=S.RECEIVED), tone="soon"),
            Chip("doing", "办理中", Q(state__in=(S.ACCEPTED, S.HANDED))),
            Chip("reported", "已报告，待答复", Q(state=S.HANDED, reported_on__isnull=False), tone="soon"),
            Chip("late", "逾期", queries.late(today), tone="late"),
        ),
        empty={
            "title": "还没有投诉",
            "hint": "公示牌二维码上提交的会到这里；电话、来信、来访的从“登记投诉”写进来。网上投诉在“设置”里开通。",
        } if queries.handles(actor) else {"title": "没有转给您的投诉", "hint": "督导室转办以后到这里。"},
    )  # fmt: skip
