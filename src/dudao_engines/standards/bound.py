"""A standard whose formulas are bound: every name of every formula means something, and every node has its kind.

What the exact engine evaluates, what SQL is written from, and what an explanation shows is this one object.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import formula
from dudao_engines.standards.formula import Kind, Typed
from dudao_engines.standards.schema import (
    GRADES,
    JUDGED,
    Concession,
    Counted,
    Formulas,
    Indicator,
    Level,
    Limit,
    Parameter,
    Part,
    Standard,
    Variant,
)

#: Stage of a formula that is the same for all stages.
ANY = ""
ByStage = Mapping[str, Typed]
#: The kind of each field by its table and code.
Fields = Mapping[str, Mapping[str, Kind]]


@dataclass(frozen=True, slots=True)
class BoundLimit:
    """A limit with its meaning; ``key`` is how settings call it: ``R1.小学``, ``G7.1``."""

    key: str
    of: Limit
    when: Typed
    value: Typed


def in_force(limits: Iterable[BoundLimit], opened: Collection[str], stage: str) -> list[BoundLimit]:
    """The limits that hold at a stage (empty: of a row without stages): the defaults and those that were opened.

    One that was opened is another answer to the same question, so it takes the place of the defaults with its condition. Several
    that were opened must all be met.
    """
    here = [one for one in limits if one.of.stage in ("", stage) and (one.of.default or one.key in opened)]
    replaced = {one.of.when for one in here if not one.of.default}
    return [one for one in here if not one.of.default or one.of.when not in replaced]


@dataclass(frozen=True, slots=True)
class BoundCount:
    """Numerator and denominator, or value, by stage."""

    numerator: ByStage | None = None
    denominator: ByStage | None = None
    value: ByStage | None = None


@dataclass(frozen=True, slots=True)
class BoundConcession:
    of: Concession
    when: Typed
    count: BoundCount
    limits: tuple[BoundLimit, ...]


@dataclass(frozen=True, slots=True)
class BoundPart:
    """One number or judgement of an indicator.

    Attributes:
        key: ``R1``, or ``G11.a`` where the indicator has several.
        count: how it is computed, without a variant's formulas.
        variants: by id.
        needs: keys of the other parts and indicators that it rests on.
    """

    key: str
    indicator: Indicator
    part: Part
    level: Level
    count: BoundCount
    factor: Fraction
    limits: tuple[BoundLimit, ...]
    variants: Mapping[str, tuple[Variant, BoundCount]]
    concessions: tuple[BoundConcession, ...]
    needs: frozenset[str] = frozenset()


@dataclass(slots=True)
class Bound:
    """A bound standard.

    Attributes:
        above: the levels whose values a row of a level can use, from itself upwards.
        labels: what fields are called, by code.
    """

    standard: Standard
    fields: Fields
    labels: Mapping[str, str]
    levels: Mapping[str, Level]
    above: Mapping[str, tuple[str, ...]]
    quantities: dict[str, ByStage] = field(default_factory=dict)
    parts: dict[str, BoundPart] = field(default_factory=dict)
    scope: list[tuple[Typed, str, str]] = field(default_factory=list)
    present: dict[str, ByStage] = field(default_factory=dict)
    verdict: Typed | None = None

    def table_of(self, level: str) -> str:
        """The table of the data that a level's rows come from."""
        one = self.levels[level]
        return one.table or self.table_of(one.of)

    @property
    def overall(self) -> str:
        """Key of the rule that a unit must meet altogether: the one that rests on other parts of its own level; or empty."""
        return next(
            (
                one.key
                for one in self.parts.values()
                if one.part.kind == "rule" and one.needs and self.table_of(one.level.id) != "county"
            ),
            "",
        )

    def parts_of(self, indicator: str) -> list[BoundPart]:
        return [one for one in self.parts.values() if one.indicator.id == indicator]

    def parameter(self, id: str) -> Parameter:
        return next(one for one in self.standard.parameters if one.id == id)


def bind(standard: Standard, fields: Fields, labels: Mapping[str, str] | None = None) -> Bound:
    """A standard with every formula bound.

    Args:
        standard: as read.
        fields: kind of each field by table (the level of its form) and code.
        labels: what the fields are called.

    Raises:
        EngineInputError: ``standard.formula``: which indicator, which formula, and why; ``standard.level``.
    """
    return _Binder(standard, fields, labels or {}).bound()


def bind_at(bound: Bound, text: str, level: str, where: str = "公式") -> Typed:
    """A formula beside the standard, of a report or a question, with the meaning it has at a level.

    Args:
        text: the formula.
        level: id of the level at whose rows it is evaluated.
        where: what the message calls the place.

    Raises:
        EngineInputError: ``standard.formula``.
    """
    binder = _Binder(bound.standard, bound.fields, bound.labels)
    binder.result = bound
    return binder.one(text, level, None, where)


class _Binder:
    def __init__(self, standard: Standard, fields: Fields, labels: Mapping[str, str]) -> None:
        self.standard = standard
        levels = {one.id: one for one in standard.levels}
        self.result = Bound(standard, fields, labels, levels, _above(standard, levels))
        self.quantities = {one.id: one for one in standard.quantities}
        self.parameters = {one.id: one for one in standard.parameters}
        self.indicators = {one.id: one for one in standard.indicators}
        self.open: list[str] = []

    def bound(self) -> Bound:
        for left in self.standard.scope:
            self.result.scope.append(
                (self.one(left.drop, left.level, "bool", f"scope“{left.says}”"), left.level, left.says)
            )
        for level in self.standard.levels:
            if level.present:
                self.result.present[level.id] = {
                    stage: self.one(text, level.of, "bool", f"层级 {level.id} 的 present")
                    for stage, text in level.present.items()
                }
        for id in self.quantities:
            self.quantity(id)
        for one in self.standard.indicators:
            for part in one.parts:
                bound = self._part(one, part)
                self.result.parts[bound.key] = bound
        county = next(one.id for one in self.standard.levels if one.table == "county")
        self.result.verdict = self.one(self.standard.verdict.formula, county, "bool", "verdict")
        self._check_circles()
        return self.result

    def quantity(self, id: str) -> ByStage:
        if id in self.result.quantities:
            return self.result.quantities[id]
        if id in self.open:
            raise EngineInputError("standard.formula", f"{self._name}：数量 {' → '.join([*self.open, id])} 互相引用。")
        one = self.quantities[id]
        self.open.append(id)
        by_stage = self._by_stage(one.formula, one.level, None, f"数量 {id}")
        self.open.pop()
        if len({node.kind for node in by_stage.values()}) > 1:
            raise EngineInputError("standard.formula", f"{self._name}：数量 {id} 在各学段的种类不一样。")
        self.result.quantities[id] = by_stage
        return by_stage

    @property
    def _name(self) -> str:
        return f"{self.standard.id}.yaml"

    def _part(self, one: Indicator, part: Part) -> BoundPart:
        level, where = one.level, f"指标 {one.id}"
        key = one.key(part)
        limits = tuple(self._limit(limit, at, key, level, part) for at, limit in enumerate(part.limits, 1))
        variants = {
            variant.id: (variant, self._count(variant, level, part, f"{where} 算法 {variant.id}"))
            for variant in part.variants
        }
        concessions = tuple(
            BoundConcession(
                concession,
                self.one(concession.when, level, "bool", f"{where} 放宽 {concession.id}"),
                self._count(concession, level, part, f"{where} 放宽 {concession.id}"),
                tuple(
                    self._limit(limit, at, concession.id, level, part) for at, limit in enumerate(concession.limits, 1)
                ),
            )
            for concession in part.concessions
        )
        for id in part.basis:
            if id not in self.parameters:
                raise EngineInputError(
                    "standard.formula", f"{self._name}：{where} 依据的参数 {id} 不在 parameters 里。"
                )
        if Fraction(part.factor) <= 0:
            raise EngineInputError("standard.formula", f"{self._name}：{where}的系数（factor）应当大于 0。")
        if part.published and not isinstance(self._scope(level).named(part.published), formula.Field):
            raise EngineInputError("standard.formula", f"{self._name}：{where}公布数的字段 {part.published} 取不到。")
        count = self._count(part, level, part, where)
        trees = [limit.value for limit in limits] + [limit.when for limit in limits]
        for made in (count, *(made for _, made in variants.values())):
            for by_stage in (made.numerator, made.denominator, made.value):
                trees.extend((by_stage or {}).values())
        needs = self._needs(trees)
        return BoundPart(
            key,
            one,
            part,
            self.result.levels[level],
            count,
            Fraction(part.factor),
            limits,
            variants,
            concessions,
            needs,
        )

    def _needs(self, trees: list[Typed]) -> frozenset[str]:
        """Items that formulas refer to, through quantities too."""
        found: set[str] = set()
        seen: set[str] = set()
        todo = [node for tree in trees for node in formula.parts(tree)]
        while todo:
            node = todo.pop()
            if isinstance(node, formula.Refer):
                found.update(
                    [one.id for one in self.standard.indicators if one.group == node.id]
                    if node.what == "met"
                    else [node.id]
                )
            elif isinstance(node, formula.Quantity) and node.id not in seen:
                seen.add(node.id)
                todo.extend(inner for tree in self.quantity(node.id).values() for inner in formula.parts(tree))
        return frozenset(found)

    def _check_circles(self) -> None:
        """No item may rest on itself."""
        done: set[str] = set()

        def visit(key: str, path: tuple[str, ...]) -> None:
            if key in path:
                raise EngineInputError("standard.formula", f"{self._name}：指标 {' → '.join([*path, key])} 互相引用。")
            if key in done:
                return
            for need in sorted(self.result.parts[key].needs):
                for below in [need] if need in self.result.parts else [one.key for one in self.result.parts_of(need)]:
                    visit(below, (*path, key))
            done.add(key)

        for key in self.result.parts:
            visit(key, ())

    def _count(self, of: Counted, level: str, part: Part, where: str) -> BoundCount:
        value_kind: Kind | None = "bool" if part.kind == "rule" else None
        return BoundCount(
            self._by_stage(of.numerator, level, "number", f"{where} 分子") if of.numerator is not None else None,
            self._by_stage(of.denominator, level, "number", f"{where} 分母") if of.denominator is not None else None,
            self._by_stage(of.value, level, value_kind, f"{where} 公式") if of.value is not None else None,
        )

    def _limit(self, limit: Limit, at: int, key: str, level: str, part: Part) -> BoundLimit:
        where = f"指标 {key} 限值"
        if limit.param:
            found = self._scope(level).named(limit.param)
            if not isinstance(found, formula.Parameter):
                raise EngineInputError(
                    "standard.formula", f"{self._name}：{where}的参数 {limit.param} 不在 parameters 里。"
                )
            value: Typed = found
        elif part.kind in JUDGED:
            if part.kind == "grade" and limit.value not in GRADES:
                raise EngineInputError(
                    "standard.formula", f"{self._name}：{where}“{limit.value}”不是 {'、'.join(GRADES)} 之一。"
                )
            value = formula.Literally(limit.value, "text")
        else:
            value = self.one(limit.value, level, None, where)
        when = self.one(limit.when, level, "bool", where)
        stages = self.result.levels[level].stages
        if limit.stage and limit.stage not in stages:
            raise EngineInputError(
                "standard.formula",
                f"{self._name}：{where}的学段“{limit.stage}”不是 {'、'.join(stages) or '这一层级的'}。",
            )
        return BoundLimit(f"{key}.{limit.id or limit.stage or at}", limit, when, value)

    def _by_stage(self, texts: Formulas, level: str, kind: Kind | None, where: str) -> ByStage:
        if isinstance(texts, str):
            return {ANY: self.one(texts, level, kind, where)}
        stages = self.result.levels[level].stages
        if set(texts) != set(stages):
            raise EngineInputError(
                "standard.formula",
                f"{self._name}：{where}要写 {'、'.join(stages) or '一条公式'}，写了 {'、'.join(texts)}。",
            )
        return {stage: self.one(text, level, kind, where) for stage, text in texts.items()}

    def one(self, text: str, level: str, kind: Kind | None, where: str) -> Typed:
        try:
            node = formula.bind(formula.parse(text), self._scope(level))
            if kind and node.kind != kind:
                raise EngineInputError(
                    "formula.kind", f"公式“{text}”的结果应当是{'数' if kind == 'number' else '是非'}。"
                )
        except EngineInputError as error:
            if error.code == "standard.formula":
                raise
            raise EngineInputError("standard.formula", f"{self._name} {where}：{error}") from None
        return node

    def _scope(self, level: str) -> "_Scope":
        return _Scope(self, level)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Names at a level: its own, then those of the levels above it."""

    binder: _Binder
    level: str

    def named(self, name: str) -> Typed | None:
        result = self.binder.result
        for level in result.above[self.level]:
            table = result.levels[level].table
            if table and (kind := result.fields.get(table, {}).get(name)):
                return formula.Field(name, level, kind)
            one = self.binder.quantities.get(name)
            if one and one.level == level:
                kind = next(iter(self.binder.quantity(name).values())).kind
                return formula.Quantity(name, level, kind)
        if parameter := self.binder.parameters.get(name):
            return formula.Parameter(name, "text" if parameter.allowed else "number")
        return None

    def over(self, level: str) -> "_Scope | None":
        result = self.binder.result
        if level not in result.levels or level == self.level:
            return None
        # The rows of the lower level belong to this row when this level, or the level it splits, stands above them.
        here = result.levels[self.level]
        if self.level in result.above[level] or (here.of and here.of in result.above[level]):
            return _Scope(self.binder, level)
        return None

    def item(self, what: str, id: str) -> formula.Refer | None:
        result, standard = self.binder.result, self.binder.standard
        if what == "met":
            known = any(one.id == id for one in standard.groups)
            return formula.Refer(what, id, self.level, "bool") if known else None
        name, _, part_id = id.rpartition(".")
        one = self.binder.indicators.get(id)
        parts = list(one.parts) if one else []
        if one is None and (one := self.binder.indicators.get(name)):
            parts = [part for part in one.parts if part.id == part_id]
        if one is None or not parts or one.level not in result.above[self.level]:
            return None
        if what == "passes":
            return formula.Refer(what, id, one.level, "bool")
        if len(parts) > 1:
            return None
        return formula.Refer(what, id, one.level, _value_kind(self.binder, one, parts[0]))


def _value_kind(binder: _Binder, one: Indicator, part: Part) -> Kind:
    """The kind of an item's value: a square root where it is a cv, else a number."""
    text = part.value if isinstance(part.value, str) else next(iter((part.value or {"": ""}).values()))
    if not text:
        return "number"
    return formula.bind(formula.parse(text), _Scope(binder, one.level)).kind


def _above(standard: Standard, levels: Mapping[str, Level]) -> dict[str, tuple[str, ...]]:
    """Of each level: itself, the level it splits, and the county."""
    counties = [one.id for one in standard.levels if one.table == "county"]
    if len(counties) != 1:
        raise EngineInputError("standard.level", f"{standard.id}.yaml：要有一个取自 county 表的层级。")
    found: dict[str, tuple[str, ...]] = {}
    for one in standard.levels:
        chain = [one.id]
        if one.of:
            if one.of not in levels or not levels[one.of].table:
                raise EngineInputError(
                    "standard.level", f"{standard.id}.yaml：层级 {one.id} 所分的 {one.of} 不是数据表的层级。"
                )
            chain.append(one.of)
        if counties[0] not in chain:
            chain.append(counties[0])
        found[one.id] = tuple(chain)
    return found
