"""Areas of training and how levels of competence are reached (``library/training.yaml``), read once."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from dudao_engines.kernel import datafiles


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(_Strict):
    id: str
    name: str
    evidence: str


class Step(_Strict):
    level: int
    name: str


class Reached(_Strict):
    """One way to a level."""

    level: int
    by: Literal["hours", "test", "hours_and_test", "certificate"]
    words: str
    hours: int = 0
    years: int = 0
    of: tuple[str, ...] = ()


class _File(_Strict):
    areas: tuple[Area, ...]
    wanted: tuple[str, ...]
    levels: tuple[Step, ...]
    reached: tuple[Reached, ...]
    evidence: str


@cache
def _file() -> _File:
    return datafiles.read(settings.LIBRARY / "training.yaml", _File)


def areas() -> Mapping[str, str]:
    """Names of areas by code, in their order."""
    return {one.id: one.name for one in _file().areas}


def wanted() -> tuple[str, ...]:
    """Areas in which everybody is to have something."""
    return _file().wanted


def levels() -> Mapping[int, str]:
    """Names of levels."""
    return {one.level: one.name for one in _file().levels}


def reached() -> tuple[Reached, ...]:
    """The ways to the levels."""
    return _file().reached
