"""Tables that a page flattened: one row a line with ``|``, one cell a line with ``|``, or one cell a line without.

Only tables of work are taken up: rows keyed by a running number or by months, with a column of tasks. Others stay words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dudao_engines.notices import fields
from dudao_engines.notices.lines import Line, cut, fold
from dudao_engines.notices.markers import Style, marker_of, numeral
from dudao_engines.notices.model import Span

_PIPE = re.compile(r"[|｜│┃]")
_TAB = re.compile(r"\t")
_RULE = re.compile(r"[\s|｜│┃:+\-—─━]+")
_NUMBER_HEAD = ("序号", "编号", "项次", "次序", "序")
_MONTH_HEAD = ("月份", "月度", "时间", "月", "时间安排", "工作时间", "日期")
_TASK_HEAD = re.compile("任务|内容|目标|事项|工作|要点|措施|安排|项目|主题|举措")
_OTHER_HEAD = re.compile(
    "单位|科室|部门|责任|牵头|配合|时限|时间|领导|备注|负责人|责任人|人员|地点|对象|要求|进度|成果|佐证|类别|指标"
)
_TASK_NAME = re.compile("(?:具体|目标|工作|任务|主要|重点|整改|落实|推进)(?:要求|指标|举措|安排)|完成标准|实施内容")
# A table of marks (项目, 分值) or of a roster is no table of work.
_MARKS_HEAD = re.compile("分值|得分|评分|满分|权重|学校名称|姓名")
_MONTH = re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,2})\s?月\s?份?")
_LONGEST_HEAD = 12
_MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words and their place."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of work; ``key`` is the cell with the number or the month, ``tasks`` the columns of tasks."""

    key: Cell
    cells: tuple[Cell, ...]
    tasks: tuple[int, ...]

    @property
    def span(self) -> Span:
        filled = [cell.span.end for cell in self.cells if cell.text]
        return Span(self.key.span.start, max(filled, default=self.key.span.end))

    @property
    def words(self) -> list[Cell]:
        """The cells that say something, from the first task on."""
        at = min(self.tasks[0], max(len(self.cells) - 1, 0))
        return [cell for cell in self.cells[at:] if cell.text]

    @property
    def jobs(self) -> list[Cell]:
        """The cells of tasks that say something."""
        return [self.cells[at] for at in self.tasks if at < len(self.cells) and self.cells[at].text]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of work: ``first`` and ``last`` are the numbers of its lines, ``monthly`` that its rows are months."""

    first: int
    last: int
    monthly: bool
    head: tuple[Cell, ...]
    rows: tuple[Row, ...]


def tables_in(text: str, lines: Sequence[Line]) -> dict[int, Table]:
    """The tables of work among the lines, by the number of their first line."""
    tables: dict[int, Table] = {}
    at = 0
    while at < len(lines):
        table = None
        if _PIPE.search(lines[at].text):
            last = _pipe_end(lines, at)
            if not fields.pairs_of(lines[at]):
                table = _piped(text, lines, at, last)
            at = last
        elif "\t" in lines[at].text:
            last = _tab_end(lines, at)
            table = _by_rows(at, last, [_cells(text, line.left, line.right, _TAB) for line in lines[at : last + 1]])
            at = last
        elif fold(lines[at].text) in (*_NUMBER_HEAD, *_MONTH_HEAD):
            table = _listed(lines, at)
        if table is not None:
            tables[table.first] = table
            at = table.last
        at += 1
    return tables


def _pipe_end(lines: Sequence[Line], first: int) -> int:
    """The last line with a pipe of the run that starts at ``first``; a cell may go on over two lines without one."""
    last, plain, blank = first, 0, 0
    for at in range(first + 1, len(lines)):
        if _PIPE.search(lines[at].text):
            last, plain, blank = at, 0, 0
        elif lines[at].blank:
            blank += 1
        else:
            plain += 1
        if plain > 2 or blank > 3 or (plain and blank):
            break
    return last


def _piped(text: str, lines: Sequence[Line], first: int, last: int) -> Table | None:
    if _one_row_a_line(lines[first : last + 1]):
        rows = [
            _cells(text, line.left, line.right) for line in lines[first : last + 1] if not _RULE.fullmatch(line.text)
        ]
        return _by_rows(first, last, [row for row in rows if row])
    table = _by_stream(first, last, _cells(text, lines[first].left, lines[last].right))
    spread = first + 1 < last and lines[first + 1].blank
    below = last + 2 if spread and last + 1 < len(lines) and lines[last + 1].blank else last + 1
    if table is None or below >= len(lines) or lines[below].blank:
        return table
    if 1 + len(table.rows[-1].cells) < len(table.head):
        # The last cell lost its closing pipe.
        return _by_stream(first, below, _cells(text, lines[first].left, lines[below].right))
    return table


def _one_row_a_line(lines: Sequence[Line]) -> bool:
    full = sum(1 for line in lines if len([c for c in _PIPE.split(line.text) if c.strip()]) >= 2)
    return 2 * full > sum(1 for line in lines if not line.blank)


def _tab_end(lines: Sequence[Line], first: int) -> int:
    """The last of the lines with tabs, as pasted from a spreadsheet."""
    last = first
    while last + 1 < len(lines) and "\t" in lines[last + 1].text:
        last += 1
    return last


def _cells(text: str, start: int, end: int, bar: re.Pattern[str] = _PIPE) -> list[Cell]:
    """The cells between the bars; nothing before a leading and after a closing bar is no cell."""
    bars = [match.start() for match in bar.finditer(text, start, end)]
    edges = [start - 1, *bars, end]
    pieces = [cut(text, left + 1, right) for left, right in pairwise(edges)]
    cells = [Cell(piece.text, piece.ink) for piece in pieces]
    if bars and not cells[0].text:
        cells = cells[1:]
    if bars and cells and not cells[-1].text:
        cells = cells[:-1]
    return cells


def _by_rows(first: int, last: int, rows: Sequence[list[Cell]]) -> Table | None:
    if not rows:
        return None
    at = _number_column(rows[0])
    if at:
        # 类别 | 序号 | 任务: what stands before the number only groups the rows.
        rows = [cells[at:] for cells in rows if len(cells) > at]
    elif at is None and _is_unnumbered(rows):
        return _unnumbered(first, last, rows)
    if not rows or not _is_head(rows[0]):
        return None
    monthly = not _numbered_head(rows[0][0])
    body: list[Row] = []
    for cells in rows[1:]:
        if not _is_key(cells[0], monthly):
            if not body:
                return None
            continue
        body.append(Row(cells[0], tuple(cells[1:]), _task_columns(rows[0])))
    return Table(first, last, monthly, tuple(rows[0]), tuple(body)) if body else None


def _number_column(head: Sequence[Cell]) -> int | None:
    """Which of the first columns holds the running number."""
    return next((at for at, cell in enumerate(head[:3]) if _numbered_head(cell)), None)


def _is_unnumbered(rows: Sequence[list[Cell]]) -> bool:
    """重点任务 | 责任单位 | 完成时限 without a column of numbers: all rows as wide as a head that names tasks and units."""
    names = [fold(cell.text) for cell in rows[0]]
    return (
        len(rows) > 1
        and names[0] not in _MONTH_HEAD
        and all(0 < len(name) <= _LONGEST_HEAD and _names_column(name) for name in names)
        and any(is_task(name) for name in names)
        and any(re.search("责任|牵头|配合|单位|科室|部门|时限", name) for name in names)
        and all(len(cells) == len(names) for cells in rows)
        and not any(_MARKS_HEAD.search(name) for name in names)
    )


def _unnumbered(first: int, last: int, rows: Sequence[list[Cell]]) -> Table:
    tasks = tuple(at for at, cell in enumerate(rows[0]) if is_task(fold(cell.text)))
    body = [
        Row(Cell("", Span(cells[0].span.start, cells[0].span.start)), tuple(cells), tasks)
        for cells in rows[1:]
        if any(cells[at].text for at in tasks)
    ]
    # The head has no name for a number; one is put in front so that names and cells keep step.
    head = (Cell("", Span(rows[0][0].span.start, rows[0][0].span.start)), *rows[0])
    return Table(first, last, False, head, tuple(body))


def _by_stream(first: int, last: int, cells: Sequence[Cell]) -> Table | None:
    """Cells in one stream: the head goes up to the first key, each key begins a row."""
    keyed = [at for at, cell in enumerate(cells[: _MOST_COLUMNS + 1]) if _is_key(cell, False) or _is_key(cell, True)]
    if not keyed or keyed[0] == 0:
        return None
    head = [cell for cell in cells[: keyed[0]] if cell.text]
    if not head or not _is_head(head):
        return None
    monthly = not _numbered_head(head[0])
    rows = tuple(_rows(cells, keyed[0], len(head), monthly, _task_columns(head)))
    return Table(first, last, monthly, tuple(head), rows) if rows else None


def _rows(cells: Sequence[Cell], start: int, columns: int, monthly: bool, tasks: tuple[int, ...]) -> Iterator[Row]:
    begin = start
    for at in range(start + 1, len(cells) + 1):
        if at == len(cells) or _starts_row(cells, begin, at, columns, monthly):
            yield Row(cells[begin], tuple(cells[begin + 1 : at][: columns - 1]), tasks)
            begin = at


def _starts_row(cells: Sequence[Cell], begin: int, at: int, columns: int, monthly: bool) -> bool:
    if not _is_key(cells[at], monthly):
        return False
    if monthly:
        return at - begin >= columns
    before, here = cells[begin].text, cells[at].text
    due = before.isdecimal() and here.isdecimal() and int(here) == int(before) + 1
    return (due and at - begin >= 2) or at - begin == columns


def _listed(lines: Sequence[Line], first: int) -> Table | None:
    """A table without pipes, one cell a line: the head is a run of column names, the last row fills the columns."""
    filled = [at for at in range(first, min(first + 3 * _MOST_COLUMNS, len(lines))) if not lines[at].blank]
    head: list[Cell] = []
    for at in filled:
        if not _names_column(lines[at].text):
            break
        head.append(Cell(lines[at].text, lines[at].ink))
    if len(head) < 2 or len(head) >= len(filled) or not _is_head(head):
        return None
    monthly = not _numbered_head(head[0])
    start = filled[len(head)]
    if not _is_key(Cell(lines[start].text, lines[start].ink), monthly):
        return None
    cells, numbers = _stream_of_lines(lines, start, len(head), monthly)
    rows = tuple(_rows(cells, 0, len(head), monthly, _task_columns(head)))
    used = sum(1 + len(row.cells) for row in rows)
    return Table(first, numbers[min(used, len(numbers)) - 1], monthly, tuple(head), rows)


def _stream_of_lines(lines: Sequence[Line], start: int, columns: int, monthly: bool) -> tuple[list[Cell], list[int]]:
    cells: list[Cell] = []
    numbers: list[int] = []
    begin = 0
    for at in range(start, len(lines)):
        line = lines[at]
        if line.blank:
            continue
        cell = Cell(line.text, line.ink)
        key = bool(cells) and _starts_row([*cells[begin:], cell], 0, len(cells) - begin, columns, monthly)
        if key:
            begin = len(cells)
        if not key and cells and (len(cells) - begin >= columns or _ends_list(line)):
            break
        cells.append(cell)
        numbers.append(at)
    return cells, numbers


def _ends_list(line: Line) -> bool:
    marker = marker_of(line)
    return bool(marker and marker.style <= Style.BRACKET) or fields.is_day(line) or _heads_paper(line)


def _heads_paper(line: Line) -> bool:
    """A title behind the table; 制定工作计划 in a cell only ends like one."""
    return fields.is_title(line) and bool(re.search("关于|20\\d\\d|附件|印发", line.text))


def _is_head(cells: Sequence[Cell]) -> bool:
    names = [fold(cell.text) for cell in cells]
    return (
        len(names) >= 2
        and names[0] in (*_NUMBER_HEAD, *_MONTH_HEAD)
        and all(len(name) <= _LONGEST_HEAD for name in names)
        and any(is_task(name) for name in names[1:])
        and not any(_MARKS_HEAD.search(name) for name in names)
    )


def _names_column(words: str) -> bool:
    name = fold(words)
    known = name in (*_NUMBER_HEAD, *_MONTH_HEAD) or _TASK_HEAD.search(name) or _OTHER_HEAD.search(name)
    return bool(known) and len(name) <= 8 and not re.search(r"[，。；,;\d]", name)


def _numbered_head(cell: Cell) -> bool:
    return fold(cell.text) in _NUMBER_HEAD


def _task_columns(head: Sequence[Cell]) -> tuple[int, ...]:
    """Columns of tasks, counted after the key."""
    return tuple(at for at, cell in enumerate(head[1:]) if is_task(fold(cell.text)))


def heads_table(line: Line) -> bool:
    """Whether a line is the first column's name of a table of work, alone or before the other names."""
    names = [fold(name) for name in _PIPE.split(line.text.lstrip("|｜│┃ \t")[:60])[:3]]
    return names[0] in (*_NUMBER_HEAD, *_MONTH_HEAD) or any(name in _NUMBER_HEAD for name in names)


def is_task(name: str) -> bool:
    """Whether a column of this name holds tasks."""
    return bool(_TASK_NAME.search(name)) or (bool(_TASK_HEAD.search(name)) and not _OTHER_HEAD.search(name))


def _is_key(cell: Cell, monthly: bool) -> bool:
    words = fold(cell.text)
    if not monthly:
        return words.isdecimal() and 0 < int(words) < 1000 if len(words) <= 3 else False
    match = _MONTH.fullmatch(words)
    return bool(match and 1 <= numeral(match[1]) <= 12)
