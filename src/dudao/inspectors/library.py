"""What rules say of inspectors (``library/inspectors.yaml``), read once."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from dudao_engines.kernel import datafiles


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """One number of a rule: what it is about, its clause, how sure we are.

    Attributes:
        elsewhere: why a county does not set it here, in words; empty where it may.
    """

    id: str
    name: str
    value: int
    unit: str
    clause: str
    evidence: str
    elsewhere: str = ""

    @property
    def is_settable(self) -> bool:
        """Whether a county may set its own value here: not of the law."""
        return self.evidence != "LAW" and not self.elsewhere


class Condition(_Strict):
    """One condition that an inspector meets, and a word for it."""

    id: str
    short: str
    name: str


class _File(_Strict):
    rules: tuple[Rule, ...]
    conditions: tuple[Condition, ...]


@cache
def _file() -> _File:
    return datafiles.read(settings.LIBRARY / "inspectors.yaml", _File)


def rules() -> Mapping[str, Rule]:
    """Rules by id."""
    return {one.id: one for one in _file().rules}


def conditions() -> tuple[Condition, ...]:
    """The conditions in the order of the article."""
    return _file().conditions
