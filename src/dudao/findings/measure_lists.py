"""The list of measures: columns, filters and saved filters."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.findings.models import Measure
from dudao.procedures import library
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status

_RUNS = ~Q(state__in=Measure.ENDED)


def _state(row: Measure, today: date) -> tuple[str, str]:
    if row.state == "ended":
        return "done", row.state_words
    if row.state == "cancelled":
        return "none", row.state_words
    if row.due_on and row.due_on < today and row.state in ("running", "issued"):
        return "late", f"{row.state_words}，逾期 {(today - row.due_on).days} 天"
    return ("soon" if row.state == "drafting" else "go"), row.state_words


def measures(actor: Actor, *, today: date) -> ListPage:
    """Measures within the scope; rows come from ``queries.measures``."""
    columns = (
        Column("编号", lambda r: r.number, sort=("year", "serial"), css="nowrap"),
        Column("类别", lambda r: r.get_kind_display(), sort=("kind",), css="nowrap"),
        Column(
            "事由", lambda r: r.title, head=True, css="full",
            show=lambda r: format_html('<a href="{}">{}</a>', reverse("findings:measure", args=[r.pk]), r.title),
        ),
        Column("单位", lambda r: r.unit_name, sort=("unit_name",)),
        Column("问题", lambda r: r.about_count, sort=("about_count",), css="num hide"),
        Column(
            "第几次", lambda r: r.ordinal, css="num hide", show=lambda r: f"第 {r.ordinal} 次" if r.ordinal else "—"
        ),
        Column("期限", lambda r: r.due_on, sort=("due_on",), css="nowrap", show=lambda r: fullday(r.due_on)),
        Column(
            "状态", lambda r: r.state_words, sort=("state",), css="nowrap", show=lambda r: status(*_state(r, today))
        ),
    )  # fmt: skip
    return ListPage(
        title="督办与措施",
        columns=columns,
        order=("-year", "-serial"),
        search=("title", "unit_name"),
        search_label="事由、单位",
        filters=(
            Filter("kind", "类别", Measure.Kind.choices, lambda value: Q(kind=value)),
            Filter("state", "状态", library.choices("measure"), lambda value: Q(state=value)),
        ),
        chips=(
            Chip("runs", "正在办", _RUNS),
            Chip("draft", "拟办", Q(state="drafting"), tone="soon"),
            Chip("late", "逾期", _RUNS & Q(due_on__lt=today), tone="late"),
        ),
        empty={
            "title": "还没有措施",
            "hint": "督办单、约谈、通报、曝光、激励都在这里拟办；督办单只用于整改不及时或不到位。",
            **({"address": reverse("findings:measure_new"), "action": "拟办措施"} if actor.can("loop.office") else {}),
        },
    )
