"""Tables in a text, lines of ``| a | b |``: columns of names and numbers, counts of people, and the sums among them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dudao_engines.disclosure_control import cells
from dudao_engines.disclosure_control.figures import plain
from dudao_engines.disclosure_control.model import Hit, Kind
from dudao_engines.disclosure_control.people import mask_name

#: What stands in the place of a hidden count.
STAR = "＊"
_LINE = re.compile(r"[ \t]*\|.*\|[ \t\r]*")
_RULE = re.compile(r"[ \t]*\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t\r]*")
_CELL = re.compile(r"((?:\\.|[^|\\])*)\|")
_COUNT = re.compile(r"([0-9]{1,3}(?:[,，][0-9]{3})+|[0-9]{1,9})(?:人|名|位|人次)?")
_SUM = re.compile(r"(?:合|总)\s*计|总\s*数|总\s*人数|共\s*计|全县|全部|全校")
_SUBTOTAL = re.compile(r"小\s*计")
# Columns that do not count people.
_OTHER = re.compile(
    r"%|％|率|比例|占比|比重|增幅|年份|年度|序号|编号|名次|排名|得分|分值|分数|满分|元|面积|平方|金额|经费|日期|时间|时限|条款|指标号|公里|周|天数|学校数|园数|校数|所数|班数|电话|号码"
)
_CHILD = re.compile("学生|儿童|幼儿|孩子")


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell: its words without the blanks around, and where they stand."""

    start: int
    end: int
    words: str


def find(text: str) -> Iterator[Hit]:
    """Hits in the tables of a text."""
    for number, rows in enumerate(_tables(text), 1):
        head, body = rows[0], rows[1:]
        yield from _people(head, body, number)
        yield from _counts(head, body, number)


def spans(text: str) -> list[tuple[int, int]]:
    """Where the tables of a text stand."""
    return [(rows[0][0].start, rows[-1][-1].end) for rows in _tables(text)]


def _tables(text: str) -> list[list[list[_Place]]]:
    found: list[list[list[_Place]]] = []
    rows: list[list[_Place]] = []
    at = 0
    for line in [*text.split("\n"), ""]:
        if _LINE.fullmatch(line):
            if not _RULE.fullmatch(line):
                rows.append(_places(line, at))
        elif rows:
            found.append(rows)
            rows = []
        at += len(line) + 1
    return [table for table in found if all(table)]


def _places(line: str, at: int) -> list[_Place]:
    made = []
    begin = line.index("|") + 1
    for cell in _CELL.finditer(line, begin):
        words = cell[1].strip()
        start = at + cell.start(1) + (len(cell[1]) - len(cell[1].lstrip()))
        made.append(_Place(start, start + len(words), words))
    return made


def _people(head: list[_Place], body: list[list[_Place]], number: int) -> Iterator[Hit]:
    """Whatever stands below 姓名, 出生日期, 住址, 身份证号."""
    for column, title in enumerate(head):
        for row in body:
            words = row[column].words if column < len(row) else ""
            if not words or words in ("—", "-", "无", STAR) or "＊" in words or "*" in words:
                continue
            place = row[column]
            if re.search("姓名|学生名|家长$|监护人$|联系人$", title.words):
                minor = _CHILD.search(title.words) is not None
                kind = Kind.MINOR if minor else Kind.NAME
                mask = mask_name(words, minor=minor)
                yield Hit(kind, place.start, place.end, words, mask, kind.may_stay, group=number)
            elif re.search("出生|生日", title.words):
                yield Hit(Kind.BIRTH, place.start, place.end, words, "****", True, group=number)
            elif re.search("住址|家庭地址|户籍", title.words):
                yield Hit(Kind.ADDRESS, place.start, place.end, words, STAR * 2, True, group=number)
            elif re.search("身份证|证件号", title.words):
                yield Hit(Kind.ID_NUMBER, place.start, place.end, words, "****", False, group=number)


def _counts(head: list[_Place], body: list[list[_Place]], number: int) -> Iterator[Hit]:
    columns = [c for c in range(1, len(head)) if not _OTHER.search(head[c].words)]
    known: dict[cells.Cell, int] = {}
    hidden: set[cells.Cell] = set()
    for r, row in enumerate(body):
        for c in columns:
            words = plain(row[c].words) if c < len(row) else ""
            if found := _COUNT.fullmatch(words):
                known[r, c] = int(re.sub("[,，]", "", found[1]))
            elif words and set(words) <= {"＊", "*", "×"}:
                hidden.add((r, c))
    if not known and not hidden:
        return
    labels = [row[0].words for row in body]
    heads = {c: head[c].words for c in columns}
    sum_row = _sum_row(known, hidden, labels, columns)
    sum_column = _sum_column(known, hidden, heads, len(body), sum_row)
    to = _Turned(sum_row, sum_column)
    grid = cells.Grid({to.grid(cell): value for cell, value in known.items()}, frozenset(map(to.grid, hidden)))
    primary = cells.small(grid)
    for r, c in sorted(map(to.place, primary)):
        yield _count_hit(Kind.SMALL_COUNT, body[r][c], number, "人数少于5，可能认出是谁；不是人数的，写明理由保留")
    if not primary and not hidden:
        return
    subtotals = [row[0] for row in body if _SUBTOTAL.search(row[0].words)]
    subtotals += [head[c] for c in columns if _SUBTOTAL.search(heads[c])]
    for place in subtotals[:1]:
        why = "表中有小计，隐去的数能不能推算出来，系统不能证明，请人工核对"
        yield Hit(Kind.SUBTOTAL, place.start, place.end, place.words, "", True, why, number)
    try:
        more = cells.complement(grid, primary)
    except cells.InconsistentError:
        place = head[0] if head[0].words else head[columns[0]]
        why = "表中合计与各项对不上，隐去的数能不能推算出来，系统不能证明，请先改对或人工核对"
        yield Hit(Kind.SUBTOTAL, place.start, place.end, place.words, "", True, why, number)
        return
    for r, c in sorted(map(to.place, more)):
        yield _count_hit(Kind.COMPLEMENT, body[r][c], number, "不一起隐去，隐去的数可以由合计推算出来")


def _count_hit(kind: Kind, place: _Place, number: int, why: str) -> Hit:
    return Hit(kind, place.start, place.end, place.words, STAR, True, why, number)


@dataclass(frozen=True, slots=True)
class _Turned:
    """Places in the table and in the grid, which calls the sums ``SUM``."""

    row: int | None
    column: int | None

    def grid(self, cell: cells.Cell) -> cells.Cell:
        r, c = cell
        return cells.SUM if r == self.row else r, cells.SUM if c == self.column else c

    def place(self, cell: cells.Cell) -> cells.Cell:
        r, c = cell
        row = self.row if r == cells.SUM and self.row is not None else r
        return row, self.column if c == cells.SUM and self.column is not None else c


def _sum_row(
    known: dict[cells.Cell, int], hidden: set[cells.Cell], labels: list[str], columns: list[int]
) -> int | None:
    """The row that is the sum of the others: by its name, or because it comes out so."""
    count = len(labels)

    def fits(row: int) -> bool:
        full = [c for c in columns if (row, c) in known and not any((r, c) in hidden for r in range(count))]
        sums = [(known[row, c], sum(known.get((r, c), 0) for r in range(count) if r != row)) for c in full]
        return bool(sums) and all(own == rest for own, rest in sums) and any(own for own, _ in sums)

    return _chosen([r for r in range(count) if _SUM.search(labels[r])], [count - 1, 0], fits, count, hidden)


def _sum_column(
    known: dict[cells.Cell, int], hidden: set[cells.Cell], heads: dict[int, str], rows: int, sum_row: int | None
) -> int | None:
    columns = list(heads)

    def fits(column: int) -> bool:
        full = [r for r in range(rows) if (r, column) in known and not any((r, c) in hidden for c in columns)]
        sums = [(known[r, column], sum(known.get((r, c), 0) for c in columns if c != column)) for r in full]
        return bool(sums) and all(own == rest for own, rest in sums) and any(own for own, _ in sums)

    named = [c for c in columns if _SUM.search(heads[c])]
    return _chosen(named, columns[-1:] + columns[:1], fits, len(columns), hidden)


def _chosen(named: list[int], others: list[int], fits: object, count: int, hidden: set[cells.Cell]) -> int | None:
    assert callable(fits)
    for one in named:
        # Where cells are hidden, its name has to do.
        if fits(one) or hidden:
            return one
    # Two lines that are the same are no sum of each other.
    return next((one for one in others if count > 2 and fits(one)), None)
