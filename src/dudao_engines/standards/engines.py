"""A standard over data by SQL, in DuckDB, PostgreSQL or Spark, with the verdicts of the exact engine.

Every number is computed by the database in doubles. Where one lies so near a limit that the proven bound (``sql``) does not decide, it is
judged again by the exact engine before anything else rests on it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import cast

from dudao_engines.backends.model import Backend, Kind, Value
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards.bound import Bound, BoundPart
from dudao_engines.standards.compute import Usable, concluded, result_of
from dudao_engines.standards.exact import Evaluator, Found, Row
from dudao_engines.standards.formula import Field, Typed, parts
from dudao_engines.standards.model import Dataset, Record
from dudao_engines.standards.results import Result, Results, Settings, Verdict
from dudao_engines.standards.schema import JUDGED
from dudao_engines.standards.sql import (
    CONCLUSION,
    COUNTY,
    FAIL,
    KEY,
    MISSING,
    NONE,
    PASS,
    STAGE,
    PartColumns,
    Step,
    Tables,
    Writer,
)
from dudao_engines.standards.values import Known, Root, Unknown

#: Engines by name, and what each is made by.
BACKENDS = {"duckdb": "duckdb.DuckDB", "postgres": "postgres.PostgreSQL", "spark": "spark.Spark"}
_VERDICTS = {NONE: Verdict.NONE, PASS: Verdict.PASS, FAIL: Verdict.FAIL, MISSING: Verdict.MISSING}
_CODES = {verdict: code for code, verdict in _VERDICTS.items()}
_ROWS_AT_ONCE = 20_000


def backend(name: str, *args: object, **named: object) -> Backend:
    """A backend by its name; its driver is loaded only now.

    Args:
        name: ``duckdb``, ``postgres`` or ``spark``.
        args, named: as the backend takes them.

    Raises:
        EngineInputError: ``engines.unknown``; ``engines.missing``: its driver is not installed.
    """
    if name not in BACKENDS:
        raise EngineInputError("engines.unknown", f"没有“{name}”这个引擎，可用：exact、{'、'.join(BACKENDS)}。")
    module, made = BACKENDS[name].split(".")
    try:
        found = import_module(f"dudao_engines.backends.{module}")
    except ModuleNotFoundError as error:
        raise EngineInputError("engines.missing", f"“{name}”引擎没有安装（缺 {error.name}）。") from None
    return cast("Backend", getattr(found, made)(*args, **named))


def compute(bound: Bound, dataset: Dataset, settings: Settings | None = None, *, on: Backend) -> Results:
    """As ``compute.compute``, by SQL.

    Verdicts, limits, reasons and shown values are the same; a numerator, denominator or value that is no quotient of integers and
    was not near a limit is the decimal of its first 15 digits.

    Args:
        on: where it is computed; the tables made there end with the connection.

    Raises:
        EngineInputError: ``sql.unsupported``: what only the exact engine computes.
    """
    settings = settings or Settings()
    evaluator = Evaluator(bound, dataset, settings)
    writer = Writer(bound, settings, _load(bound, evaluator, on), shown=True)
    keys = {id(one): at for records in evaluator.records.values() for at, one in enumerate(records)}
    rows: dict[tuple[str, object, str], Row] = {}
    for level in bound.levels:
        of_county = bound.table_of(level) == "county"
        for row in evaluator.rows(level):
            rows[level, row.county if of_county else keys[id(row.record)], row.stage] = row

    def judge(places: Iterable[_Place]) -> Iterator[tuple[_Place, Found]]:
        for place in places:
            yield place, _judged(evaluator, place.part, rows[place.level, place.key, place.stage])

    found: dict[tuple[str, int], Found] = {}
    for step in writer.steps():
        fixed = _settle(on, step, judge)
        names = [KEY, STAGE, *(one.name(what) for one in step.parts for what in _kept(one))]
        for values in on.rows(_select(on, step, names)):
            read = dict(zip(names, values, strict=True))
            row = rows[step.level, read[KEY], str(read[STAGE])]
            for one in step.parts:
                exactly = fixed.get((one.key, read[KEY], str(read[STAGE]))) or _found(bound, one, read)
                if exactly is None and one.key != CONCLUSION:
                    exactly = evaluator.found(one.key, row)
                if exactly is not None:
                    found[one.key, row.serial] = exactly
    return _results(bound, evaluator, settings, found)


def _results(bound: Bound, evaluator: Evaluator, settings: Settings, found: Mapping[tuple[str, int], Found]) -> Results:
    usable = Usable(bound, settings)
    results = [
        result_of(bound, part, row, found[part.key, row.serial], usable)
        for part in bound.parts.values()
        if evaluator.is_open(part)
        for row in evaluator.rows(part.level.id)
    ]
    county = next(one.id for one in bound.standard.levels if one.table == "county")
    conclusions: list[Result] = []
    for row in evaluator.rows(county):
        known = found.get((CONCLUSION, row.serial))
        conclusions.append(concluded(evaluator, row, usable, known.value if known else None))
    return Results(bound.standard.id, results, conclusions, evaluator.left_out)


def _kept(one: PartColumns) -> list[str]:
    columns = {"n": "n.v", "d": "d.v", "v": "v", "l": "l.v", "o": "o", "t": "t"}
    return ["code", *(name for short, name in columns.items() if short in one.columns)]


def _found(bound: Bound, one: PartColumns, read: Mapping[str, object]) -> Found | None:
    """What a row of a step's table says of a part; None where its words or digits need the exact engine."""
    code = read[one.name("code")]
    if code == MISSING:
        return None
    trial = _VERDICTS[cast("int", code)]
    part = bound.parts.get(one.key)
    if part is None or part.part.kind == "rule":
        return Found(None, None, code == PASS, "", None, trial, "")
    if code == NONE and part.part.kind != "info":
        return None
    if part.part.kind in JUDGED or read.get(one.name("v")) is None or read.get(one.name("t"), True):
        return None
    top, bottom = (_read(read.get(one.name(f"{short}.v")), short in one.whole) for short in "nd")
    value = _read(read[one.name("v")], "v" in one.whole, root=one.root)
    if isinstance(top, Fraction) and isinstance(bottom, Fraction) and not one.root and part.count.value is None:
        value = top / bottom * part.factor
    op = one.op if one.op is not None else str(read[one.name("o")])
    limit = read.get(one.name("l.v"))
    return Found(top, bottom, value, op, None if limit is None else _decimal(limit), trial, "")


def _read(value: object, whole: bool, *, root: bool = False) -> Known | None:
    if value is None:
        return None
    number = cast("float", value)
    if whole:
        return Fraction(int(number))
    return Decimal(f"{max(number, 0) ** 0.5 if root else number:.15g}")


def _decimal(value: object) -> Fraction:
    """The decimal of at most 15 digits that a double stands for."""
    return Fraction(f"{cast('float', value):.15g}")


# Judging again


@dataclass(frozen=True, slots=True)
class _Place:
    """A part at a row, which the bound did not decide."""

    part: str
    level: str
    county: str
    key: object
    stage: str


_Judge = Callable[[Iterable[_Place]], Iterable[tuple[_Place, Found]]]


def _settle(on: Backend, step: Step, judge: _Judge) -> dict[tuple[str, object, str], Found]:
    """Compute a step's table, judge again what is close in it, and put that in; answers what was judged again."""
    on.keep(step.table, step.query.sql(on.dialect, copy=False))
    near = [one for one in step.parts if "close" in one.columns]
    if not near:
        return {}
    flags = [one.name("close") for one in near]
    quoted = [_quote(on, flag) for flag in flags]
    query = f"{_select(on, step, [KEY, COUNTY, STAGE, *flags])} WHERE {' OR '.join(quoted)}"
    places: dict[str, list[_Place]] = {}
    for key, county, stage, *close in on.rows(query):
        for one, is_close in zip(near, close, strict=True):
            if is_close:
                places.setdefault(one.key, []).append(_Place(one.key, step.level, str(county), key, str(stage)))
    fixed: dict[tuple[str, object, str], Found] = {}
    for one in near:
        if one.key not in places:
            continue
        found = list(judge(places[one.key]))
        fixed |= {(one.key, place.key, place.stage): each for place, each in found}
        kind: Kind = "text" if isinstance(found[0][0].key, str) else "bigint"
        columns, make = _amended(one)
        rows = [(place.key, place.stage, *make(each)) for place, each in found]
        keyed: dict[str, Kind] = {KEY: kind, STAGE: "text"}
        on.amend(step.table, (KEY, STAGE), {**keyed, **columns}, cast("Iterable[Sequence[Value]]", rows))
    return fixed


def _amended(one: PartColumns) -> tuple[dict[str, Kind], Callable[[Found], tuple[Value, ...]]]:
    """The columns of a part that are put in anew, and how they are made."""
    made: dict[str, tuple[Kind, Callable[[Found], Value]]] = {
        "n": ("double", lambda each: _double(each.numerator)),
        "d": ("double", lambda each: _double(each.denominator)),
        "v": ("double", lambda each: _double(each.value)),
        "m": ("double", lambda each: abs(_double(each.value) or 0.0)),
        "c": ("bool", lambda each: False),
        "l": ("double", lambda each: _double(each.limit)),
        "l.m": ("double", lambda each: abs(_double(each.limit) or 0.0)),
        "l.c": ("bool", lambda each: False),
        "o": ("text", lambda each: each.op),
    }
    names = {"n": "n.v", "d": "d.v", "l": "l.v"}
    held = [short for short in made if short in one.columns]
    columns: dict[str, Kind] = {one.name(names.get(short, short)): made[short][0] for short in held}
    columns[one.name("code")] = "bigint"
    return columns, lambda each: (*(made[short][1](each) for short in held), _CODES[each.trial])


def _double(value: Known | None) -> float | None:
    """As a step's table holds it: a root by its square."""
    if isinstance(value, Root):
        return float(value.square)
    return float(value) if isinstance(value, Fraction | Decimal) else None


def _select(on: Backend, step: Step, names: Sequence[str]) -> str:
    return f"SELECT {', '.join(_quote(on, name) for name in names)} FROM {step.table}"  # noqa: S608 (our own names)


def _quote(on: Backend, name: str) -> str:
    return f"`{name}`" if on.dialect == "spark" else f'"{name}"'


def _judged(evaluator: Evaluator, key: str, row: Row) -> Found:
    if key != CONCLUSION:
        return evaluator.found(key, row)
    if evaluator.bound.verdict is None:
        raise TypeError("the standard is not bound")
    met = evaluator.evaluate(evaluator.bound.verdict, row)
    trial = Verdict.MISSING if isinstance(met, Unknown) else Verdict.PASS if met else Verdict.FAIL
    return Found(None, None, met, "", None, trial, "")


# Loading


def used(bound: Bound) -> dict[str, dict[str, str]]:
    """The fields that a standard uses: their kinds by table and code."""
    found: dict[str, dict[str, str]] = {bound.table_of(one): {} for one in bound.levels}
    for tree in _trees(bound):
        for node in parts(tree):
            if isinstance(node, Field):
                found[bound.table_of(node.level)][node.code] = node.kind
    for part in bound.parts.values():
        table = bound.table_of(part.level.id)
        if part.part.kind in JUDGED:
            found[table][f"judged:{part.indicator.id}"] = "text"
        elif part.part.kind == "veto":
            found[table][f"veto:{part.indicator.id}"] = "number"
    return found


def _trees(bound: Bound) -> Iterator[Typed]:
    for by_stage in (*bound.quantities.values(), *bound.present.values()):
        yield from by_stage.values()
    yield from (tree for tree, _, _ in bound.scope)
    for part in bound.parts.values():
        yield from _trees_of(part)
    if bound.verdict is not None:
        yield bound.verdict


def _trees_of(part: BoundPart) -> Iterator[Typed]:
    counts = [part.count, *(made for _, made in part.variants.values()), *(one.count for one in part.concessions)]
    for count in counts:
        for by_stage in (count.numerator, count.denominator, count.value):
            yield from (by_stage or {}).values()
    for limit in (*part.limits, *(limit for one in part.concessions for limit in one.limits)):
        yield limit.when
        yield limit.value
    yield from (one.when for one in part.concessions)


def _load(bound: Bound, evaluator: Evaluator, on: Backend) -> Tables:
    """The cells that are used, as tables ``t_<table>``; a row's key is its place in the data, a county's its code."""
    columns: dict[str, dict[str, Kind]] = {}
    largest = 0
    for table, fields in used(bound).items():
        records = evaluator.records[table]
        kinds: dict[str, Kind] = {}
        values: list[list[Value]] = []
        for code, wanted in fields.items():
            kind, taken = _column(records, code, wanted)
            kinds[code] = kind
            if kind == "bigint":
                largest = max(largest, *(abs(int(one or 0)) for one in taken), 0)
            values.append(taken)
        key: Kind = "text" if table == "county" else "bigint"
        codes = [one.county or one.unit if table == "county" else one.county or evaluator.single for one in records]
        keys: Sequence[Value] = codes if table == "county" else range(len(records))
        rows = zip(keys, codes, *values, strict=True)
        keyed: dict[str, Kind] = {KEY: key, COUNTY: "text"}
        on.add(f"t_{table}", {**keyed, **kinds}, rows)
        columns[table] = kinds
    longest = max(len(one) for one in evaluator.records.values())
    return Tables(columns, dict.fromkeys(columns, (KEY, COUNTY)), longest, largest)


def _column(records: Sequence[Record], code: str, wanted: str) -> tuple[Kind, list[Value]]:
    """A field of all records; what is of another kind than it should be is missing, as it is to the exact engine."""
    values = [cell.value if (cell := one.cells.get(code)) else None for one in records]
    if wanted == "bool":
        return "bool", [one if isinstance(one, bool) else None for one in values]
    if wanted == "text":
        return "text", [one if isinstance(one, str) else None for one in values]
    numbers = [None if isinstance(one, bool | str) else one for one in values]
    if all(one is None or (isinstance(one, int) and abs(one) < 2**63) for one in numbers):
        return "bigint", [None if one is None else int(one) for one in numbers]
    return "decimal", [None if one is None else float(one) for one in numbers]
