"""What the pages of results show: lines of the county, the table of units and indicators, distributions. No database here."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dudao_engines.standards import values
from dudao_engines.standards.bound import Bound, BoundPart
from dudao_engines.standards.compute import how_shown
from dudao_engines.standards.formula import Field, Op, Over, Quantity, Refer, Typed
from dudao_engines.standards.results import Result, Results, Verdict, as_number, together
from dudao_engines.standards.values import Known, Unknown

#: How the parts of pages call the four verdicts.
TONES: Mapping[Verdict, str] = {
    Verdict.PASS: "met",
    Verdict.FAIL: "unmet",
    Verdict.MISSING: "unknown",
    Verdict.UNCHECKED: "unsettled",
    Verdict.NONE: "",
}
#: Of a part what numerator and denominator are counted in.
Units = Mapping[str, tuple[str, str]]
_SIGNS = {">=": "≥", "<=": "≤", "==": "＝", ">": "＞", "<": "＜"}


def tone(verdict: Verdict) -> str:
    return TONES[verdict]


def looks(value: Known | None, decimals: int | None = None) -> str:
    """A number as it is where that is short, else rounded; — where it is not known; empty where there is none."""
    return "" if value is None else values.shown(value, decimals)


def limit_words(op: str, limit: Known | None) -> str:
    return f"{_SIGNS.get(op, op)} {looks(limit)}" if op and limit is not None else ""


@dataclass(frozen=True, slots=True)
class Spread:
    """How the units of an indicator lie: counts of verdicts; smallest, middle and largest value."""

    counts: Mapping[Verdict, int]
    total: int
    low: str
    middle: str
    high: str

    @property
    def met(self) -> int:
        return self.counts.get(Verdict.PASS, 0)

    @property
    def unmet(self) -> int:
        return self.counts.get(Verdict.FAIL, 0)

    @property
    def missing(self) -> int:
        return self.counts.get(Verdict.MISSING, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator's number on the county page.

    Attributes:
        unit, stage: of the number that opens; empty unit where the line is of many units.
        spread: of the units, where the indicator is asked of each.
        before: how the value looked in the period before, or empty.
    """

    part: str
    name: str
    stage: str
    words: str
    limit: str
    verdict: Verdict
    trial: Verdict
    reason: str
    unit: str = ""
    fraction: str = ""
    spread: Spread | None = None
    before: str = ""
    before_verdict: Verdict = Verdict.NONE
    number: str = ""
    clause: str = ""
    is_sure: bool = True

    @property
    def tone(self) -> str:
        return TONES[self.verdict]

    @property
    def trial_words(self) -> str:
        """What the numbers alone would say, where the rule is not checked yet."""
        return self.trial.value if self.verdict is Verdict.UNCHECKED and self.trial is not Verdict.NONE else ""


@dataclass(frozen=True, slots=True)
class Block:
    """A group of the standard with its lines."""

    id: str
    name: str
    lines: Sequence[Line]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        return Counter(one.verdict for one in self.lines if one.verdict is not Verdict.NONE)

    @property
    def verdict(self) -> Verdict:
        return together(one.verdict for one in self.lines)


def blocks(bound: Bound, results: Results, before: Results | None, units: Units) -> list[Block]:
    """The county's lines by group, in the order of the standard."""
    by_part: dict[str, list[Result]] = {}
    for one in results.results:
        by_part.setdefault(one.part, []).append(one)
    found = []
    for group in bound.standard.groups:
        lines = [
            line
            for part in bound.parts.values()
            if part.indicator.group == group.id
            for line in _lines(bound, part, by_part.get(part.key, []), before, units)
        ]
        if lines:
            found.append(Block(group.id, group.name, lines))
    return found


_CODE = re.compile(r"[A-Z]+[0-9]+[a-z]?")


def number_of(part: BoundPart) -> str:
    """How people call an indicator: its number among the 36, or its code where it is one of the paper's kind; else empty."""
    one = part.indicator
    return str(one.seq) if one.seq else one.id if _CODE.fullmatch(one.id) else ""


def part_name(part: BoundPart) -> str:
    return part.indicator.name + (f"：{part.part.name}" if part.part.name else "")


def _lines(bound: Bound, part: BoundPart, found: Sequence[Result], before: Results | None, units: Units) -> list[Line]:
    if not found:
        return []
    is_county = bound.table_of(part.level.id) == "county"
    lines = []
    for stage in dict.fromkeys(one.stage for one in found):
        mine = [one for one in found if one.stage == stage]
        if is_county:
            lines += [_of_county(part, one, before, units) for one in mine]
        else:
            lines.append(_of_units(part, stage, mine, before))
    return lines


def _of_county(part: BoundPart, one: Result, before: Results | None, units: Units) -> Line:
    old = before.get(part.key, one.unit, one.stage) if before else None
    return Line(
        *(part.key, part_name(part), one.stage, _with_unit(part, one), limit_words(one.op, one.limit)),
        *(one.verdict, one.trial, one.reason, one.unit, fraction_words(one, units)),
        before=old.shown if old else "",
        before_verdict=old.trial if old else Verdict.NONE,
        number=number_of(part),
        clause=part.indicator.clause,
        is_sure=part.indicator.is_sure,
    )


def _of_units(part: BoundPart, stage: str, mine: Sequence[Result], before: Results | None) -> Line:
    asked = [one for one in mine if one.trial is not Verdict.NONE]
    spread = spread_of(part, mine)
    trial = together(one.trial for one in asked)
    old = [one for one in before.each(part.key, stage) if one.trial in (Verdict.PASS, Verdict.FAIL)] if before else []
    missing = [one for one in asked if one.trial is Verdict.MISSING]
    unchecked = next((one.reason for one in asked if one.verdict is Verdict.UNCHECKED), "")
    lacking = f"{len(missing)} 个单位缺数据" if missing else ""
    limits = dict.fromkeys(limit_words(one.op, one.limit) for one in mine if one.op)
    return Line(
        *(part.key, part_name(part), stage, f"{spread.met} / {len(asked)}" if asked else "", "、".join(limits)),
        *(together(one.verdict for one in asked), trial, unchecked.split("；")[0] or lacking),
        spread=spread,
        before=f"{sum(1 for one in old if one.trial is Verdict.PASS)} / {len(old)}" if old else "",
        before_verdict=together(one.trial for one in old),
        number=number_of(part),
        clause=part.indicator.clause,
        is_sure=part.indicator.is_sure,
    )


def _with_unit(part: BoundPart, one: Result) -> str:
    plain = "%" if part.part.unit == "%" else f" {part.part.unit}" if part.part.unit and not part.part.display else ""
    if one.value is None or isinstance(one.value, Unknown):
        return "—"
    return one.shown + (plain if as_number(one.value) is not None else "")


def units_of(bound: Bound, fields: Mapping[tuple[str, str], str]) -> Units:
    """What numerator and denominator of each part are counted in; ``fields``: the unit of each field by table and code."""
    found = {}
    for part in bound.parts.values():
        default = next((count for one, count in part.variants.values() if one.default), part.count)
        trees = (part.count.numerator or default.numerator, part.count.denominator or default.denominator)
        top, bottom = (_unit(bound, fields, next(iter(of.values()))) if of else "" for of in trees)
        found[part.key] = (top, bottom)
    return found


def _unit(bound: Bound, fields: Mapping[tuple[str, str], str], node: Typed) -> str:
    if isinstance(node, Field):
        return fields.get((bound.table_of(node.level), node.code), "")
    if isinstance(node, Quantity):
        one = next(each for each in bound.standard.quantities if each.id == node.id)
        return one.unit or _unit(bound, fields, next(iter(bound.quantities[node.id].values())))
    if isinstance(node, Refer):
        return bound.parts[node.id].part.unit if node.id in bound.parts else ""
    if isinstance(node, Over):
        return _unit(bound, fields, node.args[0]) if node.fn == "sum" else "个"
    if not isinstance(node, Op):
        return ""
    units = [_unit(bound, fields, one) for one in node.args[1 if node.op == "if" else 0 :]]
    if node.op == "*" and len(units) == 2 and units[0].endswith(f"/{units[1]}") and units[1]:
        return units[0].removesuffix(f"/{units[1]}")
    known = list(dict.fromkeys(one for one in units if one))
    return known[0] if len(known) == 1 and node.op != "/" else ""


def fraction_words(one: Result, units: Units) -> str:
    """Numerator and denominator, as they are shown under a figure, each with its unit."""
    if one.numerator is None or one.denominator is None:
        return ""
    top, bottom = units.get(one.part, ("", ""))
    shown = (
        f"{looks(value, _short(value))}{f' {unit}' if unit and not isinstance(value, Unknown) else ''}"
        for value, unit in ((one.numerator, top), (one.denominator, bottom))
    )
    return " / ".join(shown)


def _short(value: Known) -> int | None:
    """Two decimals for what does not end earlier."""
    return 2 if isinstance(value, Fraction) and (value * 100).denominator != 1 else None


def spread_of(part: BoundPart, mine: Sequence[Result]) -> Spread:
    judged = [one for one in mine if one.trial is not Verdict.NONE or part.part.kind == "info"]
    numbers = sorted(one.value for one in judged if isinstance(one.value, Fraction))
    low, middle, high = ("", "", "")
    if numbers:
        half = len(numbers) // 2
        median = numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2
        low, middle, high = (how_shown(part, one) for one in (numbers[0], median, numbers[-1]))
    counts: Counter[Verdict] = Counter(one.trial for one in mine if one.trial is not Verdict.NONE)
    return Spread(counts, sum(counts.values()), low, middle, high)


# Units and indicators


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One unit, or one stage of it, with its result of each column (None where it is not asked)."""

    unit: str
    name: str
    stage: str
    size: str
    cells: Sequence[Result | None]
    overall: Result | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Units × indicators of one level and stage, and the county's own row under them.

    Attributes:
        columns: part, name, limit in words.
        foot: what the county's line of each column is, where it has one (a CV).
    """

    level: str
    columns: Sequence[tuple[str, str, str]]
    overall: str
    rows: Sequence[MatrixRow]
    foot: Sequence[Result | None]
    counts: Mapping[Verdict, int]


def matrix(bound: Bound, results: Results, level: str, stage: str, sizes: Mapping[tuple[str, str], str]) -> Matrix:
    """The table of a level's units.

    Args:
        level: id of a level of units.
        stage: one of its stages, or empty.
        sizes: how large the units are, by code and stage.
    """
    parts = [one for one in bound.parts.values() if one.level.id == level and one.part.kind != "info"]
    overall = next((one for one in parts if one.key == bound.overall), None)
    columns = [one for one in parts if one is not overall]
    by_unit: dict[tuple[str, str], dict[str, Result]] = {}
    names: dict[tuple[str, str], str] = {}
    for one in results.results:
        if one.level == level and one.stage == stage:
            by_unit.setdefault((one.unit, one.stage), {})[one.part] = one
            names[one.unit, one.stage] = one.name
    rows = [
        MatrixRow(
            *(place[0], names[place], place[1], sizes.get(place, "")),
            [mine.get(part.key) for part in columns],
            mine.get(overall.key) if overall else None,
        )
        for place, mine in by_unit.items()
    ]
    foot = [_county_of(bound, results, part, stage) for part in columns]
    heads = [
        (part.key, part_name(part), f"{number_of(part)} {_limit_of(rows, at)}".strip())
        for at, part in enumerate(columns)
    ]
    judged = [row.overall for row in rows if row.overall] or [cell for row in rows for cell in row.cells if cell]
    counts: Counter[Verdict] = Counter(one.verdict for one in judged if one.verdict is not Verdict.NONE)
    return Matrix(level, heads, overall.key if overall else "", rows, foot, counts)


def _limit_of(rows: Sequence[MatrixRow], at: int) -> str:
    limits = dict.fromkeys(limit_words(cell.op, cell.limit) for row in rows if (cell := row.cells[at]) and cell.op)
    return next(iter(limits)) if len(limits) == 1 else ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a coefficient of variation compares: amounts over weights of the rows of a level.

    Attributes:
        of: key of the part whose value is compared (``value(R2) * students``), or empty.
    """

    level: str
    amount: Typed
    weight: Typed
    of: str = ""


def compared_by(part: BoundPart) -> Compared | None:
    """What a part compares, where its value is a coefficient of variation."""
    tree = next(iter((part.count.value or {}).values()), None)
    if not isinstance(tree, Over) or tree.fn != "cv":
        return None
    amount, weight = tree.args
    parts = amount.args if isinstance(amount, Op) and amount.op == "*" else ()
    of = next((one.id for one in parts if isinstance(one, Refer) and one.what == "value"), "")
    return Compared(tree.level, amount, weight, of if weight in parts else "")


def _county_of(bound: Bound, results: Results, part: BoundPart, stage: str) -> Result | None:
    """The county's result that compares the units of a column."""
    for other in bound.parts.values():
        compared = compared_by(other)
        if compared and compared.of == part.key:
            return next(iter(results.each(other.key, stage)), None)
    return None


def per(unit: str) -> tuple[str, int]:
    """Of a unit per pupil what is counted, and per how many: ``人/百人`` → 人, 100."""
    counted, _, base = unit.partition("/")
    return counted, 100 if base.startswith("百") else 1


# A chart of one indicator over its units


#: Width of the longest bar.
ROOM = 330


@dataclass(frozen=True, slots=True)
class Bar:
    """One unit's bar: ``width`` of ``ROOM``, ``top`` from above, both in the drawing's own units."""

    name: str
    unit: str
    stage: str
    words: str
    width: int
    top: int
    verdict: Verdict
    result: Result


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of an indicator, the smallest first, where its limit lies, and the height of the drawing."""

    bars: Sequence[Bar]
    limit: int | None
    limit_words: str
    height: int
    without: Sequence[Result]


def chart(part: BoundPart, mine: Sequence[Result], *, row: int = 26) -> Chart:
    """The bars of an indicator's units of one stage; units without a value are named apart."""
    judged = [one for one in mine if one.trial is not Verdict.NONE or part.part.kind == "info"]
    numbered = [(one, one.value) for one in judged if isinstance(one.value, Fraction)]
    numbered.sort(key=lambda pair: (pair[1], pair[0].name))
    limits = {one.limit for one, _ in numbered if isinstance(one.limit, Fraction)}
    most = max([value for _, value in numbered] + [one for one in limits if one is not None], default=Fraction())
    top = most * Fraction(115, 100) or Fraction(1)
    bars = [
        Bar(one.name, one.unit, one.stage, one.shown, int(value / top * ROOM), at * row, one.verdict, one)
        for at, (one, value) in enumerate(numbered)
    ]
    limit = next(iter(limits)) if len(limits) == 1 else None
    return Chart(
        bars,
        int(limit / top * ROOM) if limit is not None else None,
        limit_words(numbered[0][0].op, limit) if limit is not None and numbered else "",
        len(bars) * row,
        [one for one in judged if not isinstance(one.value, Fraction)],
    )


def amount_words(amount: Decimal) -> str:
    """What is missing, without an exponent and without zeros at the end."""
    text = f"{abs(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
