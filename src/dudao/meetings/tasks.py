"""What the worker does about meetings by itself: it proposes them, people call them."""

from datetime import time

from dudao.jobs.registry import Result, Run, daily
from dudao.meetings import services


@daily(time(7, 20), "meetings.propose", "提议本期会议")
def propose_meetings(run: Run) -> Result:
    """Before the office opens: the meeting of each period that has begun and has none."""
    return {"新提议": services.propose_meetings(by=run.by, now=run.now)}
