"""The list of draws, and a draw as sheets."""

from typing import Any

from django.db.models import Q
from django.http import FileResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.draws.content import Row
from dudao.draws.models import METHODS, Draw
from dudao.shell import clock, sheets
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import status

S = Draw.State
TONES = {S.DRAFT: "none", S.FROZEN: "wait", S.SEEDED: "go", S.DRAWN: "done", S.VOID: "late"}


def state(row: Draw) -> SafeString:
    return status(TONES[S(row.state)], row.get_state_display())


def number(take: Any) -> int:
    """How many are drawn, of all strata."""
    return sum(take.values()) if isinstance(take, dict) else take or 0


def draws() -> ListPage:
    """All draws, the latest first."""

    def link(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("draws:draw", args=[row.pk]), row.purpose)

    def source(row: Draw) -> str:
        return row.event or ("各方封存的数" if row.commitments.all() else "")

    years = [str(clock.today().year - back) for back in range(5)]
    return ListPage(
        title="随机抽取",
        columns=(
            Column("抽取事项", lambda r: r.purpose, sort=("purpose",), show=link, head=True),
            Column("状态", lambda r: r.get_state_display(), sort=("state",), show=state, css="nowrap"),
            Column("方法", lambda r: r.get_method_display().partition("（")[0], css="nowrap"),
            Column(
                "名单 / 抽取", lambda r: f"{len(r.lines)} / {number(r.take)}", css="num nowrap",
                show=lambda r: f"{len(r.lines)} / {number(r.take) or '—'}",
            ),
            Column("督学", lambda r: len(r.members) if r.is_crewed else None, css="num"),
            Column("种子来源", source),
            Column("冻结日期", lambda r: r.frozen_on, sort=("frozen_on",), css="nowrap"),
            Column("抽取日期", lambda r: r.drawn_on, sort=("drawn_on",), css="nowrap"),
            Column("摘要", lambda r: r.sha256, show=lambda r: f"{r.sha256[:12]}…" if r.sha256 else "—", css="nowrap ink3"),
        ),
        order=("-made_at",),
        search=("purpose", "sha256", "sm3"), search_label="事项或摘要",
        filters=(
            Filter("state", "状态", S.choices, lambda v: Q(state=v)),
            Filter("method", "方法", [(code, words.partition("（")[0]) for code, words in METHODS], lambda v: Q(method=v)),
            Filter("year", "年份", [(one, f"{one}年") for one in years], lambda v: Q(made_at__year=int(v))),
        ),
        chips=(
            Chip("waiting", "待种子、待抽取", Q(state__in=Draw.WAITING), tone="soon"),
            Chip("crewed", "双随机", Q(is_crewed=True)),
            Chip("void", "已作废", Q(state=S.VOID)),
        ),
        empty={
            "title": "还没有随机抽取",
            "hint": "从“新建抽取”开始：备好名单，约定种子来源，冻结并公布摘要，种子出来以后抽取。谁都能用核验包重抽一遍。",
        },
    )  # fmt: skip


def book(draw: Draw, rows: list[Row]) -> FileResponse:
    """A draw in Excel: what it is, and its lines with tickets, odds and result."""
    facts = [
        ("抽取事项", draw.purpose), ("方法", draw.get_method_display()), ("SHA-256", draw.sha256), ("SM3", draw.sm3),
        ("冻结日期", draw.frozen_on), ("种子来源", draw.event or "各方封存的数"), ("种子", draw.seed),
        ("种子在哪里查得到", draw.seed_from), ("抽取日期", draw.drawn_on), ("作废原因", draw.void_reason),
    ]  # fmt: skip
    lines = [
        [
            one.drawn or None, one.place or None, one.unit.key, one.unit.name, one.unit.stratum, one.unit.size,
            str(one.odds) if one.odds is not None else "", one.percent, one.ticket, word(one), "、".join(one.people),
        ]
        for one in rows
    ]  # fmt: skip
    heads = ["抽中次序", "号码次序", "代码", "名称", "层", "规模", "机会（分数）", "机会", "号码", "结果", "督学"]
    parts: list[sheets.Sheet] = [("名单和结果", heads, lines), ("情况", ["项目", "内容"], facts)]
    return sheets.table(f"随机抽取_{draw.purpose[:40]}", parts, said=f"摘要 {draw.sha256}", today=clock.today())


def word(row: Row) -> str:
    """The result of a unit in a word."""
    if row.drawn:
        return "必抽" if row.is_sure else "抽中"
    return f"第 {row.added} 次扩大抽中" if row.added else ""
