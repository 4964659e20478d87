"""The formula language: what it reads, what it refuses and says, and that a formula means what it says."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import formula
from dudao_engines.standards.compute import bound_of, compute
from dudao_engines.standards.exact import Evaluator
from dudao_engines.standards.formula import Apply, Constant, Name, parse
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Settings, Verdict
from dudao_engines.standards.schema import Standard
from dudao_engines.standards.values import Root, Unknown, compare, mean, rounded, shown

from .small import FORMS, STANDARD, bound, school


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "缺一个数或名称"),
        ("1 +", "缺一个数或名称"),
        ("(1 + 2", "这里应当是“)”"),
        ("1 2", "公式到这里应当结束"),
        ("a; b", "看不懂"),
        ("__import__('os')", "看不懂"),
        ("1 < 2 < 3", "一次只比较两个数"),
        ("a in (b)", "括号里只能写数"),
        ("1e3", "看不懂"),
        ("and", "应当是一个数或名称"),
        ("(" * 100 + "1" + ")" * 100, "嵌套太深"),
        ("1+" * 3000 + "1", "公式太长"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(EngineInputError, match="公式") as refused:
        parse(text)
    assert says in str(refused.value)
    assert refused.value.code == "formula.syntax"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("books + kind", "formula.kind"),
        ("books + (books > 1)", "formula.kind"),
        ("unknown_field + 1", "formula.name"),
        ("eval(books)", "formula.name"),
        ("sum(county, books)", "formula.level"),
        ("ceil(books, 1)", "formula.kind"),
        ('kind < "小学"', "formula.kind"),
        ("at_least(books, true)", "formula.kind"),
        ("if(books, 1, 2)", "formula.kind"),
        ("passes(R99)", "formula.name"),
    ],
)
def test_what_means_nothing_is_refused_when_the_standard_is_read(text: str, code: str) -> None:
    scope = bound().standard.model_copy(update={"quantities": (*bound().standard.quantities, _quantity("odd", text))})
    with pytest.raises(EngineInputError) as refused:
        bound_of(scope, FORMS)
    assert refused.value.code == "standard.formula"
    assert "数量 odd" in str(refused.value)


def _quantity(id: str, text: str):  # type: ignore[no-untyped-def]
    from dudao_engines.standards.schema import Quantity

    return Quantity(id=id, name=id, level="school", formula=text)


def test_operators_bind_as_in_arithmetic() -> None:
    assert parse("1 + 2 * 3") == Apply(
        "+", (Constant(Fraction(1), 0), Apply("*", (Constant(Fraction(2), 4), Constant(Fraction(3), 8)), 6)), 2
    )
    assert parse("not a and b").op == "and"  # type: ignore[union-attr]
    assert parse("a or b and c").op == "or"  # type: ignore[union-attr]
    assert parse("- - a") == Name("a", 4)


@st.composite
def _formulas(draw: st.DrawFn, depth: int = 4) -> str:
    """Arithmetic over two fields, as text."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["books", "pupils", "0", "1", "2.50", "0.85"]))
    left, right = draw(_formulas(depth - 1)), draw(_formulas(depth - 1))
    op = draw(st.sampled_from(["+", "-", "*", "/"]))
    return f"({left} {op} {right})"


@given(_formulas(), st.integers(0, 50) | st.none(), st.integers(0, 50) | st.none())
def test_arithmetic_is_that_of_fractions_and_a_missing_cell_makes_all_of_it_missing(
    text: str, books: int | None, pupils: int | None
) -> None:
    """Against Python's own reading of the same text over fractions, None where something lacks or zero divides."""

    def slowly() -> Fraction | None:
        names = {"books": books, "pupils": pupils}
        if any(name in text and value is None for name, value in names.items()):
            return None
        import re

        code = re.sub(r"\d+(\.\d+)?", lambda m: f"F('{m[0]}')", text)
        try:
            return Fraction(eval(code, {"F": Fraction, **{k: Fraction(v or 0) for k, v in names.items()}}))
        except ZeroDivisionError:
            return None

    standard = STANDARD.model_copy(update={"quantities": (*STANDARD.quantities, _quantity("odd", text))})
    evaluator = Evaluator(bound_of(standard, FORMS), Dataset({"school": [school("1", pupils, books)]}), Settings())
    found = evaluator.quantity("odd", evaluator.rows("school")[0])
    wanted = slowly()
    assert isinstance(found, Unknown) if wanted is None else found == wanted


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6), st.integers(0, 7))
def test_three_valued_logic_says_only_what_every_filling_of_the_gaps_would_say(
    truths: list[bool | None], wanted: int
) -> None:
    import itertools

    cells = {f"t{at}": Cell(value) for at, value in enumerate(truths)}
    names = [f"t{at}" for at in range(len(truths))]
    texts = {
        "and": " and ".join(names),
        "or": " or ".join(names),
        "at": f"at_least({wanted}, {', '.join(names)})",
    }
    fillings = list(itertools.product(*[[value] if value is not None else [True, False] for value in truths]))
    truly = {
        "and": {all(one) for one in fillings},
        "or": {any(one) for one in fillings},
        "at": {sum(one) >= wanted for one in fillings},
    }
    for id, text in texts.items():
        standard = STANDARD.model_copy(update={"quantities": (*STANDARD.quantities, _quantity("odd", text))})
        evaluator = Evaluator(
            bound_of(standard, FORMS), Dataset({"school": [Record("1", "甲", "", cells)]}), Settings()
        )
        found = evaluator.quantity("odd", evaluator.rows("school")[0])
        if len(truly[id]) == 1:
            assert found is truly[id].pop()
        else:
            assert isinstance(found, Unknown)


def test_a_root_is_compared_and_rounded_without_being_computed() -> None:
    assert compare("<=", Root(Fraction(1, 4)), Fraction(1, 2))
    assert not compare("<", Root(Fraction(1, 4)), Fraction(1, 2))
    assert compare(">", Root(Fraction(1, 4) + Fraction(1, 10**40)), Fraction(1, 2))
    assert compare(">", Root(Fraction(0)), Fraction(-1))
    assert str(rounded(Root(Fraction(1, 4)), 3)) == "0.500"
    # √0.25025025 lies between 0.5002 and 0.5003; a half is rounded up exactly: 0.0005² = 0.00000025.
    assert str(rounded(Root(Fraction(25, 10**8)), 3)) == "0.001"
    assert str(rounded(Root(Fraction(25, 10**8) - Fraction(1, 10**20)), 3)) == "0.000"


@given(st.integers(-(10**6), 10**6), st.integers(1, 999), st.integers(0, 4))
def test_rounding_is_once_half_up_away_from_zero(top: int, bottom: int, decimals: int) -> None:
    from decimal import ROUND_HALF_UP, Context, Decimal

    exact = Fraction(top, bottom)
    far = Context(prec=200).divide(Decimal(top), Decimal(bottom))
    assert rounded(exact, decimals) == far.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=200))


def test_the_published_share_is_rounded_once() -> None:
    assert shown(Fraction(9169, 13619) * 100, 2) == "67.33"
    assert shown(Fraction(11302, 13619) * 100, 2) == "82.99"


def test_a_mean_of_roots_is_to_be_shown() -> None:
    assert f"{rounded(mean([Root(Fraction(1, 4)), Root(Fraction(2))]), 4)}" == "0.9571"
    assert mean([Fraction(1), Fraction(2)]) == Fraction(3, 2)


def test_a_circle_of_quantities_is_refused() -> None:
    odd = (_quantity("one_way", "other_way + 1"), _quantity("other_way", "one_way + 1"))
    with pytest.raises(EngineInputError, match="互相引用"):
        bound_of(STANDARD.model_copy(update={"quantities": (*STANDARD.quantities, *odd)}), FORMS)


def test_no_schools_is_not_a_pass() -> None:
    results = compute(bound(), Dataset({"school": []}))
    assert results.conclusions == [] or results.conclusions[0].trial is Verdict.MISSING


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [
        school(str(at), pupils, books)
        for at, (pupils, books) in enumerate([(45, 279), (37, 137), (89, 935), (76, 160)])
    ]
    forth = {(r.part, r.unit, r.stage): r for r in compute(bound(), Dataset({"school": rows}))}
    back = {(r.part, r.unit, r.stage): r for r in compute(bound(), Dataset({"school": rows[::-1]}))}
    assert forth == back


def test_a_standard_names_the_line_of_an_unknown_item() -> None:
    assert formula.AGGREGATES
    with pytest.raises(ValueError, match="extra"):
        Standard.model_validate({**STANDARD.model_dump(), "colour": "red"})
