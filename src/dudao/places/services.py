"""Writing units: opened, changed from a day on, merged, split, ended. Nothing that was true is overwritten."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from pypinyin import Style, lazy_pinyin

from dudao.audit import services as audit
from dudao.places.models import Campus, Region, Succession, Unit, UnitStage, UnitVersion
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel import codes
from dudao_engines.kernel.errors import EngineInputError

DAY = timedelta(days=1)
# No school of the county is older, and nothing is known longer ahead; what lies outside was mistyped.
EARLIEST = date(1840, 1, 1)
YEARS_AHEAD = 2


def sort_key(name: str) -> str:
    """Pinyin with tone numbers, so that names stand in the order of a Chinese dictionary on every database."""
    return " ".join(lazy_pinyin(name, style=Style.TONE3, neutral_tone_with_five=True))


@dataclass(frozen=True, slots=True)
class CampusFacts:
    """A campus (``campus``) or teaching point (``point``)."""

    kind: str
    name: str
    region_code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """Everything that a version of a unit says. Plain values, so that two can be compared.

    Attributes:
        kind: a ``UnitVersion.Kind``.
        is_inclusive: 普惠; ``None`` where it does not apply.
        region_code: 12 digits, or empty.
        parent: key of the unit above.
        stages: ``UnitStage.Stage`` values.
    """

    name: str
    kind: str
    short_name: str = ""
    sponsor: str = ""
    is_private: bool = False
    is_inclusive: bool | None = None
    region_code: str = ""
    parent: UUID | None = None
    stages: frozenset[str] = frozenset()
    campuses: tuple[CampusFacts, ...] = ()


_ON_VERSION = [f.name for f in fields(UnitFacts) if f.name not in ("parent", "stages", "campuses")]


def facts_of(version: UnitVersion) -> UnitFacts:
    """What a version says. Prefetch ``stages`` and ``campuses`` when asking for many."""
    return UnitFacts(
        **{name: getattr(version, name) for name in _ON_VERSION},
        parent=version.parent_id,
        stages=frozenset(s.stage for s in version.stages.all()),
        campuses=tuple(
            sorted(
                (CampusFacts(c.kind, c.name, c.region_code, c.address) for c in version.campuses.all()),
                key=lambda c: (c.kind, c.name),
            )
        ),
    )


def _checked(facts: UnitFacts) -> UnitFacts:
    """The facts in their one form, or a refusal at the field."""

    def region(code: str) -> str:
        try:
            return codes.region(code) if code else ""
        except EngineInputError as error:
            raise Refused(error.message, code=error.code, field="region_code") from None

    if not facts.name.strip():
        raise Refused("请填写单位名称。", code="places.name", field="name")
    if len(facts.campuses) != len({c.name for c in facts.campuses}):
        raise Refused("校区、教学点的名称不能重复。", code="places.campus_twice", field="campuses")
    if facts.is_inclusive and facts.kind != UnitVersion.Kind.KINDERGARTEN:
        raise Refused("只有幼儿园分普惠与非普惠。", code="places.inclusive", field="is_inclusive")
    return replace(
        facts,
        name=facts.name.strip(),
        region_code=region(facts.region_code),
        campuses=tuple(
            sorted(
                (replace(c, region_code=region(c.region_code)) for c in facts.campuses), key=lambda c: (c.kind, c.name)
            )
        ),
    )


def plausible(day: date, *, now: datetime, field: str) -> None:
    """Refuse a day that can only have been mistyped: ``places.day``."""
    today = day_of(now)
    if not day >= EARLIEST or (day.year - YEARS_AHEAD, day.month, day.day) > (today.year, today.month, today.day):
        raise Refused(f"请核对日期：应在1840年以后，最迟到{YEARS_AHEAD}年以后的今天。", code="places.day", field=field)


def write_version(unit: Unit, facts: UnitFacts, *, valid_from: date, reason: str = "") -> UnitVersion:
    version = UnitVersion.objects.create(
        unit=unit,
        valid_from=valid_from,
        sort_key=sort_key(facts.name),
        parent_id=facts.parent,
        reason=reason,
        **{name: getattr(facts, name) for name in _ON_VERSION},
    )
    _write_rows(version, facts)
    return version


def _write_rows(version: UnitVersion, facts: UnitFacts) -> None:
    UnitStage.objects.bulk_create(UnitStage(version=version, stage=stage) for stage in sorted(facts.stages))
    Campus.objects.bulk_create(Campus(version=version, **asdict(campus)) for campus in facts.campuses)


def claim(unit: Unit, base_version: int) -> None:
    """Take the next version number of a living unit, or say that somebody else did."""
    taken = Unit.objects.filter(pk=unit.pk, version=base_version, ended_on__isnull=True).update(
        version=F("version") + 1
    )
    if not taken:
        raise Conflict("这个单位刚被别人改过或已终止，请看过最新内容再办。", code="places.conflict")
    unit.refresh_from_db()


def _open_version(unit: Unit) -> UnitVersion:
    return UnitVersion.objects.get(unit=unit, valid_to__isnull=True)


@transaction.atomic
def open_unit(*, code: str, name: str, kind: str, valid_from: date, by: Actor, now: datetime, **more: Any) -> Unit:
    """Enter a unit with its first version.

    Args:
        code: 标识码, unique in the county.
        name, kind, valid_from: of the first version; the day may lie ahead.
        more: other fields of ``UnitFacts``; ``parent`` may be a ``Unit``.

    Raises:
        Refused: ``places.code_taken``, ``places.day`` and what ``UnitFacts`` cannot say.
    """
    parent = more.pop("parent", None)
    facts = _checked(UnitFacts(name=name, kind=kind, parent=getattr(parent, "pk", parent), **more))
    plausible(valid_from, now=now, field="valid_from")
    code = code.strip()
    if not code:
        raise Refused("请填写标识码。", code="places.code", field="code")
    try:
        with transaction.atomic():
            unit = Unit.objects.create(county=by.county, code=code)
    except IntegrityError:
        raise Refused(f"标识码 {code} 已经登记过。", code="places.code_taken", field="code") from None
    write_version(unit, facts, valid_from=valid_from)
    audit.record(
        action="unit.opened",
        subject=unit,
        summary=f"登记单位：{facts.name}",
        by=by,
        now=now,
        occurred_on=min(valid_from, day_of(now)),
        valid_from=valid_from.isoformat(),
    )
    return unit


@transaction.atomic
def change_unit(
    *, unit: Unit, base_version: int, facts: UnitFacts, valid_from: date, reason: str, by: Actor, now: datetime
) -> UnitVersion:
    """From a day on the unit is what ``facts`` say; what it was before stays to be read.

    On the very day the standing version began, that version is corrected in place (it was entered wrongly).

    Raises:
        Conflict: ``places.conflict``, somebody changed the unit since ``base_version``.
        Refused: ``places.before`` the day lies before the standing version; ``places.reason`` no reason;
            ``places.same`` nothing changes; ``places.day`` the day can only have been mistyped.
    """
    facts = _checked(facts)
    plausible(valid_from, now=now, field="valid_from")
    if not reason.strip():
        raise Refused("请写明变更原因或依据。", code="places.reason", field="reason")
    claim(unit, base_version)
    standing = _open_version(unit)
    old = facts_of(standing)
    if facts == old:
        raise Refused("没有改动。", code="places.same")
    if facts.parent == unit.pk:
        raise Refused("上级单位不能是自己。", code="places.own_parent", field="parent")
    if valid_from < standing.valid_from:
        day = standing.valid_from
        raise Refused(
            f"不能早于现有信息的起始日（{day.year}年{day.month}月{day.day}日）。",
            code="places.before",
            field="valid_from",
        )
    if valid_from == standing.valid_from:
        UnitVersion.objects.filter(pk=standing.pk).update(
            sort_key=sort_key(facts.name),
            parent_id=facts.parent,
            reason=reason,
            **{name: getattr(facts, name) for name in _ON_VERSION},
        )
        standing.stages.all().delete()
        standing.campuses.all().delete()
        _write_rows(standing, facts)
        version = standing
        version.refresh_from_db()
    else:
        UnitVersion.objects.filter(pk=standing.pk).update(valid_to=valid_from - DAY)
        version = write_version(unit, facts, valid_from=valid_from, reason=reason)
    renamed = old.name != facts.name
    audit.record(
        action="unit.renamed" if renamed else "unit.changed",
        subject=unit,
        summary=f"{old.name}更名为{facts.name}" if renamed else f"变更单位信息：{facts.name}",
        by=by,
        now=now,
        occurred_on=min(valid_from, day_of(now)),
        valid_from=valid_from.isoformat(),
        reason=reason,
        changed=sorted(f.name for f in fields(UnitFacts) if getattr(old, f.name) != getattr(facts, f.name)),
    )
    return version


def _end(unit: Unit, *, base_version: int, last_day: date, reason: str, now: datetime) -> str:
    """Close the unit's last version; returns its name."""
    plausible(last_day, now=now, field="on")
    if not reason.strip():
        raise Refused("请写明原因或依据。", code="places.reason", field="reason")
    claim(unit, base_version)
    standing = _open_version(unit)
    if last_day < standing.valid_from:
        raise Refused(f"终止日早于“{standing.name}”现有信息的起始日。", code="places.before", field="on")
    UnitVersion.objects.filter(pk=standing.pk).update(valid_to=last_day)
    Unit.objects.filter(pk=unit.pk).update(ended_on=last_day, end_reason=reason)
    unit.refresh_from_db()
    return standing.name


@transaction.atomic
def end_unit(*, unit: Unit, base_version: int, last_day: date, reason: str, by: Actor, now: datetime) -> None:
    """The unit stands until ``last_day``; it stays to be read afterwards.

    Raises:
        Conflict: ``places.conflict``. Refused: ``places.before``, ``places.reason``.
    """
    name = _end(unit, base_version=base_version, last_day=last_day, reason=reason, now=now)
    audit.record(
        action="unit.ended",
        subject=unit,
        summary=f"终止单位：{name}",
        by=by,
        now=now,
        occurred_on=min(last_day, day_of(now)),
        last_day=last_day.isoformat(),
        reason=reason,
    )


@transaction.atomic
def merge_units(
    *, units: Sequence[tuple[Unit, int]], into: Unit, on: date, reason: str, by: Actor, now: datetime
) -> None:
    """From ``on`` the units are part of ``into``; their own last day is the day before.

    Args:
        units: each with the version its reader saw.
        into: another unit that stands on that day.

    Raises:
        Conflict: ``places.conflict``. Refused: ``places.into_itself``, ``places.not_standing``, ``places.before``.
    """
    target = _standing(into, on)
    if not units:
        raise Refused("请选择并入的单位。", code="places.none", field="into")
    for unit, base_version in units:
        if unit.pk == into.pk:
            raise Refused("单位不能并入自己。", code="places.into_itself", field="into")
        name = _end(unit, base_version=base_version, last_day=on - DAY, reason=reason, now=now)
        Succession.objects.create(before=unit, after=into, kind=Succession.Kind.MERGE, on=on, reason=reason)
        audit.record(
            action="unit.merged",
            subject=unit,
            summary=f"{name}并入{target.name}",
            by=by,
            now=now,
            occurred_on=min(on, day_of(now)),
            on=on.isoformat(),
            into=str(into.pk),
            reason=reason,
        )


@transaction.atomic
def split_unit(
    *,
    unit: Unit,
    base_version: int,
    into: Sequence[Unit],
    on: date,
    ends: bool,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    """From ``on`` the units ``into`` (opened before) carry what was, or was part of, ``unit``.

    Args:
        ends: the old unit ends the day before; else it lives on beside the new ones.

    Raises:
        Conflict: ``places.conflict``. Refused: ``places.none``, ``places.one`` a unit that ends is split into two at least, ``places.into_itself``,
            ``places.not_standing``, ``places.twice``, ``places.day``.
    """
    if not into:
        raise Refused("请选择分设出的单位。", code="places.none", field="into")
    if ends and len({other.pk for other in into}) < 2:
        raise Refused(
            "分设至少有两个承接单位；只有一个的，是并入，或分出一部分、本单位继续。", code="places.one", field="into"
        )
    if any(other.pk == unit.pk for other in into):
        raise Refused("单位不能分设为自己。", code="places.into_itself", field="into")
    names = [_standing(other, on).name for other in into]
    if ends:
        name = _end(unit, base_version=base_version, last_day=on - DAY, reason=reason, now=now)
    else:
        plausible(on, now=now, field="on")
        if not reason.strip():
            raise Refused("请写明原因或依据。", code="places.reason", field="reason")
        name = _standing(unit, on).name
        claim(unit, base_version)
    if Succession.objects.filter(before=unit, after__in=into, kind=Succession.Kind.SPLIT, on=on).exists():
        raise Refused("这次分设已经登记过。", code="places.twice", field="into")
    for other in into:
        Succession.objects.create(before=unit, after=other, kind=Succession.Kind.SPLIT, on=on, reason=reason)
    audit.record(
        action="unit.split",
        subject=unit,
        summary=f"{name}分设为{'、'.join(names)}",
        by=by,
        now=now,
        occurred_on=min(on, day_of(now)),
        on=on.isoformat(),
        into=[str(other.pk) for other in into],
        reason=reason,
    )


@transaction.atomic
def take_back(*, unit: Unit, base_version: int, by: Actor, now: datetime) -> None:
    """Undo the last change, merge, split or end of a unit while its day lies ahead; the audit keeps that it was entered.

    Raises:
        Conflict: ``places.conflict``. Refused: ``places.begun`` nothing lies ahead.
    """
    today = day_of(now)
    last = UnitVersion.objects.filter(unit=unit).order_by("-valid_from").first()
    ahead = Succession.objects.filter(before=unit, on__gt=today).order_by("-on")
    first = ahead.first()
    if last is None:
        raise Refused("没有还没开始的变更。", code="places.begun")
    claimed = Unit.objects.filter(pk=unit.pk, version=base_version, ended_on=unit.ended_on)
    if not claimed.update(version=F("version") + 1):
        raise Conflict("这个单位刚被别人改过，请看过最新内容再办。", code="places.conflict")
    if unit.ended_on is not None and unit.ended_on >= today:
        day, undone = unit.ended_on + DAY, "终止"
        if first is not None and first.on == day:
            undone = first.get_kind_display()
            ahead.filter(on=day).delete()
        UnitVersion.objects.filter(pk=last.pk).update(valid_to=None)
        Unit.objects.filter(pk=unit.pk).update(ended_on=None, end_reason="")
    elif last.valid_from > today and (first is None or first.on <= last.valid_from):
        day, undone = last.valid_from, f"变更为“{last.name}”"
        before = UnitVersion.objects.filter(unit=unit, valid_to=day - DAY)
        if not before.exists():
            raise Refused("这是单位的设立，不是变更，不能撤回。", code="places.begun")
        last.delete()
        before.update(valid_to=None)
    elif first is not None:
        day, undone = first.on, first.get_kind_display()
        ahead.filter(on=day).delete()
    else:
        raise Refused("没有还没开始的变更。", code="places.begun")
    unit.refresh_from_db()
    audit.record(
        action="unit.taken_back",
        subject=unit,
        summary=f"撤回尚未开始的{undone}：{_open_version(unit).name}",
        by=by,
        now=now,
        on=day.isoformat(),
    )


def _standing(unit: Unit, day: date) -> UnitVersion:
    version = UnitVersion.objects.filter(unit=unit, valid_from__lte=day).order_by("-valid_from").first()
    if version is None or (version.valid_to and version.valid_to < day):
        raise Refused("所选单位在这一天还没有设立，或已经终止。", code="places.not_standing", field="into")
    return version


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """One region as a file names it."""

    code: str
    name: str
    checked_on: date | None = None


@transaction.atomic
def load_regions(*, regions: Sequence[RegionFacts], valid_from: date, by: Actor, now: datetime) -> int:
    """Bring the regions of a file in; a region that changed its name gets a new dated row.

    Returns:
        How many rows were written; none when the same file comes again.

    Raises:
        Refused: ``region.*``, a code that cannot be.
    """
    standing = {r.code: r for r in Region.objects.filter(valid_to__isnull=True)}
    written = 0
    for facts in regions:
        try:
            code = codes.region(facts.code)
        except EngineInputError as error:
            raise Refused(f"{facts.name}：{error.message}", code=error.code) from None
        old = standing.get(code)
        if old and (old.name, old.checked_on) == (facts.name, facts.checked_on):
            continue
        if old and (old.name == facts.name or old.valid_from >= valid_from):
            Region.objects.filter(pk=old.pk).update(
                name=facts.name, sort_key=sort_key(facts.name), checked_on=facts.checked_on
            )
        else:
            if old:
                Region.objects.filter(pk=old.pk).update(valid_to=valid_from - DAY)
            Region.objects.create(
                code=code,
                name=facts.name,
                sort_key=sort_key(facts.name),
                parent_code=codes.region_parent(code),
                valid_from=valid_from,
                checked_on=facts.checked_on,
            )
        written += 1
    subject = Region.objects.filter(valid_to__isnull=True).order_by("code").first()
    if written and subject:
        audit.record(action="regions.loaded", subject=subject, summary=f"载入区划 {written} 条", by=by, now=now)
    return written
