"""Reads a file of regions: strict, so that a misspelt key does not load silently."""

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from dudao.places.services import RegionFacts


class _Region(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    name: str
    checked_on: date | None


class RegionFile(BaseModel):
    """Regions of a county from a day on."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    valid_from: date
    regions: tuple[_Region, ...]

    def facts(self) -> list[RegionFacts]:
        return [RegionFacts(r.code, r.name, r.checked_on) for r in self.regions]


def read_regions(path: Path) -> RegionFile:
    """Raises: ``pydantic.ValidationError`` naming the entry."""
    return RegionFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
