"""SQL written from a bound standard, for DuckDB, PostgreSQL and Spark, with a proof of how far its numbers can be off.

A standard is written as a few queries, one for each level and phase (``Step``). What rests on a verdict, or on the rows of another
level, stands in a later phase, so that between two phases every verdict near a limit can be judged again exactly (``engines``).

**The bound.** Numbers are IEEE doubles; u = 2⁻⁵³ and γ(k) = k·u/(1 − k·u). Every number carries its value v, a magnitude m (what v
would be, were nothing ever subtracted), and k, such that its true value t satisfies |v − t| ≤ γ(k)·M, where M is the magnitude
without rounding. Then, with Higham's γ(i) + γ(j) + γ(i)γ(j) ≤ γ(i + j):

* leaf: M = |t|; k = 1 (an integer or decimal turned into the nearest double), 2 for a database's own decimals, 64 for a double that
  stands for the decimal of its first 15 digits (a relative error of at most 5·10⁻¹⁵ = 45·u);
* a ± b: M = Ma + Mb, k = max(ka, kb) + 1; a·b: M = Ma·Mb, k = ka + kb + 1;
* a / b: only where the computed mb = |vb|, so that nothing was subtracted in b and vb = tb·(1 + θ), |θ| ≤ γ(kb). Then
  |1/(1 + θ) − 1| ≤ γ(kb + 1), so M = Ma/|tb|, k = ka + kb + 2. A denominator of another kind makes the number *close*;
* a sum over n rows, in whatever order: M = ΣM, k = max(k) + n;
* the square of a coefficient of variation, W − 1 with W = P·Σ(a²/p)/(Σa)²: put M' = Σma/|Σa|. While ρ = γ(k + n)·M' ≤ 1/10, the
  numerator is off by at most γ(k + n) + γ(3k + 3 + n) + 3u, relative to W' = P·Σ(ma²/p)/(Σa)² ≥ W, and 1/(Σa)² by at most
  1/(1 − ρ)² − 1 ≤ 2.35·ρ. Together less than (7.4·k + 4.9·n + 7.5)·u·M'·W'; the computed W' may itself be too small by (1 + ρ)²
  = 1.21. So k' = 8·(n + 2k + 8) and m = M'·W' hold, the subtraction of 1 included. Where ρ is larger, or weights are not positive,
  the number is close.

The computed m differs from M by a factor within 1 ± γ(k), as nothing is subtracted in it; k < 2²⁰ (rows of one county) makes that,
and all terms of higher order, less than one part in a million. The comparison of a with b uses twice the sum of both bounds,
2u·(ka·ma + kb·mb + |a| + |b|), which covers it and the rounding of the difference. So **where |a − b| exceeds it, the computed
comparison is the true one**; where not, the row is close.

**Exact numbers.** Sums, differences and products of integers, and quotients of two such, are compared without any error: a/b with
p/q as a·q with b·p, for b > 0. All four are integers, exact in doubles while magnitudes stay below 2⁵²; above that the row is close.
For the same reason the computed quotient of two such integers lies on the same side of a whole number as the true one, and is one only
if the true one is, so ``ceil`` and ``floor`` of it are exact.

Underflow does not occur: data are decimals of at most a few dozen digits.

**Missing is NULL**, in three-valued logic, which SQL shares with the exact engine; division by zero is NULL.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod
from typing import Literal

from sqlglot import exp
from sqlglot.expressions import Expression

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import values
from dudao_engines.standards.bound import Bound, BoundCount, BoundLimit, BoundPart, ByStage, in_force
from dudao_engines.standards.exact import chosen
from dudao_engines.standards.formula import Field, Literally, Op, Over, Parameter, Quantity, Refer, Typed
from dudao_engines.standards.results import Settings
from dudao_engines.standards.schema import GRADES, JUDGED

ColumnKind = Literal["bigint", "double", "decimal", "text", "bool", "other"]
#: Kinds of the columns of each table of the data.
Columns = Mapping[str, Mapping[str, ColumnKind]]

KEY, COUNTY, STAGE = "_key", "_county", "_stage"
#: How a verdict is written in a step's table.
NONE, PASS, FAIL, MISSING = 0, 1, 2, 3
CONCLUSION = "conclusion"
_EXACT_BELOW = 2**52
_U2 = 2.0**-52
_LEAF = {"bigint": 1, "decimal": 2, "double": 64}


# What formulas become


@dataclass(frozen=True, slots=True)
class Number:
    """A number in SQL.

    Attributes:
        value, size, steps: v, m and k of the bound. A size that is written just as the value says that nothing was subtracted.
        close: true where the bound says nothing; None: never.
        whole: an integer, exact while its size is below 2⁵².
        over: numerator and denominator, where it is the quotient of two such integers.
        root: ``value`` is the square of the number.
        leaf: nothing was computed.
        written: what a formula says it is.
        most: what the size of an integer cannot exceed, where that is known.
    """

    value: Expression
    size: Expression
    steps: "int | Expression"
    close: Expression | None = None
    whole: bool = False
    over: "tuple[Number, Number] | None" = None
    root: bool = False
    leaf: bool = False
    written: Fraction | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    value: Expression
    close: Expression | None = None


@dataclass(frozen=True, slots=True)
class Words:
    value: Expression
    close: Expression | None = None


Node = Number | Truth | Words


# Builders: what they make can stand anywhere without more brackets


def column(name: str, of: str = "") -> Expression:
    return exp.Column(
        this=exp.Identifier(this=name, quoted=True), table=exp.Identifier(this=of, quoted=True) if of else None
    )


def number(value: Fraction | float) -> Expression:
    """A double: the one nearest to the number."""
    made = float(value)
    return _cast(exp.Literal.string(str(int(made)) if made.is_integer() and abs(made) < 1e15 else repr(made)))


def text(value: str) -> Expression:
    return exp.Literal.string(value)


def _cast(this: Expression, kind: str = "DOUBLE") -> Expression:
    return exp.Cast(this=this, to=exp.DataType(this=exp.DataType.Type[kind]))


def _whole(value: int) -> Expression:
    return exp.Literal.number(value)


NULL, TRUE, FALSE = exp.Null(), exp.true(), exp.false()


def _two(kind: type[exp.Binary], left: Expression, right: Expression) -> Expression:
    return exp.Paren(this=kind(this=left, expression=right))


def add(*of: Expression) -> Expression:
    made = of[0]
    for one in of[1:]:
        made = _two(exp.Add, made, one)
    return made


def mul(left: Expression, right: Expression) -> Expression:
    return _two(exp.Mul, left, right)


def div(left: Expression, right: Expression) -> Expression:
    """NULL where the denominator is zero."""
    return exp.Paren(this=exp.Div(this=left, expression=exp.Nullif(this=right, expression=number(0))))


def size(of: Expression) -> Expression:
    return exp.Abs(this=of)


def greatest(*of: Expression) -> Expression:
    return of[0] if len(of) == 1 else exp.Greatest(this=of[0], expressions=list(of[1:]), ignore_nulls=True)


def when(*cases: tuple[Expression, Expression], other: Expression | None = None) -> Expression:
    return exp.Case(ifs=[exp.If(this=asked, true=then) for asked, then in cases], default=other)


def either(*of: Expression | None) -> Expression | None:
    """Any of several flags, of which None is never."""
    found = list(dict.fromkeys(one for one in of if one is not None))
    made: Expression | None = None
    for one in found:
        made = one if made is None else _two(exp.Or, made, one)
    return made


def is_null(of: Expression) -> Expression:
    return _two(exp.Is, of, NULL)


def is_not_null(of: Expression) -> Expression:
    return exp.Paren(this=exp.Not(this=is_null(of)))


def is_true(of: Expression) -> Expression:
    return exp.Coalesce(this=of, expressions=[FALSE])


def is_false(of: Expression) -> Expression:
    return exp.Paren(this=exp.Not(this=exp.Coalesce(this=of, expressions=[TRUE])))


def count(asked: Expression) -> Expression:
    return exp.Count(this=when((asked, _whole(1))))


def or_nothing(of: Expression) -> Expression:
    return exp.Coalesce(this=of, expressions=[_whole(0)])


_COMPARE: Mapping[str, type[exp.Binary]] = {
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "==": exp.EQ,
    "!=": exp.NEQ,
}


def _more(left: "int | Expression", right: "int | Expression", plus: int = 0) -> "int | Expression":
    """left + right + plus."""
    if isinstance(left, int) and isinstance(right, int):
        return left + right + plus
    return add(_steps(left), _steps(right), *([number(plus)] if plus else []))


def _most(of: "Sequence[int | Expression]", plus: int = 0) -> "int | Expression":
    known = [one for one in of if isinstance(one, int)]
    open_ = list(dict.fromkeys(one for one in of if not isinstance(one, int)))
    if not open_:
        return max(known) + plus
    made = greatest(*open_, *([number(max(known))] if known else []))
    return add(made, number(plus)) if plus else made


def _steps(of: "int | Expression") -> Expression:
    return number(of) if isinstance(of, int) else of


def _too_large(*of: Number) -> Expression | None:
    """A size that integers need not be exact at; of a missing number it says nothing. None where it cannot be."""
    open_ = [one.size for one in of if one.most is None or one.most >= _EXACT_BELOW]
    return is_true(_two(exp.GTE, greatest(*open_), number(_EXACT_BELOW))) if open_ else None


def _bound(make: Callable[[list[int]], int], *of: Number) -> int | None:
    """The bound of what integers become."""
    known = [one.most for one in of if one.most is not None]
    return make(known) if len(known) == len(of) else None


# Arithmetic


def constant(value: Fraction) -> Number:
    whole = value.denominator == 1 and abs(value) < _EXACT_BELOW
    over = None
    if not whole and max(abs(value.numerator), value.denominator) < 2**30:
        over = (constant(Fraction(value.numerator)), constant(Fraction(value.denominator)))
    return Number(
        number(value),
        number(abs(value)),
        1,
        whole=whole,
        over=over,
        leaf=True,
        written=value,
        most=abs(int(value)) if whole else None,
    )


def plus(left: Number, right: Number, kind: type[exp.Binary] = exp.Add) -> Number:
    return Number(
        _two(kind, left.value, right.value),
        add(left.size, right.size),
        _most([left.steps, right.steps], 1),
        either(left.close, right.close),
        left.whole and right.whole,
        most=_bound(sum, left, right),
    )


def times(left: Number, right: Number) -> Number:
    over = None
    if (left.over or right.over) and (left.over or left.whole) and (right.over or right.whole):
        (a, b), (c, d) = _fraction(left), _fraction(right)
        over = (_times(a, c), _times(b, d))
    return replace(_times(left, right), over=over)


def _fraction(one: Number) -> tuple[Number, Number]:
    return one.over or (one, constant(Fraction(1)))


def _times(left: Number, right: Number) -> Number:
    for one, other in ((left, right), (right, left)):
        if one.written == 1:
            return other
    return Number(
        mul(left.value, right.value),
        mul(left.size, right.size),
        _more(left.steps, right.steps, 1),
        either(left.close, right.close),
        left.whole and right.whole,
        most=_bound(prod, left, right),
    )


def over(top: Number, bottom: Number) -> Number:
    """A quotient; NULL where the denominator is zero."""
    subtracted = None
    if not bottom.leaf and bottom.size != bottom.value:
        subtracted = is_true(_two(exp.NEQ, bottom.size, size(bottom.value)))
        if bottom.whole:
            subtracted = _too_large(bottom)
    return Number(
        div(top.value, bottom.value),
        div(top.size, _sized(bottom)),
        _more(top.steps, bottom.steps, 2),
        either(top.close, bottom.close, subtracted),
        over=(top, bottom) if top.whole and bottom.whole else None,
    )


def _sized(one: Number) -> Expression:
    """The size of a number that comes from no subtraction."""
    return one.value if one.size == one.value else size(one.value)


def compare(op: str, left: Number, right: Number, half: Fraction | None = None) -> Truth:
    """A comparison that is close where its numbers do not decide it.

    Args:
        op: of the formula language.
        left, right: where one is a root, the square of the other is taken.
        half: half a step of the decimals that ``left`` is rounded to before it is compared, or None.
    """
    close = either(left.close, right.close)
    if half is not None:
        distance, off = _apart_rounded(left, right, half)
        return Truth(_two(_COMPARE[op], *_same(left, right)), either(close, is_true(_two(exp.LTE, distance, off))))
    if (left.over or left.whole) and (right.over or right.whole):
        return _compare_exactly(op, left, right, close)
    one, other = (each if left.root == right.root or each.root else _signed_square(each) for each in (left, right))
    distance, off = size(_two(exp.Sub, one.value, other.value)), _off(one, other)
    asked = _two(_COMPARE[op], one.value, other.value)
    return Truth(asked, either(close, is_true(_two(exp.LTE, distance, off))))


def _compare_exactly(op: str, left: Number, right: Number, close: Expression | None) -> Truth:
    """a/b with c/d as a·d with c·b; NULL where a denominator is zero."""
    (a, b), (c, d) = _fraction(left), _fraction(right)
    near, far = _times(a, d), _times(c, b)
    asked = _two(_COMPARE[op], near.value, far.value)
    for one in (b, d):
        if not (one.written and one.written > 0):
            asked = when((_two(exp.GT, one.value, number(0)), asked))
            # A denominator below zero would turn the comparison round.
            close = either(close, is_true(_two(exp.LT, one.value, number(0))))
    # An integer of the data never passes one of the formula by being turned into a double; what was computed may.
    if not (near.leaf and far.leaf and (near.written is not None or far.written is not None)):
        close = either(close, _too_large(near, far))
    return Truth(asked, close)


def _signed_square(one: Number) -> Number:
    return Number(mul(one.value, size(one.value)), mul(one.size, one.size), _more(one.steps, one.steps, 1), one.close)


def _same(left: Number, right: Number) -> tuple[Expression, Expression]:
    """Two numbers as themselves, not as squares."""
    return _plain(left), _plain(right)


def _plain(one: Number) -> Expression:
    return exp.Sqrt(this=greatest(one.value, number(0))) if one.root else one.value


def plain(one: Number) -> Expression:
    """The number itself: of a root, not its square; NULL stays NULL."""
    return when((is_not_null(one.value), _plain(one))) if one.root else one.value


def _off(left: Number, right: Number) -> Expression:
    """Twice what two numbers together may be off, with the rounding of their difference (see the module)."""
    parts = [mul(_steps(_more(each.steps, 1)), each.size) for each in (left, right)]
    return mul(number(_U2), add(*parts))


def _apart_rounded(left: Number, right: Number, half: Fraction) -> tuple[Expression, Expression]:
    """How far two numbers are apart, and how far they may be when the first is rounded. √t differs from √v by at most √|t − v|."""
    offs = [mul(number(_U2), mul(_steps(_more(each.steps, 1)), each.size)) for each in (left, right)]
    roots = [exp.Sqrt(this=off) if each.root else off for off, each in zip(offs, (left, right), strict=True)]
    distance = size(_two(exp.Sub, *_same(left, right)))
    # A thousandth of the half step covers the rounding of the roots and of the sums here.
    return distance, add(number(half * Fraction(1001, 1000)), *roots)


def near_half(one: Number, decimals: int) -> Expression:
    """Whether a number lies so near the middle between two shown ones that rounding it is not sure."""
    scale = number(10**decimals)
    off = mul(number(_U2), mul(_steps(_more(one.steps, 1)), one.size))
    shown = mul(size(_plain(one)), scale)
    middle = size(_two(exp.Sub, _two(exp.Sub, shown, exp.Floor(this=shown)), number(0.5)))
    off = mul(exp.Sqrt(this=off) if one.root else off, scale)
    return is_true(_two(exp.LTE, middle, add(off, mul(shown, number(2.0**-48)))))


def choose(cases: Sequence[tuple[Expression | None, Node]], *, always: bool = True) -> Node:
    """The first whose condition holds. All are of one kind; ``always``: one of the conditions does hold."""
    nodes = [node for _, node in cases]
    if always and all(node == nodes[0] for node in nodes):
        return nodes[0]

    def pick(get: Callable[[Node], Expression]) -> Expression:
        asked = [(condition, get(node)) for condition, node in cases if condition is not None]
        other = [get(node) for condition, node in cases if condition is None]
        return when(*asked, other=other[0] if other else None)

    close = None
    if any(node.close is not None for node in nodes):
        close = pick(lambda node: FALSE if node.close is None else node.close)
        close = is_true(close)
    value = pick(lambda node: node.value)
    numbers = [node for node in nodes if isinstance(node, Number)]
    if all(one.size == one.value for one in numbers):
        sized = value
    elif all(one.size in (one.value, size(one.value)) for one in numbers):
        sized = size(value)
    else:
        sized = pick(lambda node: node.size if isinstance(node, Number) else NULL)
    if isinstance(nodes[0], Truth):
        return Truth(value, close)
    if isinstance(nodes[0], Words):
        return Words(value, close)
    exactly: tuple[Number, Number] | None = None
    if all(one.over or one.whole for one in numbers) and any(one.over for one in numbers):
        fractions = [_fraction(one) for one in numbers]
        halves = [
            choose(
                [(condition, fraction[at]) for (condition, _), fraction in zip(cases, fractions, strict=True)],
                always=always,
            )
            for at in (0, 1)
        ]
        top, bottom = halves
        if isinstance(top, Number) and isinstance(bottom, Number):
            exactly = (top, bottom)
    return Number(
        value,
        sized,
        _most([one.steps for one in numbers]),
        close,
        all(one.whole for one in numbers),
        exactly,
        any(one.root for one in numbers),
        all(one.leaf for one in numbers),
        most=_bound(max, *numbers),
    )


# Steps


@dataclass(frozen=True, slots=True)
class PartColumns:
    """What a step's table holds of a part: which of the columns ``<key>.n d v m l c t`` there are; ``<key>.code`` always.

    Attributes:
        op: how value and limit are compared, where that is one for all rows; else it is the column ``<key>.o``.
        root: ``v`` is the square of the value.
        whole: those of ``n d v`` that are integers.
        elsewhere: the columns of ``n.v`` and ``d.v`` where they are those of a quantity.
        limit: the limit, where it is one number for all rows of a stage; then there is no column ``l.v``.
        is_written: the limit is a number that is written down, not one that is computed.
    """

    key: str
    columns: frozenset[str]
    op: str | None = ""
    root: bool = False
    whole: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    limit: Expression | None = None
    is_written: bool = True

    def name(self, what: str) -> str:
        return self.elsewhere.get(what) or f"{self.key}.{what}"


@dataclass(frozen=True, slots=True)
class Step:
    """One table to compute: its name, its query, and what it holds."""

    level: str
    phase: int
    table: str
    query: Expression
    parts: tuple[PartColumns, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the data stand.

    Attributes:
        columns: kinds of the columns of each table, which is called ``t_<table>``.
        keys: the columns of each table that hold the key of a row and its county. The county table holds every county.
        rows: how many rows the longest table has.
        largest: the largest size of an integer in them.
        positive: the columns of each table that hold no number below zero.
    """

    columns: Columns
    keys: Mapping[str, tuple[str, str]]
    rows: int
    largest: int
    positive: Mapping[str, frozenset[str]]


#: A quantity or part, and the level it is computed at.
Item = tuple[Literal["quantity", "part"], str, str]


class Writer:
    """Writes a standard as steps.

    Args:
        bound: the standard.
        settings: what the county has decided.
        tables: where the data stand.
        shown: also tell (column ``t``) where rounding a value for show needs its exact value.

    Raises:
        EngineInputError: ``sql.unsupported``: what only the exact engine computes.
    """

    def __init__(self, bound: Bound, settings: Settings, tables: Tables, *, shown: bool) -> None:
        self.bound, self.settings, self.tables, self.shown = bound, settings, tables, shown
        self.rounds = (settings.judge_on or bound.standard.judge_on.default) == "rounded"
        self.county = next(one.id for one in bound.standard.levels if one.table == "county")
        self.quantities = {one.id: one for one in bound.standard.quantities}
        self.stored: dict[Item, tuple[Node, str]] = {}
        self._phases: dict[Item, int] = {}
        self._depths: dict[Item, int] = {}
        for key in (*(key for key, part in bound.parts.items() if self.is_open(part)), CONCLUSION):
            self._place(self.part(key))
        #: What a later step rests on, and the parts whose value or limit it uses.
        self.kept: set[Item] = set()
        self.referred: set[str] = set()
        for item, phase in self._phases.items():
            for tree, at in self._trees(item):
                for need, _ in self._needs(tree, at):
                    if self._phases[need] < phase or need[2] != item[2]:
                        self.kept.add(need)
                self.referred |= {
                    one.id for one in _all(tree) if isinstance(one, Refer) and one.what in ("value", "limit")
                }
        self.referred = {key for key in self.referred if any(one[1] == key for one in self.kept)}

    # What is computed when

    def is_open(self, part: BoundPart) -> bool:
        return part.indicator.enabled or part.indicator.id in self.settings.opened

    def is_asked(self, part: BoundPart) -> bool:
        return part.indicator.mandatory and self.is_open(part) and part.part.kind != "info"

    def part(self, key: str) -> Item:
        return "part", key, self.county if key == CONCLUSION else self.bound.parts[key].level.id

    def quantity(self, id: str, level: str) -> Item:
        """A quantity as rows of ``level`` use it. What a unit's cells alone make is computed at each of its stages anew."""
        own = self.quantities[id].level
        near = own == self.bound.levels[level].of and self._of_cells(id)
        return "quantity", id, level if near else own

    def _of_cells(self, id: str) -> bool:
        return not any(
            isinstance(node, Refer | Over) or (isinstance(node, Quantity) and not self._of_cells(node.id))
            for tree in self.bound.quantities[id].values()
            for node in _all(tree)
        )

    def steps(self) -> Iterator[Step]:
        """The steps in their order; each is written when it is asked for."""
        for phase, level in sorted({(phase, level) for (_, _, level), phase in self._phases.items()}):
            items = [one for one, at in self._phases.items() if at == phase and one[2] == level]
            yield _StepWriter(self, level, phase, sorted(items, key=lambda one: self._depths[one])).step()

    def _place(self, item: Item) -> None:
        if item in self._phases:
            return
        level, phase = item[2], 0
        near: set[Item] = set()
        for tree, at in self._trees(item):
            for need, later in self._needs(tree, at):
                self._place(need)
                phase = max(phase, self._phases[need] + later)
                if not later and need[2] == level:
                    near.add(need)
        self._phases[item] = phase
        self._depths[item] = max((self._depths[one] + 1 for one in near if self._phases[one] == phase), default=0)

    def _trees(self, item: Item) -> Iterator[tuple[Typed, str]]:
        """Every formula in force of an item, with the level it stands at."""
        what, id, level = item
        if what == "quantity":
            yield from ((tree, level) for tree in self.bound.quantities[id].values())
        elif id == CONCLUSION:
            if self.bound.verdict is None:
                raise TypeError("the standard is not bound")
            yield self.bound.verdict, level
        else:
            part = self.bound.parts[id]
            for asked, counts, limits in self.alternatives(part):
                if asked is not None:
                    yield asked, level
                for name in ("numerator", "denominator", "value"):
                    yield from ((tree, level) for tree in (self.formulas(counts, name) or {}).values())
                for limit in (one for one in limits if one.of.default or one.key in self.settings.opened):
                    yield limit.when, level
                    yield limit.value, level

    def _needs(self, tree: Typed, level: str) -> Iterator[tuple[Item, bool]]:
        """The items a formula rests on, and whether they must stand in an earlier phase."""
        if isinstance(tree, Quantity):
            item = self.quantity(tree.id, level)
            yield item, item[2] != level
        elif isinstance(tree, Refer):
            later = tree.what in ("passes", "met") or tree.level != level
            yield from ((self.part(key), later) for key in self.referring(tree))
        elif isinstance(tree, Over):
            yield from ((need, True) for one in tree.args for need, _ in self._needs(one, tree.level))
        elif isinstance(tree, Op):
            for one in tree.args:
                yield from self._needs(one, level)

    def referring(self, node: Refer) -> list[str]:
        """Keys of the parts that a reference means."""
        if node.what == "met":
            return [
                part.key
                for part in self.bound.parts.values()
                if part.indicator.group == node.id and self.is_asked(part)
            ]
        return [node.id] if node.id in self.bound.parts else [one.key for one in self.bound.parts_of(node.id)]

    def alternatives(
        self, part: BoundPart
    ) -> list[tuple[Typed | None, tuple[BoundCount, ...], tuple[BoundLimit, ...]]]:
        """Open concessions in their order, each with its condition, and last what holds without one."""
        own = [part.count]
        if part.variants:
            id = self.settings.variants.get(part.key, "")
            if id not in part.variants:
                id = next(id for id, (one, _) in part.variants.items() if one.default)
            own.insert(0, part.variants[id][1])
        found: list[tuple[Typed | None, tuple[BoundCount, ...], tuple[BoundLimit, ...]]] = [
            (one.when, (one.count, *own), one.limits or part.limits)
            for one in part.concessions
            if one.of.id in self.settings.concessions
        ]
        return [*found, (None, tuple(own), part.limits)]

    @staticmethod
    def formulas(counts: Sequence[BoundCount], name: str) -> ByStage | None:
        return next((one for one in (getattr(count, name) for count in counts) if one is not None), None)

    def parameter(self, id: str) -> Fraction | str:
        one = self.bound.parameter(id)
        said = self.settings.parameters.get(id, one.value)
        return said if one.allowed else values.number(said)

    def stages(self, level: str) -> tuple[str, ...]:
        return self.bound.levels[level].stages

    def table(self, level: str) -> str:
        return self.bound.table_of(level)

    # The rows of a level

    def base(self, level: str, codes: Sequence[str]) -> Expression:
        """The rows of a level with some of their own cells: without what is left out, one for each stage that is there."""
        one = self.bound.levels[level]
        unit_level = one.of or level
        made: Expression | None = None
        for stage in one.stages or ("",):
            rows = _Rows(self, unit_level, -1)
            asked: list[Expression] = []
            for tree, at, says in self.bound.scope:
                if at == unit_level:
                    if self.table(unit_level) == "county":
                        raise EngineInputError("sql.unsupported", f"“{says}”排除的是县，SQL 引擎不支持。")
                    asked.append(exp.Not(this=is_true(self._sure(rows, tree, says))))
            if stage and (present := self.bound.present.get(level, {}).get(stage)) is not None:
                asked.append(exp.Not(this=is_false(self._sure(rows, present, f"{stage}的 present"))))
            for code in codes:
                rows.own.setdefault(code, None)
            key, county = self.tables.keys[self.table(level)]
            chosen_columns = [
                _named(column(key, "b"), KEY),
                _named(column(county, "b"), COUNTY),
                _named(text(stage), STAGE),
                *(_named(column(code, "b"), code) for code in codes),
            ]
            query = exp.select(*chosen_columns, copy=False).from_(_table(f"t_{self.table(level)}", "b"), copy=False)
            for join in rows.joined("b"):
                query = query.join(join, copy=False)
            if asked:
                query = query.where(*asked, copy=False)
            made = query if made is None else exp.Union(this=made, expression=query, distinct=False)
        if made is None:
            raise TypeError("a level without rows")
        return made

    def _sure(self, rows: "_Rows", tree: Typed, says: str) -> Expression:
        made = rows.truth(tree)
        if made.close is not None:
            raise EngineInputError("sql.unsupported", f"“{says}”的条件在 SQL 引擎里不能精确判断，只能比较整数。")
        return made.value


def _all(tree: Typed) -> Iterator[Typed]:
    yield tree
    if isinstance(tree, Op | Over):
        for one in tree.args:
            yield from _all(one)


def _named(this: Expression, alias: str) -> Expression:
    return exp.Alias(this=this, alias=exp.Identifier(this=alias, quoted=True))


def _table(name: str, alias: str) -> Expression:
    return exp.Table(this=exp.Identifier(this=name), alias=exp.TableAlias(this=exp.Identifier(this=alias, quoted=True)))


def _inner(query: Expression, alias: str) -> Expression:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.Identifier(this=alias, quoted=True)))


def _same_rows(names: Sequence[tuple[str, str]], left: str, right: str) -> Expression:
    made: Expression | None = None
    for here, there in names:
        one = _two(exp.EQ, column(here, left), column(there, right))
        made = one if made is None else _two(exp.And, made, one)
    if made is None:
        raise TypeError("a join on nothing")
    return made


@dataclass(slots=True)
class _Group:
    """An aggregation that joins as ``alias``."""

    rows: "_Rows"
    by: tuple[str, ...]
    outputs: dict[Expression, str] = field(default_factory=dict)


class _Rows:
    """The rows of a level within one query: what formulas need of them, and where it comes from.

    Args:
        phase: of the step; -1 while the rows themselves are being chosen, when no item is there yet.
    """

    def __init__(self, writer: Writer, level: str, phase: int) -> None:
        self.writer, self.level, self.phase = writer, level, phase
        self.own: dict[str, None] = {}
        #: By alias: what joins, and its columns that equal those of the rows.
        self.joins: dict[str, tuple[Expression, list[tuple[str, str]]]] = {}
        self.steps: list[str] = []
        self.groups: dict[tuple[str, tuple[str, ...]], tuple[str, _Group]] = {}
        self.inputs: dict[Expression, str] = {}
        self.local: dict[Item, Node] = {}

    # Sources

    def take(self, of: Expression) -> Expression:
        """A value of a joined table as a column of this query's first layer."""
        if self.phase < 0:
            return of
        return column(self.inputs.setdefault(of, f"i{len(self.inputs)}"))

    def cell(self, node: Field) -> Node:
        writer = self.writer
        table = writer.table(node.level)
        of = "b"
        if table != writer.table(self.level):
            of = "c"
            self._join_county()
        kind = writer.tables.columns.get(table, {}).get(node.code, "other")
        return self.leaf(node.code, node.kind, kind, of)

    def leaf(self, code: str, wanted: str, kind: ColumnKind, of: str = "b") -> Node:
        """A cell; NULL where it holds something of another kind than it should."""
        here = column(code, of)
        if wanted == "number":
            if kind not in _LEAF:
                return Number(_cast(NULL), _cast(NULL), 1, whole=True, leaf=True, most=0)
            self._needs(code, of)
            if kind == "double":
                # Not a number compares as greater than all in each of the databases.
                here = when((_two(exp.LT, size(here), number(1e60)), here))
            value = self.take(here if kind == "double" else _cast(here))
            most = self.writer.tables.largest if kind == "bigint" else None
            table = self.writer.table(self.level) if of == "b" else "county"
            sized = value if code in self.writer.tables.positive.get(table, ()) else size(value)
            return Number(value, sized, _LEAF[kind], whole=kind == "bigint", leaf=True, most=most)
        if kind != wanted:
            missing = _cast(NULL, "BOOLEAN" if wanted == "bool" else "TEXT")
            return Truth(missing) if wanted == "bool" else Words(missing)
        self._needs(code, of)
        value = self.take(here)
        return Truth(value) if wanted == "bool" else Words(value)

    def _needs(self, code: str, of: str) -> None:
        if of == "b":
            self.own[code] = None

    def _join_county(self) -> None:
        key, _ = self.writer.tables.keys["county"]
        mine = COUNTY if self.phase >= 0 else self.writer.tables.keys[self.writer.table(self.level)][1]
        self.joins.setdefault("c", (_table("t_county", "c"), [(mine, key)]))

    def quantity(self, id: str) -> Node:
        writer = self.writer
        if self.phase >= 0:
            return self.item(writer.quantity(id, self.level))
        if writer.quantities[id].level != self.level:
            raise EngineInputError("sql.unsupported", f"选取范围的条件里不能用 {id}。")
        return self.node(chosen(writer.bound.quantities[id], ""))

    def part(self, key: str, what: str) -> Node:
        """The ``value`` or ``limit`` of a part, or whether it ``passes``."""
        if self.phase < 0:
            raise EngineInputError("sql.unsupported", f"选取范围的条件里不能用 {key}。")
        what_, id, level = self.writer.part(key)
        return self.item((what_, f"{id}:{what}", level))

    def item(self, item: Item) -> Node:
        """What was computed at this row, or at the row above it."""
        if item in self.local:
            return self.local[item]
        node, table = self.writer.stored[item]
        alias = self._join_step(item[2], table)
        return _moved(
            node,
            lambda of: self.take(
                of.transform(lambda one: column(one.name, alias) if isinstance(one, exp.Column) else one)
            ),
        )

    def _join_step(self, level: str, table: str) -> str:
        alias = f"j_{table}"
        if alias not in self.joins:
            above = self.writer.bound.levels[self.level].of
            if level == self.level:
                on = [(KEY, KEY), *([(STAGE, STAGE)] if self.writer.stages(level) else [])]
            elif level == above:
                on = [(KEY, KEY)]
            else:
                on = [(COUNTY, KEY)]
            self.joins[alias] = (_table(table, alias), on)
            if level == self.level:
                self.steps.append(alias)
        return alias

    def group(self, level: str, *, county: bool = False) -> tuple[str, _Group]:
        """The rows of a lower level that belong to this row, to be aggregated; ``county``: all of its county."""
        writer, bound = self.writer, self.writer.bound
        if self.phase < 0:
            raise EngineInputError("sql.unsupported", "选取范围的条件里不能汇总。")
        here = bound.levels[self.level]
        staged = bool(here.stages) and bool(writer.stages(level)) and not county
        of_county = county or bound.levels[here.of or self.level].table == "county"
        if not of_county and here.of:
            raise EngineInputError("sql.unsupported", f"SQL 引擎不支持从{here.name}汇总{bound.levels[level].name}。")
        by = (COUNTY if of_county else KEY, *([STAGE] if staged else []))
        key = (level, by)
        if key not in self.groups:
            self.groups[key] = (f"g{len(self.groups)}", _Group(_Rows(writer, level, self.phase), by))
        return self.groups[key]

    # Formulas

    def node(self, tree: Typed) -> Node:
        if isinstance(tree, Literally):
            return _literally(tree.value)
        if isinstance(tree, Field):
            return self.cell(tree)
        if isinstance(tree, Parameter):
            return _literally(self.writer.parameter(tree.id))
        if isinstance(tree, Quantity):
            return self.quantity(tree.id)
        if isinstance(tree, Refer):
            return self._refer(tree)
        if isinstance(tree, Over):
            return self._over(tree)
        return self._op(tree)

    def number(self, tree: Typed) -> Number:
        made = self.node(tree)
        if not isinstance(made, Number):
            raise EngineInputError("sql.unsupported", "这里应当是一个数。")
        return made

    def truth(self, tree: Typed) -> Truth:
        made = self.node(tree)
        if not isinstance(made, Truth):
            raise EngineInputError("sql.unsupported", "这里应当是一个条件。")
        return made

    def _refer(self, tree: Refer) -> Node:
        keys = self.writer.referring(tree)
        if tree.what == "met":
            return _conjunction([self._met(key) for key in keys])
        if tree.what == "passes":
            found = [self.part(key, "passes") for key in keys]
            return _conjunction([one for one in found if isinstance(one, Truth)])
        return self.part(keys[0], tree.what)

    def _met(self, key: str) -> Truth:
        """Whether a part is met at every row of the county it is asked of; of none, it is not known."""
        alias, group = self.group(self.writer.part(key)[2], county=True)
        asked = group.rows.part(key, "passes")
        if not isinstance(asked, Truth):
            raise TypeError("a verdict that is no truth")
        return self._every(alias, group, asked)

    def _over(self, tree: Over) -> Node:
        alias, group = self.group(tree.level)
        rows = group.rows
        n = self._aggregate(alias, group, exp.Count(this=exp.Star()))
        if tree.fn == "units":
            return Number(n, n, 1, whole=True, most=self._rows)
        if tree.fn == "cv":
            return self._cv(alias, group, n, rows.number(tree.args[0]), rows.number(tree.args[1]))
        if tree.fn == "sum":
            one = rows.number(tree.args[0])
            known = self._aggregate(alias, group, exp.Count(this=one.value))
            total = self._aggregate(alias, group, exp.Sum(this=one.value))
            value = when((_two(exp.EQ, known, n), total))
            sizes = value if one.size == one.value else self._aggregate(alias, group, exp.Sum(this=one.size))
            return Number(
                value,
                sizes,
                self._summed(alias, group, one, n),
                self._any_close(alias, group, one),
                one.whole,
                most=self._times_rows(one),
            )
        asked = rows.truth(tree.args[0])
        if tree.fn == "all":
            return self._every(alias, group, asked)
        true = self._aggregate(alias, group, count(asked.value))
        known = self._aggregate(alias, group, exp.Count(this=asked.value))
        close = self._any_close(alias, group, asked)
        if tree.fn == "count":
            value = when((_two(exp.EQ, known, n), true))
            return Number(value, value, 1, close, whole=True, most=self._rows)
        some = _two(exp.GT, true, number(0))
        return Truth(when((some, TRUE), (_two(exp.EQ, known, n), FALSE)), close)

    @property
    def _rows(self) -> int:
        """The most rows there can be: a stage of each unit."""
        return self.writer.tables.rows * max(len(one.stages) or 1 for one in self.writer.bound.standard.levels)

    def _times_rows(self, one: Number) -> int | None:
        return None if one.most is None else one.most * self._rows

    def _every(self, alias: str, group: _Group, asked: Truth) -> Truth:
        n = self._aggregate(alias, group, exp.Count(this=exp.Star()))
        false = self._aggregate(alias, group, count(exp.Not(this=asked.value)))
        known = self._aggregate(alias, group, exp.Count(this=asked.value))
        some, whole = _two(exp.GT, false, number(0)), _two(exp.EQ, known, n)
        nobody = _two(exp.EQ, n, number(0))
        value = when((nobody, _cast(NULL, "BOOLEAN")), (some, FALSE), (whole, TRUE))
        return Truth(value, self._any_close(alias, group, asked))

    def _aggregate(self, alias: str, group: _Group, of: Expression) -> Expression:
        """An aggregate as a double; 0 where there are no rows."""
        name = group.outputs.setdefault(of, f"a{len(group.outputs)}")
        return self.take(or_nothing(_cast(column(name, alias))))

    def _summed(self, alias: str, group: _Group, one: Number, n: Expression) -> Expression:
        inner = one.steps
        most = number(inner) if isinstance(inner, int) else self._aggregate(alias, group, exp.Max(this=inner))
        return add(n, most)

    def _any_close(self, alias: str, group: _Group, *of: Node) -> Expression | None:
        close = either(*(one.close for one in of))
        if close is None:
            return None
        return _two(exp.GT, self._aggregate(alias, group, count(close)), number(0))

    def _cv(self, alias: str, group: _Group, n: Expression, amount: Number, weight: Number) -> Number:
        """The square of the coefficient of variation, in one pass (see the module)."""

        def total(of: Expression, fn: type[Expression] = exp.Sum) -> Expression:
            return self._aggregate(alias, group, fn(this=of))

        known = when((is_not_null(amount.value), weight.value))
        whole = _two(exp.EQ, total(known, exp.Count), n)
        poor = _two(exp.GT, self._aggregate(alias, group, count(_two(exp.LTE, weight.value, number(0)))), number(0))
        amounts, pupils = total(amount.value), total(weight.value)
        squares = total(div(mul(amount.value, amount.value), weight.value))
        steps = _more(self._summed(alias, group, amount, n), self._summed(alias, group, weight, n))
        below = mul(amounts, amounts)
        even = div(mul(pupils, squares), below)
        value = when((poor, _cast(NULL)), (whole, exp.Paren(this=exp.Sub(this=even, expression=number(1)))))
        # n and k of both stand in ``steps``: 8·(n + 2k + 8) is at most 16·steps + 64.
        k = add(mul(number(16), _steps(steps)), number(64))
        closes: list[Expression | None] = [self._any_close(alias, group, amount, weight)]
        if amount.size != amount.value:
            sizes = total(amount.size)
            ratio = div(sizes, size(amounts))
            even = mul(ratio, div(mul(pupils, total(div(mul(amount.size, amount.size), weight.value))), below))
            off = mul(number(_U2), _steps(steps))
            closes.append(is_true(_two(exp.GT, mul(off, ratio), number(0.1))))
            # A total that is zero within its bound: whether there is a value at all is not sure.
            bare = _two(exp.LTE, size(amounts), mul(off, sizes))
            closes.append(is_true(_two(exp.And, bare, _two(exp.GT, sizes, number(0)))))
        if weight.size != weight.value and not weight.leaf:
            if weight.whole:
                closes.append(_too_large(Number(pupils, total(weight.size), 1, most=self._times_rows(weight))))
            else:
                closes.append(is_true(_two(exp.NEQ, pupils, total(weight.size))))
        return Number(value, even, k, either(*closes), root=True)

    def _op(self, tree: Op) -> Node:
        op = tree.op
        if op in ("and", "or"):
            left, right = (self.truth(one) for one in tree.args)
            kind = exp.And if op == "and" else exp.Or
            return Truth(_two(kind, left.value, right.value), either(left.close, right.close))
        if op == "not":
            asked = self.truth(tree.args[0])
            return Truth(exp.Paren(this=exp.Not(this=asked.value)), asked.close)
        if op == "at_least":
            return self._at_least(tree)
        found = [self.node(one) for one in tree.args]
        close = either(*(one.close for one in found))
        if op == "if":
            condition = found[0]
            made = choose([(condition.value, found[1]), (exp.Not(this=condition.value), found[2])], always=False)
            return replace(made, close=either(condition.close, made.close))
        if op == "known":
            return Truth(is_not_null(found[0].value), close)
        if op == "in":
            return self._in(found, close)
        if op in _COMPARE and not isinstance(found[0], Number):
            return Truth(_two(_COMPARE[op], found[0].value, found[1].value), close)
        numbers = [one for one in found if isinstance(one, Number)]
        if len(numbers) < len(found):
            raise EngineInputError("sql.unsupported", f"“{op}”要数。")
        if op in _COMPARE:
            return compare(op, numbers[0], numbers[1])
        if op == "mean":
            return _mean(numbers)
        return _arithmetic(op, numbers)

    def _in(self, found: list[Node], close: Expression | None) -> Truth:
        first, others = found[0], found[1:]
        if isinstance(first, Number):
            asked = [compare("==", first, one) for one in others if isinstance(one, Number)]
            made: Expression | None = None
            for one in asked:
                made = one.value if made is None else _two(exp.Or, made, one.value)
            return Truth(made or FALSE, either(close, *(one.close for one in asked)))
        return Truth(exp.Paren(this=exp.In(this=first.value, expressions=[one.value for one in others])), close)

    def _at_least(self, tree: Op) -> Truth:
        wanted = tree.args[0]
        if not isinstance(wanted, Literally) or not isinstance(wanted.value, Fraction):
            raise EngineInputError("sql.unsupported", "at_least() 的第一项是写定的个数。")
        asked = [self.truth(one) for one in tree.args[1:]]
        true = add(*(when((one.value, _whole(1)), other=_whole(0)) for one in asked))
        maybe = add(*(when((is_false(one.value), _whole(0)), other=_whole(1)) for one in asked))
        value = when(
            (_two(exp.GTE, true, number(wanted.value)), TRUE), (_two(exp.LT, maybe, number(wanted.value)), FALSE)
        )
        return Truth(value, either(*(one.close for one in asked)))

    # The query

    def first_layer(self) -> exp.Select:
        """Key, county and stage, and everything taken in."""
        for _, (alias, group) in self.groups.items():
            if alias not in self.joins:
                self._join_group(alias, group)
        source: Expression
        if self.steps and not self.own:
            # What an earlier step has computed at these rows are these rows.
            rows = self.steps[0]
            source, _ = self.joins.pop(rows)
        else:
            rows = "b"
            source = _inner(self.writer.base(self.level, list(self.own)), rows)
        keys = [_named(column(name, rows), name) for name in (KEY, COUNTY, STAGE)]
        taken = [_named(of, name) for of, name in self.inputs.items()]
        query = exp.select(*keys, *taken, copy=False).from_(source, copy=False)
        for join in self.joined(rows):
            query = query.join(join, copy=False)
        return query

    def joined(self, rows: str) -> Iterator[exp.Join]:
        for alias, (what, on) in self.joins.items():
            yield exp.Join(this=what, side="LEFT", on=_same_rows(on, rows, alias))

    def _join_group(self, alias: str, group: _Group) -> None:
        keys = [column(name) for name in group.by]
        outputs = [_named(of, name) for of, name in group.outputs.items()]
        inner = _inner(group.rows.first_layer(), "r")
        query = exp.select(*keys, *outputs, copy=False).from_(inner, copy=False).group_by(*keys, copy=False)
        self.joins[alias] = (_inner(query, alias), [(name, name) for name in group.by])


def _moved(node: Node, moved: Callable[[Expression], Expression]) -> Node:
    """A node of stored columns as seen from a query that joins them."""
    close = None if node.close is None else moved(exp.Coalesce(this=node.close, expressions=[FALSE]))
    value = moved(node.value)
    if not isinstance(node, Number):
        return replace(node, value=value, close=close)
    if node.written is not None:
        return node
    if node.size in (node.value, size(node.value)):
        sized = value if node.size == node.value else size(value)
    else:
        sized = moved(node.size)
    steps = node.steps if isinstance(node.steps, int) else moved(node.steps)
    over_ = None
    if node.over:
        top, bottom = (_moved(one, moved) for one in node.over)
        if isinstance(top, Number) and isinstance(bottom, Number):
            over_ = (top, bottom)
    return replace(node, value=value, size=sized, steps=steps, close=close, over=over_)


def _literally(value: Fraction | bool | str) -> Node:
    if isinstance(value, bool):
        return Truth(TRUE if value else FALSE)
    return Words(text(value)) if isinstance(value, str) else constant(value)


def _conjunction(found: Sequence[Truth]) -> Truth:
    made: Expression = TRUE
    for at, one in enumerate(found):
        made = one.value if not at else _two(exp.And, made, one.value)
    return Truth(made, either(*(one.close for one in found)))


def _mean(numbers: list[Number]) -> Number:
    if any(one.root for one in numbers):
        # A mean of roots is only shown, never judged.
        total = div(add(*(plain(one) for one in numbers)), number(len(numbers)))
        return Number(total, size(total), 1, TRUE)
    made = numbers[0]
    for one in numbers[1:]:
        made = plus(made, one)
    return over(made, constant(Fraction(len(numbers))))


def _arithmetic(op: str, numbers: list[Number]) -> Number:
    one = numbers[0]
    if op == "+":
        return plus(one, numbers[1])
    if op == "-":
        return plus(one, numbers[1], exp.Sub)
    if op == "*":
        return times(one, numbers[1])
    if op == "/":
        return over(one, numbers[1])
    if op == "neg":
        return replace(one, value=exp.Paren(this=exp.Neg(this=one.value)), over=None, leaf=False, written=None)
    if op == "abs":
        return replace(one, value=size(one.value), over=None, leaf=False, written=None)
    if op == "or_zero":
        zero = number(0)
        value, sized = (exp.Coalesce(this=of, expressions=[zero]) for of in (one.value, one.size))
        return replace(one, value=value, size=sized, over=None, written=None)
    if op in ("ceil", "floor"):
        return _to_whole(op, one)
    return _extreme(op, numbers)


def _to_whole(op: str, one: Number) -> Number:
    value = exp.Ceil(this=one.value) if op == "ceil" else exp.Floor(this=one.value)
    close = one.close
    if one.over:
        close = either(close, _too_large(*one.over))
    elif one.whole:
        close = either(close, _too_large(one))
    else:
        off = mul(number(_U2), mul(_steps(_more(one.steps, 2)), one.size))
        nearest = size(_two(exp.Sub, one.value, exp.Floor(this=_two(exp.Add, one.value, number(0.5)))))
        close = either(close, is_true(_two(exp.LTE, nearest, off)))
    made = _cast(value)
    within = one.over[0] if one.over else one
    most = None if within.most is None else within.most + 1
    return Number(made, made if one.size == one.value else size(made), 1, close, whole=True, most=most)


def _extreme(op: str, numbers: list[Number]) -> Number:
    """The least or greatest; NULL where one is missing, which the databases' own functions pass over."""
    kind = exp.Least if op == "min" else exp.Greatest
    first, *others = (one.value for one in numbers)
    missing: Expression = is_null(first)
    for value in others:
        missing = _two(exp.Or, missing, is_null(value))
    value = kind(this=first, expressions=others, ignore_nulls=True)
    return Number(
        when((missing, _cast(NULL)), other=value),
        greatest(*(one.size for one in numbers)),
        _most([one.steps for one in numbers]),
        either(*(one.close for one in numbers)),
        all(one.whole for one in numbers),
        most=_bound(max, *numbers),
    )


# A step


@dataclass(frozen=True, slots=True)
class _Judged:
    """Verdict, limit and comparison of a part before they become columns; whether the limit is a written number."""

    code: Words
    limit: Number | None = None
    op: "str | Words" = ""
    is_written: bool = True


class _StepWriter:
    """Writes the items of one level and phase. Each takes up to three layers of the query: what it is made of, its value, its
    verdict; what rests on it stands above."""

    def __init__(self, writer: Writer, level: str, phase: int, items: Sequence[Item]) -> None:
        self.writer, self.level, self.phase, self.items = writer, level, phase, items
        self.table = f"s_{level.lower()}_{phase}"
        self.rows = _Rows(writer, level, phase)
        self.layers: dict[int, list[tuple[str, Expression]]] = {}
        self.outputs: list[str] = []
        self.elsewhere: dict[str, dict[str, str]] = {}
        self.parts: list[PartColumns] = []

    def step(self) -> Step:
        for item in self.items:
            layer = 3 * self.writer._depths[item]
            if item[0] == "quantity":
                self._quantity(item, layer)
            else:
                self._part(item[1], layer)
        query = self.rows.first_layer()
        for layer in sorted(self.layers):
            more = [_named(of, name) for name, of in self.layers[layer]]
            query = exp.select(exp.Star(), *more, copy=False).from_(_inner(query, f"l{layer}"), copy=False)
        kept = [column(name) for name in (KEY, COUNTY, STAGE, *dict.fromkeys(self.outputs))]
        query = exp.select(*kept, copy=False).from_(_inner(query, "l"), copy=False)
        return Step(self.level, self.phase, self.table, query, tuple(self.parts))

    def _define(self, layer: int, name: str, of: Expression) -> Expression:
        self.layers.setdefault(layer, []).append((name, of))
        return column(name)

    def _write(self, layer: int, name: str, node: Node, *, keep: bool) -> Node:
        """A node as columns ``<name>.v m k c``, and as seen from the layers above."""
        if isinstance(node, Number) and node.written is not None:
            return node
        before = len(self.layers.get(layer, ()))
        close = None if node.close is None else self._define(layer, f"{name}.c", node.close)
        value = self._define(layer, f"{name}.v", node.value)
        made: Node
        if isinstance(node, Number):
            if node.size in (node.value, size(node.value)):
                sized = value if node.size == node.value else size(value)
            else:
                sized = self._define(layer, f"{name}.m", node.size)
            steps = node.steps if isinstance(node.steps, int) else self._define(layer, f"{name}.k", node.steps)
            made = replace(node, value=value, size=sized, steps=steps, close=close)
        else:
            made = replace(node, value=value, close=close)
        if keep:
            self.outputs += [one for one, _ in self.layers[layer][before:]]
        return made

    def _quantity(self, item: Item, layer: int) -> None:
        by_stage = self.writer.bound.quantities[item[1]]
        made = self._by_stage(lambda stage: self.rows.node(chosen(by_stage, stage)))
        keep = item in self.writer.kept
        if isinstance(made, Number) and made.over and not all(_is_bare(one) for one in made.over):
            top, bottom = (
                self._write(layer, f"~{item[1]}.{name}", one, keep=keep)
                for name, one in zip("nd", made.over, strict=True)
            )
            made = replace(made, over=(top, bottom) if isinstance(top, Number) and isinstance(bottom, Number) else None)
        written = self._write(layer, f"~{item[1]}", made, keep=keep)
        self.rows.local[item] = written
        self.writer.stored[item] = (written, self.table)

    def _by_stage(self, make: Callable[[str], Node]) -> Node:
        stages = self.writer.stages(self.level)
        if not stages:
            return make("")
        here = column(STAGE)
        return choose([(_two(exp.EQ, here, text(stage)), make(stage)) for stage in stages])

    def _part(self, key: str, layer: int) -> None:
        writer = self.writer
        if key == CONCLUSION:
            if writer.bound.verdict is None:
                raise TypeError("the standard is not bound")
            self._rule(layer, key, self.rows.truth(writer.bound.verdict))
            return
        part = writer.bound.parts[key]
        if part.part.kind in JUDGED:
            self._finish(layer, key, None, _Judged(self._by_people(part), op=">=" if part.part.kind == "grade" else ""))
            return
        asked = [None if tree is None else self.rows.truth(tree) for tree, _, _ in writer.alternatives(part)]
        if any(one is not None for one in asked):
            asked = [
                None if one is None else _truth(self._write(layer, f"{key}.when{at}", one, keep=False))
                for at, one in enumerate(asked)
            ]
        ways = [
            (one, counts, limits) for one, (_, counts, limits) in zip(asked, writer.alternatives(part), strict=True)
        ]
        value = self._value(part, layer, ways)
        kind = part.part.kind
        if kind == "rule":
            self._rule(layer, key, _truth(value))
            return
        if not isinstance(value, Number):
            if kind != "info":
                raise EngineInputError("sql.unsupported", f"指标 {key} 的值不是数。")
            self._finish(layer, key, None, _Judged(Words(_whole(NONE))))
            return
        written = self._write(layer + 1, key, value, keep=key in writer.referred)
        if not isinstance(written, Number):
            raise TypeError("a number that became something else")
        self.rows.local["part", f"{key}:value", self.level] = written
        writer.stored["part", f"{key}:value", self.level] = (_storable(written), self.table)
        if kind == "info":
            self._finish(layer, key, written, _Judged(Words(_whole(NONE))))
            return
        judged = self._over_ways(
            ways, lambda way: self._over_stages(lambda stage: self._limited(part, written, way[2], stage))
        )
        self._finish(layer, key, written, judged)

    def _rule(self, layer: int, key: str, met: Truth) -> None:
        # Long and asked twice, so a column of its own.
        written = _truth(self._write(layer + 1, f"{key}.met", met, keep=False))
        self._finish(layer, key, None, _Judged(_code(written)))

    def _value(self, part: BoundPart, layer: int, ways: "Sequence[_Way]") -> Node:
        key, rows = part.key, self.rows
        if part.part.kind == "veto":
            kind = self.writer.tables.columns.get(self.writer.table(self.level), {}).get(
                f"veto:{part.indicator.id}", "other"
            )
            return rows.leaf(f"veto:{part.indicator.id}", "number", kind)
        named: dict[str, Number] = {}
        for short, name in (("n", "numerator"), ("d", "denominator")):
            if all(self.writer.formulas(counts, name) is not None for _, counts, _ in ways):
                made = self._pick(ways, name)
                if isinstance(made, Number) and made.close is None and made.value.name in self.outputs:
                    # A quantity that is kept: its column is this one too.
                    named[short] = made
                    self.elsewhere.setdefault(key, {})[f"{short}.v"] = made.value.name
                    continue
                written = self._write(layer, f"{key}.{short}", made, keep=False)
                if not isinstance(written, Number):
                    raise TypeError("a numerator that is no number")
                named[short] = written
                if written.written is not None:
                    self._define(layer, f"{key}.{short}.v", written.value)
                self.outputs.append(f"{key}.{short}.v")

        def of(way: "_Way") -> Node:
            by_stage = self.writer.formulas(way[1], "value")
            if by_stage is not None:
                return self._by_stage(lambda stage: rows.node(chosen(by_stage, stage)))
            if len(named) < 2:
                raise EngineInputError("sql.unsupported", f"指标 {key} 的几种算法取数不同。")
            return times(over(named["n"], named["d"]), constant(part.factor))

        if any(self.writer.formulas(counts, "value") is not None for _, counts, _ in ways) or len(ways) > 1:
            # What formulas take from the data stands in the first layer, so the value can stand in the next.
            return self._ways(ways, of)
        return of(ways[0])

    def _pick(self, ways: "Sequence[_Way]", name: str) -> Node:
        def of(way: "_Way") -> Node:
            by_stage = self.writer.formulas(way[1], name)
            if by_stage is None:
                raise TypeError("a formula that is not there")
            return self._by_stage(lambda stage: self.rows.node(chosen(by_stage, stage)))

        return self._ways(ways, of)

    def _ways(self, ways: "Sequence[_Way]", of: "Callable[[_Way], Node]") -> Node:
        """By the first concession whose condition holds."""
        made = choose([(None if way[0] is None else is_true(way[0].value), of(way)) for way in ways])
        return replace(made, close=either(made.close, *(way[0].close for way in ways if way[0] is not None)))

    def _over_ways(self, ways: "Sequence[_Way]", of: "Callable[[_Way], _Judged]") -> _Judged:
        found = [(None if way[0] is None else is_true(way[0].value), of(way)) for way in ways]
        made = _choose_judged(found)
        close = either(made.code.close, *(way[0].close for way in ways if way[0] is not None))
        return replace(made, code=replace(made.code, close=close))

    def _over_stages(self, of: Callable[[str], _Judged]) -> _Judged:
        stages = self.writer.stages(self.level)
        if not stages:
            return of("")
        return _choose_judged([(_two(exp.EQ, column(STAGE), text(stage)), of(stage)) for stage in stages])

    def _limited(self, part: BoundPart, value: Number, limits: Sequence[BoundLimit], stage: str) -> _Judged:
        """All limits that are for the row must be met. The one that is shown is the first that is not, or the first."""
        decimals = part.part.decimals
        half = Fraction(1, 2 * 10**decimals) if self.writer.rounds and decimals is not None else None
        found: list[tuple[Truth | None, Number, Truth, str]] = []
        for limit in in_force(limits, self.writer.settings.opened, stage):
            given = self.writer.settings.limits.get(limit.key)
            wanted = constant(values.number(given)) if given else self.rows.number(limit.value)
            always = isinstance(limit.when, Literally) and limit.when.value is True
            asked = None if always else self.rows.truth(limit.when)
            found.append((asked, wanted, compare(limit.of.op, value, wanted, half), limit.of.op))
        if not found:
            return _Judged(Words(_whole(NONE)))
        close = either(
            *(one.close for asked, wanted, met, _ in found for one in (asked, wanted, met) if one is not None)
        )
        if len(found) == 1 and found[0][0] is None:
            _, wanted, met, op = found[0]
            return _Judged(Words(_code(met).value, close), wanted, op, wanted.written is not None)
        fails = [
            is_false(met.value) if asked is None else _two(exp.And, is_true(asked.value), is_false(met.value))
            for asked, _, met, _ in found
        ]
        opens = [
            is_null(met.value)
            if asked is None
            else _two(exp.Or, is_null(asked.value), _two(exp.And, is_true(asked.value), is_null(met.value)))
            for asked, _, met, _ in found
        ]
        here = [TRUE if asked is None else exp.Not(this=is_false(asked.value)) for asked, *_ in found]
        code = when(
            *((one, _whole(FAIL)) for one in fails),
            *((one, _whole(MISSING)) for one in opens),
            *((one, _whole(PASS)) for one in here),
            other=_whole(NONE),
        )
        shown = [(one, at) for ones in (fails, here) for at, one in enumerate(ones)]
        limit_ = choose([(one, found[at][1]) for one, at in shown])
        ops = choose([(one, Words(text(found[at][3]))) for one, at in shown])
        single = {op for *_, op in found}
        if not isinstance(limit_, Number) or not isinstance(ops, Words):
            raise TypeError("a limit that is no number")
        is_written = all(one.written is not None for _, one, _, _ in found)
        return _Judged(Words(code, close), limit_, single.pop() if len(single) == 1 else ops, is_written)

    def _by_people(self, part: BoundPart) -> Words:
        code = f"judged:{part.indicator.id}"
        kind = self.writer.tables.columns.get(self.writer.table(self.level), {}).get(code, "other")
        said = self.rows.leaf(code, "text", kind).value
        passed: tuple[str, ...] = ("达标",)
        failed: tuple[str, ...] = ("不达标",)
        if part.part.kind == "grade":
            limit = part.limits[0].value
            at = GRADES.index(str(limit.value)) if isinstance(limit, Literally) else 0
            passed, failed = GRADES[at:], GRADES[:at]
        cases = [
            (exp.In(this=said, expressions=[text(one) for one in words]), _whole(verdict))
            for words, verdict in ((passed, PASS), (failed, FAIL))
            if words
        ]
        return Words(when(*cases, other=_whole(MISSING)))

    def _finish(self, layer: int, key: str, value: Number | None, judged: _Judged) -> None:
        """Write what is kept of a part, and remember it for what refers to it."""
        columns, layer = set[str](), layer + 2
        whole = set[str]()
        part = self.writer.bound.parts.get(key)
        code = self._define(layer, f"{key}.code", _cast(judged.code.value, "SMALLINT"))
        self.outputs.append(f"{key}.code")
        is_judged = part is None or part.part.kind != "info"
        close = either(judged.code.close, value.close if value else None) if is_judged else None
        if close is not None:
            self._define(layer, f"{key}.close", is_true(close))
            self.outputs.append(f"{key}.close")
            columns.add("close")
        for short in "nd":
            if f"{key}.{short}.v" in self.outputs or f"{short}.v" in self.elsewhere.get(key, {}):
                columns.add(short)
        if value is not None:
            columns.add("v")
            if value.written is not None:
                self._define(layer, f"{key}.v", value.value)
            self.outputs.append(f"{key}.v")
            if part is not None and self.writer.shown:
                columns.add("t")
                self._define(layer, f"{key}.t", self._needs_exact(value, part.part.decimals))
                self.outputs.append(f"{key}.t")
        columns |= {one for one in ("m", "c") if f"{key}.{one}" in self.outputs}
        fixed: Expression | None = None
        if (limit := judged.limit) is not None:
            named = {one.name for one in limit.value.find_all(exp.Column)}
            if not self.writer.shown and named <= {STAGE}:
                fixed = limit.value
            else:
                columns.add("l")
                limit = self._write_limit(layer, key, limit)
                columns |= {f"l.{one}" for one in ("m", "c") if f"{key}.l.{one}" in self.outputs}
            self.rows.local["part", f"{key}:limit", self.level] = limit
            self.writer.stored["part", f"{key}:limit", self.level] = (limit, self.table)
        if isinstance(judged.op, Words):
            columns.add("o")
            self._define(layer, f"{key}.o", judged.op.value)
            self.outputs.append(f"{key}.o")
        passes = when(
            (exp.In(this=code, expressions=[_whole(NONE), _whole(PASS)]), TRUE),
            (_two(exp.EQ, code, _whole(FAIL)), FALSE),
        )
        self.writer.stored["part", f"{key}:passes", self.level] = (Truth(passes), self.table)
        op = judged.op if isinstance(judged.op, str) else None
        root = value is not None and value.root
        if value is not None and value.whole:
            whole.add("v")
        elsewhere = self.elsewhere.get(key, {})
        self.parts.append(
            PartColumns(key, frozenset(columns), op, root, frozenset(whole), elsewhere, fixed, judged.is_written)
        )

    def _write_limit(self, layer: int, key: str, of: Number) -> Number:
        limit = self._write(layer, f"{key}.l", of, keep=key in self.writer.referred)
        if not isinstance(limit, Number):
            raise TypeError("a limit that became something else")
        if limit.written is not None:
            self._define(layer, f"{key}.l.v", limit.value)
        self.outputs.append(f"{key}.l.v")
        return limit

    def _needs_exact(self, value: Number, decimals: int | None) -> Expression:
        """Where what is shown must be rounded from the exact value."""
        if value.whole:
            return _too_large(value) or FALSE
        if decimals is None or (value.close is not None and value.close == TRUE):
            return is_not_null(value.value)
        return near_half(value, decimals)


def _storable(one: Number) -> Number:
    """Without the fraction it is, unless numerator and denominator cannot become too large: their sizes are not stored."""
    if one.over is None or any(each.most is None or each.most >= _EXACT_BELOW for each in one.over):
        return replace(one, over=None)
    top, bottom = (replace(each, size=number(each.most or 0)) for each in one.over)
    return replace(one, over=(top, bottom))


_Way = tuple[Truth | None, Sequence[BoundCount], Sequence[BoundLimit]]


def _is_bare(one: Number) -> bool:
    return one.written is not None


def _truth(node: Node) -> Truth:
    if not isinstance(node, Truth):
        raise TypeError("a truth that became something else")
    return node


def _code(met: Truth) -> Words:
    value = when((is_null(met.value), _whole(MISSING)), (met.value, _whole(PASS)), other=_whole(FAIL))
    return Words(value, met.close)


def _choose_judged(cases: Sequence[tuple[Expression | None, _Judged]]) -> _Judged:
    code = choose([(asked, one.code) for asked, one in cases])
    if not isinstance(code, Words):
        raise TypeError("a verdict that became something else")
    limits = [(asked, one.limit or Number(_cast(NULL), _cast(NULL), 1)) for asked, one in cases]
    limit = choose(limits) if any(one.limit for _, one in cases) else None
    ops = {one.op for _, one in cases if isinstance(one.op, str) and one.limit}
    op: str | Words
    if len(ops) <= 1 and all(isinstance(one.op, str) for _, one in cases):
        op = next(iter(ops), "")
    else:
        made = choose([(asked, Words(text(one.op)) if isinstance(one.op, str) else one.op) for asked, one in cases])
        op = made if isinstance(made, Words) else ""
    return _Judged(code, limit if isinstance(limit, Number) else None, op, all(one.is_written for _, one in cases))
