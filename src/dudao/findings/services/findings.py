"""Findings: registered by hand or by any app, and the acts on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.findings import queries
from dudao.findings.models import Finding
from dudao.findings.services import rights
from dudao.messages import services as messages
from dudao.places import queries as places
from dudao.procedures import queries as procedures
from dudao.procedures import services as steps
from dudao.procedures.models import Act
from dudao.procedures.services import Brought
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.procedures.situation import Situation


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a finding when it is registered.

    Attributes:
        basis: clause or indicator, as people write it.
        origin: the row of a higher floor it comes from, with its page and name (``origin_words``, ``origin_link``).
        due_on: the day until which it is to be put right, where it is known already.
    """

    unit: UUID
    source: str
    basis: str
    title: str
    facts: str
    found_on: date
    severity: str = Finding.Severity.ORDINARY
    department: UUID | None = None
    responsible: str = ""
    cause: UUID | None = None
    wanted: str = ""
    due_on: date | None = None
    origin: models.Model | None = None
    origin_words: str = ""
    origin_link: str = ""
    ledger_number: str = ""


@transaction.atomic
def register_finding(
    *,
    facts: Facts,
    evidence: Sequence[files.Received] = (),
    by: Actor,
    now: datetime,
    told_on: date | None = None,
    closed_on: date | None = None,
    words: str = "",
    key: UUID | None = None,
) -> Finding:
    """Register something that is wrong; the one way for every app.

    Args:
        told_on: the unit was told on this day already (history from before Dudao): the finding is 整改中 at once, and
            ``facts.due_on`` is then required.
        closed_on: a ledger from before says that it was closed on this day: the finding is 已归档 at once. How it came
            there is told in ``words``; nothing is made up about a recheck.
        words: of the first act, where they are more than the facts.
        key: of the new finding, sent by the page: the same form sent twice registers one.

    Raises:
        Refused: ``findings.unit``, ``findings.department``, ``findings.source``, ``findings.severity``,
            ``findings.basis``, ``findings.title``, ``findings.cause``, ``findings.due`` (before the day found),
            ``findings.closed`` (likewise), and the codes of ``procedures.services.take``.
    """
    if key and (kept := Finding.objects.filter(pk=key, county=by.county).first()):
        return kept
    row = checked(facts, by=by, now=now)
    row.pk = key or row.pk
    row.year = facts.found_on.year
    row.is_history = bool(told_on or closed_on)
    act = "history_closed" if closed_on else "take_over" if told_on else "register"
    if closed_on:
        if closed_on < facts.found_on:
            raise Refused("销号日期不能早于发现日期。", code="findings.closed", field="closed_on")
        row.closed_on, told_on = closed_on, None
    steps.take(
        matter=row,
        act=act,
        brought=Brought(
            occurred_on=closed_on or told_on or facts.found_on, words=words or facts.facts or (facts.title if row.is_history else ""),
            due_on=facts.due_on if told_on else None, evidence=evidence,
        ),
        situation=Situation("finding"),
        roles=_roles(row, by),
        of_unit=by.is_of(facts.unit),
        base_version=0,
        by=by,
        now=now,
        title=row.title,
    )  # fmt: skip
    if row.is_history:
        _recognise_later(row)
    elif row.severity == Finding.Severity.DANGER:
        _tell_of_danger(row, by=by, now=now)
    return row


def _tell_of_danger(row: Finding, *, by: Actor, now: datetime) -> None:
    """Make the word to the office's head and the leaders ready at once: danger to life does not wait (条例15条)."""
    today = day_of(now)
    posts = ("committee_head", "leader", "office_director")
    people = {held.person_id for held in accounts.holders(system(by.county), posts, day=today)}
    if not people:
        return
    unit = places.unit_names(system(by.county), {row.unit_id}, as_of=today)[row.unit_id]
    text = f"{unit}发现危及师生安全的问题（{row.number}）：{row.title}。请立即督促学校和主管部门处理，并登记上报情况。"
    messages.prepare(
        kind="findings.danger", title=f"危及师生安全：{unit}", text=text, persons=people, subject=row,
        link=reverse("findings:finding", args=[row.pk]), key=f"findings.danger:{row.pk}", by=by, now=now,
    )  # fmt: skip


def _recognise_later(row: Finding) -> None:
    """History came after what was found since: a later finding of the same basis at the unit gets to know of it."""
    later = Finding.objects.filter(county=row.county, unit=row.unit_id, basis_key=row.basis_key, year__gt=row.year)
    older = Finding.objects.filter(year__lt=row.year, basis_key=row.basis_key, unit=row.unit_id)
    later.filter(Q(earlier__isnull=True) | Q(earlier__in=older)).update(earlier=row)


def checked(facts: Facts, *, by: Actor, now: datetime) -> Finding:
    """A finding not saved yet, every field looked at.

    Raises:
        Refused: as ``register_finding``.
    """
    today = day_of(now)
    rights.known_unit(by, facts.unit, on=today)
    if facts.department:
        rights.known_unit(by, facts.department, on=today, field="department")
    if facts.source not in Finding.Source.values:
        raise Refused("请选择来源。", code="findings.source", field="source")
    if facts.severity not in Finding.Severity.values:
        raise Refused("请选择严重程度。", code="findings.severity", field="severity")
    if not facts.title.strip():
        raise Refused("请填写问题概述。", code="findings.title", field="title")
    key = rights.basis_key(facts.basis)
    if not key:
        raise Refused("请填写依据的条款或指标。", code="findings.basis", field="basis")
    if facts.found_on > today:
        raise Refused("发现日期不能晚于今天。", code="findings.future", field="found_on")
    if facts.found_on.year < today.year - 20:
        raise Refused("请核对发现日期的年份。", code="findings.found_on", field="found_on")
    if facts.due_on and facts.due_on < facts.found_on:
        raise Refused("整改期限不能早于发现日期。", code="findings.due", field="due_on")
    before = rights.earlier(county=by.county, unit=facts.unit, key=key, year=facts.found_on.year)
    return Finding(
        county=by.county, unit_id=facts.unit, department_id=facts.department, source=facts.source,
        basis=facts.basis.strip()[:200], basis_key=key, title=facts.title.strip()[:200], facts=facts.facts.strip(),
        found_on=facts.found_on, severity=facts.severity, responsible=facts.responsible.strip()[:64],
        cause_id=rights.known_cause(by, facts.cause), wanted=facts.wanted.strip()[:300], due_on=facts.due_on,
        origin_type=facts.origin._meta.label_lower if facts.origin else "",
        origin=str(facts.origin.pk) if facts.origin else "", origin_words=facts.origin_words[:200],
        origin_link=facts.origin_link, ledger_number=facts.ledger_number.strip()[:40], earlier=before,
    )  # fmt: skip


def _roles(row: Finding, by: Actor) -> frozenset[str]:
    """What a person is to a finding; the system and other apps register as the office does."""
    if by.person is None:
        return frozenset({"office"})
    return procedures.roles(by, unit=row.unit_id, department=row.department_id)


@transaction.atomic
def act_on_finding(
    *, finding: Finding, act: str, brought: Brought, base_version: int, by: Actor, now: datetime,
) -> Act:  # fmt: skip
    """Take an act of ``library/procedures/finding.yaml`` on a finding.

    ``notify`` needs the paper that is served (``brought.paper``): its service is recorded with the act.

    Raises:
        Refused, Conflict: as ``procedures.services.take`` and ``papers.services.serve_paper``.
    """
    if act == "notify":
        if by.is_of(finding.unit_id):
            # The unit signs for what is set; it does not set the day.
            brought = replace(brought, due_on=finding.due_on)
        brought = steps.serve(matter=finding, unit=finding.unit_id, brought=brought, by=by, now=now)
    return take_on(
        finding, act, brought, queries.situations([finding], today=brought.occurred_on)[finding.pk],
        base_version=base_version, by=by, now=now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One act on one of several findings: what is brought to it, and the version that was seen."""

    finding: Finding
    act: str
    brought: Brought
    base_version: int


@transaction.atomic
def act_on_findings(*, steps: Sequence[Step], by: Actor, now: datetime) -> list[Act]:
    """Take acts on several findings at once, all of them or none.

    Raises:
        Refused, Conflict: as ``act_on_finding``, with the number of the finding.
    """
    taken = []
    for one in steps:
        try:
            taken.append(
                act_on_finding(
                    finding=one.finding, act=one.act, brought=one.brought, base_version=one.base_version, by=by, now=now
                )
            )
        except Refused as refusal:
            words = f"问题 {one.finding.number}：{refusal.message}"
            raise type(refusal)(words, code=refusal.code, field=refusal.field) from refusal
    return taken


def take_on(
    finding: Finding, act: str, brought: Brought, situation: Situation, *, base_version: int, by: Actor, now: datetime,
    told_by: Act | None = None,
) -> Act:  # fmt: skip
    """Take an act with what it changes of the finding's own fields; for acts people take and those it is told."""
    changes: dict[str, Any] = {}
    if brought.due_on:
        changes["due_on"] = brought.due_on
    if act == "close":
        changes["closed_on"] = brought.occurred_on
    if act == "relapse":
        changes |= {"closed_on": None, "relapses": F("relapses") + 1}
    return steps.take(
        matter=finding, act=act, brought=brought, situation=situation, roles=_roles(finding, by),
        of_unit=by.is_of(finding.unit_id), base_version=base_version, by=by, now=now, title=finding.title,
        changes=changes, told_by=told_by,
    )  # fmt: skip


def tell(findings: Sequence[Finding], act: str, brought: Brought, *, told_by: Act, by: Actor, now: datetime) -> int:
    """Tell findings of an act of another matter; those whose state does not allow it stay as they are.

    The due day of each is the act's, or the finding's own where the act sets none.

    Returns:
        How many took it.
    """
    known = queries.situations(findings, today=brought.occurred_on)
    taken = 0
    # What a page sends twice is told once.
    heard = set(told_by.told.values_list("subject", flat=True))
    for finding in findings:
        if finding.pk in heard or not steps.takes_note(finding, act, known[finding.pk]):
            continue
        due = brought.due_on or finding.due_on
        if due and due < brought.occurred_on:
            due = brought.occurred_on
        said = Brought(occurred_on=brought.occurred_on, way=brought.way, due_on=due, paper=brought.paper)
        take_on(finding, act, said, known[finding.pk], base_version=finding.version, by=by, now=now, told_by=told_by)
        taken += 1
    return taken


@transaction.atomic
def change_finding(*, finding: Finding, base_version: int, by: Actor, now: datetime, **fields: Any) -> None:
    """Correct what was registered: title, basis, facts, severity, cause, department, responsible, wanted, due_on
    (before the unit is told; later by an act).

    Raises:
        Refused: ``findings.not_allowed``, ``findings.state``, and the codes of ``register_finding``.
        Conflict: ``findings.changed``.
    """
    if not {"office", "inspector"} & _roles(finding, by):
        raise Refused("问题由督导室或责任督学修改。", code="findings.not_allowed")
    if not finding.is_open:
        raise Refused(f"问题现在是“{finding.state_words}”，不能再修改。", code="findings.state")
    if finding.state != "registered" and fields.get("due_on", finding.due_on) != finding.due_on:
        raise Refused("已告知单位的整改期限不能直接修改，请用延期。", code="findings.state", field="due_on")
    known = {
        "unit": finding.unit_id, "source": finding.source, "basis": finding.basis, "title": finding.title,
        "facts": finding.facts, "found_on": finding.found_on, "severity": finding.severity,
        "department": finding.department_id, "responsible": finding.responsible, "cause": finding.cause_id,
        "wanted": finding.wanted, "due_on": finding.due_on,
    }  # fmt: skip
    new = checked(Facts(**{**known, **fields}), by=by, now=now)
    names = (
        "basis", "basis_key", "title", "facts", "severity", "department_id", "responsible", "cause_id", "wanted",
        "due_on",
    )  # fmt: skip
    changes = {n: getattr(new, n) for n in names if getattr(new, n) != getattr(finding, n)}
    rows = Finding.objects.filter(pk=finding.pk, version=base_version)
    if not rows.update(version=F("version") + 1, **changes):
        finding.refresh_from_db()
        raise Conflict("别人刚刚改过这个问题，请对照后再保存。", code="findings.changed")
    finding.refresh_from_db()
    if "severity" in changes and finding.severity == Finding.Severity.DANGER:
        _tell_of_danger(finding, by=by, now=now)
    audit.record(
        action="finding.changed", subject=finding, summary=f"修改问题：{finding.title}", by=by, now=now,
        fields=sorted(changes),
    )  # fmt: skip
