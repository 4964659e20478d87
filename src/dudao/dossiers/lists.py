"""The list of a ledger's dossiers: columns, filters and saved filters, on the page, in Excel and on paper."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.dossiers import queries
from dudao.dossiers.items import BAD
from dudao.dossiers.models import Dossier, Ledger
from dudao.shell.acts import Actor
from dudao.shell.lists import Bulk, Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import due, fullday, status

S = Dossier.State
TONES = {S.OPEN: "none", S.HANDED: "wait", S.RETURNED: "soon", S.JUDGED: "wait", S.SETTLED: "done", S.LEFT_OUT: "none"}


def state(row: Dossier, today: date) -> SafeString:
    """A state as one sees it: late where the day has passed, the conclusion where there is one."""
    if row.state == S.SETTLED:
        return status("late" if row.conclusion in BAD else "done", row.conclusion)
    if row.state in Dossier.WITH_UNIT and row.due_on < today:
        return status("late", f"{state_words(row)}，逾期 {(today - row.due_on).days} 天")
    return status(TONES[S(row.state)], state_words(row))


def state_words(row: Dossier) -> str:
    """A state in words; nobody hands in a veto, it is looked into."""
    if row.kind == Dossier.Kind.VETO and row.state == S.OPEN and not row.department_id:
        return "待核定"
    return row.conclusion or row.get_state_display()


def _materials(row: Any) -> str:
    return f"{row.wanted - row.missing} / {row.wanted}" if row.wanted else "—"


def dossiers(actor: Actor, ledger: Ledger, *, today: date, lines: Sequence[queries.Line]) -> ListPage:
    """Every dossier of a ledger that the reader sees."""

    def link(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("dossiers:dossier", args=[row.pk]), row.name)

    def fill(rows: list[Any]) -> None:
        names = queries.names_of(actor, rows, today=today)
        lacks = queries.missing_names(rows)
        for row in rows:
            row.unit_name = names.get(row.unit_id, "")
            row.department_name = names.get(row.department_id, "")
            missing = lacks.get(row.pk, []) if row.state != S.LEFT_OUT else []
            row.lacks = "、".join(missing) or row.reason

    asked: dict[UUID, str] = {}
    everything = [row for line in lines for row in line.dossiers]
    names = queries.names_of(actor, everything, today=today)
    for row in everything:
        if row.department_id:
            asked[row.department_id] = names.get(row.department_id, "")
    lacking = Q(missing__gt=0) & ~Q(state=S.LEFT_OUT)
    late = Q(state__in=Dossier.WITH_UNIT, due_on__lt=today)
    return ListPage(
        title="材料档案",
        columns=(
            Column("条目", lambda r: r.item, sort=("position",), css="nowrap ink3"),
            Column("名称", lambda r: r.name, sort=("name",), show=link, head=True),
            Column("学校", lambda r: r.unit_name),
            Column("责任部门", lambda r: r.department_name),
            Column("判定人", lambda r: r.judge.name if r.judge else "", css="nowrap"),
            Column("材料", _materials, css="num"),
            Column("缺什么", lambda r: r.lacks),
            Column("时限", lambda r: r.due_on, sort=("due_on",), show=lambda r: _due(r, today), css="nowrap"),
            Column("状态", state_words, sort=("state",), show=lambda r: state(r, today), css="nowrap"),
        ),
        order=("position",),
        search=("name", "item", "reason"),
        filters=(
            Filter(
                "item", "条目", [(line.item, f"{line.item} {line.name}"[:30]) for line in lines], lambda v: Q(item=v)
            ),
            Filter("state", "状态", S.choices, lambda v: Q(state=v)),
            Filter("department", "责任部门", [(str(k), n) for k, n in asked.items()], lambda v: Q(department=v)),
            Filter("kind", "类别", Dossier.Kind.choices, lambda v: Q(kind=v), more=True),
        ),
        chips=(
            Chip("late", "逾期未报送", late, "late"),
            Chip("lacking", "缺材料", lacking, "soon"),
            Chip("handed", "待判定", Q(state=S.HANDED)),
            Chip("judged", "待复核", Q(state=S.JUDGED)),
            Chip("bad", "不达标、不齐备等", Q(conclusion__in=BAD), "late"),
        ),
        bulk=(Bulk("标为不计入", reverse("dossiers:leave_out_many", args=[ledger.pk]), icon="circle-minus"),)
        if actor.can("dossier.manage")
        else (),
        fill=fill,
        empty={"title": "没有材料档案", "hint": "督导室建立台账、定了责任部门以后，这里列出要报送的条目。"},
    )


def _due(row: Dossier, today: date) -> SafeString:
    if row.state in Dossier.WITH_UNIT:
        return format_html('{}<span class="dd-under">{}</span>', due(row.due_on, today), fullday(row.due_on))
    return format_html("{}", fullday(row.due_on))
