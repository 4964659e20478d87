"""Where a number came from."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from dudao.returns.models import Campaign, Cell, Reading, Return
from dudao.returns.queries.returns import returns_visible_to
from dudao.shell.acts import Actor


@dataclass(frozen=True, slots=True)
class CellHistory:
    """One cell of one unit: as it stands, and everything that was ever read for it, the latest first."""

    ret: Return
    code: str
    cell: Cell | None
    readings: list[Reading]


def readings_visible_to(actor: Actor) -> QuerySet[Reading]:
    """Readings of the units that the reader sees."""
    rows = Reading.objects.filter(campaign__county=actor.county)
    if actor.sees_county:
        return rows
    begun = (Campaign.State.OPEN, Campaign.State.LOCKED)
    return rows.filter(unit__in=actor.units, campaign__state__in=begun)


def cell_history(actor: Actor, unit: UUID | str, code: str, period: str) -> CellHistory | None:
    """The history of a cell by unit (key, 标识码, or the county's code), code and period; None where nothing was asked of that unit."""
    rows = returns_visible_to(actor).filter(campaign__period=period).select_related("campaign", "unit")
    rows = rows.exclude(campaign__state=Campaign.State.CANCELLED)
    if unit == actor.county:
        # The county's own numbers, whoever fills them in.
        rows = rows.filter(campaign__level=Campaign.Level.COUNTY)
    else:
        rows = rows.filter(unit=unit) if isinstance(unit, UUID) else rows.filter(unit__code=unit)
    # Several forms may be asked of one unit in a period; the one that holds the cell comes first.
    ret = rows.filter(cells__code=code).first() or rows.first()
    return history_of(actor, ret, code) if ret else None


def history_of(actor: Actor, ret: Return, code: str) -> CellHistory:
    """The history of a cell of a return; two statements."""
    readings = readings_visible_to(actor).filter(campaign=ret.campaign_id, unit=ret.unit_id, code=code)
    found = readings.select_related("upload").order_by("-recorded_at", "-pk")
    return CellHistory(ret, code, ret.cells.filter(code=code).first(), list(found))
