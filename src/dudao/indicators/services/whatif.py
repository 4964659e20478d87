"""Scratch copies, and the search for cells that could still turn a verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.indicators.models import Scratch, Sweep
from dudao.indicators.queries import results as numbers
from dudao.jobs import services as jobs
from dudao.jobs.models import Job
from dudao.returns import library
from dudao.returns import queries as returns
from dudao.returns import services as checks
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao_engines.standards import whatif
from dudao_engines.standards.model import Cell, Dataset
from dudao_engines.standards.reading import read

JOB = "indicators.sweep"
LINES = 2000
#: Lines of one part.
OF_ONE = 20
#: Lines of a scratch copy.
CHANGES = 500


#: As the field of a change: the unit is new, and begins with the numbers of the unit that ``value`` names.
LIKE = "*"


@dataclass(frozen=True, slots=True)
class Change:
    """One changed cell of a scratch copy; ``value`` as typed, empty: the cell is taken away. ``code`` ``LIKE``: a new unit."""

    table: str
    unit: str
    name: str
    code: str
    value: str


def _check_may(by: Actor) -> None:
    if not (by.sees_county and by.can("indicator.read")):
        raise Refused("只有督导室和领导能做全县试算。", code="scratch.not_allowed")


def read_changes(changes: Sequence[Change]) -> Mapping[whatif.Place, Cell]:
    """Changes as cells.

    Raises:
        Refused: ``scratch.value``, with the field ``value-<position>``: what was typed cannot be that field's value.
    """
    fields = numbers.fields()
    found: dict[whatif.Place, Cell] = {}
    for at, one in enumerate(changes):
        if one.code == LIKE:
            continue
        field = fields.get((one.table, one.code))
        if field is None:
            raise Refused(f"没有“{one.code}”这个填报项目。", code="scratch.value", field=f"code-{at}")
        cell = read(one.value, field) if one.value else Cell(None, "试算中删去")
        if one.value and cell.problem:
            raise Refused(f"{one.name}“{field.label}”：{cell.problem}。", code="scratch.value", field=f"value-{at}")
        found[one.table, one.unit, one.code] = cell
    return found


def tried(data: Dataset, changes: Sequence[Change]) -> Dataset:
    """The data of a scratch copy: new units begin as others stand, then its cells are changed.

    Raises:
        Refused: as ``read_changes``.
    """
    cells = read_changes(changes)
    tables = {name: list(records) for name, records in data.tables.items()}
    for one in changes:
        like = next((each for each in tables.get(one.table, ()) if one.code == LIKE and each.unit == one.value), None)
        if like:
            tables[one.table].append(replace(like, unit=one.unit, name=one.name))
    return whatif.changed(Dataset(tables), cells)


@transaction.atomic
def open_scratch(*, standard: str, period: str, title: str, by: Actor, now: datetime) -> Scratch:
    """Begin a scratch copy; it holds no numbers, only what differs.

    Raises:
        Refused: ``scratch.not_allowed``, ``scratch.period``.
    """
    _check_may(by)
    if period not in dict(returns.periods(by, library.standards()[standard].forms)):
        raise Refused("没有这一期的数据。", code="scratch.period", field="period")
    row = Scratch.objects.create(
        county=by.county,
        standard=standard,
        period=period,
        title=title.strip() or "未命名试算",
        by_person=by.person,
        by_name=by.name,
        made_at=now,
        changed_at=now,
    )
    audit.record(action="scratch.opened", subject=row, summary=f"建立试算：{row.title}", by=by, now=now)
    return row


@transaction.atomic
def save_scratch(
    *, scratch: Scratch, title: str, changes: Sequence[Change], version: int, by: Actor, now: datetime
) -> Scratch:
    """Keep the changes of a scratch copy.

    Raises:
        Refused: ``scratch.not_allowed``, ``scratch.value``, ``scratch.long``.
        Conflict: somebody else saved it meanwhile.
    """
    _check_may(by)
    if len(changes) > CHANGES:
        raise Refused(f"一次试算至多改 {CHANGES} 处。", code="scratch.long")
    read_changes(changes)
    changed = Scratch.objects.filter(pk=scratch.pk, version=version, dropped_at=None).update(
        title=title.strip() or scratch.title,
        changes=[asdict(one) for one in changes],
        changed_at=now,
        version=F("version") + 1,
    )
    if not changed:
        raise Conflict("这份试算已被别人改过或删除，请重新打开。", code="scratch.changed")
    scratch.refresh_from_db()
    audit.record(
        action="scratch.saved",
        subject=scratch,
        summary=f"修改试算：{scratch.title}（{len(changes)} 处）",
        by=by,
        now=now,
    )
    return scratch


@transaction.atomic
def drop_scratch(*, scratch: Scratch, by: Actor, now: datetime) -> None:
    """Put a scratch copy away; it can be brought back."""
    _check_may(by)
    if Scratch.objects.filter(pk=scratch.pk, dropped_at=None).update(dropped_at=now, version=F("version") + 1):
        audit.record(action="scratch.dropped", subject=scratch, summary=f"删除试算：{scratch.title}", by=by, now=now)


@transaction.atomic
def restore_scratch(*, scratch: Scratch, by: Actor, now: datetime) -> None:
    """Bring a dropped scratch copy back."""
    _check_may(by)
    if Scratch.objects.filter(pk=scratch.pk, dropped_at__isnull=False).update(
        dropped_at=None, version=F("version") + 1
    ):
        audit.record(action="scratch.restored", subject=scratch, summary=f"恢复试算：{scratch.title}", by=by, now=now)


def start_sweep(*, standard: str, period: str, within: int, by: Actor, now: datetime) -> Job:
    """Ask the worker which cells could turn a verdict by an error of at most ``within`` thousandths.

    Raises:
        Refused: ``scratch.not_allowed``, ``sweep.within``, ``jobs.not_allowed``.
    """
    _check_may(by)
    if not 1 <= within <= 500:
        raise Refused("误差范围请填 0.1% 到 50%。", code="sweep.within", field="within")
    payload = {"standard": standard, "period": period, "within": within}
    return jobs.start(kind=JOB, key=f"{standard}|{period}", payload=payload, by=by, now=now)


def search(computed: numbers.Computed, within: int) -> list[whatif.Turn]:
    """The search itself, outside any transaction."""
    return whatif.turning(
        computed.bound, computed.dataset, computed.settings, numbers.decimals(), within=Fraction(within, 1000)
    )


@transaction.atomic
def keep_sweep(
    *, computed: numbers.Computed, turns: Sequence[whatif.Turn], within: int, by: Actor, now: datetime
) -> Sweep:
    """Keep what was found, the nearest ``LINES``; of one part ``OF_ONE``: where every unit must reach 100 % each cell of each turns
    the verdict, and would hide the rest."""
    lines = [
        {
            "part": one.part,
            "of_unit": one.of_unit,
            "stage": one.stage,
            "unit": one.unit,
            "name": one.name,
            "code": one.code,
            "now": one.now.value,
            "then": one.then.value,
            "from": _plain(one.from_value),
            "to": _plain(one.to_value),
            "change": float(one.change),
        }
        for one in _of_each(turns)[:LINES]
    ]
    row = Sweep.objects.create(
        county=by.county,
        standard=computed.standard.id,
        period=computed.period,
        within=within,
        digest=computed.digest,
        lines=lines,
        by_name=by.name,
        made_at=now,
    )
    summary = f"查找会改变判定的数：{computed.standard.short_name} {computed.period}，{len(turns)} 处"
    audit.record(action="sweep.made", subject=row, summary=summary, by=by, now=now)
    return row


def _of_each(turns: Sequence[whatif.Turn]) -> list[whatif.Turn]:
    """The nearest of each part, in their order."""
    seen: Counter[str] = Counter()
    kept = []
    for one in turns:
        seen[one.part] += 1
        if seen[one.part] <= OF_ONE:
            kept.append(one)
    return kept


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hand_over(*, sweep: Sweep, by: Actor, now: datetime) -> int:
    """Mark the cells of a search as to be looked at first on site, each with the verdict it could turn.

    Returns:
        How many cells are marked.

    Raises:
        Refused: ``scratch.not_allowed``, ``checks.not_allowed``, ``sweep.nothing``.
    """
    _check_may(by)
    labels = numbers.bound_standard(sweep.standard).labels
    words: dict[tuple[str, str], str] = {}
    for line in sweep.lines:
        name = numbers.bound_standard(sweep.standard).parts[line["part"]].indicator.name
        said = f"{labels.get(line['code'], line['code'])}由 {line['from']} 变为 {line['to']} 时，{name}由{line['now']}变为{line['then']}"
        words.setdefault((line["unit"], line["code"]), said)
    marked = 0
    with transaction.atomic():
        for campaign, called in returns.called_units(by, sweep.period):
            form = returns.form_of(campaign)
            marks = {
                (called[unit], code): said for (unit, code), said in words.items() if unit in called and form.get(code)
            }
            if marks:
                marked += checks.mark_priority(campaign=campaign, asker=sweep.standard, marks=marks, by=by, now=now)
    if not marked:
        raise Refused("名单里的数不在正在进行的填报里，没有可以标记的。", code="sweep.nothing")
    return marked
