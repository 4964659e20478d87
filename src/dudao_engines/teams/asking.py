"""The way to the solver. OR-Tools takes a second and seventy megabytes to load, so only who solves loads it; checking does not."""

from importlib import import_module

from dudao_engines.teams.model import DutyProblem, Problem, Solution, TeamProblem

#: Work for one answer, in the solver's deterministic units.
EFFORT = 20.0


def solve_duties(problem: DutyProblem, *, effort: float = EFFORT) -> Solution:
    """Give each school its responsible inspector, with the most points.

    Args:
        effort: limit in the solver's deterministic units (about seconds), so that it ends at the same point on any machine.

    Raises:
        Clash: when the rules cannot be kept together; it names a smallest set of them.
        Unsolved: nothing found and nothing refuted within the effort.
        ValueError: a key appears twice, a pair names nobody, or a school a district that is not there.
    """
    return _solver(problem, effort)


def solve_teams(problem: TeamProblem, *, effort: float = EFFORT) -> Solution:
    """Give each inspection its team and leader, with the most points. The leader is whoever may lead, led least in this plan and knows most.

    Args:
        effort: as ``solve_duties``.

    Raises:
        Clash, Unsolved, ValueError: as ``solve_duties``; ValueError also for a team smaller than ``least`` and days out of order.
    """
    return _solver(problem, effort)


def _solver(problem: Problem, effort: float) -> Solution:
    found: Solution = import_module("dudao_engines.teams.solving").solve(problem, effort)
    return found
