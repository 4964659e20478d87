"""The register as a table, out and in: what Excel and WPS show, and what comes back from them. No database here."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import xlsxwriter

from dudao.inspectors.models import Inspector
from dudao.shell.errors import Refused
from dudao.shell.lists import BOOK, write_cell
from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.texts import bare


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its code, its head, how wide it is, what goes into it, and the heads it goes by elsewhere."""

    code: str
    head: str
    width: int = 12
    hint: str = ""
    others: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_private: bool = False
    is_day: bool = False


def _labels(of: type) -> tuple[str, ...]:
    return tuple(str(label) for _, label in of.choices)  # type: ignore[attr-defined]


COLUMNS = (
    Column("name", "姓名", 14, "必填", ("督学姓名",)),
    Column("kind", "类别", 10, "必填：专职督学或兼职督学", ("督学类别", "专兼职", "专职/兼职"), _labels(Inspector.Kind)),
    Column("sex", "性别", 6, "男或女", (), _labels(Inspector.Sex), is_private=True),
    Column("born", "出生年月", 10, "写成 1979-03；同名的人靠它分清", ("出生日期",), is_private=True),
    Column("phone", "电话", 14, "只用于新登记的人员；已有人员的电话在“人员”里改", ("联系电话", "手机", "手机号"), is_private=True),
    Column("work_unit", "所在单位", 24, "与单位名册一致的名称；县外的不填，写在下一列", ("单位", "工作单位", "单位名称")),
    Column("work_words", "单位及职务", 24, "例如：副校长；县外的连单位一起写", ("职务", "现任职务")),
    Column("education", "学历", 8, "专科、本科、硕士、博士", ("最高学历", "文化程度"), _labels(Inspector.Education), is_private=True),
    Column("since_year", "从教年份", 10, "四位年份，例如 2003", ("参加教育工作年份",), is_private=True),
    Column("subjects", "学科", 16, "几个学科用顿号隔开", ("学科专长", "任教学科")),
    Column("stages", "学段", 16, "学前、小学、初中、高中、职业、特殊；几个用顿号隔开"),
    Column("lines", "专长", 16, "督政、督学、评估监测、技术；几个用顿号隔开", ("专业方向", "业务专长")),
    Column("certificate_number", "督学证号", 16, "一个证号只能登记给一个人", ("证号", "督学证编号")),
    Column("certificate_from", "督学证起", 12, "日期，例如 2023-09-01", ("发证日期",), is_day=True),
    Column("certificate_to", "督学证止", 12, "日期；已过期的换证以后再导入", ("有效期至", "督学证有效期至"), is_day=True),
    Column("days_a_month", "每月可用天数", 8, "0 到 31 的整数", is_private=True),
    Column("ordinal", "届次", 6, "第几届，1 到 3；不填的接着已有的数"),
    Column("start_on", "任期起", 12, "已经公布任职的填；没有公布的不填，导入以后再推荐", ("聘任日期", "任职日期"), is_day=True),
    Column("end_on", "任期止", 12, "兼职不填的为三年；专职可以不填", ("聘期止",), is_day=True),
    Column("document", "任命（聘任）文号", 22, "", ("文号", "聘任文号", "任命文号")),
    Column("note", "备注", 20, "", is_private=True),
)  # fmt: skip
HEADS: Mapping[str, str] = {one.code: one.head for one in COLUMNS}
REQUIRED = ("name", "kind")
LIMIT_ROWS = 2000
_LIMITS = workbooks.Limits(size=5 * 1024 * 1024, unpacked=100 * 1024 * 1024, cells=400_000)
_HEAD_LINES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row as text by column, with its number in the sheet; ``unread``: what is wrong with which cell as it was read."""

    number: int
    cells: Mapping[str, str]
    unread: Mapping[str, str] = field(default_factory=dict)


def _plain(head: object) -> str:
    return re.sub(r"\(必填\)|[*:]", "", bare(str(head)))


_BY_HEAD = {_plain(head): one for one in COLUMNS for head in (one.head, *one.others)}


def read(content: bytes, *, name: str = "") -> list[Row]:
    """The rows of the first sheet with the heads of the register; empty rows are left out.

    Raises:
        Refused: ``table.unreadable`` (empty, locked, damaged or no table, in its own words), ``table.header``, ``table.doubled``,
            ``table.no_rows``, ``table.too_long``.
    """
    try:
        book = workbooks.read(content, name=name, limits=_LIMITS)
    except EngineInputError as error:
        raise Refused(error.message, code="table.unreadable", field="table") from None
    for sheet in book.sheets:
        for at, line in enumerate(sheet.rows[:_HEAD_LINES]):
            columns = [_BY_HEAD.get(_plain(cell)) for cell in line]
            codes = [one.code for one in columns if one]
            if not set(REQUIRED) <= set(codes):
                continue
            if doubled := sorted({HEADS[code] for code in codes if codes.count(code) > 1}):
                raise Refused(f"表头里“{'、'.join(doubled)}”不止一列。", code="table.doubled", field="table")
            return _rows(sheet, at, columns)
    heads = "、".join(HEADS[code] for code in REQUIRED)
    raise Refused(f"没有找到表头（要有{heads}）。请用模板填写。", code="table.header", field="table")


def _rows(sheet: workbooks.Sheet, top: int, columns: Sequence[Column | None]) -> list[Row]:
    found = []
    for at, line in enumerate(sheet.rows[top + 1 :], start=top + 1):
        cells: dict[str, str] = {}
        unread: dict[str, str] = {}
        for place, (column, cell) in enumerate(zip(columns, line, strict=False)):
            if column is None:
                continue
            cells[column.code] = _text(cell)
            if fault := sheet.faults.get((at, place)):
                unread[column.code] = f"{fault}。"
            elif column.code == "born" and isinstance(cell, float) and str(cell).endswith(".1"):
                # Excel keeps 1979.10 as the number 1979.1.
                unread["born"] = f"{cell} 是数字，分不清 1 月和 10 月，请写成 1979-01 或 1979-10。"
        if any(cells.values()) or unread:
            found.append(Row(at + 1, cells, unread))
    if not found:
        raise Refused("表头下面没有内容。", code="table.no_rows", field="table")
    if len(found) > LIMIT_ROWS:
        raise Refused(f"一次最多导入 {LIMIT_ROWS} 行，请分开导入。", code="table.too_long", field="table")
    return found


def _text(cell: object) -> str:
    """A cell as text. Numbers of Excel are floats: 2003.0 means 2003."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return " ".join(str(cell).split())


_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?(?:[-./]?\d{1,2}日?)?|(\d{4})(\d{2})(?:\d{2})?")


def day(text: str) -> date:
    """A day as registers write it: 2024-03-05, 2024.3.5, 2024年3月5日, 20240305.

    Raises:
        ValueError: it is none.
    """
    found = _DAY.fullmatch(bare(text))
    if not found:
        raise ValueError(text)
    return date(*(int(part) for part in found.groups() if part is not None))


def month(text: str) -> str:
    """A month of birth as the register keeps it (1979-03), from 1979-03, 1979.3, 1979年3月, 197903 or a whole day.

    Raises:
        ValueError: it is none.
    """
    found = _MONTH.fullmatch(bare(text))
    if not found:
        raise ValueError(text)
    year, number = (int(part) for part in found.groups() if part is not None)
    return date(year, number, 1).strftime("%Y-%m")


def write(
    rows: Iterable[Mapping[str, str]], *, title: str, private: bool = True, more: Mapping[str, str] | None = None
) -> bytes:
    """An .xlsx with the columns that ``read`` takes; without rows it is the template.

    Args:
        rows: texts by code; days as 2024-03-05.
        private: with the columns that only the office may read.
        more: further columns at the end, head by code, that ``read`` passes over.
    """
    made = io.BytesIO()
    columns = [one for one in COLUMNS if private or not one.is_private]
    columns += [Column(code, head, 40) for code, head in (more or {}).items()]
    with xlsxwriter.Workbook(made, BOOK) as book:
        head = book.add_format({"bold": True, "bg_color": "#EEF3FB", "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        as_day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("督学名册")
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&C{title}")
        for at, one in enumerate(columns):
            # A day typed into a cell of text stays as typed, which is read too; one of Excel's own looks like ours.
            sheet.set_column(at, at, one.width, as_day if one.is_day else text)
            sheet.write_string(0, at, one.head, head)
            if one.choices:
                sheet.data_validation(1, at, LIMIT_ROWS, at, {"validate": "list", "source": list(one.choices)})
        for number, row in enumerate(rows, start=1):
            for at, one in enumerate(columns):
                said = row.get(one.code, "")
                try:
                    value: str | date = date.fromisoformat(said) if one.is_day and said else said
                except ValueError:
                    value = said
                write_cell(sheet, number, at, value, as_day if isinstance(value, date) else text)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 20)
        notes.set_column(1, 1, 80)
        for at, one in enumerate(columns):
            notes.write_string(at, 0, one.head, head)
            notes.write_string(at, 1, one.hint)
        notes.write_string(len(columns) + 1, 0, "空着的格子不改原来的登记；要清空的在登记页上改。")
    return made.getvalue()
