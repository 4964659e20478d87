"""What ``library`` says of reports and of the way to recognition, read once."""

from functools import cache

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from dudao.returns import library as shared
from dudao_engines.kernel import datafiles
from dudao_engines.standards import reports
from dudao_engines.standards.reports import Report
from dudao_engines.standards.schema import SURE, Evidence, Standard


class Step(BaseModel):
    """One step on the way to recognition: whose it is, what it asks for, how it may end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    who: str
    asks: tuple[str, ...]
    outcomes: tuple[str, ...]
    evidence: Evidence
    note: str = ""

    @property
    def unchecked(self) -> bool:
        return self.evidence not in SURE


class Way(BaseModel):
    """The steps of one recognition, in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    clause: str
    steps: tuple[Step, ...]

    def step(self, id: str) -> Step | None:
        return next((one for one in self.steps if one.id == id), None)


@cache
def ways() -> dict[str, Way]:
    """By id of the standard."""
    folder = settings.LIBRARY / "recognition"
    return {path.stem: datafiles.read(path, Way) for path in sorted(folder.glob("*.yaml"))}


@cache
def kinds() -> dict[str, Report]:
    """Kinds of reports by id."""
    return reports.load(settings.LIBRARY / "reports")


def standards() -> dict[str, Standard]:
    """The standards that a report can be written over, by id."""
    return {one.standard: shared.standards()[one.standard] for one in kinds().values()}


@cache
def listed(standard: str) -> frozenset[str]:
    """Tables of the data that a report over a standard lists although no indicator is judged on them, by level."""
    tables = (table for one in kinds().values() if one.standard == standard for table in one.tables)
    return frozenset(row.records for table in tables for row in table.rows if row.records)


def standard_text(id: str) -> str:
    """The file of a standard as it stands."""
    return str((settings.LIBRARY / "standards" / f"{id}.yaml").read_text("utf-8"))
