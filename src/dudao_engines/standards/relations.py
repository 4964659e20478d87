"""Check relations (校验关系) of a form over the cells of one unit, and which of its fields are asked.

The formulas are those of the forms' files, in the one formula language, evaluated by the one exact engine: three-valued, so that a
relation over a missing cell says nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from dudao_engines.standards import values
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.exact import Evaluator, Row
from dudao_engines.standards.forms import BoundForm, Form, bound
from dudao_engines.standards.formula import Field, Kind, Op, Typed, parts
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Settings
from dudao_engines.standards.schema import JudgeOn, Level, Standard, Verdict
from dudao_engines.standards.values import Unknown

Cells = Mapping[str, Cell]
#: Words for a comparison that does not hold, between its two sides.
_BROKEN = {"==": "≠", "<=": "＞", "<": "≥", ">=": "＜", ">": "≤", "!=": "＝"}


@dataclass(frozen=True, slots=True)
class Broken:
    """A relation that does not hold.

    Attributes:
        relation: its id.
        fields: codes of the fields where it is shown.
        says: what is wrong, in Chinese.
        severity: ``error`` must be mended, ``warning`` wants a word.
        found: the two sides of the comparison as they stand: ``24 ≠ 23``; empty where it is not one comparison.
        is_sure: whether the relation comes from a source that is sure enough; otherwise it is shown as 未核实.
        clause: where the relation comes from.
    """

    relation: str
    fields: tuple[str, ...]
    says: str
    severity: Literal["error", "warning"]
    found: str = ""
    is_sure: bool = True
    clause: str = ""

    def __str__(self) -> str:
        return f"{self.says}（{self.found}）" if self.found else self.says


@dataclass(frozen=True, slots=True)
class Lower:
    """The units of a county that its form may take sums of: their form and their records."""

    form: Form
    records: Sequence[Record] = field(default=(), hash=False, compare=False)


def check(
    form: Form,
    cells: Cells,
    *,
    last: Cells | None = None,
    others: Mapping[str, Cells] | None = None,
    lower: Sequence[Lower] = (),
) -> list[Broken]:
    """The relations of a form that a unit's cells break.

    Args:
        form: the form.
        cells: of one unit, by field code; missing ones may be left out.
        last: the same unit's cells of the year before.
        others: its cells by another way: ``platform``, ``statistics``.
        lower: in a county's form, its schools and kindergartens.

    Returns:
        In the order of the file. A relation over missing cells says nothing, and one that looks beside the form is asked only
        where what it looks at is given.
    """
    ready = _ready(form, tuple(one.form for one in lower))
    beside = {name: by for name, by in {"last": last or {}, **(others or {})}.items() if by}
    evaluator, row = _evaluator(ready, cells, beside, lower)
    found = []
    for relation in form.relations:
        tree = ready.form.relations.get(relation.id)
        if tree is None or ready.beside[relation.id] - beside.keys():
            continue
        if evaluator.evaluate(tree, row) is False:
            found.append(
                Broken(
                    relation.id,
                    relation.fields,
                    relation.says,
                    relation.severity,
                    _sides(tree, evaluator, row),
                    relation.is_sure,
                    relation.clause,
                )
            )
    return found


def asked(form: Form, cells: Cells) -> frozenset[str]:
    """Codes of the fields that are asked of a unit: those without a condition, and those whose condition is met by its cells."""
    ready = _ready(form, ())
    evaluator, row = _evaluator(ready, cells, {}, ())
    conditions = ready.form.when
    return frozenset(
        one.code
        for one in form.fields
        if one.code not in conditions or evaluator.evaluate(conditions[one.code], row) is True
    )


def missing(form: Form, cells: Cells) -> list[str]:
    """Codes of the fields that are asked, required, and have no value; in the order of the form."""
    wanted = asked(form, cells)
    return [
        one.code
        for one in form.fields
        if one.required and one.code in wanted and ((cell := cells.get(one.code)) is None or cell.value is None)
    ]


def _sides(tree: Typed, evaluator: Evaluator, row: Row) -> str:
    """The numbers of a plain comparison, so that one sees by how much it fails."""
    if not isinstance(tree, Op) or tree.op not in _BROKEN or tree.args[0].kind != "number":
        return ""
    left, right = (evaluator.evaluate(one, row) for one in tree.args)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return ""
    return f"{values.shown(left, None)} {_BROKEN[tree.op]} {values.shown(right, None)}"


# The form as something that the exact engine can be asked about


@dataclass(frozen=True, slots=True)
class _Ready:
    form: BoundForm
    engine: Bound
    beside: Mapping[str, frozenset[str]]


@lru_cache(maxsize=64)
def _ready(form: Form, beside: tuple[Form, ...]) -> _Ready:
    """A form's formulas bound, in the frame of a standard that has its tables and judges nothing."""
    forms = {form.level: form} | {one.level: one for one in beside}
    levels = [Level(id=level, name=one.name, table=level) for level, one in forms.items()]
    standard = Standard(
        id=form.id,
        version=form.version,
        name=form.name,
        short_name=form.name,
        forms=(form.id,),
        levels=tuple(levels),
        groups=(),
        indicators=(),
        verdict=Verdict(says="不作结论", formula="true", evidence="DESIGN"),
        judge_on=JudgeOn(evidence="DESIGN"),
    )
    fields: dict[str, dict[str, Kind]] = {
        level: {one.code: one.formula_kind for one in of.fields} for level, of in forms.items()
    }
    labels = {one.code: one.label for of in forms.values() for one in of.fields}
    above = {one.id: (one.id,) for one in levels}
    ready = bound(form, beside)
    looks = {id: frozenset(_beside(tree)) for id, tree in ready.relations.items()}
    return _Ready(ready, Bound(standard, fields, labels, {one.id: one for one in levels}, above), looks)


def _beside(tree: Typed) -> Iterator[str]:
    """What a relation looks at beside the form: ``last``, ``platform`` …"""
    for node in parts(tree):
        if isinstance(node, Field) and "." in node.code:
            yield node.code.partition(".")[0]


def _evaluator(
    ready: _Ready, cells: Cells, others: Mapping[str, Cells], lower: Sequence[Lower]
) -> tuple[Evaluator, Row]:
    form = ready.form.form
    together = dict(cells) | {f"{name}.{code}": cell for name, by in others.items() for code, cell in by.items()}
    # All units given are of this one county, however their codes are written.
    tables: dict[str, list[Record]] = {one.form.level: [replace(r, county="") for r in one.records] for one in lower}
    tables[form.level] = [Record(unit="0", name="", cells=together)]
    evaluator = Evaluator(ready.engine, Dataset(tables), Settings())
    return evaluator, evaluator.rows(form.level)[0]
