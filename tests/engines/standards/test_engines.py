"""SQL engines: the same verdicts, limits, reasons and shown values as the exact engine, on and one step off every limit."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import isclose
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dudao_engines.backends.model import Kind
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import compute, engines
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import bound_of
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Result, Results, Settings, Verdict
from dudao_engines.standards.schema import Standard
from dudao_engines.standards.values import Root

from .counties import BALANCED, PRESCHOOL, county, kindergarten, preschool_county, school
from .counties import FORMS as LIBRARY_FORMS


def _said(one: Result) -> tuple[object, ...]:
    return one.part, one.unit, one.stage, one.verdict, one.trial, one.op, one.limit, one.shown, one.reason


def agree(exact: Results, other: Results) -> None:
    """All that is said is the same; numbers are the same to ten digits."""
    assert [_said(one) for one in exact] == [_said(one) for one in other]
    assert exact.left_out == other.left_out
    for one, two in zip(exact, other, strict=True):
        for a, b in ((one.numerator, two.numerator), (one.denominator, two.denominator), (one.value, two.value)):
            assert _same(a, b), (one, two)


def _same(a: object, b: object) -> bool:
    if isinstance(a, Root | Fraction | Decimal) and not isinstance(a, bool):
        x, y = (float(n.square) ** 0.5 if isinstance(n, Root) else float(n) for n in (a, b))  # type: ignore[arg-type, union-attr]
        # A coefficient of variation near zero is the root of a difference of two ones.
        return isclose(x, y, rel_tol=1e-10, abs_tol=1e-6)
    return a == b


# Where it is computed


def on_duckdb(of: Bound, data: Dataset, decided: Settings | None = None) -> Results:
    with engines.backend("duckdb", threads=1) as on:
        return engines.compute(of, data, decided, on=on)


def on_postgres(of: Bound, data: Dataset, decided: Settings | None = None) -> Results:
    with engines.backend("postgres", os.environ["DATABASE_URL"]) as on:
        return engines.compute(of, data, decided, on=on)


#: Spark's driver leaves its sockets to the garbage collector.
_spark_leaves_sockets = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
#: A few rows need no second partition, and no code that is compiled for them.
_SMALL_SPARK = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Bound, Dataset], Results]:
    folder = tmp_path_factory.mktemp("spark")

    def computed(of: Bound, data: Dataset) -> Results:
        with engines.backend("spark", master="local[1]", warehouse=folder, config=_SMALL_SPARK) as on:
            return engines.compute(of, data, on=on)

    return computed


_On = Callable[[Bound, Dataset], Results]


def examples(few: int) -> settings:
    """A few, each with several counties; as many times more as `make deep` asks for."""
    return settings(
        max_examples=max(1, few * settings().max_examples // 100),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# Data on the limits

_CUT = {"resource", "balance"}


def _seven() -> Bound:
    """优质均衡 without what people judge: its SQL is the long part of it, and is tested as a whole below."""
    whole = BALANCED.standard
    kept = tuple(one for one in whole.indicators if one.group in _CUT)
    verdict = whole.verdict.model_copy(update={"formula": "all(part, passes(SR)) and met(balance)"})
    of_schools = tuple(one for one in whole.quantities if one.level in ("part", "school"))
    cut = whole.model_copy(update={"indicators": kept, "verdict": verdict, "quantities": of_schools})
    return bound_of(cut, LIBRARY_FORMS)


SEVEN = _seven()

#: The field of each resource by stage, or for the whole school; what turns its unit into the limit's, the limits, the step.
_OF_STAGE = (
    ("teachers_bachelor", 100, ("4.2", "5.3"), "1"),
    ("teachers_backbone", 100, ("1", "1"), "1"),
    ("teachers_pe", 100, ("0.9", "0.9"), "1"),
)
_OF_SCHOOL = (
    ("area_teaching_aux", 1, ("4.5", "5.8"), "0.01"),
    ("area_sports_ground", 1, ("7.5", "10.2"), "0.01"),
    ("equipment_value_wan", 10000, ("2000", "2500"), "0.01"),
    ("network_multimedia_rooms", 100, ("2.3", "2.4"), "1"),
)
_PUPILS = st.sampled_from((0, 1, 49, 50, 100, 500, 999, 1000, 2000))
_SHARE = st.sampled_from((Fraction(1), Fraction(1), Fraction(85, 100), Fraction(3, 2)))


@st.composite
def one_school(draw: st.DrawFn, unit: str) -> Record:
    """A school whose every resource lies on its limit, on 85 % of it, or one step beside."""
    kind = draw(st.sampled_from(("小学", "初中", "九年一贯制", "教学点", "完全中学", "十二年一贯制", "特殊教育")))
    primary = draw(_PUPILS) if kind not in ("初中", "完全中学") else 0
    junior = draw(_PUPILS) if kind not in ("小学", "教学点") else 0
    senior = draw(_PUPILS) if kind in ("完全中学", "十二年一贯制") else 0
    cells: dict[str, Any] = {}

    def near(wanted: Fraction, step: str) -> Decimal:
        steps = round(wanted * draw(_SHARE) / Fraction(step)) + draw(st.sampled_from((-1, 0, 0, 1)))
        return Decimal(max(steps, 0)) * Decimal(step)

    for name, factor, limits, step in _OF_STAGE:
        wanted = [Fraction(limit) * pupils / factor for limit, pupils in zip(limits, (primary, junior), strict=True)]
        cells |= {f"{name}_{stage}": near(one, step) for stage, one in zip(("primary", "junior"), wanted, strict=True)}
        cells[name] = near(sum(wanted, Fraction()), step)
    for name, factor, limits, step in _OF_SCHOOL:
        cells[name] = near((Fraction(limits[0]) * primary + Fraction(limits[1]) * junior) / factor, step)
    cells |= dict.fromkeys(draw(st.lists(st.sampled_from(sorted(cells)), max_size=1)), draw(st.sampled_from((None, 0))))
    made = school(unit, kind, primary, junior, senior, **cells)
    if draw(st.integers(0, 9)) == 0:
        return replace(made, cells={code: cell for code, cell in made.cells.items() if code != "students_junior"})
    return made


@st.composite
def some_counties(draw: st.DrawFn, most: int = 5) -> Dataset:
    """Some counties side by side, their schools in any order."""
    units = []
    for code in (f"64012{at}" for at in range(draw(st.integers(1, most)))):
        schools = range(draw(st.integers(1, 4)))
        units += [replace(draw(one_school(f"{code}-{at}")), county=code) for at in schools]
    return Dataset({"school": draw(st.permutations(units))})


#: Two schools of equal size whose books per pupil are 1 + c and 1 − c: the coefficient is c.
_ON_CV = [
    (stage, Decimal(limit) + Decimal(step) * off)
    for stage, limit in (("primary", "0.50"), ("junior", "0.45"))
    for step in ("0.01", "0.001")
    for off in (-1, 0, 1)
]


def on_the_cv() -> Dataset:
    """Counties whose coefficients of variation lie on the limit and one step beside."""
    units = []
    for at, (stage, c) in enumerate(_ON_CV):
        for sign in (1, -1):
            area = 10000 * (1 + sign * c)
            pupils = {"primary": 1000} if stage == "primary" else {"junior": 1000}
            kind = "小学" if stage == "primary" else "初中"
            one = school(f"{at}{sign}", kind, **pupils, area_teaching_aux=area, network_multimedia_rooms=int(area))
            units.append(replace(one, county=f"64{at:04}"))
    return Dataset({"school": units})


@given(some_counties(), st.sampled_from(("", "rounded")))
@examples(12)
def test_on_and_beside_every_limit_duckdb_says_what_the_exact_engine_says(data: Dataset, judge_on: str) -> None:
    decided = Settings(judge_on=judge_on)
    agree(compute.compute(SEVEN, data, decided), on_duckdb(SEVEN, data, decided))


def test_a_coefficient_of_variation_on_its_limit_is_met_and_one_step_above_is_not() -> None:
    exact = compute.compute(SEVEN, on_the_cv())
    names = {"primary": "小学", "junior": "初中"}
    for at, (stage, c) in enumerate(_ON_CV):
        met = c <= (Decimal("0.50") if stage == "primary" else Decimal("0.45"))
        for part in ("CV4", "CV7"):
            assert (exact.of(part, f"64{at:04}", names[stage]).trial is Verdict.PASS) is met
    agree(exact, on_duckdb(SEVEN, on_the_cv()))


@given(some_counties(most=2), st.randoms(use_true_random=False))
@examples(4)
def test_the_order_of_rows_changes_nothing(data: Dataset, random: Random) -> None:
    rows = list(data.tables["school"])
    random.shuffle(rows)
    one, other = on_duckdb(SEVEN, data), on_duckdb(SEVEN, Dataset({"school": rows}))
    assert {(r.part, r.unit, r.stage): _said(r) for r in one} == {(r.part, r.unit, r.stage): _said(r) for r in other}


def _whole() -> list[tuple[Bound, Dataset]]:
    """Both standards whole, with counties that meet them and some that lack cells."""
    lacking = replace(school("L", "九年一贯制", 100, 45, area_teaching_aux=None), county="640122")
    schools = [school("P", primary=400), school("J", "初中", junior=400), school("S", "教学点", primary=49), lacking]
    children = [
        kindergarten("K1"),
        kindergarten("K2", 45, picture_books=None),
        kindergarten("K3", toys_meet_requirements=None),
    ]
    return [
        (BALANCED, Dataset({"school": schools, "county": [county(survey_satisfied=849)]})),
        (BALANCED, Dataset({"school": schools[:2]})),
        (PRESCHOOL, Dataset({"kindergarten": children, "county": [preschool_county(age_population=None)]})),
    ]


@pytest.mark.parametrize("at", range(3))
def test_the_county_standards_as_a_whole_say_the_same_in_sql(at: int) -> None:
    bound_, data = _whole()[at]
    agree(compute.compute(bound_, data), on_duckdb(bound_, data))


@pytest.mark.parametrize("at", range(3))
def test_what_is_printed_has_the_exact_engine_s_numbers_to_the_last_digit(at: int) -> None:
    bound_, data = _whole()[at]
    with engines.backend("duckdb", threads=1) as on:
        found = engines.compute(bound_, data, on=on, exactly=True)
    assert [one.record() for one in found] == [one.record() for one in compute.compute(bound_, data)]


def test_a_looser_limit_that_was_opened_replaces_the_default_in_sql_too() -> None:
    opened = Settings(opened=frozenset({"Q.social_recognition.from", "3.1.1.basic", "G7.shenyang"}))
    data = Dataset({"kindergarten": [kindergarten("K1")], "county": [preschool_county(satisfied_responses=850)]})
    found = on_duckdb(PRESCHOOL, data, opened)
    agree(compute.compute(PRESCHOOL, data, opened), found)
    assert found.of("Q.social_recognition", "640122").trial is Verdict.PASS
    bound_, schools = _whole()[0]
    agree(compute.compute(bound_, schools, opened), on_duckdb(bound_, schools, opened))


# Formulas of every kind

_FIELDS = ("a", "b", "x", "y")
_CONSTANTS = ("0", "1", "2", "0.5", "1.1", "3", "100")


def numbers(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from((*_FIELDS, *_FIELDS, *_CONSTANTS))
    if not depth:
        return leaf
    one, asked = numbers(depth - 1), truths(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, one, st.sampled_from("+-*/"), one),
        st.builds("{}({})".format, st.sampled_from(("ceil", "floor", "abs", "or_zero", "-")), one),
        st.builds("{}({}, {})".format, st.sampled_from(("min", "max", "mean")), one, one),
        st.builds("if({}, {}, {})".format, asked, one, one),
    )


def truths(depth: int) -> st.SearchStrategy[str]:
    one = numbers(max(depth - 1, 0))
    compared = st.builds("({} {} {})".format, one, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), one)
    if not depth:
        return st.one_of(st.sampled_from(("p", "q", 't == "甲"', 't in ("甲", "乙")')), compared)
    asked = truths(depth - 1)
    return st.one_of(
        compared,
        st.builds("({} {} {})".format, asked, st.sampled_from(("and", "or")), asked),
        st.builds("(not {})".format, asked),
        st.builds("known({})".format, st.one_of(one, asked)),
        st.builds("at_least({}, {}, {}, {})".format, st.sampled_from("0123"), asked, asked, asked),
        st.builds("({} in (0, 1, 2.5))".format, one),
    )


def over_schools() -> st.SearchStrategy[str]:
    one, asked = numbers(1), truths(1)
    return st.one_of(
        st.builds("sum(school, {})".format, one),
        st.builds("count(school, {})".format, asked),
        st.builds("(sum(school, {}) / units(school))".format, one),
        st.builds("if({}(school, {}), 1, {})".format, st.sampled_from(("all", "any")), asked, one.filter(str.isdigit)),
    )


@st.composite
def standards(draw: st.DrawFn) -> Bound:
    """A standard of drawn formulas: numbers and rules of schools, and of the county over them."""

    def item(id: str, level: str, **more: object) -> dict[str, object]:
        return {"id": id, "name": id, "group": "g", "level": level, "evidence": "NAT2", **more}

    def limits(of: st.SearchStrategy[str]) -> list[dict[str, str]]:
        return [{"op": draw(st.sampled_from((">=", ">", "<=", "<", "==", "!="))), "value": draw(of)}]

    items = [
        item(f"N{at}", "school", kind="number", value=draw(numbers(3)), limits=limits(numbers(1)), decimals=2)
        for at in range(3)
    ]
    items += [item(f"T{at}", "school", kind="rule", value=draw(truths(3))) for at in range(2)]
    items.append(
        item(
            "Q",
            "school",
            kind="ratio",
            numerator=draw(numbers(1)),
            denominator=draw(numbers(1)),
            factor="100",
            limits=limits(numbers(0)),
        )
    )
    refers = (
        "passes(N0) or passes(T0)",
        "value(Q) >= 0.85 * limit(Q)",
        "at_least(2, passes(N0), passes(N1), passes(Q))",
    )
    items.append(item("R", "school", kind="rule", value=draw(st.sampled_from(refers))))
    items += [
        item(f"C{at}", "county", kind="number", value=draw(over_schools()), limits=limits(st.sampled_from(_CONSTANTS)))
        for at in range(2)
    ]
    cv = {"value": f"cv(school, {draw(numbers(1))}, {draw(st.sampled_from(('a', 'b + 1', 'x', '1')))})"}
    items.append(
        item(
            "V", "county", kind="number", limits=[{"op": "<=", "value": draw(st.sampled_from(("0", "0.5", "1")))}], **cv
        )
    )
    made = Standard.model_validate(
        {
            "id": "drawn-1", "version": "1", "name": "示例", "short_name": "示例", "forms": ["schools"],
            "levels": [{"id": "school", "name": "学校", "table": "school"}, {"id": "county", "name": "县", "table": "county"}],
            "groups": [{"id": "g", "name": "组"}], "indicators": items,
            "verdict": {"says": "全部", "evidence": "NAT2", "formula": "met(g)"}, "judge_on": {"evidence": "DESIGN"},
        }
    )  # fmt: skip
    kinds = {"a": "int", "b": "int", "x": "dec", "y": "dec", "p": "bool", "q": "bool", "t": "text"}
    form = SimpleNamespace(level="school", fields=[SimpleNamespace(code=c, kind=k, label=c) for c, k in kinds.items()])
    return bound_of(made, {"schools": form})  # type: ignore[dict-item]


_CELLS: dict[str, st.SearchStrategy[Any]] = {
    "a": st.integers(0, 4),
    "b": st.one_of(st.integers(-3, 12), st.just(2**60)),
    "x": st.decimals(0, 4, places=1),
    "y": st.decimals(-2, 200, places=2),
    "p": st.booleans(),
    "q": st.booleans(),
    "t": st.sampled_from(("甲", "乙", "丙")),
}


@st.composite
def any_schools(draw: st.DrawFn) -> Dataset:
    """Schools of small numbers, so that formulas meet their limits often; a few cells are missing, negative or huge."""
    rows = []
    for at in range(draw(st.integers(1, 12))):
        cells = {code: draw(st.one_of(of, of, of, of, st.none())) for code, of in _CELLS.items()}
        rows.append(Record(f"U{at}", f"示例{at}", f"C{at // 3}", {code: Cell(value) for code, value in cells.items()}))
    return Dataset({"school": rows})


@given(standards(), any_schools())
@examples(20)
def test_every_kind_of_formula_means_the_same_in_sql(of: Bound, data: Dataset) -> None:
    agree(compute.compute(of, data), on_duckdb(of, data))


@pytest.mark.pg
@given(standards(), any_schools())
@examples(10)
def test_every_kind_of_formula_means_the_same_on_postgresql(of: Bound, data: Dataset) -> None:
    agree(compute.compute(of, data), on_postgres(of, data))


@pytest.mark.pg
@given(some_counties(), st.sampled_from(("", "rounded")))
@examples(6)
def test_on_and_beside_every_limit_postgresql_says_the_same(data: Dataset, judge_on: str) -> None:
    decided = Settings(judge_on=judge_on)
    agree(compute.compute(SEVEN, data, decided), on_postgres(SEVEN, data, decided))


@pytest.mark.pg
def test_postgresql_says_the_same_on_the_limit_of_a_coefficient_and_of_whole_standards() -> None:
    for of, data in [(SEVEN, on_the_cv()), *_whole()]:
        agree(compute.compute(of, data), on_postgres(of, data))


@pytest.mark.spark
@_spark_leaves_sockets
@given(data=some_counties(most=8))
@examples(1)
def test_on_and_beside_every_limit_spark_says_the_same(on_spark: _On, data: Dataset) -> None:
    both = Dataset({"school": [*data.tables["school"], *on_the_cv().tables["school"]]})
    agree(compute.compute(SEVEN, both), on_spark(SEVEN, both))


@pytest.mark.spark
@_spark_leaves_sockets
@given(of=standards(), data=any_schools())
@examples(3)
def test_every_kind_of_formula_means_the_same_on_spark(on_spark: _On, of: Bound, data: Dataset) -> None:
    agree(compute.compute(of, data), on_spark(of, data))


# What stands around it


def _parquet(folder: Path, data: Dataset) -> dict[str, list[Path]]:
    """The data as Parquet files, a table each: counts as integers, the rest as decimals."""
    files: dict[str, list[Path]] = {}
    for table, records in data.tables.items():
        codes = sorted({code for one in records for code in one.cells})
        kinds: dict[str, Kind] = {"unit": "text", "county": "text"}
        columns = []
        for code in codes:
            values = [one.cells[code].value if code in one.cells else None for one in records]
            kind, taken = engines._column(records, code, _wanted(values))
            kinds[code] = kind
            columns.append(taken)
        with engines.backend("duckdb") as on:
            own = table == "county"
            rows = zip((r.unit for r in records), (r.unit if own else r.county for r in records), *columns, strict=True)
            on.add("made", kinds, rows)
            on.write("SELECT * FROM made", folder / f"{table}.parquet")
        files[table] = [folder / f"{table}.parquet"]
    return files


def _wanted(values: list[Any]) -> str:
    known = [one for one in values if one is not None]
    return (
        "bool" if known and isinstance(known[0], bool) else "text" if known and isinstance(known[0], str) else "number"
    )


def _written(path: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    with engines.backend("duckdb") as on:
        on.add_files("results", [path])
        rows = on.rows("SELECT indicator, unit, stage, verdict, trial FROM results")
        return {(str(i), str(u), str(s)): (str(v), str(t)) for i, u, s, v, t in rows}


@given(some_counties())
@examples(4)
def test_parquet_files_are_judged_as_their_rows_are(data: Dataset) -> None:
    with TemporaryDirectory() as name, engines.backend("duckdb") as on:
        folder = Path(name)
        engines.judge(SEVEN, _parquet(folder, data), on=on, out=folder / "out.parquet")
        exact = compute.compute(SEVEN, data)
        assert _written(folder / "out.parquet") == {(r.part, r.unit, r.stage): (r.verdict, r.trial) for r in exact}


@pytest.mark.parametrize("at", range(3))
def test_a_whole_standard_is_judged_from_parquet_files(at: int, tmp_path: Path) -> None:
    of, data = _whole()[at]
    with engines.backend("duckdb") as on:
        engines.judge(of, _parquet(tmp_path, data), on=on, out=tmp_path / "out.parquet")
    exact = compute.compute(of, data)
    assert _written(tmp_path / "out.parquet") == {(r.part, r.unit, r.stage): (r.verdict, r.trial) for r in exact}


def test_files_on_the_limit_of_a_coefficient_are_judged_again_with_their_whole_county(tmp_path: Path) -> None:
    with engines.backend("duckdb") as on:
        done = engines.judge(SEVEN, _parquet(tmp_path, on_the_cv()), on=on, out=tmp_path / "out.parquet")
    exact = compute.compute(SEVEN, on_the_cv())
    assert done.again
    assert _written(tmp_path / "out.parquet") == {(r.part, r.unit, r.stage): (r.verdict, r.trial) for r in exact}


@pytest.mark.parametrize(
    ("rows", "columns", "code"),
    [
        ([("A", "C"), ("A", "C")], ("unit", "county"), "engines.unit"),
        ([("A", None)], ("unit", "county"), "engines.unit"),
        ([("A", "C")], ("unit", "place"), "engines.columns"),
    ],
)
def test_files_that_cannot_be_judged_are_refused(
    tmp_path: Path, rows: list[Any], columns: tuple[str, str], code: str
) -> None:
    with engines.backend("duckdb") as on:
        on.add("made", dict.fromkeys(columns, "text"), rows)
        on.write("SELECT * FROM made", tmp_path / "school.parquet")
        with pytest.raises(EngineInputError) as refused:
            engines.judge(SEVEN, {"school": [tmp_path / "school.parquet"]}, on=on, out=tmp_path / "out.parquet")
    assert refused.value.code == code


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "school.parquet").write_text("PAR1")
    with engines.backend("duckdb") as on, pytest.raises(EngineInputError, match="不是可读的 Parquet 文件"):
        engines.judge(SEVEN, {"school": [tmp_path / "school.parquet"]}, on=on, out=tmp_path / "out.parquet")


def test_standards_need_no_database_driver() -> None:
    """Only the engine that is asked for is loaded."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('duckdb', 'psycopg', 'pyspark')));"
        "from dudao_engines.standards import compute, engines, explain, sql;"
        "engines.backend('duckdb')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "“duckdb”引擎没有安装" in done.stderr


def test_an_engine_that_nobody_knows_is_refused() -> None:
    with pytest.raises(EngineInputError, match="exact、duckdb、postgres、spark"):
        engines.backend("oracle")
