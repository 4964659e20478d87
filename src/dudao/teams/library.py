"""Weights and limits of plans (``library/teams.yaml``), read once."""

from functools import cache

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from dudao_engines.kernel import datafiles
from dudao_engines.teams import DutyWeights, TeamWeights


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """What a new plan proposes, and who may lead."""

    schools_each: int = Field(gt=0)
    inspections_each: int = Field(gt=0)
    lead_from_term: int = Field(gt=0)
    again_years: int = Field(ge=0)
    far: int = Field(ge=0)


class _Duties(_Strict):
    fit: int = Field(ge=0)
    kept: int = Field(ge=0)
    rotate: int = Field(ge=0)
    rotate_after: int = Field(gt=0)
    travel: int = Field(ge=0)
    even: int = Field(ge=0)
    over: int = Field(ge=0)
    spread: int = Field(ge=0)


class _Teams(_Strict):
    skill: int = Field(ge=0)
    level: int = Field(ge=0)
    mix: int = Field(ge=0)
    again: int = Field(ge=0)
    travel: int = Field(ge=0)
    even: int = Field(ge=0)


class _File(_Strict):
    evidence: str
    limits: Limits
    duties: _Duties
    teams: _Teams


@cache
def _file() -> _File:
    return datafiles.read(settings.LIBRARY / "teams.yaml", _File)


def limits() -> Limits:
    return _file().limits


def duty_weights(*, about: int) -> DutyWeights:
    """Weights of duties. ``about``: the number of schools that loads stay about."""
    return DutyWeights(**_file().duties.model_dump(), about=about)


def team_weights() -> TeamWeights:
    return TeamWeights(**_file().teams.model_dump())
