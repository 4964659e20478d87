"""The yearly plan: batches, their sessions, who takes part, materials."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.files.services import Received
from dudao.inspectors.models import Inspector
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused
from dudao.shell.templatetags.parts import fullday
from dudao.training.models import Attendance, Batch, Certificate, Exam, Invitation, Kind, Level, Session
from dudao.training.services.rights import MOST_A_DAY, known_areas, manages, of_county, whole_quarters

_LONGEST = 366


@dataclass(frozen=True, slots=True)
class Course:
    """What a batch is: ``year`` of the plan it stands in, ``level`` and ``kind`` as in models, areas of ``library/training.yaml``."""

    year: int
    title: str
    level: str
    kind: str
    starts_on: date
    ends_on: date
    areas: Sequence[str] = ()
    organiser: str = ""
    place: str = ""
    seats: int | None = None
    hours_wanted: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a session is. ``opens_before`` and ``closes_after``: minutes around its beginning within which the code signs in."""

    title: str
    day: date
    begins: time
    ends: time
    hours: Decimal
    areas: Sequence[str] = ()
    place: str = ""
    teacher: str = ""
    opens_before: int = 30
    closes_after: int = 30


@transaction.atomic
def plan_batch(*, course: Course, by: Actor, now: datetime) -> Batch:
    """Put a training into the plan.

    Raises:
        Refused: ``training.not_allowed``, ``.words``, ``.dates``, ``.hours``, ``.areas``.
    """
    manages(by)
    row = Batch(county=by.county, recorded_at=now, **_course(course))
    row.save(force_insert=True)
    audit.record(action="training.planned", subject=row, summary=f"列入培训计划：{row.title}", by=by, now=now)
    return row


@transaction.atomic
def change_batch(*, batch: Batch, base_version: int, course: Course, by: Actor, now: datetime) -> Batch:
    """Change what the plan says of a training.

    Raises:
        Refused: as ``plan_batch``; ``training.dates``, a session lies outside the new days; ``training.cancelled``.
        Conflict: ``training.changed``.
    """
    manages(by)
    _stands(batch)
    new = _course(course)
    days = batch.sessions.filter(cancelled_why="")
    if days.exclude(day__range=(course.starts_on, course.ends_on)).exists():
        raise Refused("有课次不在这几天之内，先改课次。", code="training.dates", field="ends_on")
    if course.kind != batch.kind and Attendance.objects.filter(session__batch=batch).exists():
        raise Refused("已经登记出勤，不能再改方式：学时会跟着变。", code="training.attended", field="kind")
    _claim(batch, base_version, new)
    audit.record(action="training.changed", subject=batch, summary=f"修改培训：{batch.title}", by=by, now=now)
    return batch


@transaction.atomic
def cancel_batch(*, batch: Batch, base_version: int, why: str, by: Actor, now: datetime) -> Batch:
    """Say that a training does not take place.

    Raises:
        Refused: ``training.not_allowed``, ``.words``, ``.cancelled``, ``.attended`` (somebody came already).
        Conflict: ``training.changed``.
    """
    manages(by)
    _stands(batch)
    if not why.strip():
        raise Refused("请写明取消的原因。", code="training.words", field="why")
    if Attendance.objects.filter(session__batch=batch).exists() or Certificate.objects.filter(batch=batch).exists():
        raise Refused("已经登记出勤或发了证书，不能取消。", code="training.attended")
    _claim(batch, base_version, {"cancelled_why": why.strip()})
    audit.record(
        action="training.cancelled",
        subject=batch,
        summary=f"取消培训：{batch.title}",
        by=by,
        now=now,
        reason=why.strip(),
    )
    return batch


@transaction.atomic
def add_session(*, batch: Batch, lesson: Lesson, by: Actor, now: datetime) -> Session:
    """Add a session to a training.

    Raises:
        Refused: ``training.not_allowed``, ``.words``, ``.dates``, ``.hours``, ``.areas``, ``.cancelled``, ``.window``.
    """
    manages(by)
    _stands(batch)
    row = Session(batch=batch, secret=secrets.token_hex(16), **_lesson(lesson, batch))
    row.save(force_insert=True)
    audit.record(
        action="training.session_set",
        subject=batch,
        summary=f"{batch.title}：安排{row.title}",
        by=by,
        now=now,
        credit=str(row.hours),
    )
    return row


@transaction.atomic
def change_session(*, session: Session, base_version: int, lesson: Lesson, by: Actor, now: datetime) -> Session:
    """Change a session. Once somebody is on record its day and hours stay.

    Raises:
        Refused: as ``add_session``; ``training.attended``.
        Conflict: ``training.changed``.
    """
    manages(by)
    _stands(session.batch)
    _stands(session)
    new = _lesson(lesson, session.batch)
    if (new["hours"], new["day"]) != (session.hours, session.day) and session.attendances.exists():
        raise Refused("已经登记出勤，日期和学时不能再改。", code="training.attended", field="hours")
    _claim(session, base_version, new)
    audit.record(
        action="training.session_set", subject=session.batch, summary=f"{session.batch.title}：修改{session.title}", by=by, now=now,
        credit=str(session.hours),
    )  # fmt: skip
    return session


@transaction.atomic
def cancel_session(*, session: Session, base_version: int, why: str, by: Actor, now: datetime) -> Session:
    """Say that a session does not take place.

    Raises:
        Refused: ``training.not_allowed``, ``.words``, ``.cancelled``, ``.attended``.
        Conflict: ``training.changed``.
    """
    manages(by)
    _stands(session)
    if not why.strip():
        raise Refused("请写明取消的原因。", code="training.words", field="why")
    if session.attendances.exists():
        raise Refused("已经登记出勤，不能取消。", code="training.attended")
    _claim(session, base_version, {"cancelled_why": why.strip()})
    audit.record(
        action="training.cancelled", subject=session.batch, summary=f"{session.batch.title}：取消{session.title}", by=by, now=now,
        reason=why.strip(),
    )  # fmt: skip
    return session


@transaction.atomic
def invite(*, batch: Batch, inspectors: Collection[Inspector], by: Actor, now: datetime) -> int:
    """Name who takes part, beside who is named already; says how many are new.

    Raises:
        Refused: ``training.not_allowed``, ``.cancelled``, ``.unknown``, ``.nobody``, ``.seats``.
    """
    manages(by)
    _stands(batch)
    of_county(inspectors, by)
    known = set(batch.invitations.values_list("inspector", flat=True))
    new = [one for one in {one.pk: one for one in inspectors}.values() if one.pk not in known]
    if not new:
        raise Refused("没有选新的人。", code="training.nobody", field="inspectors")
    if batch.seats is not None and len(known) + len(new) > batch.seats:
        raise Refused(
            f"名额 {batch.seats} 人，已有 {len(known)} 人，又选了 {len(new)} 人。",
            code="training.seats",
            field="inspectors",
        )
    # Of two who name the same person at once the second names nobody.
    Invitation.objects.bulk_create(
        [Invitation(batch=batch, inspector=one, recorded_at=now) for one in new], ignore_conflicts=True
    )
    audit.record(
        action="training.invited",
        subject=batch,
        summary=f"{batch.title}：确定参训 {len(new)} 人",
        by=by,
        now=now,
        count=len(new),
    )
    return len(new)


@transaction.atomic
def leave_out(*, batch: Batch, inspector: Inspector, by: Actor, now: datetime) -> None:
    """Take somebody off who is not on record in any of its sessions.

    Raises:
        Refused: ``training.not_allowed``, ``.attended``, ``.unknown``.
    """
    manages(by)
    if Attendance.objects.filter(session__batch=batch, inspector=inspector).exists():
        raise Refused("这个人已经有出勤登记，不能移出。", code="training.attended")
    if not batch.invitations.filter(inspector=inspector).delete()[0]:
        raise Refused("这个人不在参训名单里。", code="training.unknown")
    audit.record(
        action="training.left_out", subject=batch, summary=f"{batch.title}：移出{inspector.person.name}", by=by, now=now
    )


@transaction.atomic
def prepare_notice(*, batch: Batch, by: Actor, now: datetime) -> Message:
    """Make the notice to those who are to take part ready; the office sends it. While it waits it is brought up to date.

    Raises:
        Refused: ``training.not_allowed``, ``.cancelled``, ``.nobody``.
    """
    manages(by)
    _stands(batch)
    persons = list(batch.invitations.values_list("inspector__person", flat=True))
    if not persons:
        raise Refused("还没有确定参训人员。", code="training.nobody")
    gone = Message.objects.filter(
        county=by.county, subject_type=batch._meta.label_lower, subject_key=str(batch.pk)
    ).exclude(state=Message.State.PREPARED)
    days = fullday(batch.starts_on) + (f"至{fullday(batch.ends_on)}" if batch.ends_on != batch.starts_on else "")
    lines = [
        f"【培训通知】请参加“{batch.title}”（{batch.get_level_display()}，{batch.get_kind_display()}）。",
        f"时间：{days}",
    ]
    if batch.place:
        lines.append(f"地点：{batch.place}")
    lines += [
        f"{one.day.month}月{one.day.day}日 {one.begins:%H:%M}—{one.ends:%H:%M} {one.title}（{one.hours.normalize():f} 学时）"
        for one in batch.sessions.filter(cancelled_why="")
    ]
    lines.append("到场后用手机扫签到码，或在“我的培训”里输入签到码。不能参加的请提前向督导室请假。")
    return messages.prepare(
        kind="training.notice", title=f"培训通知：{batch.title}", text="\n".join(lines), persons=persons, subject=batch,
        key=f"training.notice:{batch.pk}:{gone.count()}", link=reverse("training:batch", args=[batch.pk]), by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def add_material(*, session: Session, material: Received, by: Actor, now: datetime) -> StoredFile:
    """Put a material of a session before those who take part.

    Raises:
        Refused: ``training.not_allowed``; those of ``files.attach``.
    """
    manages(by)
    return files.attach(material, subject=session, by=by, now=now)


@transaction.atomic
def set_exam(
    *,
    batch: Batch,
    title: str,
    day: date,
    areas: Sequence[str],
    full: Decimal,
    pass_mark: Decimal,
    by: Actor,
    now: datetime,
) -> Exam:
    """Set a test.

    Raises:
        Refused: ``training.not_allowed``, ``.cancelled``, ``.words``, ``.dates`` (before the training begins), ``.score``, ``.areas``.
    """
    manages(by)
    _stands(batch)
    if not title.strip():
        raise Refused("请填写名称。", code="training.words", field="title")
    if day < batch.starts_on:
        raise Refused("测试不能早于培训开始。", code="training.dates", field="day")
    if not 0 < pass_mark <= full:
        raise Refused("合格线应大于 0，不超过满分。", code="training.score", field="pass_mark")
    row = Exam(
        batch=batch,
        title=title.strip(),
        day=day,
        areas=known_areas(areas) or batch.areas,
        full=full,
        pass_mark=pass_mark,
    )
    row.save(force_insert=True)
    audit.record(action="training.exam_set", subject=batch, summary=f"{batch.title}：安排{row.title}", by=by, now=now)
    return row


def _course(course: Course) -> dict[str, object]:
    if not course.title.strip():
        raise Refused("请填写名称。", code="training.words", field="title")
    if course.level not in Level.values or course.kind not in Kind.values:
        raise Refused("请选择级别和方式。", code="training.words", field="level")
    if course.ends_on < course.starts_on:
        raise Refused("结束不能早于开始。", code="training.dates", field="ends_on")
    if (course.ends_on - course.starts_on).days > _LONGEST:
        raise Refused("一个批次不超过一年，请分成几个批次。", code="training.dates", field="ends_on")
    if course.year not in (course.starts_on.year, course.ends_on.year):
        raise Refused("年度和日期对不上。", code="training.dates", field="year")
    if course.hours_wanted is not None:
        whole_quarters(course.hours_wanted, most=Decimal(999), name="hours_wanted")
    said = asdict(course)
    return said | {"title": course.title.strip(), "areas": known_areas(course.areas)}


def _lesson(lesson: Lesson, batch: Batch) -> dict[str, object]:
    if not lesson.title.strip():
        raise Refused("请填写内容。", code="training.words", field="title")
    if not batch.starts_on <= lesson.day <= batch.ends_on:
        raise Refused(
            f"这一批是{fullday(batch.starts_on)}至{fullday(batch.ends_on)}，日期不在其中。",
            code="training.dates",
            field="day",
        )
    if lesson.ends <= lesson.begins:
        raise Refused("结束时间应晚于开始时间。", code="training.dates", field="ends")
    whole_quarters(lesson.hours, most=MOST_A_DAY)
    if lesson.opens_before > 180 or lesson.closes_after > 720:
        raise Refused("签到最多提前 180 分钟，开始后 720 分钟之内。", code="training.window", field="opens_before")
    said = asdict(lesson)
    return said | {"title": lesson.title.strip(), "areas": known_areas(lesson.areas) or list(batch.areas)}


def _stands(row: Batch | Session) -> None:
    if row.cancelled_why:
        raise Refused(f"“{row.title}”已经取消：{row.cancelled_why}", code="training.cancelled")


def _claim(row: Batch | Session, base_version: int, changes: dict[str, object]) -> None:
    if not claimed(row, base_version, changes, cancelled_why=""):
        raise Conflict("别人刚刚改过，请对照后再保存。", code="training.changed")
