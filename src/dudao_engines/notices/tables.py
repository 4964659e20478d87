"""Flattened tables (to be filled)."""

from collections.abc import Sequence
from dataclasses import dataclass

from dudao_engines.notices.lines import Line


@dataclass(frozen=True, slots=True)
class Table:
    first: int
    last: int

    def moved(self, by: int) -> "Table":
        return Table(self.first + by, self.last + by)


def tables_in(text: str, lines: Sequence[Line]) -> dict[int, Table]:
    return {}
