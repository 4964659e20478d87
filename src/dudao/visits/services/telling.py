"""Telling the head before leaving, handing the record in, what was filled in by hand, the head's own word."""

from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction

from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.places.models import Unit
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao.visits.models import Visit
from dudao.visits.queries import is_office
from dudao.visits.services.on_site import begun
from dudao.visits.services.planning import of_key
from dudao.visits.services.rights import attach, claim, may_make, not_ahead

S = Visit.State


def _minutes(arrived_at: time | None, left_at: time | None) -> int | None:
    """Raises: ``Refused`` ``visits.hours``."""
    if arrived_at is None or left_at is None:
        return None
    minutes = (left_at.hour - arrived_at.hour) * 60 + left_at.minute - arrived_at.minute
    if minutes < 0:
        raise Refused("离校时间不能早于到校时间。", code="visits.hours", field="left_at")
    return minutes


@transaction.atomic
def feed_back(
    *, visit: Visit, base_version: int, told: str, head_name: str, head_words: str = "", way: str, told_on: date,
    arrived_at: time | None = None, left_at: time | None = None, scan: Sequence[files.Received] = (), by: Actor, now: datetime,
) -> Visit:  # fmt: skip
    """Write down what the head was told before the inspector left, and what the head said. From now on the school sees it.

    Args:
        way: read out and agreed to by the head, or signed on paper; the photo of the paper comes along.
        arrived_at: left out, as it was said on arriving.

    Raises:
        Refused: ``visits.not_allowed``, ``.future``, ``.dates``, ``.told``, ``.head``, ``.way``, ``.scan``, ``.hours``, ``.state``.
        Conflict: ``visits.changed``.
    """
    may_make(by, visit.person_id)
    not_ahead(told_on, now, "told_on", "反馈日期")
    if visit.visited_on and told_on < visit.visited_on:
        raise Refused("反馈不能早于到校。", code="visits.dates", field="told_on")
    if not told.strip():
        raise Refused("请写明向学校反馈了什么；没有问题也写一句。", code="visits.told", field="told")
    if not head_name.strip():
        raise Refused("请填写在场的校（园）长或负责人。", code="visits.head", field="head_name")
    if way not in Visit.Way.values:
        raise Refused("请选择怎样确认的。", code="visits.way", field="way")
    if way == Visit.Way.PAPER and not scan:
        raise Refused("请拍下签了字的记录表。", code="visits.scan", field="scan")
    arrived_at = arrived_at or visit.arrived_at
    # What the head read before is not what is told now.
    read = {"seen_words": visit.seen_words} if visit.seen_on else {}
    claim(
        visit, base_version, (S.ON_SITE,), state=S.TOLD, seen_on=None, seen_by=None, seen_name="", seen_words="", told=told.strip(), told_on=told_on, way=way,
        head_name=head_name.strip()[:64], head_words=head_words.strip()[:500], arrived_at=arrived_at, left_at=left_at,
        minutes=_minutes(arrived_at, left_at),
    )  # fmt: skip
    attach(visit, scan, by=by, now=now, occurred_on=told_on)
    audit.record(
        action="visit.told",
        subject=visit,
        summary=f"向学校反馈：{visit.get_way_display()}",
        by=by,
        now=now,
        occurred_on=told_on,
        **read,
    )
    return visit


@transaction.atomic
def file_visit(*, visit: Visit, base_version: int, by: Actor, now: datetime) -> Visit:
    """Hand the record in to the office (教育督导条例 article 15: a regular visit is reported); it stands from then on.

    Raises:
        Refused: ``visits.not_allowed``, ``.state``.
        Conflict: ``visits.changed``.
    """
    may_make(by, visit.person_id)
    claim(visit, base_version, (S.TOLD,), state=S.FILED, filed_on=day_of(now))
    audit.record(action="visit.filed", subject=visit, summary="报送经常性督导记录", by=by, now=now)
    return visit


@transaction.atomic
def reopen_visit(*, visit: Visit, base_version: int, words: str, by: Actor, now: datetime) -> Visit:
    """Take a record back to be corrected; the feedback stays as it was written until it is given again.

    Raises:
        Refused: ``visits.not_allowed`` (what the school has read, or is filed, is opened by the office), ``.words``, ``.state``.
        Conflict: ``visits.changed``.
    """
    may_make(by, visit.person_id)
    if (visit.state == S.FILED or visit.seen_on) and not is_office(by):
        raise Refused("学校已经阅知或者已归档的记录由督导室退回。", code="visits.not_allowed")
    if not words.strip():
        raise Refused("请写明退回的原因。", code="visits.words", field="words")
    claim(visit, base_version, Visit.KNOWN_TO_SCHOOL, state=S.ON_SITE, filed_on=None)
    audit.record(action="visit.reopened", subject=visit, summary=f"退回督导记录：{words.strip()}"[:200], by=by, now=now)
    return visit


@transaction.atomic
def record_paper(
    *, unit: Unit, person: Person, visited_on: date, arrived_at: time | None, left_at: time | None, theme: str, notes: str,
    told: str, head_name: str, head_words: str, scan: Sequence[files.Received], key: UUID | None = None, by: Actor, now: datetime,
) -> Visit:  # fmt: skip
    """Enter a 督导记录表 that was filled in by hand: its photo and what is counted of it.

    Raises:
        Refused: as ``begin_visit`` and ``feed_back``.
    """
    if kept := of_key(key, by):
        if kept.state in Visit.KNOWN_TO_SCHOOL:
            return kept
        row = kept
    else:
        row = begun(
            unit=unit, person=person, visited_on=visited_on, arrived_at=arrived_at, theme=theme, key=key, by=by, now=now
        )
    claim(row, row.version, (S.ON_SITE,), is_on_paper=True, notes=notes.strip())
    return feed_back(
        visit=row, base_version=row.version, told=told, head_name=head_name, head_words=head_words, way=Visit.Way.PAPER,
        told_on=visited_on, left_at=left_at, scan=scan, by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def acknowledge(*, visit: Visit, base_version: int, words: str, by: Actor, now: datetime) -> Visit:
    """The head has read the feedback, and may say a word to it; once.

    Raises:
        Refused: ``visits.not_allowed``, ``.state``.
        Conflict: ``visits.changed``.
    """
    if not (by.is_of(visit.unit_id) and by.can("visit.host")):
        raise Refused("反馈由本校（园）校（园）长阅知。", code="visits.not_allowed")
    if visit.seen_on is not None:
        raise Refused("已经阅知过。", code="visits.state")
    claim(
        visit, base_version, Visit.KNOWN_TO_SCHOOL, seen_on=day_of(now), seen_by=by.person, seen_name=by.name,
        seen_words=words.strip()[:500],
    )  # fmt: skip
    audit.record(action="visit.seen", subject=visit, summary="学校阅知督导反馈", by=by, now=now)
    return visit
