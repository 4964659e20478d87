"""The list of cases, for their members."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.findings.models import Case
from dudao.places import queries as places
from dudao.procedures import library
from dudao.procedures import queries as procedures
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import due, status

#: The two deadlines of a decision, shown together.
DEADLINES = ("L_ACC_REVIEW_APPLY", "L_ACC_APPEAL_DIRECT")
_ENDED = ("not_opened", "archived")


def cases(actor: Actor, *, today: date) -> ListPage:
    """The list over ``queries.cases_visible_to``."""

    def fill(rows: list[Any]) -> None:
        names = places.unit_names(actor, {row.unit_id for row in rows}, as_of=today)
        first: dict[Any, Any] = {}
        for clock in procedures.running_clocks_of([row.pk for row in rows]):
            first.setdefault(clock.subject, clock)
        for row in rows:
            row.unit_name, row.clock = names.get(row.unit_id, "—"), first.get(row.pk)

    def limit(row: Any) -> str:
        if row.clock is None:
            return "—"
        return format_html("{} {}", row.clock.name, due(row.clock.due_on, today))

    return ListPage(
        title="问责",
        columns=(
            Column("编号", lambda r: r.number, sort=("year", "serial"), css="nowrap"),
            Column(
                "事由", lambda r: r.title, head=True,
                show=lambda r: format_html('<a href="{}">{}</a>', reverse("findings:case", args=[r.pk]), r.title),
            ),
            Column("单位", lambda r: r.unit_name),
            Column("办理", lambda r: r.state_words, sort=("state",), show=lambda r: status(_tone(r), r.state_words)),
            Column("复核申诉", lambda r: r.side_words, sort=("side_state",)),
            Column("最近的期限", lambda r: r.clock.due_on if r.clock else None, show=limit),
        ),
        order=("-year", "-serial"),
        filters=[Filter("state", "办理", library.choices("accountability"), lambda value: Q(state=value))],
        chips=[
            Chip("open", "正在办", ~Q(state__in=_ENDED)),
            Chip("remedy", "复核申诉中", Q(side_state__in=("reviewing", "appealing", "to_correct")), tone="soon"),
        ],
        fill=fill,
        empty={
            "title": "没有您参加的案件",
            "hint": "问责案件只有指定的成员看得到。",
            **({"address": reverse("findings:case_new"), "action": "立案"} if actor.can("loop.office") else {}),
        },
    )  # fmt: skip


def _tone(row: Case) -> str:
    return "none" if row.state == "not_opened" else "done" if row.state == "archived" else "go"
