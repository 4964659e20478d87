"""What the worker does about results."""

from dudao.indicators.queries import results as numbers
from dudao.indicators.services import whatif
from dudao.jobs.registry import Result, Run, kind
from dudao.shell import clock


@kind(whatif.JOB, "查找会改变判定的数", needs="indicator.read")
def sweep(run: Run) -> Result:
    """Which single cells could still turn a verdict."""
    within = int(run.payload["within"])
    computed = numbers.computed(run.by, run.payload["standard"], run.payload["period"], "adopted", on=clock.today())
    turns = whatif.search(computed, within)
    with run.step(cursor=1, done=1, total=1):
        whatif.keep_sweep(computed=computed, turns=turns, within=within, by=run.by, now=run.now)
    return {"处": len(turns)}
