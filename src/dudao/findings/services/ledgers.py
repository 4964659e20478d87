"""Taking the office's own 整改台账 in: columns named, every row looked at, written, undone.

Nothing is written before somebody confirmed. Who looks at thousands of rows holds no transaction meanwhile: rows are judged
first and put down in one short stroke; thousands are written by a job, some at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, ProtectedError, Q, QuerySet

from dudao.audit import services as audit
from dudao.findings import ledger
from dudao.findings.ledger import LABELS, Cell, Grid
from dudao.findings.models import Cause, Finding, LedgerImport, LedgerProfile, LedgerRow, Proposal
from dudao.findings.services import findings as of_findings
from dudao.findings.services import rights
from dudao.findings.services.findings import Facts
from dudao.jobs import queries as jobs_read
from dudao.jobs import services as jobs
from dudao.papers import queries as papers
from dudao.places import queries as places
from dudao.procedures.models import Act, Clock
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel.texts import bare

Outcome, State = LedgerRow.Outcome, LedgerImport.State
#: More rows to write than these are for a job.
AT_ONCE = 200
#: Rows that a job writes in one transaction.
STEP = 40
JOB = "findings.ledger"

# What a row may change of a finding that is there already.
_CHANGES = ("title", "basis", "facts", "responsible", "department", "wanted", "cause", "severity")
_LONG = {"title": 200, "basis": 200, "responsible": 64, "wanted": 300, "ledger_number": 40}


@dataclass(frozen=True, slots=True)
class Options:
    """What goes for all rows that do not say it themselves.

    Attributes:
        year: of days without one.
        due_on: for what is being put right and has no day.
        closed_on: for what is closed and has no day.
    """

    year: int | None = None
    source: str = Finding.Source.INSPECTION
    basis: str = ""
    found_on: date | None = None
    due_on: date | None = None
    closed_on: date | None = None

    def kept(self) -> dict[str, Any]:
        days = {name: getattr(self, name) for name in ("found_on", "due_on", "closed_on")}
        return {
            "year": self.year, "source": self.source, "basis": self.basis,
            **{name: day.isoformat() if day else None for name, day in days.items()},
        }  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Options":
        days = {
            name: date.fromisoformat(kept[name]) if kept.get(name) else None
            for name in ("found_on", "due_on", "closed_on")
        }
        return cls(kept.get("year"), kept.get("source") or Finding.Source.INSPECTION, kept.get("basis") or "", **days)


def _office(by: Actor) -> None:
    if not by.can("loop.office"):
        raise Refused("台账由督导室导入。", code="ledger.not_allowed")


@transaction.atomic
def hand_in(*, grid: Grid, file_name: str, by: Actor, now: datetime) -> LedgerImport:
    """Keep a ledger that was read, with a guess of what its columns are.

    Raises:
        Refused: ``ledger.not_allowed``.
    """
    _office(by)
    profile = LedgerProfile.objects.filter(county=by.county).first()
    batch = LedgerImport.objects.create(
        county=by.county, file_name=file_name[-200:], sheet=grid.sheet[:100], heads=list(grid.heads),
        columns=ledger.guess(grid.heads, profile.heads if profile else {}), options=Options().kept(),
        made_by=by.person, made_name=by.name, made_at=now,
    )  # fmt: skip
    LedgerRow.objects.bulk_create(
        (LedgerRow(batch=batch, number=number, cells=list(cells)) for number, cells in grid.lines), batch_size=500
    )
    return batch


# Looking at the rows


@dataclass(slots=True)
class _Known:
    """What rows are compared with; read once."""

    by: Actor
    today: date
    names: Mapping[str, set[UUID]]
    loose: Mapping[str, set[UUID]]
    ended: set[UUID]
    causes: Mapping[str, UUID]
    #: Findings by number, by the ledger's number at a unit on a day, and by what they are.
    numbers: dict[tuple[int, int], Finding] = field(default_factory=dict)
    by_ledger: dict[tuple[str, UUID, date], Finding] = field(default_factory=dict)
    same: dict[tuple[UUID, str, str, date], Finding] = field(default_factory=dict)


class _Row:
    """One row while it is judged: its cells by field, what was found wrong, and what came out."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.cells = cells
        self.faults: dict[str, str] = {}
        self.notes: list[str] = []
        self.values: dict[str, Any] = {}

    def said(self, code: str) -> str:
        return ledger.text(self.cells.get(code))

    def refuse(self, code: str, words: str) -> None:
        self.faults.setdefault(code, words)


def look_at(
    *, batch: LedgerImport, base_version: int, columns: Sequence[str], options: Options, by: Actor, now: datetime
) -> None:
    """Judge every row: 新增, 变更, 已有 or 退回 with the reason at the field. What columns are is kept for the next ledger.

    Raises:
        Refused: ``ledger.not_allowed``, ``ledger.columns``, ``ledger.state``.
        Conflict: ``ledger.changed``.
    """
    _office(by)
    if batch.state not in (State.HANDED_IN, State.LOOKED_AT):
        raise Refused("这份台账已经导入，不能再改对应关系。", code="ledger.state")
    taken = [code for code in columns if code]
    if len(columns) != len(batch.heads) or not set(taken) <= set(LABELS):
        raise Refused("请重新选择各列。", code="ledger.columns")
    if doubled := [LABELS[code] for code, times in Counter(taken).items() if times > 1]:
        raise Refused(f"“{'、'.join(doubled)}”对应了不止一列，只能选一列。", code="ledger.columns")
    if missing := [LABELS[f.code] for f in ledger.FIELDS if f.is_needed and f.code not in taken]:
        raise Refused(f"还没有指出哪一列是“{'、'.join(missing)}”。", code="ledger.columns")
    if "basis" not in taken and not rights.basis_key(options.basis):
        raise Refused("没有“依据条款”列，请在下面填写共同的依据。", code="ledger.columns")
    if "found_on" not in taken and not options.found_on:
        raise Refused("没有“发现日期”列，请在下面填写共同的发现日期。", code="ledger.columns")
    rows = list(batch.rows.order_by("number"))
    judged = _judge(rows, list(columns), options, by=by, today=day_of(now))
    with transaction.atomic():
        mine = LedgerImport.objects.filter(
            pk=batch.pk, version=base_version, state__in=(State.HANDED_IN, State.LOOKED_AT)
        )
        if not mine.update(
            columns=list(columns), options=options.kept(), state=State.LOOKED_AT, version=F("version") + 1
        ):
            raise Conflict("别人刚刚改过这份台账的对应关系，请看过再办。", code="ledger.changed")
        batch.rows.all().delete()
        LedgerRow.objects.bulk_create(judged, batch_size=500)
        heads = {
            ledger.plain(head): code for head, code in zip(batch.heads, columns, strict=True) if ledger.plain(head)
        }
        profile, _ = LedgerProfile.objects.get_or_create(county=by.county)
        profile.heads = {**profile.heads, **heads}
        profile.save(update_fields=["heads"])
    batch.refresh_from_db()


def _judge(
    rows: Sequence[LedgerRow], columns: Sequence[str], options: Options, *, by: Actor, today: date
) -> list[LedgerRow]:
    known = _known(by, today)
    read = [
        _Row({code: row.cells[at] for at, code in enumerate(columns) if code and at < len(row.cells)}) for row in rows
    ]
    for one in read:
        _understand(one, known, options)
    _meet(known, read)
    seen: dict[tuple[UUID, str, str, date], int] = {}
    judged = []
    for row, one in zip(rows, read, strict=True):
        entry = LedgerRow(pk=row.pk, batch_id=row.batch_id, number=row.number, cells=row.cells)
        if not one.faults:
            key = _key(one.values)
            if (first := seen.setdefault(key, row.number)) != row.number:
                one.refuse("", f"与第 {first} 行是同一个问题（单位、依据、问题和发现日期都相同）。")
        if one.faults:
            entry.outcome = Outcome.REFUSED
        else:
            _place(entry, one, known)
        entry.faults, entry.notes, entry.values = one.faults, one.notes, _json(one.values)
        judged.append(entry)
    return judged


def _known(by: Actor, today: date) -> _Known:
    names: dict[str, set[UUID]] = defaultdict(set)
    loose: dict[str, set[UUID]] = defaultdict(set)
    ended: set[UUID] = set()
    for key, name, short, code, has_ended in places.all_names(by):
        for word in (name, short, code):
            if word:
                names[bare(word)].add(key)
                loose[ledger.plain(word)].add(key)
        if has_ended:
            ended.add(key)
    causes = {ledger.plain(c.name): c.pk for c in Cause.objects.filter(county=by.county)}
    return _Known(by, today, names, loose, ended, causes)


_SEVERITIES = (
    (Finding.Severity.DANGER, ("危及", "重大隐患", "重大安全隐患")),
    (Finding.Severity.SERIOUS, ("较重", "严重", "重大", "突出", "安全隐患")),
    (Finding.Severity.ORDINARY, ("一般", "轻微", "较轻")),
)
_SOURCES = (
    (Finding.Source.VISIT, ("经常性督导", "随访", "责任督学", "挂牌")),
    (Finding.Source.COMPLAINT, ("投诉", "举报", "信访", "12345")),
    (Finding.Source.SAFETY, ("安全",)),
    (Finding.Source.UPPER, ("上级", "自治区", "区督导", "市督导", "国家", "省")),
    (Finding.Source.SELF_CHECK, ("自查", "自评")),
    (Finding.Source.MONITORING, ("监测报告", "质量监测")),
    (Finding.Source.INDICATOR, ("指标",)),
    (Finding.Source.ENROLMENT, ("控辍",)),
    (Finding.Source.RETURN_CHECK, ("数据核查",)),
    (Finding.Source.INSPECTION, ("督导", "检查", "评估")),
)


def _understand(row: _Row, known: _Known, options: Options) -> None:
    """Read every cell of a row into ``values``; what cannot be is refused at its field."""
    values = row.values
    values["unit"] = _unit(row, known, "unit", needed=True)
    values["department"] = _unit(row, known, "department", needed=False)
    for code in ("title", "facts", "responsible", "wanted", "ledger_number"):
        values[code] = row.said(code)
    values["basis"] = row.said("basis") or options.basis
    for code, limit in _LONG.items():
        if len(values[code]) > limit:
            if code in ("title", "wanted"):
                # A long description: its beginning names the problem, the whole is kept as facts.
                values["facts"] = "\n".join(filter(None, (f"{LABELS[code]}：{values[code]}", values["facts"])))
                values[code] = f"{values[code][: limit - 1]}…"
                row.notes.append(f"“{LABELS[code]}”超过 {limit} 个字，全文记入事实")
            else:
                row.refuse(code, f"超过 {limit} 个字。")
    if not values["title"]:
        row.refuse("title", "没有写问题。")
    if not rights.basis_key(values["basis"]):
        row.refuse("basis", "没有依据的条款或指标。")
    values["severity"] = _choice(row, "severity", _SEVERITIES, Finding.Severity.choices, Finding.Severity.ORDINARY)
    values["source"] = _choice(row, "source", _SOURCES, Finding.Source.choices, options.source)
    cause = row.said("cause")
    values["cause"] = known.causes.get(ledger.plain(cause)) if cause else None
    if cause and not values["cause"]:
        row.notes.append(f"原因“{cause[:20]}”不在原因清单里，记入说明")
    _days(row, known, options)
    values["words"] = _words(row)


def _unit(row: _Row, known: _Known, code: str, *, needed: bool) -> UUID | None:
    said = row.said(code)
    if not said:
        if needed:
            row.refuse(code, "没有写单位。")
        return None
    found = known.names.get(bare(said)) or known.loose.get(ledger.plain(said)) or set()
    if len(found) > 1:
        found = found - known.ended or found
    if len(found) == 1:
        return next(iter(found))
    if not needed:
        row.notes.append(f"{LABELS[code]}“{said[:20]}”不在单位名册，记入说明")
        return None
    if len(found) > 1:
        row.refuse(code, f"名册里有 {len(found)} 个单位叫“{said}”，请写全称。")
    elif any(mark in said for mark in "、，,；;\n"):
        row.refuse(code, "一行只能写一个单位，请拆成几行。")
    else:
        near = get_close_matches(bare(said), known.names, n=1, cutoff=0.6)
        row.refuse(code, f"单位名册里没有“{said[:30]}”{f'，是不是“{near[0]}”' if near else ''}。")
    return None


def _choice(
    row: _Row, code: str, words: Sequence[tuple[str, tuple[str, ...]]], choices: Sequence[tuple[str, Any]], usual: str
) -> str:
    said = row.said(code)
    if not said:
        return usual
    for value, label in choices:
        if said == label:
            return str(value)
    for value, parts in words:
        if any(part in said for part in parts):
            return str(value)
    row.notes.append(f"{LABELS[code]}“{said[:20]}”看不懂，记入说明")
    return usual


def _days(row: _Row, known: _Known, options: Options) -> None:
    """The days of a row, and whether it is open or closed by them and by its words."""
    values = row.values
    for code in ("found_on", "told_on", "due_on", "closed_on", "checked_on"):
        cell = row.cells.get(code)
        if code == "due_on" and ledger.state(cell) in ("open", "closed") and not any(c.isdigit() for c in str(cell)):
            # 长期坚持, 立行立改: no day.
            row.notes.append(f"整改时限写的是“{cell}”")
            values[code] = None
            continue
        read = ledger.day(cell, year=options.year, last=code in ("due_on", "closed_on", "checked_on"))
        values[code] = read.day
        if read.fault:
            row.refuse(code, read.fault)
        if read.note:
            row.notes.append(read.note)
        if read.day and code != "due_on" and read.day > known.today:
            row.refuse(code, f"“{LABELS[code]}”晚于今天。")
    if values["found_on"] is None and "found_on" not in row.faults:
        values["found_on"] = options.found_on
        if options.found_on is None:
            row.refuse("found_on", "没有发现日期。")
    found = values["found_on"]
    if found and found.year < known.today.year - 20:
        row.refuse("found_on", "请核对发现日期的年份。")
    closed = _is_closed(row, known)
    values["is_closed"] = closed
    if closed:
        if values["closed_on"] is None and "closed_on" not in row.faults:
            values["closed_on"] = values["checked_on"] or options.closed_on
            if values["closed_on"] is None:
                row.refuse("closed_on", "已整改的要有销号（完成）日期。")
        if found and values["closed_on"] and values["closed_on"] < found:
            row.refuse("closed_on", f"早于发现日期（{found:%Y-%m-%d}）。")
        values["told_on"] = None
        if found and values["due_on"] and values["due_on"] < found:
            row.refuse("due_on", f"早于发现日期（{found:%Y-%m-%d}）。")
        return
    # Of what is still open 完成时间 is the day it is planned for.
    planned, values["closed_on"] = values["closed_on"], None
    for code in ("closed_on", "checked_on"):
        row.faults.pop(code, None)
    if values["told_on"] is None and "told_on" not in row.faults:
        values["told_on"] = found
    if values["due_on"] is None and "due_on" not in row.faults and planned:
        values["due_on"] = planned
        row.notes.append("没有整改时限，按所写的完成时间")
    if values["due_on"] is None and "due_on" not in row.faults:
        values["due_on"] = options.due_on
        if options.due_on is None:
            row.refuse("due_on", "还没有整改的要有整改时限。")
        else:
            row.notes.append("没有整改时限，按共同的期限")
    told = values["told_on"]
    if found and told and told < found:
        row.refuse("told_on", f"早于发现日期（{found:%Y-%m-%d}）。")
    if told and values["due_on"] and values["due_on"] < told:
        what = "告知" if told != found else "发现"
        row.refuse("due_on", f"早于{what}日期（{told:%Y-%m-%d}）。")


def _is_closed(row: _Row, known: _Known) -> bool:
    """Whether a ledger says that a problem is done: by its state, else by its day of closing, else by what it reports."""
    words = ledger.state(row.cells.get("state"))
    if words == "none":
        told = ledger.state(row.cells.get("report"))
        day = row.values["closed_on"]
        if told != "open" and day and day <= known.today:
            return True
        if told == "unknown" and "state" not in row.cells:
            row.refuse("report", "看不出是否已经整改，请加一列“状态”，写已整改、整改中或未整改。")
        return told == "closed" and len(row.said("report")) <= 30
    if words == "unknown":
        row.refuse("state", f"看不懂“{row.said('state')[:20]}”，请写已整改、整改中或未整改。")
    if words == "dropped":
        row.refuse("state", "台账里已经撤销的问题不导入。")
    if words == "open" and "长期" in row.said("state"):
        row.notes.append(f"“{row.said('state')}”按整改中导入")
    return words == "closed"


def _words(row: _Row) -> str:
    """What the first act says: the facts, and what the ledger tells beside."""
    values = row.values
    lines = [values["facts"] or values["title"]]
    for code in ("plan", "report", "checked_by", "checked_on", "state", "cause", "severity", "source", "note"):
        if (said := row.said(code)) and not (code == "cause" and values["cause"]):
            lines.append(ledger.tell(code, said))
    if (said := row.said("department")) and values["department"] is None:
        lines.append(ledger.tell("department", said))
    return "\n".join(line for line in lines if line)[:5000]


def _key(values: Mapping[str, Any]) -> tuple[UUID, str, str, date]:
    return values["unit"], rights.basis_key(values["basis"]), ledger.plain(values["title"]), values["found_on"]


def _meet(known: _Known, rows: Sequence[_Row]) -> None:
    """Find the findings that rows may be about; one statement."""
    whole = [row for row in rows if not row.faults]
    numbers = {number for row in whole if (number := _number(row.said("number")))}
    days = {row.values["found_on"] for row in whole}
    written = {said for row in whole for said in (row.said("number"), row.said("ledger_number")) if said}
    units = {row.values["unit"] for row in whole}
    wanted = Q(unit__in=units, found_on__in=days) | Q(unit__in=units, ledger_number__in=written)
    wanted |= Q(year__in={year for year, _ in numbers}, serial__in={serial for _, serial in numbers})
    for row in Finding.objects.filter(wanted, county=known.by.county).exclude(state="withdrawn"):
        known.numbers[row.year, row.serial] = row
        if row.ledger_number:
            known.by_ledger[row.ledger_number, row.unit_id, row.found_on] = row
        known.same[row.unit_id, row.basis_key, ledger.plain(row.title), row.found_on] = row


def _number(said: str) -> tuple[int, int] | None:
    """2024-0012 as year and serial."""
    year, mark, serial = said.partition("-")
    if mark and len(year) == 4 and year.isdecimal() and serial.isdecimal() and 4 <= len(serial) <= 6:
        return int(year), int(serial)
    return None


def _place(entry: LedgerRow, row: _Row, known: _Known) -> None:
    """Say whether a whole row is new, the same as a finding, or changes one."""
    values, number = row.values, row.said("number")
    own = known.numbers.get(_number(number) or (0, 0))
    if own and own.unit_id != values["unit"]:
        row.refuse("number", f"问题 {number} 是另一个单位的。")
        entry.outcome = Outcome.REFUSED
        return
    if own is None and number and not values["ledger_number"]:
        values["ledger_number"] = number[:40]
    theirs = known.by_ledger.get((values["ledger_number"], values["unit"], values["found_on"]))
    found = own or (theirs if values["ledger_number"] else None) or known.same.get(_key(values))
    if found is None:
        entry.outcome = Outcome.NEW
        return
    entry.finding_id, entry.version_seen = found.pk, found.version
    if values["is_closed"] and found.is_open:
        row.notes.append(f"台账写已整改，系统里是“{found.state_words}”，请在问题页办理复查和销号")
    changed = {name: _now(found, name) for name in _CHANGES if _differs(found, row, name)}
    if changed and not found.is_open:
        row.notes.append(f"问题已是“{found.state_words}”，内容不同也不改")
        changed = {}
    entry.outcome = Outcome.CHANGED if changed else Outcome.SAME
    if changed:
        row.notes.insert(0, "将修改：" + "、".join(LABELS[name] for name in changed))
        values["changes"] = sorted(changed)


def _now(found: Finding, name: str) -> Any:
    return getattr(found, f"{name}_id" if name in ("department", "cause") else name)


def _differs(found: Finding, row: _Row, name: str) -> bool:
    """Whether a row says something else of a finding; an empty cell says nothing."""
    value = row.values[name]
    if not row.said(name) or value in (None, ""):
        return False
    return bool(value != _now(found, name))


def _json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
        for name, value in values.items()
    }


def _facts(values: Mapping[str, Any], *, number: str) -> Facts:
    def day(name: str) -> date | None:
        return date.fromisoformat(values[name]) if values.get(name) else None

    def key(name: str) -> UUID | None:
        return UUID(values[name]) if values.get(name) else None

    unit, found_on = key("unit"), day("found_on")
    if unit is None or found_on is None:
        raise Refused("这一行没有单位或发现日期。", code="ledger.row")
    return Facts(
        unit=unit, source=values["source"], basis=values["basis"], title=values["title"], facts=values["facts"],
        found_on=found_on, severity=values["severity"], department=key("department"),
        responsible=values["responsible"], cause=key("cause"), wanted=values["wanted"], due_on=day("due_on"),
        ledger_number=values["ledger_number"], origin_words=number,
    )  # fmt: skip


# Writing


def to_write(batch: LedgerImport) -> QuerySet[LedgerRow]:
    """The rows that will be written and are not yet."""
    return batch.rows.filter(outcome__in=(Outcome.NEW, Outcome.CHANGED), version_left__isnull=True).order_by("number")


@transaction.atomic
def confirm(*, batch: LedgerImport, base_version: int, by: Actor, now: datetime) -> None:
    """Write the new and the changed rows: at once in one transaction, more than ``AT_ONCE`` by a job.

    Raises:
        Refused: ``ledger.not_allowed``, ``ledger.nothing``.
        Conflict: ``ledger.state`` confirmed already or changed since; ``ledger.moved`` a row cannot be written as it was
            looked at; nothing is written then.
    """
    _office(by)
    rows = list(to_write(batch)[: AT_ONCE + 1])
    if not rows:
        raise Refused("没有可以导入的行。", code="ledger.nothing")
    by_job = len(rows) > AT_ONCE
    mine = LedgerImport.objects.filter(pk=batch.pk, state=State.LOOKED_AT, version=base_version)
    if not mine.update(state=State.RUNNING if by_job else State.DONE, version=F("version") + 1):
        raise Conflict("这份台账刚刚被改过或已经确认，请看过再办。", code="ledger.state")
    batch.refresh_from_db()
    if by_job:
        jobs.start(kind=JOB, key=str(batch.pk), payload={"batch": str(batch.pk)}, by=by, now=now)
        return
    for row in rows:
        try:
            _write(row, batch, by=by, now=now)
        except Refused as refusal:
            words = f"第 {row.number} 行：{refusal.message}什么都没有写入，请重新核对。"
            raise Conflict(words, code="ledger.moved") from None
    _told(batch, by=by, now=now)


@transaction.atomic
def write_some(*, batch: LedgerImport, rows: Sequence[LedgerRow], by: Actor, now: datetime) -> None:
    """Write some rows of a confirmed ledger; one that can no longer be written is refused with the reason."""
    for row in rows:
        try:
            with transaction.atomic():
                _write(row, batch, by=by, now=now)
        except Refused as refusal:
            row.outcome, row.faults = Outcome.REFUSED, {"": refusal.message}
            row.save(update_fields=["outcome", "faults"])


@transaction.atomic
def finish(*, batch: LedgerImport, by: Actor, now: datetime) -> None:
    """All rows of a job are written."""
    if LedgerImport.objects.filter(pk=batch.pk, state=State.RUNNING).update(state=State.DONE, version=F("version") + 1):
        batch.refresh_from_db()
        _told(batch, by=by, now=now)


def _told(batch: LedgerImport, *, by: Actor, now: datetime) -> None:
    counts = Counter(batch.rows.values_list("outcome", flat=True))
    new, changed, same, refused = (counts[o] for o in (Outcome.NEW, Outcome.CHANGED, Outcome.SAME, Outcome.REFUSED))
    audit.record(
        action="ledger.imported", subject=batch, by=by, now=now, file_name=batch.file_name,
        summary=f"导入整改台账：新增 {new}，变更 {changed}，已有 {same}，退回 {refused}",
        new=new, changed=changed, same=same, refused=refused,
    )  # fmt: skip


def _write(row: LedgerRow, batch: LedgerImport, *, by: Actor, now: datetime) -> None:
    """Write one row as if done by hand."""
    values = row.values
    facts = _facts(values, number=f"台账导入：{batch.file_name}，第 {row.number} 行"[:200])
    if row.outcome == Outcome.NEW:
        told, closed = (
            date.fromisoformat(values[name]) if values.get(name) else None for name in ("told_on", "closed_on")
        )
        finding = of_findings.register_finding(
            facts=facts, by=by, now=now, words=values["words"], told_on=told, closed_on=closed
        )
    else:
        found = Finding.objects.filter(county=by.county, pk=row.finding_id).first() if row.finding_id else None
        if found is None:
            raise Refused("这个问题已经不在了。", code="ledger.gone")
        names = values.get("changes", ())
        row.before = _json({name: _now(found, name) for name in names})
        changes = {name: getattr(facts, name) for name in names}
        of_findings.change_finding(finding=found, base_version=row.version_seen or 0, by=by, now=now, **changes)
        finding = found
    row.finding, row.version_left = finding, finding.version
    row.save(update_fields=["finding", "version_left", "before"])


# Undoing


@transaction.atomic
def undo(*, batch: LedgerImport, by: Actor, now: datetime) -> None:
    """Take an import back while nobody did anything on its rows: new findings go, changed ones are what they were.

    The rows of the import and the history keep what had been written.

    Raises:
        Refused: ``ledger.not_allowed``, ``ledger.running``, ``ledger.built_on`` something was done since; nothing is undone.
        Conflict: ``ledger.state`` undone already.
    """
    _office(by)
    if jobs_read.is_open(by, kind=JOB, key=str(batch.pk)):
        raise Refused("正在写入，请等它结束再撤销。", code="ledger.running")
    mine = LedgerImport.objects.filter(pk=batch.pk, state__in=(State.DONE, State.RUNNING))
    if not mine.update(state=State.UNDONE, version=F("version") + 1):
        raise Conflict("这次导入已经撤销。", code="ledger.state")
    batch.refresh_from_db()
    rows = list(batch.rows.filter(version_left__isnull=False).select_related("finding").order_by("number"))
    moved = [row.number for row in rows if row.finding is None or row.finding.version != row.version_left]
    made = [row.finding for row in rows if row.finding and row.before is None]
    keys = [finding.pk for finding in made]
    acted = Act.objects.filter(subject__in=keys).exclude(before="").values_list("subject", flat=True)
    used = {*acted, *papers.subjects_with_papers(Finding._meta.label_lower, keys)}
    used |= set(Proposal.objects.filter(subject__in=keys, message__isnull=False).values_list("subject", flat=True))
    moved += [row.number for row in rows if row.finding_id in used]
    if moved:
        numbers = "、".join(str(number) for number in sorted(set(moved))[:10])
        raise Refused(f"第 {numbers} 行的问题此后办理过或备过提醒，不能整批撤销。", code="ledger.built_on")
    for row in rows:
        if row.finding and row.before is not None:
            before = {
                name: UUID(value) if name in ("department", "cause") and value else value
                for name, value in row.before.items()
            }
            of_findings.change_finding(finding=row.finding, base_version=row.finding.version, by=by, now=now, **before)
    try:
        with transaction.atomic():
            _unmake(keys)
    except ProtectedError:
        raise Refused("有的问题已经在督办、问责或投诉里，不能整批撤销。", code="ledger.built_on") from None
    audit.record(
        action="ledger.import_undone", subject=batch, summary=f"撤销台账导入：{len(keys)} 个问题", by=by, now=now,
        file_name=batch.file_name,
    )  # fmt: skip


def _unmake(keys: Sequence[UUID]) -> None:
    """Remove what an import made: findings with their first act and limit. Later ones look again for what was before them."""
    chunks = [keys[at : at + 500] for at in range(0, len(keys), 500)]
    later = [row for some in chunks for row in Finding.objects.filter(earlier__in=some)]
    for some in chunks:
        Finding.objects.filter(earlier__in=some).update(earlier=None)
    for some in chunks:
        Proposal.objects.filter(subject__in=some).delete()
        Clock.objects.filter(subject__in=some).delete()
        Act.objects.filter(subject__in=some).delete()
        Finding.objects.filter(pk__in=some).delete()
    gone = set(keys)
    for row in later:
        if row.pk not in gone:
            before = rights.earlier(county=row.county, unit=row.unit_id, key=row.basis_key, year=row.year)
            Finding.objects.filter(pk=row.pk).update(earlier=before)
