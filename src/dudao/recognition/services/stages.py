"""The way to recognition: each step as it was taken, with its day, outcome, paper and evidence."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.recognition import library
from dudao.recognition.models import Report, Stage
from dudao.recognition.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused


@transaction.atomic
def record_stage(
    *,
    standard: str,
    year: int,
    step: str,
    occurred_on: date,
    outcome: str,
    document: str = "",
    words: str = "",
    report: Report | None = None,
    evidence: Sequence[files.Received] = (),
    by: Actor,
    now: datetime,
) -> Stage:
    """Record that a step was taken and how it ended.

    Args:
        outcome: one of those that ``library/recognition`` names.
        document: the paper it was said by.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.step``, ``recognition.outcome``, ``recognition.day``,
            ``recognition.proof`` (neither paper nor file).
    """
    may(by, "report.manage")
    way = library.ways().get(standard)
    one = way.step(step) if way else None
    if one is None or not 2000 <= year <= 2100:
        raise Refused("没有这个环节。", code="recognition.step")
    if outcome not in one.outcomes:
        raise Refused("请选择结果。", code="recognition.outcome", field="outcome")
    if occurred_on > day_of(now) or occurred_on.year < 2000:
        raise Refused("日期不能晚于今天。", code="recognition.day", field="occurred_on")
    named = " ".join(document.split())[:200]
    if not named and not evidence and report is None:
        raise Refused("请写明文件，或上传材料。", code="recognition.proof", field="document")
    row = Stage(
        county=by.county,
        standard=standard,
        year=year,
        step=step,
        on=occurred_on,
        outcome=outcome,
        document=named,
        words=words.strip()[:1000],
        report=report,
        recorded_by=by.person,
        recorded_name=by.name,
        recorded_at=now,
    )
    row.save(force_insert=True)
    for file in evidence:
        files.attach(file, subject=row, by=by, now=now, occurred_on=occurred_on)
    audit.record(
        action="recognition.recorded",
        subject=("recognition.way", f"{standard}:{year}"),
        summary=f"{year}年{one.name}：{outcome}",
        by=by,
        now=now,
        occurred_on=occurred_on,
    )
    return row


@transaction.atomic
def strike_stage(*, stage: Stage, reason: str, by: Actor, now: datetime) -> None:
    """A record was wrong; it stays to be read, struck out.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.reason``. Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    words = " ".join(reason.split())[:200]
    if not words:
        raise Refused("请写明作废原因。", code="recognition.reason", field="reason")
    if not Stage.objects.filter(pk=stage.pk, struck_at__isnull=True).update(struck_at=now, struck_reason=words):
        raise Conflict("已经作废了。", code="recognition.changed")
    audit.record(
        action="recognition.struck",
        subject=("recognition.way", f"{stage.standard}:{stage.year}"),
        summary=f"作废登记：{stage.outcome}，{words}",
        by=by,
        now=now,
    )
