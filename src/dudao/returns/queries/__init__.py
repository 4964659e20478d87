"""Reading data returns. Each query takes the reader first."""

from dudao.returns.queries.datasets import checked_cells, dataset, is_locked, periods, unlocked
from dudao.returns.queries.forms import InForce, all_in_force, county_forms, in_force
from dudao.returns.queries.history import CellHistory, cell_history, history_of, readings_visible_to
from dudao.returns.queries.returns import campaigns_visible_to, returns_visible_to

__all__ = [
    "CellHistory",
    "InForce",
    "all_in_force",
    "campaigns_visible_to",
    "cell_history",
    "checked_cells",
    "county_forms",
    "dataset",
    "history_of",
    "in_force",
    "is_locked",
    "periods",
    "readings_visible_to",
    "returns_visible_to",
    "unlocked",
]
