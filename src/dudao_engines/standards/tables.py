"""Finding the table of a form in a sheet as people make them, and reading it column by column.

A title above, heads of two or three lines, merged cells, a line of column numbers under the heads, totals, notes below, or the
form written downwards with one item a line. Everything keeps its address, so that whatever is said of a cell names it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise, zip_longest
from typing import cast

from dudao_engines.kernel import workbooks
from dudao_engines.kernel.workbooks import Sheet, Value
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field
from dudao_engines.standards.model import Cell

#: Lines in which heads are looked for, and of how many lines heads may be.
HEAD_LINES, DEEPEST = 30, 4
#: So many contents are looked for one by one; more in one walk.
_FEW = 20
#: So many cells tell whether a column's contents are nearly all different.
_PROBE = 500
#: From here on a number in a cell has lost digits before we see it (IEEE 754: 2**53 has 16 digits).
EXACT = 10**15


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a sheet, column by column.

    Attributes:
        book, sheet: where it stands.
        head_rows: first and last line of the heads, from 1.
        heads: of each column, one line; of heads in several lines the parts joined by ``/``.
        columns: the cells under each head, all of the same length.
        rows: number in the sheet of each line, from 1.
        addresses: where the form is written downwards or its cells stand anywhere: the address of each column's one cell.
        faults: by (row, column) of the sheet from 0, why a cell could not be read.
        dropped: lines left out, by number, and why: totals, notes, column numbers.
        notes: what was noticed of the whole table.
        is_hidden: on a hidden sheet.
    """

    book: str
    sheet: str
    head_rows: tuple[int, int]
    heads: Sequence[str]
    columns: Sequence[Sequence[Value]]
    rows: Sequence[int]
    addresses: Sequence[str] = ()
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)
    dropped: Sequence[tuple[int, str]] = ()
    notes: Sequence[str] = ()
    is_hidden: bool = False

    def address(self, line: int, at: int) -> str:
        """The address of a cell by its line and column: ``C9``."""
        return self.addresses[at] if self.addresses else workbooks.address(self.rows[line] - 1, at)

    def where(self, line: int, at: int) -> str:
        """The place of a cell in full: ``学校.xlsx · 学校!C9``."""
        return f"{self.book} · {self.sheet}!{self.address(line, at)}"

    def samples(self, at: int, count: int = 3) -> list[str]:
        """The first different things that stand under a head."""
        found: dict[str, None] = {}
        for value in self.columns[at]:
            if value != "" and (said := words(value)):
                found[said] = None
                if len(found) == count:
                    break
        return list(found)


# Heads and words


@lru_cache(maxsize=20_000)
def normal(head: str) -> str:
    """A head as it is compared: full-width made half, without blanks and signs; brackets stay."""
    said = unicodedata.normalize("NFKC", head).lower()
    said = re.sub(r"^\s*(?:其中[:：]?)?\s*(?:\([0-9]{1,3}\)|[0-9]{1,3}[.、:．)])?\s*", "", said)
    return re.sub(r"[\s:：、，,。.·*＊/\\\-—_~～'\"“”]+", "", said)


def bare(head: str) -> str:
    """A head without what stands in brackets."""
    said = unicodedata.normalize("NFKC", head)
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】", "", said)


def words(value: Value) -> str:
    """A cell as text: whole numbers without ``.0``, days as 2024-03-05."""
    if isinstance(value, str):
        return value.replace("\x00", "").replace("_x000D_", "").strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")[:16].removesuffix(" 00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def key(value: Value) -> str:
    """A code of a unit as text; full-width digits are read, an apostrophe before it is dropped."""
    if isinstance(value, float) and abs(value) >= EXACT:
        return ""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", words(value))).lstrip("'’‘`")


_TOTALS = re.compile(
    r"^(?:全县|全市|全区|本县)?(?:合计|总计|小计|累计|共计|计|平均|平均数|平均值)(?:\(.*\))?$|^全县$|^.{0,12}(?:合计|小计|总计)$"
)
_NOTES = re.compile(
    r"^(?:注|说明|备注|填表|填报|制表|审核|复核|单位负责人|负责人|统计负责人|联系|日期|报出|报送)(?:人|单位|说明|日期|时间|电话|[:：0-9(])"
)
_ORDINALS = frozenset("甲乙丙丁戊己庚辛壬癸")


def is_total(value: Value) -> bool:
    return isinstance(value, str) and bool(_TOTALS.match(normal(value)))


def _is_note(row: Sequence[Value]) -> bool:
    said = [one for one in row if one != "" and words(one)]
    return (
        bool(said)
        and isinstance(said[0], str)
        and (bool(_NOTES.match(said[0].strip())) or (len(said) == 1 and len(said[0]) > 12))
    )


def _is_numbering(row: Sequence[Value]) -> bool:
    """A line of column numbers under the heads: 甲 乙 1 2 3 …"""
    said = [words(one) for one in row if one != "" and words(one)]
    numbers = [int(one) for one in said if one.isdecimal() and len(one) < 4]
    return (
        len(said) > 2
        and len(numbers) + sum(one in _ORDINALS for one in said) == len(said)
        and len(numbers) > 1
        and all(b - a == 1 for a, b in pairwise(numbers))
    )


def is_head_line(row: Sequence[Value]) -> bool:
    """Whether a line can belong to heads: words only, none of them long; numbers only as a line of column numbers."""
    said = [one for one in row if one != "" and one is not None]
    return bool(said) and all(isinstance(one, str) and len(one) <= 60 for one in said)


# Tables out of sheets


def along(sheet: Sheet, book: str, start: int, depth: int, keys: Sequence[int]) -> Table:
    """The table under heads that begin at line ``start`` (from 0) and are ``depth`` lines deep.

    Args:
        keys: columns that name the unit; a merged cell there names all its lines. Elsewhere one number for several units cannot be
            told apart, and is a fault.
    """
    end = start + depth
    head = workbooks.spread(sheet.rows[:end], sheet.merged, end)[start:]
    heads = workbooks.joined(head)
    faults = dict(sheet.faults)
    body: Sequence[Sequence[Value]] = sheet.rows[end:]
    merged = [one for one in sheet.merged if one[1][0] >= end and one[1][0] > one[0][0]]
    if merged:
        changed = [list(row) for row in body]
        for (top, left), (bottom, right) in merged:
            for column in range(left, right + 1):
                for at in range(max(top, end), min(bottom, len(sheet.rows) - 1) + 1):
                    if column >= len(changed[at - end]):
                        continue
                    if column == left and column in keys:
                        changed[at - end][column] = sheet.rows[top][left]
                    else:
                        faults[at, column] = f"与第 {top + 1}—{bottom + 1} 行合并在一格，分不清属于哪个单位"
        body = changed
    rows, kept, dropped = _lines(body, list(keys) or [0], end)
    wide = len(heads)
    turned = list(zip_longest(*kept, fillvalue="")) if kept else []
    empty: tuple[Value, ...] = ("",) * len(rows)
    columns = [turned[at] if at < len(turned) else empty for at in range(wide)]
    where = (start + 1, end)
    return Table(
        book, sheet.name, where, heads, columns, rows, (), faults, dropped, _above(sheet, start), sheet.is_hidden
    )


def _lines(
    body: Sequence[Sequence[Value]], keys: Sequence[int], end: int
) -> tuple[list[int], list[Sequence[Value]], list[tuple[int, str]]]:
    """The lines of units with their numbers, and those left out and why. ``end`` lines stand above the body.

    Lines with a code and a name are taken without a look at their other cells: there may be tens of thousands.
    """
    rows: list[int] = []
    kept: list[Sequence[Value]] = []
    dropped: list[tuple[int, str]] = []
    named = [[row[at] if at < len(row) else "" for row in body] for at in keys]
    doubtful = [{one for one in set(cells) if not _is_plain(one)} for cells in named]
    is_named = [
        all(one not in of for one, of in zip(cells, doubtful, strict=True)) for cells in zip(*named, strict=True)
    ]
    for number, (row, plain) in enumerate(zip(body, is_named, strict=True), end + 1):
        if plain and number > end + 3:
            rows.append(number)
            kept.append(row)
            continue
        if not any(one != "" and (not isinstance(one, str) or one.strip()) for one in row):
            continue
        if number <= end + 3 and _is_numbering(row):
            dropped.append((number, "栏次"))
        elif any(is_total(one) for one in row[: max(keys) + 3]):
            dropped.append((number, "合计行"))
        elif _is_note(row):
            dropped.append((number, "表下的说明"))
        else:
            rows.append(number)
            kept.append(row)
    return rows, kept, dropped


def _is_plain(value: Value) -> bool:
    """Whether a cell names a unit without any doubt that its line is one of a unit."""
    if isinstance(value, str):
        return value != "" and not value.isspace() and "计" not in value and "均" not in value and "全" not in value
    return True


def _above(sheet: Sheet, start: int) -> list[str]:
    """What stands over the heads and concerns all numbers: a unit."""
    notes = []
    for row in sheet.rows[:start]:
        for value in row:
            if isinstance(value, str) and (found := re.search(r"单位[:：]\s*([^\s、，,；;）)]{1,8})", value)):
                notes.append(f"表头上方写着“单位：{found[1]}”，请核对各列的单位")
    return notes[:3]


def downwards(sheet: Sheet, book: str, labels: int, values: int, lines: Sequence[int]) -> Table:
    """A form written downwards, one item a line, as a table of one line.

    Args:
        labels, values: the columns of items and of their values.
        lines: the lines taken, from 0.
    """
    heads = [words(sheet.rows[at][labels]) for at in lines]
    columns = [(sheet.rows[at][values] if values < len(sheet.rows[at]) else "",) for at in lines]
    addresses = [workbooks.address(at, values) for at in lines]
    return Table(
        book,
        sheet.name,
        (lines[0] + 1, lines[0] + 1),
        heads,
        columns,
        [lines[0] + 1],
        addresses,
        sheet.faults,
        (),
        (),
        sheet.is_hidden,
    )


def at_cells(sheet: Sheet, book: str, cells: Mapping[str, str]) -> Table:
    """Cells at fixed addresses, as a table of one line whose heads are the codes they are for.

    Args:
        cells: address by code.
    """
    heads, columns, addresses = [], [], []
    for code, address in cells.items():
        row, column = workbooks.place(address)
        heads.append(code)
        value: Value = ""
        if row < len(sheet.rows) and column < len(sheet.rows[row]):
            value = sheet.rows[row][column]
        columns.append((value,))
        addresses.append(address)
    return Table(book, sheet.name, (1, 1), heads, columns, [1], addresses, sheet.faults, (), (), sheet.is_hidden)


# Units of measure

#: What a unit is a multiple of, and how much of it: 1 亩 = 2000/3 平方米.
_UNITS: Mapping[str, tuple[str, Fraction]] = {
    **{name: ("元", Fraction(n)) for name, n in {"元": 1, "百元": 100, "千元": 1000, "万元": 10_000, "百万元": 10**6, "亿元": 10**8}.items()},
    **{name: ("平方米", Fraction(1)) for name in ("平方米", "㎡", "m2", "m²", "平米", "平方")},
    "亩": ("平方米", Fraction(2000, 3)), "公顷": ("平方米", Fraction(10_000)),
    **{name: ("人", Fraction(n)) for name, n in {"人": 1, "名": 1, "万人": 10_000}.items()},
    **{name: ("个", Fraction(1)) for name in ("个", "间", "所", "班", "台", "册", "件", "套", "份")},
    "%": ("%", Fraction(1)), "％": ("%", Fraction(1)), "百分比": ("%", Fraction(1)),
}  # fmt: skip

#: Units as lines of heads.
UNIT_WORDS = frozenset(normal(one) for one in _UNITS)


def unit_of(head: str) -> str:
    """The unit that a head names: in its last brackets, or as a line of its own; empty where it names none."""
    said = unicodedata.normalize("NFKC", head)
    for part in reversed(said.split("/")):
        inside = re.findall(r"[(\[【]([^()\[\]【】]*)[)\]】]", part)
        for one in (*reversed(inside), part):
            one = re.sub(r"^单位[:：]", "", one.strip())
            if one in _UNITS:
                return one
    return ""


def factor(head: str, field: Field) -> Fraction | None:
    """What a column's numbers are multiplied by to be in the field's unit: 1/10000 from 元 to 万元.

    Returns:
        1 where the head names no unit; None where it names one of another kind.
    """
    named, wanted = unit_of(head), unicodedata.normalize("NFKC", field.unit)
    if not field.is_number or not named or named == wanted or wanted not in _UNITS:
        return Fraction(1)
    (kind, much), (other, base) = _UNITS[named], _UNITS[wanted]
    if kind != other:
        return Fraction(1) if {kind, other} <= {"人", "个"} else None
    return much / base


# Columns of values


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one field.

    Attributes:
        values: as read, in one writing (``reading.stored``); empty where there is none.
        problems: by line, why there is no value, or what is wrong with it.
    """

    values: Sequence[str]
    problems: Mapping[int, str]


def column(table: Table, at: int, field: Field, by: Fraction = Fraction(1)) -> Column:
    """One column read as a field: every different content once, however many lines there are.

    Args:
        by: what numbers are multiplied by (``factor``); the product is rounded once, half up, to the field's decimals.
    """
    cells = table.columns[at]
    values: list[str] | None = None
    bad: dict[Value, str] = {}
    if by == 1 and field.kind == "dec" and len(set(cells[:_PROBE])) * 2 > len(cells[:_PROBE]):
        values = _decimals(cells, field)
    if values is None:
        read = _Known(field, by, bad)
        values = list(map(read.__getitem__, cells))
        if (1 in read or 0 in read) and bool in set(map(type, cells)):
            # True and 1.0 were one key.
            cells = [words(one) if isinstance(one, bool) else one for one in cells]
            bad.clear()
            values = list(map(_Known(field, by, bad).__getitem__, cells))
    if len(bad) <= _FEW:
        problems = {line: why for one, why in bad.items() for line in _where(cells, one)}
    else:
        problems = {line: bad[one] for line, one in enumerate(cells) if one in bad}
    for (row, column), why in table.faults.items():
        line = _line(table, row, column, at)
        if line is not None:
            values[line], problems[line] = "", why
    return Column(values, problems)


def _line(table: Table, row: int, column: int, at: int) -> int | None:
    if table.addresses:
        return 0 if table.addresses[at] == workbooks.address(row, column) else None
    if column != at or not table.rows or not table.rows[0] <= row + 1 <= table.rows[-1]:
        return None
    try:
        return table.rows.index(row + 1)
    except ValueError:
        return None


def _given(value: Value) -> str | float | int | None:
    if isinstance(value, str):
        return words(value) or None
    return value if isinstance(value, int | float) else words(value)


def _scaled(value: Value, by: Fraction, field: Field) -> str | float | int | Decimal | None:
    """A number in the field's unit; what is none is left for ``reading`` to tell."""
    try:
        number = Fraction(
            repr(value)
            if isinstance(value, float)
            else re.sub(r"[\s,，]", "", unicodedata.normalize("NFKC", words(value)))
        )
    except (ValueError, ZeroDivisionError):
        return _given(value)
    if isinstance(value, str) and re.search(r"[eE/]", value):
        return _given(value)
    product = number * by
    return (Decimal(product.numerator) / Decimal(product.denominator)).quantize(
        Decimal(1).scaleb(-field.decimals), ROUND_HALF_UP
    )


def _where(cells: Sequence[Value], wanted: Value) -> Iterator[int]:
    """The lines on which something stands."""
    at = -1
    try:
        while True:
            at = cells.index(wanted, at + 1)
            yield at
    except ValueError:
        return


class _Known(dict[Value, str]):
    """What each different content of a column says in its stored form; read when it comes up first. ``bad`` takes the problems."""

    def __init__(self, field: Field, by: Fraction, bad: dict[Value, str]) -> None:
        super().__init__()
        self.field, self.by, self.bad = field, by, bad
        self.plain = by == 1 and field.kind in ("int", "dec", "text")

    def __missing__(self, value: Value) -> str:
        text = _plain(value, self.field) if self.plain else None
        if text is None:
            cell = reading.read(_scaled(value, self.by, self.field) if self.by != 1 else _given(value), self.field)
            text = reading.stored(cell.value)
            if cell.problem:
                self.bad[value] = cell.problem
        self[value] = text
        return text


def _plain(value: Value, field: Field) -> str | None:
    """The short way for what is without any doubt: numbers of Excel that are whole or have no more decimals than the field, in its
    range; words. Says the same as ``reading.read``, which decides everything else."""
    if field.kind == "text":
        return value if isinstance(value, str) and _is_plain_text(value) else None
    found = _decimals((value,), field) if field.kind in ("int", "dec") else None
    return found[0] if found else None


def _decimals(cells: Sequence[Value], field: Field) -> list[str] | None:
    """A whole column the same way; None where one of its cells is to be read with care."""
    if set(map(type, cells)) != {float}:
        return None
    numbers = cast("Sequence[float]", cells)
    decimals = field.decimals if field.kind == "dec" else 0
    low = float(field.minimum) if field.minimum is not None else -1e15
    high = min(float(field.maximum) if field.maximum is not None else 1e15, 10.0 ** (13 - decimals))
    if not (low <= min(numbers) and max(numbers) < high):
        return None
    # repr is the shortest writing that is the same number: ``12.5``, ``12.0``.
    text = ("|".join(map(repr, numbers)) + "|").replace(".0|", "|")
    return None if _careful(decimals).search(text) else text[:-1].split("|")


@cache
def _careful(decimals: int) -> re.Pattern[str]:
    """What shows that numbers are to be read with care: a sign, an exponent, no number at all, more decimals than the field has."""
    return re.compile(rf"[-en]|\.[0-9]{{{decimals + 1}}}")


def _is_plain_text(text: str) -> bool:
    """Words that begin with a Chinese character or a digit and hold nothing that cannot be seen."""
    first = text[:1]
    begins = "一" <= first <= "鿿" or "0" <= first <= "9"
    return begins and len(text) <= 100 and text.isprintable() and text[-1] != " "


def cell(table: Table, at: int, line: int, column: Column, field: Field) -> Cell:
    """One cell with its place, as the engine takes it."""
    text = column.values[line]
    raw = words(table.columns[at][line])
    return Cell(reading.restored(text, field), column.problems.get(line, ""), table.where(line, at), raw)


def doubled(keys: Sequence[str]) -> dict[str, list[int]]:
    """Lines by a key that stands on more than one."""
    times = Counter(one for one in keys if one)
    found: dict[str, list[int]] = {one: [] for one, count in times.items() if count > 1}
    for line, one in enumerate(keys):
        if one in found:
            found[one].append(line)
    return found
