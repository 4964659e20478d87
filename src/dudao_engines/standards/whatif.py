"""What would have to change: what is missing to pass, and which single cells could still turn a verdict."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from dudao_engines.standards import formula
from dudao_engines.standards.bound import Bound, BoundPart
from dudao_engines.standards.exact import Evaluator, Found, Row
from dudao_engines.standards.formula import Field, Over, Quantity, Refer, Typed
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Results, Settings, Verdict

#: Decimals that a field is filled in with, by code; 0 where it is not named.
Decimals = Mapping[str, int]
Place = tuple[str, str, str]  # table, unit, field code


@dataclass(frozen=True, slots=True)
class Missing:
    """What one part lacks at one unit, if nothing but one field changes.

    Attributes:
        code: the field that would have to grow (or shrink, where ``amount`` is negative).
        amount: by how much, in the field's unit, rounded so that the limit is reached.
        can_wait: the unit's overall rule would pass with everything else filled up and this left as it is.
    """

    part: str
    unit: str
    name: str
    stage: str
    code: str
    amount: Decimal
    can_wait: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A cell that could turn a verdict.

    Attributes:
        part: whose verdict; the standard's conclusion is not among them.
        of_unit, stage: whose part it is; the county's where the part is asked of the county.
        now: the verdict as things stand; ``then``: what it would become.
        from_value, to_value: the nearest value of the cell that turns it.
        change: how far that is from the present value, as a share of it (0.03 = 3 %).
    """

    part: str
    of_unit: str
    stage: str
    unit: str
    name: str
    code: str
    now: Verdict
    then: Verdict
    from_value: Decimal
    to_value: Decimal
    change: Fraction


def changed(dataset: Dataset, changes: Mapping[Place, Cell]) -> Dataset:
    """The data with some cells replaced; units that are not there are added, with their code as name."""
    tables = {name: list(records) for name, records in dataset.tables.items()}
    for (table, unit, code), cell in changes.items():
        records = tables.setdefault(table, [])
        at = next((at for at, one in enumerate(records) if one.unit == unit), None)
        if at is None:
            county = records[0].county if records else ""
            records.append(Record(unit, unit, county, {code: cell}))
        else:
            records[at] = replace(records[at], cells={**records[at].cells, code: cell})
    return Dataset(tables)


@dataclass(frozen=True, slots=True)
class Moved:
    """A verdict or value that differs between two computations."""

    part: str
    unit: str
    name: str
    stage: str
    before: Verdict
    after: Verdict
    shown_before: str
    shown_after: str


def moved(before: Results, after: Results) -> list[Moved]:
    """What differs, verdicts that turned first. Units that are new or gone count as ``NONE`` on the other side."""
    places = dict.fromkeys((one.part, one.unit, one.stage) for of in (before, after) for one in of)
    found = []
    for place in places:
        old, new = before.get(*place), after.get(*place)
        known = new or old
        if known is None or (old and new and (old.trial, old.value) == (new.trial, new.value)):
            continue
        none = Verdict.NONE
        found.append(
            Moved(
                *(place[0], place[1], known.name, place[2], old.trial if old else none, new.trial if new else none),
                *(old.shown if old else "", new.shown if new else ""),
            )
        )
    return sorted(found, key=lambda one: one.before == one.after)


# Which fields a part rests on


def codes_of(bound: Bound, part: BoundPart) -> dict[str, set[str]]:
    """Codes of the number fields that a part's formulas use, by table; through quantities, aggregates and other parts."""
    found: dict[str, set[str]] = {}
    for node in _nodes(bound, part):
        if isinstance(node, Field) and node.kind == "number":
            found.setdefault(bound.levels[node.level].table, set()).add(node.code)
    return found


def is_of_many(bound: Bound, part: BoundPart) -> bool:
    """Whether a part sums, counts or compares over units below, itself or through what it uses."""
    return any(
        isinstance(node, Over) or (isinstance(node, Refer) and node.what == "met") for node in _nodes(bound, part)
    )


def _nodes(bound: Bound, part: BoundPart) -> Iterator[Typed]:
    """Every node of a part's formulas and of what they use, each once."""
    todo, seen, taken = _formulas(part), set[Typed](), {part.key}
    while todo:
        for node in formula.parts(todo.pop()):
            if node in seen:
                continue
            seen.add(node)
            yield node
            if isinstance(node, Quantity):
                todo.extend(bound.quantities[node.id].values())
            elif isinstance(node, Refer) and node.what != "met":
                for one in [bound.parts[node.id]] if node.id in bound.parts else bound.parts_of(node.id):
                    if one.key not in taken:
                        taken.add(one.key)
                        todo.extend(_formulas(one))


def _formulas(part: BoundPart) -> list[Typed]:
    """What a part itself is written with."""
    found = [tree for limit in part.limits for tree in (limit.value, limit.when)]
    for count in (part.count, *(made for _, made in part.variants.values())):
        for by_stage in (count.numerator, count.denominator, count.value):
            found.extend((by_stage or {}).values())
    return found


# What is missing


def missing(bound: Bound, dataset: Dataset, settings: Settings, decimals: Decimals) -> list[Missing]:
    """What every failing number of a unit lacks.

    Args:
        decimals: of the fields.

    Returns:
        One for each part, unit and stage that fails and that one field alone could mend, in the order of the standard, judged
        by the exact engine at every step.
    """
    evaluator = Evaluator(bound, dataset, settings)
    found: list[Missing] = []
    for part in bound.parts.values():
        if part.part.kind not in ("ratio", "number") or is_of_many(bound, part) or not evaluator.is_open(part):
            continue
        for row in evaluator.rows(part.level.id):
            if evaluator.found(part.key, row).trial is Verdict.FAIL and (
                one := _mended(evaluator, dataset, part, row, decimals)
            ):
                found.append(one)
    return _with_waiting(found, bound, dataset, settings) if bound.overall else found


def _mended(evaluator: Evaluator, dataset: Dataset, part: BoundPart, row: Row, decimals: Decimals) -> Missing | None:
    """The first field that by growing alone brings a part to its limit, of the numerator before the denominator; else the first
    that does so by shrinking."""
    used = codes_of(evaluator.bound, part).get(evaluator.bound.table_of(part.level.id), set())
    probes = [
        _Probe(evaluator, dataset, part, row, code, number, decimals.get(code, 0))
        for code in _in_order(evaluator, part, row, used)
        if (number := _number(row.record, code)) is not None
    ]
    for sign in (1, -1):
        for one in probes:
            if amount := one.needed(sign):
                return Missing(part.key, row.record.unit, row.record.name, row.stage, one.code, amount)
    return None


def _number(record: Record, code: str) -> Decimal | None:
    cell = record.cells.get(code)
    return None if cell is None or cell.value is None or isinstance(cell.value, bool | str) else Decimal(cell.value)


def _in_order(evaluator: Evaluator, part: BoundPart, row: Row, used: set[str]) -> Iterator[str]:
    """Fields of the numerator before those of the denominator, in the order they are written."""
    done: set[str] = set()
    for tree in evaluator.formulas(part, row):
        todo = [tree] if tree is not None else []
        while todo:
            for node in formula.parts(todo.pop(0)):
                if isinstance(node, Field) and node.code in used and node.code not in done:
                    done.add(node.code)
                    yield node.code
                elif isinstance(node, Quantity):
                    todo.extend(evaluator.bound.quantities[node.id].values())


class _Probe:
    """One field of one unit varied, everything else as it is."""

    def __init__(
        self,
        evaluator: Evaluator,
        dataset: Dataset,
        part: BoundPart,
        row: Row,
        code: str,
        value: Decimal,
        decimals: int,
    ) -> None:
        self.evaluator, self.part, self.row, self.code, self.value = evaluator, part, row, code, value
        self.step = Decimal(1).scaleb(-decimals)
        # A unit's own number needs the unit and its county only.
        self._data = _of_unit(dataset, evaluator.bound, row)

    def found(self, value: Decimal) -> Found | None:
        """What the part comes to, were this the field's value; None where the unit would not be judged any more."""
        bound, unit = self.evaluator.bound, self.row.record.unit
        place = (bound.table_of(self.part.level.id), unit, self.code)
        tried = Evaluator(bound, changed(self._data, {place: Cell(value)}), self.evaluator.settings)
        for row in tried.rows(self.part.level.id):
            if row.record.unit == unit and row.stage == self.row.stage:
                return tried.found(self.part.key, row)
        return None

    def _passes(self, steps: int) -> bool:
        found = self.found(self.value + steps * self.step)
        return found is not None and found.trial is Verdict.PASS

    def needed(self, sign: int) -> Decimal | None:
        """The smallest change upwards (1) or downwards (-1) that passes, in whole steps of the field. None when this field alone
        cannot. A number that is linear in the field is guessed at once and proved by its two neighbours; any other is doubled
        until it passes, then halved back."""
        most = 10**9 if sign > 0 else int(self.value / self.step)
        guess = self._guessed(sign)
        if (
            guess
            and guess <= most
            and self._passes(sign * guess)
            and (guess == 1 or not self._passes(sign * (guess - 1)))
        ):
            return sign * guess * self.step
        low, high = 0, 1
        while high <= most and not self._passes(sign * high):
            low, high = high, high * 2
        if high > most:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._passes(sign * middle) else (middle, high)
        return sign * high * self.step

    def _guessed(self, sign: int) -> int | None:
        now, more = self.evaluator.found(self.part.key, self.row), self.found(self.value + sign * self.step)
        numbers = (now.value, now.limit, more.value if more else None)
        if not all(isinstance(one, Fraction) for one in numbers):
            return None
        value, limit, moved = (Fraction(one) for one in numbers if isinstance(one, Fraction))
        if moved == value or (limit - value) / (moved - value) <= 0:
            return None
        return math.ceil((limit - value) / (moved - value))


def _of_unit(dataset: Dataset, bound: Bound, row: Row) -> Dataset:
    """The records of one unit and of the county."""
    table = bound.table_of(row.level)
    mine = {name: [one for one in dataset.tables.get(name, ()) if one.unit == row.record.unit] for name in (table,)}
    return Dataset({"county": dataset.tables.get("county", ()), **mine})


def _with_waiting(found: list[Missing], bound: Bound, dataset: Dataset, settings: Settings) -> list[Missing]:
    """Marks what could wait: with everything else at the unit filled up, its overall rule passes without this."""
    overall = bound.overall
    level = bound.parts[overall].level
    by_unit: dict[tuple[str, str], list[Missing]] = {}
    for one in found:
        if bound.parts[one.part].level == level:
            by_unit.setdefault((one.unit, one.stage), []).append(one)
    marked: dict[int, Missing] = {}
    evaluator = Evaluator(bound, dataset, settings)
    for row in evaluator.rows(level.id):
        mine = by_unit.get((row.record.unit, row.stage), [])
        table, small = bound.table_of(level.id), _of_unit(dataset, bound, row)
        for one in mine:
            grown: dict[Place, Decimal] = {}
            for other in mine:
                if other is not one:
                    place = (table, other.unit, other.code)
                    grown[place] = max(grown.get(place, Decimal()), other.amount)
            cells = {place: Cell((_number(row.record, place[2]) or Decimal()) + more) for place, more in grown.items()}
            tried = Evaluator(bound, changed(small, cells), settings)
            again = next((each for each in tried.rows(level.id) if each.stage == row.stage), None)
            if again and tried.found(overall, again).trial is Verdict.PASS:
                marked[id(one)] = replace(one, can_wait=True)
    return [marked.get(id(one), one) for one in found]


# Which cells could turn a verdict


def turning(
    bound: Bound,
    dataset: Dataset,
    settings: Settings,
    decimals: Decimals,
    *,
    within: Fraction,
    skip: frozenset[Place] = frozenset(),
) -> list[Turn]:
    """Cells of which an error of at most ``within`` (0.1 = 10 %) would turn a verdict: what is worth checking on site first.

    Args:
        decimals: of the fields.
        skip: cells that were checked already.

    Returns:
        For each part, row and cell the nearest value that turns the verdict, the smallest relative change first. Verdicts of a
        unit's own numbers and rules, and those of the county over its units.
    """
    evaluator = Evaluator(bound, dataset, settings)
    many = [one for one in bound.parts.values() if is_of_many(bound, one) and evaluator.is_asked(one)]
    own = [one for one in bound.parts.values() if one not in many and evaluator.is_asked(one)]
    uses = {one.key: codes_of(bound, one) for one in (*many, *own)}
    found: list[Turn] = []
    for table, records in dataset.tables.items():
        for record in records:
            if table != "county":
                small = Dataset({"county": dataset.tables.get("county", ()), table: [record]})
                found += _turns(bound, small, settings, decimals, within, skip, uses, table, record, own)
            found += _turns(bound, dataset, settings, decimals, within, skip, uses, table, record, many, evaluator)
            if table == "county":
                mine = [one for one in own if one.level.table == "county" or one.level.of]
                alone = Dataset({"county": [record]})
                found += _turns(bound, alone, settings, decimals, within, skip, uses, table, record, mine)
    return sorted(found, key=lambda one: (one.change, one.part, one.unit, one.code))


def _turns(
    bound: Bound,
    data: Dataset,
    settings: Settings,
    decimals: Decimals,
    within: Fraction,
    skip: frozenset[Place],
    uses: Mapping[str, Mapping[str, set[str]]],
    table: str,
    record: Record,
    parts: Sequence[BoundPart],
    base: Evaluator | None = None,
) -> list[Turn]:
    """Turns of these parts by the cells of one record; ``uses``: the fields that each part rests on, by key and table."""
    using = {part.key: uses[part.key].get(table, set()) for part in parts}
    codes = sorted(set().union(*using.values())) if using else []
    base = base or Evaluator(bound, data, settings)
    found: list[Turn] = []
    for code in codes:
        value = _number(record, code)
        if value is None or not value or (table, record.unit, code) in skip:
            continue
        mine = [part for part in parts if code in using[part.key]]
        step = Decimal(1).scaleb(-decimals.get(code, 0))
        for sign in (1, -1):
            most = int(abs(value) * Decimal(within.numerator) / Decimal(within.denominator) / step)
            if most:
                found += _nearest(bound, data, settings, base, mine, table, record, code, value, sign * step, most)
    return found


def _nearest(
    bound: Bound,
    data: Dataset,
    settings: Settings,
    base: Evaluator,
    parts: Sequence[BoundPart],
    table: str,
    record: Record,
    code: str,
    value: Decimal,
    step: Decimal,
    most: int,
) -> list[Turn]:
    """Verdicts that the largest error allowed would turn, each with the smallest error that does."""

    def tried(steps: int) -> Evaluator:
        return Evaluator(bound, changed(data, {(table, record.unit, code): Cell(value + steps * step)}), settings)

    far, found = tried(most), list[Turn]()
    for part in parts:
        for row in base.rows(part.level.id):
            now, then = base.found(part.key, row).trial, _verdict_at(far, part, row)
            if now not in (Verdict.PASS, Verdict.FAIL) or then not in (Verdict.PASS, Verdict.FAIL) or now is then:
                continue
            low, high = 0, most
            while high - low > 1:
                middle = (low + high) // 2
                turns = _verdict_at(tried(middle), part, row) is not now
                low, high = (low, middle) if turns else (middle, high)
            change = Fraction(high) * Fraction(abs(step)) / Fraction(abs(value))
            found.append(
                Turn(
                    *(part.key, row.record.unit, row.stage, record.unit, record.name, code, now, then),
                    *(value, value + high * step, change),
                )
            )
    return found


def _verdict_at(evaluator: Evaluator, part: BoundPart, row: Row) -> Verdict:
    for one in evaluator.rows(part.level.id):
        if one.record.unit == row.record.unit and one.stage == row.stage:
            return evaluator.found(part.key, one).trial
    return Verdict.NONE


# A county whose schools differ too much


@dataclass(frozen=True, slots=True)
class Lift:
    """What would bring a coefficient of variation to its limit by lifting the poorest units to one level.

    Attributes:
        level: the value per pupil that every unit below it would be lifted to.
        units: code, name and what each would have to gain, in the numerator's unit.
        total: of all.
    """

    level: Fraction
    units: tuple[tuple[str, str, Fraction], ...]
    total: Fraction


def lift(rows: Sequence[tuple[str, str, Fraction, Fraction]], limit: Fraction, step: Fraction) -> Lift | None:
    """The lowest level, in steps, that brings the weighted CV to its limit when poorer units are lifted to it.

    Args:
        rows: code, name, amount and pupils (> 0) of each unit.
        limit: of the CV.
        step: of the level that is looked for.

    Returns:
        None when the limit is met already or there is nothing to lift.
    """
    if not rows or not sum(amount for _, _, amount, _ in rows) or _cv_square(rows) <= limit * limit:
        return None
    low, high = 0, -(-max(amount / pupils for _, _, amount, pupils in rows) // step)
    while high - low > 1:
        middle = (low + high) // 2
        if _cv_square(_lifted(rows, middle * step)) <= limit * limit:
            high = middle
        else:
            low = middle
    level = high * step
    gains = tuple(
        (code, name, level * pupils - amount) for code, name, amount, pupils in rows if amount < level * pupils
    )
    return Lift(level, gains, sum((gain for _, _, gain in gains), Fraction()))


_Rows = Iterable[tuple[str, str, Fraction, Fraction]]


def _lifted(rows: _Rows, level: Fraction) -> list[tuple[str, str, Fraction, Fraction]]:
    return [(code, name, max(amount, level * pupils), pupils) for code, name, amount, pupils in rows]


def _cv_square(rows: _Rows) -> Fraction:
    rows = list(rows)
    total = sum((amount for _, _, amount, _ in rows), Fraction())
    pupils = sum((one for *_, one in rows), Fraction())
    return pupils * sum((a * a / p for _, _, a, p in rows), Fraction()) / (total * total) - 1
