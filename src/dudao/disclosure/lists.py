"""Lists of publications: their columns, filters and saved filters."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.disclosure import library, queries
from dudao.disclosure.models import Edition
from dudao.disclosure.services import days_late
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import due, fullday, status

S = Edition.State
TONES = {
    S.DRAFT: "none", S.REVIEW: "wait", S.SECRECY: "wait", S.CHECK: "soon", S.READY: "go", S.PUBLISHED: "done",
    S.WITHHELD: "none", S.DROPPED: "none",
}  # fmt: skip


def state(edition: Edition) -> str:
    """A state as one sees it."""
    if edition.state == S.PUBLISHED and edition.publication.withdrawn_on:
        return status("late", "已撤下")
    if edition.state == S.PUBLISHED and getattr(edition, "is_superseded", False):
        return status("none", "已更正")
    return status(TONES[S(edition.state)], edition.get_state_display())


def address(edition: Edition) -> str:
    return reverse("disclosure:publication", args=[edition.publication_id])


def _link(edition: Edition) -> str:
    more = format_html(' <span class="dd-hint">第{}版</span>', edition.no) if edition.no > 1 else ""
    where = address(edition) if edition.is_running else f"{address(edition)}?no={edition.no}"
    return format_html('<a href="{}">{}</a>{}', where, edition.title, more)


def _light(edition: Edition, today: date) -> str:
    if edition.is_running:
        hint = format_html(' <span class="dd-hint">{}</span>', "暂估") if edition.is_provisional else ""
        return format_html("{}{}", due(edition.due_on, today), hint)
    late = days_late(edition)
    return status("late", f"逾期 {late} 天公开") if late else ""


def _light_words(edition: Edition, today: date) -> str:
    if edition.is_running:
        left = (edition.due_on - today).days
        return f"还剩 {left} 天" if left >= 0 else f"逾期 {-left} 天"
    late = days_late(edition)
    return f"逾期 {late} 天公开" if late else ""


def editions(actor: Actor, *, today: date) -> ListPage:
    """What is being published and what was."""
    prepares = actor.can("publish.prepare")
    return ListPage(
        title="信息公开",
        columns=(
            Column("名称", lambda e: e.title, sort=("title",), show=_link, head=True),
            Column("文号", lambda e: e.doc_no, sort=("doc_no",), css="nowrap"),
            Column("状态", lambda e: e.get_state_display(), sort=("state",), show=state, css="nowrap"),
            Column("生成日期", lambda e: e.formed_on, sort=("formed_on",), show=lambda e: fullday(e.formed_on), css="nowrap"),
            Column("应公开日期", lambda e: e.due_on, sort=("due_on",), show=lambda e: fullday(e.due_on), css="nowrap"),
            Column("期限", lambda e: _light_words(e, today), show=lambda e: _light(e, today), css="nowrap"),
            Column("公开日期", lambda e: e.published_on, sort=("published_on",), show=lambda e: fullday(e.published_on), css="nowrap"),
            Column("索引号", lambda e: e.publication.index_no or "", sort=("publication__index_no",), css="hide"),
        ),
        order=("due_on",),
        search=("title", "doc_no", "publication__index_no", "publication__subject_title"),
        search_label="名称、文号、索引号",
        filters=[
            Filter("state", "状态", S.choices, lambda value: Q(state=value)),
            Filter("category", "分类", [(c, c) for c in library.rules().facts["category"].choices], lambda v: Q(category=v)),
            Filter("year", "公开年度", [(str(y), f"{y}年") for y in queries.years(actor)], _of_year),
        ],
        chips=[
            Chip("late", "逾期", Q(state__in=Edition.RUNNING, due_on__lt=today), tone="late"),
            Chip("review", "待公开审查", Q(state=S.REVIEW), tone="soon"),
            Chip("secrecy", "待保密审查", Q(state=S.SECRECY), tone="soon"),
            Chip("check", "待处理个人信息", Q(state=S.CHECK) | Q(is_open=True, state=S.DRAFT), tone="soon"),
            Chip("ready", "待上网", Q(state=S.READY), tone="soon"),
            Chip("published", "已公开", Q(state=S.PUBLISHED)),
        ],
        empty={
            "title": "还没有公开的内容",
            "hint": "已印发的督导报告、通报列在“待公开的公文”里，一点就开始准备；结果和表格可以录入。",
            **({"address": reverse("disclosure:waiting"), "action": "待公开的公文"} if prepares else {}),
        },
    )  # fmt: skip


def _of_year(value: str) -> Q:
    return Q(published_on__year=int(value)) if value.isdecimal() else Q()


def catalogue(actor: Actor) -> ListPage:
    """政府信息公开目录: 索引号, 名称, 内容概述, 生成日期 (政府信息公开条例 12), and the page's facts."""

    def where(edition: Edition) -> str:
        off = " " + status("late", "已撤下") if edition.publication.withdrawn_on else ""
        return format_html('<a href="{}" rel="noreferrer">{}</a>{}', edition.portal_address, "打开", off)

    return ListPage(
        title="政府信息公开目录",
        columns=(
            Column("索引号", lambda e: e.publication.index_no, sort=("publication__index_no",), css="nowrap"),
            Column("名称", lambda e: e.title, sort=("title",), show=_link, head=True),
            Column("内容概述", lambda e: e.summary),
            Column("生成日期", lambda e: e.formed_on, sort=("formed_on",), show=lambda e: fullday(e.formed_on), css="nowrap"),
            Column("发布日期", lambda e: e.published_on, sort=("published_on",), show=lambda e: fullday(e.published_on), css="nowrap"),
            Column("文号", lambda e: e.doc_no, css="nowrap"),
            Column("分类", lambda e: e.category, css="hide"),
            Column("公开方式", lambda e: e.mode, css="hide"),
            Column("效力状态", lambda e: e.validity, css="hide"),
            Column("网址", lambda e: e.portal_address, show=where, css="nowrap"),
        ),
        order=("-published_on",),
        search=("title", "doc_no", "publication__index_no", "summary"),
        search_label="名称、文号、索引号、概述",
        filters=[
            Filter("year", "年度", [(str(y), f"{y}年") for y in queries.years(actor)], _of_year),
            Filter("category", "分类", [(c, c) for c in library.rules().facts["category"].choices], lambda v: Q(category=v)),
        ],
        empty={"title": "目录还是空的", "hint": "登记了公开网址的内容会列在这里。"},
        wide=True,
    )  # fmt: skip
