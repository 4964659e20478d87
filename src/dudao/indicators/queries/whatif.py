"""Scratch copies and searches, and what their pages show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol
from uuid import UUID

from django.db.models import QuerySet

from dudao.indicators import board
from dudao.indicators.models import Scratch, Sweep
from dudao.indicators.queries import results as numbers
from dudao.indicators.queries.results import Computed
from dudao.returns import queries as returns
from dudao.shell.acts import Actor
from dudao_engines.standards.model import Dataset
from dudao_engines.standards.whatif import codes_of


class Changed(Protocol):
    """A changed cell of a scratch copy, as far as names go."""

    @property
    def unit(self) -> str: ...
    @property
    def name(self) -> str: ...


def scratches_visible_to(actor: Actor) -> QuerySet[Scratch]:
    """Those of the county that were not dropped; for hats that see the county."""
    rows = Scratch.objects.filter(county=actor.county, dropped_at=None)
    return rows if actor.sees_county else rows.none()


def dropped_scratch(actor: Actor, key: UUID) -> Scratch | None:
    if not actor.sees_county:
        return None
    return Scratch.objects.filter(county=actor.county, pk=key, dropped_at__isnull=False).first()


def last_sweep(actor: Actor, standard: str, period: str) -> Sweep | None:
    return Sweep.objects.filter(county=actor.county, standard=standard, period=period).first()


def adopted_digest(actor: Actor, made: Computed, *, on: date) -> str:
    """The digest of the adopted values, which searches are made over."""
    if made.which == "adopted":
        return made.digest
    data = numbers.data_of(actor, made.standard.id, made.period, "adopted", on=on)
    return numbers.digest_of(made.standard, data, made.settings)


def checked_cells(actor: Actor, period: str) -> frozenset[tuple[str, str]]:
    """Unit and code of the cells that were found on site."""
    return returns.checked_cells(actor, period)


@dataclass(frozen=True, slots=True)
class TurnLine:
    """One line of the list: a cell, and the verdict it could turn."""

    unit: str
    name: str
    code: str
    field: str
    value: str
    turns_at: str
    change: str
    part: str
    part_name: str
    of_unit: str
    of_name: str
    stage: str
    now: str
    then: str


def turn_lines(made: Computed, sweep: Sweep, checked: frozenset[tuple[str, str]]) -> list[TurnLine]:
    """The lines of a search without the cells that were checked since, the nearest first."""
    labels = made.bound.labels
    names = {one.unit: one.name for one in made.results}
    return [
        TurnLine(
            *(line["unit"], line["name"], line["code"], labels.get(line["code"], line["code"])),
            *(line["from"], line["to"], f"{line['change'] * 100:.1f}%", line["part"]),
            *(board.part_name(made.bound.parts[line["part"]]), line["of_unit"], names.get(line["of_unit"], "")),
            *(line["stage"], line["now"], line["then"]),
        )
        for line in sweep.lines
        if line["part"] in made.bound.parts and (line["unit"], line["code"]) not in checked
    ]


def units_of(made: Computed) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Code and name of the units of each table that the standard judges."""
    used = {made.bound.table_of(one.id) for one in made.standard.levels}
    return {
        table: [(one.unit, one.name) for one in records]
        for table, records in made.dataset.tables.items()
        if table in used
    }


def fields_of(made: Computed) -> list[tuple[str, str, str]]:
    """Table, code and label of the number fields that the standard uses."""
    fields = numbers.fields()
    used: dict[tuple[str, str], str] = {}
    for part in made.bound.parts.values():
        for table, codes in codes_of(made.bound, part).items():
            for code in codes:
                if (table, code) in fields:
                    used[table, code] = fields[table, code].head
    order = {place: at for at, place in enumerate(fields)}
    return [(*place, used[place]) for place in sorted(used, key=lambda one: order[one])]


def change_label(made: Computed, table: str, code: str, value: str) -> str:
    """What a change of a scratch copy is called: its field, or as which unit a new one begins."""
    field = numbers.fields().get((table, code))
    if field:
        return field.head
    return f"新建，先照{dict(units_of(made).get(table, ())).get(value, value)}的数"


def named(data: Dataset, changes: Sequence[Changed]) -> Dataset:
    """The data with the names of units that only the scratch copy has."""
    new = {one.unit: one.name for one in changes}
    return Dataset(
        {
            table: [
                replace(one, name=new[one.unit]) if one.name == one.unit and one.unit in new else one for one in records
            ]
            for table, records in data.tables.items()
        }
    )
