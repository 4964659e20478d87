"""Reading standards and what a county says of them."""

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

__all__ = [
    "Standing",
    "check_visible_to",
    "checks_visible_to",
    "choice_visible_to",
    "choices_visible_to",
    "gone",
    "settings_from",
    "settings_of",
    "standings",
]
