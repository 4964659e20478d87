"""A small made-up standard over schools: one ratio split between stages, its CV, an overall rule, one unchecked item."""

from types import SimpleNamespace
from typing import Any

from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import bound_of
from dudao_engines.standards.model import Cell, Record
from dudao_engines.standards.schema import Standard


def _field(code: str, kind: str = "int") -> Any:
    return SimpleNamespace(code=code, kind=kind, label=code)


FORMS: Any = {
    "schools": SimpleNamespace(
        level="school",
        fields=[_field("pupils"), _field("older"), _field("books"), _field("kind", "enum")]
        + [_field(f"t{at}", "bool") for at in range(6)],
    ),
    "counties": SimpleNamespace(level="county", fields=[_field("places")]),
}
STANDARD = Standard.model_validate(
    {
        "id": "small-2024",
        "version": "1",
        "name": "示例标准",
        "short_name": "示例",
        "forms": ["schools", "counties"],
        "levels": [
            {"id": "school", "name": "学校", "table": "school"},
            {
                "id": "part",
                "name": "学段",
                "of": "school",
                "stages": ["小学", "初中"],
                "present": {"小学": "pupils > 0", "初中": "or_zero(older) > 0"},
            },
            {"id": "county", "name": "县", "table": "county"},
            {"id": "stage", "name": "全县学段", "of": "county", "stages": ["小学", "初中"]},
        ],
        "scope": [{"level": "school", "drop": 'kind == "特殊教育"', "says": "特殊教育学校不计入", "evidence": "NAT2"}],
        "groups": [{"id": "resource", "name": "资源配置"}],
        "quantities": [
            {"id": "students", "name": "在校生", "level": "part", "formula": {"小学": "pupils", "初中": "older"}},
            {"id": "weighted", "name": "加权在校生", "level": "school", "formula": "pupils + 1.1 * or_zero(older)"},
            {
                "id": "books_of_part",
                "name": "分得图书",
                "level": "part",
                "formula": {"小学": "books * pupils / weighted", "初中": "books * older * 1.1 / weighted"},
            },
        ],
        "indicators": [
            {
                "id": "R1",
                "name": "生均图书",
                "group": "resource",
                "level": "part",
                "kind": "ratio",
                "evidence": "NAT2",
                "numerator": "books_of_part",
                "denominator": "students",
                "decimals": 2,
                "limits": [{"stage": "小学", "op": ">=", "value": "5"}, {"stage": "初中", "op": ">=", "value": "6"}],
            },
            {
                "id": "CV1",
                "name": "图书差异系数",
                "group": "resource",
                "level": "stage",
                "kind": "number",
                "evidence": "NAT1",
                "value": "cv(part, books_of_part, students)",
                "decimals": 3,
                "limits": [
                    {"stage": "小学", "op": "<=", "value": "0.50"},
                    {"stage": "初中", "op": "<=", "value": "0.45"},
                ],
            },
            {
                "id": "SR",
                "name": "综合达标",
                "group": "resource",
                "level": "part",
                "kind": "rule",
                "evidence": "NAT2",
                "value": "at_least(0, passes(R1)) and (passes(R1) or value(R1) >= 0.85 * limit(R1))",
            },
        ],
        "verdict": {"says": "资源配置全部达到", "evidence": "NAT1", "formula": "met(resource)"},
        "judge_on": {"evidence": "DESIGN"},
    }
)


def bound() -> Bound:
    return bound_of(STANDARD, FORMS)


def school(unit: str, pupils: int | None, books: int | None, older: int | None = 0, kind: str = "小学") -> Record:
    cells = {"pupils": pupils, "books": books, "older": older}
    return Record(unit, f"示例{unit}", "", {code: Cell(value) for code, value in cells.items()} | {"kind": Cell(kind)})
