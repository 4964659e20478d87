"""What upkeep does by itself."""

from datetime import time

from dudao.jobs.registry import Result, Run, daily
from dudao.shell import clock
from dudao.upkeep import retention


@daily(time(2, 30), "upkeep.retention", "保存期限试算（只列出，不清理）")
def retention_dry_run(run: Run) -> Result:
    """How much has been kept long enough, by rule; a person applies it (``dudao retention --apply``)."""
    due = retention.due(now=run.now, machine=clock.machine_now())
    return {found.rule.what: found.count for found in due if found.count}
