"""Coverage as a list: on the page, in Excel and on paper."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dudao.duties.coverage import GAPS, Coverage, Place
from dudao.duties.queries import Sheet
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell.acts import Actor
from dudao.shell.lists import Bulk, Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import dash, status

_KINDS = (("school", "学校"), ("kindergarten", "幼儿园"), ("private", "民办"))


def kind(unit: UnitVersion) -> str:
    """What a unit is, in words."""
    return (
        f"{'幼儿园' if unit.kind == UnitVersion.Kind.KINDERGARTEN else '学校'}{'（民办）' if unit.is_private else ''}"
    )


def register(actor: Actor, found: Coverage, *, manages: bool) -> ListPage:
    """Every school and kindergarten with who is responsible and what is missing."""

    def place(row: Any) -> Place:
        return found.by_unit[row.unit_id]

    def who(row: Any) -> str:
        return "、".join(f"{one.name}{why}" for one, _, why in place(row).held)

    def people(row: Any) -> SafeString | str:
        return format_html_join(
            "、", '<a href="{}">{}</a>{}',
            ((reverse("inspectors:entry", args=[one.inspector]), one.name, why) for one, _, why in place(row).held),
        ) if place(row).held else "—"  # fmt: skip

    def state(row: Any) -> SafeString:
        return status("late" if place(row).gap else "done", place(row).words)

    def next_act(row: Any) -> SafeString | str:
        words = place(row).next_act
        if not words or not manages:
            return dash(words)  # type: ignore[no-any-return]
        return format_html('<a href="{}?unit={}">{}</a>', reverse("duties:assign"), row.unit_id, words)

    def of_gap(code: str) -> Q:
        return Q(unit__in=[one.unit.unit_id for one in found.places if one.gap == code])

    gaps = [one.unit.unit_id for one in found.gaps]
    homeless = [one.unit.unit_id for one in found.homeless]
    heavy = [one.unit.unit_id for load in found.loads if load.too_many for one in load.places]
    areas = {str(area.district.pk): [one.unit.unit_id for one in area.places] for area in found.areas}
    towns = [(one.code[:9], one.name) for one in places.towns(actor, as_of=found.day)]
    return ListPage(
        title="责任督学覆盖情况",
        columns=(
            Column(
                "学校（园）", lambda r: r.name, sort=("sort_key",), head=True,
                show=lambda r: format_html('<a href="{}">{}</a>', reverse("duties:unit", args=[r.unit_id]), r.name),
            ),
            Column("类别", kind, sort=("kind", "is_private"), css="nowrap"),
            Column("乡镇", lambda r: place(r).town, sort=("region_code",), css="nowrap"),
            Column("责任区", lambda r: place(r).district.name if place(r).district else ""),  # type: ignore[union-attr]
            Column("责任督学", who, show=people),
            Column("情况", lambda r: place(r).words, show=state, css="nowrap"),
            Column("下一步", lambda r: place(r).next_act, show=next_act),
        ),
        order=("sort_key", "pk"),
        search=("name", "short_name", "unit__code"),
        seek=lambda words: Q(unit__in=[
            one.unit.unit_id for one in found.places if any(words in held.name for held, _, _ in one.held)
        ]),
        search_label="学校、标识码或督学",
        filters=(
            Filter("town", "乡镇", towns, lambda v: Q(region_code__startswith=v)),
            Filter("kind", "类别", _KINDS, lambda v: Q(is_private=True) if v == "private" else Q(kind=v)),
            Filter("gap", "情况", [(code, words) for code, (words, _) in GAPS.items()], of_gap),
            Filter(
                "district", "责任区", [(str(area.district.pk), area.district.name) for area in found.areas],
                lambda v: Q(unit__in=areas[v]), more=True,
            ),
        ),
        chips=(
            Chip("gap", "缺责任督学", Q(unit__in=gaps), tone="late"),
            Chip("heavy", f"督学超过 {found.rules['schools_each'].value} 所", Q(unit__in=heavy), tone="soon"),
            Chip("homeless", "没划责任区", Q(unit__in=homeless), tone="soon"),
        ),
        bulk=(Bulk("安排责任督学", reverse("duties:assign"), icon="users"),) if manages else (), name="place",
        empty={"title": "还没有学校和幼儿园", "hint": "先在“单位”里登记或导入学校、幼儿园。"},
    )  # fmt: skip


def boards(actor: Actor, sheets: Mapping[UUID, Sheet], *, today: date) -> ListPage:
    """Every school and kindergarten with its board and what the board lacks."""

    def lacks(row: Any) -> list[str]:
        return sheets[row.unit_id].lacks if row.unit_id in sheets else ["还没有公示牌"]

    def link(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("duties:board", args=[row.unit_id]), row.name)

    def state(row: Any) -> SafeString:
        found = lacks(row)
        return (
            format_html("{} {}", status("soon", f"{len(found)} 项"), "；".join(found))
            if found
            else status("done", "齐全")
        )

    short = [row for row in sheets if sheets[row].lacks]
    whole = [row for row in sheets if not sheets[row].lacks]
    towns = [(one.code[:9], one.name) for one in places.towns(actor, as_of=today)]
    return ListPage(
        title="公示牌",
        columns=(
            Column("学校（园）", lambda r: r.name, sort=("sort_key",), show=link, head=True),
            Column("类别", kind, sort=("kind", "is_private"), css="nowrap"),
            Column("责任督学", lambda r: "、".join(one.name for one in sheets[r.unit_id].faces) if r.unit_id in sheets else ""),
            Column("牌上还缺", lambda r: "；".join(lacks(r)), show=state),
        ),
        order=("sort_key", "pk"), search=("name", "short_name", "unit__code"), search_label="学校或标识码",
        filters=(
            Filter("town", "乡镇", towns, lambda v: Q(region_code__startswith=v)),
            Filter("kind", "类别", _KINDS, lambda v: Q(is_private=True) if v == "private" else Q(kind=v)),
        ),
        chips=(
            Chip("whole", "齐全", Q(unit__in=whole)), Chip("short", "还缺内容", Q(unit__in=short), tone="soon"),
            Chip("none", "没有公示牌", ~Q(unit__in=list(sheets)), tone="late"),
        ),
        bulk=(Bulk("打印选中的", reverse("duties:boards_print"), icon="printer"),), name="place",
        empty={"title": "还没有学校和幼儿园", "hint": "先在“单位”里登记或导入学校、幼儿园。"},
    )  # fmt: skip
