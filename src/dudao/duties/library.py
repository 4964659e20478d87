"""What boards say (``library/duties.yaml``), read once."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from dudao_engines.kernel import datafiles


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """What the boards of one kind of unit say, with the clause and how sure we are."""

    title: str
    heading: str
    clause: str
    evidence: str
    items: tuple[str, ...]


class _File(_Strict):
    boards: Mapping[str, Words]


@cache
def _file() -> _File:
    return datafiles.read(settings.LIBRARY / "duties.yaml", _File)


def words(kind: str) -> Words:
    """What a board says at a school or a kindergarten."""
    return _file().boards[kind]
