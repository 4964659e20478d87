"""The one way in which a reported value changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.returns import checking, library
from dudao.returns.models import Campaign, Cell, Reading, Return, Source, Upload
from dudao.returns.services.rights import fills, fills_or_manages, manages
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field
from dudao_engines.standards.model import Cell as Read
from dudao_engines.standards.reading import Raw

#: As much as is kept of what stood in a cell.
LONGEST = 2000
#: Two savings further apart than this were not one sitting; a first saving counts as so much work.
SITTING, FIRST = timedelta(minutes=5), timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell that somebody else changed since the page was read: both texts; ``theirs`` stands."""

    code: str
    theirs: str
    mine: str
    version: int
    name: str
    at: datetime


@dataclass(slots=True)
class Changed:
    """What a saving did: the codes that changed, and those that somebody else had changed meanwhile, which were left."""

    codes: list[str] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def set_cells(
    *,
    ret: Return,
    values: Mapping[str, Raw],
    source: Source | str,
    by: Actor,
    now: datetime,
    upload: Upload | None = None,
    places: Mapping[str, tuple[str, str]] | None = None,
    base: Mapping[str, int] | None = None,
) -> Changed:
    """Report values: write cells, and one reading for each; what was reported before stays in the readings.

    A value that cannot be read is kept as it was written, with its problem. A cell written as it stands already is left, but an
    imported one still leaves its reading, because sources are compared by it. What the head had confirmed is to be confirmed
    again.

    Args:
        values: what was written, by field code; ``None`` or an empty text empties the cell.
        source: where from. ``typed`` is for the unit itself, ``workbook`` too; everything else for who manages returns.
        upload, places: the table it came from; sheet and cell (``("学校", "C9")``) by code.
        base: by code the version of the cell that the writer saw, 0 where there was none. A cell that has another version now
            is not written but comes back as a clash; left out, nothing is compared.

    Raises:
        Refused: ``returns.not_allowed``; ``returns.closed`` (handed in, locked, or the campaign does not run);
            ``returns.no_field`` the form has no such field.
    """
    source = Source(source)
    if source == Source.TYPED:
        fills(by, ret)
    elif source == Source.WORKBOOK:
        fills_or_manages(by, ret)
    else:
        manages(by, ret)
    form = library.read(ret.campaign.form_text)
    if unknown := [code for code in values if form.get(code) is None]:
        raise Refused(f"表里没有“{'、'.join(unknown[:5])}”这一项。", code="returns.no_field")
    _hold(ret, source)
    standing = {cell.code: cell for cell in ret.cells.filter(code__in=list(values))}
    found = Changed()
    made: list[Cell] = []
    changed: list[Cell] = []
    readings: list[Reading] = []
    facts: dict[str, list[str]] = {}
    for code, raw in values.items():
        cell = standing.get(code)
        read = reading.read(raw, form.field(code))
        if cell and base is not None and base.get(code, 0) != cell.version and cell.raw != read.raw[:LONGEST]:
            found.clashes.append(Clash(code, cell.raw, read.raw, cell.version, cell.changed_name, cell.changed_at))
            continue
        is_new = cell is None and bool(read.raw)
        is_other = cell is not None and cell.raw != read.raw[:LONGEST]
        if is_new or is_other or (read.raw and source != Source.TYPED):
            readings.append(_reading(ret, code, read, form.field(code), source, upload, places or {}, by, now))
        if read.problem:
            found.problems[code] = read.problem
        if not is_new and not is_other:
            continue
        before = cell.raw if cell else ""
        if cell is None:
            cell = Cell(ret=ret, code=code)
            made.append(cell)
        else:
            cell.version += 1
            changed.append(cell)
        cell.raw, cell.value, cell.problem = _kept(read, form.field(code))
        cell.source, cell.changed_at, cell.changed_name = source, now, by.name
        found.codes.append(code)
        facts[code] = ["", ""] if form.field(code).personal else [before, cell.raw]
    Cell.objects.bulk_create(made)
    Cell.objects.bulk_update(changed, ["raw", "value", "problem", "source", "changed_at", "changed_name", "version"])
    Reading.objects.bulk_create(readings)
    if found.codes:
        _changed(ret, source, now)
        checking.recount(ret)
        audit.record(
            action="return.filled",
            subject=ret,
            summary=f"填报：{ret.campaign.title}，{len(found.codes)} 项（{source.label}）",
            by=by,
            now=now,
            cells=facts,
            upload=str(upload.pk) if upload else "",
        )
    return found


def _kept(read: Read, field: Field) -> tuple[str, str, str]:
    return read.raw[:LONGEST], reading.stored(read.value)[:LONGEST], read.problem[:300]


def _reading(
    ret: Return,
    code: str,
    read: Read,
    field: Field,
    source: Source,
    upload: Upload | None,
    places: Mapping[str, tuple[str, str]],
    by: Actor,
    now: datetime,
) -> Reading:
    raw, value, problem = _kept(read, field)
    sheet, place = places.get(code, ("", ""))
    return Reading(
        campaign_id=ret.campaign_id,
        unit_id=ret.unit_id,
        code=code,
        source=source,
        raw=raw,
        value=value,
        problem=problem,
        upload=upload,
        sheet=sheet[:60],
        place=place[:20],
        by_person=by.person,
        by_name=by.name,
        recorded_at=now,
    )


def _hold(ret: Return, source: Source) -> None:
    """Hold the return while it may be written, so that of two who write at once the second sees what the first wrote.

    Raises:
        Refused: ``returns.closed``.
    """
    states: tuple[Campaign.State, ...] = (Campaign.State.OPEN, Campaign.State.LOCKED)
    if source != Source.TYPED:
        # Tables may be read in before the units are called.
        states = (Campaign.State.DRAFT, *states)
    # The campaign is asked by itself: an UPDATE over a join would not look at the row again after waiting (PostgreSQL).
    runs = Campaign.objects.filter(pk=ret.campaign_id, state__in=states).exists()
    rows = Return.objects.filter(pk=ret.pk, is_locked=False, state__in=Return.WRITABLE)
    if not runs or not rows.update(version=F("version") + 1):
        ret.refresh_from_db()
        ret.campaign.refresh_from_db()
        raise Refused(_why_closed(ret), code="returns.closed")
    ret.refresh_from_db()


def _why_closed(ret: Return) -> str:
    if ret.campaign.state == Campaign.State.CANCELLED:
        return "这次填报已取消。"
    if ret.campaign.state == Campaign.State.DRAFT:
        return "这次填报还没有开始。"
    if ret.is_locked:
        return "数据已锁定；确需更正的，请向督导室说明理由，重新开放后再改。"
    return f"这张表现在是“{ret.get_state_display()}”，不能再改；确需更正的，请督导室退回。"


def _changed(ret: Return, source: Source, now: datetime) -> None:
    """What was confirmed is void; the time worked is counted from one saving to the next."""
    if ret.state in (Return.State.EMPTY, Return.State.CONFIRMED):
        ret.state = Return.State.FILLING
    ret.confirmed_by, ret.confirmed_name, ret.confirmed_at, ret.confirmed_on, ret.confirmed_how = (
        None,
        "",
        None,
        None,
        "",
    )
    if source == Source.TYPED:
        gap = now - ret.worked_at if ret.worked_at else None
        ret.seconds += int((gap if gap is not None and timedelta(0) <= gap <= SITTING else FIRST).total_seconds())
        ret.worked_at = now
    ret.save(
        update_fields=[
            "state",
            "confirmed_by",
            "confirmed_name",
            "confirmed_at",
            "confirmed_on",
            "confirmed_how",
            "seconds",
            "worked_at",
        ]
    )
