"""Districts: which schools and which inspectors belong together."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from dudao.audit import services as audit
from dudao.duties import queries
from dudao.duties.models import District, DistrictMember, DistrictUnit
from dudao.duties.services.rights import may_manage
from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

_DAY = timedelta(days=1)


@transaction.atomic
def new_district(
    *, name: str, units: Collection[UUID], inspectors: Collection[UUID], starts_on: date, by: Actor, now: datetime
) -> District:
    """A district from a day on; its schools leave the districts they were in.

    Args:
        units, inspectors: keys; inspectors' in the register.

    Raises:
        Refused: ``duties.not_allowed``, ``duties.words``, ``duties.known`` (the name is taken), ``duties.unknown``, ``duties.days``.
    """
    may_manage(by)
    row = District(county=by.county, name=_name(name), starts_on=starts_on, recorded_at=now)
    _write(row)
    _set(row, units, inspectors, day=starts_on, day_now=day_of(now))
    audit.record(
        action="district.made", subject=row, summary=f"划定{row.name}：{len(units)} 所学校，{len(inspectors)} 名督学", by=by, now=now,
        occurred_on=min(starts_on, day_of(now)), **_facts(units, inspectors, starts_on),
    )  # fmt: skip
    return row


@transaction.atomic
def change_district(
    *, district: District, base_version: int, name: str, units: Collection[UUID], inspectors: Collection[UUID], starts_on: date,
    by: Actor, now: datetime,
) -> District:  # fmt: skip
    """What a district is called and who belongs to it from a day on. Who is no longer named leaves it the day before.

    Raises:
        Refused: as ``new_district``; ``duties.ended``.
        Conflict: ``duties.changed``.
    """
    may_manage(by)
    if district.ended_on is not None:
        raise Refused("这个责任区已经撤销。", code="duties.ended")
    if starts_on < district.starts_on:
        raise Refused(f"不能早于责任区的起日{district.starts_on}。", code="duties.days", field="starts_on")
    try:
        with transaction.atomic():
            done = claimed(district, base_version, {"name": _name(name)}, ended_on__isnull=True)
    except IntegrityError:
        raise Refused("已有同名的责任区。", code="duties.known", field="name") from None
    if not done:
        raise Conflict("别人刚刚改过这个责任区，请看过最新内容再改。", code="duties.changed")
    _set(district, units, inspectors, day=starts_on, day_now=day_of(now))
    audit.record(
        action="district.changed", subject=district, by=by, now=now, occurred_on=min(starts_on, day_of(now)),
        summary=f"调整{district.name}：{len(units)} 所学校，{len(inspectors)} 名督学", **_facts(units, inspectors, starts_on),
    )  # fmt: skip
    return district


@transaction.atomic
def end_district(
    *, district: District, base_version: int, last_day: date, reason: str, by: Actor, now: datetime
) -> District:
    """A district ends on a day; its schools belong to none until they are put into another. Duties go on.

    Raises:
        Refused: ``duties.not_allowed``, ``duties.words``, ``duties.days``, ``duties.ended``.
        Conflict: ``duties.changed``.
    """
    may_manage(by)
    if not reason.strip():
        raise Refused("请写明原因。", code="duties.words", field="reason")
    if last_day < district.starts_on:
        raise Refused(f"不能早于起日{district.starts_on}。", code="duties.days", field="last_day")
    if district.ended_on is not None:
        raise Refused("这个责任区已经撤销。", code="duties.ended")
    if not claimed(district, base_version, {"ended_on": last_day, "end_reason": reason.strip()}, ended_on__isnull=True):
        raise Conflict("别人刚刚改过这个责任区，请看过最新内容再办。", code="duties.changed")
    for rows in (DistrictUnit.objects.filter(district=district), DistrictMember.objects.filter(district=district)):
        _leave(rows, last_day + _DAY)
    audit.record(
        action="district.ended", subject=district, summary=f"撤销{district.name}", by=by, now=now,
        occurred_on=min(last_day, day_of(now)), last_day=last_day.isoformat(), reason=reason.strip(),
    )  # fmt: skip
    return district


def _name(name: str) -> str:
    if not name.strip():
        raise Refused("请填写责任区名称。", code="duties.words", field="name")
    return name.strip()


def _write(row: District) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("已有同名的责任区。", code="duties.known", field="name") from None


def _set(
    district: District, units: Collection[UUID], inspectors: Collection[UUID], *, day: date, day_now: date
) -> None:
    """Who belongs to the district from the day on."""
    standing = set(queries.covered(district.county, day=day).filter(unit__in=units).values_list("unit", flat=True))
    if set(units) - standing:
        raise Refused("所选单位里有的不是本县的学校或幼儿园。", code="duties.unknown", field="units")
    known = set(Inspector.objects.filter(county=district.county, pk__in=inspectors).values_list("pk", flat=True))
    if set(inspectors) - known:
        raise Refused("所选督学里有的不在本县名册上。", code="duties.unknown", field="inspectors")
    mine = DistrictUnit.objects.filter(district=district)
    _leave(mine.exclude(unit__in=units), day)
    # A school belongs to one district at a time.
    _leave(DistrictUnit.objects.filter(unit__in=units).exclude(district=district), day)
    _leave(DistrictMember.objects.filter(district=district).exclude(inspector__in=inspectors), day)
    here = set(mine.filter(unit__in=units, ended_on__isnull=True).values_list("unit", flat=True))
    there = DistrictMember.objects.filter(district=district, inspector__in=inspectors, ended_on__isnull=True)
    members = set(there.values_list("inspector", flat=True))
    try:
        with transaction.atomic():
            DistrictUnit.objects.bulk_create(
                DistrictUnit(district=district, unit_id=unit, starts_on=day) for unit in sorted(set(units) - here)
            )
            DistrictMember.objects.bulk_create(
                DistrictMember(district=district, inspector_id=one, starts_on=day)
                for one in sorted(set(inspectors) - members)
            )
    except IntegrityError:
        raise Conflict("其中的学校刚刚被划进别的责任区，请刷新后再看。", code="duties.changed") from None


def _leave(rows: Any, day: date) -> None:
    """Rows end the day before; those that were to begin on that day or later never held. What they said stands in the history."""
    rows.filter(starts_on__gte=day).delete()
    rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=day)).update(ended_on=day - _DAY)


def _facts(units: Collection[UUID], inspectors: Collection[UUID], starts_on: date) -> dict[str, Any]:
    return {
        "units": sorted(str(one) for one in units), "inspectors": sorted(str(one) for one in inspectors),
        "starts_on": starts_on.isoformat(),
    }  # fmt: skip
