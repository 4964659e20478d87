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


class _Posts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    posts: dict[str, Post]


@cache
def posts() -> dict[str, Post]:
    """All posts by code."""
    text = (settings.LIBRARY / "posts.yaml").read_text("utf-8")
    return _Posts.model_validate(yaml.safe_load(text)).posts
