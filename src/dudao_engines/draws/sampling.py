"""Samples with chances in proportion to sizes, in whole numbers and fractions only."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from dudao_engines.kernel.errors import EngineInputError


def certainties(sizes: Sequence[int], n: int) -> set[int]:
    """Which units are drawn with certainty: n·M_j/M ≥ 1, and again among the rest until there are none (PPS).

    Args:
        sizes: above zero.
        n: how many are drawn.

    Returns:
        Their places in ``sizes``.
    """
    sure: set[int] = set()
    total, left = sum(sizes), n
    order = sorted(range(len(sizes)), key=lambda at: -sizes[at])
    while left:
        found = []
        for at in order[len(sure) :]:
            if left * sizes[at] < total:
                break
            found.append(at)
        if not found:
            return sure
        # More than are left only where all sizes are the same and all are taken.
        sure.update(found[:left])
        total -= sum(sizes[at] for at in found[:left])
        left = n - len(sure)
    return sure


def systematic(sizes: Sequence[int], n: int, start: Fraction) -> list[int]:
    """PPS systematic sampling along the list (docs/reference/draws.md; the test vector is in the tests).

    Units of certainty are taken out first. Of the others, with total M and step I = M/k for the k that are left to draw, those
    are drawn whose interval of the running total, open below and closed above, holds r + i·I, where r = start·I.

    Args:
        sizes: above zero, in the order of the list.
        n: how many are drawn, at most as many as there are.
        start: in (0, 1].

    Returns:
        Their places in ``sizes``, in order.

    Raises:
        EngineInputError: ``draws.size``, ``draws.take``, ``draws.start``.
    """
    if not 0 < start <= 1:
        raise EngineInputError("draws.start", "起点要在 0（不含）和 1 之间。")
    if not 0 < n <= len(sizes):
        raise EngineInputError("draws.take", f"名单上有 {len(sizes)} 个，不能抽 {n} 个。")
    if min(sizes) <= 0:
        raise EngineInputError("draws.size", "规模要大于 0。")
    sure = certainties(sizes, n)
    rest = [at for at in range(len(sizes)) if at not in sure]
    k = n - len(sure)
    if not k:
        return sorted(sure)
    total = sum(sizes[at] for at in rest)
    # C > total·(start + i)/k, in whole numbers: C·k·q > total·(p + i·q).
    p, q = start.numerator, start.denominator
    point, step, scale = total * p, total * q, k * q
    drawn = []
    for at, end in zip(rest, accumulate(sizes[at] for at in rest), strict=True):
        if end * scale >= point:
            drawn.append(at)
            point += step
    return sorted([*sure, *drawn])


def chances(sizes: Sequence[int], n: int) -> list[Fraction]:
    """The chance of each unit to be drawn by ``systematic``: 1, or k·M_j/M of those that are not certain."""
    sure = certainties(sizes, n)
    total = sum(size for at, size in enumerate(sizes) if at not in sure)
    return [Fraction(1) if at in sure else Fraction((n - len(sure)) * size, total) for at, size in enumerate(sizes)]
