"""Figures in the words of a point: value, unit, kind, bound; and what is none."""

import datetime

import pytest

from dudao_engines.notices import Span
from dudao_engines.notices.facts import Figure
from dudao_engines.notices.figures import figures_in
from dudao_engines.notices.times import times_in


def read(text: str, *, done: bool = False) -> tuple[Figure, ...]:
    body = (Span(0, len(text)),)
    times = times_in(text, body, issued=datetime.date(2024, 3, 22), year=2024)
    return figures_in(text, body, times, done=done)


@pytest.mark.parametrize(
    ("text", "value", "unit", "kind", "bound"),
    [
        ("责任督学每月至少入校1次。", "1", "次", "target", ">="),
        ("每年评价一次。", "1", "次", "target", None),
        ("抽查比例不低于三分之一。", "1/3", None, "target", ">="),
        ("达标率达到百分之九十五。", "95", "%", "target", None),
        ("样本校约800所。", "800", "所", "target", "~"),
        ("培训各级督学1200人次。", "1200", "人次", "target", None),
        ("培训教师1,200人次。", "1200", "人次", "target", None),
        ("新增公办园学位480个以上,", "480", "个", "target", ">="),
        ("平均班额控制在45人以内。", "45", "人", "target", "<="),
        ("差异系数控制在0.50以内。", "0.50", None, "target", "<="),
        ("师生比达到1:15。", "1:15", None, "target", None),
        ("投入资金1.2亿元。", "1.2", "亿元", "target", None),
        ("基本消除56人以上大班额。", "56", "人", "threshold", ">="),
        ("超过45人的班级要整改。", "45", "人", "threshold", ">"),
        ("班主任连续2天联系不上学生的须上门家访。", "2", "天", "threshold", None),
        ("送达后7日内仍未返校的移交处置。", "7", "日", "threshold", None),
        ("针对省级复核指出的4个问题逐项销号。", "4", "个", "count", None),
        ("7项资源配置指标逐校建账。", "7", "项", "count", None),
        ("占教育类分值30%。", "30", "%", "target", None),
        ("责任督学负责3-5所学校。", "3-5", "所", "target", None),
        ("辍学率控制在0.5%以下。", "0.5", "%", "target", "<="),
        ("截至目前,累计创建示范校15所。", "15", "所", "present", None),
        ("总投资1500余万元。", "1500", "万元", "target", "~"),
        ("改扩建项目1 122个。", "1122", "个", "target", None),
        ("差异系数小学均小于或等于0.50。", "0.50", None, "target", "<="),
        ("师幼比不低于1∶7。", "1:7", None, "target", ">="),
        ("不足百人即不足100名学生的学校单列。", "100", "名", "threshold", "<"),
        ("评估剩余２１所幼儿园。", "21", "所", "target", None),
    ],
)
def test_a_figure_has_value_unit_kind_and_bound(
    text: str, value: str, unit: str | None, kind: str, bound: str | None
) -> None:
    assert [(f.value, f.unit, f.kind.value, f.bound) for f in read(text)] == [(value, unit, kind, bound)]


@pytest.mark.parametrize(
    "text",
    [
        "聚焦优布局、增供给、提质量、强师资等四个方面。",
        "落实五位一体措施，深化“双减”督导，推进“5+2”服务。",
        "深入学习十三届四次、五次、六次全会精神。",
        "组建一支专兼职督学队伍，提高每一个督学的能力。",
        "实行一人一档、一生一策。",
        "认真贯彻《第3次督导意见》（教基〔2020〕5号）。",
        "学前三年行动计划启动。",
        "6月30日前报送，限15日内回复。",
        "第2次全体会议。",
        "6月30日17:00前报送。",
        "联系电话：0000-0000000。",
    ],
)
def test_dates_limits_names_and_set_phrases_are_no_figures(text: str) -> None:
    assert read(text) == ()


def test_a_datum_keeps_the_words_of_its_date() -> None:
    figures = read(
        "2024年春季全县共有幼儿园60所,其中,公办园39所;全县在园幼儿13619人。目前,毛入园率为98.01%,力争2024年达到99%。"
    )
    assert [(f.value, f.kind.value, f.as_of) for f in figures] == [
        ("60", "present", "2024年春季"),
        ("39", "present", "2024年春季"),
        ("13619", "present", "2024年春季"),
        ("98.01", "present", "目前"),
        ("99", "target", None),
    ]


def test_from_so_many_to_so_many_is_past_and_target() -> None:
    assert [(f.value, f.kind.value) for f in read("公办园占比由52.3%提高到55.8%。")] == [
        ("52.3", "past"),
        ("55.8", "target"),
    ]


def test_what_a_report_says_was_done_is_past_and_its_plan_is_not() -> None:
    figures = read("专项督导14次,发督办函2份。年底前销号率达到100%。", done=True)
    assert [f.kind.value for f in figures] == ["past", "past", "target"]


def test_the_bound_words_stand_in_the_quote_where_they_touch() -> None:
    figures = read("人均培训不少于40学时，占比62%以上，至少督导1遍。")
    assert [f.quote for f in figures] == ["不少于40学时", "62%以上", "至少督导1遍"]
