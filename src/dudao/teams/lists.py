"""The list of plans."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status
from dudao.teams.models import Plan

_TONES = {"solving": "go", "solved": "wait", "impossible": "late", "adopted": "done", "dropped": "none"}


def state(row: Plan) -> tuple[str, str]:
    """Tone and words of how a plan stands."""
    return _TONES[row.state], row.get_state_display()


def plans() -> ListPage:
    """All plans, the newest first."""

    def link(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("teams:plan", args=[row.pk]), row.title)

    return ListPage(
        title="组队与分工",
        columns=(
            Column("方案", lambda r: r.title, show=link, head=True),
            Column("类别", lambda r: r.get_kind_display(), sort=("kind",), css="nowrap"),
            Column("状态", lambda r: r.get_state_display(), sort=("state",), show=lambda r: status(*state(r)), css="nowrap"),
            Column("从哪天起", lambda r: r.starts_on, sort=("starts_on",), show=lambda r: fullday(r.starts_on), css="nowrap"),
            Column("制订人", lambda r: r.by_name, css="hide nowrap"),
            Column("制订时间", lambda r: r.made_at, sort=("made_at",), css="hide nowrap", show=lambda r: fullday(r.made_at)),
        ),
        order=("-made_at",),
        search=("title",), search_label="名称",
        filters=(Filter("kind", "类别", Plan.Kind.choices, lambda v: Q(kind=v)),),
        chips=(
            Chip("open", "待采用", Q(state__in=("solving", "solved"))),
            Chip("impossible", "无法安排", Q(state="impossible"), tone="late"),
            Chip("adopted", "已采用", Q(state="adopted")),
        ),
        empty={
            "title": "还没有方案",
            "hint": "责任分工：给每所学校和幼儿园安排一名责任督学。督导组队：给还没有开始的督导检查安排小组。先由系统求解，再由人调整、采用。",
        },
    )  # fmt: skip
