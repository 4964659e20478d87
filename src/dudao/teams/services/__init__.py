"""What people do with plans."""

from dudao.teams.services.adopting import adopt_plan, drop_plan
from dudao.teams.services.deciding import decide, release
from dudao.teams.services.planning import JOB, plan_duties, plan_teams, solve, solve_again

__all__ = [
    "JOB",
    "adopt_plan",
    "decide",
    "drop_plan",
    "plan_duties",
    "plan_teams",
    "release",
    "solve",
    "solve_again",
]
