"""Every way a cell is written that people and spreadsheets have: what is read, what is refused and with which words."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field

PUPILS = Field(code="pupils", label="学生人数", kind="int", unit="人", maximum="20000", evidence="NAT1")
AREA = Field(code="area", label="面积", kind="dec", decimals=2, unit="平方米", maximum="1000000", evidence="NAT1")
SHARE = Field(code="share", label="比例", kind="percent", decimals=2, unit="%", evidence="NAT1")
YEAR = Field(code="built", label="建校时间", kind="year", unit="年", evidence="NAT1")
IS_SMALL = Field(code="small", label="是否乡村小规模学校", kind="bool", evidence="NAT1")
NAME = Field(code="name", label="学校名称", kind="text", evidence="NAT1")
KIND = Field(
    code="kind",
    label="办园性质",
    kind="enum",
    choices=("公办园", "普惠性民办园", "非普惠性民办园"),
    codes=("1", "2", "3"),
    synonyms={"普惠民办": "普惠性民办园"},
    evidence="NAT1",
)
LEVEL = Field(code="grade", label="等级", kind="enum", choices=("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"), evidence="NAT1")


@pytest.mark.parametrize(
    ("raw", "field", "value"),
    [
        ("35", PUPILS, 35),
        (" 35　", PUPILS, 35),
        ("１２３４", PUPILS, 1234),
        ("1,234", PUPILS, 1234),
        ("１，２３４", PUPILS, 1234),
        (12.0, PUPILS, 12),
        ("12.00", PUPILS, 12),
        ("35人", PUPILS, 35),
        ("0", PUPILS, 0),
        (0, PUPILS, 0),
        (Decimal("7"), PUPILS, 7),
        ("1,234.5", AREA, Decimal("1234.5")),
        ("96㎡", AREA, Decimal(96)),
        ("96平方米", AREA, Decimal(96)),
        ("1.2500", AREA, Decimal("1.25")),
        (0.1 + 0.2, AREA, Decimal("0.3")),
        (8.17, AREA, Decimal("8.17")),
        ("83", SHARE, Decimal(83)),
        ("83％", SHARE, Decimal(83)),
        ("0.5%", SHARE, Decimal("0.5")),
        (0, SHARE, Decimal(0)),
        (100, SHARE, Decimal(100)),
        ("2010年", YEAR, 2010),
        (date(2010, 9, 1), YEAR, 2010),
        ("是", IS_SMALL, True),
        ("否", IS_SMALL, False),
        ("无", IS_SMALL, False),
        (True, IS_SMALL, True),
        (0.0, IS_SMALL, False),
        ("√", IS_SMALL, True),
        ("公办园", KIND, "公办园"),
        ("1", KIND, "公办园"),
        (2.0, KIND, "普惠性民办园"),
        ("3.非普惠性民办园", KIND, "非普惠性民办园"),
        ("普惠民办", KIND, "普惠性民办园"),
        ("III", LEVEL, "Ⅲ"),
        ("Ⅲ", LEVEL, "Ⅲ"),
        (" 示例小学 ", NAME, "示例小学"),
        (2164012201.0, NAME, "2164012201"),
        ("无", NAME, "无"),
    ],
)
def test_what_means_one_thing_is_read_however_it_is_written(raw: reading.Raw, field: Field, value: object) -> None:
    cell = reading.read(raw, field, "学校.xlsx · 学校!C9")
    assert (cell.value, cell.problem, cell.where) == (value, "", "学校.xlsx · 学校!C9")
    assert type(cell.value) is type(value)


@pytest.mark.parametrize(
    ("raw", "field", "says"),
    [
        ("N/A", PUPILS, "不是数，按没有填处理"),
        ("无", PUPILS, "确实没有的请填 0"),
        ("/", PUPILS, "按没有填处理"),
        ("——", PUPILS, "按没有填处理"),
        ("—", KIND, "按没有填处理"),
        (float("nan"), PUPILS, "按没有填处理"),
        ("1e3", PUPILS, "请写成 1000"),
        ("1.5E+3", AREA, "请写成 1500"),
        ("1e999", PUPILS, "不是该填的数"),
        ("-5", AREA, "不能是负数"),
        ("－５", PUPILS, "不能是负数"),
        ("−5", PUPILS, "不能是负数"),
        ("3.7", PUPILS, "应当是整数"),
        (3.7, PUPILS, "应当是整数"),
        ("1.255", AREA, "最多 2 位小数"),
        (100 / 3, AREA, "最多 2 位小数"),
        ("0.83", SHARE, "请填 83，不是 0.83"),
        (0.83, SHARE, "请填 83，不是 0.83"),
        ("1", SHARE, "请填 100，不是 1"),
        ("0.8299", SHARE, "最多 2 位小数"),
        ("101", SHARE, "不能大于 100"),
        ("99999999999", PUPILS, "不能大于 20000"),
        ("9" * 4000, PUPILS, "太长"),
        ("1839", YEAR, "不能小于 1840"),
        ("1,2345", PUPILS, "逗号位置不对"),
        ("12,34", PUPILS, "逗号位置不对"),
        ("1 234", PUPILS, "中间有空格"),
        ("三十五", PUPILS, "请用阿拉伯数字"),
        ("约35", PUPILS, "不是数"),
        ("35人左右", PUPILS, "请只填数，单位是人"),
        ("1.5亩", AREA, "里有“亩”，请只填数，单位是平方米"),
        ("35万元", PUPILS, "请只填数"),
        ("#REF!", PUPILS, "错误值 #REF!"),
        ("#DIV/0!", NAME, "错误值 #DIV/0!"),
        ("=A1+B1", PUPILS, "公式"),
        (True, PUPILS, "却是“TRUE”"),
        (date(2024, 9, 1), PUPILS, "日期"),
        ("也许", IS_SMALL, "请填“是”或“否”"),
        ("2", IS_SMALL, "请填“是”或“否”"),
        ("公办", KIND, "请选：公办园、普惠性民办园、非普惠性民办园"),
        (1.2345678901234567e17, NAME, "Excel 已丢失"),
        ("x" * 2001, NAME, "太长"),
        ("a\x00b", NAME, "控制字符"),
    ],
)
def test_what_is_wrong_or_could_mean_two_things_is_refused_in_words(raw: reading.Raw, field: Field, says: str) -> None:
    cell = reading.read(raw, field)
    assert cell.value is None
    assert says in cell.problem
    assert cell.raw


@pytest.mark.parametrize("raw", [None, "", "  ", "　", "\ufeff"])
@pytest.mark.parametrize("field", [PUPILS, AREA, SHARE, YEAR, IS_SMALL, NAME, KIND])
def test_an_empty_cell_is_missing_and_not_wrong(raw: reading.Raw, field: Field) -> None:
    cell = reading.read(raw, field)
    assert (cell.value, cell.problem) == (None, "")


@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.text(alphabet="0123456789.,-+eE%％万亿人 １２３−"),
        st.decimals(allow_nan=False, allow_infinity=False),
    ),
    st.sampled_from([PUPILS, AREA, SHARE, YEAR, IS_SMALL, NAME, KIND]),
)
def test_anything_is_read_or_told_and_what_is_read_comes_back_from_its_stored_form(
    raw: reading.Raw, field: Field
) -> None:
    cell = reading.read(raw, field)
    assert (cell.value is None) or not cell.problem
    kept = reading.stored(cell.value)
    assert reading.restored(kept, field) == cell.value
    if field is not NAME:
        assert reading.read(reading.shown(cell.value, field), field).value == cell.value


@given(st.integers(0, 10**8))
def test_every_whole_number_of_hundredths_survives_a_spreadsheet(hundredths: int) -> None:
    exact = Decimal(hundredths).scaleb(-2)
    assert reading.read(hundredths / 100, AREA).value == exact
