"""Handing a table of units in: looked at, confirmed, undone. Nothing is written before somebody confirmed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from dudao.audit import services as audit
from dudao.places import services
from dudao.places.models import Unit, UnitImport, UnitImportRow, UnitStage, UnitVersion
from dudao.places.services import CampusFacts, UnitFacts
from dudao.places.tables import Row
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel import codes
from dudao_engines.kernel.errors import EngineInputError

Outcome, State = UnitImportRow.Outcome, UnitImport.State
KINDS = {label: value for value, label in UnitVersion.Kind.choices}
STAGES = {label: value for value, label in UnitStage.Stage.choices}
YES_NO = {"是": True, "否": False, "": None}


def as_row(version: UnitVersion, parent_code: str) -> dict[str, str]:
    """A unit as a row of the table, so that what goes out comes back as 未变."""
    inclusive = {True: "是", False: "否", None: ""}[version.is_inclusive]
    stages = {s.stage for s in version.stages.all()}
    return {
        "标识码": version.unit.code,
        "名称": version.name,
        "简称": version.short_name,
        "类别": version.get_kind_display(),
        "学段": "、".join(label for value, label in UnitStage.Stage.choices if value in stages),
        "举办者": version.sponsor,
        "民办": "是" if version.is_private else "否",
        "普惠": inclusive,
        "区划代码": version.region_code,
        "上级单位标识码": parent_code,
    }


def _facts(cells: Mapping[str, str], *, old: UnitFacts | None, keys: Mapping[str, UUID]) -> UnitFacts:
    """What a row says. A column that the table does not have leaves what is known.

    Raises:
        Refused: with the column in the message.
    """
    values: dict[str, Any] = asdict(old) if old else {"name": "", "kind": ""}
    values["campuses"] = old.campuses if old else ()
    texts = {"名称": "name", "简称": "short_name", "举办者": "sponsor"}
    values.update({texts[head]: cell for head, cell in cells.items() if head in texts})
    limits = {"名称": 100, "简称": 40, "举办者": 40}
    for head, limit in limits.items():
        if len(cells.get(head, "")) > limit:
            raise Refused(f"“{head}”超过 {limit} 个字。", code="table.long")
    if not values["name"]:
        raise Refused("缺“名称”。", code="table.name")
    if cells["类别"] not in KINDS:
        raise Refused(f"“类别”不认识：{cells['类别'] or '空'}。", code="table.kind")
    values["kind"] = KINDS[cells["类别"]]
    if "学段" in cells:
        words = cells["学段"].replace(",", "、").replace("，", "、").split("、")
        unknown = [word for word in words if word.strip() and word.strip() not in STAGES]
        if unknown:
            raise Refused(f"“学段”不认识：{'、'.join(unknown)}。", code="table.stage")
        values["stages"] = frozenset(STAGES[word.strip()] for word in words if word.strip())
    for head, name in (("民办", "is_private"), ("普惠", "is_inclusive")):
        if head in cells:
            if cells[head] not in YES_NO:
                raise Refused(f"“{head}”只能填是或否：{cells[head]}。", code="table.yes_no")
            values[name] = YES_NO[cells[head]]
    values["is_private"] = bool(values.get("is_private"))
    if "区划代码" in cells:
        try:
            values["region_code"] = codes.region(cells["区划代码"]) if cells["区划代码"] else ""
        except EngineInputError as error:
            raise Refused(error.message, code=error.code) from None
    if parent := cells.get("上级单位标识码"):
        if parent not in keys:
            raise Refused(f"没有标识码为 {parent} 的上级单位，请先导入上级单位。", code="table.parent")
        values["parent"] = keys[parent]
    elif "上级单位标识码" in cells:
        values["parent"] = None
    facts = UnitFacts(**values)
    if facts.is_inclusive is not None and facts.kind != UnitVersion.Kind.KINDERGARTEN:
        raise Refused("“普惠”只用于幼儿园。", code="table.inclusive")
    return facts


@transaction.atomic
def look_at(*, rows: Sequence[Row], file_name: str, valid_from: date, by: Actor, now: datetime) -> UnitImport:
    """Put a table beside what is known and say of each row: 新增, 变更, 未变 or 退回 with the reason.

    Args:
        rows: from ``tables.read``.
        valid_from: from which day the rows are true; the day of new units' opening and of changes.

    Raises:
        Refused: ``table.no_rows``, ``places.day``.
    """
    if not rows:
        raise Refused("表里没有内容。", code="table.no_rows", field="table")
    services.plausible(valid_from, now=now, field="valid_from")
    units = {u.code: u for u in Unit.objects.filter(county=by.county)}
    keys = {code: unit.pk for code, unit in units.items()}
    last = {
        v.unit_id: v
        for v in UnitVersion.objects.filter(unit__county=by.county, valid_to__isnull=True).prefetch_related(
            "stages", "campuses"
        )
    }
    times = Counter(row.cells.get("标识码", "") for row in rows)
    batch = UnitImport.objects.create(
        county=by.county, file_name=file_name[:200], valid_from=valid_from, made_by=by.person, made_at=now
    )
    staged = []
    for row in rows:
        entry = UnitImportRow(batch=batch, number=row.number, values=dict(row.cells))
        try:
            _judge(entry, row, units=units, keys=keys, last=last, times=times, valid_from=valid_from)
        except Refused as refusal:
            entry.outcome, entry.reason = Outcome.REFUSED, refusal.message
        staged.append(entry)
    UnitImportRow.objects.bulk_create(staged, batch_size=200)
    return batch


def _judge(
    entry: UnitImportRow,
    row: Row,
    *,
    units: Mapping[str, Unit],
    keys: Mapping[str, UUID],
    last: Mapping[UUID, UnitVersion],
    times: Mapping[str, int],
    valid_from: date,
) -> None:
    """Decide one row; raises ``Refused`` with the reason."""
    code = row.cells.get("标识码", "")
    if row.fault:
        raise Refused(row.fault, code="table.fault")
    if not code:
        raise Refused("缺“标识码”。", code="table.code")
    if len(code) > 20:
        raise Refused("“标识码”超过 20 位。", code="table.code")
    if times[code] > 1:
        raise Refused(f"标识码 {code} 在表里出现 {times[code]} 次。", code="table.twice")
    unit = units.get(code)
    if unit is None:
        _facts(row.cells, old=None, keys=keys)
        entry.outcome = Outcome.NEW
        return
    if unit.ended_on:
        raise Refused(f"该单位已于{unit.ended_on:%Y-%m-%d}终止。", code="table.ended")
    old = services.facts_of(last[unit.pk])
    facts = _facts(row.cells, old=old, keys=keys)
    entry.unit, entry.version_seen = unit, unit.version
    if facts == old:
        entry.outcome = Outcome.UNCHANGED
        return
    if valid_from < last[unit.pk].valid_from:
        raise Refused(f"现有信息自{last[unit.pk].valid_from:%Y-%m-%d}起，晚于这次的起始日。", code="table.before")
    entry.outcome = Outcome.CHANGED
    labels = {"name": "名称", "short_name": "简称", "kind": "类别", "stages": "学段", "sponsor": "举办者"}
    labels |= {"is_private": "民办", "is_inclusive": "普惠", "region_code": "区划代码", "parent": "上级单位"}
    shown = [
        f"{label}：{_shown(old, name)} → {_shown(facts, name)}"
        for name, label in labels.items()
        if getattr(old, name) != getattr(facts, name)
    ]
    entry.reason = "；".join(shown)[:400]


def _shown(facts: UnitFacts, name: str) -> str:
    value = getattr(facts, name)
    if name == "stages":
        return "、".join(label for stage, label in UnitStage.Stage.choices if stage in value) or "—"
    if name == "kind":
        return str(UnitVersion.Kind(value).label)
    if name == "parent":
        return "已设" if value else "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return value or "—"


def _frozen(facts: UnitFacts) -> dict[str, Any]:
    return {**asdict(facts), "stages": sorted(facts.stages), "parent": str(facts.parent) if facts.parent else None}


def _thawed(values: Mapping[str, Any]) -> UnitFacts:
    return UnitFacts(
        **{
            **values,
            "stages": frozenset(values["stages"]),
            "campuses": tuple(CampusFacts(**campus) for campus in values["campuses"]),
            "parent": UUID(values["parent"]) if values["parent"] else None,
        }
    )


def _take(batch: UnitImport, *, was: str, becomes: str, message: str) -> None:
    """Only one click moves the batch on."""
    if not UnitImport.objects.filter(pk=batch.pk, state=was).update(state=becomes):
        raise Conflict(message, code="table.state")
    batch.refresh_from_db()


@transaction.atomic
def confirm(*, batch: UnitImport, by: Actor, now: datetime) -> None:
    """Write the new and the changed rows, each as if done by hand; refused rows stay refused.

    Raises:
        Conflict: ``table.state`` confirmed already; ``table.moved`` a unit was changed since the table was looked at.
    """
    _take(batch, was=State.LOOKED_AT, becomes=State.DONE, message="这份表已经确认过了。")
    keys = dict(Unit.objects.filter(county=batch.county).values_list("code", "pk"))
    last = {
        v.unit_id: v
        for v in UnitVersion.objects.filter(unit__county=batch.county, valid_to__isnull=True).prefetch_related(
            "stages", "campuses"
        )
    }
    for row in batch.rows.filter(outcome__in=[Outcome.NEW, Outcome.CHANGED]).select_related("unit"):
        try:
            if row.unit is None:
                facts = _facts(row.values, old=None, keys=keys)
                row.unit = services.open_unit(
                    code=row.values["标识码"],
                    valid_from=batch.valid_from,
                    by=by,
                    now=now,
                    **{name: getattr(facts, name) for name in UnitFacts.__slots__},
                )
            else:
                standing = last[row.unit.pk]
                old = services.facts_of(standing)
                row.before = {"facts": _frozen(old), "valid_from": standing.valid_from.isoformat()}
                services.change_unit(
                    unit=row.unit,
                    base_version=row.version_seen or 0,
                    facts=_facts(row.values, old=old, keys=keys),
                    valid_from=batch.valid_from,
                    reason=f"导入：{batch.file_name}"[:200],
                    by=by,
                    now=now,
                )
        except (Refused, KeyError) as error:
            message = error.message if isinstance(error, Refused) else "单位已终止。"
            raise Conflict(f"第 {row.number} 行：{message}什么都没有写入，请重新上传。", code="table.moved") from None
        row.version_left = row.unit.version
        row.save(update_fields=["unit", "before", "version_left"])
    counts = Counter(batch.rows.values_list("outcome", flat=True))
    audit.record(
        action="units.imported",
        subject=batch,
        summary=f"导入单位：新增 {counts['new']}，变更 {counts['changed']}，退回 {counts['refused']}",
        by=by,
        now=now,
        occurred_on=min(batch.valid_from, day_of(now)),
        file_name=batch.file_name,
        **{str(outcome): n for outcome, n in counts.items()},
    )


@transaction.atomic
def undo(*, batch: UnitImport, by: Actor, now: datetime) -> None:
    """Take an import back, while nobody built on it: new units go, changed ones are again what they were.

    The rows of the import and the audit keep what had been written.

    Raises:
        Conflict: ``table.state`` undone already.
        Refused: ``table.built_on`` some unit was changed or used since; nothing is undone.
    """
    _take(batch, was=State.DONE, becomes=State.UNDONE, message="这次导入已经撤销。")
    rows = list(batch.rows.filter(version_left__isnull=False).select_related("unit"))
    written = [(row, row.unit) for row in rows if row.unit and row.unit.version == row.version_left]
    moved = sorted({row.number for row in rows} - {row.number for row, _ in written})
    if moved:
        numbers = "、".join(map(str, moved[:10]))
        raise Refused(f"第 {numbers} 行的单位此后又改过，不能整批撤销。", code="table.built_on")
    _unmake([unit for row, unit in written if row.before is None])
    for row, unit in written:
        if row.before is not None:
            _restore(unit, row.before, made_on=batch.valid_from)
    audit.record(action="units.import_undone", subject=batch, summary=f"撤销导入：{batch.file_name}", by=by, now=now)


def _unmake(units: Sequence[Unit]) -> None:
    """Remove the units that this import made, all at once: one by one takes ten times as long."""
    try:
        with transaction.atomic():
            UnitVersion.objects.filter(unit__in=units).delete()
            Unit.objects.filter(pk__in=[unit.pk for unit in units]).delete()
    except ProtectedError:
        raise Refused("这次新增的单位有的已经在用，不能整批撤销。", code="table.built_on") from None


def _restore(unit: Unit, before: Mapping[str, Any], *, made_on: date) -> None:
    """Give a unit back the version it had."""
    was_from = date.fromisoformat(before["valid_from"])
    UnitVersion.objects.filter(unit=unit, valid_from=made_on).delete()
    if was_from < made_on:
        UnitVersion.objects.filter(unit=unit, valid_from=was_from).update(valid_to=None)
    else:
        services.write_version(unit, _thawed(before["facts"]), valid_from=was_from)
    services.claim(unit, unit.version)
