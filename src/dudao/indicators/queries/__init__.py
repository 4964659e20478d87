"""Reading standards and what a county says of them."""

from dudao.indicators.queries.results import data_of
from dudao.indicators.queries.settings import (
    Standing,
    check_visible_to,
    checks_visible_to,
    choice_visible_to,
    choices_visible_to,
    gone,
    settings_from,
    settings_of,
    standings,
)
from dudao.indicators.queries.wording import bound_where_it_binds

__all__ = [
    "Standing",
    "bound_where_it_binds",
    "check_visible_to",
    "checks_visible_to",
    "choice_visible_to",
    "choices_visible_to",
    "data_of",
    "gone",
    "settings_from",
    "settings_of",
    "standings",
]
