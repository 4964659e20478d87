"""What the worker does about the loop by itself, and which matters the loop has."""

from datetime import time
from uuid import UUID

from dudao.findings import nightly, queries
from dudao.findings.models import Case, Finding, LedgerImport, Measure
from dudao.findings.services import ledgers
from dudao.jobs.registry import Result, Run, daily, kind
from dudao.procedures import matters
from dudao.procedures.matters import Kind

matters.register(
    Kind(
        Finding,
        lambda actor, today: queries.findings_visible_to(actor),
        lambda rows, today: queries.situations(rows, today=today),
        page="findings:finding",
    )
)
matters.register(
    Kind(
        Measure,
        lambda actor, today: queries.measures_visible_to(actor),
        lambda rows, today: queries.measure_situations(rows, today=today),
        page="findings:measure",
    )
)
matters.register(
    Kind(
        Case,
        lambda actor, today: queries.cases_visible_to(actor, today=today),
        lambda rows, today: queries.case_situations(rows, today=today),
        page="findings:case",
    )
)


@daily(time(7, 10), "findings.propose", "备好整改提醒")
def propose(run: Run) -> Result:
    """Before the office opens: what is due, late and to be looked back at, and a message for each unit that is to act."""
    return nightly.propose(run)


@kind(ledgers.JOB, "导入整改台账", needs="loop.office")
def bring_in_ledger(run: Run) -> Result:
    """Write the rows of a confirmed ledger, some at a time; after a stop it goes on with those not written."""
    batch = LedgerImport.objects.get(pk=UUID(run.payload["batch"]))
    done = int(run.cursor or 0)
    total = done + ledgers.to_write(batch).count()
    while rows := list(ledgers.to_write(batch)[: ledgers.STEP]):
        done += len(rows)
        with run.step(cursor=done, done=done, total=total):
            ledgers.write_some(batch=batch, rows=rows, by=run.by, now=run.now)
    ledgers.finish(batch=batch, by=run.by, now=run.now)
    return {"写入": batch.rows.filter(version_left__isnull=False).count()}
