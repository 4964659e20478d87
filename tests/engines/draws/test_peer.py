"""Chances of PPS against a well-kept survey library. It is not among what CI installs (docs/reference/draws.md): pip install svy."""

import random
from typing import Any

import pytest

from dudao_engines.draws.sampling import certainties, chances

svy: Any = pytest.importorskip("svy", reason="svy is not installed: pip install svy")
polars: Any = pytest.importorskip("polars")

SIZES = [
    ([120, 80, 200, 60, 140], 2),
    ([900, 50, 50, 40], 2),
    ([500, 480, 30, 20, 10, 5], 3),
    ([30 + 17 * at for at in range(42)], 9),
    *[([random.Random(seed).randint(1, 400) for _ in range(25)], 7) for seed in range(5)],
]


@pytest.mark.parametrize(("sizes", "n"), SIZES)
def test_chances_and_certain_units_are_those_of_the_survey_library(sizes: list[int], n: int) -> None:
    frame = polars.DataFrame({"at": list(range(len(sizes))), "size": sizes})
    seen: dict[int, float] = {}
    for seed in range(400):
        sample = svy.Sample(frame, svy.Design(psu="at", mos="size"))
        drawn = sample.sampling.pps_sys(n=n, certainty_threshold=1.0, rstate=seed).data
        seen.update(zip(drawn["at"].to_list(), drawn["svy_prob_selection"].to_list(), strict=True))
        assert certainties(sizes, n) <= set(drawn["at"].to_list()) and len(drawn) == n
        if len(seen) == len(sizes):
            break
    ours = chances(sizes, n)
    assert len(seen) >= len(sizes) - 2
    assert all(abs(float(ours[at]) - chance) < 1e-12 for at, chance in seen.items())
