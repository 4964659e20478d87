"""Who is responsible for which school: assign, end, rotate. Each duty brings the right to see its school, and takes it away again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from dudao.accounts import queries as people
from dudao.accounts import services as accounts
from dudao.accounts.models import Grant
from dudao.audit import services as audit
from dudao.duties import checking
from dudao.duties.checking import Given
from dudao.duties.models import Board, Duty
from dudao.duties.services.boards import boards_of
from dudao.duties.services.rights import may_manage
from dudao.inspectors.models import Inspector
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

PURPOSE = "inspector.responsible"
_DAY = timedelta(days=1)
#: So many breaches are named in a refusal; the page shows them all before.
_NAMED = 5


@transaction.atomic
def assign_duties(
    *, rows: Sequence[Given], starts_on: date, by: Actor, now: datetime, document: str = "", reason: str = "",
    base_versions: Mapping[UUID, int] | None = None,
) -> list[Duty]:  # fmt: skip
    """Say who is responsible for some schools from a day on. Units not named in ``rows`` stay as they are.

    Args:
        rows: for each unit named in them, everybody responsible for it. Who was and is not named ends the day before; who is and
            was goes on.
        starts_on: may lie back, as far as the present duty of the unit reaches, or ahead.
        document: number of the paper, or words.
        base_versions: of the boards by unit, as the reader saw them; 0 where there was none.

    Returns:
        The new duties.

    Raises:
        Refused: ``duties.not_allowed``; ``duties.empty``; ``duties.breach``, hard rules are not kept (``checking.check``);
            ``duties.days``, the day lies before the present duty of a unit.
        Conflict: ``duties.changed``, somebody has assigned one of the units meanwhile.
    """
    may_manage(by)
    today, units = day_of(now), {one.unit for one in rows}
    if not rows:
        raise Refused("没有要安排的学校。", code="duties.empty")
    hard = [one.words for one in checking.check(by.county, rows, starts_on=starts_on, today=today) if one.is_hard]
    if hard:
        more = f"；等 {len(hard)} 项" if len(hard) > _NAMED else ""
        raise Refused(f"{'；'.join(hard[:_NAMED])}{more}。", code="duties.breach")
    _claim(units, base_versions, county=by.county, now=now)
    names = places.full_names(system(by.county), units, as_of=max(starts_on, today))
    wanted = {(one.unit, one.inspector) for one in rows}
    stays = set()
    standing = Duty.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=starts_on), unit__in=units, is_void=False)
    for old in standing.select_related("inspector__person", "grant"):
        pair = (old.unit_id, old.inspector_id)
        if pair in wanted and old.starts_on <= starts_on and old.ended_on is None:
            stays.add(pair)
            continue
        if starts_on < old.starts_on <= today:
            raise Refused(
                f"{names.get(old.unit_id, '')}现任责任督学从{old.starts_on}起，新的安排不能更早。", code="duties.days", field="starts_on"
            )  # fmt: skip
        _finish(old, starts_on - _DAY, reason=reason or "重新安排", name=names.get(old.unit_id, ""), by=by, now=now)
    keys = {one.inspector for one in rows}
    inspectors = {one.pk: one for one in Inspector.objects.filter(pk__in=keys).select_related("person")}
    begun = []
    for unit, key in sorted(wanted - stays, key=str):
        row = Duty(
            county=by.county, inspector=inspectors[key], unit_id=unit, starts_on=starts_on, document=document.strip(),
            reason=reason.strip(), by_person=by.person, by_name=by.name, recorded_at=now,
        )  # fmt: skip
        row.grant = _grant(row, by=by, now=now)
        row.save(force_insert=True)
        audit.record(
            action="duty.began", subject=row, summary=f"责任督学：{inspectors[key].person.name}，{names.get(unit, '')}", by=by, now=now,
            occurred_on=min(starts_on, today), unit=str(unit), person=str(inspectors[key].person_id),
            starts_on=starts_on.isoformat(), document=document.strip(),
        )  # fmt: skip
        begun.append(row)
    return begun


@transaction.atomic
def end_duty(*, duty: Duty, last_day: date, reason: str, by: Actor, now: datetime) -> Duty:
    """End one duty on a day without anybody in its place: the school is a gap from the next day on.

    Raises:
        Refused: ``duties.not_allowed``, ``duties.words``, ``duties.days``, ``duties.ended``.
        Conflict: ``duties.changed``.
    """
    may_manage(by)
    if not reason.strip():
        raise Refused("请写明原因。", code="duties.words", field="reason")
    if last_day < duty.starts_on:
        raise Refused(f"不能早于起日{duty.starts_on}。", code="duties.days", field="last_day")
    if duty.is_void or (duty.ended_on is not None and duty.ended_on <= last_day):
        raise Refused("这项责任已经结束。", code="duties.ended")
    _claim({duty.unit_id}, None, county=by.county, now=now)
    name = places.full_names(system(by.county), {duty.unit_id}, as_of=day_of(now)).get(duty.unit_id, "")
    _finish(duty, last_day, reason=reason, name=name, by=by, now=now)
    return duty


@transaction.atomic
def rotate(
    *, first: Inspector, second: Inspector, starts_on: date, by: Actor, now: datetime, district: UUID | None = None,
    units: Collection[UUID] | None = None, document: str = "", reason: str = "定期交流轮换",
) -> list[Duty]:  # fmt: skip
    """Two inspectors change places (定期交流轮换, NAT2): what one has goes to the other, and the other way.

    Args:
        district, units: only at these schools; at all of theirs where neither is given.

    Raises:
        Refused: ``duties.same``; ``duties.empty``, neither has any of these schools; and as ``assign_duties``.
        Conflict: as ``assign_duties``.
    """
    may_manage(by)
    if first.pk == second.pk:
        raise Refused("请选择两名不同的督学。", code="duties.same", field="second")
    rows = checking.swapped(by.county, first.pk, second.pk, day=starts_on, district=district, units=units)
    if not rows:
        raise Refused("这两名督学在所选范围都没有学校。", code="duties.empty", field="second")
    return assign_duties(rows=rows, starts_on=starts_on, by=by, now=now, document=document, reason=reason)


def _claim(units: Collection[UUID], base: Mapping[UUID, int] | None, *, county: str, now: datetime) -> None:
    """Take the next version of every unit's board: of two who assign a school at once the second finds another version."""
    for unit, row in boards_of(units, county=county, now=now).items():
        version = row.version if base is None else base.get(unit, 0) or 1
        if not Board.objects.filter(pk=row.pk, version=version).update(version=F("version") + 1):
            raise Conflict("别人刚刚安排过其中的学校，请看过最新安排再办。", code="duties.changed")


def _finish(duty: Duty, last_day: date, *, reason: str, name: str, by: Actor, now: datetime) -> None:
    """End a duty, and the right to see the school with it; one that was to begin later never held."""
    changes = {"ended_on": last_day} if last_day >= duty.starts_on else {"is_void": True}
    still = Duty.objects.filter(pk=duty.pk, is_void=False).filter(Q(ended_on__isnull=True) | Q(ended_on__gt=last_day))
    if not still.update(end_reason=reason.strip(), **changes):
        raise Conflict("别人刚刚改过这项责任，请刷新后再看。", code="duties.changed")
    duty.refresh_from_db()
    today, grant = day_of(now), duty.grant
    # One that went on with the post has an end of its own.
    if grant and grant.taken_back_at is None and (grant.end_on is None or grant.end_on > last_day):
        accounts.end_grant(
            grant=grant, reason=f"责任督学结束：{reason.strip()}", last_day=last_day if last_day >= today else None,
            by=system(by.county), now=now,
        )  # fmt: skip
    audit.record(
        action="duty.ended", subject=duty, summary=f"不再是责任督学：{duty.inspector.person.name}，{name}", by=by, now=now,
        occurred_on=min(last_day, today), unit=str(duty.unit_id), last_day=last_day.isoformat(), void=duty.is_void,
    )  # fmt: skip


def _grant(duty: Duty, *, by: Actor, now: datetime) -> Grant:
    """The right to see the school: one that was given by hand before is taken over. It follows from the duty, so that an office
    member who is an inspector needs nobody else to give it."""
    person = duty.inspector.person
    given = people.grants_on(max(duty.starts_on, day_of(now))).filter(
        to_person=person, on_type="places.unit", on_key=str(duty.unit_id), purpose=PURPOSE, end_on__isnull=True
    )
    if found := given.first():
        return found
    return accounts.give_grant(
        to_person=person, on_type="places.unit", on_key=str(duty.unit_id), purpose=PURPOSE, start_on=duty.starts_on,
        reason="责任督学挂牌", by=system(by.county), now=now,
    )  # fmt: skip
