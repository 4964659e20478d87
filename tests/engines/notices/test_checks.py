"""A text checks itself: sums, shares and growth recomputed from each other, and only where the words say so."""

from fractions import Fraction

import pytest

from dudao_engines.notices.checks import check_text
from dudao_engines.notices.labels import half_up

KINDERGARTENS = (
    "2024年春季全县共有幼儿园60所,其中,公办园39所,民办园21所;全县在园幼儿13619人,公办园在园幼儿9169人,普惠性民办园幼儿2133人,"
    "普惠园幼儿11302人。目前,学前三年毛入园率为98.01%,普惠性幼儿园覆盖率为82.99%,公办园在园幼儿占比为67.33%,力争2024年通过国家审核认定。"
)


def results(text: str) -> list[tuple[str, tuple[str, ...], bool | None]]:
    return [(c.kind.value, c.quotes, c.holds) for c in check_text(text)]


def test_the_figures_of_the_countys_kindergartens_agree_with_each_other() -> None:
    assert results(KINDERGARTENS) == [
        ("sum", ("39", "21", "60"), True),
        ("sum", ("9169", "2133", "11302"), True),
        ("share", ("98.01",), None),
        ("share", ("11302", "13619", "82.99"), True),
        ("share", ("9169", "13619", "67.33"), True),
    ]
    assert "适龄人口未公布" in check_text(KINDERGARTENS)[2].why


@pytest.mark.parametrize(
    ("wrong", "quotes"),
    [
        (("39所", "38所"), ("38", "21", "60")),
        (("11302人", "11303人"), ("9169", "2133", "11303")),
        (("82.99%", "82.98%"), ("11302", "13619", "82.98")),
        (("67.33%", "67.3%"), None),
    ],
)
def test_one_wrong_figure_is_found(wrong: tuple[str, str], quotes: tuple[str, ...] | None) -> None:
    failed = [c.quotes for c in check_text(KINDERGARTENS.replace(*wrong)) if c.holds is False]
    assert (quotes in failed) if quotes else failed == []


@pytest.mark.parametrize(
    ("text", "kind", "quotes", "holds"),
    [
        ("覆盖学校506所（小学281所、初中225所）。", "sum", ("281", "225", "506"), True),
        ("专职督学12名、兼职督学48名，合计60名。", "sum", ("12", "48", "60"), True),
        ("A类25所，B类10所，共36所。", "sum", ("25", "10", "36"), False),
        ("今年轮到下列14所学校：上半年（6所）：甲校；下半年（8所）：乙校。", "sum", ("6", "8", "14"), True),
        ("在校生45210人，其中小学生30120人。寄宿生占12%。", None, (), None),
        ("截至6月底，189个问题销号151个，销号率79.9%。", "share", ("151", "189", "79.9"), True),
        ("应到62人，实到60人，到会率96.8%。", "share", ("60", "62", "96.8"), True),
        ("督学60名，其中女督学21名，占比35%。", "share", ("21", "60", "35"), True),
        ("在园幼儿由8200人增加到9020人，增长10%。", "growth", ("8200", "9020", "10"), True),
        ("在园幼儿由8200人增加到9020人，增长11%。", "growth", ("8200", "9020", "11"), False),
        ("公办园占比由52.3%提高到55.8%，提高3.5个百分点。", "growth", ("52.3", "55.8", "3.5"), True),
        ("学校由62所减少到58所，减少4所。", "growth", ("62", "58", "4"), True),
        ("2022年在校生8000人，2023年8400人，同比增长5%。", "growth", ("8000", "8400", "5"), True),
        ("发现问题36个，已整改30个，整改率83.3%。", "share", ("30", "36", "83.3"), True),
        ("全县教师3218人，其中高级职称812人，占25.23%。", "share", ("812", "3218", "25.23"), True),
        ("在校生比上年增长5.6%。", "growth", ("5.6",), None),
    ],
)
def test_relations_the_words_support(text: str, kind: str | None, quotes: tuple[str, ...], holds: bool | None) -> None:
    assert results(text) == ([(kind, quotes, holds)] if kind else [])


@pytest.mark.parametrize(
    "text",
    [
        "样本县40个、样本校800所，督查组20个，联络员20名，专家40名。",
        "新建2所、改扩建3所、回收5所。",
        "普惠性幼儿园覆盖率达到85%以上，公办园在园幼儿占比达到50%以上。",
        "督学39名，学校21所，幼儿园60所。",
    ],
)
def test_numbers_that_only_happen_to_fit_are_not_checked(text: str) -> None:
    assert results(text) == []


def test_a_part_of_the_parts_is_not_called_wrong() -> None:
    assert results("全县共有学校60所,其中,寄宿制学校12所,教学点8所。") == [("sum", ("12", "8", "60"), None)]


def test_a_half_is_rounded_up() -> None:
    assert half_up(Fraction(1, 8), 2) == Fraction(13, 100)
    assert half_up(Fraction(-1, 8), 2) == Fraction(-13, 100)
