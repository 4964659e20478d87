"""SQL engines: the same verdicts, limits, reasons and shown values as the exact engine, on and one step off every limit."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import isclose
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import compute, engines
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.model import Dataset, Record
from dudao_engines.standards.results import Result, Results, Settings
from dudao_engines.standards.values import Root

from .counties import BALANCED, county, school


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


def on_duckdb(of: Bound, data: Dataset, decided: Settings | None = None) -> Results:
    with engines.backend("duckdb", threads=1) as on:
        return engines.compute(of, data, decided, on=on)


# Data on the limits

#: The numerator's field of each resource indicator by stage, its factor, limit and step.
_RESOURCES = (
    ("teachers_bachelor", 100, ("4.2", "5.3"), "1"),
    ("teachers_backbone", 100, ("1", "1"), "1"),
    ("teachers_pe", 100, ("0.9", "0.9"), "1"),
)
_SHARED = (
    ("area_teaching_aux", 1, ("4.5", "5.8"), "0.01"),
    ("area_sports_ground", 1, ("7.5", "10.2"), "0.01"),
    ("equipment_value_wan", 10000, ("2000", "2500"), "0.01"),
    ("network_multimedia_rooms", 100, ("2.3", "2.4"), "1"),
)
_PUPILS = st.sampled_from((0, 1, 49, 50, 100, 500, 999, 1000, 2000))
_OFF = st.sampled_from((-1, 0, 0, 0, 1))
_SHARE = st.sampled_from((Fraction(1), Fraction(1), Fraction(85, 100), Fraction(3, 2)))


@st.composite
def schools(draw: st.DrawFn, code: str) -> list[Record]:
    """Schools whose every resource lies on its limit, on 85 % of it, or one step beside."""
    made = []
    for at in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("小学", "初级中学", "九年一贯制", "教学点", "完全中学", "十二年一贯制")))
        primary = draw(_PUPILS) if kind not in ("初级中学", "完全中学") else 0
        junior = draw(_PUPILS) if kind not in ("小学", "教学点") else 0
        senior = draw(_PUPILS) if kind in ("完全中学", "十二年一贯制") else 0
        cells: dict[str, Any] = {}
        for stage, pupils, by in ("primary", primary, 0), ("junior", junior, 1):
            for name, factor, limits, step in _RESOURCES:
                cells[f"{name}_{stage}"] = _near(draw, Fraction(limits[by]) * pupils / factor, step)
        for name, factor, limits, step in _SHARED:
            whole = Fraction(limits[0]) * primary + Fraction(limits[1]) * junior
            cells[name] = _near(draw, whole / factor, step)
        for spoilt in draw(st.lists(st.sampled_from(sorted(cells)), max_size=2)):
            cells[spoilt] = draw(st.sampled_from((None, 0, 1)))
        one = school(f"{code}-{at}", kind, primary, junior, senior, **cells)
        if draw(st.integers(0, 5)) == 0:
            one = replace(one, cells={k: v for k, v in one.cells.items() if k != "students_primary"})
        made.append(replace(one, county=code))
    return made


def _near(draw: st.DrawFn, wanted: Fraction, step: str) -> Decimal:
    """A value with the decimals of the field, at or beside a share of what is wanted."""
    size = Fraction(step)
    steps = round(wanted * draw(_SHARE) / size) + draw(_OFF)
    return Decimal(max(steps, 0)) * Decimal(step)


@st.composite
def balanced_data(draw: st.DrawFn) -> Dataset:
    """Some counties side by side."""
    codes = [f"64012{at}" for at in range(draw(st.integers(1, 3)))]
    units = [one for code in codes for one in draw(schools(code))]
    own = [replace(county(), unit=code, county=code) for code in codes if draw(st.booleans())]
    return Dataset({"school": draw(st.permutations(units)), "county": own})


@given(balanced_data(), st.sampled_from(("", "rounded")))
@settings(max_examples=25)
def test_on_and_beside_every_limit_duckdb_says_what_the_exact_engine_says(data: Dataset, judge_on: str) -> None:
    decided = Settings(judge_on=judge_on, concessions=frozenset({"R3c", "G4a"}))
    agree(compute.compute(BALANCED, data, decided), on_duckdb(BALANCED, data, decided))


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
