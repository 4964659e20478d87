"""Kinds of jobs for the tests, for processes of their own."""

import time
from datetime import timedelta

from dudao.audit import services as audit
from dudao.jobs.registry import Result, Run, Span, every, kind


@kind("ledger.write", "记账", attempts=3)
def write(run: Run) -> Result:
    """One event a step; ``slow`` seconds inside the transaction, so that a kill falls there too."""
    total = run.payload["steps"]
    for n in range(run.cursor or 0, total):
        with run.step(cursor=n + 1, done=n + 1, total=total, message=f"第 {n + 1} 步"):
            audit.record(
                action="ledger.written",
                subject=("ledger", run.payload["name"]),
                summary="记一笔",
                by=run.by,
                now=run.now,
                n=n,
            )
            time.sleep(run.payload.get("slow", 0))
    return {"steps": total}


@kind("ledger.crash", "总是出错", attempts=2)
def crash(run: Run) -> Result:
    raise ValueError("示例错误")


@kind("ledger.office", "只许督导室", needs="plan.edit")
def office_only(run: Run) -> Result:
    return {"by": run.by.name}


@kind("ledger.long", "长任务")
def long(run: Run) -> Result:
    """Works until somebody stops it."""
    while True:
        run.check()
        time.sleep(0.05)


@every(timedelta(seconds=1), "ledger.tick", "记时")
def tick(span: Span) -> str:
    return "记时"
