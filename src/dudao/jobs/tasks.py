"""Periodic duties of the apps below."""

from datetime import time, timedelta

from dudao.audit import services as audit
from dudao.jobs.registry import Result, Run, Span, daily, every
from dudao.shell import clock


@every(timedelta(seconds=5), "audit.seal", "封存留痕")
def seal(span: Span) -> str:
    sealed = audit.seal_all(now=clock.now())
    return f"封存 {sealed} 条" if sealed else ""


@daily(time(2, 10), "audit.seal_whole", "通查留痕并补封")
def seal_whole(run: Run) -> Result:
    return {"sealed": audit.seal_all(now=run.now, full=True)}
