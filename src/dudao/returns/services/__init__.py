"""Everything that changes data returns."""

from dudao.returns.services.cells import Changed, Clash, set_cells

__all__ = ["Changed", "Clash", "set_cells"]
