"""Random draws and samples that anyone can run again: a frozen list, a public seed, a deterministic order.

``freeze`` fixes list, sizes, strata, recusals, how many are drawn and where the seed will come from, under one digest that is
published first. ``draw`` takes the seed afterwards. The same file and seed give the same result anywhere; ``verify.py`` of this
package does it again with Python's standard library alone (docs/reference/draws.md says the algorithm).
"""

from dudao_engines.draws.drawing import Result, draw, normal_seed, odds
from dudao_engines.draws.frozen import Commitment, Crew, Frozen, Method, Plan, Unit, freeze, thaw
from dudao_engines.draws.sampling import certainties, systematic

__all__ = [
    "Commitment",
    "Crew",
    "Frozen",
    "Method",
    "Plan",
    "Result",
    "Unit",
    "certainties",
    "draw",
    "freeze",
    "normal_seed",
    "odds",
    "systematic",
    "thaw",
]
