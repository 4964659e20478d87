"""What people do with a notice: hand it in, check what was read, confirm it."""

import hashlib
import re
from collections import Counter
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q

from dudao.audit import services as audit
from dudao.places import queries as places
from dudao.plan.models import Flag, Level, Notice, Point, Section, Task
from dudao.plan.services.recurring import open_periods
from dudao.plan.services.rights import may, notice_open
from dudao.plan.services.wizard import rows_of
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import CHINA, day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines import __version__ as engines_version
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices import Notice as Reading
from dudao_engines.notices import read_notice, split_notices
from dudao_engines.notices.facts import Check


def hand_in_notice(*, text: str, file_name: str = "", same_number: bool = False, by: Actor, now: datetime) -> Notice:
    """Read one notice and keep its words and what was read, for a person to check.

    Args:
        text: the notice as characters; every span refers to it, so it is kept as it is.
        file_name: where it came from, empty for pasted text.
        same_number: the person says that it is another paper although its 文号 is there already.

    Raises:
        Refused: ``plan.not_allowed``; ``plan.notice_again``, the same words are there already (blanks aside);
            ``plan.same_number``, its 文号 is; ``plan.nothing_read``, no point was found; or the code of the engine
            (``notices.…``) when it cannot read the text. Nothing is written.
    """
    may(by, "notice.read")
    reading = _read(text)
    with transaction.atomic():
        return _keep(reading, file_name, same_number=same_number, by=by, now=now)


def hand_in_notices(
    *, text: str, file_name: str = "", same_number: bool = False, by: Actor, now: datetime
) -> list[Notice]:
    """Read a text that may hold several notices, one after the other; each is kept by itself, all of them or none.

    Raises:
        Refused: as ``hand_in_notice``.
    """
    may(by, "notice.read")
    pieces = [span.of(text) for span in split_notices(text)] or [text]
    # Reading takes its time, and nobody else could write meanwhile: it comes before the transaction.
    readings = [_read(piece) for piece in pieces]
    with transaction.atomic():
        return [_keep(reading, file_name, same_number=same_number, by=by, now=now) for reading in readings]


def _read(text: str) -> Reading:
    if "\x00" in text:
        raise Refused("这不是文字，请打开文件后复制正文粘贴。", code="notices.binary", field="text")
    try:
        reading = read_notice(text)
    except EngineInputError as error:
        raise Refused(error.message, code=error.code, field="text") from error
    if not any(point for section in reading.sections for point in section.points):
        raise Refused("没有读出一项要点，请看看是否粘贴完整。", code="plan.nothing_read", field="text")
    return reading


def _keep(reading: Reading, file_name: str, *, same_number: bool, by: Actor, now: datetime) -> Notice:
    text = reading.text
    digest = digest_of(text)
    doc_no = reading.doc_no.value[:100] if reading.doc_no else ""
    refuse_again(digest=digest, doc_no=doc_no, same_number=same_number, by=by)
    title = reading.title.value if reading.title else "未识别出标题"
    dated_on = _whole_day(reading.date.value) if reading.date else None
    said = re.search(r"20\d\d(?=年)", title)
    try:
        with transaction.atomic():
            notice = Notice.objects.create(
                county=by.county,
                year=int(said[0]) if said else (dated_on or day_of(now)).year,
                level=level_of(reading.issuer.value if reading.issuer else ""),
                title=title[:300],
                doc_no=doc_no,
                issuer=reading.issuer.value[:200] if reading.issuer else "",
                dated_on=dated_on,
                checks=[check_row(check) for check in reading.checks],
                metadata={field.key: field.value for field in reading.metadata},
                text=text,
                file_name=file_name[:200],
                digest=digest,
                reader=engines_version,
                handed_in_at=now,
            )
    except IntegrityError as error:
        raise Refused("这份要点刚刚已由他人导入。", code="plan.notice_again", field="text") from error
    _keep_outline(notice, reading, by=by, now=now)
    audit.record(
        action="notice.handed_in", subject=notice, summary=f"导入要点：{notice.title}", by=by, now=now, digest=digest
    )
    return notice


def digest_of(text: str) -> str:
    """What tells a paper by its words: blank lines and spaces make no other paper."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()


def refuse_again(*, digest: str, doc_no: str, same_number: bool, by: Actor) -> None:
    """Refuse a paper that stands already, by its words or, unless a person says it is another, by its number.

    Raises:
        Refused: ``plan.notice_again``, ``plan.same_number``.
    """
    # One look for both: a paper that comes in between two looks would be told apart by its number, not by its words.
    alike = Q(digest=digest) | (Q(doc_no=doc_no) if doc_no else Q())
    standing = list(Notice.objects.filter(alike, county=by.county).exclude(state=Notice.State.DROPPED))
    if again := next((one for one in standing if one.digest == digest), None):
        raise Refused(
            f"这份要点已于{again.handed_in_at.astimezone(CHINA):%Y年%-m月%-d日}导入：《{again.title}》。要重新识读，请先作废原来的。",
            code="plan.notice_again",
            field="text",
        )
    if standing and not same_number:
        raise Refused(
            f"文号{doc_no}的要点已经导入：《{standing[0].title}》。确实是另一份的，请勾选“文号相同，但是另一份”。",
            code="plan.same_number",
            field="same_number",
        )


def _whole_day(said: str) -> date | None:
    """The day of an ISO date; a year or a month alone is no day."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


# Who issues a notice, from the highest level down; 自治区 before 市, as 银川市 lies in one.
_LEVELS = (
    (re.compile(r"国务院|中共中央|中央办公厅|^教育部|国家"), Level.NATION),
    (re.compile(r"自治区|[\u4e00-\u9fff]省"), Level.REGION),
    (re.compile(r"[\u4e00-\u9fff]{2,}市(?!.{0,8}(?:县|[\u4e00-\u9fff]区))"), Level.CITY),
)


def level_of(issuer: str) -> Level:
    """The level of government that issues a notice, by its name; the county's where the name does not tell."""
    return next((level for pattern, level in _LEVELS if pattern.search(issuer)), Level.COUNTY)


def check_row(check: Check) -> dict[str, Any]:
    """A check as ``Notice.checks`` keeps it."""
    return {"kind": check.kind, "quotes": list(check.quotes), "holds": check.holds, "why": check.why}


def _keep_outline(notice: Notice, reading: Reading, *, by: Actor, now: datetime) -> None:
    """Write sections, points, duties and flags of a reading."""
    units = list(places.units_visible_to(by, as_of=day_of(now)))
    for position, section in enumerate(reading.sections, 1):
        row = Section.objects.create(
            notice=notice,
            position=position,
            no=section.no or "",
            heading=section.heading or "",
            is_repaired=section.repaired,
            start=section.span.start,
            end=section.span.end,
        )
        points = Point.objects.bulk_create(
            Point(
                section=row,
                position=at,
                no=point.no or "",
                title=(point.title or "")[:300],
                words="".join(span.of(notice.text) for span in point.body),
                start=point.span.start,
                end=point.span.end,
                marks=[[stretch.mark, stretch.span.start, stretch.span.end] for stretch in point.marks],
            )
            for at, point in enumerate(section.points, 1)
        )
        for kept, point in zip(points, section.points, strict=True):
            Task.objects.bulk_create(rows_of(notice, kept, point.actions, units))
    Flag.objects.bulk_create(
        Flag(
            notice=notice,
            code=flag.code,
            quote=flag.quote[:300],
            why=flag.why[:300],
            start=flag.span.start,
            end=flag.span.end,
        )
        for flag in reading.flags
    )


@transaction.atomic
def correct_notice(
    *,
    notice: Notice,
    base_version: int,
    title: str,
    doc_no: str,
    issuer: str,
    dated_on: date | None,
    year: int,
    level: str,
    by: Actor,
    now: datetime,
) -> Notice:
    """Correct what was read of the notice as a whole.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``.
        Conflict: ``plan.changed``, somebody corrected it in between.
    """
    may(by, "plan.edit")
    notice_open(notice)
    new = {"title": title, "doc_no": doc_no, "issuer": issuer, "dated_on": dated_on, "year": year, "level": level}
    old = {name: getattr(notice, name) for name in new}
    changed = Notice.objects.filter(pk=notice.pk, version=base_version, state=Notice.State.CHECKING).update(
        **new, version=F("version") + 1
    )
    if not changed:
        raise Conflict("别人刚刚改过这份要点，请刷新后再改。", code="plan.changed")
    Task.objects.filter(notice=notice, state=Task.State.CHECKING).update(year=year)
    audit.record(
        action="notice.corrected",
        subject=notice,
        summary=f"更正要点信息：{title}",
        by=by,
        now=now,
        before={k: str(v) for k, v in old.items() if v != new[k]},
        after={k: str(v) for k, v in new.items() if v != old[k]},
    )
    notice.refresh_from_db()
    return notice


@transaction.atomic
def correct_point(
    *,
    point: Point,
    base_version: int,
    section: Section,
    no: str,
    title: str,
    words: str,
    by: Actor,
    now: datetime,
) -> Point:
    """Correct number, title, words or section of a point.

    The words of the notice stay in ``Notice.text`` and the point's span; only our reading of them changes.

    Args:
        base_version: the version the person saw.
        section: the section it belongs to; moved to its end when it is another one.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.other_notice``.
        Conflict: ``plan.changed``, somebody corrected it in between.
    """
    may(by, "plan.edit")
    notice = point.section.notice
    notice_open(notice)
    if section.notice_id != notice.pk:
        raise Refused("所选部分不属于这份要点。", code="plan.other_notice", field="section")
    new = {"no": no, "title": title, "words": words}
    old = {name: getattr(point, name) for name in new}
    moved = section.pk != point.section_id
    if not moved and old == new and point.version == base_version:
        return point
    position = point.position
    if moved:
        position = (Point.objects.filter(section=section).aggregate(last=Max("position"))["last"] or 0) + 1
    if not claimed(point, base_version, new | {"section": section, "position": position, "is_corrected": True}):
        raise Conflict("别人刚刚改过这一项，请对照后再保存。", code="plan.changed")
    audit.record(
        action="point.corrected",
        subject=point,
        summary=f"更正要点第{no or point.position}项",
        by=by,
        now=now,
        before={k: v for k, v in old.items() if v != new[k]},
        after={k: v for k, v in new.items() if v != old[k]},
    )
    return point


@transaction.atomic
def accept_flag(*, flag: Flag, by: Actor, now: datetime) -> None:
    """Accept what the reader repaired or doubted. Twice is once.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``.
    """
    may(by, "plan.edit")
    notice_open(flag.notice)
    if Flag.objects.filter(pk=flag.pk, accepted_at__isnull=True).update(accepted_at=now):
        audit.record(action="flag.accepted", subject=flag, summary=f"认可识读提示：{flag.why}", by=by, now=now)


@transaction.atomic
def confirm_notice(*, notice: Notice, by: Actor, now: datetime) -> list[Task]:
    """Confirm the reading: its duties become tasks of the year that nobody has yet, with a child for each period of
    those that come again.

    Returns:
        The tasks in the order of the notice, without the periods. Numbered by the points' own numbers and the order in
        the point, ``09-3``; points without a number come after the last; by the points' order where two have the same.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.notice_closed``, ``plan.no_duty``.
    """
    may(by, "plan.confirm")
    changed = Notice.objects.filter(pk=notice.pk, state=Notice.State.CHECKING).update(
        state=Notice.State.CONFIRMED, confirmed_at=now, version=F("version") + 1
    )
    notice.refresh_from_db()
    if not changed:
        raise Refused(f"这份要点{notice.get_state_display()}。", code="plan.notice_closed")
    checking = Task.objects.filter(notice=notice, state=Task.State.CHECKING)
    tasks = list(checking.select_related("point").order_by("point__section__position", "point__position", "position"))
    if not tasks:
        raise Refused("没有一项列为任务，请至少补列一项。", code="plan.no_duty")
    points = list({task.point_id: task.point for task in tasks}.values())
    said = [point.no for point in points if point and point.no]
    own = all(no.isdecimal() for no in said) and len(set(said)) == len(said)
    # A point that somebody added must not move the numbers of all that stand in the notice.
    free = count(max(map(int, said), default=0) + 1) if own else count(1)
    heads: dict[UUID | None, int] = {
        point.pk: int(point.no) if own and point.no else next(free) for point in points if point
    }
    inside: Counter[UUID | None] = Counter()
    for at, task in enumerate(tasks, 1):
        inside[task.point_id] += 1
        task.number = f"{heads[task.point_id]:02d}-{inside[task.point_id]}"
        task.position, task.state = at, Task.State.DRAFT
    Task.objects.bulk_update(tasks, ["number", "position", "state"], batch_size=200)
    for task in tasks:
        open_periods(task, since=notice.dated_on or day_of(now))
    audit.record(
        action="notice.confirmed",
        subject=notice,
        summary=f"确认要点，生成 {len(tasks)} 项任务：{notice.title}",
        by=by,
        now=now,
        tasks=len(tasks),
    )
    return tasks


def has_begun(notice: Notice) -> bool:
    """Something of a confirmed notice was handed down or done, so that it cannot go back to checking."""
    tasks = Task.objects.filter(notice=notice)
    begun = tasks.exclude(state__in=(Task.State.DRAFT, *Task.OUTSIDE))
    return begun.exists() or tasks.filter(parts__isnull=False).exists()


@transaction.atomic
def reopen_notice(*, notice: Notice, reason: str, by: Actor, now: datetime) -> None:
    """Go back from the tasks to checking, while nothing has been handed down or done; the periods go.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.handed_down`` (a unit has a task of it already, or one is
            done), ``plan.notice_closed`` (it is not confirmed).
    """
    may(by, "plan.confirm")
    if not reason.strip():
        raise Refused("请写明退回核对的原因。", code="plan.reason", field="reason")
    changed = Notice.objects.filter(pk=notice.pk, state=Notice.State.CONFIRMED).update(
        state=Notice.State.CHECKING, confirmed_at=None, version=F("version") + 1
    )
    if not changed:
        raise Refused("只有已确认的要点可以退回核对。", code="plan.notice_closed")
    tasks = Task.objects.filter(notice=notice)
    if has_begun(notice):
        raise Refused("已有任务下达或办结，不能退回核对；任务可以逐项修改或撤销。", code="plan.handed_down")
    live = tasks.filter(state=Task.State.DRAFT)
    live.filter(parent__isnull=False).update(state=Task.State.WITHDRAWN, reason="退回核对", version=F("version") + 1)
    live.update(state=Task.State.CHECKING, number="", version=F("version") + 1)
    audit.record(
        action="notice.reopened", subject=notice, summary=f"退回核对：{notice.title}", by=by, now=now, reason=reason
    )


@transaction.atomic
def drop_notice(*, notice: Notice, reason: str, by: Actor, now: datetime) -> None:
    """Take a notice out of use while it is being checked; it stays with its reason.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.notice_closed`` (a confirmed notice stays).
    """
    may(by, "plan.edit")
    if not reason.strip():
        raise Refused("请写明作废原因。", code="plan.reason", field="reason")
    changed = Notice.objects.filter(pk=notice.pk, state=Notice.State.CHECKING).update(
        state=Notice.State.DROPPED, drop_reason=reason.strip()[:200], version=F("version") + 1
    )
    if not changed:
        raise Refused("只有核对中的要点可以作废。", code="plan.notice_closed")
    audit.record(
        action="notice.dropped", subject=notice, summary=f"作废要点：{notice.title}", by=by, now=now, reason=reason
    )
