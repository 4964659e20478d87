"""A ledger is opened, brought up to the file and the schools of the day, and its dossiers given to who is asked."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.dossiers.items import Item, items
from dudao.dossiers.models import Dossier, Ledger, Material
from dudao.dossiers.services.rights import claim, may_manage, not_ahead, said
from dudao.places import queries as places
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.templatetags.parts import fullday
from dudao_engines.standards.schema import Standard

PERIOD = re.compile(r"20[0-9]{2}[春秋]?")


@transaction.atomic
def open_ledger(
    *, standard: Standard, period: str, title: str, due_on: date, opened_on: date, by: Actor, now: datetime
) -> Ledger:
    """Open the ledger of a standard and a period: a dossier for each item, for items of schools one for each school, with the
    materials that the standard names. Who was asked in the last ledger of the standard is asked again.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.period``, ``.words``, ``.future``, ``.due``, ``.twice``.
    """
    may_manage(by)
    if not PERIOD.fullmatch(period):
        raise Refused(
            "年度写四位年份，分春秋的在后面加“春”或“秋”，如 2024、2024春。", code="dossiers.period", field="period"
        )
    title = said(title, "title", "请填写名称。")
    not_ahead(opened_on, now, "opened_on", "建立日期")
    if due_on < opened_on:
        raise Refused("报送时限不能早于建立日期。", code="dossiers.due", field="due_on")
    ledger = Ledger(
        county=by.county, standard=standard.id, standard_version=standard.version, fingerprint=standard.fingerprint,
        period=period, title=title, due_on=due_on, opened_on=opened_on, opened_by_name=by.name, opened_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            ledger.save(force_insert=True)
    except IntegrityError:
        raise Refused("这个标准这个年度的台账已经建立了。", code="dossiers.twice", field="period") from None
    before = Ledger.objects.filter(county=by.county, standard=standard.id).exclude(pk=ledger.pk).order_by("-opened_at")
    made = _fill(ledger, standard, by=by, day=opened_on, before=before.first())
    audit.record(
        action="ledger.opened", subject=ledger, summary=f"建立材料台账：{title}（{made} 份）", by=by, now=now,
        occurred_on=opened_on, standard=standard.id, standard_version=standard.version, fingerprint=standard.fingerprint,
        count=made,
    )  # fmt: skip
    return ledger


@transaction.atomic
def refresh_ledger(*, ledger: Ledger, standard: Standard, by: Actor, now: datetime) -> int:
    """Add what the file names now and the schools of the day that have no dossier yet. Nothing is taken away.

    Returns:
        How many dossiers were added.

    Raises:
        Refused: ``dossiers.not_allowed``.
    """
    may_manage(by)
    made = _fill(ledger, standard, by=by, day=day_of(now), before=None)
    Ledger.objects.filter(pk=ledger.pk).update(
        standard_version=standard.version, fingerprint=standard.fingerprint, version=F("version") + 1
    )
    ledger.refresh_from_db()
    audit.record(
        action="ledger.refreshed", subject=ledger, summary=f"按标准文件和现有学校更新台账：增加 {made} 份", by=by, now=now,
        standard=standard.id, standard_version=standard.version, fingerprint=standard.fingerprint, count=made,
    )  # fmt: skip
    return made


def _fill(ledger: Ledger, standard: Standard, *, by: Actor, day: date, before: Ledger | None) -> int:
    """Make the dossiers that are not there yet; five statements however many schools."""
    wanted = list(items(standard))
    there = {(row.item, row.unit_id): row for row in ledger.dossiers.all()}
    units: dict[str, list[UUID]] = {}
    kinds = {one.unit_kind for one in wanted if one.unit_kind}
    for version in places.units_visible_to(by, as_of=day).filter(kind__in=kinds):
        units.setdefault(version.kind, []).append(version.unit_id)
    asked = {row.item: row for row in before.dossiers.order_by("-pk")} if before else {}
    # What stands in the ledger and is called otherwise in the file now keeps its materials and judgements.
    rows, papers = [], []
    for one in wanted:
        for unit in units.get(one.unit_kind, []) if one.unit_kind else [None]:
            row = there.get((one.id, unit))
            if row is None:
                row = _dossier(ledger, one, unit, asked.get(one.id))
                rows.append(row)
                papers += [Material(dossier=row, no=no, name=name) for no, name in enumerate(one.materials, 1)]
    Dossier.objects.bulk_create(rows, batch_size=200)
    papers += _missing_materials(there.values(), {one.id: one for one in wanted})
    Material.objects.bulk_create(papers, batch_size=200)
    return len(rows)


def _dossier(ledger: Ledger, one: Item, unit: UUID | None, last: Dossier | None) -> Dossier:
    return Dossier(
        county=ledger.county, ledger=ledger, item=one.id, position=one.position, group=one.group, name=one.name[:200],
        kind=one.kind, clause=one.clause[:200], unit_id=unit, department_id=last.department_id if last else None,
        judge_id=last.judge_id if last else None, due_on=ledger.due_on,
    )  # fmt: skip


def _missing_materials(rows: Iterable[Dossier], wanted: dict[str, Item]) -> list[Material]:
    """Materials that the file names and a dossier does not list, also not as dropped."""
    rows = list(rows)
    held: dict[UUID, list[tuple[int, str]]] = {}
    for key, no, name in Material.objects.filter(dossier__in=[row.pk for row in rows]).values_list(
        "dossier", "no", "name"
    ):
        held.setdefault(key, []).append((no, name))
    found = []
    for row in rows:
        names = {name for _, name in held.get(row.pk, [])}
        no = max((no for no, _ in held.get(row.pk, [])), default=0)
        for name in wanted[row.item].materials if row.item in wanted else ():
            if name not in names:
                no += 1
                found.append(Material(dossier=row, no=no, name=name))
    return found


@transaction.atomic
def change_ledger(*, ledger: Ledger, base_version: int, title: str, due_on: date, by: Actor, now: datetime) -> None:
    """Rename a ledger or move its day; dossiers whose day was the ledger's go along.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.words``, ``.due``.
        Conflict: ``dossiers.changed``.
    """
    may_manage(by)
    title = said(title, "title", "请填写名称。")
    if due_on < ledger.opened_on:
        raise Refused("报送时限不能早于建立日期。", code="dossiers.due", field="due_on")
    was = ledger.due_on
    if not claimed(ledger, base_version, {"title": title, "due_on": due_on}):
        raise Conflict("这一页打开以后，台账又有改动，请看过再改。", code="dossiers.changed")
    Dossier.objects.filter(ledger=ledger, due_on=was).update(due_on=due_on)
    audit.record(
        action="ledger.changed", subject=ledger, summary=f"修改材料台账：{title}，报送时限 {fullday(due_on)}", by=by, now=now,
        before=was.isoformat(), after=due_on.isoformat(),
    )  # fmt: skip


@transaction.atomic
def assign(
    *, dossiers: Sequence[Dossier], department: UUID | None = None, judge: Person | None = None, due_on: date | None = None,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Say who is asked for dossiers, who is asked to judge them, and until when; what is left out stays as it is.

    Returns:
        How many dossiers changed.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.nothing``, ``.department``, ``.due``.
    """
    may_manage(by)
    changes: dict[str, object] = {}
    if department is not None:
        names = places.unit_names(by, {department}, as_of=day_of(now))
        if department not in names:
            raise Refused("没有这个部门。", code="dossiers.department", field="department")
        changes["department"] = department
    if judge is not None:
        changes["judge"] = judge.pk
    if due_on is not None:
        if any(due_on < row.ledger.opened_on for row in dossiers):
            raise Refused("报送时限不能早于台账的建立日期。", code="dossiers.due", field="due_on")
        changes["due_on"] = due_on
    if not dossiers or not changes:
        raise Refused("请选条目，并至少填一项。", code="dossiers.nothing")
    count = Dossier.objects.filter(pk__in=[row.pk for row in dossiers], county=by.county).update(
        version=F("version") + 1, **changes
    )
    told = []
    if department is not None:
        told.append(f"责任部门 {names[department]}")
    if judge is not None:
        told.append(f"判定人 {judge.name}")
    if due_on is not None:
        told.append(f"时限 {fullday(due_on)}")
    ledger = dossiers[0].ledger
    audit.record(
        action="ledger.assigned", subject=ledger, summary=f"分工：{count} 份，{'，'.join(told)}", by=by, now=now, count=count,
        values=sorted({row.item for row in dossiers}),
    )  # fmt: skip
    return count


@transaction.atomic
def leave_out(*, dossier: Dossier, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """A dossier does not count: a school that the standard does not judge, an item that does not apply.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.words``, ``.state``.
        Conflict: ``dossiers.changed``.
    """
    may_manage(by)
    reason = said(reason, "reason", "请写明不计入的原因。")
    claim(
        dossier, base_version, Dossier.State.OPEN, Dossier.State.RETURNED, Dossier.State.HANDED,
        state=Dossier.State.LEFT_OUT, reason=reason,
    )  # fmt: skip
    audit.record(action="dossier.left_out", subject=dossier, summary=f"不计入：{dossier}，{reason}", by=by, now=now)


@transaction.atomic
def leave_out_many(*, dossiers: Sequence[Dossier], reason: str, by: Actor, now: datetime) -> int:
    """The same for several at once: a special school in all its items. What is judged or left out already stays as it is.

    Returns:
        How many were left out.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.words``, ``.nothing``.
    """
    may_manage(by)
    reason = said(reason, "reason", "请写明不计入的原因。")
    states = (Dossier.State.OPEN, Dossier.State.RETURNED, Dossier.State.HANDED)
    count = 0
    for row in dossiers:
        rows = Dossier.objects.filter(pk=row.pk, county=by.county, version=row.version, state__in=states)
        if rows.update(state=Dossier.State.LEFT_OUT, reason=reason, version=F("version") + 1):
            count += 1
            audit.record(action="dossier.left_out", subject=row, summary=f"不计入：{row}，{reason}", by=by, now=now)
    if not count:
        raise Refused("所选的都已判定或已不计入，没有改动。", code="dossiers.nothing")
    return count


@transaction.atomic
def take_in(*, dossier: Dossier, base_version: int, by: Actor, now: datetime) -> None:
    """A dossier counts again.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``.
        Conflict: ``dossiers.changed``.
    """
    may_manage(by)
    state = Dossier.State.HANDED if dossier.handed_on else Dossier.State.OPEN
    claim(dossier, base_version, Dossier.State.LEFT_OUT, state=state, reason="")
    audit.record(action="dossier.taken_in", subject=dossier, summary=f"恢复计入：{dossier}", by=by, now=now)
