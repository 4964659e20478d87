"""Lists of papers: their columns, filters and saved filters."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.papers import library, queries
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status

TONES = {
    Paper.State.DRAFTING: "none",
    Paper.State.CIRCULATING: "go",
    Paper.State.SUBMITTED: "wait",
    Paper.State.ISSUED: "done",
    Paper.State.WITHDRAWN: "late",
    Paper.State.DROPPED: "none",
}


def state(paper: Paper) -> str:
    """A paper's state as one sees it."""
    return status(TONES[Paper.State(paper.state)], paper.get_state_display())


def _link(paper: Paper) -> str:
    mark = format_html(' <span class="dd-hint">{}</span>', "限阅") if paper.is_restricted else ""
    return format_html('<a href="{}">{}</a>{}', queries.address(paper), paper.title, mark)


def _served(paper: Any) -> str:
    return f"{paper.served_count} / {paper.sent_count}" if paper.sent_count and paper.state in Paper.STANDING else ""


def papers(actor: Actor, *, today: date) -> ListPage:
    """All papers the hat sees."""
    units = [(str(v.unit_id), v.short_name or v.name) for v in places.units_visible_to(actor, as_of=today)]
    drafts = actor.can("paper.draft")
    return ListPage(
        title="公文",
        columns=(
            Column("发文字号", lambda p: p.number, sort=("code", "-year", "-serial"), css="nowrap"),
            Column("标题", lambda p: p.title, sort=("title",), show=_link, head=True),
            Column("文种", lambda p: library.kind_name(p.kind), sort=("kind",)),
            Column("主送", lambda p: p.to_words),
            Column(
                "成文日期",
                lambda p: p.issued_on,
                sort=("issued_on",),
                show=lambda p: fullday(p.issued_on),
                css="nowrap",
            ),
            Column("状态", lambda p: p.get_state_display(), sort=("state",), show=state, css="nowrap"),
            Column("送达", _served, css="num"),
            Column("拟稿", lambda p: p.drafted_by_name, css="hide"),
        ),
        order=("-drafted_at",),
        search=("title", "number", "subject_title"),
        search_label="标题、文号或事项",
        filters=[
            Filter("kind", "文种", [(key, one.name) for key, one in library.kinds().items()], lambda v: Q(kind=v)),
            Filter("state", "状态", Paper.State.choices, lambda v: Q(state=v)),
            Filter("year", "年度", [(str(y), f"{y}年") for y in queries.years(actor)], _of_year),
            Filter("unit", "主送单位", units, lambda v: Q(addressees__unit=v)),
        ],
        chips=[
            Chip("open", "拟稿和会签", Q(state__in=(Paper.State.DRAFTING, Paper.State.CIRCULATING))),
            Chip("submitted", "待签发", Q(state=Paper.State.SUBMITTED), tone="soon"),
            Chip("unserved", "没有全部送达", queries.unserved(), tone="soon"),
            Chip("mine", "我拟的", Q(drafted_by__in=actor.hands)),
        ],
        fill=queries.count_served,
        empty={
            "title": "还没有公文",
            "hint": "在事项的页面起草，要素会自动带过来；也可以在这里单独起草。",
            **({"address": reverse("papers:new"), "action": "起草公文"} if drafts else {}),
        },
    )


def _of_year(value: str) -> Q:
    year = int(value) if value.isdecimal() else 0
    return Q(year=year) | Q(year__isnull=True, drafted_at__year=year)


def received(actor: Actor) -> ListPage:
    """收文: what was issued to the hat's unit."""

    def got(paper: Any) -> str:
        if paper.got_on:
            return status("done", f"{fullday(paper.got_on)}签收")
        return status("late", "已撤回") if paper.state == Paper.State.WITHDRAWN else status("soon", "待签收")

    return ListPage(
        title="收文",
        columns=(
            Column("标题", lambda p: p.title, sort=("title",), show=_link, head=True),
            Column("发文字号", lambda p: p.number, css="nowrap"),
            Column("文种", lambda p: library.kind_name(p.kind), sort=("kind",)),
            Column(
                "成文日期",
                lambda p: p.issued_on,
                sort=("issued_on",),
                show=lambda p: fullday(p.issued_on),
                css="nowrap",
            ),
            Column("签收", lambda p: p.got_on, sort=("got_on",), show=got, css="nowrap"),
        ),
        order=("-issued_on",),
        search=("title", "number"),
        search_label="标题或文号",
        filters=[
            Filter("kind", "文种", [(key, one.name) for key, one in library.kinds().items()], lambda v: Q(kind=v))
        ],
        chips=[Chip("waiting", "待签收", Q(got_on__isnull=True, state=Paper.State.ISSUED), tone="soon")],
        empty={"title": "还没有收文", "hint": "发给贵单位的公文会出现在这里，打开后签收。"},
    )


def book(code: str, year: int) -> ListPage:
    """发文登记簿: the papers of a code and a year in the order of their numbers; restricted ones without their titles."""

    def title(paper: Any) -> str:
        return paper.title if paper.is_open else "（限阅）"

    def link(paper: Any) -> str:
        return _link(paper) if paper.is_open else "（限阅）"

    return ListPage(
        title=f"发文登记簿 {code}〔{year}〕",
        columns=(
            Column("顺序号", lambda p: p.serial, css="num"),
            Column("发文字号", lambda p: p.number, css="nowrap"),
            Column("标题", title, show=link, head=True),
            Column("文种", lambda p: library.kind_name(p.kind) if p.is_open else "—"),
            Column("成文日期", lambda p: p.issued_on, show=lambda p: fullday(p.issued_on), css="nowrap"),
            Column("签发人", lambda p: p.signed_by_name if p.is_open else "—"),
            Column("状态", lambda p: p.get_state_display(), show=state, css="nowrap"),
        ),
        order=("serial", "number"),
        search=("number",),
        search_label="文号",
        empty={"title": "这一年还没有发文", "hint": "签发时自动编号，登记在这里。"},
    )
