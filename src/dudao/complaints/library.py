"""How complaints are taken (``library/complaints.yaml``), read once."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from dudao_engines.kernel import datafiles


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Strict):
    """A number of days that a county takes over or sets anew; what it goes by, and how sure we are."""

    id: str
    name: str
    value: int
    unit: str
    clause: str
    evidence: str


class Ground(_Strict):
    """Why a complaint is not taken up, and what the complainant is told to do instead."""

    id: str
    name: str
    tell: str


class Floods(_Strict):
    """How many in an hour are taken from one network address, at one board, and wrong receipt codes from one address."""

    address: int
    board: int
    codes: int


class _File(_Strict):
    limits: tuple[Limit, ...]
    grounds: tuple[Ground, ...]
    floods: Floods


@cache
def _file() -> _File:
    return datafiles.read(settings.LIBRARY / "complaints.yaml", _File)


def limits() -> Mapping[str, Limit]:
    """Limits by id."""
    return {one.id: one for one in _file().limits}


def grounds() -> Mapping[str, Ground]:
    """Grounds by id, in their order."""
    return {one.id: one for one in _file().grounds}


def floods() -> Floods:
    return _file().floods
