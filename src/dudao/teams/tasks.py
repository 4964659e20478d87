"""What the worker does about plans."""

from uuid import UUID

from dudao.jobs.registry import Result, Run, kind
from dudao.teams import queries, services


@kind(services.JOB, "求解组队与分工方案", needs="inspector.manage")
def solve(run: Run) -> Result:
    """Solve one plan; its key is the job's."""
    plan = queries.plans_visible_to(run.by).filter(pk=UUID(run.payload["plan"])).first()
    return services.solve(run=run, plan=plan) if plan else {"结果": "方案已不在"}
