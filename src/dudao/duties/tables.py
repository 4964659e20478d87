"""Who is responsible for which school as a table: what Excel and WPS bring. No writing here.

The table that the page of coverage gives out can be changed and brought back: it has the same heads.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from dudao.duties import checking
from dudao.duties.checking import Given
from dudao.duties.coverage import Coverage, Place
from dudao.shell.errors import Refused
from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.texts import bare

_SCHOOL = ("学校(园)", "学校", "学校名称", "单位", "单位名称", "幼儿园", "校(园)名")
_WHO = ("责任督学", "督学", "督学姓名", "责任督学姓名")
_CODE = ("标识码", "学校标识码", "单位标识码", "学校(机构)标识码")
_LIMITS = workbooks.Limits(size=5 * 1024 * 1024, unpacked=100 * 1024 * 1024, cells=200_000)
_HEAD_LINES, _MOST = 20, 2000


@dataclass(frozen=True, slots=True)
class Row:
    """One row as text: its number in the sheet, school, its code, the names."""

    number: int
    school: str
    code: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Looked:
    """What a row would do.

    Attributes:
        outcome: new, changed, unchanged or refused.
        words: why it is refused, or what is only said.
        before: who is responsible now.
    """

    row: Row
    outcome: str
    words: list[str] = field(default_factory=list)
    before: str = ""
    given: list[Given] = field(default_factory=list)


OUTCOMES = {"new": "新安排", "changed": "换人", "unchanged": "不变", "refused": "退回"}


def read(content: bytes, *, name: str = "") -> list[Row]:
    """The rows of the first sheet that has a head for schools and one for inspectors; empty rows are left out.

    Raises:
        Refused: ``table.unreadable``, ``table.header``, ``table.no_rows``, ``table.too_long``.
    """
    try:
        book = workbooks.read(content, name=name, limits=_LIMITS)
    except EngineInputError as error:
        raise Refused(error.message, code="table.unreadable", field="table") from None
    for sheet in book.sheets:
        for at, line in enumerate(sheet.rows[:_HEAD_LINES]):
            heads = [bare(str(cell)) for cell in line]
            where = [next((n for n, head in enumerate(heads) if head in said), None) for said in (_SCHOOL, _WHO, _CODE)]
            if where[1] is not None and (where[0] is not None or where[2] is not None):
                return _rows(sheet.rows[at + 1 :], at + 2, where)
    raise Refused("没有找到表头（要有“学校（园）”和“责任督学”两列）。", code="table.header", field="table")


def _rows(lines: Sequence[Sequence[object]], first: int, where: Sequence[int | None]) -> list[Row]:
    found = []
    for number, line in enumerate(lines, first):
        school, who, code = (
            str(line[at]).strip() if at is not None and at < len(line) and line[at] is not None else "" for at in where
        )
        if school or code:
            found.append(
                Row(number, school, code.removesuffix(".0"), tuple(filter(None, re.split(r"[、，,;；\n]+", who))))
            )
    if not found:
        raise Refused("表头下面没有内容。", code="table.no_rows", field="table")
    if len(found) > _MOST:
        raise Refused(f"一次最多导入 {_MOST} 行，请分开导入。", code="table.too_long", field="table")
    return found


def look_at(rows: Sequence[Row], found: Coverage, *, starts_on: date) -> list[Looked]:
    """What each row would do, and what speaks against it; nothing is written. As many statements as ``checking.check``."""
    schools: dict[str, list[Place]] = {}
    for place in found.places:
        for word in {bare(place.unit.name), bare(place.unit.short_name), bare(place.unit.unit.code)} - {""}:
            schools.setdefault(word, []).append(place)
    people: dict[str, list[UUID]] = {}
    for load in found.loads:
        people.setdefault(bare(load.name), []).append(load.inspector)
    seen: dict[UUID, int] = {}
    looked = [_look(row, schools, people, seen) for row in rows]
    given = [one for line in looked if line.outcome in ("new", "changed") for one in line.given]
    by_unit: dict[UUID, list[checking.Breach]] = {}
    by_inspector: dict[UUID, list[checking.Breach]] = {}
    for breach in checking.check(found.county, given, starts_on=starts_on, today=found.day):
        if breach.unit:
            by_unit.setdefault(breach.unit, []).append(breach)
        elif breach.inspector:
            by_inspector.setdefault(breach.inspector, []).append(breach)
    for line in looked:
        if line.outcome not in ("new", "changed"):
            continue
        against = list(by_unit.get(line.given[0].unit, ()))
        for one in line.given:
            against += by_inspector.get(one.inspector, ())
        line.words = [one.words for one in against]
        if any(one.is_hard for one in against):
            line.outcome = "refused"
    return looked


def _look(
    row: Row, schools: Mapping[str, list[Place]], people: Mapping[str, list[UUID]], seen: dict[UUID, int]
) -> Looked:
    places = (schools.get(bare(row.code), []) if row.code else []) or schools.get(bare(row.school), [])
    if len(places) != 1:
        words = "有几所同名的，请填标识码" if places else "名单上没有这所学校（园）"
        return Looked(row, "refused", [words])
    place = places[0]
    unit, before = place.unit.unit_id, "、".join(one.name for one, _, _ in place.held)
    if unit in seen:
        return Looked(row, "refused", [f"第 {seen[unit]} 行已经写过这所学校（园）"], before)
    seen[unit] = row.number
    if not row.names:
        return Looked(row, "unchanged", ["没有填责任督学，保持现在的安排"], before)
    given, wrong = [], []
    for name in row.names:
        # The table of coverage says what is wrong with somebody behind the name.
        keys = people.get(bare(name)) or people.get(re.sub(r"\([^()]*(\([^()]*\))?[^()]*\)$", "", bare(name)), [])
        if len(keys) == 1:
            given.append(Given(unit, keys[0]))
        else:
            wrong.append(f"名册上有几名{name}，请在页面上安排" if keys else f"在任督学里没有{name}")
    if wrong:
        return Looked(row, "refused", wrong, before)
    same = {one.inspector for one in given} == {one.inspector for one, _, _ in place.held}
    return Looked(row, "unchanged" if same else "changed" if place.held else "new", [], before, given)
