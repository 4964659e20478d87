"""What a return says and what is wrong with it: missing cells, cells that cannot be read, relations that do not hold."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from dudao.returns import values
from dudao.returns.models import Campaign, Cell, Explanation, Reading, Return, Source, Upload
from dudao_engines.standards import relations
from dudao_engines.standards.forms import Field, Form, Relation
from dudao_engines.standards.model import Cell as Value
from dudao_engines.standards.model import Record


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a return's own numbers: last year's cells, the platform's and the statistics' newest readings."""

    last: Mapping[str, Cell]
    platform: Mapping[str, Reading]
    statistics: Mapping[str, Reading]
    last_label: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A relation that does not hold.

    Attributes:
        says: what is wrong, with the numbers.
        explanation: the unit's words, where there are any; ``is_stale``: its numbers have changed since.
    """

    relation: Relation
    says: str
    explanation: Explanation | None = None
    is_stale: bool = False

    @property
    def is_error(self) -> bool:
        return self.relation.severity == "error"

    @property
    def wants_words(self) -> bool:
        return not self.is_error and (self.explanation is None or self.is_stale)


@dataclass(slots=True)
class Look:
    """One return as it stands.

    Attributes:
        cells: rows by code; ``values`` the same as the engine takes them.
        asked: codes that are asked of this unit; ``missing`` those that must be filled and are not.
        broken: relations that do not hold, errors first.
    """

    form: Form
    cells: Mapping[str, Cell]
    beside: Beside
    asked: frozenset[str]
    missing: list[str] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    @property
    def unread(self) -> list[str]:
        """Codes of asked cells that hold something that is no value."""
        return [one.code for one in self.form.fields if one.code in self.asked and self.problem(one.code)]

    @property
    def errors(self) -> list[Broken]:
        return [one for one in self.broken if one.is_error]

    @property
    def warnings(self) -> list[Broken]:
        return [one for one in self.broken if not one.is_error]

    @property
    def unexplained(self) -> list[Broken]:
        return [one for one in self.broken if one.wants_words]

    @property
    def mistakes(self) -> int:
        """Cells that cannot be read and relations that must hold and do not."""
        return len(self.unread) + len(self.errors)

    def problem(self, code: str) -> str:
        return self.cells[code].problem if code in self.cells else ""

    def raw(self, code: str) -> str:
        return self.cells[code].raw if code in self.cells else ""

    def wanted(self, fields: Iterable[Field]) -> list[Field]:
        """Of some fields those that this unit must fill."""
        return [one for one in fields if one.code in self.asked and one.required]


def form_of(campaign: Campaign) -> Form:
    return values.form_of(campaign)


def last_campaign(campaign: Campaign) -> Campaign | None:
    """The campaign before with the same form."""
    rows = Campaign.objects.filter(county=campaign.county, form=campaign.form, census_on__lt=campaign.census_on)
    return rows.filter(state__in=(Campaign.State.OPEN, Campaign.State.LOCKED)).order_by("-census_on").first()


def last_cells(campaign: Campaign, unit: UUID | None = None) -> tuple[str, dict[UUID, dict[str, Cell]]]:
    """What the units reported the time before, by unit and code; and what that time is called. Two statements."""
    before = last_campaign(campaign)
    found: dict[UUID, dict[str, Cell]] = {}
    if before is None:
        return "", found
    rows = Cell.objects.filter(ret__campaign=before).select_related("ret")
    for cell in rows.filter(ret__unit=unit) if unit else rows:
        found.setdefault(cell.ret.unit_id, {})[cell.code] = cell
    return before.period_label, found


def beside(ret: Return) -> Beside:
    """What stands beside one return's numbers; three statements."""
    label, last = last_cells(ret.campaign, ret.unit_id)
    newest: dict[str, dict[str, Reading]] = {Source.PLATFORM: {}, Source.STATISTICS: {}}
    rows = Reading.objects.filter(campaign=ret.campaign_id, unit=ret.unit_id, source__in=list(newest))
    standing = Q(upload__isnull=True) | ~Q(upload__state=Upload.State.UNDONE)
    for row in rows.filter(standing).select_related("upload").order_by("recorded_at", "pk"):
        newest[row.source][row.code] = row
    return Beside(last.get(ret.unit_id, {}), newest[Source.PLATFORM], newest[Source.STATISTICS], label)


def look(ret: Return) -> Look:
    """One return as it stands; five statements."""
    form = form_of(ret.campaign)
    rows = {cell.code: cell for cell in ret.cells.all()}
    cells = _values(rows, form)
    nearby = beside(ret)
    asked = relations.asked(form, cells)
    missing = [
        one.code
        for one in form.fields
        if one.code in asked and one.required and not (rows[one.code].raw if one.code in rows else "")
    ]
    found = Look(form, rows, nearby, asked, missing)
    said = {one.relation: one for one in ret.explanations.all()}
    others = {"platform": _values(nearby.platform, form), "statistics": _values(nearby.statistics, form)}
    last = _values(nearby.last, form)
    for one in relations.check(form, cells, last=last, others=others, lower=_lower(ret.campaign)):
        explanation, relation = said.get(one.relation), form.relation(one.relation)
        is_stale = explanation is not None and explanation.about != _about(relation, rows)
        found.broken.append(Broken(relation, str(one), explanation, is_stale))
    found.broken.sort(key=lambda one: not one.is_error)
    return found


def _lower(campaign: Campaign) -> list[relations.Lower]:
    """The schools and kindergartens of the same period, of which a county's form takes sums."""
    if campaign.level != Campaign.Level.COUNTY:
        return []
    running = (Campaign.State.OPEN, Campaign.State.LOCKED)
    rows = Campaign.objects.filter(county=campaign.county, period=campaign.period, state__in=running)
    found = []
    for one in rows.exclude(level=Campaign.Level.COUNTY):
        form, records = form_of(one), defaultdict[UUID, dict[str, Value]](dict)
        for cell in Cell.objects.filter(ret__campaign=one).select_related("ret"):
            records[cell.ret.unit_id][cell.code] = values.value_of(cell, form)
        found.append(relations.Lower(form, [Record(str(unit), "", cells=cells) for unit, cells in records.items()]))
    return found


def _values(rows: Mapping[str, Cell] | Mapping[str, Reading], form: Form) -> dict[str, Value]:
    return {code: values.value_of(row, form) for code, row in rows.items() if form.get(code)}


def about(ret: Return, relation: Relation) -> dict[str, str]:
    """The values that an explanation is given for."""
    return _about(relation, {cell.code: cell for cell in ret.cells.filter(code__in=relation.fields)})


def _about(relation: Relation, rows: Mapping[str, Cell]) -> dict[str, str]:
    return {code: rows[code].raw if code in rows else "" for code in relation.fields}


def recount(ret: Return) -> Look:
    """Keep the counts of a return up with its cells."""
    found = look(ret)
    wanted = found.wanted(found.form.fields)
    codes = {one.code for one in wanted}
    # What need not be filled is no burden: it counts neither as asked nor as typed or filled before.
    written = [cell for code, cell in found.cells.items() if cell.raw and code in codes]
    ret.asked, ret.filled = len(wanted), len(wanted) - len(found.missing)
    ret.errors, ret.warnings = found.mistakes, len(found.unexplained)
    ret.typed = sum(cell.source == Source.TYPED for cell in written)
    ret.prefilled = len(written) - ret.typed
    ret.save(update_fields=["asked", "filled", "errors", "warnings", "typed", "prefilled"])
    return found
