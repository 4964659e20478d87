"""A standard over data by SQL, in DuckDB, PostgreSQL or Spark, with the verdicts of the exact engine.

Every number is computed by the database in doubles. Where one lies so near a limit that the proven bound (``sql``) does not decide, it is
judged again by the exact engine before anything else rests on it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import cast

from dudao_engines.backends.model import Backend, Kind, Value
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards.bound import Bound, BoundPart
from dudao_engines.standards.compute import Usable, concluded, result_of
from dudao_engines.standards.exact import Evaluator, Found, Row
from dudao_engines.standards.formula import Field, Over, Quantity, Refer, Typed, parts
from dudao_engines.standards.model import Cell, Dataset, Record
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
#: How much is read at once to be judged again.
_UNITS_AT_ONCE, _COUNTIES_AT_ONCE = 20_000, 30


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


def compute(
    bound: Bound, dataset: Dataset, settings: Settings | None = None, *, on: Backend, exactly: bool = False
) -> Results:
    """As ``compute.compute``, by SQL.

    Verdicts, limits, reasons and shown values are the same; a numerator, denominator or value that is no quotient of integers and
    was not near a limit is the decimal of its first 15 digits, unless ``exactly``.

    Args:
        on: where it is computed; the tables made there end with the connection.
        exactly: numbers are the exact engine's (n/d, roots) and only the verdicts are the database's. That costs what the exact
            engine costs, which is little for what is printed; ``judge`` is for whole provinces.

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

    def judge(places: Sequence[_Place]) -> Iterator[tuple[_Place, Found]]:
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
                known = fixed.get((one.key, read[KEY], str(read[STAGE]))) or _found(bound, one, read)
                if known is None and one.key != CONCLUSION:
                    known = evaluator.found(one.key, row)
                elif known is not None and exactly and one.key != CONCLUSION:
                    known = replace(evaluator.found(one.key, row), trial=known.trial)
                if known is not None:
                    found[one.key, row.serial] = known
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
    if (
        not one.is_written
        or part.part.kind in JUDGED
        or read.get(one.name("v")) is None
        or read.get(one.name("t"), True)
    ):
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


# Whole provinces: from files to a file


@dataclass(frozen=True, slots=True)
class Judged:
    """What ``judge`` did: how many numbers it judged again exactly."""

    again: int


def judge(
    bound: Bound, files: Mapping[str, Sequence[Path]], settings: Settings | None = None, *, on: Backend, out: Path
) -> Judged:
    """A standard over Parquet files, straight into a Parquet file, without a row of it passing through Python.

    Args:
        bound: the standard.
        files: Parquet files by table (``school``, ``county`` …). Columns: ``unit`` and ``county`` (texts), and fields by code in
            their kinds; a cell that is missing is NULL, one of another kind is missing too. Doubles stand for the decimals of
            their first 15 digits. A table that is not given is empty; a county that stands only beside its units has no cells.
        on: where it is computed.
        out: one row for each part and row (unit, or stage of a unit), and each county's conclusion: ``indicator, level,
            county, unit, stage, numerator, denominator, value, op, limit, verdict, trial``; numbers are doubles.

    Raises:
        EngineInputError: ``backends.file``; ``engines.columns`` (no ``unit`` or ``county``); ``engines.unit`` (a unit twice, or
            one without code or county); ``sql.unsupported``.
    """
    settings = settings or Settings()
    tables = _take_files(bound, files, on)
    writer = Writer(bound, settings, tables, shown=False)
    again, usable, selects = 0, Usable(bound, settings), list[str]()
    reader = _Reader(bound, settings, on, tables)
    for step in writer.steps():
        again += len(_settle(on, step, reader.judge))
        selects += [_long(on, writer, step, one, usable) for one in step.parts]
    verdicts = [one.value for one in Verdict]
    words = {
        "indicator": [*bound.parts, CONCLUSION],
        "level": list(bound.levels),
        "stage": ["", *dict.fromkeys(stage for one in bound.standard.levels for stage in one.stages)],
        "op": ["", ">=", ">", "<=", "<", "==", "!="],
        "verdict": verdicts,
        "trial": verdicts,
    }
    on.write(" UNION ALL ".join(selects), out, words)
    return Judged(again)


def _take_files(bound: Bound, files: Mapping[str, Sequence[Path]], on: Backend) -> Tables:
    columns: dict[str, dict[str, Kind]] = {}
    wanted = used(bound)
    if unknown := sorted(set(files) - set(wanted)):
        raise EngineInputError("engines.columns", f"标准 {bound.standard.id} 用不到“{'、'.join(unknown)}”表。")
    longest, largest, positive = 0, 0, dict[str, frozenset[str]]()
    for table in sorted(wanted, key=lambda one: one == "county"):
        name = f"t_{table}" if table != "county" else "given_county"
        if paths := files.get(table, ()):
            held = dict(on.add_files(name, paths))
            if not held.get("unit") == held.get("county") == "text":
                raise EngineInputError("engines.columns", f"{paths[0]}：要有 unit、county 两列文字。")
            columns[table] = {code: held[code] for code in wanted[table] if code in held}
            rows, size, positive[table] = _looked_at(on, name, columns[table], paths[0])
            longest, largest = max(longest, rows), max(largest, size)
        elif table != "county":
            on.add(name, {"unit": "text", "county": "text"}, ())
            columns[table] = {}
    columns.setdefault("county", {})
    _all_counties(on, columns, given="county" in files)
    return Tables(columns, dict.fromkeys(columns, ("unit", "county")), longest, largest, positive)


def _looked_at(on: Backend, name: str, columns: Mapping[str, Kind], path: Path) -> tuple[int, int, frozenset[str]]:
    """How many rows there are, the largest integer, and the columns without a number below zero."""
    numbers = {code: kind for code, kind in columns.items() if kind in ("bigint", "decimal", "double")}
    ends = [f"{fn}({_quote(on, code)})" for code in numbers for fn in ("MIN", "MAX")]
    told = ", ".join(["COUNT(*)", "COUNT(DISTINCT unit)", "COUNT(county)", *ends])
    rows, units, counties, *found = next(iter(on.rows(f"SELECT {told} FROM {name}")))  # noqa: S608 (our own names)
    if not rows == units == counties:
        raise EngineInputError("engines.unit", f"{path}：unit 有重复或空缺，或 county 有空缺。")
    least = dict(zip(numbers, cast("list[float | None]", found[::2]), strict=True))
    most = dict(zip(numbers, cast("list[float | None]", found[1::2]), strict=True))
    sizes = [
        abs(int(end or 0)) for code, kind in numbers.items() if kind == "bigint" for end in (least[code], most[code])
    ]
    return cast("int", rows), max(sizes, default=0), frozenset(code for code, end in least.items() if (end or 0) >= 0)


def _all_counties(on: Backend, columns: Mapping[str, Mapping[str, Kind]], *, given: bool) -> None:
    """The county table: every county that stands anywhere, with its own cells where it has them."""
    tables = [table for table in columns if table != "county"]
    named = " UNION ".join(f"SELECT DISTINCT county FROM t_{table}" for table in tables)  # noqa: S608 (our own names)
    if not given:
        on.keep("t_county", f"SELECT county AS unit, county FROM ({named}) AS n")  # noqa: S608
        return
    codes = [_quote(on, code) for code in columns["county"]]
    own = ", ".join(["unit", "unit AS county", *codes])
    query = f"SELECT {own} FROM given_county"  # noqa: S608
    if named:
        none = ", ".join(["county AS unit", "county", *(f"NULL AS {code}" for code in codes)])
        absent = f"SELECT {none} FROM ({named}) AS n WHERE county NOT IN (SELECT unit FROM given_county)"  # noqa: S608
        query = f"{query} UNION ALL {absent}"
    on.keep("t_county", query)


def _long(on: Backend, writer: Writer, step: Step, one: PartColumns, usable: Usable) -> str:
    """The rows of one part for ``judge``."""

    def held(short: str, name: str = "") -> str:
        return _quote(on, one.name(name or short)) if short in one.columns else "CAST(NULL AS DOUBLE PRECISION)"

    value = held("v")
    if one.root:
        value = f"SQRT(CASE WHEN {value} < 0 THEN 0 ELSE {value} END)"
    code = _quote(on, one.name("code"))
    trial = "CASE {code} WHEN 1 THEN '{PASS}' WHEN 2 THEN '{FAIL}' WHEN 3 THEN '{MISSING}' ELSE '' END"
    trial = trial.format(code=code, **{each.name: each.value for each in Verdict})
    rules = (
        [one.key]
        if one.key != CONCLUSION
        else [part.key for part in writer.bound.parts.values() if writer.is_asked(part)]
    )
    is_open = any(usable.why_not(key) for key in rules)
    verdict = f"CASE {code} WHEN 0 THEN '' ELSE '{Verdict.UNCHECKED.value}' END" if is_open else trial
    op = f"'{one.op}'" if one.op is not None else _quote(on, one.name("o"))
    columns = {
        "indicator": f"'{one.key}'",
        "level": f"'{step.level}'",
        "county": _quote(on, COUNTY),
        "unit": _quote(on, KEY),
        "stage": _quote(on, STAGE),
        "numerator": held("n", "n.v"),
        "denominator": held("d", "d.v"),
        "value": value,
        "op": op,
        "limit": one.limit.sql(on.dialect) if one.limit is not None else held("l", "l.v"),
        "verdict": verdict,
        "trial": trial,
    }
    return f"SELECT {', '.join(f'{of} AS {_quote(on, name)}' for name, of in columns.items())} FROM {step.table}"  # noqa: S608


# Judging again


@dataclass(frozen=True, slots=True)
class _Place:
    """A part at a row, which the bound did not decide."""

    part: str
    level: str
    county: str
    key: object
    stage: str


_Judge = Callable[[Sequence[_Place]], Iterable[tuple[_Place, Found]]]


def _settle(on: Backend, step: Step, judge: _Judge) -> dict[tuple[str, object, str], Found]:
    """Compute a step's table, judge again what is close in it, and put that in; answers what was judged again."""
    on.keep(step.table, step.query.sql(on.dialect, copy=False))
    near = [one for one in step.parts if "close" in one.columns]
    if not near:
        return {}
    flags = [one.name("close") for one in near]
    query = f"{_select(on, step, [KEY, COUNTY, STAGE, *flags])} WHERE {' OR '.join(_quote(on, flag) for flag in flags)}"
    places = [
        _Place(one.key, step.level, str(county), key, str(stage))
        for key, county, stage, *close in on.rows(query)
        for one, is_close in zip(near, close, strict=True)
        if is_close
    ]
    found: dict[str, list[tuple[_Place, Found]]] = {}
    for place, each in judge(places):
        found.setdefault(place.part, []).append((place, each))
    for one in near:
        if one.key in found:
            _amend(on, step, one, found[one.key])
    return {(place.part, place.key, place.stage): each for of_part in found.values() for place, each in of_part}


def _amend(on: Backend, step: Step, one: PartColumns, found: Sequence[tuple[_Place, Found]]) -> None:
    columns, make = _amended(one)
    keyed: dict[str, Kind] = {KEY: "text" if isinstance(found[0][0].key, str) else "bigint", STAGE: "text"}
    rows: list[tuple[Value, ...]] = [(cast("Value", place.key), place.stage, *make(each)) for place, each in found]
    on.amend(step.table, (KEY, STAGE), {**keyed, **columns}, rows)


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
    held = [short for short in made if short in one.columns and names.get(short, short) not in one.elsewhere]
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
    largest, positive = 0, dict[str, set[str]]()
    for table, fields in used(bound).items():
        records = evaluator.records[table]
        kinds: dict[str, Kind] = {}
        values: list[list[Value]] = []
        for code, wanted in fields.items():
            kind, taken = _column(records, code, wanted)
            kinds[code] = kind
            if kind == "bigint":
                largest = max(largest, *(abs(int(one or 0)) for one in taken), 0)
            if wanted == "number" and all(one is None or float(one) >= 0 for one in taken):
                positive.setdefault(table, set()).add(code)
            values.append(taken)
        key: Kind = "text" if table == "county" else "bigint"
        codes = [one.county or one.unit if table == "county" else one.county or evaluator.single for one in records]
        keys: Sequence[Value] = codes if table == "county" else range(len(records))
        rows = zip(keys, codes, *values, strict=True)
        keyed: dict[str, Kind] = {KEY: key, COUNTY: "text"}
        on.add(f"t_{table}", {**keyed, **kinds}, rows)
        columns[table] = kinds
    longest = max(len(one) for one in evaluator.records.values())
    held = {table: frozenset(codes) for table, codes in positive.items()}
    return Tables(columns, dict.fromkeys(columns, (KEY, COUNTY)), longest, largest, held)


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


class _Reader:
    """Judges places of files again: reads the records that they need, of the unit alone or of its whole county."""

    def __init__(self, bound: Bound, settings: Settings, on: Backend, tables: Tables) -> None:
        self.bound, self.settings, self.on, self.tables = bound, settings, on, tables
        self._alone: dict[str, bool] = {}

    def judge(self, places: Sequence[_Place]) -> Iterator[tuple[_Place, Found]]:
        alone = [one for one in places if self._needs_only_itself(one.part)]
        yield from self._in_turns(alone, key=lambda one: str(one.key), column="unit", at_once=_UNITS_AT_ONCE)
        others = [one for one in places if not self._needs_only_itself(one.part)]
        yield from self._in_turns(others, key=lambda one: one.county, column="county", at_once=_COUNTIES_AT_ONCE)

    def _in_turns(
        self, places: Sequence[_Place], *, key: Callable[[_Place], str], column: str, at_once: int
    ) -> Iterator[tuple[_Place, Found]]:
        by: dict[str, list[_Place]] = {}
        for one in places:
            by.setdefault(key(one), []).append(one)
        keys = sorted(by)
        for start in range(0, len(keys), at_once):
            some = keys[start : start + at_once]
            evaluator = Evaluator(self.bound, self._records(column, some, by), self.settings)
            rows: dict[tuple[str, str, str], Row] = {}
            for level in {one.level for key_ in some for one in by[key_]}:
                rows |= {(level, row.record.unit, row.stage): row for row in evaluator.rows(level)}
            for one in (each for key_ in some for each in by[key_]):
                yield one, _judged(evaluator, one.part, rows[one.level, str(one.key), one.stage])

    def _records(self, column: str, keys: Sequence[str], by: Mapping[str, Sequence[_Place]]) -> Dataset:
        counties = sorted({one.county for key in keys for one in by[key]})
        tables: dict[str, list[Record]] = {}
        wanted = {self.bound.table_of(one.level) for key in keys for one in by[key]}
        for table in self.tables.columns:
            if table == "county":
                tables[table] = self._read(table, "unit", counties)
            elif column == "county" or table in wanted:
                tables[table] = self._read(table, column, keys)
        return Dataset(tables)

    def _read(self, table: str, column: str, keys: Sequence[str]) -> list[Record]:
        on, columns = self.on, self.tables.columns[table]
        names = ["unit", "county", *columns]
        taken = ", ".join(f"t.{_quote(on, name)}" for name in names)
        on.add("wanted", {"wanted": "text"}, [(key,) for key in keys])
        query = f"SELECT {taken} FROM t_{table} AS t JOIN wanted AS w ON t.{_quote(on, column)} = w.wanted"  # noqa: S608
        found = [
            Record(str(unit), str(unit), str(county), _cells(columns, values))
            for unit, county, *values in on.rows(query)
        ]
        on.drop("wanted")
        return found

    def _needs_only_itself(self, key: str) -> bool:
        """Whether a part rests on the cells of its unit and county alone."""
        if key not in self._alone:
            part = self.bound.parts.get(key)
            trees = list(_trees_of(part)) if part else []
            self._alone[key] = part is not None and all(self._is_own(tree) for tree in trees)
        return self._alone[key]

    def _is_own(self, tree: Typed) -> bool:
        for node in parts(tree):
            if isinstance(node, Over) or (isinstance(node, Refer) and node.what == "met"):
                return False
            if isinstance(node, Quantity) and not all(map(self._is_own, self.bound.quantities[node.id].values())):
                return False
            if isinstance(node, Refer):
                keys = [node.id] if node.id in self.bound.parts else [one.key for one in self.bound.parts_of(node.id)]
                if not all(map(self._needs_only_itself, keys)):
                    return False
        return True


def _cells(columns: Mapping[str, Kind], values: Sequence[object]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for (code, kind), value in zip(columns.items(), values, strict=True):
        if value is None or kind == "other":
            continue
        if isinstance(value, float):
            if abs(value) < 1e60:
                cells[code] = Cell(Decimal(f"{value:.15g}"))
        elif isinstance(value, int | Decimal | str | bool):
            cells[code] = Cell(value)
    return cells
