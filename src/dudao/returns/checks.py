"""What checkers choose from: causes of a difference and kinds of proof (``library/checks.yaml``); strict, read once."""

from fnmatch import fnmatchcase
from functools import cache
from typing import Literal, Self

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(_Strict):
    """A cause or a kind of proof; ``evidence`` says how sure the library is of it, ``needs_words`` that it says too little alone.

    ``grave``: the number was changed on purpose. Whoever names it says more, and a finding of it is 较重.
    """

    id: str
    name: str
    evidence: Literal["NAT2", "NAT1", "LOCAL", "RECALL", "DESIGN"]
    needs_words: bool = False
    grave: bool = False

    @property
    def is_sure(self) -> bool:
        return self.evidence in ("NAT2", "NAT1")


class First(_Strict):
    """The proof that is offered first for fields whose code fits a pattern."""

    fields: str
    proof: str


class _Library(_Strict):
    version: str
    causes: tuple[Choice, ...]
    proofs: tuple[Choice, ...]
    first: tuple[First, ...]
    key_fields: tuple[str, ...]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        known = {one.id for one in self.proofs}
        for ids in ([one.id for one in self.causes], [one.id for one in self.proofs]):
            if len(set(ids)) < len(ids):
                raise ValueError("每个编号只能出现一次")
        if unknown := {one.proof for one in self.first} - known:
            raise ValueError(f"没有这种佐证：{'、'.join(sorted(unknown))}")
        return self


@cache
def _library() -> _Library:
    return _Library.model_validate(yaml.safe_load((settings.LIBRARY / "checks.yaml").read_text("utf-8")))


def causes() -> dict[str, Choice]:
    """Why a reported number can differ, by code."""
    return {one.id: one for one in _library().causes}


def proofs() -> dict[str, Choice]:
    """What a found number can rest on, by code."""
    return {one.id: one for one in _library().proofs}


def first_proof(code: str) -> str:
    """The proof that is offered first for a field."""
    return next((one.proof for one in _library().first if fnmatchcase(code, one.fields)), "")


def key_fields() -> tuple[str, ...]:
    """Codes of the fields that are looked at first."""
    return _library().key_fields


def named(choices: dict[str, Choice], code: str) -> str:
    """A choice in words; one that the library does not know (any more) as it was kept."""
    return choices[code].name if code in choices else code
