"""What is found in a text before it is published, and what is not taken for a person. All people are made up (示例)."""

import itertools
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.disclosure_control.model import Kind
from dudao_engines.disclosure_control.scan import find
from dudao_engines.kernel.codes import id_check_character


def id_of(body: str) -> str:
    return body + id_check_character(body)


# Made up: a real province, and a county that does not exist.
ADULT = id_of("64999919900307123")


def kinds(text: str, **more: object) -> list[tuple[Kind, str]]:
    return [(hit.kind, hit.words) for hit in find(text, **more)]  # type: ignore[arg-type]


def masked(text: str, **more: object) -> str:
    for hit in reversed(find(text, **more)):  # type: ignore[arg-type]
        text = text[: hit.start] + hit.mask + text[hit.end :]
    return text


@pytest.mark.parametrize(
    "written",
    [
        ADULT,
        f"{ADULT[:6]} {ADULT[6:14]} {ADULT[14:]}",
        f"{ADULT[:6]}-{ADULT[6:14]}-{ADULT[14:]}",
        "".join(chr(ord(c) + 0xFEE0) for c in ADULT),
        "\u3000".join(ADULT),
        "\u200b".join(ADULT),
        id_of("64999919900307124").lower(),
        "649999900307123",
    ],
)
def test_an_identity_number_is_found_however_it_is_written(written: str) -> None:
    text = f"其证件号为{written}，已核对。"
    (hit,) = find(text)
    assert (hit.kind, hit.words, hit.may_stay) == (Kind.ID_NUMBER, written, False)
    assert "19900307" not in masked(text) and "900307" not in masked(text)


def test_a_number_with_one_wrong_digit_still_tells_who_it_is() -> None:
    wrong = ADULT[:-1] + ("0" if ADULT[-1] != "0" else "1")
    (hit,) = find(f"证件号{wrong}")
    assert hit.kind == Kind.ID_NUMBER and "校验位" in hit.why


def test_a_number_that_is_masked_too_little_is_found_and_one_masked_enough_is_not() -> None:
    assert kinds("证件号649999********1234")[0][0] == Kind.ID_NUMBER
    assert kinds("证件号649*************34") == []


@given(
    body=st.builds(
        lambda day, tail: f"640122{day:%Y%m%d}{tail:03d}",
        st.dates(min_value=date(1900, 1, 1), max_value=date(2024, 1, 1)),
        st.integers(0, 999),
    ),
    gaps=st.lists(st.sampled_from(["", " ", "\u3000", "-", "\u200b"]), min_size=17, max_size=17),
    before=st.text(alphabet="甲乙，。 （", max_size=6),
    wide=st.booleans(),
)
def test_every_identity_number_is_found_between_any_words_with_any_gaps(
    body: str, gaps: list[str], before: str, wide: bool
) -> None:
    number = id_of(body)
    number = "".join(chr(ord(c) + 0xFEE0) for c in number) if wide else number
    written = number[0] + "".join(gap + c for gap, c in zip(gaps, number[1:], strict=True))
    hits = [hit for hit in find(f"{before}{written}，") if hit.kind == Kind.ID_NUMBER]
    assert [hit.words for hit in hits] == [written]


@given(st.text(alphabet=string.digits + "年月日人名张同学＊|-：\n 0123", max_size=60))
def test_hits_lie_in_the_text_in_order_and_never_over_one_another(text: str) -> None:
    hits = find(text)
    assert all(text[hit.start : hit.end] == hit.words and hit.words for hit in hits)
    assert all(a.end <= b.start for a, b in itertools.pairwise(hits))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("联系电话：13900001234", [(Kind.PHONE, "13900001234")]),
        ("电话139 0000 1234。", [(Kind.PHONE, "139 0000 1234")]),
        ("电话１３９００００１２３４", [(Kind.PHONE, "１３９００００１２３４")]),
        ("请致电0951-8060000", [(Kind.PHONE, "0951-8060000")]),
        ("联系电话：8060000", [(Kind.PHONE, "8060000")]),
        ("发至 shili@example.cn 信箱", [(Kind.EMAIL, "shili@example.cn")]),
        ("退费至6222020000000000000账户", [(Kind.BANK_CARD, "6222020000000000000")]),
        ("出生日期：2012年3月5日", [(Kind.BIRTH, "2012年3月5日")]),
        ("（2012-03-05出生）", [(Kind.BIRTH, "2012-03-05")]),
        ("家住示例镇示例村3组12号", [(Kind.ADDRESS, "示例镇示例村3组12号")]),
        ("学生张小示，在示例小学就读", [(Kind.MINOR, "张小示")]),
        ("张小示同学反映", [(Kind.MINOR, "张小示")]),
        ("校长：欧阳示例。", [(Kind.NAME, "欧阳示例")]),
        ("学生张小示、李小示在校", [(Kind.MINOR, "张小示"), (Kind.MINOR, "李小示")]),
        ("张小示、李小示等5名学生", [(Kind.MINOR, "张小示"), (Kind.MINOR, "李小示")]),
        ("李示例老师", [(Kind.NAME, "李示例")]),
        ("其中残疾儿童5人", [(Kind.LABEL, "残疾")]),
        ("辍学学生3人", [(Kind.SMALL_COUNT, "3人")]),
        ("劝返两名学生", [(Kind.SMALL_COUNT, "两名")]),
    ],
)
def test_what_tells_of_a_person_is_found(text: str, found: list[tuple[Kind, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "贺政教督发〔2024〕4号，2024年3月22日印发。",
        "全县共有幼儿园60所，在园幼儿13619人，普惠性幼儿园覆盖率82.99%。",
        "学生安全、教师培训和校长任职情况良好。",
        "做到一人一案、一人一策，不让每一名学生掉队。",
        "第3名、12人、13人、23名教师、3.4万人。",
        "索引号12640122MB1234567X/2024-00001，标识码2164000001。",
        "家长反映的问题已经解决。",
        "数值保留两位小数，流水号4位年。第3 个人信息。家长单列。",
        "学生张某、李某某反映，王某等12人以上。",
        "学生平均近视率下降2.5个百分点。",
        "3所学校、4个乡镇、2间教室。",
        "| 指标 | 得分 |\n| --- | --- |\n| 课程 | 3 |",
    ],
)
def test_ordinary_words_and_figures_are_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_known_names_are_found_also_written_apart_and_not_inside_the_name_of_a_school() -> None:
    names = ["陶行示（示例）", "示例甲"]
    assert kinds("由陶 行示负责", names=names) == [(Kind.NAME, "陶 行示")]
    assert kinds("陶行示小学的做法", names=names, units=["陶行示小学（示例）"]) == []
    assert kinds("示例甲、陶行示", minors=["示例甲"], names=["陶行示"]) == [
        (Kind.MINOR, "示例甲"),
        (Kind.NAME, "陶行示"),
    ]


def test_a_label_beside_a_name_cannot_stay_and_alone_it_can() -> None:
    together = find("学生张小示，孤独症，随班就读。")
    assert [(hit.kind, hit.may_stay) for hit in together] == [(Kind.MINOR, False), (Kind.LABEL, False)]
    (alone,) = find("孤独症儿童随班就读工作。")
    assert alone.may_stay


def test_no_name_of_a_minor_is_left_after_masking() -> None:
    text = "学生张小示，家长：李示例，电话13900001234，家住示例镇示例村3组。"
    assert kinds(masked(text)) == []
    assert masked(text) == "学生某某，家长：李＊＊，电话139****1234，家住示例镇＊＊。"


def test_whatever_stands_below_a_head_of_names_is_a_name() -> None:
    text = "| 学生姓名 | 出生日期 |\n| --- | --- |\n| 阿依示 | 2012.3 |"
    assert kinds(text) == [(Kind.MINOR, "阿依示"), (Kind.BIRTH, "2012.3")]


TABLE = "| 乡镇 | 男 | 女 | 合计 |\n| --- | --- | --- | --- |\n| 甲镇 | 3 | 20 | 23 |\n| 乙镇 | 30 | 8 | 38 |\n| 合计 | 33 | 28 | 61 |"


def test_a_small_count_in_a_table_takes_a_whole_rectangle_with_it() -> None:
    hits = find(TABLE)
    assert [(hit.kind, hit.words) for hit in hits] == [
        (Kind.SMALL_COUNT, "3"), (Kind.COMPLEMENT, "20"), (Kind.COMPLEMENT, "30"), (Kind.COMPLEMENT, "8"),
    ]  # fmt: skip
    assert {hit.group for hit in hits} == {1}
    assert find(masked(TABLE)) == ()


def test_a_table_in_which_too_little_was_hidden_by_hand_is_found_again() -> None:
    by_hand = TABLE.replace("| 3 |", "| ＊ |").replace("| 20 |", "| ＊ |")
    assert [hit.kind for hit in find(by_hand)] == [Kind.COMPLEMENT] * 2


def test_a_table_with_subtotals_or_wrong_sums_is_left_to_a_person() -> None:
    assert Kind.SUBTOTAL in {hit.kind for hit in find(TABLE.replace("乙镇", "小计"))}
    wrong = TABLE.replace("| 3 |", "| ＊ |").replace("| 33 |", "| 20 |").replace("| 乙镇 | 30", "| 乙镇 | 25")
    assert Kind.SUBTOTAL in {hit.kind for hit in find(wrong)}
