"""The exact meaning of a bound standard over data: fractions, square roots and three-valued logic, cell by cell.

Every other engine must agree with this one on every verdict (``engines`` asks here wherever a number lies close to a limit).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import values
from dudao_engines.standards.bound import ANY, Bound, BoundLimit, BoundPart, ByStage, in_force
from dudao_engines.standards.formula import Field, Literally, Op, Over, Parameter, Quantity, Refer, Typed
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import LeftOut, Settings, Verdict
from dudao_engines.standards.schema import GRADES, JUDGED
from dudao_engines.standards.values import Known, Root, Unknown, Value, joined


@dataclass(frozen=True, slots=True)
class Row:
    """A unit, or a stage of a unit, at a level; ``serial`` tells rows apart."""

    serial: int
    level: str
    record: Record
    county: str
    stage: str = ""

    @property
    def called(self) -> str:
        return f"{self.record.name}（{self.stage}）" if self.stage else self.record.name


@dataclass(frozen=True, slots=True)
class Found:
    """What a part comes to at a row."""

    numerator: Known | None
    denominator: Known | None
    value: Known | None
    op: str
    limit: Known | None
    trial: Verdict
    reason: str


class Evaluator:
    """Evaluates formulas over rows, each once.

    Args:
        bound: the standard.
        dataset: the data; a record of the county table gives the county its own cells.
        settings: what the county has decided.
    """

    def __init__(self, bound: Bound, dataset: Dataset, settings: Settings) -> None:
        self.bound, self.settings = bound, settings
        self.rounds = (settings.judge_on or bound.standard.judge_on.default) == "rounded"
        self.left_out: list[LeftOut] = []
        self._left: set[tuple[str, str]] = set()
        #: The records of each table, left out or not; every county has one. ``single`` is the county of those without.
        self.records: dict[str, list[Record]] = {}
        self.single = ""
        self._rows: dict[str, list[Row]] = {level: [] for level in bound.levels}
        self._parents: dict[int, Row] = {}
        self._children: dict[tuple[str, int], list[Row]] = {}
        self._counties: dict[str, Row] = {}
        self._groups: dict[str, dict[tuple[str, str | None], list[Row]]] = {}
        self._quantities: dict[tuple[str, int], Known] = {}
        self._found: dict[tuple[str, int], Found] = {}
        self._serial = 0
        self._make_rows(dataset)

    # Rows

    def rows(self, level: str) -> Sequence[Row]:
        """The rows of a level in the order of the data."""
        return self._rows[level]

    def _make_rows(self, dataset: Dataset) -> None:
        records = {
            table: list(dataset.tables.get(table, ()))
            for table in {one.table for one in self.bound.levels.values()}
            if table
        }
        counties = {one.county for rows in records.values() for one in rows} - {""}
        single = next(iter(counties), "") if len(counties) <= 1 else ""
        own = {one.county or one.unit: one for one in records.get("county", ())}
        if len(counties) <= 1 and len(own) == 1:
            code, record = next(iter(own.items()))
            single = single or code
            own = {single: record}
        names = list(dict.fromkeys([*own, *(one.county or single for rows in records.values() for one in rows)]))
        records["county"] = [own.get(name) or Record(name, name, name) for name in names]
        self.records, self.single = records, single
        # The county first: what is left out may be said by its cells.
        for level in sorted(self.bound.levels.values(), key=lambda one: one.table != "county"):
            if level.table:
                self._table_rows(level.id, records[level.table], single)
        for level in self.bound.levels.values():
            if level.of:
                self._stage_rows(level.id)

    def _table_rows(self, level: str, records: Iterable[Record], single: str) -> None:
        is_county = self.bound.levels[level].table == "county"
        drops = [(tree, says) for tree, at, says in self.bound.scope if at == level]
        for record in records:
            row = self._row(level, record, (record.county or record.unit) if is_county else record.county or single)
            says = next((says for tree, says in drops if self.evaluate(tree, row) is True), "")
            if says:
                self._leave_out(level, record, says)
            else:
                self._rows[level].append(row)

    def _stage_rows(self, level: str) -> None:
        one, present = self.bound.levels[level], self.bound.present.get(level, {})
        for parent in self._rows[one.of]:
            made = 0
            for stage in one.stages:
                if stage in present and self.evaluate(present[stage], parent) is False:
                    continue
                self._rows[level].append(self._row(level, parent.record, parent.county, stage, parent))
                made += 1
            if not made:
                says = f"没有{'、'.join(one.stages)}在校生"
                self._leave_out(level, parent.record, says)

    def _leave_out(self, level: str, record: Record, says: str) -> None:
        """Each unit once for each reason, at whichever level it is met first."""
        if (record.unit, says) not in self._left:
            self._left.add((record.unit, says))
            self.left_out.append(LeftOut(level, record.unit, record.name, says))

    def _row(self, level: str, record: Record, county: str, stage: str = "", parent: Row | None = None) -> Row:
        row = Row(self._serial, level, record, county, stage)
        self._serial += 1
        if parent:
            self._parents[row.serial] = parent
            self._children.setdefault((level, parent.serial), []).append(row)
        elif self.bound.levels[level].table == "county":
            self._counties[county] = row
        return row

    def up(self, row: Row, level: str) -> Row:
        """The row of a level above that a row belongs to."""
        if level == row.level:
            return row
        parent = self._parents.get(row.serial)
        return parent if parent and parent.level == level else self._counties[row.county]

    def below(self, row: Row, level: str) -> list[Row]:
        """The rows of a lower level that belong to a row: of its county, its unit, and its stage where both have one."""
        of_county = self.bound.levels[self.bound.levels[row.level].of or row.level].table == "county"
        staged = bool(row.stage) and bool(self.bound.levels[level].stages)
        if of_county:
            return self._grouped(level).get((row.county, row.stage if staged else None), [])
        return [one for one in self._children.get((level, row.serial), ()) if not staged or one.stage == row.stage]

    def _grouped(self, level: str) -> dict[tuple[str, str | None], list[Row]]:
        if level not in self._groups:
            groups: dict[tuple[str, str | None], list[Row]] = {}
            for one in self._rows[level]:
                groups.setdefault((one.county, None), []).append(one)
                if one.stage:
                    groups.setdefault((one.county, one.stage), []).append(one)
            self._groups[level] = groups
        return self._groups[level]

    # Formulas

    def evaluate(self, node: Typed, row: Row) -> Known:
        """What a formula comes to at a row: a value, or ``Unknown`` with its gaps."""
        if isinstance(node, Literally):
            return node.value
        if isinstance(node, Field):
            return self._cell(node.code, self.up(row, node.level), node.kind)
        if isinstance(node, Quantity):
            return self.quantity(node.id, self.up(row, node.level))
        if isinstance(node, Parameter):
            return self.parameter(node.id)
        if isinstance(node, Refer):
            return self._refer(node, row)
        if isinstance(node, Over):
            return self._over(node, row)
        return self._op(node, row)

    def quantity(self, id: str, row: Row) -> Known:
        """A named number at a row of its level."""
        key = (id, row.serial)
        if key not in self._quantities:
            self._quantities[key] = self.evaluate(chosen(self.bound.quantities[id], row.stage), row)
        return self._quantities[key]

    def parameter(self, id: str) -> Value:
        """A parameter as the county has set it, or as the file says."""
        one = self.bound.parameter(id)
        text = self.settings.parameters.get(id, one.value)
        return text if one.allowed else values.number(text)

    def cell(self, code: str, row: Row) -> Cell:
        """The cell of a row's own record; an empty one where it was never given."""
        return row.record.cells.get(code) or Cell(None, "未填")

    def _cell(self, code: str, row: Row, kind: str) -> Known:
        cell = self.cell(code, row)
        label = self.bound.labels.get(code, code)
        if cell.value is None:
            return Unknown.of(row.record.unit, row.record.name, label, cell.problem or "未填")
        value = cell.value
        if kind == "number" and not isinstance(value, bool | str):
            return Fraction(value)
        if (kind == "bool" and isinstance(value, bool)) or (kind == "text" and isinstance(value, str)):
            return value
        return Unknown.of(row.record.unit, row.record.name, label, "不是该填的数" if kind == "number" else "填法不对")

    def _refer(self, node: Refer, row: Row) -> Known:
        if node.what == "met":
            return self._met(node.id, row)
        at = self.up(row, node.level)
        if node.what == "passes":
            keys = [node.id] if node.id in self.bound.parts else [one.key for one in self.bound.parts_of(node.id)]
            return conjunction([self._passed(key, at) for key in keys])
        found = self.found(node.id, at)
        value = found.value if node.what == "value" else found.limit
        return Unknown.of(row.record.unit, row.record.name, node.id, "没有数") if value is None else value

    def _passed(self, key: str, row: Row) -> Known:
        found = self.found(key, row)
        if found.trial is not Verdict.MISSING:
            # A limit that is not for this unit (NONE) asks nothing of it.
            return found.trial is not Verdict.FAIL
        if isinstance(found.value, Unknown):
            return found.value
        name = self.bound.parts[key].indicator.name
        return Unknown.of(row.record.unit, row.called, name, found.reason or "无法判定")

    def _met(self, group: str, row: Row) -> Known:
        """Whether all that is asked in a group is met, at every row of the county it is asked of."""
        county, found = row.county, []
        for part in self.bound.parts.values():
            if part.indicator.group == group and self.is_asked(part):
                rows = self._grouped(part.level.id).get((county, None), [])
                found += [self._passed(part.key, one) for one in rows] or [_nobody(part.level.name)]
        return conjunction(found)

    def is_asked(self, part: BoundPart) -> bool:
        """Whether a part counts for the conclusion: mandatory, in use, and judged."""
        one = part.indicator
        return one.mandatory and self.is_open(part) and part.part.kind != "info"

    def is_open(self, part: BoundPart) -> bool:
        return part.indicator.enabled or part.indicator.id in self.settings.opened

    def _over(self, node: Over, row: Row) -> Known:
        rows = self.below(row, node.level)
        if node.fn == "units":
            return Fraction(len(rows))
        first = [self.evaluate(node.args[0], one) for one in rows]
        if node.fn == "all":
            # All of nothing is not a pass.
            return conjunction(first) if rows else _nobody(self.bound.levels[node.level].name)
        if node.fn == "any":
            return negation(conjunction([negation(one) for one in first]))
        if node.fn == "cv":
            return self._cv(row, first, [self.evaluate(node.args[1], one) for one in rows])
        if unknown := [one for one in first if isinstance(one, Unknown)]:
            return joined(unknown)
        if node.fn == "count":
            return Fraction(sum(1 for one in first if one is True))
        return sum((_number(one) for one in first), Fraction())

    def _cv(self, row: Row, amounts: list[Known], weights: list[Known]) -> Known:
        """The coefficient of variation weighted by pupils: S = √Σ(P_i/P_N)(x_i − X̄)², over X̄ = Σa_i/ΣP_i.

        CV² = P_N·Σ(a_i²/P_i)/(Σa_i)² − 1, which is the same and has no root in it.
        """
        if unknown := [one for one in (*amounts, *weights) if isinstance(one, Unknown)]:
            return joined(unknown)
        pairs = [(_number(a), _number(p)) for a, p in zip(amounts, weights, strict=True)]
        if any(weight <= 0 for _, weight in pairs):
            return Unknown.of(row.record.unit, row.called, "校际差异系数", "有学校在校生数为 0")
        total = sum((amount for amount, _ in pairs), Fraction())
        if not total:
            says = "没有学校" if not pairs else "全县平均值为 0"
            return Unknown.of(row.record.unit, row.called, "校际差异系数", f"无法计算：{says}")
        pupils = sum((weight for _, weight in pairs), Fraction())
        return Root(pupils * sum((a * a / p for a, p in pairs), Fraction()) / (total * total) - 1)

    def _op(self, node: Op, row: Row) -> Known:
        op = node.op
        if op in ("and", "or"):
            found = [self.evaluate(one, row) for one in node.args]
            return conjunction(found) if op == "and" else negation(conjunction([negation(one) for one in found]))
        if op == "at_least":
            return self._at_least(node, row)
        if op == "if":
            asked = self.evaluate(node.args[0], row)
            return asked if isinstance(asked, Unknown) else self.evaluate(node.args[1 if asked else 2], row)
        found = [self.evaluate(one, row) for one in node.args]
        if op == "known":
            return not isinstance(found[0], Unknown)
        if op == "or_zero":
            return Fraction() if isinstance(found[0], Unknown) else found[0]
        known = [one for one in found if not isinstance(one, Unknown)]
        if len(known) < len(found):
            return joined(one for one in found if isinstance(one, Unknown))
        if op == "not":
            return not known[0]
        if op == "in":
            return known[0] in known[1:]
        if op in ("<", "<=", ">", ">=", "==", "!="):
            return values.compare(op, known[0], known[1])
        if op == "mean":
            return values.mean(one for one in known if isinstance(one, Fraction | Root))
        numbers = [_number(one) for one in known]
        if op == "/" and not numbers[1]:
            return Unknown.of(row.record.unit, row.called, "分母", "为 0")
        return _ARITHMETIC[op](numbers)

    def _at_least(self, node: Op, row: Row) -> Known:
        wanted = _number(self.evaluate(node.args[0], row))
        found = [self.evaluate(one, row) for one in node.args[1:]]
        true = sum(1 for one in found if one is True)
        unknown = [one for one in found if isinstance(one, Unknown)]
        if true >= wanted:
            return True
        return False if true + len(unknown) < wanted else joined(unknown)

    # Parts

    def found(self, key: str, row: Row) -> Found:
        """What a part comes to at a row of its level."""
        place = (key, row.serial)
        if place not in self._found:
            self._found[place] = self._judge(self.bound.parts[key], row)
        return self._found[place]

    def _judge(self, part: BoundPart, row: Row) -> Found:
        kind = part.part.kind
        if kind in JUDGED:
            return self._by_people(part, row)
        numerator = denominator = None
        if kind == "veto":
            value = self._cell(f"veto:{part.indicator.id}", row, "number")
            if isinstance(value, Unknown):
                value = Unknown.of(row.record.unit, row.called, part.indicator.name, "未作认定")
        else:
            numerator, denominator, value = self.counted(part, row)
        if kind == "info":
            return Found(numerator, denominator, value, "", None, Verdict.NONE, _reason(value))
        if kind == "rule":
            return Found(None, None, value, "", None, _verdict(value), _reason(value))
        return self._limited(part, row, numerator, denominator, value)

    def counted(self, part: BoundPart, row: Row) -> tuple[Known | None, Known | None, Known]:
        """Numerator, denominator and value by the formulas in force at a row: of an open concession whose condition is met,
        else of the chosen variant, else the part's own."""
        numerator, denominator, value = self.formulas(part, row)
        top = None if numerator is None else self.evaluate(numerator, row)
        bottom = None if denominator is None else self.evaluate(denominator, row)
        if value is not None:
            return top, bottom, self.evaluate(value, row)
        if top is None or bottom is None:
            raise EngineInputError("standard.formula", f"指标 {part.key} 没有可用的公式。")
        if unknown := [one for one in (top, bottom) if isinstance(one, Unknown)]:
            return top, bottom, joined(unknown)
        if not bottom:
            return top, bottom, Unknown.of(row.record.unit, row.called, "分母", "为 0")
        return top, bottom, _number(top) / _number(bottom) * part.factor

    def formulas(self, part: BoundPart, row: Row) -> tuple[Typed | None, Typed | None, Typed | None]:
        counts = [part.count]
        if part.variants:
            counts.insert(0, part.variants[self.variant(part)][1])
        if concession := self.conceded(part, row):
            counts.insert(0, next(one.count for one in part.concessions if one.of.id == concession))
        picked: list[Typed | None] = []
        for name in ("numerator", "denominator", "value"):
            of = next((one for one in (getattr(count, name) for count in counts) if one is not None), None)
            picked.append(None if of is None else chosen(of, row.stage))
        return picked[0], picked[1], picked[2]

    def variant(self, part: BoundPart) -> str:
        """The id of the way of computing that the county chose, or of the default."""
        id = self.settings.variants.get(part.key, "")
        return id if id in part.variants else next(id for id, (one, _) in part.variants.items() if one.default)

    def conceded(self, part: BoundPart, row: Row) -> str:
        """The id of the open concession that a row meets, or empty."""
        for one in part.concessions:
            if one.of.id in self.settings.concessions and self.evaluate(one.when, row) is True:
                return one.of.id
        return ""

    def limits(self, part: BoundPart, row: Row) -> list[BoundLimit]:
        """The limits in force at a row, the part's own or an open concession's (``in_force``)."""
        conceded = self.conceded(part, row)
        from_concession = next((one.limits for one in part.concessions if one.of.id == conceded), ())
        return in_force(from_concession or part.limits, self.settings.opened, row.stage)

    def limit_value(self, limit: BoundLimit, row: Row) -> Known:
        if given := self.settings.limits.get(limit.key):
            return values.number(given)
        return self.evaluate(limit.value, row)

    def _limited(self, part: BoundPart, row: Row, top: Known | None, bottom: Known | None, value: Known) -> Found:
        judged = value
        if self.rounds and part.part.decimals is not None and isinstance(value, Fraction | Root):
            judged = Fraction(values.rounded(value, part.part.decimals))
        found: list[Known] = []
        shown: tuple[str, Known] | None = None
        for limit in self.limits(part, row):
            asked = self.evaluate(limit.when, row)
            if asked is False:
                continue
            wanted = self.limit_value(limit, row)
            unknown = [one for one in (asked, wanted, judged) if isinstance(one, Unknown)]
            met: Known = joined(unknown) if unknown else values.compare(limit.of.op, _value(judged), _value(wanted))
            # The limit that is shown is the first that is not met, or the first.
            if shown is None or (met is False and all(one is not False for one in found)):
                shown = (limit.of.op, wanted)
            found.append(met)
        op, wanted_shown = shown or ("", None)
        if not found:
            nobody = _for_nobody(row, self.bound.table_of(row.level))
            return Found(top, bottom, value, "", None, Verdict.NONE, nobody)
        met_all = conjunction(found)
        return Found(top, bottom, value, op, wanted_shown, _verdict(met_all), _reason(met_all))

    def _by_people(self, part: BoundPart, row: Row) -> Found:
        said = self._cell(f"judged:{part.indicator.id}", row, "text")
        if isinstance(said, Unknown):
            value: Known = Unknown.of(row.record.unit, row.called, part.indicator.name, "尚未认定")
            return Found(None, None, value, "", None, Verdict.MISSING, str(value))
        words = str(said)
        if part.part.kind != "grade":
            if words not in ("达标", "不达标"):
                value = Unknown.of(row.record.unit, row.called, part.indicator.name, f"“{words}”不是认定结论")
                return Found(None, None, value, "", None, Verdict.MISSING, str(value))
            return Found(None, None, words, "", None, Verdict.PASS if words == "达标" else Verdict.FAIL, "")
        limit = str(self.evaluate(part.limits[0].value, row))
        if words not in GRADES:
            value = Unknown.of(row.record.unit, row.called, part.indicator.name, f"“{words}”不是等级")
            return Found(None, None, value, ">=", limit, Verdict.MISSING, str(value))
        passed = GRADES.index(words) >= GRADES.index(limit)
        return Found(None, None, words, ">=", limit, Verdict.PASS if passed else Verdict.FAIL, "")


def chosen(by_stage: ByStage, stage: str) -> Typed:
    return by_stage[ANY] if ANY in by_stage else by_stage[stage]


def conjunction(found: Iterable[Known]) -> Known:
    """All of them (Kleene): one that is false decides; otherwise one that is unknown leaves it open."""
    found = list(found)
    if any(one is False for one in found):
        return False
    unknown = [one for one in found if isinstance(one, Unknown)]
    return joined(unknown) if unknown else True


def negation(one: Known) -> Known:
    return one if isinstance(one, Unknown) else not one


def _nobody(level: str) -> Unknown:
    return Unknown.of("", "", f"{level}数据", "一条也没有")


def _for_nobody(row: Row, table: str) -> str:
    """Why a row is not judged of which no limit speaks."""
    whom = "学段" if row.stage else {"county": "县", "kindergarten": "园"}.get(table, "校")
    return f"没有适用于该{whom}的限值"


def _verdict(met: Known) -> Verdict:
    return Verdict.MISSING if isinstance(met, Unknown) else Verdict.PASS if met else Verdict.FAIL


def _reason(value: Known) -> str:
    return str(value) if isinstance(value, Unknown) else ""


def _value(known: Known) -> Value:
    if isinstance(known, Unknown):
        raise TypeError("an unknown where a value must be")
    return known


def _number(known: Known) -> Fraction:
    if not isinstance(known, Fraction):
        raise TypeError(f"{known!r} where a number must be")
    return known


def _ceil(number: Fraction) -> Fraction:
    return Fraction(-(-number.numerator // number.denominator))


_ARITHMETIC: Mapping[str, Callable[[list[Fraction]], Fraction]] = {
    "+": lambda of: of[0] + of[1],
    "-": lambda of: of[0] - of[1],
    "*": lambda of: of[0] * of[1],
    "/": lambda of: of[0] / of[1],
    "neg": lambda of: -of[0],
    "abs": lambda of: abs(of[0]),
    "ceil": lambda of: _ceil(of[0]),
    "floor": lambda of: Fraction(of[0].numerator // of[0].denominator),
    "min": min,
    "max": max,
}
