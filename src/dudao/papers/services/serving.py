"""Serving: each unit by itself, in the system, on paper, by the OA, or left there; the day counts for every limit."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.messages import services as messages
from dudao.papers.models import Paper, Receipt
from dudao.papers.services.rights import in_state, may, named
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused


@transaction.atomic
def serve_paper(
    *,
    paper: Paper,
    unit: UUID,
    on: date,
    way: str,
    received_by_words: str,
    evidence: Sequence[Received],
    by: Actor,
    now: datetime,
    note: str = "",
) -> Receipt:
    """Record that a unit has a paper. The unit itself signs in the system; everything else the office records.

    Args:
        on: the day it was received: not in the future, not before the day of issue.
        way: ``Receipt.Way``. On paper and left there take a scan (送达回证, photograph).
        received_by_words: who took it, for the unit's own signature the person who is signed in.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.unit`` (not sent to it), ``papers.way``, ``papers.day``,
            ``papers.scan``, ``papers.words``, ``papers.served`` (already has it).
    """
    own = by.is_of(unit) and by.can("paper.receive")
    if not own:
        may(by, "paper.draft", "paper.issue")
    # Held until the end of the transaction, so that it is not withdrawn meanwhile.
    Paper.objects.filter(pk=paper.pk).update(state=F("state"))
    paper.refresh_from_db()
    in_state(paper, Paper.State.ISSUED)
    assert paper.issued_on is not None, "an issued paper has its day"
    if not paper.addressees.filter(unit=unit).exists():
        raise Refused("这件公文没有发给这个单位。", code="papers.unit", field="unit")
    if way not in Receipt.Way.values or ((way == Receipt.Way.SYSTEM) != own and by.person is not None):
        raise Refused("请选择送达方式；系统签收由单位自己办理。", code="papers.way", field="way")
    if on > day_of(now):
        raise Refused("收到日期不能晚于今天。", code="papers.day", field="on")
    if on < paper.issued_on:
        raise Refused("收到日期不能早于成文日期。", code="papers.day", field="on")
    words = " ".join((received_by_words or (by.name if own else "")).split())[:100]
    if way in (Receipt.Way.PAPER, Receipt.Way.LEFT) and not evidence:
        raise Refused("请上传送达回证的扫描件或照片。", code="papers.scan", field="evidence")
    if not words and way != Receipt.Way.LEFT:
        raise Refused("请写明签收人。", code="papers.words", field="received_by_words")
    if way == Receipt.Way.LEFT and not note.strip():
        raise Refused("留置送达请写明拒收情况和见证人。", code="papers.words", field="note")
    receipt = Receipt(
        paper=paper,
        unit_id=unit,
        on=on,
        way=way,
        received_by_words=words,
        note=" ".join(note.split())[:200],
        recorded_by=by.person,
        recorded_by_name=by.name,
        recorded_at=now,
    )
    try:
        with transaction.atomic():
            receipt.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("这个单位已经登记过送达。", code="papers.served", field="unit") from error
    for one in evidence:
        files.attach(one, subject=receipt, by=by, now=now, occurred_on=on)
    # Whom a restricted paper went to is told by its receipt, to its readers.
    secret = paper.is_restricted
    name = "" if secret else places.unit_names(system(by.county), {unit}, as_of=on).get(unit, "—")
    audit.record(
        action="paper.served",
        subject=paper,
        summary=f"送达{name}：{paper.number} {named(paper)}（{receipt.get_way_display()}）",
        by=by,
        now=now,
        occurred_on=on,
        on_behalf_of=None if own or secret else str(unit),
        way=way,
        **({} if secret else {"unit": str(unit)}),
    )
    messages.mark_answered(subject=paper, unit=unit, by=by, now=now)
    return receipt
