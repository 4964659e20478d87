"""A complaint comes in: through the page behind a board, or written down by the office."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from dudao.audit import services as audit
from dudao.complaints import queries
from dudao.complaints.models import Complaint, ComplaintStep
from dudao.complaints.services.rights import note, without_who
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of, not_ahead
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7

#: No 0 O 1 I L U V: read aloud and copied from paper. Twelve of 29 letters: 58 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
_TRIES = 8


def in_fours(code: str) -> str:
    """A code as one writes it down: ``ABCD-EFGH-JKMN``."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said.

    Attributes:
        about: the inspector (person) whom it is about; None where it is about the school.
        title: in the office's words, where the office writes it down.
    """

    unit: UUID
    source: str
    kind: str
    words: str
    received_on: date
    name: str = ""
    contact: str = ""
    about: UUID | None = None
    title: str = ""


@transaction.atomic
def receive(*, said: Said, sent_key: UUID | None, by: Actor, now: datetime) -> Complaint:
    """Take a complaint in. Sent twice with one key and the same words, it is one.

    Args:
        by: the office; the system for the page behind a board.

    Returns:
        the complaint; its ``code`` is for who complained and nobody else.

    Raises:
        Refused: ``complaints.not_allowed``, ``.unit``, ``.kind``, ``.words``, ``.who``, ``.future``, ``.concerned``.
    """
    if not queries.handles(by):
        raise Refused("投诉由督导室登记。", code="complaints.not_allowed")
    today, words = day_of(now), said.words.strip()
    if said.unit not in places.unit_names(system(by.county), {said.unit}, as_of=today):
        raise Refused("请从名单中选择学校（园）。", code="complaints.unit", field="unit")
    if said.kind not in Complaint.Kind.values or said.source not in Complaint.Source.values:
        raise Refused("请选择类别和来源。", code="complaints.kind", field="kind")
    if len(words) < 4:
        raise Refused("请写明是什么事。", code="complaints.words", field="words")
    not_ahead(said.received_on, now, "received_on", "收到日期", code="complaints.future")
    if (kept := _kept(sent_key, by.county)) is not None:
        if (kept.words, kept.kind, kept.unit_id) == (words, said.kind, said.unit):
            return kept
        # The page was opened again from the browser's history and filled with something else.
        sent_key = None
    row = Complaint(
        county=by.county, year=said.received_on.year, sent_key=sent_key, source=said.source, kind=said.kind, unit_id=said.unit,
        about_id=said.about, received_on=said.received_on, recorded_at=now, by_person=by.person, by_name=by.name, words=words,
        name=said.name.strip()[:100], contact=said.contact.strip()[:200], title=without_who(said.title, name=said.name, contact=said.contact),
        due_on=queries.due(by.county, "accept", said.received_on),
        code="".join(secrets.choice(ALPHABET) for _ in range(12)),
    )  # fmt: skip
    if by.person is not None and queries.concerned(by, row, day=today):
        raise Refused("投诉涉及您本人或您任职的单位，请由别的同志登记。", code="complaints.concerned", field="unit")
    if (saved := _save(row)) is not row:
        return saved
    note(row, ComplaintStep.Step.RECEIVE, occurred_on=row.received_on, said=row.get_source_display(), by=by, now=now)
    audit.record(
        action="complaint.received", subject=row, summary=f"收到{row.get_kind_display()} {row.number}：{row.get_source_display()}",
        by=by, now=now, occurred_on=row.received_on,
    )  # fmt: skip
    return row


def _kept(sent_key: UUID | None, county: str) -> Complaint | None:
    return Complaint.objects.filter(sent_key=sent_key, county=county).first() if sent_key else None


def _save(row: Complaint) -> Complaint:
    """Give it the next number; who comes at the same moment gets the one after. Of two clicks the second finds the first."""
    for _ in range(_TRIES):
        rows = Complaint.objects.filter(county=row.county, year=row.year)
        row.serial = (rows.aggregate(Max("serial"))["serial__max"] or 0) + 1
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if (kept := _kept(row.sent_key, row.county)) is not None:
                return kept
            row.pk = uuid7()
            continue
        return row
    raise Refused("同时提交的人太多，请过一会再提交一次。", code="complaints.busy")
