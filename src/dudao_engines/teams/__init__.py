"""Who is responsible for which schools, and who goes on which inspection: an exact solver behind plain values.

``solve_duties`` and ``solve_teams`` take a frozen problem and give an assignment with its score by parts, whether it is proven best or
how far it can be from it, and why each person stands where they stand; when no assignment keeps the rules they raise ``Clash``, which
names a smallest set of rules that clash. ``check`` says at once which rules an assignment made by hand breaks, ``score`` what it is worth.
The same problem has the same answer whatever the order of its rows (docs/reference/teams.md).
"""

from dudao_engines.teams.asking import solve_duties, solve_teams
from dudao_engines.teams.judging import check, limits, score
from dudao_engines.teams.model import (
    DUTY_PARTS,
    REMEDIES,
    RULES,
    TEAM_PARTS,
    Assignment,
    Breach,
    Clash,
    District,
    DutyProblem,
    DutyWeights,
    Inspection,
    Inspector,
    Problem,
    School,
    Solution,
    TeamProblem,
    TeamWeights,
    Unsolved,
)

__all__ = [
    "DUTY_PARTS",
    "REMEDIES",
    "RULES",
    "TEAM_PARTS",
    "Assignment",
    "Breach",
    "Clash",
    "District",
    "DutyProblem",
    "DutyWeights",
    "Inspection",
    "Inspector",
    "Problem",
    "School",
    "Solution",
    "TeamProblem",
    "TeamWeights",
    "Unsolved",
    "check",
    "limits",
    "score",
    "solve_duties",
    "solve_teams",
]
