"""Which column of somebody's table is which field of a form, and with what unit.

Proposed from codes, labels and the other heads that fields go by; corrected by people and kept as a ``Profile`` by heads, not by
places, so that next year's table maps although its columns moved. What is not understood and what is missing is said.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Item

from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.workbooks import Book, Sheet
from dudao_engines.standards import tables
from dudao_engines.standards.forms import Field, Form
from dudao_engines.standards.model import Cell, Record
from dudao_engines.standards.tables import Column, Table, bare, key, normal

# Heads of what names a unit and its county.
_CODES = (
    "标识码", "学校标识码", "学校（机构）标识码", "机构标识码", "学校代码", "学校（机构）代码", "机构代码", "单位代码", "单位标识码", "园所代码",
    "幼儿园代码", "幼儿园标识码", "学校编码", "统一标识码", "代码", "编码", "unit", "code",
    "school_code", "kindergarten_code",
)  # fmt: skip
_NAMES = (
    "学校名称", "学校（机构）名称", "机构名称", "单位名称", "幼儿园名称", "园所名称", "名称", "学校", "单位", "幼儿园", "校名", "园名", "填报单位",
    "学校全称", "配套幼儿园名称", "name", "school_name", "kindergarten_name",
)  # fmt: skip
_COUNTY_CODES = ("区县代码", "县代码", "行政区划代码", "县级行政区划代码", "county_code", "county")
_COUNTY_NAMES = (
    "区县名称", "县名称", "县", "区县", "县区", "县（市、区）", "所属区县", "所属县区", "所在区县", "所在县", "所属县", "县名", "行政区划", "county_name",
)  # fmt: skip
_COUNTIES = (*_COUNTY_CODES, *_COUNTY_NAMES)
_VALUES = ("值", "填报值", "数值", "填报数据", "数据", "填报内容", "内容", "value")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Taken(_Strict):
    """What a profile says of one head: the field it is, and what its numbers are multiplied by; no field: left out on purpose."""

    head: str
    code: str = ""
    factor: Annotated[str, Item(pattern=r"^[0-9]{1,9}(/[1-9][0-9]{0,8})?$")] = "1"


class Profile(_Strict):
    """What was once said of a kind of table, and is used again.

    Attributes:
        kind: ``rows``: one unit a line, columns known by their heads; ``cells``: one unit a sheet, cells at fixed addresses.
        form: id of the form.
        columns: by ``tables.normal`` of the head.
        code, name, county: normal heads of the columns that name the unit (``cells``: addresses).
        sheet: the sheet's name, where there are several that look alike; empty: any.
        cells: address by field code.
        factors: by field code, of ``cells``.
    """

    kind: Literal["rows", "cells"] = "rows"
    form: str
    columns: Mapping[str, Taken] = {}
    code: str = ""
    name: str = ""
    county: str = ""
    sheet: str = ""
    cells: Mapping[str, str] = {}
    factors: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Matched:
    """One column of a table.

    Attributes:
        at: which.
        code: the field, or empty where it is not taken.
        factor: what its numbers are multiplied by.
        is_sure: said by a profile, or by a head that is the field's own; otherwise only guessed, and to be confirmed.
        note: what is to be looked at.
    """

    at: int
    head: str
    code: str = ""
    factor: Fraction = Fraction(1)
    is_sure: bool = True
    note: str = ""


@dataclass(frozen=True)
class Mapped:
    """What each column of a table is.

    Attributes:
        code_at, name_at, county_at: columns that name the unit and its county.
        missing: codes of fields asked for that no column gives.
        unknown: heads that are no field.
    """

    form: Form
    columns: Sequence[Matched]
    code_at: int | None = None
    name_at: int | None = None
    county_at: int | None = None

    @cached_property
    def taken(self) -> Sequence[Matched]:
        return [one for one in self.columns if one.code]

    @property
    def missing(self) -> list[Field]:
        codes = {one.code for one in self.columns}
        return [one for one in self.form.fields if one.required and one.code not in codes]

    @property
    def unknown(self) -> list[Matched]:
        keys = {self.code_at, self.name_at, self.county_at}
        return [one for one in self.columns if not one.code and one.head and one.at not in keys]


@dataclass(frozen=True)
class Recognised:
    """A table of a book, and the form it is for."""

    table: Table
    mapping: Mapped

    @property
    def form(self) -> Form:
        return self.mapping.form


# Heads to fields


class Vocabulary:
    """The heads that a form's fields go by."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._exact: dict[str, str] = {}
        loose: dict[str, set[str]] = {}
        for one in form.fields:
            for head in (one.code, one.label, one.head, *one.aliases):
                self._exact.setdefault(normal(head), one.code)
                loose.setdefault(normal(bare(head)), set()).add(one.code)
        # What is left without brackets names a field only where it names no other.
        self._loose = {head: next(iter(codes)) for head, codes in loose.items() if len(codes) == 1 and head}
        self._long = sorted((one for one in self._exact if len(one) >= 5 and not one.isascii()), key=len, reverse=True)

    def code(self, head: str) -> str:
        """The field whose own head this is, or empty."""
        parts = head.split("/")
        said = [head, "".join(parts[-2:]), parts[-1]]
        if len(parts) > 1:
            said += [f"{parts[-1]}({parts[-2]})", f"{parts[-2]}({parts[-1]})", parts[0], *parts[1:-1]]
            without = [one for one in parts if tables.normal(one) not in tables.UNIT_WORDS]
            if len(without) < len(parts) and without:
                said += ["/".join(without), without[-1]]
        for one in said:
            for known in (normal(one), normal(_without_unit(one))):
                if found := self._exact.get(known):
                    return found
        for one in said[:3]:
            if found := self._loose.get(normal(bare(one))):
                return found
        return ""

    def guess(self, head: str, taken: Iterable[str]) -> str:
        """The field whose head stands in this one, where none does by itself: to be confirmed."""
        said, gone = normal(_without_unit(head.rsplit("/", 1)[-1])), set(taken)
        return next((self._exact[one] for one in self._long if one in said and self._exact[one] not in gone), "")


def _without_unit(head: str) -> str:
    unit = tables.unit_of(head)
    if not unit:
        return head
    return re.sub(rf"[(\[【](?:单位[:：])?{re.escape(unit)}[)\]】]", "", unicodedata.normalize("NFKC", head))


def _first(heads: Sequence[str], known: Sequence[str]) -> int | None:
    wanted = {normal(one): rank for rank, one in enumerate(known)}
    best: tuple[int, int] | None = None
    for at, head in enumerate(heads):
        for said in {head, head.rsplit("/", 1)[-1], head.split("/", 1)[0]}:
            rank = wanted.get(normal(said))
            if rank is not None and (best is None or rank < best[0]):
                best = rank, at
    return best[1] if best else None


def propose(heads: Sequence[str], vocabulary: Vocabulary, profile: Profile | None = None) -> Mapped:
    """What the columns of a table are, by a profile first, then by the fields' own heads, then by guess.

    Args:
        heads: of the table, in their order.
        vocabulary: of the form.
        profile: what was said of such a table before.
    """
    form = vocabulary.form
    found: list[Matched | None] = [None] * len(heads)
    taken: set[str] = set()

    def give(at: int, code: str, factor: Fraction | None = None, *, sure: bool, note: str = "") -> None:
        if found[at] is not None or code in taken or (item := form.get(code)) is None:
            return
        by = tables.factor(heads[at], item) if factor is None else factor
        if by is None:
            note = f"表头的单位是{tables.unit_of(heads[at])}，这一项应为{item.unit}"
        elif by != 1 and factor is None:
            note = note or f"由{tables.unit_of(heads[at])}换算为{item.unit}"
        found[at] = Matched(at, heads[at], code, by or Fraction(1), sure and by is not None, note)
        taken.add(code)

    if profile:
        for at, head in enumerate(heads):
            if (said := profile.columns.get(normal(head))) is not None:
                if said.code:
                    give(at, said.code, Fraction(said.factor), sure=True)
                else:
                    found[at] = Matched(at, head)
    for at, head in enumerate(heads):
        if head and (code := vocabulary.code(head)):
            again = code in taken and found[at] is None
            give(at, code, sure=True)
            if again:
                found[at] = Matched(at, head, is_sure=False, note=f"也像“{form.field(code).label}”，已取前面一列")
    keys = _named_by(heads, form, profile)
    county = _key(heads, _COUNTIES, profile.county if profile else "") if form.level != "county" else None
    for at, head in enumerate(heads):
        if head and found[at] is None and at not in (*keys, county) and (code := vocabulary.guess(head, taken)):
            give(at, code, sure=False, note="按相近的表头猜的，请核对")
    columns = [one or Matched(at, heads[at]) for at, one in enumerate(found)]
    return Mapped(form, columns, keys[0], keys[1], county)


def _named_by(heads: Sequence[str], form: Form, profile: Profile | None) -> tuple[int | None, int | None]:
    """The columns that name the unit: its code and its name."""
    codes, names = (_COUNTY_CODES, _COUNTY_NAMES) if form.level == "county" else (_CODES, _NAMES)
    return _key(heads, codes, profile.code if profile else ""), _key(heads, names, profile.name if profile else "")


def _key(heads: Sequence[str], known: Sequence[str], said: str) -> int | None:
    if said:
        for at, head in enumerate(heads):
            if normal(head) == said:
                return at
    return _first(heads, known)


def kept(mapping: Mapped, *, sheet: str = "") -> Profile:
    """A mapping as a profile that finds it again by heads."""

    def head(at: int | None) -> str:
        return normal(mapping.columns[at].head) if at is not None else ""

    return Profile(
        form=mapping.form.id,
        columns={
            normal(one.head): Taken(head=one.head, code=one.code, factor=str(one.factor))
            for one in reversed(mapping.columns)
            if normal(one.head)
        },
        code=head(mapping.code_at),
        name=head(mapping.name_at),
        county=head(mapping.county_at),
        sheet=sheet,
    )


# Tables in books


def recognise(book: Book, forms: Iterable[Form], profile: Profile | None = None) -> tuple[list[Recognised], list[str]]:
    """The tables of a book that are for one of the forms, and what was passed over and why.

    Args:
        book: as read.
        forms: those that may be meant; each sheet goes to the one whose fields it names most.
        profile: what was said of such a table before; then only its form is looked for.

    Returns:
        Tables in the order of the sheets, and notes for people.
    """
    known = [Vocabulary(one) for one in forms if profile is None or one.id == profile.form]
    found: list[Recognised] = []
    notes: list[str] = []
    sheets = book.sheets
    if profile and profile.kind == "rows" and profile.sheet:
        # Where the sheet goes by another name now, all are looked at.
        sheets = [one for one in sheets if normal(one.name) == normal(profile.sheet)] or sheets
    for sheet in sheets:
        if profile and profile.kind == "cells":
            if not profile.sheet or re.fullmatch(profile.sheet.replace("*", ".*"), sheet.name):
                found += _fixed(sheet, book, known, profile, notes)
            continue
        if sheet.is_hidden:
            notes.append(f"工作表“{sheet.name}”是隐藏的，没有读取")
            continue
        best = max((_best(sheet, book.name, one, profile) for one in known), key=_score, default=None)
        if best is None or not _score(best):
            notes.append(f"工作表“{sheet.name}”里没有找到认得的表头")
        else:
            found.append(best)
    return found, notes


def _score(one: Recognised | None) -> int:
    if one is None:
        return 0
    sure = sum(1 for column in one.mapping.taken if column.is_sure)
    has_key = one.mapping.code_at is not None or one.mapping.name_at is not None or bool(one.table.addresses)
    # A county's own table may name nobody.
    has_key = has_key or one.form.level == "county"
    # One field's head beside a name happens by chance.
    return 10 * sure + has_key if has_key and sure >= 2 else 0


def _best(sheet: Sheet, book: str, vocabulary: Vocabulary, profile: Profile | None) -> Recognised | None:
    best: tuple[int, int, int] = (0, 0, 0)
    for start in range(min(tables.HEAD_LINES, len(sheet.rows))):
        if not tables.is_head_line(sheet.rows[start]):
            continue
        for depth in range(1, tables.DEEPEST + 1):
            end = start + depth
            if end > len(sheet.rows) or (depth > 1 and not tables.is_head_line(sheet.rows[end - 1])):
                break
            heads = workbooks.joined(workbooks.spread(sheet.rows[:end], sheet.merged, end)[start:])
            codes = {vocabulary.code(head) or _said(head, profile) for head in heads if head} - {""}
            keys = sum(at is not None for at in _named_by(heads, vocabulary.form, profile))
            score = 4 * len(codes) + keys
            if (score, -depth) > (best[0], -best[2]):
                best = score, start, depth
    upright = _upright(sheet, vocabulary, book)
    if best[0] < 9:
        return upright
    _, start, depth = best
    end = start + depth
    heads = workbooks.joined(workbooks.spread(sheet.rows[:end], sheet.merged, end)[start:])
    mapping = propose(heads, vocabulary, profile)
    keys_at = [at for at in (mapping.code_at, mapping.name_at) if at is not None]
    along = Recognised(tables.along(sheet, book, start, depth, keys_at), mapping)
    return upright if upright and len(upright.mapping.taken) > len(mapping.taken) else along


def _said(head: str, profile: Profile | None) -> str:
    said = profile.columns.get(normal(head)) if profile else None
    return said.code if said else ""


def _upright(sheet: Sheet, vocabulary: Vocabulary, book: str) -> Recognised | None:
    """A form written downwards: a column of items, and beside it one of values."""
    rows = sheet.rows[:400]
    wide = max((len(row) for row in rows[:60]), default=0)
    best: tuple[int, int, list[int]] = (0, 0, [])
    for column in range(min(wide, 6)):
        lines = [
            at
            for at, row in enumerate(rows)
            if column < len(row) and isinstance(row[column], str) and row[column] and vocabulary.code(str(row[column]))
        ]
        if len(lines) > best[0]:
            best = len(lines), column, lines
    count, labels, lines = best
    if count < 3:
        return None
    values = _values_beside(rows, labels, lines)
    if values is None:
        return None
    table = tables.downwards(sheet, book, labels, values, lines)
    return Recognised(table, propose(table.heads, vocabulary))


def _values_beside(rows: Sequence[Sequence[object]], labels: int, lines: Sequence[int]) -> int | None:
    """The column of values: by its head, else the first to the right that holds a number or 是/否 beside some item."""
    wanted = {normal(one) for one in _VALUES}
    for row in rows[: lines[0]]:
        for at, said in enumerate(row):
            if at > labels and isinstance(said, str) and normal(said) in wanted:
                return at
    for at in range(labels + 1, labels + 6):
        if any(at < len(rows[line]) and isinstance(rows[line][at], int | float) for line in lines):
            return at
    return None


def _fixed(
    sheet: Sheet, book: Book, known: Sequence[Vocabulary], profile: Profile, notes: list[str]
) -> list[Recognised]:
    if not known or sheet.is_hidden:
        return []
    form = known[0].form
    named = {
        head: at for head, at in (("@code", profile.code), ("@name", profile.name), ("@county", profile.county)) if at
    }
    cells = {code: at for code, at in profile.cells.items() if form.get(code)}
    try:
        table = tables.at_cells(sheet, book.name, named | cells)
    except ValueError as error:
        raise EngineInputError("mapping.address", f"“{error}”不是单元格地址，请写成 C9 这样。") from None
    if all(column[0] == "" for column in table.columns):
        notes.append(f"工作表“{sheet.name}”的这些单元格都是空的，没有读取")
        return []
    columns = [
        Matched(at, head, "" if head.startswith("@") else head, Fraction(profile.factors.get(head, "1")))
        for at, head in enumerate(table.heads)
    ]
    at = {head: position for position, head in enumerate(table.heads)}
    return [Recognised(table, Mapped(form, columns, at.get("@code"), at.get("@name"), at.get("@county")))]


# Rows of units


@dataclass(frozen=True, slots=True)
class Read:
    """A table read: its units line by line, its fields column by column.

    Attributes:
        codes, names, counties: of each line's unit, as text; empty where the table does not say.
        columns: by field code.
        at: the column of each field in the table.
        refused: lines that cannot be taken, and why.
    """

    table: Table
    form: Form
    codes: Sequence[str]
    names: Sequence[str]
    counties: Sequence[str]
    columns: Mapping[str, Column]
    at: Mapping[str, int]
    refused: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.table.rows)

    def cell(self, code: str, line: int) -> Cell:
        return tables.cell(self.table, self.at[code], line, self.columns[code], self.form.field(code))

    def raw(self, code: str, line: int) -> str:
        return tables.words(self.table.columns[self.at[code]][line])

    def place(self, code: str, line: int) -> str:
        return self.table.address(line, self.at[code])

    def records(self) -> list[Record]:
        """The lines that are not refused, as the engine takes them."""
        return [
            Record(
                self.codes[line] or self.names[line],
                self.names[line],
                self.counties[line],
                {code: self.cell(code, line) for code in self.columns},
            )
            for line in range(len(self))
            if line not in self.refused
        ]


def read(found: Recognised) -> Read:
    """All cells of a table as the form wants them. A unit that stands on two lines is refused on both."""
    table, mapping = found.table, found.mapping
    codes = _texts(table, mapping.code_at, as_code=True)
    names = _texts(table, mapping.name_at)
    counties = _texts(table, mapping.county_at)
    columns = {
        one.code: tables.column(table, one.at, mapping.form.field(one.code), one.factor) for one in mapping.taken
    }
    refused: dict[int, str] = {}
    if mapping.code_at is not None or mapping.name_at is not None:
        for line, (code, name) in enumerate(zip(codes, names, strict=True)):
            if not code and not name:
                lost = mapping.code_at is not None and table.columns[mapping.code_at][line] != ""
                refused[line] = (
                    "代码超过 15 位，Excel 已丢掉后面的数字，请设为文本格式重填" if lost else "没有写是哪个单位"
                )
    unnamed = [one if not codes[line] else "" for line, one in enumerate(names)]
    for keys, what in ((codes, "代码"), (unnamed, "名称")):
        for said, lines in tables.doubled(keys).items():
            numbers = "、".join(str(table.rows[line]) for line in lines[:5])
            for line in lines:
                refused[line] = (
                    f"{what}“{said}”在第 {numbers} 行{'等' if len(lines) > 5 else ''}重复，不知道以哪一行为准"
                )
    return Read(
        table, mapping.form, codes, names, counties, columns, {one.code: one.at for one in mapping.taken}, refused
    )


def _texts(table: Table, at: int | None, *, as_code: bool = False) -> list[str]:
    if at is None:
        return [""] * len(table.rows)
    cells = table.columns[at]
    known = {one: key(one) if as_code else " ".join(tables.words(one).split()) for one in set(cells)}
    return [known[one] for one in cells]
