"""What the rules say of publication (``library/disclosure.yaml``)."""

from functools import cache
from typing import Literal

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict

_UNCHECKED = ("LOCAL", "DESIGN", "RECALL")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Ruled(_Strict):
    evidence: Literal["LAW", "NAT1", "NAT2", "LOCAL", "SEED", "DESIGN", "RECALL"]

    @property
    def is_unchecked(self) -> bool:
        """Whether the screen has to say 未核实."""
        return self.evidence in _UNCHECKED


class Limit(_Ruled):
    """How long there is to publish."""

    amount: int
    unit: Literal["日", "工作日", "月", "年"]
    clause: str
    words: str


class OfPaper(_Ruled):
    """A kind of paper and the rule that wants it published."""

    kind: str
    clause: str


class Ground(_Ruled):
    """Why something is withheld."""

    code: str
    article: str
    words: str


class Choices(_Ruled):
    """What a fact may say."""

    choices: tuple[str, ...]


class Index(_Ruled):
    """How 索引号 is made: ``{机构}``, ``{年}`` and ``{流水}`` with so many digits."""

    template: str
    digits: int
    clause: str


class Rules(_Strict):
    """The file."""

    limit: Limit
    papers: tuple[OfPaper, ...]
    others: tuple[OfPaper, ...]
    grounds: tuple[Ground, ...]
    facts: dict[Literal["category", "term", "mode", "validity"], Choices]
    index: Index


@cache
def rules() -> Rules:
    """The file, read once."""
    return Rules.model_validate(yaml.safe_load((settings.LIBRARY / "disclosure.yaml").read_text("utf-8")))


def ground_words(code: str) -> str:
    """A ground with its article; an unknown one stands as its code."""
    found = next((one for one in rules().grounds if one.code == code), None)
    return f"{found.article}：{found.words}" if found else code
