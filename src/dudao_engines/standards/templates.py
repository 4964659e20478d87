"""A form as an Excel file to be filled in: one unit a line, or one unit downwards for print and signature.

Labels stand in the heads exactly as in the form, so that what comes back is recognised wherever columns moved
(``mapping.recognise``). Choices are drop-down lists, numbers have their range, and each head explains its item.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field, Form
from dudao_engines.standards.model import Cell

#: What names the unit of a form: field code, and the head where the form has no such field.
KEYS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "school": (("school_code", "学校代码"), ("school_name", "学校名称")),
    "kindergarten": (("kindergarten_code", "幼儿园代码"), ("kindergarten_name", "幼儿园名称")),
    "county": (("county_code", "区县代码"), ("county_name", "区县名称")),
    "estate": (("", ""), ("kindergarten_name", "配套幼儿园名称")),
}
_BOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: The time that stands in a file: none, so that the same input gives the same bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
#: Lines left for units when none are given.
_SPARE = 200
_A4, _A3 = 9, 8
#: Heads and widths of a form written downwards.
_COLUMNS = (("序号", 5), ("类别", 14), ("填报项目", 34), ("单位", 9), ("填报值", 15), ("说明", 38), ("字段代码", 20))
#: Longest list that Excel keeps inside a validation, and longest words beside a cell.
_LIST, _TITLE, _WORDS = 255, 32, 255


@dataclass(frozen=True, slots=True)
class Unit:
    """Who is to fill in: its code, its name, and what is known already, by field code."""

    code: str
    name: str
    cells: Mapping[str, Cell]


def rows(form: Form, units: Sequence[Unit] = (), *, title: str = "") -> bytes:
    """One line a unit.

    Args:
        form: the form.
        units: those who are asked, with what is known already; without any, empty lines.
        title: above the table; the form's name when left out.

    Returns:
        The bytes of an .xlsx file, the same for the same input.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, _BOOK) as book:
        book.set_properties({"title": title or form.name, "created": _MADE})
        look = _Look(book)
        sheet = book.add_worksheet("填报")
        fields = _ordered(form)
        last = len(fields) - 1
        sheet.write_string(0, 0, title or form.name, look.title)
        sheet.write_string(1, 0, _how(form), look.note)
        sheet.set_row(0, 30)
        sheet.set_row(3, 75)
        _sections(sheet, form, fields, look)
        for at, one in enumerate(fields):
            sheet.write_string(3, at, one.head, look.ours if one.ours else look.head)
            sheet.write_comment(3, at, f"{_told(one)}（{one.code}）", {"x_scale": 2, "y_scale": 1.4})
            sheet.set_column(at, at, 22 if one.kind == "text" else 12)
            _validate(sheet, 4, at, 4 + max(len(units), _SPARE) - 1, one)
        for line, unit in enumerate(units, 4):
            for at, one in enumerate(fields):
                _write(sheet, line, at, one, _known(form, one, unit), look)
        for line in range(4 + len(units), 4 + (0 if units else 20)):
            for at, one in enumerate(fields):
                _write(sheet, line, at, one, None, look)
        sheet.freeze_panes(4, 2)
        sheet.repeat_rows(2, 3)
        sheet.repeat_columns(0, 1)
        sheet.set_landscape()
        sheet.set_paper(_A3)
        sheet.set_print_scale(60)
        sheet.print_area(0, 0, 3 + max(len(units), 20), last)
        sheet.set_footer(f"&L{title or form.name}&R第 &P 页，共 &N 页")
    return made.getvalue()


def sheet_of(form: Form, unit: Unit, *, title: str = "", asked: frozenset[str] | None = None) -> bytes:
    """One unit downwards, one item a line, to be filled in, printed and signed.

    Args:
        form: the form.
        unit: who fills in, with what is known already.
        title: above the table; the form's name when left out.
        asked: codes of the fields asked of this unit (``relations.asked``); all when left out.

    Returns:
        The bytes of an .xlsx file.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, _BOOK) as book:
        book.set_properties({"title": title or form.name, "created": _MADE})
        look = _Look(book)
        sheet = book.add_worksheet("填报")
        sheet.merge_range(0, 0, 0, 6, title or form.name, look.title)
        sheet.set_row(0, 30)
        sheet.merge_range(1, 0, 1, 6, f"填报单位：{unit.name}　　代码：{unit.code}", look.note)
        for at, (head, width) in enumerate(_COLUMNS):
            sheet.write_string(2, at, head, look.head)
            sheet.set_column(at, at, width)
        line = 2
        for section in form.sections:
            for one in section.fields:
                if asked is not None and one.code not in asked:
                    continue
                line += 1
                sheet.write_number(line, 0, line - 2, look.cell)
                sheet.write_string(line, 1, section.title, look.cell)
                sheet.write_string(line, 2, one.label, look.ours_cell if one.ours else look.cell)
                sheet.write_string(line, 3, one.unit, look.cell)
                # What stands already is handed out as it stands, also where the register has the unit under another code.
                _write(sheet, line, 4, one, unit.cells.get(one.code) or _known(form, one, unit), look)
                _validate(sheet, line, 4, line, one)
                told = _told(one, with_unit=False)
                sheet.write_string(line, 5, told, look.cell)
                lines = max(
                    _lines(text, _COLUMNS[at][1]) for at, text in ((1, section.title), (2, one.label), (5, told))
                )
                sheet.set_row(line, 14 * lines + 4)
                sheet.write_string(line, 6, one.code, look.code)
        sheet.write_string(
            line + 2, 0, "填报人（签字）：　　　　　　　　负责人（签字）：　　　　　　　　　　　年　　月　　日（公章）"
        )
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.5, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{unit.name}&R第 &P 页，共 &N 页")
    return made.getvalue()


class _Look:
    """The formats of a book."""

    def __init__(self, book: Any) -> None:
        boxed = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
        head = boxed | {"bold": True, "text_wrap": True, "align": "center"}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "left", "valign": "vcenter"})
        self.note = book.add_format({"font_size": 10, "font_color": "#555555"})
        self.section = book.add_format(head | {"bg_color": "#D6E0F0"})
        self.head = book.add_format(head | {"bg_color": "#E9EEF5"})
        self.ours = book.add_format(head | {"bg_color": "#FBF1DC"})
        self.code = book.add_format(boxed | {"font_size": 8, "font_color": "#777777", "align": "center"})
        self.cell = book.add_format(boxed | {"text_wrap": True})
        self.ours_cell = book.add_format(boxed | {"text_wrap": True, "bg_color": "#FBF1DC"})
        self.text = book.add_format(boxed | {"num_format": "@"})
        self.whole = book.add_format(boxed | {"num_format": "0"})
        self.decimal = {n: book.add_format(boxed | {"num_format": f"0.{'0' * n}" if n else "0"}) for n in range(7)}

    def of(self, field: Field) -> Any:
        if not field.is_number:
            return self.text
        return self.decimal[field.decimals] if field.kind in ("dec", "percent") else self.whole


def _ordered(form: Form) -> list[Field]:
    """What names the unit first, then the form's own order."""
    keys = [one for one in KEYS[form.level] if one[0]]
    named = [
        form.get(code) or Field(code=code, label=label, kind="text", evidence="DESIGN", ours=True)
        for code, label in keys
    ]
    return named + [one for one in form.fields if one.code not in dict(keys)]


def _sections(sheet: Any, form: Form, fields: Sequence[Field], look: _Look) -> None:
    """The titles of the sections over their columns."""
    titles = {one.code: form.sections[0].title for one in fields}
    titles |= {one.code: section.title for section in form.sections for one in section.fields}
    start = 0
    for at in range(1, len(fields) + 1):
        if at == len(fields) or titles[fields[at].code] != titles[fields[start].code]:
            title = titles[fields[start].code]
            if at - start > 1:
                sheet.merge_range(2, start, 2, at - 1, title, look.section)
            else:
                sheet.write_string(2, start, title, look.section)
            start = at


def _how(form: Form) -> str:
    return "；".join(
        [
            "请在第 5 行起填写，一个单位一行；没有的数填 0，不知道的留空，不要填“无”或“/”",
            *(["底色不同的项目是本系统补充的"] if any(one.ours for one in form.fields) else []),
            *form.notes[:2],
        ]
    )


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column: a Chinese character is two narrow ones wide."""
    return -(-sum(2 if ord(one) > 0x2000 else 1 for one in text) // (width - 1))


def _told(field: Field, *, with_unit: bool = True) -> str:
    """What is said of an item beside its head."""
    wanted = {
        "int": "整数",
        "dec": f"最多 {field.decimals} 位小数",
        "percent": "百分数，填 83 而不是 0.83",
        "bool": "填“是”或“否”",
        "enum": f"选：{'、'.join(field.choices)}",
        "text": "文字",
        "year": "四位年份",
    }[field.kind]
    unit = f"，单位：{field.unit}" if with_unit and field.unit and field.is_number else ""
    said = [wanted + unit, field.hint, field.note]
    said.append("本系统补充" if field.ours else field.clause)
    said.append("" if field.required else "可以不填")
    return "；".join(one for one in said if one)


def _known(form: Form, field: Field, unit: Unit) -> Cell | None:
    (code, _), (name, _) = KEYS[form.level]
    if field.code in (code, name):
        return Cell(unit.code if field.code == code else unit.name)
    return unit.cells.get(field.code)


def _write(sheet: Any, line: int, at: int, field: Field, cell: Cell | None, look: _Look) -> None:
    if cell is None or cell.value is None:
        sheet.write_blank(line, at, None, look.of(field))
    elif field.is_number and not isinstance(cell.value, bool | str) and not _is_small_percentage(field, cell.value):
        sheet.write_number(line, at, cell.value, look.of(field))
    else:
        sheet.write_string(line, at, reading.shown(cell.value, field), look.of(field))


def _is_small_percentage(field: Field, value: int | Decimal) -> bool:
    """Half a percent stands with its sign, because a bare 0.5 could mean 50 %."""
    return field.kind == "percent" and 0 < value <= 1


def _validate(sheet: Any, first: int, at: int, last: int, field: Field) -> None:
    """The drop-down list or the range of a column."""
    beside = {"input_title": field.label[:_TITLE], "input_message": _told(field)[:_WORDS], "ignore_blank": True}
    if field.kind in ("bool", "enum"):
        choices = ["是", "否"] if field.kind == "bool" else list(field.choices)
        if len(",".join(choices)) <= _LIST:
            sheet.data_validation(
                first,
                at,
                last,
                at,
                {"validate": "list", "source": choices, "error_message": "请从列表中选择", **beside},
            )
    elif field.is_number:
        low, high = field.minimum or "-9999999999", field.maximum or "9999999999999"
        whole = field.kind in ("int", "year")
        sheet.data_validation(
            first,
            at,
            last,
            at,
            {
                "validate": "integer" if whole else "decimal",
                "criteria": "between",
                "minimum": int(low) if whole else float(low),
                "maximum": int(high) if whole else float(high),
                "error_title": "填得不对",
                "error_message": f"{field.label[:60]}应当是 {low} 到 {high} 之间的{'整数' if whole else '数'}",
                **beside,
            },
        )
