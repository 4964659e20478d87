"""What looks after the house by itself at night. Letting rows go is a person's command."""

from datetime import time

from dudao.audit import queries as audit_queries
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.jobs.registry import Result, Run, daily
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.upkeep import retention


@daily(time(2, 20), "audit.verify", "核对留痕全链")
def verify(run: Run) -> Result:
    """The whole chain of every county; a fault is a failed job with the first fault as its reason."""
    checked = 0
    for county in audit_queries.counties():
        report = audit.verify(county=county, now=clock.now())
        checked += report.checked
        if not report.is_whole:
            more = f"（共 {report.count} 处）" if report.count > 1 else ""
            raise Refused(f"{county}：{report.faults[0].message}{more}", code="audit.broken")
    return {"已核对": checked}


@daily(time(2, 40), "files.sweep", "清理中断的上传")
def sweep(run: Run) -> Result:
    """Files without a row, older than a day."""
    found = files.sweep(now=clock.machine_now(), apply=True)
    return {"没有登记的文件": found.orphans, "中断的上传": found.leftovers}


@daily(time(2, 30), "upkeep.retention", "保存期限试算（只列出，不清理）")
def retention_dry_run(run: Run) -> Result:
    """How much has been kept long enough, by rule; a person applies it (``dudao retention --apply``)."""
    due = retention.due(now=run.now, machine=clock.machine_now())
    return {found.rule.what: found.count for found in due if found.count}
