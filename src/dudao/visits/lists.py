"""The list of visits: on the page, in Excel and on paper."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell.acts import Actor, system
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status
from dudao.visits import library, queries
from dudao.visits.models import Visit
from dudao.visits.spans import first_of, month_before, month_words, next_month

TONES = {"planned": "wait", "on_site": "go", "told": "soon", "filed": "done", "undone": "none"}
_WORDS = {"planned": "计划", "on_site": "在校", "told": "待报送归档", "filed": "已归档", "undone": "未完成"}


def standing(row: Visit, today: date) -> tuple[str, str]:
    """Tone and words of how a visit stands on a day."""
    if row.state == Visit.State.PLANNED:
        if row.month < first_of(today):
            return "late", f"{row.month.month}月没有去"
        if row.planned_on and row.planned_on < today:
            return "late", f"逾期 {(today - row.planned_on).days} 天"
    return TONES[row.state], _WORDS[row.state]


def months_around(today: date, *, back: int = 12, ahead: int = 3) -> list[date]:
    """Months that can be chosen, the latest first."""
    month = first_of(today)
    for _ in range(ahead):
        month = next_month(month)
    found = []
    for _ in range(back + ahead + 1):
        found.append(month)
        month = month_before(month)
    return found


def visits(actor: Actor, people: Sequence[tuple[str, str]], *, today: date) -> ListPage:
    """All visits whom the reader sees."""

    def link(row: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse("visits:visit", args=[row.pk]), row.unit_name)

    def when(row: Visit) -> str:
        if row.visited_on:
            return fullday(row.visited_on)
        return f"计划 {fullday(row.planned_on)}" if row.planned_on else f"计划 {month_words(row.month)}"

    themes = [(one.id, one.name) for kind in ("school", "kindergarten") for one in library.themes(kind)]
    towns = places.towns(system(actor.county), as_of=today)

    def of_kind(kind: str) -> Q:
        rows = UnitVersion.objects.filter(kind="kindergarten")
        inside = Q(unit__in=rows.values("unit"))
        return inside if kind == "kindergarten" else ~inside

    return ListPage(
        title="经常性督导", order=("-month", "planned_on"), search=("person__name", "notes", "told"),
        seek=lambda words: Q(unit__in=UnitVersion.objects.filter(name__icontains=words).values("unit")),
        search_label="学校、督学、记录中的字",
        columns=[
            Column("学校（园）", lambda r: r.unit_name, show=link, head=True),
            Column("日期", lambda r: r.visited_on or r.planned_on or r.month, sort=("month", "planned_on"), show=when, css="nowrap"),
            Column("督学", lambda r: r.person.name, sort=("person__sort_key",), css="nowrap"),
            Column("主题", lambda r: library.theme_name(r.theme), css="hide"),
            Column("问题", lambda r: r.problem_count or None, css="num"),
            Column(
                "状态", lambda r: standing(r, today)[1], sort=("state",), css="nowrap", show=lambda r: status(*standing(r, today))
            ),
            Column("原因", lambda r: r.undone_words, css="hide"),
        ],
        filters=[
            Filter("month", "月份", [(f"{m:%Y-%m}", month_words(m)) for m in months_around(today)], lambda v: Q(month=date.fromisoformat(f"{v}-01"))),
            Filter("person", "督学", people, lambda v: Q(person=v)),
            Filter("state", "状态", list(Visit.State.choices), lambda v: Q(state=v)),
            Filter("kind", "学校类别", [("school", "中小学"), ("kindergarten", "幼儿园")], of_kind, more=True),
            Filter("theme", "主题", themes, lambda v: Q(theme=v), more=True),
            Filter(
                "town", "乡镇", [(one.code, one.name) for one in towns],
                lambda v: Q(unit__in=UnitVersion.objects.filter(region_code=v).values("unit")), more=True,
            ),
        ],
        chips=[
            Chip("late", "逾期没有去", queries.overdue(today), tone="late"),
            Chip("ahead", "待去", Q(state="planned") & ~queries.overdue(today)),
            Chip("told", "待归档", Q(state__in=("on_site", "told")), tone="soon"),
            Chip("undone", "未完成", Q(state="undone")),
        ],
        fill=lambda rows: queries.filled(actor, rows, today=today),
        empty={
            "title": "还没有到校督导", "hint": "先排一个月的计划，督学到校以后在这里看记录。",
            **({"action": "排月计划", "address": reverse("visits:plan")} if queries.is_office(actor) else {}),
        },
    )  # fmt: skip
