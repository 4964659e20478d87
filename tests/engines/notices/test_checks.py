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


HOLDS = """全县在校生4.52万人，其中小学生2.8万人，初中生1.72万人。
经费1,234.56万元，其中人员经费1,000万元，公用经费234.56万元。
培训校长60人次、教师1200人次、督学48人次，共计1308人次。
全县有学校120所，今年督导小学20所、初中10所，共30所。
小学80所，其中农村60所；初中30所，其中农村20所；合计110所。
全县共有学校110所，其中小学80所（农村60所），初中30所（农村20所）。
投入资金3500万元（省级1200万元、县级2300万元）。
督学48人，其中专职12人、兼职36人，男30人、女18人。
女教师1920人，占教师总数的60%。全县教师3200人。
班额超过55人的班级12个，占全部班级的3.5%，全县共有班级340个。
参评学校50所，优秀10所、良好25所、合格15所，分别占20%、50%、30%。
全县教职工4000人，其中专任教师3200人，占80%；专任教师中女教师1920人，占60%。
优质园18所，占30%，普惠园50所，占83.3%，全县幼儿园60所。
共排查隐患126处，已整改118处，整改率93.7%，剩余8处正在整改。
由50%提高到55%，增长10%。
巩固率由98.5%提高到99.2%，提高0.7个百分点。
2021年在校生8000人，2022年8400人，2023年9000人，比上年增长7.1%。""".splitlines()

OPEN = """全县共有学校120所，其中小学80所、初中30所。
教师50人，其中党员30人，女教师35人。
小学80所，初中30所，全县各级各类学校共150所。
新增教师20人，退休5人，共115人。
全县教育经费4.53万元，其中人员2.8万元，公用1.72万元。
投入约100万元，其中省级62万元，县级40万元。
2022年投入11.5亿元，2023年投入12.5亿元，同比增长8.9%。
2021年在校生8000人，2022年8400人，2023年9000人，较2021年增长12.5%。
2022年产值90亿元，2023年98.6亿元，按可比价增长5.2%。
共检查42所，合格40所，合格率95.24%，不合格2所，占4.76%。
全县60所幼儿园中，公办39所，占65%；民办21所，占35%。
义务教育巩固率达到99.8%，高于全市0.3个百分点。
按照20%的比例抽取24所学校。
奖励经费50万元，每校5万元，共10所。""".splitlines()

FAILS = """幼儿园60所，其中公办园38所，民办园21所。
培训校长60人次、教师1200人次、督学48人次，共计1300人次。
参评学校50所，优秀10所、良好25所、合格15所，分别占20%、50%、31%。
发现问题96个，已整改90个，整改率94.8%。
2022年投入11.5亿元，2023年投入12.5亿元，同比增长18.9%。
学校由62所减少到58所，减少5所。
女教师1920人，占教师总数的61%。全县教师3200人。""".splitlines()


@pytest.mark.parametrize("text", HOLDS)
def test_numbers_that_agree_are_found_to_agree(text: str) -> None:
    assert {check.holds for check in check_text(text)} == {True}


@pytest.mark.parametrize("text", OPEN)
def test_what_the_words_leave_open_is_never_called_wrong(text: str) -> None:
    assert all(
        check.holds is not False and (check.holds or check.why.startswith("无法核对：")) for check in check_text(text)
    )


@pytest.mark.parametrize("text", FAILS)
def test_what_cannot_be_is_called_wrong(text: str) -> None:
    assert [check.holds for check in check_text(text)].count(False) == 1


def test_columns_of_a_flattened_table_are_not_taken_for_a_sentence() -> None:
    assert results("类别 | 学校数 | 学生数 |\n小学 | 80 | 30000 |\n初中 | 30 | 15000 |\n合计 | 111 | 45000 |\n") == []
    assert results("学校\n学生数\n甲校\n120\n乙校\n130\n合计\n251\n") == []
