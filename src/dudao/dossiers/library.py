"""The standards of ``library/standards``, read once."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings

from dudao_engines.standards import schema
from dudao_engines.standards.schema import Standard


@cache
def standards() -> Mapping[str, Standard]:
    """All standards by id."""
    return schema.load(settings.LIBRARY / "standards")
