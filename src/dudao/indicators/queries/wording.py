"""A standard's formulas in the words of the forms, and what may carry an official conclusion."""

from functools import cache

from dudao.indicators.queries.results import bound_standard
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards.bound import Bound


@cache
def bound_where_it_binds(id: str) -> Bound | None:
    """The bound standard of the library, or None for one whose formulas name what no form has; it can still be read."""
    try:
        return bound_standard(id)
    except (KeyError, EngineInputError):
        return None
