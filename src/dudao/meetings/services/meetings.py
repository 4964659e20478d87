"""What people do with a meeting as a whole: propose, set up, call, hold, cancel; who is invited and who came."""

import contextlib
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse

from dudao.accounts import queries as accounts
from dudao.accounts.models import Appointment
from dudao.accounts.posts import posts
from dudao.audit import services as audit
from dudao.meetings import library, queries, wording
from dudao.meetings.models import AgendaItem, Meeting, Member, Rhythm
from dudao.meetings.services.agenda import keep_agenda
from dudao.meetings.services.rights import claim, in_state, may
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused


def propose_meetings(*, by: Actor, now: datetime) -> int:
    """Propose the meetings of the periods that today lies in, where none stands; run as often as one likes.

    A period that has passed gets none, and one whose proposal was cancelled does not get another.

    Returns:
        How many came new.
    """
    may(by)
    today, made = day_of(now), 0
    for kind in library.kinds().values():
        of = library.period(queries.every(by, kind), today)
        if of is None:
            continue
        here = Meeting.objects.filter(county=by.county, kind=kind.code)
        span = (of.start, of.end)
        in_period = Q(period_on__range=span) | Q(period_on__isnull=True, day__range=span)
        if here.filter(in_period).exclude(state=Meeting.State.CANCELLED, is_proposed=False).exists():
            continue
        # The constraint decides when two processes propose in the same moment.
        with contextlib.suppress(IntegrityError), transaction.atomic():
            meeting = Meeting(
                county=by.county,
                kind=kind.code,
                year=today.year,
                title=f"{kind.name}（{of.label}）",
                period_on=of.start,
                is_proposed=True,
            )
            meeting.save(force_insert=True)
            _begin(meeting, kind, by=by, today=today)
            summary = f"按日历提议：{meeting.title}"
            audit.record(action="meeting.proposed", subject=meeting, summary=summary, by=by, now=now)
            made += 1
    return made


@transaction.atomic
def set_up_meeting(
    *,
    kind: str,
    title: str,
    day: date | None,
    at: time | None,
    place: str,
    chair: str,
    recorder: str,
    by: Actor,
    now: datetime,
) -> Meeting:
    """Set a meeting up by hand, also one that was held already.

    Args:
        kind: code of ``library/meetings.yaml``.
        title: named after kind and period where left empty.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.kind``, ``meetings.day`` (years away).
    """
    may(by)
    if kind not in library.kinds():
        raise Refused("请选择会议类别。", code="meetings.kind", field="kind")
    today = day_of(now)
    _near(day, today)
    of = library.period(queries.every(by, library.kinds()[kind]), day or today)
    name = library.kind_name(kind)
    meeting = Meeting(
        county=by.county,
        kind=kind,
        year=(day or today).year,
        title=title.strip() or (f"{name}（{of.label}）" if of else name),
        period_on=of.start if of else None,
        day=day,
        at=at,
        place=place.strip(),
        chair=chair.strip(),
        recorder=recorder.strip(),
    )
    meeting.save(force_insert=True)
    _begin(meeting, library.kinds()[kind], by=by, today=today)
    audit.record(action="meeting.set_up", subject=meeting, summary=f"登记会议：{meeting.title}", by=by, now=now)
    return meeting


def _near(day: date | None, today: date) -> None:
    """A slip of the year would hide the meeting."""
    if day and not today.year - 10 <= day.year <= today.year + 1:
        raise Refused(f"会议日期应在{today.year + 1}年底以前。", code="meetings.day", field="day")


def _placed(meeting: Meeting, day: date | None, *, by: Actor) -> dict[str, Any]:
    """Year and period of a meeting on another day. What the calendar proposed stays its period's, also when it is late."""
    if day is None or meeting.kind not in library.kinds():
        return {}
    of = library.period(queries.every(by, library.kinds()[meeting.kind]), day)
    period = {} if meeting.is_proposed else {"period_on": of.start if of else None}
    return {"year": day.year, **period}


def _begin(meeting: Meeting, kind: library.Kind, *, by: Actor, today: date) -> None:
    """Members by post, and the usual headings."""
    held = accounts.holders(by, kind.invited, day=today)
    first = {row.person_id: row for row in reversed(held)}
    people = [row for row in held if first[row.person_id] is row]
    words = _post_words(people, by=by, day=today)
    Member.objects.bulk_create(
        Member(meeting=meeting, position=n, person=row.person, name=row.person.name, post_words=words[row.person_id])
        for n, row in enumerate(people)
    )
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, position=n, title=title) for n, title in enumerate(kind.headings)
    )


def _post_words(held: Sequence[Appointment], *, by: Actor, day: date) -> dict[UUID, str]:
    """Unit and post of each person, by the first of their appointments given."""
    names = places.unit_names(by, {row.unit_id for row in held}, as_of=day)
    return {row.person_id: f"{names.get(row.unit_id, '')} {posts()[row.post].name}" for row in reversed(held)}


@transaction.atomic
def change_meeting(
    *,
    meeting: Meeting,
    base_version: int,
    title: str,
    day: date | None,
    at: time | None,
    place: str,
    chair: str,
    recorder: str,
    by: Actor,
    now: datetime,
) -> Message | None:
    """Change name, time, place, chair or recorder, until the minutes stand. What members were told is told anew.

    Returns:
        The notice prepared again where members were called to another time or place.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.title``, ``meetings.day`` (years away, missing
            after the call, or after today for one that was held).
        Conflict: ``meetings.changed``.
    """
    may(by)
    if not title.strip():
        raise Refused("请填写会议名称。", code="meetings.title", field="title")
    today = day_of(now)
    _near(day, today)
    new = {"title": title, "day": day, "at": at, "place": place, "chair": chair, "recorder": recorder}
    new = {name: value.strip() if isinstance(value, str) else value for name, value in new.items()}
    old = {name: getattr(meeting, name) for name in new}
    if new == old and meeting.version == base_version:
        return None
    if day is None and meeting.state != Meeting.State.PROPOSED:
        raise Refused("已通知的会议要有日期。", code="meetings.day", field="day")
    if meeting.state == Meeting.State.HELD and day and day > today:
        raise Refused("已召开的会议，日期不能晚于今天。", code="meetings.day", field="day")
    claim(meeting, base_version, *Meeting.OPEN, Meeting.State.HELD, **new, **_placed(meeting, day, by=by))
    audit.record(
        action="meeting.changed",
        subject=meeting,
        summary=f"修改会议：{meeting.title}",
        by=by,
        now=now,
        before={k: str(v) for k, v in old.items() if v != new[k]},
        after={k: str(v) for k, v in new.items() if v != old[k]},
    )
    told = any(old[name] != new[name] for name in ("title", "day", "at", "place"))
    return _prepare(meeting, by=by, now=now) if told and meeting.state == Meeting.State.CALLED else None


@transaction.atomic
def set_members(
    *,
    meeting: Meeting,
    base_version: int,
    persons: Sequence[UUID],
    guests: Sequence[tuple[str, str]],
    by: Actor,
    now: datetime,
) -> None:
    """Say who is invited: people of the county, and guests by name. What is known of attendance stays with who stays.

    Args:
        guests: name, and unit and post in words.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.person`` (not of the county).
        Conflict: ``meetings.changed``.
    """
    may(by)
    today = day_of(now)
    wanted = list(dict.fromkeys(persons))
    people = accounts.people_visible_to(by, day=today).in_bulk(wanted)
    if set(wanted) - people.keys():
        raise Refused("有人不在本县人员里，请重新选择。", code="meetings.person", field="persons")
    claim(meeting, base_version, *Meeting.OPEN, Meeting.State.HELD)
    held = accounts.holders(by, list(posts()), day=today)
    words = _post_words([row for row in held if row.person_id in people], by=by, day=today)
    before = list(meeting.members.all())
    old_people = {member.person_id: member for member in before if member.person_id}
    old_guests = {member.name: member for member in before if not member.person_id}
    # Who is there keeps the place; new ones follow.
    order = [key for key in old_people if key in people] + [key for key in wanted if key not in old_people]
    kept: list[Member] = []
    for key in order:
        if key is None:
            continue
        kept.append(
            old_people.get(key)
            or Member(meeting=meeting, person=people[key], name=people[key].name, post_words=words.get(key, ""))
        )
    for name, post_words in dict(guests).items():
        member = old_guests.get(name) or Member(meeting=meeting, name=name)
        member.post_words = post_words
        kept.append(member)
    known = {member.pk for member in before}
    gone = [member for member in before if member.pk not in {one.pk for one in kept}]
    Member.objects.filter(pk__in=[member.pk for member in gone]).delete()
    for n, member in enumerate(kept):
        member.position = n
    Member.objects.bulk_update([m for m in kept if m.pk in known], ["position", "post_words"])
    Member.objects.bulk_create(m for m in kept if m.pk not in known)
    audit.record(
        action="meeting.members_set",
        subject=meeting,
        summary=f"定参会人员：{meeting.title}，{len(kept)} 人",
        by=by,
        now=now,
        before="、".join(member.name for member in before),
        after="、".join(member.name for member in kept),
    )


@transaction.atomic
def call_meeting(*, meeting: Meeting, base_version: int, by: Actor, now: datetime) -> Message | None:
    """Keep the agenda and make the notice ready; a person looks at it and sends it.

    Returns:
        The message prepared; ``None`` where all members are guests, who are told by pasting the text.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.incomplete`` (no day, place or member),
            ``meetings.day`` (the day has passed).
        Conflict: ``meetings.changed``.
    """
    may(by)
    missing = [word for word, value in (("日期", meeting.day), ("地点", meeting.place)) if not value]
    missing += [] if meeting.members.exists() else ["参会人员"]
    if missing and meeting.state == Meeting.State.PROPOSED:
        raise Refused(f"还缺{'、'.join(missing)}，补齐后再通知。", code="meetings.incomplete")
    if meeting.day and meeting.day < day_of(now):
        raise Refused("会议日期已经过了：改日期再通知，或直接登记已召开。", code="meetings.day")
    claim(meeting, base_version, Meeting.State.PROPOSED, state=Meeting.State.CALLED)
    keep_agenda(meeting=meeting, by=by, now=now)
    audit.record(action="meeting.called", subject=meeting, summary=f"通知会议：{meeting.title}", by=by, now=now)
    return _prepare(meeting, by=by, now=now)


@transaction.atomic
def prepare_notice(*, meeting: Meeting, by: Actor, now: datetime) -> Message | None:
    """Make the notice ready again, for members who came new or because the agenda was changed.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``.
    """
    may(by)
    in_state(meeting, Meeting.State.CALLED)
    return _prepare(meeting, by=by, now=now)


def _prepare(meeting: Meeting, *, by: Actor, now: datetime, text: str = "", title: str = "") -> Message | None:
    persons = [key for key in meeting.members.values_list("person", flat=True) if key]
    if not persons:
        return None
    items = meeting.items.filter(is_removed=False)
    # What still waits is brought up to date; what was sent or dropped stays, and the next one is new.
    gone = Message.objects.filter(
        county=by.county, subject_type=meeting._meta.label_lower, subject_key=str(meeting.pk)
    ).exclude(state=Message.State.PREPARED)
    return messages.prepare(
        kind="meetings.notice",
        title=title or f"会议通知：{meeting.title}",
        text=text or wording.notice(meeting, items),
        persons=persons,
        subject=meeting,
        key=f"meetings.notice:{meeting.pk}:{gone.count()}",
        link=reverse("meetings:meeting", args=[meeting.pk]),
        by=by,
        now=now,
    )


@transaction.atomic
def hold_meeting(*, meeting: Meeting, base_version: int, day: date, by: Actor, now: datetime) -> None:
    """The meeting begins, or took place on an earlier day: the agenda is kept as it stands, minutes can be written.

    Args:
        day: when it took place, not after today.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``audit.future``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    _near(day, day_of(now))
    if day > day_of(now):
        raise Refused("召开日期不能晚于今天。", code="audit.future", field="day")
    claim(
        meeting, base_version, *Meeting.OPEN, state=Meeting.State.HELD, **{"day": day, **_placed(meeting, day, by=by)}
    )
    if meeting.agenda_on is None:
        keep_agenda(meeting=meeting, by=by, now=now)
    messages.mark_answered(subject=meeting, by=by, now=now)
    audit.record(
        action="meeting.held",
        subject=meeting,
        summary=f"召开会议：{meeting.title}",
        by=by,
        now=now,
        occurred_on=day,
    )


@transaction.atomic
def take_back_start(*, meeting: Meeting, base_version: int, by: Actor, now: datetime) -> None:
    """The meeting was started by mistake: it waits again to be held. Only while nothing was written.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.minuted`` (minutes were begun).
        Conflict: ``meetings.changed``.
    """
    may(by)
    claim(meeting, base_version, Meeting.State.HELD, state=Meeting.State.CALLED)
    if meeting.paragraphs.filter(is_removed=False).exists():
        raise Refused("纪要已经开始记，不能退回；会议确实没有开的，先删去记录。", code="meetings.minuted")
    summary = f"退回，会议还没有召开：{meeting.title}"
    audit.record(action="meeting.start_taken_back", subject=meeting, summary=summary, by=by, now=now)


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, base_version: int, reason: str, by: Actor, now: datetime) -> Message | None:
    """The meeting is not held; it stays with its reason. Members who were called are told by a message made ready.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.reason``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    if not reason.strip():
        raise Refused("请写明取消原因。", code="meetings.reason", field="reason")
    told = meeting.state == Meeting.State.CALLED
    claim(meeting, base_version, *Meeting.OPEN, state=Meeting.State.CANCELLED, cancel_reason=reason.strip()[:200])
    messages.mark_answered(subject=meeting, by=by, now=now)
    audit.record(
        action="meeting.cancelled",
        subject=meeting,
        summary=f"取消会议：{meeting.title}",
        by=by,
        now=now,
        reason=meeting.cancel_reason,
    )
    if not told:
        return None
    return _prepare(meeting, by=by, now=now, text=wording.cancelled(meeting), title=f"会议取消：{meeting.title}")


@transaction.atomic
def record_attendance(
    *,
    meeting: Meeting,
    base_version: int,
    rows: Sequence[tuple[Member, str, str]],
    by: Actor,
    now: datetime,
) -> None:
    """Write down who came, all at once.

    Args:
        rows: member, ``Member.Attendance`` (or empty: not yet known), note.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.state``, ``meetings.early`` (before the day).
        Conflict: ``meetings.changed``.
    """
    may(by)
    if meeting.day and meeting.day > day_of(now):
        raise Refused("会议还没有召开，到会当天再登记出席。", code="meetings.early")
    claim(meeting, base_version, Meeting.State.CALLED, Meeting.State.HELD)
    changed = []
    for member, attendance, note in rows:
        if (member.attendance, member.note) != (attendance, note.strip()):
            member.attendance, member.note = attendance, note.strip()
            changed.append(member)
    Member.objects.bulk_update(changed, ["attendance", "note"])
    labels = dict(Member.Attendance.choices)
    audit.record(
        action="meeting.attendance_recorded",
        subject=meeting,
        summary=f"登记出席：{meeting.title}",
        by=by,
        now=now,
        after="；".join(
            f"{m.name} {labels.get(Member.Attendance(m.attendance), '') if m.attendance else '未登记'}" for m in changed
        ),
    )


@transaction.atomic
def set_rhythm(*, kind: str, every: str, base_version: int, by: Actor, now: datetime) -> None:
    """Say how often a kind of meeting is proposed, where the library leaves it to the office.

    Args:
        every: of ``library.EVERY``.
        base_version: of the setting as seen; 0 where there was none.

    Raises:
        Refused: ``meetings.not_allowed``, ``meetings.kind`` (not the office's to say), ``meetings.every``.
        Conflict: ``meetings.changed``.
    """
    may(by)
    known = library.kinds().get(kind)
    if known is None or not known.by_office:
        raise Refused("这类会议多久一次由要点规定。", code="meetings.kind")
    if every not in library.EVERY:
        raise Refused("请选择多久一次。", code="meetings.every", field="every")
    clash = Conflict("别人刚刚改过会议安排，请对照后再保存。", code="meetings.changed")
    if base_version:
        rows = Rhythm.objects.filter(county=by.county, kind=kind, version=base_version)
        if not rows.update(every=every, version=F("version") + 1):
            raise clash
    else:
        try:
            with transaction.atomic():
                Rhythm.objects.create(county=by.county, kind=kind, every=every)
        except IntegrityError as error:
            raise clash from error
    audit.record(
        action="meeting.rhythm_set",
        subject=Rhythm.objects.get(county=by.county, kind=kind),
        summary=f"{known.name}：{library.EVERY[every]}",
        by=by,
        now=now,
    )
