"""What the team found, several lines in one step; each becomes a finding of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from dudao.findings import services as findings
from dudao.findings.models import Finding
from dudao.inspections import queries
from dudao.inspections.models import Inspection
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


@dataclass(frozen=True, slots=True)
class Line:
    """One problem as the list of an inspection has it.

    Attributes:
        finding, base_version: of the row that is changed; left out for a new one.
        facts: left out, what the title says.
        key: of a new one, sent by the page: the same list sent twice registers each once.
    """

    title: str
    basis: str
    found_on: date
    facts: str = ""
    wanted: str = ""
    due_on: date | None = None
    severity: str = Finding.Severity.ORDINARY
    department: UUID | None = None
    finding: UUID | None = None
    base_version: int = 0
    key: UUID | None = None


@transaction.atomic
def keep_findings(
    *, inspection: Inspection, lines: Sequence[Line], was_told: bool = False, by: Actor, now: datetime
) -> list[Finding]:
    """Register new problems and change those that are registered; all of the lines or none.

    Args:
        was_told: the preliminary opinion is served already, and these problems stood in it.

    Returns:
        The findings in the order of the lines.

    Raises:
        Refused: ``inspections.not_allowed``, ``inspections.state``, ``inspections.not_heard`` (the unit could not answer to
            it), and the codes of ``register_finding`` and ``change_finding``; ``field`` is ``<number of the line>-<field>``.
        Conflict: ``findings.changed``.
    """
    if not queries.roles(by, inspection) & {"office", "inspector"} or by.is_of(inspection.unit_id):
        raise Refused("问题由督导室或督导小组的督学登记。", code="inspections.not_allowed")
    if inspection.state not in Inspection.COLLECTING:
        words = f"督导现在是“{inspection.state_words}”，不能登记或修改问题清单。"
        raise Refused(words, code="inspections.state")
    if inspection.state in ("fed_back", "opinion") and not was_told and any(line.finding is None for line in lines):
        raise Refused(
            "初步意见已经送达。没有写进初步意见的问题，单位没有机会申辩，请在“问题”中单独登记，用整改通知书告知；"
            "已经写进的，请勾选说明。",
            code="inspections.not_heard",
            field="was_told",
        )
    known = {one.pk: one for one in queries.all_findings(inspection)}
    kept = []
    for at, line in enumerate(lines):
        try:
            if line.finding is None:
                kept.append(_register(inspection, line, by=by, now=now))
            else:
                kept.append(_change(known[line.finding], line, by=by, now=now))
        except Refused as refusal:
            raise type(refusal)(refusal.message, code=refusal.code, field=f"{at}-{refusal.field or 'title'}") from None
    return kept


def _register(inspection: Inspection, line: Line, *, by: Actor, now: datetime) -> Finding:
    facts = findings.Facts(
        unit=inspection.unit_id, source=Finding.Source.INSPECTION, basis=line.basis, title=line.title,
        facts=line.facts.strip() or line.title, found_on=line.found_on, severity=line.severity,
        department=line.department, wanted=line.wanted, due_on=line.due_on, origin=inspection,
        origin_words=str(inspection), origin_link=reverse("inspections:inspection", args=[inspection.pk]),
    )  # fmt: skip
    return findings.register_finding(facts=facts, key=line.key, by=by, now=now)


def _change(finding: Finding, line: Line, *, by: Actor, now: datetime) -> Finding:
    new = {
        "title": line.title, "basis": line.basis, "facts": line.facts.strip() or line.title, "wanted": line.wanted,
        "due_on": line.due_on, "severity": line.severity, "department": line.department,
    }  # fmt: skip
    if all(_same(getattr(finding, "department_id" if n == "department" else n), value) for n, value in new.items()):
        return finding
    findings.change_finding(finding=finding, base_version=line.base_version, by=by, now=now, **new)
    return finding


def _same(kept: object, new: object) -> bool:
    return kept == (new.strip() if isinstance(new, str) else new)
