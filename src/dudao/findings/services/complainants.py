"""Who complained: kept apart, closed, opened by the office for a reason; each look leaves a line."""

from datetime import datetime

from django.db import transaction

from dudao.audit import services as audit
from dudao.findings.models import Complainant, Finding
from dudao.findings.services import rights
from dudao.procedures import queries as procedures
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused


def may_open(finding: Finding, *, by: Actor, now: datetime) -> bool:
    """Whether a person may keep and see who complained: the office, and nobody who holds a post in the unit."""
    if finding.source != Finding.Source.COMPLAINT or "office" not in procedures.roles(by, unit=finding.unit_id):
        return False
    return not rights.holds_post_in(by.person, finding.unit_id, by=by, on=day_of(now))


def _check(finding: Finding, *, by: Actor, now: datetime) -> None:
    if not may_open(finding, by=by, now=now):
        raise Refused("投诉人信息只由督导室办理，被投诉单位的人员不能查看。", code="complainants.not_allowed")


@transaction.atomic
def record_complainant(
    *, finding: Finding, name: str, contact: str, words: str, by: Actor, now: datetime
) -> Complainant:
    """Keep who complained of what became this finding; written again, it takes the place of what stood there.

    Raises:
        Refused: ``complainants.not_allowed``, ``complainants.empty``.
    """
    _check(finding, by=by, now=now)
    if not (name.strip() or contact.strip() or words.strip()):
        raise Refused("请填写投诉人、联系方式或投诉内容中的至少一项。", code="complainants.empty", field="name")
    row = Complainant.objects.filter(finding=finding).first() or Complainant(county=by.county, finding=finding)
    row.name, row.contact, row.words, row.recorded_at = name.strip(), contact.strip(), words.strip(), now
    row.save()
    audit.record(
        action="complainant.recorded", subject=finding, summary=f"登记投诉人信息：问题 {finding.number}", by=by, now=now
    )
    return row


@transaction.atomic
def open_complainant(*, finding: Finding, reason: str, by: Actor, now: datetime) -> Complainant:
    """Look at who complained, for a reason; the look is written down.

    Raises:
        Refused: ``complainants.not_allowed``, ``complainants.reason``, ``complainants.none``.
    """
    _check(finding, by=by, now=now)
    if len(reason.strip()) < 4:
        raise Refused("请写明查看的理由。", code="complainants.reason", field="reason")
    row = Complainant.objects.filter(finding=finding).first()
    if row is None:
        raise Refused("没有登记投诉人信息（可能是匿名投诉）。", code="complainants.none")
    audit.record(
        action="complainant.opened", subject=finding, summary=f"查看投诉人信息：问题 {finding.number}", by=by, now=now,
        reason=reason.strip()[:200],
    )  # fmt: skip
    return row
