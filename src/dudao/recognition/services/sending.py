"""Handing a report up: the package, to whom, the receipt, or what came back with it."""

import io
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.recognition.models import Report, Sending
from dudao.recognition.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused


@transaction.atomic
def record_sent(
    *,
    report: Report,
    receiver: str,
    way: str,
    sent_on: date,
    evidence: Sequence[files.Received] = (),
    by: Actor,
    now: datetime,
) -> Sending:
    """Record that an issued report was handed up.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.state``, ``recognition.receiver``, ``recognition.day``.
    """
    may(by, "report.manage")
    if report.state != Report.State.ISSUED:
        raise Refused("报告印发以后才能上报。", code="recognition.state")
    name = " ".join(receiver.split())[:100]
    if not name or way not in Sending.Way.values:
        raise Refused("请写明接收单位和方式。", code="recognition.receiver", field="receiver")
    issued = report.paper.issued_on
    if sent_on > day_of(now) or (issued and sent_on < issued):
        raise Refused("报送日期不能早于成文日期，也不能晚于今天。", code="recognition.day", field="sent_on")
    row = Sending(report=report, receiver=name, way=way, sent_on=sent_on)
    row.recorded_by, row.recorded_name, row.recorded_at = by.person, by.name, now
    row.save(force_insert=True)
    for one in evidence:
        files.attach(one, subject=row, by=by, now=now, occurred_on=sent_on)
    audit.record(
        action="report.sent",
        subject=report,
        summary=f"上报《{report.title}》给{name}（{row.get_way_display()}）",
        by=by,
        now=now,
        occurred_on=sent_on,
    )
    return row


def keep_package(*, sending: Sending, data: bytes, name: str, by: Actor, now: datetime) -> Sending:
    """Keep the package of a sending, made by the worker; the first one stays.

    Raises:
        Refused: ``recognition.not_allowed``.
    """
    may(by, "report.manage")
    received = files.receive(io.BytesIO(data), name=name)
    with transaction.atomic():
        rows = Sending.objects.filter(pk=sending.pk, package__isnull=True)
        if rows.update(package=received.key, package_sha256=received.sha256, version=F("version") + 1):
            files.attach(received, subject=sending, by=by, now=now)
    sending.refresh_from_db()
    return sending


def _claim(sending: Sending, base_version: int, **changes: object) -> None:
    if not claimed(sending, base_version, changes):
        raise Conflict("别人刚刚登记过，请对照后再办。", code="recognition.changed")


def _day(sending: Sending, on: date, now: datetime, field: str) -> None:
    if not sending.sent_on <= on <= day_of(now):
        raise Refused("日期不能早于报送日期，也不能晚于今天。", code="recognition.day", field=field)


@transaction.atomic
def record_receipt(
    *,
    sending: Sending,
    base_version: int,
    receipt_on: date,
    words: str = "",
    evidence: Sequence[files.Received] = (),
    by: Actor,
    now: datetime,
) -> None:
    """Record the receipt of the office above.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.day``. Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    _day(sending, receipt_on, now, "receipt_on")
    _claim(sending, base_version, receipt_on=receipt_on, receipt_words=" ".join(words.split())[:200])
    for one in evidence:
        files.attach(one, subject=sending, by=by, now=now, occurred_on=receipt_on)
    audit.record(
        action="report.receipt",
        subject=sending.report,
        summary=f"{sending.receiver}回执：{sending.receipt_words or '已收到'}",
        by=by,
        now=now,
        occurred_on=receipt_on,
    )


@transaction.atomic
def record_returned(
    *,
    sending: Sending,
    base_version: int,
    returned_on: date,
    words: str,
    evidence: Sequence[files.Received] = (),
    by: Actor,
    now: datetime,
) -> None:
    """Record that the office above returned the report for change, with its words. A new report is drafted from there.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.day``, ``recognition.words``. Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    said = words.strip()[:1000]
    if not said:
        raise Refused("请写明退回意见。", code="recognition.words", field="words")
    _day(sending, returned_on, now, "returned_on")
    _claim(sending, base_version, returned_on=returned_on, returned_words=said)
    for one in evidence:
        files.attach(one, subject=sending, by=by, now=now, occurred_on=returned_on)
    audit.record(
        action="report.returned",
        subject=sending.report,
        summary=f"{sending.receiver}退回修改：{said[:100]}",
        by=by,
        now=now,
        occurred_on=returned_on,
    )
