"""Taking tables in: handed in, columns named, looked at, written, undone. Nothing is written before somebody confirmed.

Files are read and lines are judged outside any transaction; what came out is put down in one short stroke, and written from there in
another.
"""

import io
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.jobs import services as jobs
from dudao.places import queries as places
from dudao.returns import checking, staging
from dudao.returns.models import Campaign, Cell, Correction, Profile, Reading, Return, Source, Upload, UploadPart
from dudao.returns.services.cells import set_cells
from dudao.returns.services.rights import manages
from dudao.returns.staging import Known, Standing
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.workbooks import Book, Limits
from dudao_engines.standards import mapping, reading
from dudao_engines.standards.forms import Field, Form
from dudao_engines.standards.tables import normal

#: Sources that tables come from.
SOURCES = (Source.PLATFORM, Source.STATISTICS, Source.WORKBOOK)
#: Files larger than this are looked at by the worker.
AT_ONCE = 1_500_000
LIMITS = Limits(size=30 * 1024 * 1024)
JOB = "returns.stage"
#: Things of a kind that one message names.
NAMED = 5


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that was read, before its row is written."""

    name: str
    received: files.Received
    tables: list[mapping.Recognised]
    notes: list[str]


def read_book(content: bytes, name: str) -> Book:
    """A workbook, or a refusal in words at the field ``table``."""
    try:
        return workbooks.read(content, name=name, limits=LIMITS)
    except EngineInputError as error:
        raise Refused(error.message, code=error.code, field="table") from None


def receive(*, content: bytes, name: str, form: Form, profile: Profile | None) -> HandedIn:
    """Read a file and put it in its place; outside a transaction, writes no row.

    Raises:
        Refused: ``workbook.…`` as the reader says; ``imports.no_table`` no head of the form was found; ``files.…``.
    """
    book = read_book(content, name)
    tables, notes = _recognised(book, form, mapping.Profile.model_validate(profile.kept) if profile else None)
    if not tables:
        said = "；".join(notes)
        raise Refused(
            f"没有在文件里找到这张表：要有“学校标识码”或“学校名称”一列，并至少有两列是表里的项目。{said}",
            code="imports.no_table", field="table",
        )  # fmt: skip
    return HandedIn(name, _put_away(content, name), tables, notes)


def _recognised(book: Book, form: Form, profile: mapping.Profile | None) -> tuple[list[mapping.Recognised], list[str]]:
    try:
        return mapping.recognise(book, [form], profile)
    except EngineInputError as error:
        raise Refused(error.message, code=error.code, field="table") from None


def _put_away(content: bytes, name: str) -> files.Received:
    """Workbooks as they are, under the ending that their bytes have; what the house keeps no kind for goes into a zip."""
    stem = name.rpartition(".")[0] or name
    if content.startswith(b"PK\x03\x04") and b"xl/workbook.xml" in content:
        return files.receive(io.BytesIO(content), name=f"{stem}.xlsx")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return files.receive(io.BytesIO(content), name=f"{stem}.xls")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table", content)
    return files.receive(packed, name=f"{stem}.zip")


def content_of(upload: Upload) -> bytes:
    """The bytes of the table that was handed in.

    Raises:
        Refused: ``files.missing``.
    """
    if upload.file is None:
        raise Refused("这次导入没有保存文件。", code="files.missing")
    content = b"".join(files.content(upload.file))
    if upload.file.kind == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read("table")
    return content


@transaction.atomic
def hand_in(
    *,
    campaign: Campaign,
    handed: HandedIn,
    source: str,
    purpose: str,
    by: Actor,
    now: datetime,
    profile: Profile | None = None,
) -> Upload:
    """Keep a table that was read, with what its columns were taken for.

    Args:
        handed: from ``receive``.
        source: ``platform``, ``statistics`` or ``workbook``.
        purpose: ``report`` writes reported values, ``compare`` only readings to compare with.

    Raises:
        Refused: ``returns.not_allowed``; ``imports.source``; ``imports.closed``: the campaign was called off.
    """
    manages(by)
    if source not in SOURCES:
        raise Refused("请选择数据来源。", code="imports.source", field="source")
    if campaign.state == Campaign.State.CANCELLED:
        raise Refused("这次填报已取消，不能导入。", code="imports.closed")
    upload = Upload.objects.create(
        county=by.county,
        campaign=campaign,
        source=source,
        purpose=purpose,
        name=handed.name[-200:],
        state=Upload.State.HANDED_IN,
        tables=[_as_kept(one) for one in handed.tables],
        mapping=profile.kept if profile else None,
        profile=profile,
        notes=handed.notes,
        made_by=by.person,
        made_name=by.name,
        made_at=now,
    )
    upload.file = files.attach(handed.received, subject=upload, by=by, now=now)
    upload.save(update_fields=["file"])
    audit.record(
        action="import.handed_in",
        subject=upload,
        summary=f"上传{Source(source).label}：{upload.name}",
        by=by,
        now=now,
        campaign=str(campaign.pk),
    )
    return upload


def _as_kept(one: mapping.Recognised) -> dict[str, Any]:
    """A table as the page of its columns shows it."""
    table, found = one.table, one.mapping
    return {
        "sheet": table.sheet,
        "rows": len(table.rows),
        "head_rows": list(table.head_rows),
        "notes": list(table.notes),
        "dropped": [f"第 {row} 行（{why}）" for row, why in table.dropped[:20]],
        "code_at": found.code_at,
        "name_at": found.name_at,
        "county_at": found.county_at,
        "columns": [
            {
                "head": column.head,
                "samples": table.samples(column.at),
                "code": column.code,
                "factor": str(column.factor),
                "is_sure": column.is_sure,
                "note": column.note,
            }
            for column in found.columns
        ],
        "missing": [field.code for field in found.missing],
    }


# Naming the columns


@transaction.atomic
def name_columns(
    *, upload: Upload, base_version: int, said: mapping.Profile, by: Actor, now: datetime, keep_as: str = ""
) -> None:
    """Say what the columns are; with ``keep_as`` kept as a new version of a profile of that name.

    Raises:
        Refused: ``returns.not_allowed``; ``imports.columns`` nothing is taken, or nothing names the unit; ``imports.state``.
        Conflict: ``imports.changed``.
    """
    manages(by)
    taken = [one.code for one in said.columns.values() if one.code] or list(said.cells)
    if not taken:
        raise Refused("没有一列对应到表里的项目。", code="imports.columns")
    if not said.code and not said.name and upload.campaign.level != Campaign.Level.COUNTY:
        raise Refused("请指出哪一列是标识码或名称，才知道每一行是哪个单位。", code="imports.columns")
    kept = said.model_dump(mode="json")
    profile = upload.profile
    if keep_as.strip():
        profile = _keep(upload, keep_as.strip()[:60], kept, by=by, now=now)
    states = (Upload.State.HANDED_IN, Upload.State.PREVIEWED)
    if not claimed(upload, base_version, {"mapping": kept, "profile": profile}, state__in=states):
        raise _moved(upload)


def _keep(upload: Upload, name: str, kept: dict[str, Any], *, by: Actor, now: datetime) -> Profile:
    mine = {"county": by.county, "source": upload.source, "form": upload.campaign.form, "name": name}
    last = Profile.objects.filter(**mine).order_by("-number").first()
    if last and last.kept == kept:
        return last
    try:
        with transaction.atomic():
            made = Profile.objects.create(
                **mine,
                number=last.number + 1 if last else 1,
                kept=kept,
                made_by=by.person,
                made_name=by.name,
                made_at=now,
            )
    except IntegrityError:
        raise Conflict("别人刚刚保存了同名的方案，请再试一次。", code="imports.changed") from None
    audit.record(action="import.profile_kept", subject=made, summary=f"保存列对应方案：{made}", by=by, now=now)
    return made


def _moved(upload: Upload) -> Refused:
    upload.refresh_from_db()
    if upload.state in (Upload.State.APPLIED, Upload.State.UNDONE):
        return Refused(f"这份表{upload.get_state_display()}，不能再改。", code="imports.state")
    return Conflict("别人刚刚改过这份表的列对应，请看过再办。", code="imports.changed")


# Looking at the lines


def look_at(*, upload: Upload, by: Actor, now: datetime) -> bool:
    """Judge every line: at once, or by the worker where the file is large.

    Returns:
        Whether it is done already.

    Raises:
        Refused: as ``stage_now``.
    """
    manages(by)
    if upload.file is not None and upload.file.size > AT_ONCE:
        jobs.start(kind=JOB, key=str(upload.pk), payload={"upload": str(upload.pk)}, by=by, now=now)
        return False
    stage_now(upload=upload, by=by, now=now)
    return True


def stage_now(*, upload: Upload, by: Actor, now: datetime) -> None:
    """Read the file again as its columns were named and judge every line; puts down what came out.

    Raises:
        Refused: ``imports.strangers``: not one line is of a unit of the county; ``imports.state``; as the reader says.
    """
    form = checking.form_of(upload.campaign)
    said = mapping.Profile.model_validate(upload.mapping)
    tables, notes = _recognised(read_book(content_of(upload), upload.name), form, said)
    known = known_of(upload, by=by)
    taken: set[str] = set()
    parts: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    strangers = 0
    for one in tables:
        staged = staging.stage(mapping.read(one), known, taken)
        parts += staged.parts
        counts += staged.counts
        strangers += staged.strangers
        notes += [f"工作表“{one.table.sheet}”第 {row} 行没有读取：{why}" for row, why in one.table.dropped[:20]]
    if not counts["rows"]:
        raise Refused(f"表头下面没有内容。{'；'.join(notes)}", code="imports.no_rows")
    if strangers and strangers == counts["rows"]:
        first = next(why for part in parts for why in part["refused"].values())
        raise Refused(
            f"{strangers} 行没有一行是本县这次填报的单位，可能是别的县的文件。第一行：{first}。什么都没有导入。",
            code="imports.strangers",
        )
    if strangers * 2 > counts["rows"]:
        notes.insert(0, f"{counts['rows']} 行里有 {strangers} 行不是本县的单位，请看是不是别的县的文件")
    # Counts of nothing are said too.
    told = {outcome: counts[outcome] for outcome in (*staging.OUTCOMES, "rows", "refused_rows", "units")}
    with transaction.atomic():
        rows = Upload.objects.filter(pk=upload.pk, version=upload.version)
        rows = rows.filter(state__in=(Upload.State.HANDED_IN, Upload.State.PREVIEWED))
        if not rows.update(
            state=Upload.State.PREVIEWED, counts=told, notes=notes, tables=[_as_kept(one) for one in tables],
            version=F("version") + 1,
        ):  # fmt: skip
            raise _moved(upload)
        upload.parts.all().delete()
        UploadPart.objects.bulk_create(
            [UploadPart(upload=upload, number=at, content=staging.written(part)) for at, part in enumerate(parts, 1)],
            batch_size=50,
        )
    upload.refresh_from_db()


def known_of(upload: Upload, *, by: Actor) -> Known:
    """What the lines of a table are compared with; five statements.

    In a table that is only compared, what stands is the last reading from the same source.
    """
    campaign = upload.campaign
    codes: dict[str, str] = {}
    names: dict[str, set[str]] = defaultdict(set)
    titles: dict[str, str] = {}
    for key, name, short, code, _ in places.all_names(by):
        codes[code] = str(key)
        titles[str(key)] = name
        for word in (name, short):
            if word:
                names[normal(word)].add(str(key))
    returns = list(campaign.returns.all())
    only_compared = upload.purpose == Upload.Purpose.COMPARE
    called = {str(one.unit_id): "" if only_compared or one.is_writable else _why_not(one) for one in returns}
    cells: dict[str, dict[str, Standing]] = defaultdict(dict)
    if only_compared:
        rows = Reading.objects.filter(campaign=campaign, source=upload.source)
        rows = rows.exclude(upload__state=Upload.State.UNDONE)
        for unit, code, value, raw in rows.order_by("recorded_at", "pk").values_list("unit", "code", "value", "raw"):
            cells[str(unit)][code] = Standing(value, raw=raw)
    else:
        units = {one.pk: str(one.unit_id) for one in returns}
        for cell in Cell.objects.filter(ret__campaign=campaign):
            is_typed = cell.source == Source.TYPED and bool(cell.raw)
            cells[units[cell.ret_id]][cell.code] = Standing(cell.value, cell.version, is_typed, cell.raw)
    county = normal(places.county_name(by, as_of=campaign.census_on))
    return Known(codes, names, called, titles, cells, frozenset({by.county, county}))


def _why_not(ret: Return) -> str:
    if ret.is_locked:
        return "数据已锁定，不能写入；可以作为“只作比较”导入"
    return f"这张表{ret.get_state_display()}，不能写入；请先退回，或作为“只作比较”导入"


# Writing


@transaction.atomic
def apply(*, upload: Upload, base_version: int, by: Actor, now: datetime) -> None:
    """Write what was looked at: values that are new or changed, and a reading of every cell, in one transaction.

    What a school typed itself is never overwritten: it is kept, and stands in the comparison. Cells and lines that were refused are
    not written.

    Raises:
        Refused: ``returns.not_allowed``, ``imports.nothing``, ``imports.state``.
        Conflict: ``imports.changed``; ``imports.moved``: a cell was changed since the table was looked at; nothing is written.
    """
    manages(by)
    counts = upload.counts
    if not any(counts.get(one) for one in (staging.NEW, staging.CHANGED, staging.SAME, staging.KEPT)):
        raise Refused("没有可以导入的内容。", code="imports.nothing")
    done = {"state": Upload.State.APPLIED, "applied_at": now, "applied_name": by.name}
    if not claimed(upload, base_version, done, state=Upload.State.PREVIEWED):
        raise _moved(upload)
    form = checking.form_of(upload.campaign)
    returns = {one.unit_id: one for one in upload.campaign.returns.select_related("campaign")}
    readings: list[Reading] = []
    seen: dict[UUID, dict[str, str]] = {}
    for part in upload.parts.all():
        before: dict[str, dict[str, Any]] = {}
        for line in staging.lines(part.content):
            unit = staging.unit_key(line)
            if line.why or unit is None or unit not in returns:
                continue
            cells = [one for one in line.cells() if one.outcome != staging.REFUSED and form.get(one.code)]
            seen[unit] = {one.code: one.value for one in cells}
            written = (
                []
                if upload.purpose == Upload.Purpose.COMPARE
                else [one for one in cells if one.outcome != staging.KEPT]
            )
            if written:
                before[str(unit)] = _write(upload, returns[unit], line.sheet, written, form, by=by, now=now)
            rest = (
                cells
                if upload.purpose == Upload.Purpose.COMPARE
                else [one for one in cells if one.outcome == staging.KEPT]
            )
            readings += [_reading(upload, unit, line.sheet, one, by=by, now=now) for one in rest]
        if before:
            part.before = json.dumps(before, ensure_ascii=False)
            part.save(update_fields=["before"])
    Reading.objects.bulk_create(readings, batch_size=500)
    if upload.source == Source.PLATFORM:
        _settle(upload, seen, by=by, now=now)
    audit.record(
        action="import.applied",
        subject=upload,
        summary=f"导入{Source(upload.source).label}：{upload.name}，新增 {counts.get(staging.NEW, 0)} 项，变更 {counts.get(staging.CHANGED, 0)} 项",
        by=by,
        now=now,
        **{f"cells_{outcome}": counts.get(outcome, 0) for outcome in staging.OUTCOMES},
    )


def given(value: str, field: Field) -> str:
    """A value that was read, in a writing that is read the same again."""
    if field.kind == "percent" and value and value != "0" and reading.read(value, field).problem:
        return f"{value}%"
    return value


def _write(
    upload: Upload, ret: Return, sheet: str, cells: Sequence[staging.Kept], form: Form, *, by: Actor, now: datetime
) -> dict[str, Any]:
    """Write a unit's cells. Returns what those held that changed, and what they hold now."""
    old = {one.code: one for one in ret.cells.filter(code__in=[one.code for one in cells])}
    done = set_cells(
        ret=ret,
        values={one.code: given(one.value, form.field(one.code)) for one in cells},
        source=upload.source,
        by=by,
        now=now,
        upload=upload,
        places={one.code: (sheet, one.place) for one in cells},
        base={one.code: one.version for one in cells},
    )
    if done.clashes:
        said = "、".join(form.field(one.code).label for one in done.clashes[:NAMED])
        raise Conflict(
            f"“{ret.unit.code}”的“{said}”在核对以后有人改过，什么都没有写入。请重新核对。", code="imports.moved"
        )
    now_there = dict(ret.cells.filter(code__in=done.codes).values_list("code", "raw"))
    return {code: _before(old.get(code), now_there[code]) for code in done.codes}


def _before(cell: Cell | None, after: str) -> list[str | None]:
    """What a cell held, and what it holds now."""
    return [cell.raw, cell.value, cell.problem, cell.source, after] if cell else [None, "", "", "", after]


def _reading(upload: Upload, unit: UUID, sheet: str, cell: staging.Kept, *, by: Actor, now: datetime) -> Reading:
    return Reading(
        campaign_id=upload.campaign_id,
        unit_id=unit,
        code=cell.code,
        source=upload.source,
        raw=cell.raw[:400],
        value=cell.value[:400],
        upload=upload,
        sheet=sheet,
        place=cell.place[:20],
        by_person=by.person,
        by_name=by.name,
        recorded_at=now,
    )


def _settle(upload: Upload, seen: Mapping[UUID, Mapping[str, str]], *, by: Actor, now: datetime) -> None:
    """What was to be corrected on the platform and now is there as it should be, is done."""
    rows = Correction.objects.filter(campaign=upload.campaign_id, state=Correction.State.OPEN)
    done = [one.pk for one in rows if seen.get(one.unit_id, {}).get(one.code) == one.right]
    Correction.objects.filter(pk__in=done, state=Correction.State.OPEN).update(
        state=Correction.State.DONE, seen_in=upload, settled_at=now, settled_name=by.name
    )


# Undoing


@transaction.atomic
def undo(*, upload: Upload, by: Actor, now: datetime) -> None:
    """Take an import back: every cell is again what it was, and its readings no longer count.

    Raises:
        Refused: ``returns.not_allowed``; ``imports.built_on``: a cell was changed since, or a return handed in; nothing is undone.
        Conflict: ``imports.state``: undone already.
    """
    manages(by)
    if not Upload.objects.filter(pk=upload.pk, state=Upload.State.APPLIED).update(
        state=Upload.State.UNDONE, undone_at=now, undone_name=by.name, version=F("version") + 1
    ):
        raise Conflict("这次导入已经撤销，或还没有导入。", code="imports.state")
    upload.refresh_from_db()
    returns = {str(one.unit_id): one for one in upload.campaign.returns.select_related("campaign", "unit")}
    for part in upload.parts.exclude(before=""):
        for unit, before in json.loads(part.before).items():
            if before:
                _restore(returns[unit], before, upload.source, by=by, now=now)
    rows = Correction.objects.filter(seen_in=upload, state=Correction.State.DONE)
    held = set(
        Correction.objects.filter(campaign=upload.campaign_id, state=Correction.State.OPEN).values_list("unit", "code")
    )
    again = [one.pk for one in rows if (one.unit_id, one.code) not in held]
    Correction.objects.filter(pk__in=again).update(
        state=Correction.State.OPEN, seen_in=None, settled_at=None, settled_name=""
    )
    audit.record(action="import.undone", subject=upload, summary=f"撤销导入：{upload.name}", by=by, now=now)


def _is_untouched(cell: Cell | None, raw: str, source: str) -> bool:
    return cell is not None and (cell.raw, cell.source) == (raw, source) and not cell.found and not cell.adopted


def _restore(ret: Return, before: Mapping[str, Any], source: str, *, by: Actor, now: datetime) -> None:
    held = Return.objects.filter(pk=ret.pk, is_locked=False, state__in=Return.WRITABLE)
    if not held.update(version=F("version") + 1):
        raise Refused(f"“{ret.unit.code}”的表已报送或锁定，不能整批撤销。", code="imports.built_on")
    ret.refresh_from_db()
    cells = {one.code: one for one in ret.cells.filter(code__in=list(before))}
    form = checking.form_of(ret.campaign)
    moved = [code for code, kept in before.items() if not _is_untouched(cells.get(code), kept[4], source)]
    if moved:
        said = "、".join(field.label if (field := form.get(code)) else code for code in moved[:NAMED])
        raise Refused(f"“{ret.unit.code}”的“{said}”此后又改过，不能整批撤销。", code="imports.built_on")
    made = [cells[code].pk for code, kept in before.items() if kept[0] is None]
    Cell.objects.filter(pk__in=made).delete()
    back = []
    for code, (raw, value, problem, was_from, _) in before.items():
        if raw is None:
            continue
        cell = cells[code]
        cell.raw, cell.value, cell.problem, cell.source = raw, value, problem, was_from
        cell.changed_at, cell.changed_name, cell.version = now, by.name, cell.version + 1
        back.append(cell)
    Cell.objects.bulk_update(back, ["raw", "value", "problem", "source", "changed_at", "changed_name", "version"])
    checking.recount(ret)
