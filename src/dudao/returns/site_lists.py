"""The lists of on-site checks: rounds, the table of a round (核查安排表), cells compared, and cells marked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from dudao.places import queries as places
from dudao.returns import checks
from dudao.returns.models import CellCheck, CheckGroup, CheckRound, SchoolCheck
from dudao.returns.queries import site as queries
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field, Form

ROUND_TONES = {"planned": "wait", "running": "go", "closed": "done", "cancelled": "none"}
TONES = {
    "planned": "none", "checking": "go", "half_signed": "go", "checked": "wait", "refused": "soon", "signed": "wait",
    "settled": "done", "left_out": "none",
}  # fmt: skip
OUTCOME_TONES = {"same": "done", "differs": "late", "unable": "soon"}


def said(item: Field | None, value: str) -> str:
    """A canonical value as people read it; “空” where there is none."""
    if value == "" or item is None:
        return value or "空"
    try:
        return reading.shown(reading.restored(value, item), item)
    except (ValueError, ArithmeticError):
        # The form was edited since: the field is of another kind now.
        return value


def rounds(actor: Actor) -> ListPage:
    """Rounds of checks."""

    def link(row: CheckRound) -> str:
        return format_html('<a href="{}">{}</a>', reverse("returns:site_round", args=[row.pk]), row.title)

    columns = [
        Column("核查", lambda r: r.title, sort=("title",), show=link, head=True),
        Column("填报", lambda r: r.campaign.title, sort=("campaign__title",)),
        Column("时间", lambda r: f"{fullday(r.begin_on)}至{fullday(r.end_on)}", sort=("begin_on",), css="nowrap"),
        Column("学校", lambda r: r.school_count, css="num"),
        Column("办完", lambda r: r.settled_count, css="num"),
        Column(
            "状态", lambda r: r.get_state_display(), sort=("state",), css="nowrap",
            show=lambda r: status(ROUND_TONES[r.state], r.get_state_display()),
        ),
    ]  # fmt: skip
    empty = {"title": "还没有实地核查", "hint": "由您参加、或者到您学校的核查会出现在这里。"}
    if queries.is_office(actor):
        empty |= {"hint": "先选一次填报，再定核查哪些学校、哪些数据。", "action": "安排核查"}
        empty |= {"address": reverse("returns:site_new")}
    return ListPage(
        title="实地核查", columns=columns, order=("-begin_on",), search=("title", "campaign__title"),
        search_label="核查或填报的名称", empty=empty,
        chips=[
            Chip("open", "没有结束", Q(state__in=("planned", "running"))),
            Chip("closed", "已结束", Q(state="closed")),
        ],
    )  # fmt: skip


def schools(actor: Actor, row: CheckRound, groups: Sequence[CheckGroup], *, day: date) -> ListPage:
    """The table of a round: schools, groups, days, and how far each is."""
    people = {
        one.pk: "、".join(f"{m.name}（组长）" if m.role == "lead" else m.name for m in one.members.all())
        for one in groups
    }
    towns = places.region_names(actor, as_of=day)

    def link(one: SchoolCheck) -> str:
        address = reverse("returns:site_school", args=[one.pk])
        return format_html('<a href="{}">{}</a>', address, one.unit_name)  # type: ignore[attr-defined]

    def fill(found: list[Any]) -> None:
        load = queries.loads(row, found)
        here = {one.unit_id: one.region_code for one in places.units_visible_to(actor, as_of=day)}
        for one in found:
            one.load, one.town = load[one.pk], towns.get(f"{here.get(one.unit_id, '')[:9]:0<12}", "")

    def looked(one: Any) -> str:
        return f"{one.load.looked} / {one.load.wanted}"

    columns = [
        Column("学校", lambda r: r.unit_name, sort=("unit_name",), show=link, head=True),
        Column("乡镇", lambda r: r.town, css="hide"),
        Column("核查组", lambda r: r.group_name or "待定", sort=("group__position",), css="nowrap"),
        Column("核查人", lambda r: people.get(r.group_id, ""), css="hide"),
        Column("日期", lambda r: r.planned_on, sort=("planned_on",), show=lambda r: fullday(r.planned_on), css="nowrap"),
        Column("优先", lambda r: r.load.marked or None, css="num"),
        Column("已核 / 应核", looked, css="num"),
        Column("不符", lambda r: r.load.differing or None, css="num"),
        Column(
            "状态", lambda r: r.get_state_display(), sort=("state",), css="nowrap",
            show=lambda r: status(TONES[r.state], r.get_state_display()),
        ),
    ]  # fmt: skip
    return ListPage(
        title=f"核查安排表 {row.title}", columns=columns, order=("group__position", "planned_on", "unit_name"),
        search=("unit_name",), search_label="学校", fill=fill,
        filters=[
            Filter("group", "核查组", [(str(one.pk), one.name) for one in groups], lambda value: Q(group=value)),
            Filter("state", "状态", SchoolCheck.State.choices, lambda value: Q(state=value)),
        ],
        chips=[
            Chip("late", "过了日子没有核", Q(state="planned", planned_on__lt=day), tone="late"),
            Chip("head", "待校长签字", Q(state="checked")),
            Chip("refused", "有异议", Q(state="refused"), tone="late"),
            Chip("adopt", "待采用", Q(state="signed"), tone="soon"),
        ],
        empty={"title": "没有学校", "hint": "这轮核查里没有您能看到的学校。"},
    )  # fmt: skip


def cells(row: CheckRound, form: Form, groups: Sequence[CheckGroup], schools: Mapping[UUID, str]) -> ListPage:
    """Cells looked at in a round: reported, found and adopted side by side."""

    def item(one: CellCheck) -> Field | None:
        return form.get(one.code)

    def label(one: CellCheck) -> str:
        found = item(one)
        return found.head if found else one.code

    def link(one: CellCheck) -> str:
        address = reverse("returns:site_cell", args=[one.check_of_id, one.code])
        return format_html('<a href="{}">{}</a>', address, label(one))

    def finding(one: CellCheck) -> str:
        if not one.finding:
            return "—"
        return format_html(
            '<a href="{}">{}</a>', reverse("findings:finding", args=[one.finding_id]), one.finding.number
        )

    def adopted(one: CellCheck) -> str:
        return said(item(one), one.adopted) if one.adoption else ""

    columns = [
        Column("学校", lambda r: r.unit_name, sort=("unit_name",), head=True),
        Column("核查组", lambda r: r.group_name or "", sort=("group_name",), css="nowrap hide"),
        Column("填报项目", label, sort=("code",), show=link),
        Column("填报值", lambda r: said(item(r), r.reported), css="num"),
        Column("核查值", lambda r: said(item(r), r.found) if r.outcome != "unable" else "", css="num"),
        Column("采用值", adopted, css="num"),
        Column(
            "结果", lambda r: r.get_outcome_display(), sort=("outcome",), css="nowrap",
            show=lambda r: status(OUTCOME_TONES[r.outcome], r.get_outcome_display()),
        ),
        Column("佐证", lambda r: checks.named(checks.proofs(), r.proof), css="hide"),
        Column("原因", lambda r: checks.named(checks.causes(), r.cause), sort=("cause",)),
        Column("说明", lambda r: r.words, css="hide"),
        Column("问题", lambda r: r.finding.number if r.finding else "", show=finding, css="nowrap"),
    ]  # fmt: skip
    return ListPage(
        title=f"填报、核查、采用对照 {row.title}", columns=columns, order=("unit_name", "code"),
        search=("unit_name", "words", "proof_words"), search_label="学校或说明",
        seek=lambda words: Q(code__in=[one.code for one in form.fields if words in one.label]),
        filters=[
            Filter("school", "学校", [(str(key), name) for key, name in schools.items()], lambda v: Q(check_of__unit=v)),
            Filter("group", "核查组", [(str(one.pk), one.name) for one in groups], lambda v: Q(check_of__group=v)),
            Filter("outcome", "结果", CellCheck.Outcome.choices, lambda v: Q(outcome=v)),
            Filter(
                "cause", "原因", [(one.id, one.name) for one in checks.causes().values()], lambda v: Q(cause=v), more=True
            ),
            Filter("code", "填报项目", [(one.code, one.label) for one in form.fields], lambda v: Q(code=v), more=True),
        ],
        chips=[
            Chip("differs", "不符", Q(outcome="differs"), tone="late"),
            Chip("unable", "未能核实", Q(outcome="unable")),
            Chip("open", "不符，待采用", Q(outcome="differs", adoption=""), tone="soon"),
            Chip("loose", "不符，没有登记为问题", Q(outcome="differs", finding__isnull=True)),
        ],
        empty={"title": "还没有核查记录", "hint": "核查组在学校记录以后，填报值、核查值和采用值在这里并排对照。"},
    )  # fmt: skip


def marks(row: CheckRound, form: Form) -> ListPage:
    """Cells that are to be looked at first, and why."""

    def label(one: Any) -> str:
        found = form.get(one.code)
        return found.head if found else one.code

    return ListPage(
        title=f"优先核查 {row.title}",
        columns=[
            Column("学校", lambda r: r.unit_name, sort=("unit_name",), head=True),
            Column("填报项目", label, sort=("code",)),
            Column("为什么先核", lambda r: r.words),
            Column("核查", lambda r: "已核" if r.is_looked else "未核", css="nowrap"),
        ],
        order=("unit_name", "code"), search=("unit_name", "words"), search_label="学校或原因",
        chips=[
            Chip("open", "未核", Q(is_looked=False), tone="soon"),
            Chip("done", "已核", Q(is_looked=True)),
        ],
        empty={"title": "没有标记优先核查的数据项", "hint": "在指标页面上算出“哪些没有核查的数据还能改变结论”以后，会标在这里。"},
    )  # fmt: skip
