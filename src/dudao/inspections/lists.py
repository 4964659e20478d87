"""The list of inspections: its columns, filters and saved filters."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.inspections import queries, wording
from dudao.inspections.models import Inspection
from dudao.procedures import library
from dudao.procedures import queries as procedures
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import status

_TONES = {
    "planned": "none", "notified": "wait", "on_site": "go", "deliberating": "go", "fed_back": "wait", "opinion": "go",
    "issued": "done", "archived": "done", "cancelled": "none", "none": "none", "submitted": "wait",
    "published": "done", "kept_back": "done",
}  # fmt: skip


def state(row: Inspection) -> tuple[str, str]:
    """Where the inspection itself stands: tone and word."""
    return _TONES.get(row.state, "none"), row.state_words


def side(row: Inspection) -> tuple[str, str]:
    """Where its report stands."""
    return _TONES.get(row.side_state, "none"), row.side_words


def inspections(actor: Actor, *, today: date) -> ListPage:
    """The list as the hat sees it."""
    manages = actor.sees_county and actor.can("loop.office")

    def link(row: Inspection) -> str:
        address = reverse("inspections:inspection", args=[row.pk])
        return format_html('<a href="{}">{}</a> <small class="ink3">{}</small>', address, row.title, row.number)

    def found(row: Inspection) -> str:
        count, open_ = row.found  # type: ignore[attr-defined]
        return f"{open_} / {count}" if count else "—"

    def fill(rows: Sequence[Inspection]) -> None:
        counts = queries.finding_counts(actor, [row.pk for row in rows])
        for row in rows:
            row.found = counts.get(str(row.pk), (0, 0))  # type: ignore[attr-defined]

    columns = [
        Column("督导", lambda r: f"{r.number} {r.title}", sort=("year", "serial"), show=link, head=True),
        Column("单位", lambda r: r.unit_name, sort=("unit_name",)),
        Column("类别", lambda r: r.get_kind_display(), sort=("kind",), css="nowrap"),
        Column("计划时间", lambda r: wording.span(r.begin_on, r.end_on), sort=("begin_on",)),
        Column("状态", lambda r: r.state_words, sort=("state",), show=lambda r: status(*state(r)), css="nowrap"),
        Column("督导报告", lambda r: r.side_words, sort=("side_state",), show=lambda r: status(*side(r)), css="nowrap"),
        Column("未销号 / 问题", found, css="num"),
    ]
    late = procedures.running_clocks(actor.county, until=today - timedelta(days=1), procedure=Inspection.PROCEDURE)
    chips = [
        Chip("ahead", "待进驻", Q(state__in=Inspection.AHEAD)),
        Chip("under-way", "正在进行", Q(state__in=Inspection.COLLECTING)),
        Chip("issued", "意见书已送达", Q(state="issued")),
    ]
    if actor.sees_county:
        chips.append(Chip("late", "有期限已过", Q(pk__in=late.order_by().values("subject")), tone="late"))
    empty = {"title": "还没有督导检查", "hint": "对您的单位或由您参加的督导检查会出现在这里。"}
    if manages:
        empty |= {"hint": "列入计划后，通知、初步意见、意见书和报告都在督导的页面上办。"}
        empty |= {"address": reverse("inspections:new"), "action": "列入计划"}
    return ListPage(
        title="督导检查",
        columns=columns,
        order=("-year", "-serial"),
        search=("title", "matters", "unit_name"),
        search_label="名称、事项或单位",
        filters=[
            Filter("kind", "类别", Inspection.Kind.choices, lambda value: Q(kind=value)),
            Filter("year", "年度", [(str(y), f"{y}年") for y in queries.years(actor)], lambda value: Q(year=value)),
            Filter("state", "状态", library.choices("inspection"), lambda value: Q(state=value)),
            Filter("batch", "同批", queries.batches(actor), lambda value: Q(batch=value)),
        ],
        chips=chips,
        fill=fill,
        empty=empty,
    )
