"""No hidden cell follows from what is published: shown by a slow solver that tries every table there can be."""

from collections.abc import Collection, Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.disclosure_control import cells
from dudao_engines.disclosure_control.cells import SUM, Cell, Grid


def table(rows: list[list[int]], *, sum_row: bool = True, sum_column: bool = True) -> Grid:
    """A grid with its sums."""
    values = {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row)}
    if sum_column:
        values |= {(r, SUM): sum(row) for r, row in enumerate(rows)}
    if sum_row:
        values |= {(SUM, c): sum(row[c] for row in rows) for c in range(len(rows[0]))}
    if sum_row and sum_column:
        values[SUM, SUM] = sum(map(sum, rows))
    return Grid(values)


def possible(grid: Grid, hidden: Collection[Cell], top: int) -> Iterator[dict[Cell, int]]:
    """Every table of whole numbers from 0 to ``top`` whose published cells are as published."""
    inner = sorted(cell for cell in grid.values if SUM not in cell)
    choices = [range(top + 1) if cell in hidden else (grid.values[cell],) for cell in inner]
    for values in product(*choices):
        made = dict(zip(inner, values, strict=True))
        for cell in grid.values:
            if SUM in cell:
                r, c = cell
                made[cell] = sum(
                    v for (y, x), v in made.items() if SUM not in (y, x) and r in (SUM, y) and c in (SUM, x)
                )
        if all(made[cell] == grid.values[cell] for cell in grid.values if cell not in hidden):
            yield made


def unique(grid: Grid, hidden: Collection[Cell], top: int) -> set[Cell]:
    """The hidden cells that have one value in all possible tables."""
    tables = list(possible(grid, hidden, top))
    return {cell for cell in hidden if len({one[cell] for one in tables}) == 1}


small_tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 7), min_size=width, max_size=width), min_size=1, max_size=3)
)


@settings(max_examples=60)
@given(rows=small_tables, sum_row=st.booleans(), sum_column=st.booleans())
def test_no_hidden_cell_follows_from_what_is_published(rows: list[list[int]], sum_row: bool, sum_column: bool) -> None:
    grid = table(rows, sum_row=sum_row, sum_column=sum_column)
    primary = cells.small(grid)
    hidden = primary | cells.complement(grid, primary)
    assert cells.determined(grid, hidden) == frozenset()
    # The slow solver gets few cells at a time; with up to five of them hidden it tries every table.
    if len([cell for cell in hidden if SUM not in cell]) <= 5:
        assert unique(grid, hidden, top=9) == set()


@settings(max_examples=80)
@given(rows=small_tables, sum_row=st.booleans(), sum_column=st.booleans(), data=st.data())
def test_the_fast_answer_is_the_slow_one(
    rows: list[list[int]], sum_row: bool, sum_column: bool, data: st.DataObject
) -> None:
    grid = table(rows, sum_row=sum_row, sum_column=sum_column)
    hidden = data.draw(st.sets(st.sampled_from(sorted(grid.values)), max_size=4))
    # One more than any value in the table is room enough: a cell that can rise can rise by one.
    assert cells.determined(grid, hidden) == unique(grid, hidden, top=8)


@settings(max_examples=60)
@given(rows=small_tables, sum_row=st.booleans(), sum_column=st.booleans(), data=st.data())
def test_of_cells_whose_values_are_gone_the_same_is_said(
    rows: list[list[int]], sum_row: bool, sum_column: bool, data: st.DataObject
) -> None:
    grid = table(rows, sum_row=sum_row, sum_column=sum_column)
    hidden = frozenset(data.draw(st.sets(st.sampled_from(sorted(grid.values)), max_size=6)))
    gone = Grid({cell: value for cell, value in grid.values.items() if cell not in hidden}, hidden)
    assert cells.determined(gone, ()) == cells.determined(grid, hidden)


def test_a_row_with_one_small_cell_takes_the_cheapest_rectangle() -> None:
    grid = table([[3, 50, 9], [40, 60, 8], [70, 5, 90]])
    assert cells.complement(grid, {(0, 0)}) == {(0, 2), (1, 0), (1, 2)}


def test_a_zero_can_rise_so_it_may_help_to_hide() -> None:
    grid = table([[2, 0], [0, 9]])
    hidden = {(0, 0)} | cells.complement(grid, {(0, 0)})
    assert cells.determined(grid, hidden) == frozenset()


def test_where_no_sum_is_published_a_small_cell_goes_alone() -> None:
    assert cells.complement(table([[3, 8]], sum_row=False, sum_column=False), {(0, 0)}) == frozenset()


def test_a_single_row_with_its_sums_takes_the_sums_along() -> None:
    grid = table([[3]])
    assert cells.complement(grid, {(0, 0)}) == {(0, SUM), (SUM, 0), (SUM, SUM)}


def test_sums_that_do_not_come_out_are_refused() -> None:
    with pytest.raises(cells.InconsistentError):
        cells.determined(Grid({(0, 0): 5, (0, SUM): 4, (SUM, 0): 5, (SUM, SUM): 5}, frozenset()), ())
