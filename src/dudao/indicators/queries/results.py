"""A standard computed over what the county has, by the exact engine: what every page of results reads."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from threading import Lock
from typing import Literal

from dudao.dossiers import queries as dossiers
from dudao.indicators.queries.settings import settings_of
from dudao.places import queries as places
from dudao.returns import library
from dudao.returns import queries as returns
from dudao.shell.acts import Actor, system
from dudao_engines.kernel import digests
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import Usable, bound_of, judged
from dudao_engines.standards.exact import Evaluator
from dudao_engines.standards.forms import Field
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Results, Settings
from dudao_engines.standards.schema import Standard

Which = Literal["reported", "adopted"]
WHICH: Mapping[str, str] = {"adopted": "采用值", "reported": "填报值"}
#: Computations kept in this process; each is of a few thousand cells.
_KEPT = 12


@dataclass(frozen=True, slots=True)
class Computed:
    """A standard over one period's data.

    Attributes:
        digest: of the data, the standard and the settings: the same digest, the same numbers.
    """

    standard: Standard
    bound: Bound
    period: str
    which: Which
    dataset: Dataset
    settings: Settings
    evaluator: Evaluator
    usable: Usable
    results: Results
    digest: str

    @property
    def county_code(self) -> str:
        return self.results.conclusions[0].unit if self.results.conclusions else ""


@cache
def bound_standard(id: str) -> Bound:
    """A standard of the library, bound to the library's forms. Raises: KeyError."""
    return bound_of(library.standards()[id], library.forms())


@cache
def fields() -> Mapping[tuple[str, str], Field]:
    """The fields of all forms by table and code."""
    forms = library.forms()
    return {(form.level, field.code): field for form in forms.values() for field in form.fields}


@cache
def units_of_fields() -> Mapping[tuple[str, str], str]:
    """What the fields of all forms are counted in, by table and code."""
    return {place: field.unit for place, field in fields().items()}


@cache
def decimals() -> Mapping[str, int]:
    """Decimals that fields are filled in with, by code."""
    return {code: field.decimals for (_, code), field in fields().items()}


def data_of(actor: Actor, standard: str, period: str, which: Which, *, on: date) -> Dataset:
    """What units reported and people judged, as one dataset of the county, which bears its own name."""
    data = returns.dataset(actor, period, which)
    name = places.county_name(actor, as_of=on)
    said = dossiers.judged(actor, standard, period)
    tables = {name: list(records) for name, records in data.tables.items()}
    if not actor.sees_county:
        # A unit's verdict rests on the county's own numbers too (a standard per pupil), whoever looks: they are computed with, and
        # no result of the county is shown.
        tables["county"] = list(
            returns.dataset(system(actor.county), period, which, level="county").tables.get("county", ())
        )
    own = next(iter(tables.get("county", ())), Record(actor.county, name, actor.county))
    tables["county"] = [replace(own, name=name)]
    by_unit: dict[str, dict[str, Cell]] = {}
    for (unit, code), cell in said.items():
        by_unit.setdefault(unit, {})[code] = cell
    for name, records in tables.items():
        for at, one in enumerate(records):
            more = by_unit.get("" if name == "county" else one.unit)
            if more:
                records[at] = replace(one, cells={**one.cells, **more})
    return Dataset(tables)


def computed(actor: Actor, standard: str, period: str, which: Which, *, on: date) -> Computed:
    """Every number of a standard for a period.

    Args:
        actor: who reads; of what they see only.
        standard: id of a standard of the library.
        period: as returns name it.
        which: ``reported``, or ``adopted``: as adopted on site, elsewhere as reported.
        on: the day whose checks and parameters hold.

    Raises:
        KeyError: no such standard.
    """
    return compute_over(
        standard, period, which, data_of(actor, standard, period, which, on=on), settings_of(actor, standard, on)
    )


def compute_over(standard: str, period: str, which: Which, data: Dataset, settings: Settings) -> Computed:
    """As ``computed``, of data and settings at hand: for scratch copies too."""
    bound = bound_standard(standard)
    digest = digest_of(bound.standard, data, settings)
    if found := _kept.get(digest):
        return replace(found, period=period, which=which)
    evaluator, usable = Evaluator(bound, data, settings), Usable(bound, settings)
    made = Computed(
        bound.standard, bound, period, which, data, settings, evaluator, usable, judged(evaluator, usable), digest
    )
    _kept.put(digest, made)
    return made


def digest_of(standard: Standard, data: Dataset, settings: Settings) -> str:
    """SHA-256 over what the numbers rest on."""
    tables = {
        name: [
            [one.unit, one.name, one.county, {code: _plain(cell) for code, cell in one.cells.items()}]
            for one in records
        ]
        for name, records in data.tables.items()
    }
    said = {
        "parameters": dict(settings.parameters),
        "limits": dict(settings.limits),
        "checked": sorted(settings.checked),
        "variants": dict(settings.variants),
        "concessions": sorted(settings.concessions),
        "opened": sorted(settings.opened),
        "judge_on": settings.judge_on,
    }
    return digests.sha256_hex(digests.canonical_json([standard.fingerprint, tables, said]))


def _plain(cell: Cell) -> list[str | bool | None]:
    value = cell.value if cell.value is None or isinstance(cell.value, bool | str) else str(cell.value)
    return [value, cell.problem, cell.where]


class _Kept:
    """The last computations, so that opening a number does not compute the county again."""

    def __init__(self) -> None:
        self._lock, self._held = Lock(), OrderedDict[str, Computed]()

    def get(self, digest: str) -> Computed | None:
        with self._lock:
            if digest in self._held:
                self._held.move_to_end(digest)
            return self._held.get(digest)

    def put(self, digest: str, made: Computed) -> None:
        with self._lock:
            self._held[digest] = made
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)


_kept = _Kept()
