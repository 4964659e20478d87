"""Lines of a table beside what is known: whose each is, and what each cell would do. Columns at a time; no database here.

A part holds up to 2000 lines as they were read, ready to be kept; nothing of it is written anywhere before somebody confirms.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from dudao_engines.kernel import workbooks
from dudao_engines.standards.mapping import Read
from dudao_engines.standards.tables import normal

#: Lines in one part.
LINES = 2000
#: Between the values of a column; no value has it (``reading`` refuses control characters).
BETWEEN = "\x7f"
#: So many names that are not known are compared with those that are.
HINTS = 30
#: Outcomes of cells: to be written where nothing stands; in the place of another value; as it stands; what the school typed itself
#: and is left; what cannot be read.
NEW, CHANGED, SAME, KEPT, REFUSED = "new", "changed", "same", "kept", "refused"
OUTCOMES: Mapping[str, str] = {NEW: "新增", CHANGED: "变更", SAME: "未变", KEPT: "学校自填，保留", REFUSED: "退回"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in a cell: its value, its version, and whether the unit typed it itself."""

    value: str
    version: int = 0
    is_typed: bool = False
    raw: str = ""


@dataclass(slots=True)
class Known:
    """What lines are compared with.

    Attributes:
        codes: units by 标识码; names: by every name they bear or bore.
        called: keys of units whose return may be written, and of others why not.
        titles: what each unit is called.
        cells: by unit and code, what stands there.
        county: what the county is called and its codes, as ``normal``.
    """

    codes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, set[str]] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, Standing]] = field(default_factory=dict)
    county: frozenset[str] = frozenset()


@dataclass(slots=True)
class Staged:
    """What a table comes to.

    Attributes:
        parts: each to be kept as JSON.
        counts: cells by outcome; ``rows``, ``refused_rows``, ``units``.
        strangers: lines whose unit the county's register does not have, or that say another county.
        taken: keys of units with a line.
    """

    parts: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    strangers: int = 0
    taken: set[str] = field(default_factory=set)


def stage(read: Read, known: Known, taken: set[str] | None = None) -> Staged:
    """Every line and cell of a table judged.

    Args:
        taken: keys of units that another table of the same file had already; a second line of theirs is refused.
    """
    found = Staged(taken=taken if taken is not None else set())
    units, refused = _units(read, known, found)
    for start in range(0, len(read), LINES):
        found.parts.append(_part(read, known, units, refused, start, min(start + LINES, len(read)), found.counts))
    found.counts["rows"] += len(read)
    found.counts["refused_rows"] += len(refused)
    found.counts["units"] += len(read) - len(refused)
    return found


def written(part: Mapping[str, Any]) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"))


def _units(read: Read, known: Known, found: Staged) -> tuple[list[str], dict[int, str]]:
    refused = dict(read.refused)
    units = [known.codes.get(code, "") for code in read.codes]
    others = {said: why for said in set(read.counties) if said and (why := _other_county(said, known.county))}
    one_only = next(iter(known.called)) if len(known.called) == 1 and read.form.level == "county" else ""
    for line, unit in enumerate(units):
        if line in refused:
            continue
        if others and (why := others.get(read.counties[line], "")):
            refused[line], found.strangers = why, found.strangers + 1
            continue
        if not unit:
            hints = found.strangers < HINTS
            unit, why = (one_only, "") if one_only else _by_name(read.codes[line], read.names[line], known, hints=hints)
            if why:
                refused[line], found.strangers = why, found.strangers + 1
                continue
            units[line] = unit
        elif read.names[line] and (why := _other_name(unit, read.names[line], known)):
            refused[line] = why
            continue
        if (why := known.called.get(unit, "名册里有，但不在这次填报的范围")) != "":
            refused[line] = why
        elif unit in found.taken:
            refused[line] = "这个单位在文件里的另一张表或另一行已经有了"
        else:
            found.taken.add(unit)
    return units, refused


def _other_county(said: str, county: frozenset[str]) -> str:
    word = normal(said)
    if (
        not county
        or word in county
        or (word.isdecimal() and any(one.isdecimal() and word.startswith(one) for one in county))
    ):
        return ""
    return f"这一行写的是“{said}”，不是本县"


def _by_name(code: str, name: str, known: Known, *, hints: bool) -> tuple[str, str]:
    """The unit of a line whose code is unknown or left out: by its whole name. Returns its key, or why there is none."""
    found = known.names.get(normal(name), set()) if name else set()
    if len(found) == 1:
        return next(iter(found)), ""
    if len(found) > 1:
        return "", f"名册里有 {len(found)} 个单位叫“{name}”，请填标识码"
    said = "、".join(filter(None, (code, name)))
    near = get_close_matches(normal(name), known.names, n=1, cutoff=0.75) if name and hints else []
    hint = f"，是不是“{near[0]}”" if near else ""
    return "", f"单位名册里没有“{said}”{hint}"


def _other_name(unit: str, name: str, known: Known) -> str:
    """A code of one unit beside the name of another."""
    if known.titles.get(unit) == name:
        return ""
    named = known.names.get(normal(name), set())
    if not named or unit in named:
        return ""
    return f"代码是“{known.titles.get(unit, '')}”的，名称写的是“{name}”，请核对"


def _part(
    read: Read,
    known: Known,
    units: Sequence[str],
    refused: Mapping[int, str],
    start: int,
    end: int,
    counts: Counter[str],
) -> dict[str, Any]:
    fields = []
    lines = [line for line in range(start, end) if line not in refused]
    standing = [line for line in lines if units[line] in known.cells]
    # Whole columns are copied; only what differs from "new" is said line by line.
    skipped = {line for line in range(start, end) if line in refused}
    for code, column in read.columns.items():
        values = column.values[start:end]
        problems = (
            {line - start: why for line, why in column.problems.items() if start <= line < end and line not in skipped}
            if column.problems
            else {}
        )
        # One long text is written and read several times faster than as many short ones.
        one: dict[str, Any] = {"code": code, "at": _at(read, code), "values": BETWEEN.join(values)}
        filled = len(values) - values.count("")
        filled -= sum(1 for line in skipped if values[line - start] != "")
        told: dict[str, dict[int, Any]] = {CHANGED: {}, SAME: {}, KEPT: {}}
        for line in standing:
            value, before = values[line - start], known.cells[units[line]].get(code)
            if value == "" or before is None:
                continue
            if before.value == value:
                told[SAME][line - start] = before.version
            elif before.is_typed:
                told[KEPT][line - start] = [before.raw or before.value, before.version]
            else:
                told[CHANGED][line - start] = [before.raw or before.value, before.version]
        one |= {outcome: cells for outcome, cells in told.items() if cells}
        if problems:
            one[REFUSED] = problems
            raws = {line: read.raw(code, line + start)[:400] for line in problems}
            one["raws"] = raws
        differ = sum(len(cells) for cells in told.values())
        for outcome, cells in told.items():
            counts[outcome] += len(cells)
        counts[REFUSED] += len(problems)
        counts[NEW] += filled - differ
        fields.append(one)
    return {
        "sheet": read.table.sheet[:60],
        "rows": list(read.table.rows[start:end]),
        "units": list(units[start:end]),
        "names": [name or code for name, code in zip(read.names[start:end], read.codes[start:end], strict=True)],
        "refused": {line - start: why for line, why in refused.items() if start <= line < end},
        "fields": fields,
    }


def _at(read: Read, code: str) -> str:
    """Letters of the column, or the address where there is but one cell."""
    at = read.at[code]
    return read.table.addresses[at] if read.table.addresses else workbooks.letters(at)


# Parts that were kept


@dataclass(frozen=True, slots=True)
class Line:
    """One kept line. ``unit`` is a key, or empty; ``why`` says why it was refused."""

    sheet: str
    row: int
    unit: str
    name: str
    why: str
    at: int
    part: Mapping[str, Any] = field(repr=False)

    def cells(self) -> Iterator["Kept"]:
        """Its cells that say something."""
        key = str(self.at)
        for one in self.part["fields"]:
            value = one["values"][self.at]
            place = one["at"] if any(sign.isdigit() for sign in one["at"]) else f"{one['at']}{self.row}"
            if key in one.get(REFUSED, {}):
                yield Kept(one["code"], one["raws"].get(key, ""), "", REFUSED, place, one[REFUSED][key])
                continue
            if value == "":
                continue
            if key in one.get(SAME, {}):
                yield Kept(one["code"], value, value, SAME, place, version=one[SAME][key])
                continue
            for outcome in (CHANGED, KEPT):
                if key in one.get(outcome, {}):
                    before, version = one[outcome][key]
                    yield Kept(one["code"], value, value, outcome, place, before=before, version=version)
                    break
            else:
                yield Kept(one["code"], value, value, NEW, place)


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept cell: what it says, what it would do, its address, what stood there."""

    code: str
    raw: str
    value: str
    outcome: str
    place: str
    why: str = ""
    before: str = ""
    version: int = 0


def lines(content: str) -> Iterator[Line]:
    """The lines of a part as it was kept."""
    part = json.loads(content)
    for one in part["fields"]:
        one["values"] = one["values"].split(BETWEEN)
    for at, row in enumerate(part["rows"]):
        yield Line(part["sheet"], row, part["units"][at], part["names"][at], part["refused"].get(str(at), ""), at, part)


def unit_key(line: Line) -> UUID | None:
    return UUID(line.unit) if line.unit else None
