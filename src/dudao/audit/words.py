"""What the history calls acts and facts (``library/audit-words.yaml``)."""

from functools import cache

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict


class Words(BaseModel):
    """Names of acts and of the facts beside them, by the codes that events hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    actions: dict[str, str]
    facts: dict[str, str]


@cache
def words() -> Words:
    """The file, read once."""
    return Words.model_validate(yaml.safe_load((settings.LIBRARY / "audit-words.yaml").read_text("utf-8")))


def action(code: str) -> str:
    """The name of an act; an unknown one stands as its code."""
    return words().actions.get(code, code)


def fact(name: str) -> str:
    """The name of a fact; an unknown one stands as it is."""
    return words().facts.get(name, name)
