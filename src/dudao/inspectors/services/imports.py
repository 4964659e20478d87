"""A table of inspectors: looked at row by row, confirmed in one transaction, undone. Nothing is written before somebody confirmed.

Rows are judged again when they are confirmed, by the same code and by what stands then: what was shown is what is written, or
nothing is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from dudao.accounts import queries as accounts
from dudao.accounts import services as people
from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.inspectors import tables
from dudao.inspectors.models import Inspector, InspectorImport, InspectorImportRow, Term
from dudao.inspectors.services import terms as of_terms
from dudao.inspectors.services.register import Facts, change_inspector, checked, enter_inspector, facts_of
from dudao.inspectors.services.rights import may_manage
from dudao.inspectors.tables import HEADS, Row
from dudao.places import queries as places
from dudao.places.models import Unit
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel.texts import bare

Outcome, State = InspectorImportRow.Outcome, InspectorImport.State

_TERM = ("ordinal", "start_on", "end_on", "document")
_KINDS = {"专职": "full", "兼职": "part"}
_SCHOOLING = {"大专": "college", "大学": "bachelor", "大学本科": "bachelor", "研究生": "master", "硕士研究生": "master", "博士研究生": "doctor"}  # fmt: skip
_STAGES = {"幼儿园": "preschool", "幼儿": "preschool", "普通高中": "senior", "中职": "vocational", "特殊教育": "special", "特教": "special"}  # fmt: skip
_CHOICES: Mapping[str, tuple[Any, Mapping[str, str]]] = {
    "kind": (Inspector.Kind, _KINDS), "sex": (Inspector.Sex, {}), "education": (Inspector.Education, _SCHOOLING),
    "stages": (Inspector.Stage, _STAGES), "lines": (Inspector.Line, {}),
}  # fmt: skip
_LONG = {"name": 64, "work_words": 200, "certificate_number": 40, "document": 80, "note": 400, "subjects": 100}


# What goes out


def as_row(row: Inspector, *, unit: str, term: Term | None = None) -> dict[str, str]:
    """An entry as a row of the table, so that what goes out comes back as 未变.

    Args:
        unit: the name of the unit they work in.
        term: the running one.
    """
    said = _texts(facts_of(row), unit=unit) | {"name": row.person.name, "phone": row.person.phone}
    if term:
        said |= {
            "ordinal": str(term.ordinal), "start_on": _iso(term.start_on), "end_on": _iso(term.end_on),
            "document": term.document,
        }  # fmt: skip
    return said


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _texts(facts: Facts, *, unit: str) -> dict[str, str]:
    def labels(code: str, values: Sequence[str]) -> str:
        of = _CHOICES[code][0]
        return "、".join(str(of(one).label) for one in values if one)

    return {
        "kind": labels("kind", [facts.kind]), "sex": labels("sex", [facts.sex]), "born": facts.born, "work_unit": unit,
        "work_words": facts.work_words, "education": labels("education", [facts.education]),
        "since_year": str(facts.since_year or ""), "subjects": "、".join(facts.subjects),
        "stages": labels("stages", facts.stages), "lines": labels("lines", facts.lines),
        "certificate_number": facts.certificate_number, "certificate_from": _iso(facts.certificate_from),
        "certificate_to": _iso(facts.certificate_to),
        "days_a_month": "" if facts.days_a_month is None else str(facts.days_a_month), "note": facts.note,
    }  # fmt: skip


# Looking at rows


@dataclass(slots=True)
class _Known:
    """What rows are compared with; read once."""

    today: date
    may_enter_people: bool
    units: Mapping[str, set[UUID]]
    ended: set[UUID]
    rows_of_units: Mapping[UUID, Unit]
    names: Mapping[UUID, str]
    by_number: Mapping[str, Inspector]
    by_name: Mapping[str, list[Inspector]]
    people: Mapping[str, list[Person]]


@dataclass(slots=True)
class _Judged:
    """One row while it is judged: what it means, and what came out."""

    number: int
    cells: Mapping[str, str]
    faults: dict[str, str]
    outcome: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    old: dict[str, str] = field(default_factory=dict)
    inspector: Inspector | None = None
    person: Person | None = None
    facts: Facts | None = None
    #: Days, number and paper of a term to be noted.
    term: dict[str, Any] | None = None

    def refuse(self, code: str, words: str) -> None:
        self.faults.setdefault(code if code in HEADS else "", words)


def _known(by: Actor, today: date) -> _Known:
    units: dict[str, set[UUID]] = defaultdict(set)
    ended = set()
    for key, name, short, code, has_ended in places.all_names(by):
        for word in filter(None, (name, short, code)):
            units[bare(word)].add(key)
        if has_ended:
            ended.add(key)
    rows = list(Inspector.objects.filter(county=by.county).select_related("person").prefetch_related("terms"))
    by_name: dict[str, list[Inspector]] = defaultdict(list)
    for row in rows:
        by_name[bare(row.person.name)].append(row)
    people_: dict[str, list[Person]] = defaultdict(list)
    entered = {row.person_id for row in rows}
    for person in accounts.people_with_posts(by, day=today):
        if person.pk not in entered:
            people_[bare(person.name)].append(person)
    return _Known(
        today=today, may_enter_people=by.person is None or by.can("people.manage"), units=units, ended=ended,
        rows_of_units=Unit.objects.filter(county=by.county).in_bulk(), names=places.names_on(by, day=today),
        by_number={row.certificate_number: row for row in rows if row.certificate_number}, by_name=by_name, people=people_,
    )  # fmt: skip


def _judge(rows: Sequence[Row], *, by: Actor, today: date) -> list[_Judged]:
    known = _known(by, today)
    found = [_Judged(row.number, row.cells, dict(row.unread)) for row in rows]
    for one in found:
        _understand(one, known)
    _apart(found)
    for one in found:
        if not one.faults:
            _meet(one, known)
    # Two rows that come out at one person, by whatever way.
    for same in ("inspector", "person"):
        seen: dict[UUID, int] = {}
        for one in found:
            who = getattr(one, same)
            if who and not one.faults and (first := seen.setdefault(who.pk, one.number)) != one.number:
                one.refuse("name", f"和第 {first} 行是同一个人。")
    for one in found:
        if not one.faults:
            _compare(one, known)
        if one.faults:
            one.outcome = Outcome.REFUSED
    return found


def _understand(one: _Judged, known: _Known) -> None:
    """Read the cells into ``values``; a cell that is empty says nothing."""
    for code, text in one.cells.items():
        if not text or code in one.faults:
            continue
        if len(text) > _LONG.get(code, 400):
            one.refuse(code, f"超过 {_LONG.get(code, 400)} 个字。")
            continue
        try:
            one.values[code] = _value(code, text, known)
        except Refused as refusal:
            one.refuse(code, refusal.message)
        except ValueError:
            wanted = "日期写成 2024-03-05" if code != "born" else "写成 1979-03"
            one.refuse(code, f"看不懂“{text[:20]}”，{wanted}。")
    for code in tables.REQUIRED:
        if not one.cells.get(code):
            one.refuse(code, f"没有写{HEADS[code]}。")


def _value(code: str, text: str, known: _Known) -> Any:
    if code in ("stages", "lines"):
        return [_choice(code, word) for word in re.split(r"[、，,;；/\s]+", text) if word]
    if code in _CHOICES:
        return _choice(code, text)
    if code == "subjects":
        return [word for word in re.split(r"[、，,;；/\s]+", text) if word]
    if code == "born":
        return tables.month(text)
    if code in ("certificate_from", "certificate_to", "start_on", "end_on"):
        return tables.day(text)
    if code in ("since_year", "days_a_month", "ordinal"):
        return _number(code, text)
    if code == "work_unit":
        return _unit(text, known)
    if code == "phone":
        return people.phone_number(text)
    return text


def _choice(code: str, text: str) -> str:
    of, others = _CHOICES[code]
    for value, label in of.choices:
        if bare(text) == bare(str(label)):
            return str(value)
    if bare(text) in others:
        return others[bare(text)]
    raise Refused(f"不认识“{text[:20]}”，可以写：{'、'.join(str(label) for label in of.labels)}。", code="table.choice")


_MOST = {"since_year": (1950, 9999), "days_a_month": (0, 31), "ordinal": (1, 20)}


def _number(code: str, text: str) -> int:
    found = re.fullmatch(r"第?(\d{1,4})[年届天日]?", bare(text))
    low, high = _MOST[code]
    if not found or not low <= int(found[1]) <= high:
        raise Refused(f"看不懂“{text[:20]}”，{'写四位年份' if code == 'since_year' else f'写 {low} 到 {high} 的整数'}。", code="table.number")  # fmt: skip
    return int(found[1])


def _unit(text: str, known: _Known) -> Unit:
    found = known.units.get(bare(text), set())
    found = found - known.ended or found
    if len(found) == 1:
        key = next(iter(found))
        if key in known.ended:
            raise Refused(f"“{text[:30]}”已经终止。", code="table.unit")
        return known.rows_of_units[key]
    if found:
        raise Refused(f"名册里有 {len(found)} 个单位叫“{text[:30]}”，请写全称或标识码。", code="table.unit")
    near = get_close_matches(bare(text), known.units, n=1, cutoff=0.6)
    hint = f"，是不是“{near[0]}”" if near else "；县外单位写在“单位及职务”"
    raise Refused(f"单位名册里没有“{text[:30]}”{hint}。", code="table.unit")


def _apart(found: Sequence[_Judged]) -> None:
    """Rows of one table that speak of the same person or the same certificate."""
    numbers, names = defaultdict(list), defaultdict(list)
    for one in found:
        if number := one.values.get("certificate_number"):
            numbers[number].append(one)
        if name := one.values.get("name"):
            names[bare(name)].append(one)
    for same in numbers.values():
        for one in same if len(same) > 1 else ():
            other = next(x for x in same if x is not one)
            one.refuse("certificate_number", f"和第 {other.number} 行的督学证号相同。")
    for same in names.values():
        for one in same:
            for other in same:
                if other is one:
                    continue
                mine, theirs = one.values.get("born"), other.values.get("born")
                if mine and theirs and mine != theirs:
                    continue
                words = "都填出生年月" if not (mine and theirs) else "核对出生年月"
                one.refuse("name", f"和第 {other.number} 行重名：是同一个人的只留一行，不是的{words}。")


def _meet(one: _Judged, known: _Known) -> None:
    """Find whom a row speaks of: an entry of the register, a person without one, or somebody new."""
    name, born, number = bare(one.values["name"]), one.values.get("born"), one.values.get("certificate_number", "")
    if number and (holder := known.by_number.get(number)):
        if bare(holder.person.name) != name:
            one.refuse("certificate_number", f"这个督学证号已经登记给{holder.person.name}。")
        one.inspector = holder
        return
    same = known.by_name.get(name, [])
    like = [row for row in same if not (born and row.born and row.born != born)]
    if len(like) == 1:
        one.inspector = like[0]
    elif like:
        one.refuse("name", f"名册里有 {len(like)} 个同名的督学，请填督学证号或出生年月。")
    elif same:
        one.refuse(
            "born", f"名册里的{same[0].person.name}是 {same[0].born} 出生。同一个人的请核对，不是的请用“登记督学”登记。"
        )
    if one.inspector or one.faults:
        return
    people_ = known.people.get(name, [])
    if len(people_) > 1 and (unit := one.values.get("work_unit")):
        people_ = [p for p in people_ if any(held.unit_id == unit.pk for held in p.held)] or people_  # type: ignore[attr-defined]
    if len(people_) > 1:
        one.refuse("name", f"“人员”里有 {len(people_)} 个同名的人，分不清是哪一个，请用“登记督学”登记。")
    elif people_:
        one.person = people_[0]
        one.notes.append("用“人员”里已有的这个人")
    elif known.may_enter_people:
        one.notes.append("同时登记为新的人员")
    else:
        one.refuse("name", "“人员”里没有这个人，请先由督导室主任登记人员。")


def _compare(one: _Judged, known: _Known) -> None:
    """Put what a row says beside what the register says."""
    old = facts_of(one.inspector) if one.inspector else Facts(kind="")
    said = {name: value for name, value in one.values.items() if name in Facts.__dataclass_fields__}
    facts = replace(old, **said)
    ends = said.get("certificate_to")
    if ends and ends < known.today and ends != old.certificate_to:
        one.refuse("certificate_to", f"督学证已于 {ends.isoformat()} 过期，换证以后再导入。")
    try:
        values = checked(facts, today=known.today)
        term = _term(one, facts.kind)
    except Refused as refusal:
        one.refuse(refusal.field or "", refusal.message)
        return
    if term:
        # Announced already: what the row itself says may not break the law; what nobody recorded is not asked (the list may not
        # have it yet).
        for code, words in of_terms.breaks(facts.education, facts.since_year, day=term["start_on"]).items():
            one.refuse(code, words)
        if not facts.certificate_number or not facts.certificate_to:
            one.notes.append("导入后就在任，但没有督学证号或有效期，请尽快补登记")
    if one.faults:
        return
    one.facts, one.term = facts, term
    if one.inspector is None:
        one.outcome = Outcome.NEW
        return
    phone = one.values.get("phone")
    if phone and phone != one.inspector.person.phone:
        one.notes.append("电话和“人员”里的不同，请在“人员”里改")
    was = _texts(old, unit=known.names.get(old.work_unit.pk, "") if old.work_unit else "")
    changed = {code for code in values if values[code] != getattr(one.inspector, code)}
    one.old = {code: was[code] for code in sorted(changed)}
    if term:
        one.old |= {code: "" for code in _TERM if one.cells.get(code)}
    one.outcome = Outcome.CHANGED if one.old else Outcome.UNCHANGED


def _term(one: _Judged, kind: str) -> dict[str, Any] | None:
    """The term that a row tells of, where the register does not have it."""
    start, end = one.values.get("start_on"), one.values.get("end_on")
    if start is None:
        if end or one.values.get("ordinal"):
            raise Refused("没有写任期起。", code="table.term", field="start_on")
        return None
    terms = [t for t in (one.inspector.terms.all() if one.inspector else ()) if t.state != Term.State.REFUSED]
    if there := next((t for t in terms if t.start_on == start), None):
        differs = {
            "end_on": end and there.end_on != end, "ordinal": one.values.get("ordinal", there.ordinal) != there.ordinal,
            "document": one.values.get("document", there.document) != there.document,
        }  # fmt: skip
        for code in (code for code, is_other in differs.items() if is_other):
            raise Refused("和名册里的这一届不同，任期在登记页上办理。", code="table.term", field=code)
        return None
    terms.sort(key=lambda t: t.ordinal)
    of_terms.notable(kind, terms, one.values.get("ordinal"))
    of_terms.span(kind, start, end)
    of_terms.apart(start, terms)
    return {
        "start_on": start, "end_on": end, "ordinal": one.values.get("ordinal"), "document": one.values.get("document", ""),
    }  # fmt: skip


# Batches


@transaction.atomic
def look_at(*, rows: Sequence[Row], file_name: str, by: Actor, now: datetime) -> InspectorImport:
    """Keep a table that was read, and say of each row: 新增, 变更, 未变 or 退回 with the reason at the cell.

    Args:
        rows: from ``tables.read``.

    Raises:
        Refused: ``inspectors.not_allowed``.
    """
    may_manage(by)
    batch = InspectorImport.objects.create(
        county=by.county, file_name=file_name[-200:], made_by=by.person, made_name=by.name, made_at=now
    )
    judged = _judge(rows, by=by, today=day_of(now))
    InspectorImportRow.objects.bulk_create(
        (
            InspectorImportRow(
                batch=batch, number=row.number, cells=dict(row.cells), unread=dict(row.unread), **_found(one)
            )
            for row, one in zip(rows, judged, strict=True)
        ),
        batch_size=200,
    )
    return batch


@transaction.atomic
def look_again(*, batch: InspectorImport, base_version: int, by: Actor, now: datetime) -> None:
    """Judge the same rows by what stands now: somebody was entered or changed meanwhile.

    Raises:
        Refused: ``inspectors.not_allowed``. Conflict: ``table.state``.
    """
    may_manage(by)
    _take(batch, base_version, was=State.LOOKED_AT, becomes=State.LOOKED_AT)
    kept = list(batch.rows.order_by("number"))
    for row, one in zip(kept, _judge(_rows(kept), by=by, today=day_of(now)), strict=True):
        for name, value in _found(one).items():
            setattr(row, name, value)
    fields = ("outcome", "faults", "old", "notes", "inspector", "version_seen")
    InspectorImportRow.objects.bulk_update(kept, fields, batch_size=200)


def _rows(kept: Sequence[InspectorImportRow]) -> list[Row]:
    return [Row(row.number, row.cells, row.unread) for row in kept]


def _found(one: _Judged) -> dict[str, Any]:
    """What a row keeps of how it was judged."""
    return {
        "outcome": one.outcome, "faults": one.faults, "old": one.old, "notes": one.notes, "inspector": one.inspector,
        "version_seen": one.inspector.version if one.inspector else None,
    }  # fmt: skip


def _take(batch: InspectorImport, base_version: int, *, was: str, becomes: str) -> None:
    if not claimed(batch, base_version, {"state": becomes}, state=was):
        raise Conflict(f"这份表现在是“{batch.get_state_display()}”，别人刚刚办过，请看过再办。", code="table.state")


@transaction.atomic
def confirm(*, batch: InspectorImport, base_version: int, by: Actor, now: datetime) -> None:
    """Write the new and the changed rows, each as if done by hand; refused rows stay refused.

    Raises:
        Refused: ``inspectors.not_allowed``.
        Conflict: ``table.state`` confirmed already; ``table.moved`` the register is not any more what the rows were compared
            with; nothing is written.
    """
    may_manage(by)
    _take(batch, base_version, was=State.LOOKED_AT, becomes=State.DONE)
    kept = list(batch.rows.order_by("number"))
    for row, one in zip(kept, _judge(_rows(kept), by=by, today=day_of(now)), strict=True):
        if row.outcome not in (Outcome.NEW, Outcome.CHANGED):
            continue
        found = _found(one)
        if any(found[name] != getattr(row, name) for name in ("outcome", "inspector", "version_seen", "old")):
            raise Conflict(f"核对以后第 {row.number} 行的登记又变了，什么都没有写入。请重新核对。", code="table.moved")
        try:
            _write(row, one, by=by, now=now)
        except Refused as refusal:
            raise Conflict(
                f"第 {row.number} 行：{refusal.message}什么都没有写入，请重新核对。", code="table.moved"
            ) from None
    counts = Counter(row.outcome for row in kept)
    audit.record(
        action="inspectors.imported", subject=batch, by=by, now=now, file_name=batch.file_name,
        summary=f"导入督学名册：新增 {counts['new']}，变更 {counts['changed']}，退回 {counts['refused']}",
        new=counts["new"], changed=counts["changed"], unchanged=counts["unchanged"], refused=counts["refused"],
    )  # fmt: skip


def _write(row: InspectorImportRow, one: _Judged, *, by: Actor, now: datetime) -> None:
    assert one.facts
    inspector = one.inspector
    if inspector is None:
        person = one.person
        if person is None:
            person = people.enter_person(
                name=one.values["name"], phone=one.values.get("phone", ""), by=by, now=now,
                is_example="（示例）" in one.values["name"],
            )  # fmt: skip
            row.made_person = person.pk
        inspector = enter_inspector(person=person, facts=one.facts, by=by, now=now)
    else:
        row.before = _frozen(facts_of(inspector))
        change_inspector(inspector=inspector, base_version=inspector.version, facts=one.facts, by=by, now=now)
    if one.term:
        row.made_term = of_terms.note_term(inspector=inspector, by=by, now=now, **one.term).pk
    row.inspector, row.version_left = inspector, inspector.version
    row.save(update_fields=["inspector", "version_left", "made_person", "made_term", "before"])


def _frozen(facts: Facts) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
    values["work_unit"] = str(facts.work_unit.pk) if facts.work_unit else None
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _thawed(kept: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(kept)
    values["work_unit_id"] = values.pop("work_unit")
    return values


@transaction.atomic
def undo(*, batch: InspectorImport, base_version: int, by: Actor, now: datetime) -> None:
    """Take an import back while nobody built on it: new entries go, with the people entered for them; changed ones are again
    what they were. The rows of the import and the audit keep what had been written.

    Raises:
        Refused: ``inspectors.not_allowed``; ``table.built_on`` somebody changed or used an entry since; nothing is undone.
        Conflict: ``table.state`` undone already.
    """
    may_manage(by)
    _take(batch, base_version, was=State.DONE, becomes=State.UNDONE)
    for row in batch.rows.filter(version_left__isnull=False).select_related("inspector__person").order_by("number"):
        _take_back(row, by=by, now=now)
    audit.record(
        action="inspectors.import_undone", subject=batch, summary=f"撤销导入督学名册：{batch.file_name}", by=by, now=now
    )


def _take_back(row: InspectorImportRow, *, by: Actor, now: datetime) -> None:
    inspector = row.inspector
    moved = Refused(f"第 {row.number} 行的登记此后又办过，不能整批撤销。", code="table.built_on")
    if inspector is None or inspector.version != row.version_left or inspector.absences.exists():
        raise moved
    # The steps of a term go with it; one that was ended since has another version.
    if row.made_term and not Term.objects.filter(pk=row.made_term, version=1).delete()[0]:
        raise moved
    if row.before is not None:
        if not claimed(inspector, inspector.version, _thawed(row.before)):
            raise moved
        return
    try:
        with transaction.atomic():
            Inspector.objects.filter(pk=inspector.pk, version=row.version_left).delete()
    except ProtectedError:
        raise moved from None
    if row.made_person:
        people.take_back_person(person=inspector.person, by=by, now=now)
