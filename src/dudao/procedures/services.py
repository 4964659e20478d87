"""Taking an act on a matter: what the file allows, in one transaction with its clocks, evidence and history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.papers import queries as papers_read
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.procedures import library, queries
from dudao.procedures.models import Act, Clock, LimitValue, Matter
from dudao.shell.acts import Actor
from dudao.shell.calendars import holidays
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel import deadlines
from dudao_engines.procedures import rules
from dudao_engines.procedures import schema as schemas
from dudao_engines.procedures.situation import Offer, Situation

#: How often a number is asked for anew when others begin a matter in the same moment.
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Outside:
    """A paper that was issued on paper or by the OA and comes along with the act it belongs to.

    Attributes:
        kind: id of the template (library/papers).
        number: as it stands on the paper; empty for a record that bears none.
        link: the page of the matter.
        scan: its file, received.
    """

    kind: str
    number: str
    issued_on: date
    title: str
    link: str
    scan: files.Received | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a person brings to an act.

    Attributes:
        occurred_on: the day it happened; for a service the day on which the unit received it.
        words: in answer to the act's ``words``.
        due_on: the day set by the act.
        way: how it was done or served (``Act.Way``).
        evidence: received files; they are attached to the act.
        paper: the paper that is served or recorded with the act; ``outside`` where it is not in the house yet.
        on_behalf: whom it is written down for, in words; ``behalf_person`` where it is a person of the county.
        key: sent by the page; the same act sent twice is taken once, another one under the same key is a conflict.
        received_by: who signed for the paper, in words; ``note``: how it was left there (留置).
        is_proved: the evidence lies with the receipt already.
    """

    occurred_on: date
    words: str = ""
    ticks: tuple[str, ...] = ()
    due_on: date | None = None
    way: str = Act.Way.SYSTEM
    evidence: Sequence[files.Received] = field(default=())
    paper: Paper | None = None
    outside: Outside | None = None
    on_behalf: str = ""
    behalf_person: UUID | None = None
    key: UUID | None = None
    received_by: str = ""
    note: str = ""
    is_proved: bool = False


@transaction.atomic
def enter_paper(
    *, matter: Matter, unit: UUID | None, brought: Brought, by: Actor, now: datetime, readers: Sequence[UUID] = ()
) -> Brought:
    """Enter the paper that was issued elsewhere and comes along with an act; nothing where there is none.

    Args:
        unit: to which it is addressed; none for one that goes up.
        readers: persons; when given, nobody else may read the paper.

    Raises:
        Refused: the codes of ``papers.services.record_outside_paper``.
    """
    if brought.outside is None or _was_taken(matter, brought):
        return brought
    out = brought.outside
    paper = papers.record_outside_paper(
        kind=out.kind, subject=matter, subject_title=str(matter)[:300], link=out.link, number=out.number,
        issued_on=out.issued_on, title=out.title, to_units=[unit] if unit else [], received=out.scan,
        readers=readers, by=by, now=now,
    )  # fmt: skip
    return replace(brought, paper=paper, outside=None)


@transaction.atomic
def serve(
    *, matter: Matter, unit: UUID, brought: Brought, by: Actor, now: datetime, readers: Sequence[UUID] = ()
) -> Brought:
    """Write down that the unit has the paper of an act in its hands; nothing where it was written down before.

    Returns:
        What is left to bring to the act itself: the scans prove the service and lie with the receipt.

    Raises:
        Refused: ``procedures.paper``, the paper belongs to another matter; the codes of ``papers.services.serve_paper``.
    """
    brought = enter_paper(matter=matter, unit=unit, brought=brought, by=by, now=now, readers=readers)
    paper = brought.paper
    if paper is None:
        return brought
    if (paper.subject_type, paper.subject_key) != (matter._meta.label_lower, str(matter.pk)):
        raise Refused("这份文书不属于这件事项。", code="procedures.paper", field="paper")
    if papers_read.has_received(paper, unit):
        return brought
    papers.serve_paper(
        paper=paper, unit=unit, on=brought.occurred_on, way=brought.way, received_by_words=brought.received_by,
        evidence=brought.evidence, by=by, now=now, note=brought.note,
    )  # fmt: skip
    return replace(brought, evidence=(), is_proved=bool(brought.evidence))


@transaction.atomic
def take(
    *,
    matter: Matter,
    act: str,
    brought: Brought,
    situation: Situation,
    roles: frozenset[str],
    of_unit: bool,
    base_version: int,
    by: Actor,
    now: datetime,
    hold: Sequence[Matter] = (),
    title: str,
    changes: Mapping[str, Any] | None = None,
    told_by: Act | None = None,
    clocks_from: date | None = None,
) -> Act:
    """Take an act on a matter, or begin it (a matter not saved yet, whose state is empty).

    Args:
        situation: where it stood on the day of the act (``queries.situations``) with what it is linked to: what had not
            lapsed by then is not lapsed because it is written down later.
        roles: what the person is to the matter (``queries.roles``); ``of_unit``: their hat is in the unit in question.
        base_version: of the row as the person saw it.
        hold: linked matters whose states decide; they must be as they were read until this is written.
        title: the matter in words, for the history; no personal data.
        changes: other fields of the matter written at the same time.
        told_by: the act of another matter that makes this one; people are not asked then.
        clocks_from: the day from which limits run where it is not the day of the act.

    Raises:
        Refused: ``procedures.*`` as in ``dudao_engines.procedures.rules``; ``procedures.future`` the day lies after
            today; ``procedures.order`` it lies before the day of the present state; ``procedures.due`` the due day lies
            before the act or is not the one in its paper; ``procedures.way``.
        Conflict: ``procedures.changed``, somebody else was first.
    """
    procedure = library.procedure(matter.PROCEDURE)
    known = procedure.act(act)
    if kept := _was_taken(matter, brought):
        if (kept.code, kept.words) != (known.id, brought.words.strip()):
            # Another text under the same page's key (back by the browser's button) must not be lost without a word.
            raise _changed()
        return kept
    _check_days(matter, known, brought, today=day_of(now))
    if told_by is None:
        if brought.paper and Act.objects.filter(subject=matter.pk, code=act, paper=brought.paper).exists():
            raise Refused("这份文书上一轮已经用过，请另行签发。", code="procedures.paper", field="paper")
        _check(procedure, known, brought, situation, roles=roles, of_unit=of_unit, by=by)
    elif missing := rules.blocked(procedure, known, situation):
        raise Refused(missing[0].words, code=missing[0].code)
    after = rules.after(procedure, known, situation, [])
    before = situation.state(known.track) if situation.states else ""
    for held in hold:
        if not type(held)._base_manager.filter(pk=held.pk, version=held.version).update(version=held.version):
            raise _changed()
    round_ = matter.round + (known.round == "new")
    _write(matter, known, after, round_, brought.occurred_on, base_version, changes or {}, by=by, now=now)
    row = Act(
        county=by.county, procedure=procedure.id, version_of=procedure.version, subject=matter.pk, code=known.id,
        name=known.name, track=known.track, round=round_, before=before, after=after.state(known.track),
        occurred_on=brought.occurred_on, recorded_at=now, by_person=by.person, by_name=by.name,
        hat_label=by.hat_label[:200], on_behalf=brought.on_behalf[:200], behalf_person=brought.behalf_person,
        way=brought.way, words=brought.words.strip(), ticks=list(brought.ticks), due_on=brought.due_on,
        paper=brought.paper, told_by=told_by, key=brought.key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _changed() from error
    _clocks(matter, known, row, due_on=brought.due_on, start=clocks_from or row.occurred_on)
    for received in brought.evidence:
        files.attach(received, subject=row, by=by, now=now, occurred_on=brought.occurred_on)
    _tell_history(row, matter, title, by=by, now=now)
    return row


def _was_taken(matter: Matter, brought: Brought) -> Act | None:
    """The act that the same page sent before."""
    return Act.objects.filter(subject=matter.pk, key=brought.key).first() if brought.key else None


def _tell_history(row: Act, matter: Matter, title: str, *, by: Actor, now: datetime) -> None:
    """The event of an act. Of a matter that named persons alone may see it tells that a step was taken, and not which."""
    told: dict[str, Any] = {"procedure": row.procedure, "round": row.round}
    if not matter.IS_SECRET:
        told |= {"act": row.code, "before": row.before, "after": row.after}
    if row.told_by_id:
        told["told_by"] = str(row.told_by_id)
    audit.record(
        action="matter.taken", subject=matter, summary=f"{'办理一步' if matter.IS_SECRET else row.name}：{title}", by=by,
        now=now, occurred_on=row.occurred_on, **told,
    )  # fmt: skip


def _changed() -> Conflict:
    return Conflict("别人刚刚办理过这件事项，请看过最新情况再办；您填写的内容还在。", code="procedures.changed")


def _check_days(matter: Matter, act: schemas.Act, brought: Brought, *, today: date) -> None:
    on = brought.occurred_on
    if on > today:
        raise Refused("日期不能晚于今天。", code="procedures.future", field="occurred_on")
    since = matter.state_since if act.track == "main" else matter.side_since
    if matter.state and since and on < since:
        words = f"日期不能早于上一步的日期（{since:%Y年%-m月%-d日}）。"
        raise Refused(words, code="procedures.order", field="occurred_on")
    if brought.due_on and brought.due_on < on:
        raise Refused("期限不能早于办理（送达）的日期。", code="procedures.due", field="due_on")
    said = queries.said_in(brought.paper) if "due" in act.brings else None
    if said and brought.due_on and brought.due_on != said:
        words = f"文书写明的期限是{said:%Y年%-m月%-d日}，所填的期限要与文书一致。"
        raise Refused(words, code="procedures.due", field="due_on")
    if brought.way not in Act.Way.values:
        raise Refused("请选择方式。", code="procedures.way", field="way")


def _check(
    procedure: schemas.Procedure, act: schemas.Act, brought: Brought, situation: Situation,
    *, roles: frozenset[str], of_unit: bool, by: Actor,
) -> None:  # fmt: skip
    if brought.paper and brought.paper.kind != act.paper:
        raise Refused("请选择这一步要用的文书。", code="procedures.paper", field="paper")
    if act.paper and "received" in act.brings and act.paper in situation.papers and brought.paper is None:
        raise Refused("请选择已送达的文书。", code="procedures.paper", field="paper")
    brings = {
        "evidence": bool(brought.evidence) or brought.is_proved,
        "words": bool(brought.words.strip()),
        "due": brought.due_on is not None,
        "received": bool(brought.way),
    }
    offer = Offer(
        person=str(by.person or ""),
        also=frozenset({str(brought.behalf_person)} if brought.behalf_person else ()),
        roles=roles,
        of_unit=of_unit,
        brings=frozenset(name for name, here in brings.items() if here),
        ticks=frozenset(brought.ticks),
    )
    if missing := rules.refusals(procedure, act, situation, offer):
        first = missing[0]
        fields = {"due": "due_on", "received": "way"}
        raise Refused(
            first.words if len(missing) == 1 else "".join(m.words for m in missing if m.field == first.field),
            code=first.code,
            field=fields.get(first.field, first.field) or None,
        )


def _write(
    matter: Matter, act: schemas.Act, after: Situation, round_: int, on: date, base_version: int,
    changes: Mapping[str, Any], *, by: Actor, now: datetime,
) -> None:  # fmt: skip
    new = {"state": after.state(), "round": round_, **changes}
    if act.begins:
        new["state_since"] = on
        if matter.SIDE:
            new |= {"side_state": after.state(matter.SIDE), "side_since": on}
        for name, value in new.items():
            setattr(matter, name, value)
        matter.county, matter.recorded_at = by.county, now
        matter.recorded_by, matter.recorded_name = by.person, by.name
        _number(matter)
        return
    if act.to and act.track == "main":
        new["state_since"] = on
    elif act.to:
        new |= {"side_state": after.state(matter.SIDE), "side_since": on}
    rows = type(matter)._base_manager.filter(pk=matter.pk, version=base_version, state=matter.state)
    if not rows.update(version=F("version") + 1, **new):
        raise _changed()
    matter.refresh_from_db()


def _number(matter: Matter) -> None:
    """Write a new matter under the next number of its county and year; of those who begin at once each gets one."""
    model = type(matter)
    for attempt in range(_TRIES):
        of_year = model._base_manager.filter(county=matter.county, year=matter.year)
        matter.serial = (of_year.aggregate(last=models.Max("serial"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                matter.save(force_insert=True)
        except IntegrityError:
            if attempt == _TRIES - 1 or not of_year.filter(serial=matter.serial).exists():
                raise
        else:
            return


def _clocks(matter: Matter, act: schemas.Act, row: Act, *, due_on: date | None, start: date) -> None:
    """Stop and start what the act stops and starts. A new round stops everything, and so does the end of the matter."""
    running = Clock.objects.filter(subject=matter.pk, stopped_by__isnull=True)
    ended = running if act.round == "new" or matter.is_final else running.filter(limit__in=[*act.stops, *act.starts])
    ended.update(stopped_on=row.occurred_on, stopped_by=row)
    known = queries.limits(matter.county, matter.PROCEDURE, row.occurred_on) if act.starts else {}
    for code in act.starts:
        limit = known[code]
        if not limit.enabled:
            continue
        clock = Clock(
            county=matter.county, procedure=matter.PROCEDURE, subject=matter.pk, round=row.round, limit=code,
            name=limit.limit.name, rule=limit.rule[:200], is_sure=limit.is_sure, started_on=start,
            started_by=row,
        )  # fmt: skip
        if due_on and (limit.limit.case_by_case or "due" in act.brings):
            clock.due_on = due_on
        elif limit.amount is not None:
            due = deadlines.due(start, limit.amount, limit.unit, holidays())
            clock.amount, clock.unit = limit.amount, limit.unit
            clock.due_on, clock.calendar, clock.is_provisional = due.day, due.calendar[:100], due.provisional
        else:
            continue
        clock.save(force_insert=True)


def takes_note(matter: Matter, act: str, situation: Situation) -> bool:
    """Whether a matter takes an act it is told of, as it stands."""
    return rules.takes_note(library.procedure(matter.PROCEDURE), act, situation)


@transaction.atomic
def set_limit(
    *, procedure: str, limit: str, amount: int | None, unit: str, is_enabled: bool, from_on: date, source: str,
    is_checked: bool, by: Actor, now: datetime,
) -> LimitValue:  # fmt: skip
    """Say what a limit is in this county from a day on; clocks that run already stay as they are.

    Raises:
        Refused: ``procedures.not_allowed``, ``procedures.limit`` unknown, ``procedures.amount``, ``procedures.unit``,
            ``procedures.source``, ``procedures.waited`` switched off though a condition waits for it.
    """
    if not by.can("loop.office"):
        raise Refused("期限由督导室设定。", code="procedures.not_allowed")
    known = {x.id: x for x in library.procedure(procedure).limits} if procedure in library.procedures() else {}
    if limit not in known:
        raise Refused("没有这个期限。", code="procedures.limit", field="limit")
    if is_enabled and not known[limit].case_by_case and not amount:
        raise Refused("请填写大于 0 的数量，或停用这个期限。", code="procedures.amount", field="amount")
    if not is_enabled and limit in library.waited_for():
        raise Refused(
            "后面的办理步骤要等这个期限，不能停用；可以改天数。", code="procedures.waited", field="is_enabled"
        )
    if unit not in ("日", "工作日", "月", "年", known[limit].unit):
        raise Refused("请选择单位。", code="procedures.unit", field="unit")
    if not source.strip():
        raise Refused("请写明依据（文件、文号、条款）。", code="procedures.source", field="source")
    row, _ = LimitValue.objects.update_or_create(
        county=by.county, procedure=procedure, limit=limit, from_on=from_on,
        defaults={
            "amount": amount, "unit": unit, "is_enabled": is_enabled, "source": source.strip()[:200],
            "is_checked": is_checked, "set_by": by.name, "set_at": now,
        },
    )  # fmt: skip
    audit.record(
        action="limit.set", subject=row, summary=f"设定期限：{known[limit].name}", by=by, now=now,
        procedure=procedure, limit=limit, amount=amount, unit=unit, enabled=is_enabled,
    )  # fmt: skip
    return row


@transaction.atomic
def reckon_again(*, county: str, by: Actor, now: datetime) -> int:
    """Reckon the days again that were 暂估 and have not passed, because a holiday table came.

    Returns:
        How many clocks changed their day or are no longer 暂估.
    """
    today, changed = day_of(now), 0
    table = holidays()
    for clock in Clock.objects.filter(county=county, is_provisional=True, stopped_by__isnull=True, due_on__gte=today):
        if clock.amount is None:
            continue
        kept = deadlines.Due(clock.due_on, True, clock.calendar)
        due = deadlines.again(clock.started_on, clock.amount, clock.unit, table, kept=kept, today=today)
        if due is None or due == kept:
            continue
        rows = Clock.objects.filter(pk=clock.pk, stopped_by__isnull=True, due_on=clock.due_on)
        if rows.update(due_on=due.day, calendar=due.calendar[:100], is_provisional=due.provisional):
            changed += 1
            summary = f"放假安排公布，{clock.name}到期日改为{due.day:%Y年%-m月%-d日}"
            audit.record(
                action="clock.reckoned", subject=clock, summary=summary, by=by, now=now,
                before=clock.due_on.isoformat(), after=due.day.isoformat(),
            )  # fmt: skip
    return changed
