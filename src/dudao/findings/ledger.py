"""Reading the office's own 整改台账: a table of any layout, its heads, days and words. No database here.

What people make in Excel and WPS: a title over the heads, heads of two lines, merged cells, blank rows, full-width digits,
days as 2024.3.5, numbers of Excel for days, and words of many kinds for where a problem stands.
"""

import io
import re
import unicodedata
import zipfile
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import xlsxwriter
from python_calamine import CalamineError, CalamineSheet, load_workbook

from dudao.shell.errors import Refused
from dudao.shell.lists import BOOK

LIMIT_BYTES = 10 * 1024 * 1024
LIMIT_UNPACKED = 200 * 1024 * 1024
LIMIT_ROWS, LIMIT_COLUMNS = 20_000, 60
# Heads are looked for in the first lines.
_HEAD_LINES, _DEEPEST = 30, 3

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Field:
    """Something a column can be: its code, what it is called, and the heads it goes by elsewhere."""

    code: str
    label: str
    heads: tuple[str, ...]
    is_needed: bool = False


FIELDS = (
    Field("number", "问题编号", ("编号", "问题序号", "问题号")),
    Field("ledger_number", "台账编号", ("原编号", "台账号", "原台账编号")),
    Field("source", "问题来源", ("来源", "督导类型", "检查类型")),
    Field("basis", "依据条款", (
        "依据", "检查依据", "督导依据", "条款", "指标", "对应指标", "督导指标", "评估指标", "评价指标", "检查项目", "督导内容",
        "督导事项", "政策依据", "依据标准",
    )),
    Field("title", "问题描述", (
        "问题", "存在问题", "存在的问题", "主要问题", "具体问题", "问题概述", "问题内容", "问题清单", "反馈问题", "发现问题", "发现的问题",
        "存在的主要问题",
    ), is_needed=True),
    Field("facts", "事实和证据", ("事实", "证据", "具体表现", "问题表现", "主要表现", "情况说明", "详细情况")),
    Field("unit", "责任单位", (
        "被督导单位", "整改单位", "整改责任单位", "责任学校", "学校", "学校名称", "学校（园）", "单位", "单位名称", "被检查单位", "受检单位",
        "督导单位", "学校园名称", "园所", "责任主体",
    ), is_needed=True),
    Field("responsible", "责任人", ("整改责任人", "负责人", "单位责任人", "学校负责人", "整改人")),
    Field("department", "牵头（主管）单位", (
        "牵头单位", "主管单位", "主管部门", "牵头部门", "责任部门", "责任科室", "牵头科室", "监管单位", "督办单位", "主管科室",
    )),
    Field("severity", "严重程度", ("程度", "问题程度", "问题性质", "问题等级", "风险等级")),
    Field("cause", "原因", ("问题原因", "原因分析", "产生原因", "根源")),
    Field("wanted", "整改要求", ("整改目标", "整改任务", "工作要求", "整改意见", "整改建议")),
    Field("found_on", "发现日期", (
        "发现时间", "检查时间", "检查日期", "督导时间", "督导日期", "反馈时间", "反馈日期", "问题发现时间", "入校时间",
    )),
    Field("told_on", "告知日期", ("告知时间", "下发时间", "下发日期", "交办时间", "交办日期", "送达日期", "通知日期")),
    Field("due_on", "整改时限", (
        "整改期限", "完成时限", "时限", "期限", "整改截止时间", "整改截止日期", "截止时间", "截止日期", "计划完成时间", "要求完成时间",
        "整改完成时限", "限期",
    )),
    Field("plan", "整改措施", ("措施", "整改举措", "整改方案", "采取措施", "整改措施及要求")),
    Field("report", "完成情况", (
        "整改情况", "整改进展", "进展情况", "整改完成情况", "整改结果", "落实情况", "整改落实情况", "整改成效", "目前进展", "工作进展",
    )),
    Field("checked_by", "验收人", ("复查人", "核查人", "验收人员", "销号人")),
    Field("checked_on", "验收日期", ("验收时间", "复查时间", "复查日期", "核查时间")),
    Field("closed_on", "销号日期", (
        "销号时间", "完成时间", "完成日期", "实际完成时间", "整改完成时间", "整改完成日期", "办结时间", "办结日期",
    )),
    Field("state", "状态", (
        "整改状态", "完成状态", "是否完成", "是否整改", "是否整改到位", "是否销号", "销号情况", "销号状态", "当前状态", "整改与否",
    )),
    Field("note", "备注", ("说明",)),
)  # fmt: skip
LABELS: Mapping[str, str] = {field.code: field.label for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines under the heads.

    Attributes:
        heads: of each column, one line; of heads in several lines the parts joined by ``/``.
        lines: number in the sheet, and the cells.
    """

    sheet: str
    heads: Sequence[str]
    lines: Sequence[tuple[int, Sequence[Cell]]]


# Reading a file


def read(content: bytes) -> Grid:
    """The sheet of an .xlsx, .xls, .et or .ods file that looks most like a 整改台账.

    Raises:
        Refused: ``ledger.empty``, ``ledger.too_large``, ``ledger.unreadable``, ``ledger.header``, ``ledger.no_rows``,
            ``ledger.too_long``.
    """
    if not content:
        raise Refused("文件是空的。", code="ledger.empty", field="table")
    if len(content) > LIMIT_BYTES:
        raise Refused("文件超过 10 MB，请分开导入。", code="ledger.too_large", field="table")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LIMIT_UNPACKED:
                raise Refused("文件解开后过大，没有读取。", code="ledger.too_large", field="table")
    best: tuple[int, int, int, str, list[list[Cell]], list[str]] | None = None
    try:
        book = load_workbook(io.BytesIO(content))
        for name in book.sheet_names[:10]:
            lines, merged = _cells(book.get_sheet_by_name(name))
            score, start, depth, heads = _heads(lines, merged)
            if heads and (best is None or score > best[0]):
                best = score, start, depth, name, _spread(lines, merged, start + depth), heads
    except (CalamineError, OSError, ValueError, IndexError, KeyError):
        raise Refused(
            "读不出表格。请用 Excel 或 WPS 另存为 .xlsx 后再试。", code="ledger.unreadable", field="table"
        ) from None
    if best is None:
        raise Refused(
            "没有找到表头：表里要有一行写着“责任单位（学校）”和“问题描述（存在问题）”等。可以下载模板，把内容贴进去。",
            code="ledger.header", field="table",
        )  # fmt: skip
    _, start, depth, name, lines, heads = best
    found = []
    for number, line in enumerate(lines[start + depth :], start + depth + 1):
        cells = [line[at] if at < len(line) else None for at in range(len(heads))]
        # A row without words is none, also where only its number was filled in down the sheet.
        if any(isinstance(cell, str) and cell for cell in cells):
            found.append((number, cells))
    if not found:
        raise Refused("表头下面没有内容。", code="ledger.no_rows", field="table")
    if len(found) > LIMIT_ROWS:
        raise Refused(f"一次最多导入 {LIMIT_ROWS} 行，请分开导入。", code="ledger.too_long", field="table")
    return Grid(name, heads, found)


_Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


def _cells(sheet: CalamineSheet) -> tuple[list[list[Cell]], _Merged]:
    """All cells as text, numbers or nothing; days as 2024-03-05."""
    lines = [[_cell(cell) for cell in line[:LIMIT_COLUMNS]] for line in sheet.to_python(skip_empty_area=False)]
    merged = [((a, b), (c, d)) for (a, b), (c, d) in sheet.merged_cell_ranges or () if a < len(lines)]
    return lines, merged


def _cell(cell: object) -> Cell:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 10**15 else cell
    if isinstance(cell, int):
        return cell
    words = str(cell).replace("\x00", "").replace("_x000D_", "").strip() if cell is not None else ""
    return words[:5000] or None


def plain(text: object) -> str:
    """Words without blanks, signs and what stands in brackets, full-width made half: how heads and names are compared."""
    said = unicodedata.normalize("NFKC", str(text or ""))
    said = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", said)
    return re.sub(r"[\s:：、，,。.*＊/\\\-—_]+", "", said)


_BY_HEAD: Mapping[str, str] = {plain(head): f.code for f in FIELDS for head in (f.label, *f.heads)}
_LONG_FIRST = sorted((head for head in _BY_HEAD if len(head) >= 3), key=len, reverse=True)
# Heads that are none of the fields though they hold a word of one.
_IGNORED = frozenset({"序号", "问题数", "问题个数", "问题数量", "单位代码", "学校代码", "联系电话", "电话"})


def guess(heads: Sequence[str], profile: Mapping[str, str]) -> list[str]:
    """What each column is, by its head; empty for one that is not taken in. Each field goes to one column.

    Args:
        profile: what the county said of heads before, by ``plain`` of the head.
    """
    found = [""] * len(heads)
    taken: set[str] = set()

    def give(at: int, code: str) -> None:
        if code and code not in taken and not found[at]:
            found[at] = code
            taken.add(code)

    names = [(plain(head), plain(head.rsplit("/", 1)[-1])) for head in heads]
    for at, (whole, _) in enumerate(names):
        give(at, profile.get(whole, ""))
    said = {whole for whole, _ in names if whole in profile}
    for at, (whole, last) in enumerate(names):
        if whole not in said:
            give(at, _BY_HEAD.get(whole, "") or _BY_HEAD.get(last, ""))
    for at, (whole, last) in enumerate(names):
        if whole in said or last in _IGNORED or found[at]:
            continue
        give(at, next((_BY_HEAD[head] for head in _LONG_FIRST if head in last and _BY_HEAD[head] not in taken), ""))
    return found


def _heads(lines: Sequence[Sequence[Cell]], merged: _Merged) -> tuple[int, int, int, list[str]]:
    """Where the heads stand: how many fields they name, the first line, how many lines, and the heads."""
    best: tuple[int, int, int, list[str]] = (0, 0, 0, [])
    for start in range(min(_HEAD_LINES, len(lines))):
        for depth in range(1, _DEEPEST + 1):
            if start + depth > len(lines):
                break
            if depth > 1 and not _is_head(lines[start + depth - 1]):
                break
            heads = _joined(_spread(lines[: start + depth], merged, start + depth)[start:])
            codes = set(guess(heads, {}))
            score = len(codes - {""})
            if {f.code for f in FIELDS if f.is_needed} <= codes and (score, -depth) > (best[0], -best[2]):
                best = (score, start, depth, heads)
    return best


def _is_head(line: Sequence[Cell]) -> bool:
    """Whether a line can belong to the heads: short words only."""
    words = [cell for cell in line if cell is not None]
    return bool(words) and all(isinstance(cell, str) and len(cell) <= 20 for cell in words)


def _joined(lines: Sequence[Sequence[Cell]]) -> list[str]:
    """One head for each column, of lines one under the other."""
    wide = max((len(line) for line in lines), default=0)
    heads = []
    for at in range(wide):
        parts: list[str] = []
        for line in lines:
            said = " ".join(str(line[at]).split()) if at < len(line) and line[at] is not None else ""
            if said and said not in parts:
                parts.append(said)
        heads.append("/".join(parts)[:100])
    while heads and not heads[-1]:
        heads.pop()
    return heads


def _spread(lines: Sequence[Sequence[Cell]], merged: _Merged, head_end: int) -> list[list[Cell]]:
    """Merged cells filled: among the heads across and down, below them only down (a line of its own spreads over columns)."""
    found = [list(line) for line in lines]
    for (top, left), (bottom, right) in merged:
        if left >= LIMIT_COLUMNS:
            continue
        across = range(left, min(right, LIMIT_COLUMNS - 1) + 1) if bottom < head_end else (left,)
        value = found[top][left] if top < len(found) and left < len(found[top]) else None
        for at in range(top, min(bottom, len(found) - 1) + 1):
            for column in across:
                if column < len(found[at]):
                    found[at][column] = value
    return found


# Understanding cells


@dataclass(frozen=True, slots=True)
class Day:
    """A day as read: none where the cell is empty, what was assumed, or why it cannot be read."""

    day: date | None
    note: str = ""
    fault: str = ""


_EPOCH = date(1899, 12, 30)
_FULL = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})(?:日|号)?$")
_MONTH = re.compile(r"^(\d{4})[-./年](\d{1,2})(?:月(?:份|底|末)?)?$")
_YEARLESS = re.compile(r"^(\d{1,2})[-./月](\d{1,2})(?:日|号)?$")
_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_BY_END = re.compile(r"(?:以前|之前|前|底前|止|截止|完成)$")


def day(cell: Cell, *, year: int | None = None, last: bool = False) -> Day:
    """A day out of a cell: 2024.3.5, 2024年3月5日, 20240305, Excel's number, 3月5日 with the ledger's ``year``.

    Args:
        last: of a month alone take its last day (limits and ends), else its first.
    """
    if cell is None:
        return Day(None)
    if isinstance(cell, float) and not cell.is_integer():
        if 1990 <= cell < 2100:
            return Day(None, fault=f"“{cell}”是数字格式，2024.10 和 2024.1 分不清，请改成日期或文本。")
        cell = int(cell)
    if isinstance(cell, int | float):
        number = int(cell)
        if 20_000 <= number <= 80_000:
            return Day(_EPOCH + timedelta(days=number))
        cell = str(number)
    said = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell))
    said = re.sub(r"^(\d{4}-\d{2}-\d{2})(?:T?\d{2}:.*)$", r"\1", said)
    said = _BY_END.sub("", said.replace("〇", "0")).rstrip("。.;")
    if not said:
        return Day(None)
    for pattern in (_FULL, _DIGITS):
        if found := pattern.match(said):
            return _made(cell, *map(int, found.groups()))
    if found := _MONTH.match(said):
        of, month = int(found[1]), int(found[2])
        if not 1 <= month <= 12 or not 1990 <= of <= 2100:
            return Day(None, fault=f"看不懂日期“{cell}”。")
        at = monthrange(of, month)[1] if last else 1
        return Day(date(of, month, at), note=f"“{cell}”只有年月，按{at}日计")
    if found := _YEARLESS.match(said):
        if year is None:
            return Day(None, fault=f"日期“{cell}”没有年份，请在上一步填写台账的年份。")
        made = _made(cell, year, int(found[1]), int(found[2]))
        return Day(made.day, note=f"“{cell}”没有年份，按{year}年计", fault=made.fault) if made.day else made
    return Day(None, fault=f"看不懂日期“{cell}”，请写成 2024-03-05。")


def _made(cell: object, year: int, month: int, number: int) -> Day:
    try:
        if not 1990 <= year <= 2100:
            raise ValueError
        return Day(date(year, month, number))
    except ValueError:
        return Day(None, fault=f"没有“{cell}”这一天。")


_DROPPED = ("撤销", "不予", "取消")
_OPEN = (
    "未整改", "未完成", "未销号", "未办结", "未到位", "不到位", "未落实", "未启动", "待整改", "待复查", "待销号", "待告知", "待完成",
    "整改中", "进行中", "推进中", "办理中", "落实中", "正在", "部分完成", "部分整改", "基本完成", "逾期", "超期", "长期整改",
    "持续整改", "持续推进", "持续", "长期", "跟进",
)  # fmt: skip
_CLOSED = (
    "已整改", "已完成", "已销号", "已办结", "已归档", "已解决", "已落实", "已改正", "整改到位", "整改完成", "整改完毕", "立行立改已", "完成整改",
    "完成", "销号", "办结", "归档", "解决", "立行立改", "立整立改",
)  # fmt: skip
_YES, _NO = (
    frozenset({"是", "√", "✓", "✔", "对", "y", "yes", "100%"}),
    frozenset({"否", "×", "x", "✗", "✘", "no", "n", "无"}),
)


def state(words: Cell) -> str:
    """Where a problem stands in the words of a ledger: ``open``, ``closed``, ``dropped``, ``none`` (nothing said) or
    ``unknown``. What is done and is to be kept up (已整改并长期坚持) is closed; 长期坚持 alone is open."""
    said = re.sub(r"[\s。，,.；;]+", "", unicodedata.normalize("NFKC", str(words))) if words is not None else ""
    if not said:
        return "none"
    if said.lower() in _YES:
        return "closed"
    if said.lower() in _NO:
        return "open"
    if any(word in said for word in _DROPPED):
        return "dropped"
    if said.startswith(("已整改", "已完成", "已销号", "已办结", "已归档", "已解决", "已落实", "已改正")) and not any(
        word in said for word in ("待复查", "部分", "未销号", "待销号", "不到位")
    ):
        return "closed"
    if any(word in said for word in _OPEN):
        return "open"
    return "closed" if any(word in said for word in _CLOSED) else "unknown"


def text(cell: Cell) -> str:
    """A cell as words."""
    return "" if cell is None else str(cell).strip()


_TOLD = "台账所记"


def tell(code: str, words: str) -> str:
    """A line of what a ledger says beside the facts, for the words of an act."""
    return f"{_TOLD}{LABELS[code]}：{words}"


def told(words: str) -> dict[str, str]:
    """What a ledger said, by field, out of the words of an act made of ``tell``."""
    codes = {label: code for code, label in LABELS.items()}
    found: dict[str, str] = {}
    code = ""
    for line in words.split("\n"):
        label, mark, rest = line.removeprefix(_TOLD).partition("：")
        if line.startswith(_TOLD) and mark and label in codes:
            code = codes[label]
            found[code] = rest
        elif code:
            found[code] += f"\n{line}"
    return found


# The template


_HINTS = {
    "number": "可以不填；再次导入时靠它认出同一个问题", "source": "督导检查、经常性督导、投诉举报、安全检查、上级督导、自查等",
    "basis": "条款或指标，必填", "title": "一句话说清问题，必填", "unit": "与单位名册一致的名称，一行一个单位，必填",
    "department": "主管部门或科室，与单位名册一致", "severity": "一般、较重、危及师生安全", "cause": "与原因清单一致",
    "found_on": "必填，例如 2024-03-05", "told_on": "告知单位的日期，不填按发现日期计", "due_on": "未整改的必填",
    "closed_on": "已整改的必填", "state": "已整改、整改中、未整改", "checked_by": "验收（复查）人，记在说明里",
}  # fmt: skip
#: Fields that must be there in every row.
REQUIRED = ("unit", "title", "basis", "found_on")


def template() -> bytes:
    """An empty 整改台账 with the columns that are read, and what goes into them."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, BOOK) as book:
        head = book.add_format({"bold": True, "bg_color": "#EEF3FB", "border": 1, "text_wrap": True})
        cell = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("整改台账")
        for at, one in enumerate(FIELDS):
            sheet.set_column(at, at, 30 if one.code in ("title", "facts", "plan", "report", "wanted") else 14, cell)
            sheet.write_string(0, at, one.label, head)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 20)
        notes.set_column(1, 1, 80)
        for at, one in enumerate(FIELDS):
            notes.write_string(at, 0, one.label, head)
            notes.write_string(at, 1, _HINTS.get(one.code, ""))
    return made.getvalue()
