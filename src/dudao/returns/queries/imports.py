"""What was handed in, what it would do, how sources differ, and what is to be corrected on the platform."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.db.models import QuerySet

from dudao.places import queries as places
from dudao.returns import checking, staging
from dudao.returns.models import Campaign, Cell, Correction, Profile, Reading, Return, Source, Upload
from dudao.returns.queries.returns import campaigns_visible_to
from dudao.shell.acts import Actor
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field, Form


def uploads_visible_to(actor: Actor) -> QuerySet[Upload]:
    """Tables handed in, the latest first; for those who manage returns."""
    rows = Upload.objects.filter(county=actor.county)
    return rows if actor.can("return.manage") else rows.none()


def profiles_visible_to(actor: Actor, *, form: str, source: str = "") -> list[Profile]:
    """The newest version of each kept profile of a form."""
    rows = Profile.objects.filter(county=actor.county, form=form)
    rows = rows.filter(source=source) if source else rows
    newest: dict[tuple[str, str], Profile] = {}
    for row in rows.order_by("source", "name", "-number"):
        newest.setdefault((row.source, row.name), row)
    return list(newest.values())


# A preview


@dataclass(slots=True)
class UnitLine:
    """One line of a table: whose it is, why it was refused, its cells by outcome."""

    line: staging.Line
    cells: list[staging.Kept]
    counts: Counter[str]


@dataclass(slots=True)
class Preview:
    """What a table would do, or did.

    Attributes:
        lines: of units, in the order of the file.
        fields: items with their cells by outcome, in the order of the form.
        absent: names of the campaign's units that the file does not have.
    """

    upload: Upload
    form: Form
    lines: list[UnitLine] = field(default_factory=list)
    fields: list[tuple[Field, Counter[str]]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[UnitLine]:
        return [one for one in self.lines if one.line.why]

    def cells(self, outcome: str) -> list[tuple[UnitLine, Field, staging.Kept]]:
        """The cells of one outcome, each with its line and item."""
        return [
            (one, self.form.field(cell.code), cell)
            for one in self.lines
            if not one.line.why
            for cell in one.cells
            if cell.outcome == outcome and self.form.get(cell.code)
        ]


def preview(actor: Actor, upload: Upload) -> Preview:
    """What a table would do; four statements."""
    campaign = upload.campaign
    found = Preview(upload, checking.form_of(campaign))
    by_field: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[UUID] = set()
    for content in upload.parts.values_list("content", flat=True):
        for line in staging.lines(content):
            cells = list(line.cells())
            if not line.why and (unit := staging.unit_key(line)):
                seen.add(unit)
                for cell in cells:
                    by_field[cell.code][cell.outcome] += 1
            found.lines.append(UnitLine(line, cells, Counter(cell.outcome for cell in cells)))
    found.fields = [(one, by_field[one.code]) for one in found.form.fields if one.code in by_field]
    units = set(campaign.returns.values_list("unit_id", flat=True)) - seen
    if units:
        found.absent = sorted(places.full_names(actor, units, as_of=campaign.census_on).values())
    return found


# Sources side by side

#: What stands side by side, in this order: code and head.
SIDES: Mapping[str, str] = {
    "reported": "填报数", Source.PLATFORM: "督导平台", Source.STATISTICS: "教育事业统计", Source.WORKBOOK: "县自有表",
    "last": "上年", "site": "现场核查",
}  # fmt: skip
#: Those that speak of the same moment, so that any difference between them is one.
NOW = ("reported", Source.PLATFORM, Source.STATISTICS, Source.WORKBOOK, "site")


@dataclass(frozen=True)
class Side:
    """One item of one unit, as each source says it: value in its stored form, and how it is shown."""

    unit: UUID
    name: str
    field: Field
    values: Mapping[str, str]
    shown: Mapping[str, str]
    reading: Reading | None
    cell: Cell | None
    correction: Correction | None = None

    @cached_property
    def differs(self) -> bool:
        return len({self.values[one] for one in NOW if self.values.get(one)}) > 1

    @cached_property
    def moved(self) -> bool:
        """Whether it moved by 30 % or more since last year."""
        now, last = self.values.get("reported") or self.values.get(Source.PLATFORM), self.values.get("last")
        if not self.field.is_number or not now or not last:
            return False
        before, after = reading.restored(last, self.field), reading.restored(now, self.field)
        if not isinstance(before, int) and not hasattr(before, "as_tuple"):
            return False
        return abs(float(after) - float(before)) >= 0.3 * abs(float(before)) if before else bool(after)  # type: ignore[arg-type]

    def side(self, code: str) -> tuple[str, str]:
        """What a source says, and whether it stands out: ``late`` where most others say something else."""
        said = self.values.get(code, "")
        if not said or code not in NOW or not self.differs:
            return self.shown.get(code, ""), ""
        often = Counter(self.values[one] for one in NOW if self.values.get(one)).most_common()
        stands_out = len(often) > 1 and said != often[0][0]
        return self.shown.get(code, ""), "late" if stands_out else ""

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        return [(head, *self.side(code)) for code, head in SIDES.items()]

    @property
    def proposal(self) -> tuple[str, str]:
        """What the platform should say, and why: as adopted or found on site, or as the school itself put it; empty where nobody
        has said."""
        platform = self.values.get(Source.PLATFORM, "")
        if not platform or self.cell is None:
            return "", ""
        cell = self.cell
        if cell.adopted_state == Cell.Adopted.ADOPTED and cell.adopted:
            return (cell.adopted, "现场核查采用") if cell.adopted != platform else ("", "")
        if cell.found:
            return (cell.found, "现场核查") if cell.found != platform else ("", "")
        if cell.source == Source.TYPED and cell.value and cell.value != platform:
            return cell.value, "学校核对后更正"
        return "", ""


def compare(actor: Actor, campaign: Campaign, *, unit: UUID | None = None) -> list[Side]:
    """Every item of a campaign's units that any source says something of, source by source; seven statements."""
    form = checking.form_of(campaign)
    returns: QuerySet[Return] = campaign.returns.all()
    if not actor.sees_county:
        returns = returns.filter(unit__in=actor.units)
    if unit:
        returns = returns.filter(unit=unit)
    units = {one.pk: one.unit_id for one in returns}
    cells = {(units[one.ret_id], one.code): one for one in Cell.objects.filter(ret__in=list(units))}
    newest: dict[tuple[UUID, str], dict[str, Reading]] = defaultdict(dict)
    rows = Reading.objects.filter(
        campaign=campaign,
        unit__in=list(units.values()),
        source__in=(Source.PLATFORM, Source.STATISTICS, Source.WORKBOOK),
    )
    for row in rows.exclude(upload__state=Upload.State.UNDONE).order_by("recorded_at", "pk"):
        newest[row.unit_id, row.code][row.source] = row
    _, last = checking.last_cells(campaign, unit)
    corrections = {
        (one.unit_id, one.code): one
        for one in Correction.objects.filter(campaign=campaign, state=Correction.State.OPEN)
    }
    names = places.full_names(actor, set(units.values()), as_of=campaign.census_on)
    found = []
    for key in sorted(units.values(), key=lambda one: names.get(one, "")):
        for item in form.fields:
            cell, read = cells.get((key, item.code)), newest.get((key, item.code), {})
            before = last.get(key, {}).get(item.code)
            values = {
                "reported": cell.value if cell else "",
                **{source: one.value for source, one in read.items()},
                "last": before.value if before else "",
                "site": (cell.adopted or cell.found) if cell else "",
            }
            if not any(values.values()):
                continue
            shown = {code: show(value, item) for code, value in values.items()}
            found.append(
                Side(
                    key,
                    names.get(key, ""),
                    item,
                    values,
                    shown,
                    read.get(Source.PLATFORM),
                    cell,
                    corrections.get((key, item.code)),
                )
            )
    return found


def show(value: str, item: Field) -> str:
    """A stored value as people read it; what was kept under another form as it stands."""
    try:
        return reading.shown(reading.restored(value, item), item)
    except (ValueError, ArithmeticError):
        return value


# What is to be corrected


def corrections_visible_to(actor: Actor) -> QuerySet[Correction]:
    """Of the county for those who see it, of their own units for others."""
    rows = Correction.objects.filter(campaign__in=campaigns_visible_to(actor))
    return rows if actor.sees_county else rows.filter(unit__in=actor.units)


@dataclass(frozen=True, slots=True)
class Ask:
    """One correction with its words."""

    row: Correction
    field: Field | None

    @property
    def label(self) -> str:
        return self.field.label if self.field else self.row.code

    @property
    def found(self) -> str:
        return show(self.row.found, self.field) if self.field else self.row.found

    @property
    def right(self) -> str:
        return show(self.row.right, self.field) if self.field else self.row.right

    @property
    def unit(self) -> str:
        return self.field.unit if self.field else ""


@dataclass(frozen=True, slots=True)
class UnitAsks:
    """What one unit is to correct on the platform."""

    unit: UUID
    name: str
    asks: Sequence[Ask]

    @property
    def waiting(self) -> list[Ask]:
        return [one for one in self.asks if one.row.state == Correction.State.OPEN]

    @property
    def done(self) -> list[Ask]:
        return [one for one in self.asks if one.row.state == Correction.State.DONE]

    def text(self, campaign: Campaign) -> str:
        """What is copied into WeChat."""
        lines = [f"【请在自治区督导平台改正】{self.name}（{campaign.period_label}）"]
        for number, one in enumerate(self.waiting, 1):
            lines.append(
                f"{number}. {one.label}：平台上是 {one.found or '空'}，应为 {one.right}{one.unit}（{one.row.why}）"
            )
        lines.append("改好后请回复督导室，我们重新导入核对。")
        return "\n".join(lines)


def asks(actor: Actor, campaign: Campaign, *, unit: UUID | None = None) -> list[UnitAsks]:
    """What each unit is to correct, in the order of names and items; three statements."""
    form = checking.form_of(campaign)
    rows = corrections_visible_to(actor).filter(campaign=campaign).exclude(state=Correction.State.DROPPED)
    if unit:
        rows = rows.filter(unit=unit)
    order = {one.code: at for at, one in enumerate(form.fields)}
    by_unit: dict[UUID, list[Ask]] = defaultdict(list)
    for row in rows.select_related("seen_in"):
        by_unit[row.unit_id].append(Ask(row, form.get(row.code)))
    names = places.full_names(actor, set(by_unit), as_of=campaign.census_on)
    found = [
        UnitAsks(key, names.get(key, ""), sorted(said, key=lambda one: order.get(one.row.code, 0)))
        for key, said in by_unit.items()
    ]
    return sorted(found, key=lambda one: (not one.waiting, one.name))
