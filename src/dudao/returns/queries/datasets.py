"""The numbers as the floors above take them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Literal
from uuid import UUID

from django.db.models import Count

from dudao.places import queries as places
from dudao.returns import values
from dudao.returns.models import Campaign, Cell, Return, Source
from dudao.returns.queries.returns import campaigns_visible_to, named, returns_visible_to
from dudao.shell.acts import Actor
from dudao_engines.standards.forms import Form
from dudao_engines.standards.model import Cell as Value
from dudao_engines.standards.model import Dataset, Record

#: Campaigns that have numbers to speak of.
RUNNING = (Campaign.State.OPEN, Campaign.State.LOCKED)


def periods(actor: Actor, forms: Collection[str] = ()) -> list[tuple[str, str]]:
    """The periods that numbers were asked for (by one of these forms), the latest first: period and what it is called."""
    rows = campaigns_visible_to(actor).filter(state__in=RUNNING).order_by("-census_on", "form")
    if forms:
        rows = rows.filter(form__in=forms)
    found: dict[str, str] = {}
    for period, label in rows.values_list("period", "period_label"):
        found.setdefault(period, label)
    return list(found.items())


def dataset(
    actor: Actor, period: str, which: Literal["reported", "adopted"] = "reported", *, level: str = ""
) -> Dataset:
    """All numbers of a period that the reader may see, in any state of their returns; three statements.

    Args:
        period: of the campaigns, for example ``2024``.
        which: ``reported``: as the units reported; ``adopted``: what was adopted after the check on site in its place.
        level: of forms of this level only.

    Returns:
        Records by level of the forms. ``unit`` is the unit's 标识码, of a county its code; a unit that was called and has filled
        nothing stands there without cells. Each cell says where it is from in ``where``.
    """
    rows = (
        returns_visible_to(actor)
        .filter(campaign__period=period, campaign__state__in=RUNNING)
        .select_related("campaign", "unit")
        .order_by("unit__code", "campaign__form")
    )
    returns = list(rows.filter(campaign__level=level) if level else rows)
    if not returns:
        return Dataset()
    cells: dict[object, list[Cell]] = defaultdict(list)
    for cell in Cell.objects.filter(ret__in=[one.pk for one in returns]):
        cells[cell.ret_id].append(cell)
    day = max(one.campaign.census_on for one in returns)
    names = places.full_names(actor, {one.unit_id for one in returns}, as_of=day)
    tables: dict[str, dict[str, tuple[str, dict[str, Value]]]] = defaultdict(dict)
    for ret in returns:
        level, name = ret.campaign.level, names.get(ret.unit_id, ret.unit.code)
        unit = actor.county if level == Campaign.Level.COUNTY else ret.unit.code
        form = values.form_of(ret.campaign)
        held = tables[level].setdefault(unit, (name, {}))[1]
        held.update({cell.code: _value(cell, ret, which) for cell in cells[ret.pk] if form.get(cell.code)})
    return Dataset(
        {
            level: [Record(unit, name, actor.county, held) for unit, (name, held) in units.items()]
            for level, units in tables.items()
        }
    )


def _value(cell: Cell, ret: Return, which: str) -> Value:
    form = values.form_of(ret.campaign)
    where = f"{ret.campaign.title} · {Source(cell.source).label}"
    if which == "adopted" and cell.adopted_state == Cell.Adopted.ADOPTED:
        return values.adopted_of(cell, form, where=f"{ret.campaign.title} · 核查采用")
    return values.value_of(cell, form, where=where)


def standing(actor: Actor, period: str, forms: Collection[str]) -> tuple[list[tuple[str, int]], int]:
    """In which states the returns of a period stand, and how many of them are not locked; one statement."""
    rows = returns_visible_to(actor).filter(
        campaign__period=period, campaign__form__in=forms, campaign__state__in=RUNNING
    )
    counted = rows.values_list("state", "is_locked").annotate(count=Count("pk"))
    states: dict[str, int] = defaultdict(int)
    open_ = 0
    for state, is_locked, count in counted:
        states[state] += count
        open_ += 0 if is_locked else count
    return [(str(label), states[code]) for code, label in Return.State.choices if states[code]], open_


def called_units(actor: Actor, period: str) -> list[tuple[Campaign, dict[str, UUID]]]:
    """The running campaigns of a period, each with the units it calls: key by code; two statements."""
    campaigns = list(campaigns_visible_to(actor).filter(period=period, state__in=RUNNING))
    rows = returns_visible_to(actor).filter(campaign__in=[one.pk for one in campaigns])
    called: dict[UUID, dict[str, UUID]] = defaultdict(dict)
    for campaign, code, unit in rows.values_list("campaign", "unit__code", "unit"):
        called[campaign][code] = unit
    return [(one, called[one.pk]) for one in campaigns]


def form_of(campaign: Campaign) -> Form:
    """The form that is frozen into a campaign."""
    return values.form_of(campaign)


def checked_cells(actor: Actor, period: str) -> frozenset[tuple[str, str]]:
    """Unit code and field code of the cells of a period that were looked at on site."""
    rows = Cell.objects.filter(ret__in=returns_visible_to(actor), ret__campaign__period=period)
    return frozenset(rows.exclude(adopted_state=Cell.Adopted.NONE).values_list("ret__unit__code", "code"))


def is_locked(actor: Actor, period: str, form: str) -> bool:
    """Whether a form's numbers of a period stand: its campaign is locked, and every return of it."""
    rows = returns_visible_to(actor).filter(campaign__period=period, campaign__form=form)
    rows = rows.exclude(campaign__state=Campaign.State.CANCELLED)
    states = set(rows.values_list("campaign__state", "is_locked").distinct())
    return states == {(Campaign.State.LOCKED.value, True)}


def unlocked(actor: Actor, period: str) -> list[Return]:
    """The returns of a period that are not both approved and locked, with campaign and ``unit_name``; one statement."""
    rows = returns_visible_to(actor).filter(campaign__period=period, campaign__state__in=RUNNING)
    rows = rows.exclude(state=Return.State.APPROVED, is_locked=True).select_related("campaign")
    first = rows.order_by("-campaign__census_on").values_list("campaign__census_on", flat=True).first()
    if first is None:
        return []
    found = list(named(rows, as_of=first))
    return sorted(found, key=lambda one: (one.campaign.form, one.unit_name))  # type: ignore[attr-defined]
