"""What the worker does about the plan by itself: it makes reminders ready, people send them."""

from datetime import time

from dudao.jobs.registry import Result, Run, daily
from dudao.plan import services


@daily(time(7, 30), "plan.propose_urges", "备好催办")
def propose_urges(run: Run) -> Result:
    """Before the office opens: a reminder for each task of which a unit is late."""
    return {"已备好": services.propose_urges(by=run.by, now=run.now)}
