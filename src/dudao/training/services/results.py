"""Scores, certificates, hours from elsewhere, judgements, and the county's numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.inspectors import library as register
from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.training import library
from dudao.training.models import Batch, Certificate, Claim, Exam, Judgement, Kind, Level, RuleValue, Score
from dudao.training.queries import may_manage
from dudao.training.queries.finish import finishing
from dudao.training.queries.rules import IDS
from dudao.training.services.rights import known_areas, manages, not_ahead, of_county, whole_quarters

_MOST_ELSEWHERE = Decimal(200)


@transaction.atomic
def record_scores(
    *, exam: Exam, base_version: int, points: Mapping[Inspector, Decimal | None], by: Actor, now: datetime
) -> Exam:
    """Write down scores, all at once.

    Args:
        points: of who sat the test; None: did not sit it.

    Raises:
        Refused: ``training.not_allowed``, ``.future``, ``.not_invited``, ``.score`` (below zero, above the full mark), ``.own``,
            ``.certified`` (a certificate rests on it).
        Conflict: ``training.changed``.
    """
    manages(by)
    not_ahead(exam.day, now, "points", "测试日期")
    invited = set(exam.batch.invitations.values_list("inspector", flat=True))
    certified = set(exam.batch.certificates.values_list("inspector", flat=True))
    known = {one.inspector_id: one for one in exam.scores.all()}
    new, changed = [], []
    for inspector, value in points.items():
        name, row = inspector.person.name, known.get(inspector.pk)
        if inspector.pk not in invited:
            raise Refused(f"{name}不在参训名单里。", code="training.not_invited")
        if value is not None and not 0 <= value <= exam.full:
            raise Refused(f"{name}：得分应在 0 和 {exam.full.normalize():f} 之间。", code="training.score")
        if row and row.points == value:
            continue
        if inspector.person_id in by.hands:
            raise Refused("自己的成绩请另一位同志登记。", code="training.own")
        if inspector.pk in certified:
            raise Refused(f"{name}已经发了证书，成绩不能再改。", code="training.certified")
        if row is None:
            new.append(Score(exam=exam, inspector=inspector, points=value, recorded_at=now, by_name=by.name))
        else:
            row.points, row.recorded_at, row.by_name = value, now, by.name
            changed.append(row)
    if not claimed(exam, base_version, {}):
        raise Conflict("别人刚刚登记过成绩，请对照后再保存。", code="training.changed")
    Score.objects.bulk_create(new)
    Score.objects.bulk_update(changed, ["points", "recorded_at", "by_name"])
    audit.record(
        action="training.scores_recorded", subject=exam.batch, by=by, now=now, occurred_on=exam.day,
        summary=f"{exam.batch.title}：登记成绩 {len(new) + len(changed)} 人，{exam.title}",
    )  # fmt: skip
    return exam


@transaction.atomic
def issue_certificates(
    *, batch: Batch, inspectors: Sequence[Inspector], issued_on: date, by: Actor, now: datetime
) -> list[Certificate]:
    """Give certificates to who has finished, with the county's numbers of the year in order.

    Raises:
        Refused: ``training.not_allowed``, ``.future``, ``.cancelled``, ``.nobody``, ``.dates`` (before the end), ``.unfinished`` (who, and
            what is missing), ``.own`` (the own certificate), ``.twice``.
    """
    manages(by)
    of_county(inspectors, by)
    not_ahead(issued_on, now, "issued_on", "发证日期")
    if batch.cancelled_why:
        raise Refused("这次培训已经取消。", code="training.cancelled")
    if not inspectors:
        raise Refused("没有选人。", code="training.nobody", field="inspectors")
    if issued_on < batch.ends_on:
        raise Refused("培训结束以后再发证书。", code="training.dates", field="issued_on")
    where = finishing(batch, today=day_of(now))
    rows = []
    number = _last_number(by.county, issued_on.year)
    for inspector in inspectors:
        found, name = where.get(inspector.pk), inspector.person.name
        if found is None or found.lacks:
            lacks = "；".join(found.lacks) if found else "不在参训名单里"
            raise Refused(f"{name}不能结业：{lacks}。", code="training.unfinished", field="inspectors")
        if found.certificate:
            raise Refused(f"{name}已经有证书 {found.certificate.number}。", code="training.twice", field="inspectors")
        if inspector.person_id in by.hands:
            raise Refused("自己的证书请另一位同志发。", code="training.own", field="inspectors")
        number += 1
        rows.append(
            Certificate(
                county=by.county, batch=batch, inspector=inspector, number=f"督培〔{issued_on.year}〕{number:04}", issued_on=issued_on,
                hours=found.hours, recorded_at=now, by_name=by.name,
            )
        )  # fmt: skip
    try:
        with transaction.atomic():
            Certificate.objects.bulk_create(rows)
    except IntegrityError:
        raise Conflict("别人刚刚发过证书，请刷新后再看。", code="training.changed") from None
    audit.record(
        action="training.certified", subject=batch, summary=f"{batch.title}：发证书 {len(rows)} 份", by=by, now=now,
        occurred_on=issued_on, first=rows[0].number, last=rows[-1].number,
    )  # fmt: skip
    return rows


def _last_number(county: str, year: int) -> int:
    rows = Certificate.objects.filter(county=county, number__startswith=f"督培〔{year}〕").order_by("-number")
    last = rows.values_list("number", flat=True).first()
    found = re.search(r"(\d+)$", last) if last else None
    return int(found[1]) if found else 0


@transaction.atomic
def print_certificates(*, batch: Batch, keys: Sequence[UUID], by: Actor, now: datetime) -> int:
    """Say that certificates were printed; those printed before keep their day.

    Raises:
        Refused: ``training.not_allowed``.
    """
    manages(by)
    done = batch.certificates.filter(pk__in=keys, printed_at=None).update(printed_at=now)
    if done:
        audit.record(
            action="training.certificates_printed",
            subject=batch,
            summary=f"{batch.title}：打印证书 {done} 份",
            by=by,
            now=now,
        )
    return done


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A training elsewhere as it is claimed."""

    title: str
    level: str
    kind: str
    organiser: str
    starts_on: date
    ends_on: date
    hours: Decimal
    areas: Sequence[str] = ()
    certificate: str = ""


@transaction.atomic
def claim_hours(
    *, inspector: Inspector, elsewhere: Elsewhere, proofs: Sequence[Received], by: Actor, now: datetime
) -> Claim:
    """Claim hours of a training elsewhere, by the inspector or by the office for them.

    Raises:
        Refused: ``training.not_allowed``, ``.future``, ``.words``, ``.dates``, ``.hours``, ``.areas``, ``.proof`` (none), ``.twice`` (the same
            training was claimed and not refused).
    """
    if not (may_manage(by) or inspector.person_id in by.hands) or inspector.county != by.county:
        raise Refused("学时由本人或督导室申报。", code="training.not_allowed")
    if not elsewhere.title.strip() or not elsewhere.organiser.strip():
        raise Refused("请填写培训名称和主办单位。", code="training.words", field="title")
    if elsewhere.level not in Level.values or elsewhere.kind not in Kind.values:
        raise Refused("请选择级别和方式。", code="training.words", field="level")
    not_ahead(elsewhere.ends_on, now, "ends_on", "结束日期")
    if elsewhere.ends_on < elsewhere.starts_on:
        raise Refused("结束不能早于开始。", code="training.dates", field="ends_on")
    if elsewhere.starts_on.year != elsewhere.ends_on.year:
        raise Refused("跨年的请按年度分两次申报。", code="training.dates", field="ends_on")
    whole_quarters(elsewhere.hours, most=_MOST_ELSEWHERE)
    days = (elsewhere.ends_on - elsewhere.starts_on).days + 1
    if elsewhere.kind == Kind.CLASS and elsewhere.hours > 12 * days:
        raise Refused(
            f"{days} 天的集中培训不会有 {elsewhere.hours.normalize():f} 学时，请核对。",
            code="training.hours",
            field="hours",
        )
    if not proofs:
        raise Refused("请附证书、通知或学时证明。", code="training.proof", field="proofs")
    title = elsewhere.title.strip()
    row = Claim(
        county=by.county, inspector=inspector, title=title, level=elsewhere.level, kind=elsewhere.kind,
        areas=known_areas(elsewhere.areas), organiser=elsewhere.organiser.strip(), starts_on=elsewhere.starts_on,
        ends_on=elsewhere.ends_on, hours=elsewhere.hours, certificate=elsewhere.certificate.strip(), by_person=by.person,
        by_name=by.name, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这次培训已经申报过。", code="training.twice", field="title") from None
    for proof in proofs:
        files.attach(proof, subject=row, by=by, now=now)
    audit.record(
        action="training.claimed",
        subject=row,
        summary=f"申报学时：{inspector.person.name}，{title}",
        by=by,
        now=now,
        credit=str(row.hours),
    )
    return row


@transaction.atomic
def decide_claim(
    *, claim: Claim, base_version: int, accepts: bool, decision: str, decided_on: date, by: Actor, now: datetime
) -> Claim:
    """Accept hours or not, by somebody else than who claimed them.

    Raises:
        Refused: ``training.not_allowed``, ``.future``, ``.dates``, ``.own``, ``.words`` (a refusal without a reason), ``.state``.
        Conflict: ``training.changed``.
    """
    manages(by)
    not_ahead(decided_on, now, "decided_on", "认定日期")
    if decided_on < day_of(claim.recorded_at):
        raise Refused("认定不能早于申报。", code="training.dates", field="decided_on")
    if by.hands & {claim.by_person, claim.inspector.person_id}:
        raise Refused("申报的人和督学本人不能认定，请由另一位同志认定。", code="training.own")
    if not accepts and not decision.strip():
        raise Refused("不予认定的，请写明理由。", code="training.words", field="decision")
    state = Claim.State.ACCEPTED if accepts else Claim.State.REFUSED
    facts = {"state": state, "decided_on": decided_on, "decided_name": by.name, "decision": decision.strip()}
    if not claimed(claim, base_version, facts, state=Claim.State.PENDING):
        if claim.state != Claim.State.PENDING:
            raise Refused(f"这一条已经是“{claim.get_state_display()}”。", code="training.state")
        raise Conflict("别人刚刚办过，请刷新后再看。", code="training.changed")
    audit.record(
        action="training.claim_decided", subject=claim, by=by, now=now, occurred_on=decided_on,
        summary=f"{claim.get_state_display()}学时：{claim.inspector.person.name}，{claim.title}",
    )  # fmt: skip
    return claim


@transaction.atomic
def judge(
    *, inspector: Inspector, area: str, level: int | None, reason: str, judged_on: date, by: Actor, now: datetime
) -> Judgement:
    """Judge somebody's competence in an area in place of what is on record; ``level`` None takes an earlier judgement back.

    Raises:
        Refused: ``training.not_allowed``, ``.future``, ``.areas``, ``.level``, ``.words`` (no reason), ``.own``.
    """
    manages(by)
    of_county([inspector], by)
    not_ahead(judged_on, now, "judged_on", "评定日期")
    if area not in library.areas():
        raise Refused("没有这个领域。", code="training.areas", field="area")
    if level is not None and level not in library.levels():
        raise Refused("水平是 0 到 3。", code="training.level", field="level")
    if not reason.strip():
        raise Refused("请写明理由。", code="training.words", field="reason")
    if inspector.person_id in by.hands:
        raise Refused("不能评定自己，请由另一位同志评定。", code="training.own")
    row = Judgement(
        inspector=inspector, area=area, level=level, reason=reason.strip(), judged_on=judged_on, by_person=by.person,
        by_name=by.name, recorded_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    audit.record(
        action="training.judged", subject=inspector, by=by, now=now, occurred_on=judged_on, area=area,
        summary=f"评定能力：{inspector.person.name}，{library.areas()[area]}",
    )  # fmt: skip
    return row


@transaction.atomic
def set_rule(*, rule: str, value: int, from_on: date, source: str, by: Actor, now: datetime) -> RuleValue:
    """Say what holds in the county from a day on, and on what it rests.

    Raises:
        Refused: ``training.not_allowed``, ``.words``, ``.value``, ``.twice`` (something is set from that day already).
    """
    manages(by)
    if rule not in IDS:
        raise Refused("没有这一项。", code="training.value", field="rule")
    most = {"training_hours": 400, "training_everybody": 10}.get(rule, 1)
    least = 1 if most > 1 else 0
    if not least <= value <= most:
        raise Refused(f"取值应在 {least} 和 {most} 之间。", code="training.value", field="value")
    named = register.rules()[rule]
    if rule == "training_hours" and value < named.value:
        raise Refused(f"不能低于 {named.value} 学时（{named.clause}）。", code="training.value", field="value")
    if not source.strip():
        raise Refused("请写明依据。", code="training.words", field="source")
    row = RuleValue(
        county=by.county, rule=rule, value=value, from_on=from_on, source=source.strip(), set_by=by.name, set_at=now
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这一天起已经设定过，请换一天。", code="training.twice", field="from_on") from None
    audit.record(
        action="training.rule_set",
        subject=row,
        summary=f"设定培训口径：{named.name} {value}",
        by=by,
        now=now,
        rule=rule,
        value=value,
    )
    return row
