"""The language of the formulas in ``library/``: small, total, and parsed here only.

No loops, no assignment, a fixed list of functions, and nothing that could run code. A formula is text; ``parse`` makes a tree of
it, ``bind`` gives every name its meaning and every node its kind, and that one typed tree is what the exact engine evaluates
(``exact``), what the SQL is written from (``sql``) and what an explanation shows.

    or        = and { "or" and }
    and       = not { "and" not }
    not       = "not" not | comparison
    comparison= sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum | "in" "(" literal { "," literal } ")" ]
    sum       = product { ("+" | "-") product }
    product   = unary { ("*" | "/") unary }
    unary     = "-" unary | atom
    atom      = number | "text" | "true" | "false" | name | name "(" [ or { "," or } ] ")" | "(" or ")"
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from dudao_engines.kernel.errors import EngineInputError

Kind = Literal["number", "bool", "text", "root", "approx"]

_LONGEST, _DEEPEST = 4000, 60
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<text>"[^"\n]*")|(?P<name>[^\W\d][\w.:]*)|(?P<op><=|>=|==|!=|[-+*/<>(),]))"""
)
_COMPARE = ("<", "<=", ">", ">=", "==", "!=")
AGGREGATES = ("sum", "count", "all", "any", "cv", "units")
REFERENCES = ("value", "limit", "passes", "met")


# What the parser gives


@dataclass(frozen=True, slots=True)
class Constant:
    value: Fraction | bool | str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or a function over its arguments."""

    op: str
    args: tuple["Tree", ...]
    at: int = 0


Tree = Constant | Name | Apply


# What ``bind`` gives: the typed tree


@dataclass(frozen=True, slots=True)
class Literally:
    """A number, a text or a truth written in the formula."""

    value: Fraction | bool | str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of the data: the field ``code`` of the row's unit, or of the unit above it that ``level`` names."""

    code: str
    level: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named number of the standard, at the row itself or at the row above it that ``level`` names."""

    id: str
    level: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a province or a county may set."""

    id: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Refer:
    """What another item came to: its ``value`` or ``limit``, whether it ``passes``, or whether a group is ``met``."""

    what: str
    id: str
    level: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Op:
    """An operator or scalar function: ``+ - * / neg < <= > >= == != in and or not ceil floor min max abs if or_zero known
    at_least mean``. For ``in`` the first argument is looked for among the others; for ``at_least`` the first is the number."""

    op: str
    args: tuple["Typed", ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Over:
    """An aggregate over the rows of a lower level that belong to this row (of the same stage, where both have one)."""

    fn: str
    level: str
    args: tuple["Typed", ...]
    kind: Kind


Typed = Literally | Field | Quantity | Parameter | Refer | Op | Over


class Scope(Protocol):
    """What names mean where a formula stands."""

    def named(self, name: str) -> Typed | None:
        """A field, quantity or parameter, or None."""

    def over(self, level: str) -> "Scope | None":
        """The scope inside an aggregate over this level; None when its rows do not belong to the rows here."""

    def item(self, what: str, id: str) -> Refer | None:
        """Another item's value, limit or verdict, or None."""


def parse(text: str) -> Tree:
    """A formula as a tree.

    Raises:
        EngineInputError: ``formula.syntax``; the message says what is wrong and at which character.
    """
    if len(text) > _LONGEST:
        raise EngineInputError("formula.syntax", f"公式太长（{len(text)} 字，至多 {_LONGEST} 字）。")
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._end = len(text)

    def whole(self) -> Tree:
        tree = self._or()
        if self._peek():
            self._stop("公式到这里应当结束")
        return tree

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _place(self) -> int:
        return self._tokens[self._at][2] if self._at < len(self._tokens) else self._end

    def _take(self, *wanted: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at][0] != "text" and self._peek() in wanted:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            self._stop(f"这里应当是“{wanted}”")

    def _stop(self, says: str) -> None:
        found = f"，却是“{self._peek()}”" if self._peek() else "，公式却结束了"
        raise EngineInputError("formula.syntax", f"公式第 {self._place() + 1} 个字符：{says}{found}。")

    def _or(self) -> Tree:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise EngineInputError("formula.syntax", f"公式嵌套太深（至多 {_DEEPEST} 层）。")
        tree = self._chain(("or",), self._and)
        self._depth -= 1
        return tree

    def _and(self) -> Tree:
        return self._chain(("and",), self._not)

    def _chain(self, ops: tuple[str, ...], below: Callable[[], Tree]) -> Tree:
        tree, at = below(), self._place()
        while op := self._take(*ops):
            tree = Apply(op, (tree, below()), at)
            at = self._place()
        return tree

    def _not(self) -> Tree:
        at, turned = self._place(), False
        while self._take("not"):
            turned = not turned
        return Apply("not", (self._comparison(),), at) if turned else self._comparison()

    def _comparison(self) -> Tree:
        tree, at = self._sum(), self._place()
        if op := self._take(*_COMPARE):
            tree = Apply(op, (tree, self._sum()), at)
            if self._peek() in _COMPARE:
                self._stop("一次只比较两个数，请用 and 连接")
        elif self._take("in"):
            self._need("(")
            items = [self._literal()]
            while self._take(","):
                items.append(self._literal())
            self._need(")")
            tree = Apply("in", (tree, *items), at)
        return tree

    def _literal(self) -> Tree:
        tree = self._atom()
        if not isinstance(tree, Constant):
            self._stop("括号里只能写数或“文字”")
        return tree

    def _sum(self) -> Tree:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Tree:
        return self._chain(("*", "/"), self._unary)

    def _unary(self) -> Tree:
        at, minus = self._place(), False
        while self._take("-"):
            minus = not minus
        return Apply("neg", (self._atom(),), at) if minus else self._atom()

    def _atom(self) -> Tree:
        if self._take("("):
            tree = self._or()
            self._need(")")
            return tree
        if self._at >= len(self._tokens):
            self._stop("这里缺一个数或名称")
        kind, word, at = self._tokens[self._at]
        if kind == "op":
            self._stop("这里应当是一个数或名称")
        self._at += 1
        if kind == "number":
            return Constant(Fraction(word), at)
        if kind == "text":
            return Constant(word[1:-1], at)
        if word in ("true", "false"):
            return Constant(word == "true", at)
        if word in ("and", "or", "in"):
            self._at -= 1
            self._stop("这里应当是一个数或名称")
        if not self._take("("):
            return Name(word, at)
        args: list[Tree] = []
        if not self._take(")"):
            args.append(self._or())
            while self._take(","):
                args.append(self._or())
            self._need(")")
        return Apply(f"{word}()", tuple(args), at)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or match.lastgroup is None:
            raise EngineInputError("formula.syntax", f"公式第 {at + 1} 个字符“{text[at:].strip()[:1]}”看不懂。")
        yield match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)
        at = match.end()


# Binding

_SAME = {"ceil": 1, "floor": 1, "abs": 1}
_KINDS = {"number": "数", "bool": "是非", "text": "文字", "root": "差异系数", "approx": "近似数"}


def bind(tree: Tree, scope: Scope) -> Typed:
    """The typed tree of a formula where it stands.

    Raises:
        EngineInputError: ``formula.name`` (a name nobody knows), ``formula.kind`` (a text added to a number, a function with
            too few arguments …), ``formula.level`` (an aggregate over rows that do not belong here).
    """
    if isinstance(tree, Constant):
        return Literally(tree.value, _kind_of(tree.value))
    if isinstance(tree, Name):
        found = scope.named(tree.name)
        if found is None:
            raise EngineInputError("formula.name", f"公式里的“{tree.name}”不是这里能用的字段、数量或参数。")
        return found
    if not tree.op.endswith("()"):
        return _operator(tree, scope)
    fn = tree.op[:-2]
    if fn in AGGREGATES:
        return _aggregate(fn, tree.args, scope)
    if fn in REFERENCES:
        return _reference(fn, tree.args, scope)
    args = tuple(bind(one, scope) for one in tree.args)
    if fn in _SAME:
        _expect(fn, args, ["number"] * _SAME[fn])
        return Op(fn, args, "number")
    if fn in ("min", "max"):
        _expect(fn, args, ["number"] * max(len(args), 2))
        return Op(fn, args, "number")
    if fn == "mean":
        if not args or any(one.kind not in ("number", "root") for one in args):
            raise EngineInputError("formula.kind", "mean() 求数或差异系数的平均，至少一个。")
        return Op(fn, args, "approx" if any(one.kind == "root" for one in args) else "number")
    if fn == "if":
        if len(args) != 3 or args[0].kind != "bool" or args[1].kind != args[2].kind:
            raise EngineInputError("formula.kind", "if() 要三项：条件、成立时、不成立时，后两项同类。")
        return Op(fn, args, args[1].kind)
    if fn == "or_zero":
        _expect(fn, args, ["number"])
        return Op(fn, args, "number")
    if fn == "known":
        if len(args) != 1:
            raise EngineInputError("formula.kind", "known() 要一项。")
        return Op(fn, args, "bool")
    if fn == "at_least":
        _expect(fn, args, ["number", *["bool"] * max(len(args) - 1, 1)])
        if not isinstance(args[0], Literally):
            raise EngineInputError("formula.kind", "at_least() 的第一项是写定的个数。")
        return Op(fn, args, "bool")
    raise EngineInputError("formula.name", f"没有“{fn}()”这个函数。")


def _operator(tree: Apply, scope: Scope) -> Typed:
    op, args = tree.op, tuple(bind(one, scope) for one in tree.args)
    if op in ("and", "or", "not"):
        _expect(op, args, ["bool"] * len(args))
        return Op(op, args, "bool")
    if op in _COMPARE:
        left, right = args
        numbers = {left.kind, right.kind} <= {"number", "root"} and "number" in (left.kind, right.kind)
        if not numbers and (left.kind != right.kind or op not in ("==", "!=") or left.kind in ("root", "approx")):
            raise EngineInputError("formula.kind", f"“{op}”不能比较{_KINDS[left.kind]}和{_KINDS[right.kind]}。")
        return Op(op, args, "bool")
    if op == "in":
        if any(one.kind != args[0].kind for one in args) or args[0].kind not in ("number", "text"):
            raise EngineInputError("formula.kind", "in 的两边应当都是数，或都是文字。")
        return Op(op, args, "bool")
    _expect(op, args, ["number"] * len(args))
    return Op(op, args, "number")


def _aggregate(fn: str, args: tuple[Tree, ...], scope: Scope) -> Typed:
    if not args or not isinstance(args[0], Name):
        raise EngineInputError("formula.kind", f"{fn}() 的第一项是层级名。")
    inner = scope.over(args[0].name)
    if inner is None:
        raise EngineInputError("formula.level", f"{fn}() 在这里不能汇总“{args[0].name}”。")
    bound = tuple(bind(one, inner) for one in args[1:])
    wanted: dict[str, list[Kind]] = {
        "sum": ["number"],
        "count": ["bool"],
        "all": ["bool"],
        "any": ["bool"],
        "cv": ["number", "number"],
        "units": [],
    }
    _expect(fn, bound, wanted[fn])
    kind: Kind = "root" if fn == "cv" else "bool" if fn in ("all", "any") else "number"
    return Over(fn, args[0].name, bound, kind)


def _reference(fn: str, args: tuple[Tree, ...], scope: Scope) -> Typed:
    named = args[0] if len(args) == 1 else None
    id = named.name if isinstance(named, Name) else named.value if isinstance(named, Constant) else None
    if not isinstance(id, str):
        raise EngineInputError("formula.kind", f'{fn}() 要一个指标编号，如 {fn}(R1) 或 {fn}("1.1.1")。')
    found = scope.item(fn, id)
    if found is None:
        raise EngineInputError("formula.name", f"{fn}() 里的“{id}”在这里取不到。")
    return found


def _expect(fn: str, args: Sequence[Typed], kinds: Sequence[str]) -> None:
    if len(args) != len(kinds):
        raise EngineInputError("formula.kind", f"“{fn}”要 {len(kinds)} 项，写了 {len(args)} 项。")
    for one, kind in zip(args, kinds, strict=True):
        if one.kind != kind:
            raise EngineInputError("formula.kind", f"“{fn}”要{_KINDS[kind]}，却是{_KINDS[one.kind]}。")


def _kind_of(value: Fraction | bool | str) -> Kind:
    return "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def parts(node: Typed) -> Iterator[Typed]:
    """A node and everything in it."""
    yield node
    if isinstance(node, Op | Over):
        for one in node.args:
            yield from parts(one)
