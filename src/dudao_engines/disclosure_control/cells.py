"""Small counts in a table, and what else must be hidden so that nobody can work them out from the sums.

A table with a total row and a total column is a circulation: each row and each column is a node, each cell an arc, and what
flows in flows out. Published cells are fixed. A hidden cell can have another value if and only if a cycle of hidden cells runs
through it along which one can be added or taken away without any becoming negative, and that is a search in the residual
network. It is exact for whole numbers (the constraint matrix is totally unimodular). Which further cells are hidden is
the cheapest such cycle, found cell by cell; cost is what is lost, so sums go last. The least loss over a whole table would be
NP-hard (Kelly, Golden, Assad: Cell suppression, Networks 22, 1992); the greedy choice is safe all the same.
"""

import heapq
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[int, int]
#: Row and column of sums.
SUM = -1
_ROW, _COLUMN = 0, 1
Node = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts of one flat table.

    Attributes:
        values: count by (row, column); ``SUM`` for the row or the column of sums. A cell that is not there is no part of a sum.
        hidden: cells that are hidden already, whose value is not known; they are not in ``values``.

    A sum row or column that is not published is left out of both.
    """

    values: Mapping[Cell, int]
    hidden: frozenset[Cell] = frozenset()

    @property
    def cells(self) -> frozenset[Cell]:
        return frozenset(self.values) | self.hidden


class InconsistentError(ValueError):
    """The sums of the table do not come out, whatever the hidden cells are."""


def small(grid: Grid, *, limit: int = 5) -> frozenset[Cell]:
    """The counts of 1 up to below the limit. A nought counts nobody."""
    return frozenset(cell for cell, value in grid.values.items() if 0 < value < limit)


def complement(grid: Grid, primary: Collection[Cell]) -> frozenset[Cell]:
    """Further cells to hide, so that of the primary ones and of those none can be worked out from what is left.

    Args:
        primary: cells to be hidden; those that are hidden already are protected too.

    Raises:
        InconsistentError: hidden cells stand in the table and no values of theirs give its sums.
    """
    net = _Net(grid)
    wanted = set(primary) | grid.hidden
    secret = set(wanted)
    for cell in sorted(wanted):
        if not net.is_open(cell, secret):
            secret |= net.cheapest_cycle(cell, secret)
    return frozenset(secret - wanted)


def determined(grid: Grid, secret: Collection[Cell]) -> frozenset[Cell]:
    """Of the hidden cells those whose value follows from what is published.

    Raises:
        InconsistentError: as of ``complement``.
    """
    net = _Net(grid)
    hidden = set(secret) | grid.hidden
    return frozenset(cell for cell in hidden if not net.is_open(cell, hidden))


class _Net:
    """Rows and columns as nodes, cells as arcs; sums that are not published are arcs that are always hidden."""

    def __init__(self, grid: Grid) -> None:
        inner = [cell for cell in grid.cells if SUM not in cell]
        rows, columns = {r for r, _ in inner}, {c for _, c in inner}
        self._arcs = {*grid.cells, *((r, SUM) for r in rows), *((SUM, c) for c in columns), (SUM, SUM)}
        self._free = self._arcs - grid.cells
        self._values = dict(grid.values)
        self._whole = max(sum(grid.values.values()), 1)
        self._around: dict[Node, list[tuple[Cell, Node, bool]]] = {}
        for cell in sorted(self._arcs):
            tail, head = _ends(cell)
            self._around.setdefault(tail, []).append((cell, head, True))
            self._around.setdefault(head, []).append((cell, tail, False))
        self._complete(grid.hidden)

    def is_open(self, cell: Cell, secret: Collection[Cell]) -> bool:
        """Whether a hidden cell can be one more or one less."""
        tail, head = _ends(cell)
        if self._reaches(head, tail, cell, secret):
            return True
        return self._values[cell] > 0 and self._reaches(tail, head, cell, secret)

    def cheapest_cycle(self, cell: Cell, secret: Collection[Cell]) -> set[Cell]:
        """What to hide so that a cell can have another value: the cycle through it that hides least."""
        tail, head = _ends(cell)
        ways = [self._cheapest(head, tail, cell, secret)]
        if self._values[cell] > 0:
            ways.append(self._cheapest(tail, head, cell, secret))
        _cost, path = min((way for way in ways if way), key=lambda way: way[0])
        return path

    def _cost(self, cell: Cell, secret: Collection[Cell]) -> int:
        if cell in secret or cell in self._free:
            return 0
        # A sum costs more than all inner cells together, the sum of sums more than all sums.
        sums = cell.count(SUM)
        return 1 + self._values[cell] + (self._whole * int(2 * len(self._arcs) ** sums) if sums else 0)

    def _moves(self, node: Node, without: Cell) -> list[tuple[Cell, Node]]:
        """Where one more or one less of a cell leads; nothing becomes negative."""
        around = self._around[node]
        return [(c, to) for c, to, forward in around if c != without and (forward or self._values[c] > 0)]

    def _reaches(self, start: Node, goal: Node, without: Cell, secret: Collection[Cell]) -> bool:
        seen, queue = {start}, deque([start])
        while queue:
            node = queue.popleft()
            if node == goal:
                return True
            for cell, to in self._moves(node, without):
                if to not in seen and (cell in secret or cell in self._free):
                    seen.add(to)
                    queue.append(to)
        return False

    def _cheapest(
        self, start: Node, goal: Node, without: Cell, secret: Collection[Cell]
    ) -> tuple[int, set[Cell]] | None:
        best: dict[Node, int] = {start: 0}
        came: dict[Node, tuple[Cell, Node]] = {}
        heap = [(0, start)]
        while heap:
            cost, node = heapq.heappop(heap)
            if node == goal:
                break
            if cost > best[node]:
                continue
            for cell, to in self._moves(node, without):
                after = cost + self._cost(cell, secret)
                if after < best.get(to, after + 1):
                    best[to], came[to] = after, (cell, node)
                    heapq.heappush(heap, (after, to))
        if goal not in best:
            return None
        path, node = set(), goal
        while node != start:
            cell, node = came[node]
            path.add(cell)
        return best[goal], {cell for cell in path if cell not in self._free}

    def _complete(self, hidden: Collection[Cell]) -> None:
        """Give cells of unknown value, and sums that are not published, one set of values that fits; which one does not matter."""
        unknown = sorted({*hidden, *self._free})
        self._values |= dict.fromkeys(unknown, 0)
        loose = set(unknown)
        excess: dict[Node, int] = dict.fromkeys(self._around, 0)
        for cell in self._arcs:
            tail, head = _ends(cell)
            excess[head] += self._values[cell]
            excess[tail] -= self._values[cell]
        for node in sorted(excess):
            while excess[node] > 0:
                path = self._to_lack(node, excess, loose)
                if path is None:
                    raise InconsistentError("sums do not come out")
                end = path[-1][1]
                amount = min(excess[node], -excess[end], *(self._values[c] for c, _, forward in path if not forward))
                for cell, _, forward in path:
                    self._values[cell] += amount if forward else -amount
                excess[node] -= amount
                excess[end] += amount

    def _to_lack(
        self, start: Node, excess: Mapping[Node, int], loose: Collection[Cell]
    ) -> Sequence[tuple[Cell, Node, bool]] | None:
        came: dict[Node, tuple[Node, tuple[Cell, Node, bool]]] = {}
        queue, seen = deque([start]), {start}
        while queue:
            node = queue.popleft()
            if excess[node] < 0:
                path = []
                while node != start:
                    node, step = came[node]
                    path.append(step)
                return path[::-1]
            for cell, to, forward in self._around[node]:
                if cell in loose and to not in seen and (forward or self._values[cell] > 0):
                    seen.add(to)
                    came[to] = (node, (cell, to, forward))
                    queue.append(to)
        return None


def _ends(cell: Cell) -> tuple[Node, Node]:
    """Tail and head of a cell's arc. Inner: row to column; row sum: sum column to row; column sum: column to sum row; whole: back."""
    row, column = cell
    if row == SUM and column == SUM:
        return (_ROW, SUM), (_COLUMN, SUM)
    if column == SUM:
        return (_COLUMN, SUM), (_ROW, row)
    if row == SUM:
        return (_COLUMN, column), (_ROW, SUM)
    return (_ROW, row), (_COLUMN, column)
