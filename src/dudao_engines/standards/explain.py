"""Any number opened down to its cells: its formula in words, what each piece of it came to, and where each cell was read.

82.99 % = 11302 / 13619 × 100 → the kindergartens that make up 11302 → the cell of one of them
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from dudao_engines.standards import values
from dudao_engines.standards.bound import Bound, BoundPart
from dudao_engines.standards.compute import Usable, how_shown
from dudao_engines.standards.exact import Evaluator, Row, chosen
from dudao_engines.standards.formula import Field, Literally, Op, Over, Parameter, Quantity, Refer, Typed
from dudao_engines.standards.model import Cell
from dudao_engines.standards.values import Known, Unknown


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a number.

    Attributes:
        kind: ``part`` (an indicator's number), ``numerator``, ``denominator``, ``quantity``, ``cell``, ``parameter``, ``rows`` (an
            aggregate; its children are the rows), ``row``, ``item`` (another indicator's).
        label: what it is called.
        says: its formula in words.
        value: exact, or ``Unknown``.
        shown: how the value looks.
        unit, name, stage: whose it is.
        code: of a cell its field, of a quantity, parameter or item its id.
        cell: of a cell, what was read and where.
        children: what it is made of.
    """

    kind: str
    label: str
    says: str
    value: Known | None
    shown: str
    unit: str = ""
    name: str = ""
    stage: str = ""
    code: str = ""
    cell: Cell | None = None
    children: tuple["Step", ...] = field(default=())

    def cells(self) -> Iterator["Step"]:
        """All cells below."""
        if self.kind == "cell":
            yield self
        for one in self.children:
            yield from one.cells()


def explain(evaluator: Evaluator, usable: Usable, key: str, unit: str, stage: str = "") -> Step:
    """One number as a tree.

    Args:
        evaluator: of the standard over the data.
        usable: which of its rules are checked.
        key: of the part: ``R1``, ``G11.a``.
        unit: code of the unit; of the county for what is asked of it.
        stage: where the part is judged by stages.

    Raises:
        KeyError: there is no such part, or the unit is not judged by it.
    """
    part = evaluator.bound.parts[key]
    row = next((one for one in evaluator.rows(part.level.id) if one.record.unit == unit and one.stage == stage), None)
    if row is None:
        raise KeyError(unit)
    return _Explainer(evaluator, usable).part(part, row)


class _Explainer:
    def __init__(self, evaluator: Evaluator, usable: Usable) -> None:
        self.evaluator, self.bound, self.usable = evaluator, evaluator.bound, usable

    def part(self, part: BoundPart, row: Row) -> Step:
        evaluator, found = self.evaluator, self.evaluator.found(part.key, row)
        label = part.indicator.name + (f"：{part.part.name}" if part.part.name else "")
        numerator, denominator, value = (
            (None, None, None)
            if part.part.kind in ("material", "grade", "attest", "veto")
            else evaluator.formulas(part, row)
        )
        children = [
            self._step(kind, name, tree, row)
            for kind, name, tree in (("numerator", "分子", numerator), ("denominator", "分母", denominator))
            if tree is not None
        ]
        if value is not None:
            # One aggregate is opened at once.
            children += self._leaf(value, row).children if isinstance(value, Over) else self.inside(value, row)
            says = write(value, self.bound)
        elif numerator is not None and denominator is not None:
            factor = f" × {part.part.factor}" if part.factor != 1 else ""
            says = f"{_wrapped(numerator, self.bound)} ÷ {_wrapped(denominator, self.bound)}{factor}"
        else:
            says = "由人认定"
        return Step(
            *("part", label, says, found.value, how_shown(part, found.value)),
            *(row.record.unit, row.record.name, row.stage),
            code=part.key,
            children=tuple(children),
        )

    def _step(self, kind: str, label: str, tree: Typed, row: Row) -> Step:
        value = self.evaluator.evaluate(tree, row)
        if isinstance(tree, Quantity | Over):
            # A numerator that is one named number or one sum is opened at once.
            return replace(self._leaf(tree, row), kind=kind, label=label, says=write(tree, self.bound))
        return Step(
            *(kind, label, write(tree, self.bound), value, values.shown(value, None)),
            *(row.record.unit, row.record.name, row.stage),
            children=tuple(self.inside(tree, row)),
        )

    def inside(self, tree: Typed, row: Row) -> list[Step]:
        """What a formula is made of, one level down: its cells, quantities, parameters, aggregates and items, each once."""
        found: dict[Typed, Step] = {}
        todo = [tree]
        while todo:
            node = todo.pop(0)
            if isinstance(node, Op):
                todo = [*node.args, *todo]
            elif node not in found and not isinstance(node, Literally):
                found[node] = self._leaf(node, row)
        return list(found.values())

    def _leaf(self, node: Typed, row: Row) -> Step:
        evaluator = self.evaluator
        value = evaluator.evaluate(node, row)
        looks = values.shown(value, None)
        if isinstance(node, Field):
            at = evaluator.up(row, node.level)
            label = self.bound.labels.get(node.code, node.code)
            cell = evaluator.cell(node.code, at)
            return Step("cell", label, "", value, looks, at.record.unit, at.record.name, code=node.code, cell=cell)
        if isinstance(node, Quantity):
            at = evaluator.up(row, node.level)
            one = next(each for each in self.bound.standard.quantities if each.id == node.id)
            tree = chosen(self.bound.quantities[node.id], at.stage)
            return Step(
                *(
                    "quantity",
                    one.name,
                    write(tree, self.bound),
                    value,
                    looks,
                    at.record.unit,
                    at.record.name,
                    at.stage,
                ),
                code=node.id,
                children=self._leaf(tree, at).children if isinstance(tree, Over) else tuple(self.inside(tree, at)),
            )
        if isinstance(node, Parameter):
            return Step("parameter", self.bound.parameter(node.id).name, "", value, looks, code=node.id)
        if isinstance(node, Over):
            return self._over(node, row, value)
        return self._item(node, row, value)

    def _over(self, node: Over, row: Row, value: Known) -> Step:
        rows = []
        for one in self.evaluator.below(row, node.level):
            inner = self.evaluator.evaluate(node.args[0], one) if node.args else True
            if node.fn in ("count", "all", "any") and isinstance(inner, bool) and inner is not (node.fn != "all"):
                # Of a count the rows that count, of a rule for all the rows that break it.
                continue
            if node.fn == "sum" and inner == 0 and _of_some(node.args[0]):
                continue
            if node.fn == "cv":
                inner = self._quotient(inner, self.evaluator.evaluate(node.args[1], one))
            children = tuple(dict.fromkeys(step for arg in node.args for step in self.inside(arg, one)))
            says = "，".join(write(arg, self.bound) for arg in node.args)
            rows.append(
                Step(
                    *("row", one.called, says, inner, values.shown(inner, 2 if node.fn == "cv" else None)),
                    *(one.record.unit, one.record.name, one.stage),
                    children=children,
                )
            )
        looks = values.shown(value, None)
        return Step("rows", write(node, self.bound), "", value, looks, children=tuple(rows))

    @staticmethod
    def _quotient(amount: Known, weight: Known) -> Known:
        """What a unit has for each pupil: what a coefficient of variation compares."""
        if isinstance(amount, Fraction) and isinstance(weight, Fraction) and weight:
            return amount / weight
        return amount if isinstance(amount, Unknown) else weight if isinstance(weight, Unknown) else amount

    def _item(self, node: Typed, row: Row, value: Known) -> Step:
        if not isinstance(node, Refer):
            raise TypeError(f"{node!r}")
        label, looks = write(node, self.bound), values.shown(value, None)
        if node.what == "met":
            return Step("item", label, "", value, looks, code=node.id)
        at = self.evaluator.up(row, node.level)
        parts = [self.bound.parts[node.id]] if node.id in self.bound.parts else self.bound.parts_of(node.id)
        children = tuple(self.part(one, at) for one in parts)
        return Step(
            *("item", label, "", value, looks, at.record.unit, at.record.name, at.stage),
            code=node.id,
            children=children,
        )


# Formulas in words

_SIGNS = {"*": "×", "/": "÷", "-": "−", "<=": "≤", ">=": "≥", "==": "＝", "!=": "≠", "and": "且", "or": "或"}
_STRENGTH = {
    "or": 1,
    "and": 2,
    "not": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "==": 4,
    "!=": 4,
    "in": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "neg": 7,
}
_SCALARS = {
    "ceil": "向上取整",
    "floor": "向下取整",
    "abs": "绝对值",
    "min": "最小值",
    "max": "最大值",
    "mean": "平均值",
    "known": "已填",
    "or_zero": "未填按 0 计",
}


def write(node: Typed, bound: Bound) -> str:
    """A formula in the words of the field: labels for codes, ÷ for /."""
    return _written(node, bound, 0)


def _wrapped(node: Typed, bound: Bound) -> str:
    return _written(node, bound, 7)


def _written(node: Typed, bound: Bound, inside: int) -> str:
    if isinstance(node, Literally):
        text = values.shown(node.value, None)
        return f"“{text}”" if isinstance(node.value, str) else text
    if isinstance(node, Field):
        return bound.labels.get(node.code, node.code)
    if isinstance(node, Quantity):
        return next(one.name for one in bound.standard.quantities if one.id == node.id)
    if isinstance(node, Parameter):
        return bound.parameter(node.id).name
    if isinstance(node, Refer):
        return _referred(node, bound)
    args = [_written(one, bound, 0) for one in node.args]
    if isinstance(node, Over):
        level = bound.levels[node.level].name
        if node.fn == "sum" and (some := _of_some(node.args[0])):
            condition, what = (_written(one, bound, 0) for one in some)
            return f"{condition}的各{level}“{what}”之和"
        return {
            "sum": lambda: f"各{level}“{args[0]}”之和",
            "count": lambda: f"“{args[0]}”的{level}数",
            "all": lambda: f"每个{level}都“{args[0]}”",
            "any": lambda: f"有{level}“{args[0]}”",
            "cv": lambda: f"各{level}“{args[0]}”按“{args[1]}”加权的差异系数",
            "units": lambda: f"{level}数",
        }[node.fn]()
    return _operated(node, bound, args, inside)


def _of_some(node: Typed) -> tuple[Typed, Typed] | None:
    """Of ``if(condition, x, 0)`` the condition and x: what a sum over some of the rows adds up."""
    if isinstance(node, Op) and node.op == "if" and node.args[2] == Literally(Fraction(), "number"):
        return node.args[0], node.args[1]
    return None


def _operated(node: Op, bound: Bound, args: list[str], inside: int) -> str:
    op = node.op
    if op == "at_least":
        return f"至少 {args[0]} 项：{'、'.join(args[1:])}"
    if op == "if":
        return f"若{args[0]}则{args[1]}，否则{args[2]}"
    if op in _SCALARS:
        return f"{_SCALARS[op]}（{'，'.join(args)}）"
    strength = _STRENGTH[op]
    if op == "not":
        text = f"不是（{args[0]}）"
    elif op == "in":
        text = f"{args[0]}为{'或'.join(args[1:])}"
    elif op == "neg":
        text = f"−{_written(node.args[0], bound, strength)}"
    else:
        left, right = node.args
        text = f"{_written(left, bound, strength)} {_SIGNS.get(op, op)} {_written(right, bound, strength + 1)}"
    return f"（{text}）" if strength < inside else text


def _referred(node: Refer, bound: Bound) -> str:
    if node.what == "met":
        name = next(one.name for one in bound.standard.groups if one.id == node.id)
        return f"{name}各项全部达到"
    id = node.id if node.id not in bound.parts else bound.parts[node.id].indicator.id
    name = next((one.name for one in bound.standard.indicators if one.id == id), node.id)
    return {"value": f"{name}的值", "limit": f"{name}的限值", "passes": f"{name}达标"}[node.what]
