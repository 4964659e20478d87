"""Reading data returns. Each query takes the reader first."""

from dudao.returns.queries.campaigns import (
    Check,
    Tally,
    campaigns,
    candidates,
    changed_since,
    checklist,
    fitting,
    my_returns,
    next_to_review,
    on_desk,
    returns_of,
    tally,
)
from dudao.returns.queries.datasets import (
    called_units,
    checked_cells,
    dataset,
    form_of,
    is_locked,
    periods,
    standing,
    unlocked,
)
from dudao.returns.queries.forms import InForce, all_in_force, county_forms, in_force
from dudao.returns.queries.history import CellHistory, cell_history, history_of, readings_visible_to
from dudao.returns.queries.returns import campaigns_visible_to, returns_visible_to

__all__ = [
    "CellHistory",
    "Check",
    "InForce",
    "Tally",
    "all_in_force",
    "called_units",
    "campaigns",
    "campaigns_visible_to",
    "candidates",
    "cell_history",
    "changed_since",
    "checked_cells",
    "checklist",
    "county_forms",
    "dataset",
    "fitting",
    "form_of",
    "history_of",
    "in_force",
    "is_locked",
    "my_returns",
    "next_to_review",
    "on_desk",
    "periods",
    "readings_visible_to",
    "returns_of",
    "returns_visible_to",
    "standing",
    "tally",
    "unlocked",
]
