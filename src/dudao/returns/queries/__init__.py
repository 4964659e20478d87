"""Reading data returns. Each query takes the reader first."""

from dudao.returns.queries.returns import campaigns_visible_to, returns_visible_to

__all__ = ["campaigns_visible_to", "returns_visible_to"]
