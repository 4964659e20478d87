"""The list of units with where their work stands, and the list of one unit's parts."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.places.models import UnitVersion
from dudao.plan import overviews
from dudao.plan.models import TaskPart
from dudao.plan.overviews import TONES, Stand
from dudao.shell.acts import Actor
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status

# Kinds of unit that can have work of the plan, in the order of the house.
KINDS = (
    "office",
    "bureau",
    "section",
    "department",
    "township",
    "school",
    "kindergarten",
    "committee",
    "village",
    "upper",
)


# On phones, where a row is a card, a nought is left out and a figure says what it counts.
_ZERO = format_html('<span class="ink3 dd-wide">{}</span>', 0)
_SAID = '<span class="dd-only-narrow ink3">{} </span>'


def _figure(label: str, name: str) -> Column:
    """A figure, grey where it is nought."""

    def show(unit: UnitVersion) -> SafeString:
        number = getattr(unit, name)
        return format_html(_SAID + "{}", label, number) if number else _ZERO

    return Column(label, lambda unit: getattr(unit, name), sort=(name,), show=show, css="num")


def _years(years: Sequence[int]) -> Filter:
    # The year is counted in the rows already; here it is only kept and said.
    return Filter("year", "年度", [(str(year), f"{year}年") for year in years], lambda value: Q())


def _count(stand: Stand, year: int) -> Column:
    name = stand.value

    def show(unit: UnitVersion) -> SafeString:
        number = getattr(unit, name)
        if not number:
            return _ZERO
        address = reverse("plan:unit", args=[unit.unit_id])
        css = "late" if stand is Stand.LATE else ""
        return format_html(
            '<a href="{}?chip={}&amp;year={}" class="{}">' + _SAID + "{}</a>",
            address, name, year, css, stand.label, number,
        )  # fmt: skip

    return Column(str(stand.label), lambda unit: getattr(unit, name), sort=(name,), show=show, css="num")


def units(actor: Actor, *, year: int, years: Sequence[int], today: date) -> ListPage:
    """Units with their parts of the year's tasks counted; the rows come from ``overviews.units``."""
    where = overviews.unit_filters(actor, year=year, today=today)

    def link(unit: UnitVersion) -> str:
        address = reverse("plan:unit", args=[unit.unit_id])
        return format_html('<a href="{}?year={}">{}</a>', address, year, unit.short_name or unit.name)

    return ListPage(
        title="各单位办理情况",
        columns=(
            Column("单位", lambda u: u.name, sort=("sort_key",), show=link, head=True),
            Column("类别", lambda u: u.get_kind_display(), sort=("kind", "sort_key"), css="ink2 nowrap"),
            _figure("承办", "total"),
            *(
                _count(stand, year)
                for stand in (Stand.WAITING, Stand.GOING, Stand.ANSWERED, Stand.LATE, Stand.PAUSED, Stand.DONE)
            ),
            _figure("牵头", "leads"),
            _figure("牵头逾期", "leads_late"),
            _figure("牵头办结", "leads_done"),
        ),
        order=("sort_key",),
        search=("name", "short_name", "unit__code"),
        search_label="单位名称或标识码",
        filters=[
            _years(years),
            # No saved filters with counts: those would look at every unit's every part to show the first page.
            Filter(
                "has",
                "情况",
                [("late", "有逾期的"), ("waiting", "有未签收的"), ("none", "没有任务的")],
                lambda value: where[value],
            ),
            Filter("kind", "类别", [(k, UnitVersion.Kind(k).label) for k in KINDS], lambda value: Q(kind=value)),
        ],
        fill=lambda rows: overviews.count_units(actor, rows, year=year, today=today),
        empty={"title": "还没有单位", "hint": "单位登记以后，在这里看每个单位签收和办理到哪一步。"},
    )


def parts(*, years: Sequence[int], today: date) -> ListPage:
    """One unit's parts; the rows come from ``overviews.parts_of_unit``."""

    def link(part: TaskPart) -> str:
        return format_html('<a href="{}">{}</a>', reverse("plan:task", args=[part.task_id]), part.task.named)

    def stand(part: TaskPart) -> Stand:
        return overviews.part_stand(part, today=today)

    return ListPage(
        title="承办的任务",
        columns=(
            Column("编号", lambda p: p.task.number, sort=("task__position", "task__number"), css="nowrap ink3"),
            Column("任务", lambda p: p.task.named, sort=("task__title",), show=link, head=True),
            Column("完成时限", lambda p: p.due_on, sort=("due_on",), show=lambda p: fullday(p.due_on), css="nowrap"),
            Column(
                "状态", lambda p: str(stand(p).label), sort=("state",),
                show=lambda p: status(TONES[stand(p)], str(stand(p).label)), css="nowrap",
            ),
            Column("下达", lambda p: p.handed_on, sort=("handed_on",), show=lambda p: fullday(p.handed_on), css="nowrap"),
            Column("签收", lambda p: p.signed_on, sort=("signed_on",), show=lambda p: fullday(p.signed_on), css="nowrap"),
            Column("报送", lambda p: p.answered_on, sort=("answered_on",), show=lambda p: fullday(p.answered_on), css="nowrap"),
            Column("办结", lambda p: p.done_on, sort=("done_on",), show=lambda p: fullday(p.done_on), css="nowrap"),
        ),
        order=("due_on", "task__position"),
        search=("task__number", "task__title"),
        search_label="任务或编号",
        filters=[_years(years)],
        chips=[
            Chip(stand.value, str(stand.label), where, tone="late" if stand is Stand.LATE else "")
            for stand, where in overviews.part_filters(today=today).items()
        ],
        empty={"title": "没有承办的任务", "hint": "这一年没有任务下达给这个单位。"},
    )  # fmt: skip
