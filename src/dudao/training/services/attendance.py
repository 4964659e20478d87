"""Signing in: by the code on the screen, by the office's list, or by Excel."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor
from dudao.shell.clock import CHINA, day_of
from dudao.shell.errors import Conflict, Refused
from dudao.training.models import Attendance, Session
from dudao.training.services.rights import manages, of_county, whole_quarters

S, Way = Attendance.State, Attendance.Way
#: A code stands on the screen for so many seconds, and is taken for as many more.
SPAN = 60
#: Without signs that look alike; 31 of them.
_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Window:
    """When a session's code signs in."""

    opens: datetime
    closes: datetime

    def holds(self, moment: datetime) -> bool:
        return self.opens <= moment <= self.closes


def window(session: Session) -> Window:
    """The time within which one signs in to a session."""
    begins = datetime.combine(session.day, session.begins, CHINA)
    return Window(begins - timedelta(minutes=session.opens_before), begins + timedelta(minutes=session.closes_after))


def code(session: Session, at: datetime) -> str:
    """The code that stands on the screen at a moment: six signs, another one every minute."""
    return _code(session, int(at.timestamp()) // SPAN)


def _code(session: Session, slot: int) -> str:
    digest = hmac.digest(session.secret.encode(), f"{session.pk}|{slot}".encode(), hashlib.sha256)
    number, signs = int.from_bytes(digest[:8], "big"), []
    for _ in range(_LENGTH):
        number, at = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[at])
    return "".join(signs)


@transaction.atomic
def sign_in(*, session: Session, code: str, by: Actor, now: datetime) -> Attendance:
    """Sign the acting person in, nobody else. Twice is once.

    Args:
        code: as on the screen in this minute or the one before.

    Raises:
        Refused: ``training.unknown`` (not in the register), ``.not_invited``, ``.cancelled``, ``.window`` (too early or too late),
            ``.code``, ``.said`` (the office has recorded leave or absence).
    """
    inspector = Inspector.objects.filter(county=by.county, person=by.person).first() if by.person else None
    if inspector is None or session.batch.county != by.county:
        raise Refused("督学名册里没有您，不能签到。请联系督导室。", code="training.unknown")
    if session.cancelled_why or session.batch.cancelled_why:
        raise Refused("这次课已经取消。", code="training.cancelled")
    if not session.batch.invitations.filter(inspector=inspector).exists():
        raise Refused("您不在这一批的参训名单里。请联系督导室。", code="training.not_invited")
    if known := Attendance.objects.filter(session=session, inspector=inspector).first():
        return _again(known)
    open_ = window(session)
    if not open_.holds(now):
        when = f"{open_.opens.astimezone(CHINA):%H:%M}—{open_.closes.astimezone(CHINA):%H:%M}"
        late = now > open_.closes
        raise Refused(
            f"签到时间是 {session.day.isoformat()} {when}，{'已经过了，请找督导室补登' if late else '还没有到'}。",
            code="training.window", field="code",
        )  # fmt: skip
    slot, given = int(now.timestamp()) // SPAN, code.strip().upper()
    if not any(hmac.compare_digest(given.encode(), _code(session, one).encode()) for one in (slot, slot - 1)):
        raise Refused("签到码不对或已经换了，请看屏幕上现在的码。", code="training.code", field="code")
    row = Attendance(
        session=session, inspector=inspector, state=S.PRESENT, hours=session.hours, way=Way.CODE, recorded_at=now,
        by_person=by.person, by_name=by.name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return _again(Attendance.objects.get(session=session, inspector=inspector))
    audit.record(
        action="training.signed_in", subject=session.batch, summary=f"{session.batch.title}：签到，{session.title}", by=by, now=now,
        session=str(session.pk),
    )  # fmt: skip
    return row


def _again(known: Attendance) -> Attendance:
    if known.state != S.PRESENT:
        raise Refused(f"督导室已经登记为“{known.get_state_display()}”，有误请联系督导室。", code="training.said")
    return known


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one inspector: ``hours`` None grants all of the session to who was there; ``base_version`` 0 where
    nothing was on record when it was said."""

    inspector: Inspector
    state: str
    hours: Decimal | None = None
    reason: str = ""
    base_version: int = 0


@transaction.atomic
def record_attendance(*, session: Session, rows: Sequence[Said], way: str = Way.LIST, by: Actor, now: datetime) -> int:
    """Write down who came, all at once; says how many were new or changed.

    Raises:
        Refused: ``training.not_allowed``, ``.cancelled``, ``.future`` (before the day), ``.unknown``, ``.not_invited``, ``.hours`` (more
            than the session has), ``.reason`` (leave says why), ``.own`` (the own attendance), ``.twice`` (somebody named twice).
        Conflict: ``training.changed``: somebody signed in, or the office said something, after the list was opened.
    """
    manages(by)
    of_county([one.inspector for one in rows], by)
    if session.cancelled_why or session.batch.cancelled_why:
        raise Refused("这次课已经取消。", code="training.cancelled")
    if session.day > day_of(now):
        raise Refused("还没有上课，当天再登记。", code="training.future")
    if len({one.inspector.pk for one in rows}) != len(rows):
        raise Refused("名单里有人出现两次。", code="training.twice")
    invited = set(session.batch.invitations.values_list("inspector", flat=True))
    known = {one.inspector_id: one for one in session.attendances.all()}
    new, changed = [], []
    for said in rows:
        name = said.inspector.person.name
        hours = _granted(said, session)
        if said.inspector.pk not in invited:
            raise Refused(f"{name}不在参训名单里，先加入名单。", code="training.not_invited")
        row = known.get(said.inspector.pk)
        facts = (said.state, hours, said.reason.strip())
        if row and (row.state, row.hours, row.reason) == facts:
            continue
        # Whoever keeps the list does not grant hours to themselves; what stands already may be saved along.
        if said.inspector.person_id in by.hands:
            raise Refused("自己的出勤请另一位同志登记，或者扫码签到。", code="training.own")
        if (row.version if row else 0) != said.base_version:
            raise Conflict(f"{name}的出勤刚刚有了登记，请对照后再保存。", code="training.changed")
        if row is None:
            row = Attendance(session=session, inspector=said.inspector)
            new.append(row)
        else:
            row.version += 1
            changed.append(row)
        row.state, row.hours, row.reason = facts
        row.way, row.recorded_at, row.by_person, row.by_name = way, now, by.person, by.name
    try:
        with transaction.atomic():
            Attendance.objects.bulk_create(new)
    except IntegrityError:
        raise Conflict("有人刚刚签到，请对照后再保存。", code="training.changed") from None
    for row in changed:
        done = Attendance.objects.filter(pk=row.pk, version=row.version - 1).update(
            state=row.state, hours=row.hours, reason=row.reason, way=row.way, recorded_at=now, by_person=by.person,
            by_name=by.name, version=row.version,
        )  # fmt: skip
        if not done:
            raise Conflict("别人刚刚改过，请对照后再保存。", code="training.changed")
    if new or changed:
        audit.record(
            action="training.attendance_recorded", subject=session.batch, by=by, now=now, occurred_on=session.day,
            summary=f"{session.batch.title}：登记出勤 {len(new) + len(changed)} 人，{session.title}", session=str(session.pk),
        )  # fmt: skip
    return len(new) + len(changed)


def _granted(said: Said, session: Session) -> Decimal:
    name = said.inspector.person.name
    if said.state not in S.values:
        raise Refused(f"{name}：请选择到、请假或缺席。", code="training.words")
    if said.state == S.PRESENT:
        hours = session.hours if said.hours is None else said.hours
        if hours > session.hours:
            raise Refused(
                f"{name}：学时 {hours.normalize():f} 超过这次课的 {session.hours.normalize():f} 学时。",
                code="training.hours",
            )
        whole_quarters(hours, most=session.hours)
        return hours
    if said.hours:
        raise Refused(f"{name}：没有到的不计学时。", code="training.hours")
    if said.state == S.LEAVE and not said.reason.strip():
        raise Refused(f"{name}：请假要写事由。", code="training.reason")
    return Decimal(0)
