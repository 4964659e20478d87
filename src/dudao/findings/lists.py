"""The register of findings: columns, filters and saved filters, on the page, in Excel and on paper."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.findings import counting, lights, queries
from dudao.findings.models import Finding, Measure
from dudao.findings.spans import spans
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.procedures import library
from dudao.shell.acts import Actor
from dudao.shell.lists import Bulk, Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status

# Kinds of unit that findings are about, in the order of the house.
KINDS = (
    "school", "kindergarten", "township", "bureau", "section", "department", "village", "office", "committee", "upper"
)  # fmt: skip


_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Those that can lead or answer for a field.
_DEPARTMENTS = ("bureau", "section", "department", "township")


def state_days(row: Finding, today: date) -> int:
    """How many days a finding has stood in its state."""
    return (today - row.state_since).days


def _columns(today: date) -> tuple[Column, ...]:
    def title(row: Finding) -> SafeString:
        marks = [f"反弹 {row.relapses} 次"] if row.relapses else []
        marks += ["往年同类"] if row.earlier_id else []
        marks += ["补录"] if row.is_history else []
        return format_html(
            '<a href="{}">{}</a><span class="dd-under">{}{}</span>',
            reverse("findings:finding", args=[row.pk]), row.title, row.basis, "".join(f" · {mark}" for mark in marks),
        )  # fmt: skip

    def unit(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("findings:unit", args=[row.unit_id]), row.unit_name)

    def due(row: Any) -> str:
        said = fullday(row.due_on) if row.due_on else "—"
        return f"{said}（暂估）" if row.is_provisional else said

    def severity(row: Finding) -> SafeString:
        if row.severity == Finding.Severity.DANGER:
            return format_html('<b class="late">{}</b>', row.get_severity_display())
        return format_html('<span class="ink2">{}</span>', row.get_severity_display())

    return (
        Column("编号", lambda r: r.number, sort=("year", "serial"), css="nowrap ink3"),
        Column("问题", lambda r: r.title, sort=("title",), show=title, head=True),
        Column("责任单位", lambda r: r.unit_name, sort=("unit_sort",), show=unit),
        Column("来源", lambda r: r.get_source_display(), sort=("source",), css="nowrap ink2 hide"),
        Column("程度", lambda r: r.get_severity_display(), sort=("severity",), show=severity, css="nowrap"),
        Column("发现", lambda r: r.found_on, sort=("found_on",), show=lambda r: fullday(r.found_on), css="nowrap hide"),
        Column("整改时限", lambda r: r.due_on, sort=("due_on",), show=due, css="nowrap"),
        Column(
            "状态",
            lambda r: lights.light(r, today)[1],
            sort=("state", "due_on"),
            show=lambda r: status(*lights.light(r, today)),
            css="nowrap",
        ),
        Column("已停留", lambda r: state_days(r, today), sort=("-state_since",), show=lambda r: _days(r, today), css="num"),
        Column("措施", lambda r: r.measure_words, css="ink2"),
    )  # fmt: skip


def _days(row: Finding, today: date) -> str:
    return "—" if row.state in ("archived", "withdrawn") else f"{state_days(row, today)} 天"


#: Head, width in characters, and what stands there: the office's own 整改台账. ``findings.ledger`` reads it back.
SHEET: tuple[tuple[str, float, str], ...] = (
    ("问题编号", 10, "number"), ("台账编号", 10, "ledger_number"), ("问题来源", 10, "source"), ("依据条款", 20, "basis"),
    ("问题描述", 30, "title"), ("事实和证据", 30, "facts"), ("责任单位", 18, "unit"), ("责任人", 9, "responsible"),
    ("牵头（主管）单位", 14, "department"), ("严重程度", 8, "severity"), ("原因", 12, "cause"), ("整改要求", 24, "wanted"),
    ("发现日期", 11, "found_on"), ("整改时限", 11, "due_on"), ("整改措施", 26, "plan"), ("完成情况", 26, "report"),
    ("验收人", 9, "checked_by"), ("验收日期", 11, "checked_on"), ("销号日期", 11, "closed_on"), ("状态", 14, "state"),
    ("逾期天数", 7, "late"), ("督办和措施", 14, "measures"), ("反弹次数", 7, "relapses"),
)  # fmt: skip


#: What of it is printed: the columns of D06, which fit across A3.
PRINTED = (
    "number", "basis", "title", "facts", "unit", "responsible", "department", "wanted", "due_on", "plan", "report",
    "checked_by", "closed_on", "state", "measures",
)  # fmt: skip


def sheet_value(row: Any, name: str, today: date) -> Any:
    """What the 整改台账 says of a finding that went through ``fill_sheet``."""
    found = {
        "source": row.get_source_display, "unit": lambda: row.unit_full, "department": lambda: row.department_name,
        "severity": row.get_severity_display, "cause": lambda: row.cause.name if row.cause else "",
        "state": lambda: row.state_words, "late": lambda: lights.days_late(row, today) or None,
        "measures": lambda: row.measure_words, "relapses": lambda: row.relapses or None,
    }.get(name)  # fmt: skip
    return found() if found else getattr(row, name)


def _seek(actor: Actor, today: date) -> Any:
    """A condition of words: a number, or a part of a unit's name."""

    def seek(words: str) -> Q:
        named = places.units_visible_to(actor, as_of=today).filter(
            Q(name__icontains=words) | Q(short_name__icontains=words)
        )
        found = Q(unit__in=named.order_by().values("unit"))
        year, _, serial = words.partition("-")
        if year.isdecimal() and serial.isdecimal() and len(year) == 4 and len(serial) <= 6:
            found |= Q(year=int(year), serial=int(serial))
        return found

    return seek  # fmt: skip


def _kind(actor: Actor, today: date) -> Any:
    def where(kind: str) -> Q:
        rows = places.units_visible_to(actor, as_of=today)
        if kind == "ended":
            return ~Q(unit__in=rows.order_by().values("unit"))
        return Q(unit__in=rows.filter(kind=kind).order_by().values("unit"))

    return where


def _lights(actor: Actor, today: date) -> dict[str, tuple[str, Q]]:
    county = actor.county
    return {
        "late": ("整改逾期", lights.late(today)),
        "soon": ("七日内到期", lights.soon(today)),
        "ok": ("期限内", lights.on_time(today)),
        "look-back": ("该回头看了", lights.look_back_due(county, today)),
        "provisional": ("期限是暂估的", lights.provisional(county)),
        "none": ("没有期限", Q(state__in=lights.WITH_UNIT, due_on__isnull=True)),
    }


def _under(actor: Actor) -> Any:
    """Findings that a measure of a kind is about: one that still runs, or any."""

    def where(value: str) -> Q:
        kind, _, running = value.partition(".")
        measures = queries.measures_visible_to(actor).exclude(state="cancelled")
        if kind != "any":
            measures = measures.filter(kind=kind)
        if running:
            measures = measures.exclude(state__in=Measure.ENDED)
        about = queries.links_of(measures)
        return Q(pk__in=about) if value != "none" else ~Q(pk__in=queries.links_of(queries.measures_visible_to(actor)))

    return where


_UNDER = [
    ("any.running", "措施进行中"),
    *((f"{kind}.running", f"{label}进行中") for kind, label in Measure.Kind.choices if kind != "reward"),
    *((kind, f"有过{label}") for kind, label in Measure.Kind.choices),
    ("none", "没有措施"),
]


def _filters(
    actor: Actor, asked: Mapping[str, str], *, years: Sequence[int], today: date, of_unit: bool
) -> list[Filter]:
    known = spans(years)
    by_light = _lights(actor, today)
    bases = counting.basis_words(actor, asked.get("basis", ""))
    act, _, act_span = asked.get("acted", "").partition(".")
    acted = (
        [(f"{act}.{act_span}", f"{known[act_span].label}{counting.ACTED[act]}")]
        if act in counting.ACTED and act_span in known
        else []
    )
    versions = list(places.units_visible_to(actor, as_of=today))

    def units(kinds: Sequence[str]) -> list[tuple[str, str]]:
        seen = (v for v in versions if v.kind in kinds and (actor.sees_county or v.unit_id in actor.units))
        return [(str(v.unit_id), v.short_name or v.name) for v in seen]

    own = [] if of_unit or not (actor.sees_county or len(actor.units) > 1) else [
        Filter("unit", "责任单位", [*_others(asked.get("unit", "")), *units(KINDS)], _unit, more=True),
        Filter("kind", "单位类别", [*((k, UnitVersion.Kind(k).label) for k in KINDS), ("ended", "已终止的单位")], _kind(actor, today), more=True),
    ]  # fmt: skip
    return [
        Filter("state", "状态", [*_STATES, *library.choices("finding")], _state),
        Filter("light", "灯", [(code, words) for code, (words, _) in by_light.items()], lambda v: by_light[v][1], more=True),
        *own,
        Filter(
            "period", "发现时间", [(code, span.label) for code, span in known.items()],
            lambda v: Q(found_on__range=(known[v].start, known[v].end)),
        ),
        Filter("source", "来源", Finding.Source.choices, lambda v: Q(source=v), more=True),
        Filter("severity", "严重程度", Finding.Severity.choices, lambda v: Q(severity=v), more=True),
        Filter(
            "cause", "原因", [("none", "未填"), *((str(c.pk), c.name) for c in queries.all_causes(actor))],
            lambda v: Q(cause__isnull=True) if v == "none" else Q(cause=v), more=True,
        ),
        Filter(
            "department", "牵头（主管）单位", units(_DEPARTMENTS),
            lambda v: Q(department=v), more=True,
        ),
        Filter("measure", "措施", _UNDER, _under(actor), more=True),
        Filter("relapsed", "反弹", [("yes", "反弹过的"), ("again", "往年有同类问题的")],
               lambda v: Q(relapses__gt=0) if v == "yes" else Q(earlier__isnull=False), more=True),
        Filter("history", "补录", [("yes", "使用本系统以前的"), ("no", "不含补录的")],
               lambda v: Q(is_history=v == "yes"), more=True),
        # Where another page led here with one of these, it can be seen and taken off.
        Filter("basis", "依据", bases, lambda v: Q(basis_key=v), more=True),
        Filter("acted", "办理过", acted, lambda v: counting.acted(actor, act, known[act_span]), more=True),
    ]  # fmt: skip


_STATES = [
    ("open", "未销号的"), ("with_unit", "单位整改的（整改中、不到位）"), ("with_office", "等复查、等销号的"),
    ("done", "已销号的（含归档）"), ("valid", "除已撤销的"),
]  # fmt: skip


def _others(value: str) -> list[tuple[str, str]]:
    """All units but some, as the map asks for them: ``-`` and their keys."""
    keys = value.removeprefix("-").split(".")
    if not value.startswith("-") or not all(_KEY.fullmatch(key) for key in keys):
        return []
    return [(value, f"除 {len(keys)} 个以外的单位")]


def _unit(value: str) -> Q:
    if value.startswith("-"):
        return ~Q(unit__in=value.removeprefix("-").split("."))
    return Q(unit=value)


def _state(value: str) -> Q:
    if value == "valid":
        return ~Q(state="withdrawn")
    taken = {"open": Finding.OPEN, **counting.STANDS}.get(value, (value,))
    return Q(state__in=taken)


def _bulk(actor: Actor) -> list[Bulk]:
    """What the hat can do with several findings of one unit."""
    acts = (
        (("loop.office", "loop.inspect"), Bulk("登记复查", reverse("findings:bulk_recheck"), icon="clipboard-check")),
        (("loop.office",), Bulk("拟督办单", reverse("findings:bulk_order"), icon="writing")),
    )
    return [act for may, act in acts if any(actor.can(one) for one in may)]


def register(actor: Actor, asked: Mapping[str, str], *, today: date, of_unit: bool = False) -> ListPage:
    """The register as the hat sees it.

    Args:
        asked: the address's parameters, so that filters that only other pages set are there when they are.
        of_unit: it is the list of one unit.
    """
    own = lights.mine(actor, today)
    chips = [
        Chip("late", "整改逾期", lights.late(today), tone="late"),
        Chip("soon", "七日内到期", lights.soon(today), tone="soon"),
        *([Chip("mine", "待我办", own)] if own is not None else []),
        Chip("reported", "待复查", Q(state="reported"), tone="soon"),
        Chip("not_in_place", "复查不到位", Q(state="not_in_place"), tone="late"),
        Chip("danger", "危及安全未销号", Q(severity=Finding.Severity.DANGER, state__in=Finding.OPEN), tone="late"),
        Chip("relapsed", "反弹未销号", Q(relapses__gt=0, state__in=Finding.OPEN), tone="late"),
        Chip("closed", "待回头看", Q(state="closed")),
    ]
    can = actor.can("loop.office")
    return ListPage(
        title="问题台账",
        columns=_columns(today),
        order=("-year", "-serial"),
        search=("title", "basis", "responsible", "ledger_number"),
        seek=_seek(actor, today),
        search_label="编号、问题、依据、单位或责任人",
        filters=_filters(actor, asked, years=counting.years(actor, today=today), today=today, of_unit=of_unit),
        chips=chips,
        bulk=_bulk(actor),
        name="finding",
        fill=lambda rows: queries.filled(actor, rows, today=today),
        empty={
            "title": "还没有问题",
            "hint": "督导检查、经常性督导、投诉等发现的问题登记在这里；使用本系统以前的，可以从整改台账导入。"
            if can
            else "告知贵单位的问题会出现在这里，可以报送整改方案和整改报告。",
            **({"address": reverse("findings:ledger_import"), "action": "导入整改台账"} if can else {}),
        },
    )
