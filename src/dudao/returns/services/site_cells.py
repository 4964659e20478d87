"""At the school: what was found cell by cell, and who signed the sheet. What was reported stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from dudao.audit import services as audit
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.inspectors import queries as inspectors
from dudao.messages import services as messages
from dudao.returns import checks
from dudao.returns.models import (
    Cell,
    CellCheck,
    CheckMember,
    CheckRound,
    CheckSignature,
    Reading,
    SchoolCheck,
    Source,
)
from dudao.returns.queries import site as queries
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from dudao_engines.kernel import digests
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field

SAME, DIFFERS, UNABLE = CellCheck.Outcome.SAME, CellCheck.Outcome.DIFFERS, CellCheck.Outcome.UNABLE
CHECKER, HEAD = CheckSignature.Role.CHECKER, CheckSignature.Role.HEAD


@dataclass(frozen=True, slots=True)
class Entry:
    """What was found for one cell.

    Attributes:
        found: as typed; only where it differs.
        proof, cause: codes of ``library/checks.yaml``.
        key: of the row, made where it was written; the same entry sent twice is written once.
        base_version: of the row that is changed; 0 for a cell not looked at before.
    """

    code: str
    outcome: str
    found: str = ""
    proof: str = ""
    proof_words: str = ""
    cause: str = ""
    words: str = ""
    evidence: Sequence[files.Received] = field(default=())
    key: UUID | None = None
    base_version: int = 0


@dataclass(frozen=True, slots=True)
class Signing:
    """A signature as it is brought.

    Attributes:
        seen: version of the sheet that the signer saw.
        person: who signed; the hat's own where left out. ``name``: of a head who is no person of the county's list.
        scan: of the sheet signed on paper.
    """

    seen: int
    agrees: bool = True
    words: str = ""
    person: UUID | None = None
    name: str = ""
    on_paper: bool = False
    scan: Sequence[files.Received] = field(default=())
    key: UUID | None = None


@transaction.atomic
def record_cells(
    *, check: SchoolCheck, entries: Sequence[Entry], occurred_on: date, by: Actor, now: datetime
) -> list[CellCheck]:
    """Write what was found for some cells; all of them or none.

    Args:
        entries: one for each cell; an entry equal to what stands changes nothing.
        occurred_on: the day at the school.

    Returns:
        The rows in the order of the entries.

    Raises:
        Refused: ``checks.not_allowed`` (not of the group), ``checks.recused``, ``checks.state`` (the round is not under way,
            or the sheet is signed), ``checks.field`` (not of the form), ``checks.outcome``, ``checks.found``,
            ``checks.proof``, ``checks.cause``, ``checks.words``, ``audit.future``; ``field`` names what is wrong.
        Conflict: ``checks.cell_changed``, the other checker wrote the same cell; ``checks.key``.
    """
    day = day_of(now)
    _may_check(check, by=by, day=day)
    if occurred_on < check.round.begin_on and occurred_on < check.round.occurred_on:
        raise Refused("到校日期早于核查安排，请核对。", code="checks.day", field="occurred_on")
    form = queries.form_of(check.round.campaign)
    cells = {one.code: one for one in Cell.objects.filter(ret=check.ret_id, code__in=[one.code for one in entries])}
    standing = {one.code: one for one in check.cells.filter(code__in=[one.code for one in entries])}
    kept: list[CellCheck] = []
    changed: list[CellCheck] = []
    for one in entries:
        item = form.get(one.code)
        if item is None:
            raise Refused("填报表里没有这一项。", code="checks.field")
        row, reported = standing.get(one.code), cells[one.code].value if one.code in cells else ""
        values = _found(one, item, reported)
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            _attach(row, one.evidence, by=by, now=now, occurred_on=occurred_on)
            kept.append(row)
            continue
        if not changed:
            _touch(check, occurred_on=occurred_on)
        row = _write(check, row, one, values, occurred_on=occurred_on, by=by, now=now)
        _attach(row, one.evidence, by=by, now=now, occurred_on=occurred_on)
        kept.append(row)
        changed.append(row)
    if changed:
        audit.record(
            action="cell_check.recorded", subject=check, summary=f"记录实地核查：{_said(changed, form)}", by=by, now=now,
            occurred_on=occurred_on, cells={one.code: [one.outcome, one.proof, one.cause] for one in changed},
        )  # fmt: skip
    return kept


def _said(rows: Sequence[CellCheck], form: Any) -> str:
    first = form.field(rows[0].code).label
    return f"{first} {rows[0].get_outcome_display()}" if len(rows) == 1 else f"{first}等 {len(rows)} 项"


def _may_check(check: SchoolCheck, *, by: Actor, day: date) -> None:
    """Raises: ``Refused`` ``checks.not_allowed``, ``checks.recused``, ``checks.state``."""
    if not (queries.is_of_group(by, check) or queries.is_office(by)):
        raise Refused("核查情况由核查组的人或督导室记录。", code="checks.not_allowed")
    _refuse_recused(check, by=by, day=day)
    if check.round.state != CheckRound.State.RUNNING:
        raise Refused(f"这轮核查{check.round.get_state_display()}，不能记录。", code="checks.state")


def _refuse_recused(check: SchoolCheck, *, by: Actor, day: date) -> None:
    if by.is_of(check.unit_id) or queries.is_recused(by, check, day=day):
        words = f"您在这所学校任职、{inspectors.RECUSAL_YEARS}年内任过职，或登记了回避，应当回避。"
        raise Refused(words, code="checks.recused")


def _found(one: Entry, item: Field, reported: str) -> dict[str, Any]:
    """The fields of a row, each looked at.

    Raises:
        Refused: ``checks.outcome``, ``checks.found``, ``checks.proof``, ``checks.cause``, ``checks.words``.
    """
    words, proof_words = one.words.strip()[:500], one.proof_words.strip()[:300]
    if one.outcome not in CellCheck.Outcome.values:
        raise Refused("请选择相符、不符或未能核实。", code="checks.outcome", field="outcome")
    if one.outcome == UNABLE:
        if not words:
            raise Refused("请写明为什么没能核实。", code="checks.words", field="words")
        return {"reported": reported, "outcome": UNABLE, "found": "", "proof": "", "proof_words": proof_words,
                "cause": "", "words": words}  # fmt: skip
    proof = checks.proofs().get(one.proof)
    if proof is None:
        raise Refused("请选择依据什么佐证。", code="checks.proof", field="proof")
    if proof.needs_words and not proof_words:
        raise Refused("请写明是什么佐证。", code="checks.proof", field="proof_words")
    if one.outcome == SAME:
        return {"reported": reported, "outcome": SAME, "found": reported, "proof": proof.id, "proof_words": proof_words,
                "cause": "", "words": words}  # fmt: skip
    read = reading.read(one.found, item)
    if read.value is None:
        said = f"核查值{read.problem}。" if read.problem else "请填写核查值。"
        raise Refused(said, code="checks.found", field="found")
    found = reading.stored(read.value)
    if found == reported:
        raise Refused("核查值与填报值相同，请选“相符”。", code="checks.found", field="found")
    cause = checks.causes().get(one.cause)
    if cause is None:
        raise Refused("请选择差异的原因。", code="checks.cause", field="cause")
    if (cause.needs_words or cause.grave) and not words:
        raise Refused("请说明差异的原因。", code="checks.words", field="words")
    return {"reported": reported, "outcome": DIFFERS, "found": found, "proof": proof.id, "proof_words": proof_words,
            "cause": cause.id, "words": words}  # fmt: skip


def _touch(check: SchoolCheck, *, occurred_on: date) -> None:
    """Count the sheet up, unless somebody has signed it.

    Raises:
        Refused: ``checks.state``.
    """
    rows = SchoolCheck.objects.filter(pk=check.pk, state__in=SchoolCheck.WRITING)
    if not rows.update(version=F("version") + 1, state=SchoolCheck.State.CHECKING):
        check.refresh_from_db()
        words = f"核查表现在是“{check.get_state_display()}”，不能再改；需要改的，先作废签字。"
        raise Refused(words, code="checks.state")
    SchoolCheck.objects.filter(pk=check.pk, checked_on__isnull=True).update(checked_on=occurred_on)
    check.refresh_from_db()


def _write(
    check: SchoolCheck, row: CellCheck | None, one: Entry, values: dict[str, Any], *, occurred_on: date, by: Actor,
    now: datetime,
) -> CellCheck:  # fmt: skip
    changes = {**values, "by_person": by.person, "by_name": by.name, "occurred_on": occurred_on, "recorded_at": now}
    if row is None:
        try:
            with transaction.atomic():
                return CellCheck.objects.create(
                    pk=one.key or uuid7(), check_of=check, code=one.code, version=1, **changes
                )
        except IntegrityError:
            # The other checker was a moment faster, or the key belongs to another cell.
            if check.cells.filter(code=one.code).exists():
                raise Conflict("另一名核查人刚刚记录了这一项，请对照后再保存。", code="checks.cell_changed") from None
            raise Conflict("这条记录的编号已经用过，请刷新页面后重填。", code="checks.key") from None
    if not claimed(row, one.base_version, changes):
        raise Conflict("另一名核查人刚刚改过这一项，请对照后再保存。", code="checks.cell_changed")
    return row


def _attach(
    row: CellCheck | CheckSignature, received: Sequence[files.Received], *, by: Actor, now: datetime, occurred_on: date
) -> None:
    """Attach evidence, once each: a form sent twice brings the same file twice."""
    if not received:
        return
    known = set(file_queries.files_of(by, row).values_list("sha256", flat=True))
    for one in received:
        if one.sha256 not in known:
            files.attach(one, subject=row, by=by, now=now, occurred_on=occurred_on)
            known.add(one.sha256)


# ---- signatures -----------------------------------------------------------------------------------------------------


def digest(check: SchoolCheck) -> str:
    """SM3 of what a sheet says, cell by cell."""
    names = ("code", "reported", "outcome", "found", "proof", "proof_words", "cause", "words")
    rows = [list(one) for one in check.cells.order_by("code").values_list(*names)]
    return digests.sm3_hex(digests.canonical_json({"check": str(check.pk), "unit": str(check.unit_id), "cells": rows}))


@transaction.atomic
def sign_as_checker(
    *, check: SchoolCheck, signing: Signing, occurred_on: date, by: Actor, now: datetime
) -> CheckSignature:
    """A checker signs the sheet; with the second one it stands, and the head can sign.

    On paper (``signing.on_paper``) somebody of the group or the office writes down who signed, with the scan.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.recused``, ``checks.state``, ``checks.signer`` (no one of the group, or the
            same as the first), ``checks.unlooked`` (a cell that is to be looked at first is open, or nothing was looked at),
            ``checks.scan``, ``audit.future``.
        Conflict: ``checks.sheet_changed``, a cell was written since the signer saw the sheet.
    """
    day = day_of(now)
    if kept := _kept(check, signing):
        return kept
    _may_check(check, by=by, day=day)
    person = signing.person if signing.on_paper else by.person
    member = CheckMember.objects.filter(group=check.group_id, person=person).select_related("person").first()
    if member is None:
        raise Refused("签字的核查人必须是这个核查组的人。", code="checks.signer", field="person")
    if person != by.person and inspectors.recused(check.county, [member.person_id], [check.unit_id], day=day):
        raise Refused(f"{member.name}应当回避这所学校。", code="checks.recused", field="person")
    _wants_scan(signing)
    _hold(check, states=(SchoolCheck.State.CHECKING, SchoolCheck.State.HALF_SIGNED), seen=signing.seen)
    _refuse_open(check, by=by)
    before = list(check.signatures.filter(ended_at__isnull=True, role=CHECKER))
    if any(one.person_id == person for one in before):
        raise Refused("两名核查人要是不同的人，这位已经签过字。", code="checks.signer", field="person")
    row = _sign(
        check, signing, role=CHECKER, place=1 + len(before), person=member.person_id, name=member.name,
        occurred_on=occurred_on, by=by, now=now,
    )  # fmt: skip
    whole = len(before) == 1
    check.state = SchoolCheck.State.CHECKED if whole else SchoolCheck.State.HALF_SIGNED
    check.save(update_fields=["state"])
    if whole:
        _tell_cells(check, now=now, by=by)
        messages.prepare(
            kind="returns.check", title=f"请校（园）长签核查表：{check.round.title}", units=[check.unit_id], subject=check,
            text="两名核查人已在实地核查表上签字，请校（园）长核对并签字；有异议的写明哪几项、为什么。",
            link=reverse("returns:site_school", args=[check.pk]), key=f"returns.check-head:{check.pk}:{check.version}", by=by, now=now,
        )  # fmt: skip
    return row


@transaction.atomic
def sign_as_head(
    *, check: SchoolCheck, signing: Signing, occurred_on: date, by: Actor, now: datetime
) -> CheckSignature:
    """The head signs the sheet, or refuses with words; once both checkers have signed.

    On paper somebody of the group or the office writes down what the head signed, with the scan.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.state``, ``checks.words`` (a refusal without), ``checks.signer``,
            ``checks.scan``, ``audit.future``.
        Conflict: ``checks.sheet_changed``.
    """
    day = day_of(now)
    if kept := _kept(check, signing):
        return kept
    if signing.on_paper:
        _may_check(check, by=by, day=day)
        name, person = signing.name.strip()[:64], None
        if not name:
            raise Refused("请填写签字的校（园）长姓名。", code="checks.signer", field="name")
    else:
        if not (by.is_of(check.unit_id) and by.can("return.confirm")):
            raise Refused("核查表由本校校（园）长签字。", code="checks.not_allowed")
        name, person = by.name, by.person
        if check.signatures.filter(ended_at__isnull=True, role=CHECKER, person=person).exists():
            raise Refused("核查人不能又以校（园）长身份签字。", code="checks.signer")
    if not signing.agrees and not signing.words.strip():
        raise Refused("请写明对哪几项有异议、为什么。", code="checks.words", field="words")
    _wants_scan(signing)
    _hold(check, states=(SchoolCheck.State.CHECKED,), seen=signing.seen)
    row = _sign(
        check, signing, role=HEAD, place=3, person=person, name=name, occurred_on=occurred_on, by=by, now=now
    )  # fmt: skip
    check.state = SchoolCheck.State.SIGNED if signing.agrees else SchoolCheck.State.REFUSED
    check.save(update_fields=["state"])
    return row


def _kept(check: SchoolCheck, signing: Signing) -> CheckSignature | None:
    """The signature that was written already, where the same form is sent again."""
    return check.signatures.filter(pk=signing.key).first() if signing.key else None


def _wants_scan(signing: Signing) -> None:
    if signing.on_paper and not signing.scan:
        raise Refused("纸质签字要上传签字页的扫描件或照片。", code="checks.scan", field="scan")


def _hold(check: SchoolCheck, *, states: Sequence[str], seen: int) -> None:
    """Take the sheet for a signature, as its signer saw it.

    Raises:
        Refused: ``checks.state``.
        Conflict: ``checks.sheet_changed``.
    """
    # Writing the row decides who of two comes first; the version stays, since what the sheet says stays.
    if not SchoolCheck.objects.filter(pk=check.pk, state__in=states, version=seen).update(version=seen):
        check.refresh_from_db()
        if check.state in states:
            raise Conflict("核查表刚刚改过，请看过再签字。", code="checks.sheet_changed")
        raise Refused(f"核查表现在是“{check.get_state_display()}”，不能签字。", code="checks.state")
    check.refresh_from_db()


def _refuse_open(check: SchoolCheck, *, by: Actor) -> None:
    """What is marked is looked at, or said why not, before anybody signs.

    Raises:
        Refused: ``checks.unlooked``.
    """
    sheet = queries.sheet(by, check)
    if not sheet.looked:
        raise Refused("还没有核查任何数据项。", code="checks.unlooked")
    if marked := [one.field.label for one in sheet.open if one.is_marked]:
        words = f"优先核查的“{marked[0]}”{f'等 {len(marked)} 项' if len(marked) > 1 else ''}还没有核；没能核实的，也要记下原因。"
        raise Refused(words, code="checks.unlooked")


def _sign(
    check: SchoolCheck, signing: Signing, *, role: str, place: int, person: UUID | None, name: str, occurred_on: date,
    by: Actor, now: datetime,
) -> CheckSignature:  # fmt: skip
    try:
        with transaction.atomic():
            row = CheckSignature.objects.create(
                pk=signing.key or uuid7(), check_of=check, role=role, place=place, person_id=person, name=name,
                agrees=signing.agrees, words=signing.words.strip()[:500],
                way=CheckSignature.Way.PAPER if signing.on_paper else CheckSignature.Way.HERE, digest=digest(check),
                occurred_on=occurred_on, by_person=by.person, by_name=by.name, recorded_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("别人刚刚在这一栏签了字，请刷新后再看。", code="checks.sheet_changed") from None
    _attach(row, signing.scan, by=by, now=now, occurred_on=occurred_on)
    said = "签字" if signing.agrees else "不同意"
    audit.record(
        action="school_check.signed" if signing.agrees else "school_check.refused", subject=check,
        summary=f"{row.get_role_display()}{name}{said}：实地核查表", by=by, now=now, occurred_on=occurred_on,
        on_behalf_of=person if person != by.person else None, sm3=row.digest, way=row.way, place=place,
    )  # fmt: skip
    return row


def _tell_cells(check: SchoolCheck, *, by: Actor, now: datetime) -> None:
    """Write beside each reported cell what was found; two checkers answer for it now."""
    standing = {one.code: one for one in Cell.objects.filter(ret=check.ret_id)}
    changed, new, readings = [], [], []
    for one in check.cells.exclude(outcome=UNABLE):
        cell = standing.get(one.code)
        if cell is None:
            cell = Cell(ret_id=check.ret_id, code=one.code, source=Source.SITE, changed_at=now, changed_name=by.name)
            new.append(cell)
        else:
            changed.append(cell)
        cell.found = one.found
        if cell.adopted_state != Cell.Adopted.ADOPTED:
            # What an earlier round adopted counts until this one is.
            cell.adopted_state = Cell.Adopted.FOUND
        cell.cause = checks.named(checks.causes(), one.cause)
        readings.append(
            Reading(
                campaign_id=check.round.campaign_id, unit_id=check.unit_id, code=one.code, source=Source.SITE,
                raw=one.found, value=one.found, by_person=one.by_person, by_name=one.by_name, recorded_at=now,
            )
        )  # fmt: skip
    Cell.objects.bulk_create(new)
    Reading.objects.bulk_create(readings)
    Cell.objects.bulk_update(changed, ["found", "adopted_state", "cause"])


def untell_cells(check: SchoolCheck) -> None:
    """Take back from beside the reported cells what this sheet wrote there; what an earlier round found comes back."""
    codes = list(check.cells.exclude(outcome=UNABLE).values_list("code", flat=True))
    cells = {one.code: one for one in Cell.objects.filter(ret=check.ret_id, code__in=codes)}
    told = (SchoolCheck.State.CHECKED, SchoolCheck.State.REFUSED, SchoolCheck.State.SIGNED, SchoolCheck.State.SETTLED)
    earlier = CellCheck.objects.filter(check_of__ret=check.ret_id, check_of__state__in=told, code__in=codes)
    before = {one.code: one for one in earlier.exclude(check_of=check).exclude(outcome=UNABLE).order_by("recorded_at")}
    for code, cell in cells.items():
        one = before.get(code)
        cell.found, cell.cause = (one.found, checks.named(checks.causes(), one.cause)) if one else ("", "")
        cell.adopted = one.adopted if one else ""
        cell.adopted_state = Cell.Adopted.NONE
        if one:
            cell.adopted_state = Cell.Adopted.ADOPTED if one.adoption else Cell.Adopted.FOUND
    Cell.objects.bulk_update(cells.values(), ["found", "cause", "adopted", "adopted_state"])


@transaction.atomic
def reopen_sheet(*, check: SchoolCheck, words: str, base_version: int, by: Actor, now: datetime) -> None:
    """Void all signatures, so that cells can be written again; the signatures stay with the reason.

    The group does it until the head has signed; afterwards the office, until the numbers are adopted.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.state``, ``checks.words``.
        Conflict: ``checks.sheet_changed``.
    """
    early = (SchoolCheck.State.HALF_SIGNED, SchoolCheck.State.CHECKED)
    late = (SchoolCheck.State.REFUSED, SchoolCheck.State.SIGNED)
    states: tuple[str, ...]
    if queries.is_office(by) and not by.is_of(check.unit_id):
        states = (*early, *late)
    elif queries.is_of_group(by, check):
        states = early
    else:
        raise Refused("签字由核查组或督导室作废。", code="checks.not_allowed")
    if not words.strip():
        raise Refused("请写明作废签字的原因。", code="checks.words", field="words")
    told = check.signatures.filter(ended_at__isnull=True, role=CHECKER).count() > 1
    if not claimed(check, base_version, {"state": SchoolCheck.State.CHECKING, "state_words": ""}, state__in=states):
        if check.state in states:
            raise Conflict("核查表刚刚改过，请看过再办。", code="checks.sheet_changed")
        raise Refused(f"核查表现在是“{check.get_state_display()}”，不能作废签字。", code="checks.state")
    if told:
        untell_cells(check)
    check.signatures.filter(ended_at__isnull=True).update(ended_at=now, end_words=words.strip()[:300])
    check.refresh_from_db()
    audit.record(
        action="school_check.reopened", subject=check, summary="作废核查表签字，重新核查", by=by, now=now,
        words=words.strip()[:300],
    )  # fmt: skip


@transaction.atomic
def decide_refusal(
    *, check: SchoolCheck, upheld: bool, words: str, base_version: int, by: Actor, now: datetime
) -> None:
    """The office answers a head who refused: what the checkers found stands, or the school is looked at again.

    Whoever signed as a checker does not decide about it.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.own`` (a checker of the sheet), ``checks.state``, ``checks.words``.
        Conflict: ``checks.sheet_changed``.
    """
    refuse_signer(check, by=by)
    if not words.strip():
        raise Refused("请写明处理意见和理由。", code="checks.words", field="words")
    if check.state != SchoolCheck.State.REFUSED:
        raise Refused(f"核查表现在是“{check.get_state_display()}”。", code="checks.state")
    if not upheld:
        reopen_sheet(check=check, words=f"异议成立：{words.strip()}", base_version=base_version, by=by, now=now)
        return
    rows = SchoolCheck.objects.filter(pk=check.pk, state=SchoolCheck.State.REFUSED, version=base_version)
    if not rows.update(state=SchoolCheck.State.SIGNED, state_words=words.strip()[:500]):
        raise Conflict("别人刚刚处理了这份异议。", code="checks.sheet_changed")
    check.refresh_from_db()
    audit.record(
        action="school_check.upheld", subject=check, summary="处理校（园）长异议：维持核查结果", by=by, now=now,
        words=words.strip()[:300],
    )  # fmt: skip


def refuse_signer(check: SchoolCheck, *, by: Actor) -> None:
    """Who decides about a sheet is of the office, not of the school, and did not sign it as a checker.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.own``.
    """
    if by.person is None:
        return
    if not queries.is_office(by) or by.is_of(check.unit_id):
        raise Refused("核查结果由督导室采用。", code="checks.not_allowed")
    if check.signatures.filter(ended_at__isnull=True, person=by.person).exists():
        raise Refused("您在这份核查表上签过字，请由督导室其他人办理。", code="checks.own")
