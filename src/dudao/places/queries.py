"""Reading units and regions. Names of units are no secret inside a county."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from dudao.places.models import Region, Succession, Unit, UnitImport, UnitImportRow, UnitStage, UnitVersion
from dudao.shell.acts import Actor
from dudao_engines.kernel import codes


def _standing(day: date, prefix: str = "") -> Q:
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day})
    )


def units_visible_to(actor: Actor, *, as_of: date) -> QuerySet[UnitVersion]:
    """The units of the actor's county as they were on a day, in the order of their names.

    Rows are ``UnitVersion``; ``row.unit_id`` is the stable key.
    """
    return (
        UnitVersion.objects.filter(_standing(as_of), unit__county=actor.county)
        .select_related("unit")
        .order_by("sort_key", "pk")
    )


def stage_names(version: UnitVersion) -> str:
    """The stages of a version in their order; prefetch ``stages`` for many."""
    held = {s.stage for s in version.stages.all()}
    return "、".join(str(label) for value, label in UnitStage.Stage.choices if value in held)


def unit_visible_to(actor: Actor, key: UUID) -> Unit | None:
    """A unit of the county, standing or ended."""
    return Unit.objects.filter(county=actor.county, pk=key).first()


def _called(actor: Actor, keys: set[UUID], as_of: date) -> dict[UUID, UnitVersion]:
    """The version each unit is named by on a day: of one that has ended the last, of one that lies ahead the first."""
    versions = UnitVersion.objects.filter(unit__county=actor.county, unit_id__in=keys).order_by("valid_from")
    found: dict[UUID, UnitVersion] = {}
    for version in versions:
        if version.valid_from <= as_of or version.unit_id not in found:
            found[version.unit_id] = version
    return found


def unit_names(actor: Actor, keys: set[UUID], *, as_of: date) -> dict[UUID, str]:
    """What each unit is called on a day: of one that has ended its last name, of one that lies ahead its first; one query."""
    return {key: version.short_name or version.name for key, version in _called(actor, keys, as_of).items()}


def full_names(actor: Actor, keys: set[UUID], *, as_of: date) -> dict[UUID, str]:
    """The same with whole names, for papers and tables that leave the house."""
    return {key: version.name for key, version in _called(actor, keys, as_of).items()}


def names_on(actor: Actor, *, day: date) -> dict[UUID, str]:
    """The short name of every unit of the county on a day; one query."""
    return {v.unit_id: v.short_name or v.name for v in units_visible_to(actor, as_of=day)}


def endings(actor: Actor, keys: set[UUID], *, as_of: date) -> dict[UUID, str]:
    """Of these units those that have ended by the day, each with what became of it in words; one query."""
    rows = Unit.objects.filter(county=actor.county, pk__in=keys, ended_on__lt=as_of).values_list(
        "pk", "ended_on", "successors__kind", "successors__on", name_on("successors__after", as_of=as_of)
    )
    found: dict[UUID, str] = {}
    # In the order in which they were named.
    for key, ended_on, kind, on, name in rows.order_by("pk", "successors__pk"):
        said = found.setdefault(key, "已终止")
        # A part that was split off earlier did not end it.
        if name and on == ended_on + timedelta(days=1):
            verb = "并入" if kind == Succession.Kind.MERGE else "分设为"
            found[key] = f"{said}、{name}" if verb in said else f"{said}，{verb}{name}"
    return found


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a unit's history: from ``on`` it is a version, or work came from or went to another unit."""

    on: date
    version: UnitVersion | None = None
    succession: Succession | None = None
    other: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A unit through the years, latest first, and what it came from and went to."""

    unit: Unit
    versions: list[UnitVersion]
    came_from: list[tuple[Succession, str]]
    went_to: list[tuple[Succession, str]]
    parents: dict[UUID, str]

    def turns(self) -> list[Turn]:
        """Everything that happened, the latest first."""
        found = [Turn(v.valid_from, version=v) for v in self.versions]
        found += [Turn(s.on, succession=s, other=s.before_id, name=name) for s, name in self.came_from]
        found += [Turn(s.on, succession=s, other=s.after_id, name=name) for s, name in self.went_to]
        return sorted(found, key=lambda turn: turn.on, reverse=True)

    def on(self, day: date) -> UnitVersion | None:
        """The version that stood on a day."""
        return next((v for v in self.versions if v.valid_from <= day and (not v.valid_to or v.valid_to >= day)), None)

    def called(self, day: date) -> str:
        """Its name on a day: of one that has ended the last, of one that lies ahead the first."""
        begun = next((v for v in self.versions if v.valid_from <= day), self.versions[-1])
        return begun.name

    def ahead(self, day: date) -> tuple[date, str] | None:
        """The last that was entered for the unit and has not begun, with its day; ``services.take_back`` undoes it."""
        found = [(s.on, f"{s.get_kind_display()}，由{name}承接") for s, name in self.went_to if s.on > day]
        found += [(v.valid_from, f"变更为“{v.name}”") for v in self.versions[:-1] if v.valid_from > day]
        if self.unit.ended_on and self.unit.ended_on >= day:
            found.append((self.unit.ended_on + timedelta(days=1), "终止"))
        return max(found, key=lambda one: one[0]) if found else None


def history(actor: Actor, key: UUID, *, as_of: date) -> History | None:
    """Everything that is known of one unit, other units by their names of the day; a constant number of queries."""
    unit = unit_visible_to(actor, key)
    if unit is None:
        return None
    versions = list(unit.versions.prefetch_related("stages", "campuses").order_by("-valid_from"))
    came, went = list(unit.predecessors.all()), list(unit.successors.all())
    names = unit_names(
        actor,
        {s.before_id for s in came} | {s.after_id for s in went} | {v.parent_id for v in versions if v.parent_id},
        as_of=as_of,
    )
    return History(
        unit,
        versions,
        [(s, names.get(s.before_id, "—")) for s in came],
        [(s, names.get(s.after_id, "—")) for s in went],
        names,
    )


def regions(actor: Actor, *, as_of: date) -> QuerySet[Region]:
    """The regions inside the actor's county on a day, by code."""
    return Region.objects.filter(_standing(as_of), code__startswith=actor.county).order_by("code")


def towns(actor: Actor, *, as_of: date) -> list[Region]:
    """The towns of the county, in the order of their names."""
    inside = [r for r in regions(actor, as_of=as_of) if codes.region_level(r.code) == "town"]
    return sorted(inside, key=lambda r: r.sort_key)


def regions_with_level(actor: Actor, *, as_of: date) -> list[tuple[Region, str]]:
    """Each region with its level in words."""
    words = {"county": "县", "town": "乡镇场街道", "village": "村（社区）"}
    return [(r, words[codes.region_level(r.code)]) for r in regions(actor, as_of=as_of)]


def region_names(actor: Actor, *, as_of: date) -> dict[str, str]:
    """Name by code, for showing many units; a code that was not compared with the register says 未核实."""
    return {r.code: r.name if r.checked_on else f"{r.name}（未核实）" for r in regions(actor, as_of=as_of)}


def county_name(actor: Actor, *, as_of: date) -> str:
    """The county by name: as the register has it, else as the office calls itself."""
    region = regions(actor, as_of=as_of).filter(code=f"{actor.county}000000").first()
    return region.name if region else str(settings.OFFICE).removesuffix("教育督导室").removesuffix("人民政府")


def imports_visible_to(actor: Actor) -> QuerySet[UnitImport]:
    """Tables of units handed in, latest first; for those who keep the units."""
    if not actor.can("places.manage"):
        return UnitImport.objects.none()
    return UnitImport.objects.filter(county=actor.county).order_by("-made_at")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a table would do, or did: rows with their outcome, and how many of each."""

    batch: UnitImport
    rows: list[UnitImportRow]
    counts: dict[str, int]


def preview(actor: Actor, key: UUID) -> Preview | None:
    """One handed-in table with its rows; two queries."""
    rows = Prefetch("rows", queryset=UnitImportRow.objects.order_by("number"))
    batch = imports_visible_to(actor).prefetch_related(rows).filter(pk=key).first()
    if batch is None:
        return None
    found = list(batch.rows.all())
    counts = Counter(row.outcome for row in found)
    return Preview(batch, found, {outcome: counts[outcome] for outcome in UnitImportRow.Outcome.values})


def kind_on(unit: str, *, as_of: date) -> Subquery:
    """The kind of the unit that field ``unit`` of the outer query points to, for counting by kind."""
    rows = UnitVersion.objects.filter(unit=OuterRef(unit), valid_from__lte=as_of)
    return Subquery(rows.order_by("-valid_from").values("kind")[:1])


def name_on(unit: str, *, as_of: date) -> Subquery:
    """The name of the unit that field ``unit`` of the outer query points to, for annotating a list."""
    rows = UnitVersion.objects.filter(unit=OuterRef(unit), valid_from__lte=as_of)
    return Subquery(rows.order_by("-valid_from").values("name")[:1])


def all_names(actor: Actor) -> list[tuple[UUID, str, str, str, bool]]:
    """Every name that units of the county bear or bore: key, name, short name, 标识码, and whether the unit has ended."""
    rows = UnitVersion.objects.filter(unit__county=actor.county).order_by("valid_from")
    return [
        (key, name, short, code, ended is not None)
        for key, name, short, code, ended in rows.values_list(
            "unit", "name", "short_name", "unit__code", "unit__ended_on"
        )
    ]
