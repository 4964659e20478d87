"""Measures: proposed on findings of one unit, served, answered, ended; what they tell the findings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, F

from dudao.audit import services as audit
from dudao.findings import queries
from dudao.findings.models import Finding, Measure, MeasureFinding
from dudao.findings.services import findings as of_findings
from dudao.findings.services import rights
from dudao.procedures import library
from dudao.procedures import queries as procedures
from dudao.procedures import services as steps
from dudao.procedures.models import Act
from dudao.procedures.services import Brought
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from dudao_engines.procedures.situation import Situation

BEGINS = {kind: f"propose_{kind}" for kind in Measure.Kind.values}


@transaction.atomic
def propose_measure(
    *,
    kind: str,
    unit: UUID,
    findings: Sequence[Finding],
    grounds: Sequence[str],
    title: str,
    wanted: str,
    occurred_on: date,
    origin: models.Model | None = None,
    origin_words: str = "",
    origin_link: str = "",
    due_on: date | None = None,
    key: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Measure:
    """Begin a measure on a unit, with one or several of its findings, or (a reward, false data) with none.

    Args:
        key: of the new measure, sent by the page: the same form sent twice begins one.

    Raises:
        Refused: ``findings.unit``, ``measures.kind``, ``measures.title``, ``measures.ground``, ``measures.finding`` of
            another unit, ``measures.ordered`` in an order that is prepared already, and the codes of ``procedures.services.take``.
    """
    if key and (kept := Measure.objects.filter(pk=key, county=by.county).first()):
        return kept
    if kind not in Measure.Kind.values:
        raise Refused("请选择措施类别。", code="measures.kind", field="kind")
    rights.known_unit(by, unit, on=day_of(now))
    if not title.strip():
        raise Refused("请填写事由。", code="measures.title", field="title")
    allowed = {g.id for g in library.procedure("measure").grounds if kind in g.kinds}
    if unknown := set(grounds) - allowed:
        names = "、".join(library.ground_names("measure", sorted(unknown)))
        raise Refused(f"这类措施不能以此为情形：{names}。", code="measures.ground", field="grounds")
    rights.of_the_unit(findings, unit, code="measures.finding")
    if kind == Measure.Kind.ORDER:
        _refuse_second_order(findings)
    row = Measure(
        id=key or uuid7(), county=by.county, kind=kind, unit_id=unit, title=title.strip()[:200], grounds=list(grounds),
        wanted=wanted.strip(), due_on=due_on, year=occurred_on.year,
        origin_type=origin._meta.label_lower if origin else "", origin=str(origin.pk) if origin else "",
        origin_words=origin_words[:200], origin_link=origin_link,
    )  # fmt: skip
    situation = procedures.linked(
        Situation("measure", kind=kind, marks=frozenset(grounds)),
        queries.situations(findings, today=occurred_on).values(),
    )
    steps.take(
        matter=row, act=BEGINS[kind], brought=Brought(occurred_on=occurred_on, words=wanted or title),
        situation=situation, roles=procedures.roles(by, unit=unit), of_unit=by.is_of(unit), base_version=0,
        hold=findings, by=by, now=now, title=_title(row),
    )  # fmt: skip
    MeasureFinding.objects.bulk_create(MeasureFinding(measure=row, finding=f) for f in findings)
    return row


def _refuse_second_order(findings: Sequence[Finding]) -> None:
    """One order is prepared at a time: of two officers who propose at once the second sees the first one's."""
    keys = [finding.pk for finding in findings]
    # Held until the end of the transaction, so that the second one looks after the first has written.
    Finding.objects.filter(pk__in=keys).update(version=F("version"))
    orders = MeasureFinding.objects.filter(finding__in=keys, measure__kind=Measure.Kind.ORDER)
    open_ = orders.filter(measure__state="drafting").select_related("measure", "finding").first()
    if open_:
        words = f"问题 {open_.finding.number} 已经在督办单 {open_.measure.number}（{open_.measure.state_words}）中，不能再拟一份。"
        raise Refused(words, code="measures.ordered", field="findings")


def _title(row: Measure) -> str:
    return f"{row.get_kind_display()} {row.title}"


@transaction.atomic
def act_on_measure(
    *, measure: Measure, act: str, brought: Brought, base_version: int, by: Actor, now: datetime,
) -> Act:  # fmt: skip
    """Take an act of ``library/procedures/measure.yaml``; findings are told in the same transaction.

    Acts that serve a paper (``received`` among what they bring, with ``brought.paper``) record its service.

    Raises:
        Refused, Conflict: as ``procedures.services.take`` and ``papers.services.serve_paper``.
    """
    known = library.act("measure", act)
    if by.is_of(measure.unit_id):
        # The unit signs for what is set; it does not set the day.
        due = procedures.reckon(procedures.set_by(measure, known, brought.occurred_on), brought.occurred_on)
        brought = replace(
            brought, due_on=procedures.said_in(brought.paper) or measure.due_on or (due.day if due else None)
        )
    if "received" in known.brings:
        brought = steps.serve(matter=measure, unit=measure.unit_id, brought=brought, by=by, now=now)
    else:
        brought = steps.enter_paper(matter=measure, unit=measure.unit_id, brought=brought, by=by, now=now)
    findings = list(queries.findings_of(measure.pk))
    changes: dict[str, Any] = {"due_on": brought.due_on} if brought.due_on else {}
    if act == "serve_order":
        changes["ordinal"] = _count_orders(measure, findings)
    row = steps.take(
        matter=measure, act=act, brought=brought,
        situation=queries.measure_situation(measure, findings, today=brought.occurred_on),
        roles=procedures.roles(by, unit=measure.unit_id), of_unit=by.is_of(measure.unit_id),
        base_version=base_version, hold=findings, by=by, now=now, title=_title(measure), changes=changes,
    )  # fmt: skip
    for told in known.tells:
        of_findings.tell(findings, told.act, brought, told_by=row, by=by, now=now)
    return row


def _count_orders(measure: Measure, findings: Sequence[Finding]) -> int:
    """Which order it is: of each finding, and the highest of them for the paper."""
    served = MeasureFinding.objects.filter(finding__in=[f.pk for f in findings], ordinal__isnull=False)
    before = dict(served.values_list("finding").annotate(n=Count("pk")))
    for finding in findings:
        ordinal = before.get(finding.pk, 0) + 1
        MeasureFinding.objects.filter(measure=measure, finding=finding).update(ordinal=ordinal)
    return max((before.get(f.pk, 0) for f in findings), default=0) + 1


@transaction.atomic
def drop_finding(*, measure: Measure, finding: Finding, base_version: int, by: Actor, now: datetime) -> None:
    """Take a finding out of a measure that is not served yet.

    Raises:
        Refused: ``measures.not_allowed``, ``measures.served``.
        Conflict: ``measures.changed``.
    """
    if "office" not in procedures.roles(by, unit=measure.unit_id):
        raise Refused("措施由督导室办理。", code="measures.not_allowed")
    if measure.state != "drafting":
        raise Refused("措施已经送达，不能再移出问题。", code="measures.served")
    if not Measure.objects.filter(pk=measure.pk, version=base_version).update(version=F("version") + 1):
        raise Conflict("别人刚刚办理过这个措施，请看过最新情况再办。", code="measures.changed")
    MeasureFinding.objects.filter(measure=measure, finding=finding).delete()
    measure.refresh_from_db()
    audit.record(
        action="measure.finding_dropped", subject=measure, summary=f"从{_title(measure)}中移出问题 {finding.number}",
        by=by, now=now, finding=str(finding.pk),
    )  # fmt: skip
