"""The posts of ``library/posts.yaml``: strict, read once."""

from functools import cache
from typing import Literal

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict


class Post(BaseModel):
    """What a post is called, how far it sees, what it may do, and the purposes of grants that only it uses."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    scope: Literal["county", "unit"]
    admin: bool = False
    may: frozenset[str]
    grants: frozenset[str] = frozenset()
    single: bool = False


class Purpose(BaseModel):
    """What a grant is for, and what it lets one do, in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    allows: str


class _Library(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    posts: dict[str, Post]
    purposes: dict[str, Purpose]


@cache
def _library() -> _Library:
    text = (settings.LIBRARY / "posts.yaml").read_text("utf-8")
    return _Library.model_validate(yaml.safe_load(text))


def posts() -> dict[str, Post]:
    """All posts by code."""
    return _library().posts


def purposes() -> dict[str, Purpose]:
    """What grants are given for, by code."""
    return _library().purposes


def purpose_name(code: str) -> str:
    """A purpose in words; one that the library does not know (any more) as it was entered."""
    return purposes()[code].name if code in purposes() else code
