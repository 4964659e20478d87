"""What is missing brings a unit exactly to its limit; a cell that turns a verdict turns it there and not before."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.standards.compute import compute
from dudao_engines.standards.model import Cell, Dataset
from dudao_engines.standards.results import Settings, Verdict
from dudao_engines.standards.whatif import changed, lift, missing, moved, turning

from .small import bound, school

_DECIMALS = {"books": 0, "pupils": 0, "older": 0}


@given(st.integers(1, 400), st.integers(0, 3000), st.integers(0, 400))
@settings(max_examples=60)
def test_what_is_missing_is_the_least_that_passes(pupils: int, books: int, older: int) -> None:
    data = Dataset({"school": [school("1", pupils, books, older)]})
    before = compute(bound(), data)
    found = {one.stage: one for one in missing(bound(), data, Settings(), _DECIMALS) if one.code == "books"}
    for result in before.each("R1"):
        if result.trial is not Verdict.FAIL:
            assert result.stage not in found
            continue
        amount = found[result.stage].amount
        for less, wanted in ((Decimal(0), Verdict.PASS), (Decimal(1), Verdict.FAIL)):
            cell = Cell(int(books + amount - less))
            after = compute(bound(), changed(data, {("school", "1", "books"): cell}))
            assert after.of("R1", "1", result.stage).trial is wanted


def test_what_could_wait_is_said_only_where_the_overall_rule_would_pass_without_it() -> None:
    # 43 / 10 = 4.3 is 86 % of 5: the rule lets it pass already, 42 books would not.
    for books, waits in ((43, True), (42, False)):
        data = Dataset({"school": [school("1", 10, books)]})
        assert [one.can_wait for one in missing(bound(), data, Settings(), _DECIMALS)] == [waits]


@given(st.lists(st.tuples(st.integers(20, 300), st.integers(50, 3000)), min_size=2, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_cell_turns_a_verdict_at_the_value_named_and_not_one_unit_before(rows: list[tuple[int, int]]) -> None:
    data = Dataset({"school": [school(str(at), pupils, books) for at, (pupils, books) in enumerate(rows)]})
    for one in turning(bound(), data, Settings(), _DECIMALS, within=Fraction(1, 20)):
        step = 1 if one.to_value > one.from_value else -1
        for value, verdict in ((one.to_value, one.then), (one.to_value - step, one.now)):
            after = compute(bound(), changed(data, {("school", one.unit, one.code): Cell(int(value))}))
            assert after.of(one.part, one.of_unit, one.stage).trial is verdict
        assert one.change <= Fraction(1, 20)


def test_cells_that_were_checked_are_left_out() -> None:
    data = Dataset({"school": [school("1", 100, 501)]})
    places = {(one.unit, one.code) for one in turning(bound(), data, Settings(), _DECIMALS, within=Fraction(1, 10))}
    assert ("1", "books") in places
    skip = frozenset({("school", "1", "books")})
    left = turning(bound(), data, Settings(), _DECIMALS, within=Fraction(1, 10), skip=skip)
    assert {one.code for one in left} == {"pupils"}


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 9000)), min_size=2, max_size=12))
def test_lifting_the_poorest_brings_the_cv_to_its_limit_and_a_step_less_does_not(rows: list[tuple[int, int]]) -> None:
    limit, step = Fraction(1, 2), Fraction(1, 100)
    table = [(str(at), str(at), Fraction(books), Fraction(pupils)) for at, (pupils, books) in enumerate(rows)]
    found = lift(table, limit, step)

    def square(level: Fraction) -> Fraction:
        lifted = [(max(books, level * pupils), pupils) for _, _, books, pupils in table]
        mean = sum(a for a, _ in lifted) / sum(p for _, p in lifted)
        spread = sum(p * (a / p - mean) ** 2 for a, p in lifted) / sum(p for _, p in lifted)
        return spread / mean**2

    if found is None:
        assert not sum(books for _, _, books, _ in table) or square(Fraction(0)) <= limit**2
        return
    assert square(found.level) <= limit**2 < square(found.level - step)
    assert found.total == sum(gain for _, _, gain in found.units)


def test_a_scratch_copy_shows_what_moves_and_a_new_school_counts() -> None:
    data = Dataset({"school": [school("1", 100, 400), school("2", 100, 900)]})
    more = {("school", "1", "books"): Cell(600), ("school", "新", "pupils"): Cell(50)}
    before, after = compute(bound(), data), compute(bound(), changed(data, more))
    found = {(one.part, one.unit, one.stage): one for one in moved(before, after)}
    turned = found["R1", "1", "小学"]
    assert (turned.before, turned.after) == (Verdict.FAIL, Verdict.PASS)
    # The new school's books are not known: its verdict and the county's CV are open.
    assert found["R1", "新", "小学"].after is Verdict.MISSING
    assert found["CV1", "", "小学"].after is Verdict.MISSING
