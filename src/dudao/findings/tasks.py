"""What the worker does about the loop by itself, and which matters the loop has."""

from datetime import time

from dudao.findings import nightly, queries
from dudao.findings.models import Case, Finding, Measure
from dudao.jobs.registry import Result, Run, daily
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
