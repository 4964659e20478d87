"""Reading data returns. Each query takes the reader first."""

from dudao.returns.queries.datasets import dataset, is_locked, periods, unlocked
from dudao.returns.queries.history import CellHistory, cell_history, history_of, readings_visible_to
from dudao.returns.queries.returns import campaigns_visible_to, returns_visible_to

__all__ = [
    "CellHistory",
    "campaigns_visible_to",
    "cell_history",
    "dataset",
    "history_of",
    "is_locked",
    "periods",
    "readings_visible_to",
    "returns_visible_to",
    "unlocked",
]
