"""The small table of 社会认可度 (国家申报表Ⅵ), in and out: counts of all asked and of the parents among them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from dudao.dossiers.models import Survey
from dudao.shell.lists import BOOK, write_cell
from dudao_engines.kernel import workbooks
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field

#: Counts with their heads, in the order of the table.
LABELS = {
    name: str(Survey._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    for name in Survey.COUNTS
}
#: Columns of 表Ⅵ, L1 to L7: two of them are computed.
_NATIONAL = ("survey_sent", "survey_valid", "survey_satisfied", "", "visit_total", "visit_satisfied", "")
_HEADS = (
    "问卷总数",
    "其中：回收有效问卷数",
    "其中：满意问卷数",
    "问卷调查综合满意度（%）",
    "实地走访人数",
    "其中：满意人数",
    "实地走访满意度（%）",
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a table says.

    Attributes:
        counts: by field; those that could not be read are left out.
        problems: what could not be read, each with its cell.
        place: sheet and cells.
    """

    counts: dict[str, int]
    problems: tuple[str, ...]
    place: str


def read(content: bytes, *, name: str) -> Read | None:
    """The counts of the first sheet that has a row 计 and a row of parents under the heads of 表Ⅵ; None where there is none.

    Raises:
        EngineInputError: what ``workbooks.read`` says of the file.
    """
    book = workbooks.read(content, name=name, limits=workbooks.Limits(5 * 2**20, 100 * 2**20, 200_000))
    for sheet in book.sheets:
        if found := _in_sheet(sheet):
            return found
    return None


def _in_sheet(sheet: workbooks.Sheet) -> Read | None:
    all_at = parents_at = None
    for row, cells in enumerate(sheet.rows):
        words = ["".join(str(cell).split()) for cell in cells]
        if all_at is None and any(word in ("计", "合计", "总计") for word in words[:3]) and _numbers(cells) >= 2:
            all_at = row
        elif all_at is not None and any("家长" in word for word in words[:3]) and len(_values(cells)) >= 2:
            parents_at = row
            break
    if all_at is None or parents_at is None:
        return None
    counts: dict[str, int] = {}
    problems: list[str] = []
    rows = ((all_at, ""), (parents_at, "_parent"))
    # Whether percentages stand between the counts is said by the heads, or by how long the rows are: what is empty may not move
    # a percentage into the place of a count.
    heads = "".join(str(cell) for row in sheet.rows[:all_at] for cell in row)
    longest = max(len(_values(sheet.rows[row])) for row, _ in rows)
    names = _NATIONAL if "满意度" in heads or longest > len(Survey.COUNTS) else Survey.COUNTS
    for row, ending in rows:
        _take(sheet, row, ending, names, counts, problems)
    place = f"{sheet.name}!{workbooks.address(all_at, 0)}:{workbooks.letters(7)}{parents_at + 1}"
    return Read(counts, tuple(problems), place)


def _numbers(cells: Sequence[Any]) -> int:
    return sum(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)


def _values(cells: Sequence[Any]) -> list[tuple[int, Any]]:
    """The cells of a row behind its name, with their columns; empty ones between them count."""
    name_at = next((at for at, cell in enumerate(cells) if "计" in str(cell) or "家长" in str(cell)), 0)
    found = list(enumerate(cells))[name_at + 1 :]
    while found and found[-1][1] == "":
        found.pop()
    return found


def _take(
    sheet: workbooks.Sheet, row: int, ending: str, names: Sequence[str], counts: dict[str, int], problems: list[str]
) -> None:
    cells = dict(_values(sheet.rows[row]))
    first = min(cells, default=1)
    for column, name in enumerate(names, first):
        if not name:
            continue
        value = cells.get(column, "")
        where = f"{sheet.name}!{workbooks.address(row, column)}"
        fault = sheet.faults.get((row, column))
        cell = reading.read(value, _FIELDS[name], where)
        if isinstance(cell.value, int) and not isinstance(cell.value, bool) and not fault:
            counts[name + ending] = cell.value
        else:
            problems.append(f"{where} {LABELS[name]}：{fault or cell.problem or '没有填'}")


_FIELDS = {
    name: Field(code=name, label=label, kind="int", maximum="9999999", evidence="NAT1")
    for name, label in LABELS.items()
}


def write(survey: Survey | None) -> bytes:
    """表Ⅵ as Excel: filled, or empty as the template that ``read`` takes."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, BOOK) as book:
        sheet = book.add_worksheet("社会认可度调查情况")
        bold = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"})
        plain = book.add_format({"border": 1})
        percent = book.add_format({"border": 1, "num_format": "0.0"})
        write_cell(sheet, 0, 0, "社会认可度调查情况（表Ⅵ）", book.add_format({"bold": True, "font_size": 14}))
        write_cell(sheet, 1, 0, "", bold)
        for at, head in enumerate(_HEADS, 1):
            write_cell(sheet, 1, at, head, bold)
        for row, (title, ending) in enumerate((("计", ""), ("其中：家长", "_parent")), 2):
            write_cell(sheet, row, 0, title, bold)
            for at, name in enumerate(_NATIONAL, 1):
                value = getattr(survey, name + ending) if survey and name else None
                write_cell(sheet, row, at, value, plain)
            # The percentages are formulas, so that whoever fills the template sees them.
            sheet.write_formula(
                row,
                4,
                f'=IF(C{row + 1}>0,D{row + 1}/C{row + 1}*100,"")',
                percent,
                _share(survey, "survey_satisfied", "survey_valid", ending),
            )
            sheet.write_formula(
                row,
                7,
                f'=IF(F{row + 1}>0,G{row + 1}/F{row + 1}*100,"")',
                percent,
                _share(survey, "visit_satisfied", "visit_total", ending),
            )
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 7, 16)
        sheet.set_landscape()
        sheet.set_paper(9)
    return made.getvalue()


def _share(survey: Survey | None, part: str, whole: str, ending: str) -> float | str:
    if survey is None or not getattr(survey, whole + ending):
        return ""
    return float(getattr(survey, part + ending) * 100 / getattr(survey, whole + ending))
