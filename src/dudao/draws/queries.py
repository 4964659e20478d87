"""Reading draws. Each query takes the reader first; ``public…`` is what anybody may read."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from dudao.draws.content import Line
from dudao.draws.models import Draw, Enlargement
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.returns import queries as returns
from dudao.shell.acts import Actor


def draws_visible_to(actor: Actor) -> QuerySet[Draw]:
    """The office and its leaders; nobody else sees draws inside the house (``public`` is for all)."""
    rows = Draw.objects.filter(county=actor.county)
    if actor.acts_for_county("draw.manage", "inspector.read"):
        return rows
    return rows.none()


def public_draws(county: str) -> QuerySet[Draw]:
    """What the county opened, from the freezing on; a voided one stays."""
    rows = Draw.objects.filter(county=county, is_open=True, frozen_on__isnull=False)
    return rows.order_by("-frozen_at", "-pk")


def public(county: str, key: UUID) -> Draw | None:
    """An opened draw by its key."""
    kept = Prefetch("enlargements", Enlargement.objects.order_by("position"))
    return public_draws(county).select_related("follows").prefetch_related("commitments", kept).filter(pk=key).first()


def light(rows: QuerySet[Draw]) -> QuerySet[Draw]:
    """For lists: without what can be long."""
    return rows.defer("frozen_text", "result")


def siblings(draw: Draw) -> QuerySet[Draw]:
    """Other lists frozen for the same public event. Of several the one that suits could be kept and the others voided: so each
    page of a draw tells them all, voided ones too, opened or not."""
    if not draw.event_on:
        return Draw.objects.none()
    rows = Draw.objects.filter(county=draw.county, event_on=draw.event_on, frozen_on__isnull=False)
    return rows.exclude(pk=draw.pk).only("purpose", "state", "is_open", "frozen_on", "voided_on").order_by("frozen_at")


def by_digest(actor: Actor, sha256: str) -> Draw | None:
    """The draw whose list was frozen under a digest."""
    return draws_visible_to(actor).filter(sha256=sha256, frozen_on__isnull=False).first() if sha256 else None


def added(draw: Draw) -> dict[str, int]:
    """Units that came in by an enlargement, with its number."""
    return {key: one.position for one in draw.enlargements.all() for key in one.added}


def apart(draw: Draw, *, units: Mapping[UUID, str], people: Mapping[UUID, str], day: date) -> list[tuple[str, str]]:
    """Pairs (code of the unit, number of the member) that must not meet on a day; four statements.

    Args:
        units: code in the list by key of the unit.
        people: number in the list by key of the person.
    """
    found = inspectors.recused(draw.county, list(people), list(units), day=day)
    return sorted((units[unit], people[person]) for person, unit in found)


def from_register(
    actor: Actor, *, day: date, kinds: Collection[str], stages: Collection[str] = (), towns: Collection[str] = (),
    sponsor: str = "", strata: str = "",
) -> list[Line]:  # fmt: skip
    """Schools and kindergartens of the register as they stand on a day, in the order of their names; three statements.

    Args:
        kinds, stages: codes of ``UnitVersion.Kind`` and ``UnitStage.Stage``; no stages are all.
        towns: codes of towns, 9 digits or more; none are all.
        sponsor: ``public``, ``private`` or both where empty.
        strata: what the stratum is: ``kind``, ``stages``, ``town``, ``sponsor`` or nothing.
    """
    rows = places.units_visible_to(actor, as_of=day).filter(kind__in=kinds).prefetch_related("stages")
    if sponsor:
        rows = rows.filter(is_private=sponsor == "private")
    names = {one.code[:9]: one.name for one in places.towns(actor, as_of=day)}
    wanted, here = set(stages), {code[:9] for code in towns}
    found = []
    for row in rows:
        if wanted and not wanted & {one.stage for one in row.stages.all()}:
            continue
        if here and row.region_code[:9] not in here:
            continue
        stratum = {
            "kind": row.get_kind_display(), "stages": places.stage_names(row), "sponsor": "民办" if row.is_private else "公办",
            "town": names.get(row.region_code[:9], "未登记乡镇"),
        }.get(strata, "")  # fmt: skip
        found.append(Line(row.unit.code, row.name, stratum[:40], None, str(row.unit_id)))
    return found


def codes(actor: Actor, *, day: date) -> dict[str, tuple[str, str]]:
    """Key and name of the units of the register by code; one statement."""
    rows = places.units_visible_to(actor, as_of=day)
    return {row.unit.code: (str(row.unit_id), row.name) for row in rows}


def reported_cells(actor: Actor) -> list[tuple[str, str]]:
    """Counts that schools and kindergartens report, of the two latest periods: ``period/field`` and its words."""
    found: dict[str, str] = {}
    for period, label in returns.periods(actor)[:2]:
        for campaign, _ in returns.called_units(actor, period):
            form = returns.form_of(campaign)
            if form.level == "county":
                continue
            for one in form.fields:
                if one.kind == "int":
                    found.setdefault(f"{period}/{one.code}", f"{label} {form.name}：{one.label}")
    return sorted(found.items(), key=lambda one: one[1])


def reported_sizes(actor: Actor, cell: str) -> dict[str, int]:
    """What each unit reported in a cell of ``reported_cells``, adopted where it was checked on site, by code."""
    period, _, code = cell.partition("/")
    tables = returns.dataset(actor, period, "adopted").tables
    found = {}
    for records in tables.values():
        for record in records:
            held = record.cells.get(code)
            if held and isinstance(held.value, int) and not isinstance(held.value, bool) and held.value > 0:
                found[record.unit] = held.value
    return found
