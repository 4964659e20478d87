"""A named person concludes, with words and evidence; a second person agrees or sends back. Cases of a veto likewise."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from dudao.audit import services as audit
from dudao.dossiers import queries
from dudao.dossiers.items import CONCLUSIONS, NONE_SUCH, SUCH
from dudao.dossiers.models import Case, Dossier, Ground, Judgement
from dudao.dossiers.services.rights import claim, manages, may_judge, not_ahead, said
from dudao.files import services as files
from dudao.files.services import Received
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused

S, Look = Dossier.State, Judgement.Look


@transaction.atomic
def judge(
    *, dossier: Dossier, base_version: int, conclusion: str, words: str, pieces: Sequence[UUID] = (),
    evidence: Sequence[Received] = (), judged_on: date, by: Actor, now: datetime,
) -> Judgement:  # fmt: skip
    """Conclude on a dossier that was handed in. It counts when a second person agrees.

    Args:
        conclusion: one of the kind's (``items.CONCLUSIONS``).
        words: why.
        pieces: keys of the versions it rests on, standing ones of this dossier.
        evidence: more papers of the judge's own: a record of the visit, a picture.
        judged_on: the day; past allowed.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.own_unit``, ``.state``, ``.conclusion``, ``.words``, ``.evidence``, ``.cases``,
            ``.future``.
        Conflict: ``dossiers.changed``.
    """
    may_judge(by, dossier, now)
    if conclusion not in CONCLUSIONS[dossier.kind]:
        raise Refused("请选结论。", code="dossiers.conclusion", field="conclusion")
    words = said(words, "words", "请写明理由。")
    not_ahead(judged_on, now, "judged_on", "判定日期")
    if dossier.handed_on and judged_on < dossier.handed_on:
        raise Refused("判定日期不能早于报送日期。", code="dossiers.future", field="judged_on")
    grounds = list(
        queries.standing_pieces().filter(pk__in=pieces, material__dossier=dossier, material__is_dropped=False)
    )
    if len(grounds) != len(set(pieces)):
        raise Conflict("所选材料有的已经撤回，请重新选。", code="dossiers.changed")
    if not grounds and not evidence:
        raise Refused("请选判定所据的材料，或附上核查记录。", code="dossiers.evidence", field="pieces")
    if dossier.kind == Dossier.Kind.VETO:
        _agrees_with_cases(dossier, conclusion)
    states = (S.HANDED, S.OPEN, S.RETURNED) if dossier.kind == Dossier.Kind.VETO else (S.HANDED,)
    claim(dossier, base_version, *states, state=S.JUDGED, reason="")
    last = dossier.judgements.aggregate(last=Max("no"))["last"] or 0
    row = Judgement(
        dossier=dossier, no=last + 1, conclusion=conclusion, words=words, judged_on=judged_on, by_person=by.person,
        by_behalf=by.on_behalf_of, by_name=by.name, by_hat=by.hat_label[:120], recorded_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    Ground.objects.bulk_create([Ground(judgement=row, piece=piece) for piece in grounds])
    for one in evidence:
        files.attach(one, subject=row, by=by, now=now, occurred_on=judged_on)
    audit.record(
        action="dossier.judged", subject=dossier, summary=f"判定：{dossier}，{conclusion}", by=by, now=now,
        occurred_on=judged_on, result=conclusion, files=len(grounds) + len(evidence),
    )  # fmt: skip
    return row


def _agrees_with_cases(dossier: Dossier, conclusion: str) -> None:
    """A veto's conclusion says what its cases say."""
    states = set(dossier.cases.values_list("state", flat=True))
    if states & {Case.State.REGISTERED, Case.State.FOUND}:
        raise Refused("还有线索没有核实、复核，先办完线索再判定。", code="dossiers.cases")
    if (Case.State.CONFIRMED in states) != (conclusion == SUCH):
        said_ = (
            "有确认成立的线索，结论应为“有此情形”"
            if conclusion == NONE_SUCH
            else "没有确认成立的线索，不能判“有此情形”"
        )
        raise Refused(f"{said_}。", code="dossiers.cases", field="conclusion")


@transaction.atomic
def look(
    *, dossier: Dossier, base_version: int, agrees: bool, words: str, looked_on: date, by: Actor, now: datetime
) -> None:
    """A second person agrees with a judgement, or sends it back with words.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.own_unit``, ``.same_person``, ``.state``, ``.words``, ``.future``, ``.cases``.
        Conflict: ``dossiers.changed``.
    """
    may_judge(by, dossier, now)
    words = said(words, "words", "请写明复核意见。")
    not_ahead(looked_on, now, "looked_on", "复核日期")
    row = queries.standing_judgement().filter(dossier=dossier, look=Look.PENDING).first()
    if row is None:
        raise Refused("现在没有要复核的判定。", code="dossiers.state")
    if by.hands & {row.by_person, row.by_behalf}:
        raise Refused("复核要由判定人以外的人办理。", code="dossiers.same_person")
    if looked_on < row.judged_on:
        raise Refused("复核日期不能早于判定日期。", code="dossiers.future", field="looked_on")
    if agrees and dossier.kind == Dossier.Kind.VETO:
        _agrees_with_cases(dossier, row.conclusion)
    if agrees:
        claim(dossier, base_version, S.JUDGED, state=S.SETTLED, conclusion=row.conclusion)
    else:
        claim(dossier, base_version, S.JUDGED, state=S.HANDED)
    done = Judgement.objects.filter(pk=row.pk, look=Look.PENDING, taken_back_on__isnull=True).update(
        look=Look.AGREED if agrees else Look.SENT_BACK, looked_on=looked_on, look_words=words, look_person=by.person,
        look_name=by.name, look_hat=by.hat_label[:120], looked_at=now,
    )  # fmt: skip
    if not done:
        raise Conflict("这份判定刚有人办理过，请看过再办。", code="dossiers.changed")
    audit.record(
        action="dossier.looked", subject=dossier,
        summary=f"复核{'同意' if agrees else '退回'}：{dossier}，{row.conclusion}", by=by, now=now, occurred_on=looked_on,
        result="同意" if agrees else "退回", words=words,
    )  # fmt: skip


@transaction.atomic
def take_back_judgement(
    *, dossier: Dossier, base_version: int, reason: str, on: date, by: Actor, now: datetime
) -> None:
    """End a judgement that stands; the dossier is judged anew.

    Who judged takes back what nobody looked at yet; what was agreed with only the office takes back.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.words``, ``.future``.
        Conflict: ``dossiers.changed``.
    """
    reason = said(reason, "reason", "请写明撤回的原因。")
    not_ahead(on, now, "on", "撤回日期")
    row = queries.standing_judgement().filter(dossier=dossier).first()
    if row is None:
        raise Refused("现在没有可以撤回的判定。", code="dossiers.state")
    own = bool(by.hands & {row.by_person, row.by_behalf}) and row.look == Look.PENDING
    if not own and not manages(by):
        raise Refused("复核过的判定由督导室撤回，没有复核的由判定人撤回。", code="dossiers.not_allowed")
    if on < row.judged_on:
        raise Refused("撤回日期不能早于判定日期。", code="dossiers.future", field="on")
    claim(dossier, base_version, S.JUDGED, S.SETTLED, state=S.HANDED, conclusion="")
    Judgement.objects.filter(pk=row.pk).update(taken_back_on=on, taken_back_reason=reason, taken_back_by=by.name)
    audit.record(
        action="dossier.judgement_taken_back", subject=dossier, summary=f"撤回判定：{dossier}，{row.conclusion}，{reason}"[:200],
        by=by, now=now, occurred_on=on, reason=reason,
    )  # fmt: skip


# Cases


@transaction.atomic
def register_case(
    *, dossier: Dossier, title: str, facts: str, source: str, happened_on: date, registered_on: date,
    evidence: Sequence[Received] = (), by: Actor, now: datetime,
) -> Case:  # fmt: skip
    """Write down a lead on what a veto names. It counts only when it was looked into and confirmed by two people.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.kind``, ``.words``, ``.future``.
    """
    if not by.can("dossier.judge") and not manages(by):
        raise Refused("线索由督导室、督学登记。", code="dossiers.not_allowed")
    if dossier.kind != Dossier.Kind.VETO:
        raise Refused("只有一票否决的条目登记线索。", code="dossiers.kind")
    title = said(title, "title", "请写事由。")
    facts = said(facts, "facts", "请写明事实。")
    source = said(source, "source", "请写明线索从哪里来。")
    not_ahead(happened_on, now, "happened_on", "发生日期")
    not_ahead(registered_on, now, "registered_on", "登记日期")
    if registered_on < happened_on:
        raise Refused("登记日期不能早于发生日期。", code="dossiers.future", field="registered_on")
    last = dossier.cases.aggregate(last=Max("no"))["last"] or 0
    row = Case(
        county=dossier.county, dossier=dossier, no=last + 1, title=title, facts=facts, source=source,
        happened_on=happened_on, registered_on=registered_on, by_person=by.person, by_name=by.name, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("刚有人登记了一条线索，请看过再提交。", code="dossiers.twice") from None
    _attach(row, evidence, by, now)
    audit.record(
        action="case.registered", subject=dossier, summary=f"登记线索：{dossier}，{title}"[:200], by=by, now=now,
        occurred_on=registered_on,
    )  # fmt: skip
    return row


def _attach(row: Case, evidence: Sequence[Received], by: Actor, now: datetime) -> None:
    for one in evidence:
        files.attach(one, subject=row, by=by, now=now)


def _move(case: Case, base_version: int, *states: str, **changes: Any) -> None:
    if claimed(case, base_version, changes, state__in=states):
        return
    if case.state not in states:
        raise Refused(f"这条线索现在是“{case.get_state_display()}”，不能这样办理。", code="dossiers.state")
    raise Conflict("这条线索刚有人办理过，请看过再办。", code="dossiers.changed")


@transaction.atomic
def find_case(
    *, case: Case, base_version: int, is_so: bool, words: str, found_on: date, evidence: Sequence[Received] = (), by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """A named person looked into a case: it is so, or it is not. Whoever says that it is so brings evidence.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.own_unit``, ``.words``, ``.evidence``, ``.future``, ``.state``.
        Conflict: ``dossiers.changed``.
    """
    may_judge(by, case.dossier, now)
    words = said(words, "words", "请写明核实情况。")
    not_ahead(found_on, now, "found_on", "核实日期")
    if found_on < case.registered_on:
        raise Refused("核实日期不能早于登记日期。", code="dossiers.future", field="found_on")
    if is_so and not evidence:
        raise Refused("认定成立要附证据。", code="dossiers.evidence", field="evidence")
    _move(
        case, base_version, Case.State.REGISTERED, state=Case.State.FOUND, is_so=is_so, found_words=words,
        found_on=found_on, found_person=by.person, found_behalf=by.on_behalf_of, found_name=by.name,
    )  # fmt: skip
    _attach(case, evidence, by, now)
    audit.record(
        action="case.found", subject=case.dossier,
        summary=f"核实线索：{case.dossier}，{case.title}，{'成立' if is_so else '不成立'}"[:200], by=by, now=now,
        occurred_on=found_on, result="成立" if is_so else "不成立",
    )  # fmt: skip


@transaction.atomic
def look_case(
    *, case: Case, base_version: int, agrees: bool, words: str, looked_on: date, by: Actor, now: datetime
) -> None:
    """A second person agrees with what was found of a case, or sends it back.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.own_unit``, ``.same_person``, ``.words``, ``.future``, ``.state``.
        Conflict: ``dossiers.changed``.
    """
    may_judge(by, case.dossier, now)
    words = said(words, "words", "请写明复核意见。")
    not_ahead(looked_on, now, "looked_on", "复核日期")
    if case.found_on and looked_on < case.found_on:
        raise Refused("复核日期不能早于核实日期。", code="dossiers.future", field="looked_on")
    if by.hands & {case.found_person, case.found_behalf}:
        raise Refused("复核要由核实人以外的人办理。", code="dossiers.same_person")
    if agrees:
        state = Case.State.CONFIRMED if case.is_so else Case.State.REFUTED
        _move(
            case, base_version, Case.State.FOUND, state=state, look_words=words, looked_on=looked_on,
            look_person=by.person, look_name=by.name,
        )  # fmt: skip
        if case.is_so:
            _void_none_such(case, looked_on, by)
    else:
        _move(
            case, base_version, Case.State.FOUND, state=Case.State.REGISTERED, is_so=None, found_on=None, found_person=None,
            found_behalf=None, found_name="", look_words=words,
        )  # fmt: skip
    audit.record(
        action="case.looked", subject=case.dossier,
        summary=f"复核线索{'同意' if agrees else '退回'}：{case.dossier}，{case.title}"[:200], by=by, now=now,
        occurred_on=looked_on, result="同意" if agrees else "退回", words=words,
    )  # fmt: skip


def _void_none_such(case: Case, on: date, by: Actor) -> None:
    """A confirmed case ends what said that there is none: it is judged anew, and does not come back by itself."""
    stands = queries.standing_judgement().filter(dossier=case.dossier, conclusion=NONE_SUCH)
    reason = f"线索“{case.title}”确认成立"[:500]
    if stands.update(taken_back_on=on, taken_back_reason=reason, taken_back_by=by.name):
        Dossier.objects.filter(pk=case.dossier_id).update(
            state=S.HANDED if case.dossier.handed_on else S.OPEN, conclusion="", version=F("version") + 1
        )


@transaction.atomic
def take_back_case(*, case: Case, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """A lead was written down by mistake, or what was confirmed turns out otherwise; the row stays with the reason.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.words``, ``.state``.
        Conflict: ``dossiers.changed``.
    """
    own = bool(by.hands & {case.by_person}) and case.state == Case.State.REGISTERED
    if not own and not manages(by):
        raise Refused("线索由登记人在核实以前撤回，以后由督导室撤回。", code="dossiers.not_allowed")
    reason = said(reason, "reason", "请写明撤回的原因。")
    states = [one for one in Case.State.values if one != Case.State.TAKEN_BACK]
    _move(case, base_version, *states, state=Case.State.TAKEN_BACK, end_reason=reason)
    audit.record(
        action="case.taken_back", subject=case.dossier, summary=f"撤回线索：{case.dossier}，{case.title}，{reason}"[:200],
        by=by, now=now, reason=reason,
    )  # fmt: skip
