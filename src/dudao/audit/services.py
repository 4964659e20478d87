"""Writing history, sealing it, and checking the seals."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db import IntegrityError, models, transaction

from dudao.audit import chain, queries
from dudao.audit.models import AuditEvent, Seal
from dudao.audit.queries import Head
from dudao.shell.acts import Actor
from dudao.shell.clock import CHINA
from dudao.shell.errors import Refused

BATCH = 200
HEADS_FORM = "dudao-audit-heads-1"


def record(
    *,
    action: str,
    subject: models.Model | tuple[str, str],
    summary: str,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    on_behalf_of: Any = None,
    **facts: Any,
) -> AuditEvent:
    """Write one event; the caller's transaction carries it together with the change.

    Touches no row that anybody else touches: writers never wait for one another, nor for the sealer.

    Args:
        action: dotted name, ``<noun>.<past participle>``, for example ``task.signed``.
        subject: the row that was acted on, or (kind, key) of what is no row, for example ``("backup", "2024-04-10")``.
        summary: one Chinese sentence for people.
        by: who acts.
        now: the moment of recording, aware.
        occurred_on: the day it happened; today where left out.
        on_behalf_of: key of the person or unit acted for, where not the hat's own.
        facts: what is worth keeping, JSON values; no children's data, no secrets.

    Raises:
        Refused: ``audit.future``, the day lies after today.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs into the transaction of what it tells")
    today = now.astimezone(CHINA).date()
    if occurred_on and occurred_on > today:
        raise Refused("发生日期不能晚于今天。", code="audit.future", field="occurred_on")
    kind, key = subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))
    return AuditEvent.objects.create(
        county=by.county,
        action=action,
        subject_type=kind,
        subject=key,
        summary=summary[:200],
        facts=facts,
        by_user=by.user,
        by_person=by.person,
        by_name=by.name,
        hat=by.hat,
        hat_label=by.hat_label,
        on_behalf_of=on_behalf_of or by.on_behalf_of,
        occurred_on=occurred_on or today,
        recorded_at=now,
    )


@transaction.atomic
def record_reading(*, event: AuditEvent, by: Actor, now: datetime) -> None:
    """Leave a line when an event about sensitive data is opened."""
    if queries.is_sensitive(event):
        record(
            action="audit.read",
            subject=event,
            summary=f"查看留痕：{event.summary}",
            by=by,
            now=now,
            of_action=event.action,
        )


@transaction.atomic
def record_export(*, filters: Mapping[str, str], by: Actor, now: datetime) -> None:
    """Leave a line when the history is taken out as a table."""
    record(
        action="audit.exported",
        subject=("audit.export", by.county),
        summary="导出留痕",
        by=by,
        now=now,
        filters=dict(filters),
    )


# ---- sealing --------------------------------------------------------------------------------------------------------


def seal(*, county: str, now: datetime, full: bool = False) -> int:
    """Number and chain the events of a county that have no seal yet.

    Idempotent; may run in several processes at once: the numbers of a batch are proposed from what is visible, and the
    constraint on (county, number) lets one proposal through. Everything is read and digested outside the short
    transaction that writes the batch.

    Args:
        county: GB/T 2260 code.
        now: the moment written into the seals, aware.
        full: look through the whole history (once a day), not only the neighbourhood of the newest seal.

    Returns:
        how many events this call sealed.
    """
    sealed = 0
    while True:
        # The last seal is read before the events: if another sealer comes between, our numbers collide with its own.
        last = queries.head(county)
        follows = (last.number, last.chain) if last else None
        batch: list[Seal] = []
        for event in queries.unsealed(county, full=full)[:BATCH]:
            batch.append(chain.next_seal(county=county, last=follows, event=event, sealed_at=now))
            follows = (batch[-1].number, batch[-1].chain)
        if not batch:
            return sealed
        try:
            with transaction.atomic():
                Seal.objects.bulk_create(batch)
        except IntegrityError:
            # Another sealer is at work on the same events and will finish them.
            return sealed
        sealed += len(batch)


def seal_all(*, now: datetime, full: bool = False) -> int:
    """``seal`` for every county with a history; the periodic duty of the worker."""
    return sum(seal(county=county, now=now, full=full) for county in queries.counties())


# ---- checking -------------------------------------------------------------------------------------------------------

Kind = Literal["edited", "deleted", "gap", "chain", "unsealed", "cut", "head"]
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed: ``message`` is a Chinese line."""

    kind: Kind
    message: str
    number: int | None = None


@dataclass(slots=True)
class Report:
    """What a check found; ``faults`` holds the first 50, ``count`` all of them."""

    county: str
    checked: int = 0
    first: int = 1
    head: Head | None = None
    waiting: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.count == 0

    def add(self, kind: Kind, message: str, number: int | None = None) -> None:
        self.count += 1
        if len(self.faults) < _SHOWN:
            self.faults.append(Fault(kind, message, number))


def verify(
    *,
    county: str,
    now: datetime,
    heads: Iterable[Head] = (),
    late_after: timedelta = timedelta(minutes=5),
    newest: int | None = None,
) -> Report:
    """Check a county's chain: edited, deleted, inserted and swapped events, gaps, a cut tail, a sealer that stands still.

    A cut tail shows only against a head that was exported before the cut. Constant memory.

    Args:
        county: GB/T 2260 code.
        now: aware; tells how long events have been waiting for a seal.
        heads: exported heads (``read_heads``); those of other counties are ignored.
        late_after: how long an event may wait for its seal.
        newest: only the newest so many seals (the page's quick check); the rest is then taken as it stands.
    """
    report = Report(county, head=queries.head(county))
    expected = {h.number: h for h in heads if h.county == county}
    before, number = chain.START, 0
    if newest is not None and report.head is not None:
        number = max(report.head.number - newest, 0)
        report.first = number + 1
        earlier = Seal.objects.filter(county=county, number=number).first()
        before = earlier.chain if earlier else before
        expected = {n: h for n, h in expected.items() if n > number}
    for row, event in queries.seals_with_events(county, after=number):
        report.checked += 1
        if row.number != number + 1:
            report.add("gap", f"序号断开：第 {number} 条之后是第 {row.number} 条。", row.number)
        if row.previous != before:
            report.add("chain", f"第 {row.number} 条接不上前一条：顺序被调换，或中间有改动。", row.number)
        if row.chain != chain.chain_hash(row):
            report.add("chain", f"第 {row.number} 条的封存记录被改动。", row.number)
        if event is None:
            report.add("deleted", f"第 {row.number} 条的留痕已被删除（{row.event}）。", row.number)
        elif row.digest != chain.event_digest(event):
            report.add("edited", f"第 {row.number} 条的留痕被改动（{row.event}，{event.action}）。", row.number)
        if (head := expected.pop(row.number, None)) and head.chain != row.chain:
            report.add("head", f"第 {row.number} 条与导出的链头不同：此前的记录被重新写过。", row.number)
        number, before = row.number, row.chain
    for head in expected.values():
        report.add(
            "cut",
            f"导出的链头到第 {head.number} 条（{_moment(head.sealed_at)}），现在只到第 {number} 条：末尾被截去。",
            head.number,
        )
    # The whole history only where the whole chain was asked for.
    waiting = queries.unsealed(county, full=newest is None)
    report.waiting = waiting.count()
    late = waiting.filter(recorded_at__lt=now - late_after).count()
    if late:
        minutes = int(late_after.total_seconds() // 60)
        report.add("unsealed", f"有 {late} 条留痕超过 {minutes} 分钟没有封存：封存没有运行，或有人绕过系统写入。")
    return report


def _moment(value: datetime) -> str:
    return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def heads_text(heads: Iterable[Head], *, now: datetime) -> str:
    """Heads as a JSON text, to be kept elsewhere (paper, another machine)."""
    listed = [
        {"county": h.county, "number": h.number, "chain": h.chain, "sealed_at": h.sealed_at.isoformat()} for h in heads
    ]
    return json.dumps({"form": HEADS_FORM, "made_at": now.isoformat(), "heads": listed}, indent=1) + "\n"


def read_heads(text: str) -> list[Head]:
    """Read what ``heads_text`` wrote.

    Raises:
        Refused: ``audit.not_heads``.
    """
    try:
        data = json.loads(text)
        if data["form"] != HEADS_FORM:
            raise ValueError(data["form"])
        return [
            Head(str(h["county"]), int(h["number"]), str(h["chain"]), datetime.fromisoformat(h["sealed_at"]))
            for h in data["heads"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("这不是导出的链头文件（dudao audit head --out）。", code="audit.not_heads") from error
