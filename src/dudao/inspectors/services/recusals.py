"""Recusals: declared by the inspector, asked for by a unit, or ordered; decided by the office (教育督导条例 article 10)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.inspectors.models import Inspector, Recusal
from dudao.inspectors.services.rights import manages, may_manage, not_ahead
from dudao.places.models import Unit
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused

S = Recusal.State


@transaction.atomic
def say_recusal(
    *, inspector: Inspector, unit: Unit, ground: str, words: str, start_on: date, said_on: date, end_on: date | None = None,
    origin: str = "", by: Actor, now: datetime,
) -> Recusal:  # fmt: skip
    """Say why an inspector must not inspect a unit. It holds at once, until it is refused or ended.

    Args:
        origin: for the office, how it came: declared, asked for on paper, or ordered. The inspector declares, a unit asks.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.dates``, ``.words``, ``.twice``, the same stands already.
    """
    not_ahead(said_on, now, "said_on", "提出日期")
    if manages(by):
        origin = origin or Recusal.Origin.ORDERED
    elif inspector.person_id in by.hands:
        origin = Recusal.Origin.DECLARED
    elif by.can("inspector.ask") and by.unit == unit.pk:
        origin = Recusal.Origin.ASKED
    else:
        raise Refused("回避由本人申报、被督导单位提出，或由督导室责令。", code="inspectors.not_allowed")
    if end_on and end_on < start_on:
        raise Refused("止日不能早于起日。", code="inspectors.dates", field="end_on")
    if ground not in Recusal.Ground.values or origin not in Recusal.Origin.values:
        raise Refused("请选择情形。", code="inspectors.words", field="ground")
    if not words.strip():
        raise Refused("请说明关系或利害。", code="inspectors.words", field="words")
    row = Recusal(
        county=by.county, inspector=inspector, unit=unit, ground=ground, words=words.strip(), origin=origin, start_on=start_on,
        end_on=end_on, said_on=said_on, by_person=by.person, by_name=by.name, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("同样的回避已经登记过，还在有效。", code="inspectors.twice", field="unit") from None
    audit.record(
        action="recusal.said", subject=inspector, summary=f"登记回避：{inspector.person.name}，{row.get_origin_display()}", by=by,
        now=now, occurred_on=said_on, recusal=str(row.pk),
    )  # fmt: skip
    return row


@transaction.atomic
def decide_recusal(
    *, recusal: Recusal, base_version: int, grants: bool, decision: str, decided_on: date, by: Actor, now: datetime
) -> Recusal:
    """Decide, by somebody else than who said it.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.dates``, ``.words`` (a refusal without reason), ``.own``, ``.state``.
        Conflict: ``inspectors.changed``.
    """
    may_manage(by)
    not_ahead(decided_on, now, "decided_on", "决定日期")
    if decided_on < recusal.said_on:
        raise Refused("决定日期不能早于提出日期。", code="inspectors.dates", field="decided_on")
    if by.hands & {recusal.by_person, recusal.inspector.person_id}:
        raise Refused("提出的人和督学本人不能决定，请由另一位同志决定。", code="inspectors.own")
    if not grants and not decision.strip():
        raise Refused("不需回避的，请写明理由。", code="inspectors.words", field="decision")
    state = S.GRANTED if grants else S.REFUSED
    _claim(
        recusal, base_version, S.PENDING, state=state, decided_on=decided_on, decided_by=by.person, decided_name=by.name,
        decision=decision.strip(),
    )  # fmt: skip
    audit.record(
        action="recusal.decided", subject=recusal.inspector, by=by, now=now, occurred_on=decided_on, recusal=str(recusal.pk),
        summary=f"决定回避：{recusal.inspector.person.name}，{recusal.get_state_display()}",
    )  # fmt: skip
    return recusal


@transaction.atomic
def end_recusal(*, recusal: Recusal, base_version: int, reason: str, on: date, by: Actor, now: datetime) -> Recusal:
    """End a recusal whose ground is gone.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.dates``, ``.words``, ``.own``, ``.state``.
        Conflict: ``inspectors.changed``.
    """
    may_manage(by)
    not_ahead(on, now, "on", "解除日期")
    if not reason.strip():
        raise Refused("请写明解除的原因。", code="inspectors.words", field="reason")
    if recusal.inspector.person_id in by.hands:
        raise Refused("督学本人不能解除自己的回避。", code="inspectors.own")
    if on < recusal.start_on:
        raise Refused("解除日期不能早于起日。", code="inspectors.dates", field="on")
    _claim(recusal, base_version, S.GRANTED, state=S.ENDED, end_on=on, decision=reason.strip())
    audit.record(
        action="recusal.ended", subject=recusal.inspector, summary=f"解除回避：{recusal.inspector.person.name}", by=by, now=now,
        occurred_on=on, recusal=str(recusal.pk),
    )  # fmt: skip
    return recusal


def _claim(recusal: Recusal, base_version: int, was: str, **changes: object) -> None:
    if claimed(recusal, base_version, changes, state=was):
        return
    if recusal.state != was:
        raise Refused(f"这条回避现在是“{recusal.get_state_display()}”，不能这样办。", code="inspectors.state")
    raise Conflict("别人刚刚办过，请刷新后再看。", code="inspectors.changed")
