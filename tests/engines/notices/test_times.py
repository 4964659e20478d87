"""Times in the words of a point: what is a deadline, what comes again, what only dates a datum."""

import datetime
import time as stopwatch
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.notices import Span
from dudao_engines.notices.checks import check_text, checks_in
from dudao_engines.notices.facts import Time, TimeKind
from dudao_engines.notices.figures import figures_in
from dudao_engines.notices.times import times_in

ISSUED = datetime.date(2024, 3, 22)


def read(text: str, issued: datetime.date | None = ISSUED, year: int | None = 2024) -> tuple[Time, ...]:
    return times_in(text, (Span(0, len(text)),), issued=issued, year=year)


def deadlines(text: str) -> list[tuple[str, str | None]]:
    return [(t.quote, t.until) for t in read(text) if t.kind is TimeKind.DEADLINE]


@pytest.mark.parametrize(
    ("text", "quote", "until"),
    [
        ("6月底前完成调整。", "6月底前", "2024-06-30"),
        ("2月底前报送。", "2月底前", "2024-02-29"),
        ("5月前印发方案。", "5月前", "2024-04-30"),
        ("11月中旬前提交材料。", "11月中旬前", "2024-11"),
        ("九月底前完成。", "九月底前", "2024-09-30"),
        ("8月10日前完成录取。", "8月10日前", "2024-08-10"),
        ("9月份组织督学到校。", "9月份", "2024-09"),
        ("10月至11月开展实地督查。", "10月至11月", "2024-11"),
        ("9-10月开展核查。", "9-10月", "2024-10"),
        ("5月22日—23日完成测试。", "5月22日—23日", "2024-05-23"),
        ("5月22-23日完成测试。", "5月22-23日", "2024-05-23"),
        ("双线摸底（2月15日—2月28日）。", "2月15日—2月28日", "2024-02-28"),
        ("2024年11月—12月为部署阶段。", "2024年11月—12月", "2024-12"),
        ("2024年1月-2025年10月为实施阶段。", "2024年1月-2025年10月", "2025-10"),
        ("2024年11月—次年3月开展整治。", "2024年11月—次年3月", "2025-03"),
        ("第一阶段(3月1日-3月31日):部署。", "3月1日-3月31日", "2024-03-31"),
        ("2024年4月1日至4月10日开展自查。", "2024年4月1日至4月10日", "2024-04-10"),
        ("2024.4.1-2024.6.30实施。", "2024.4.1-2024.6.30", "2024-06-30"),
        ("6月30日17:00前报送。", "6月30日17:00前", "2024-06-30"),
        ("3至5个工作日内答复。", "3至5个工作日内", None),
        ("月底前上报。", "月底前", None),
        ("11月至3月开展冬季排查。", "11月至3月", "2025-03"),
        ("2024年11月-2024年12月开展排查。", "2024年11月-2024年12月", "2024-12"),
        ("年内评估剩余幼儿园。", "年内", "2024"),
        ("全年认定8个县。", "全年", "2024"),
        ("力争2024年通过审核认定。", "力争2024年", "2024"),
        ("到2025年底，独立设置率达到100%。", "到2025年底", "2025-12-31"),
        ("下半年选择6所学校试点。", "下半年", "2024-12"),
        ("县二中新校区秋季开学投用。", "秋季开学", "2024"),
        ("三季度接受评估。", "三季度", "2024-09"),
        ("２０２４年６月底前完成。", "２０２４年６月底前", "2024-06-30"),
        ("2024 年 6 月\n底前完成。", "2024 年 6 月\n底前", "2024-06-30"),
        ("下发的督办单限15日内回复。", "限15日内", None),
        ("收到之日起3日内报送。", "收到之日起3日内", None),
        ("督导结束后10个工作日内印发通报。", "督导结束后10个工作日内", None),
        ("发现疑似辍学的24小时内上报。", "发现疑似辍学的24小时内", None),
        ("整改期限为15日。", "期限为15日", None),
    ],
)
def test_a_deadline_has_its_words_and_its_last_moment(text: str, quote: str, until: str | None) -> None:
    assert deadlines(text) == [(quote, until)]


def test_a_limit_that_comes_again_has_no_date() -> None:
    assert deadlines("每年开展一次市级质量监测，监测报告于当年11月底前反馈。") == [("当年11月底前", None)]


def test_a_year_named_in_the_sentence_holds_for_the_next_month_in_it() -> None:
    assert deadlines("2025年3月底前完成自查,9月底前完成整改。") == [
        ("2025年3月底前", "2025-03-31"),
        ("9月底前", "2025-09-30"),
    ]


def test_without_a_year_anywhere_the_words_stand_without_a_date() -> None:
    assert [(t.quote, t.until) for t in read("6月底前完成。", None, None)] == [("6月底前", None)]


@pytest.mark.parametrize(
    ("text", "quote", "rule", "times", "rrule"),
    [
        ("每月召开专题工作会议。", "每月", "monthly", None, "FREQ=MONTHLY"),
        ("每月至少入校1次。", "每月", "monthly", 1, "FREQ=MONTHLY"),
        ("每月25日前报送月报表。", "每月25日前", "monthly", None, "FREQ=MONTHLY;BYMONTHDAY=25"),
        ("每学期集中培训2次。", "每学期", "termly", 2, None),
        ("每季度召开1次例会。", "每季度", "quarterly", 1, "FREQ=MONTHLY;INTERVAL=3"),
        ("每半年总结一次。", "每半年", "half-yearly", 1, "FREQ=MONTHLY;INTERVAL=6"),
        ("教研员每周下校不少于2天。", "每周", "weekly", None, "FREQ=WEEKLY"),
        ("每周五上报情况。", "每周五", "weekly", None, "FREQ=WEEKLY;BYDAY=FR"),
        ("每周一次巡查。", "每周", "weekly", 1, "FREQ=WEEKLY"),
        ("每两周召开1次例会。", "每两周", "other", 1, "FREQ=WEEKLY;INTERVAL=2"),
        ("每年3月、9月各比对1次。", "每年3月、9月", "yearly", 2, "FREQ=YEARLY;BYMONTH=3,9"),
        ("对进度滞后的市按季通报。", "按季", "quarterly", None, "FREQ=MONTHLY;INTERVAL=3"),
        ("责任督学月例会。", "月例会", "monthly", None, "FREQ=MONTHLY"),
        ("每年9月10日前表彰。", "每年9月10日前", "yearly", None, "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=10"),
        ("每季度末月20日前报送。", "每季度末月20日前", "quarterly", None, "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=20"),
        ("春秋两季各开展一次集中排查。", "春秋两季", "spring-and-autumn-start", 1, None),
        ("在春秋季开学时期开展摸排。", "春秋季开学时期", "spring-and-autumn-start", None, None),
        ("春季、秋季开学前各检查一次。", "春季、秋季开学前", "spring-and-autumn-start", 1, None),
    ],
)
def test_a_recurrence_has_its_rule(text: str, quote: str, rule: str, times: int | None, rrule: str | None) -> None:
    found = [t for t in read(text) if t.kind is TimeKind.RECURRENCE]
    assert [(t.quote, t.rule, t.times, t.rrule) for t in found] == [(quote, rule, times, rrule)]


def test_reports_of_day_week_and_month_are_three_recurrences() -> None:
    rules = [(t.quote, t.rule) for t in read("辖区学校实行日报告、周研判、月汇总。")]
    assert rules == [("日报告", "other"), ("周研判", "weekly"), ("月汇总", "monthly")]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("2024年春季全县共有幼儿园60所。", ["2024年春季"]),
        ("截至6月底,189个问题销号151个。", ["截至6月底"]),
        ("目前,毛入园率为98.01%。", ["目前"]),
        ("督导经费不低于上年。", ["上年"]),
        ("2023年,在园幼儿13000人。", ["2023年"]),
    ],
)
def test_the_date_of_a_datum_is_never_a_deadline(text: str, quotes: list[str]) -> None:
    assert [(t.quote, t.kind) for t in read(text)] == [(quote, TimeKind.AS_OF) for quote in quotes]


@pytest.mark.parametrize("word", ["及时", "随时", "适时"])
def test_in_due_time_is_no_date(word: str) -> None:
    assert [(t.quote, t.kind, t.until) for t in read(f"{word}掌握情况。")] == [(word, TimeKind.VAGUE, None)]


@pytest.mark.parametrize("text", ["通知书送达后7日内仍未返校的移交县级处置。", "连续2天联系不上学生的须上门家访。"])
def test_what_sets_something_off_is_a_condition(text: str) -> None:
    assert [t.kind for t in read(text)] == [TimeKind.CONDITION]


@pytest.mark.parametrize(
    "text",
    [
        "按照《第二轮（2022—2024年）督导评估方案》（青教督办〔2022〕9号）执行。",
        "根据全区2024年教育督导工作安排开展。",
        "对标全年教育督导任务进行分工。",
        "形成2024年义务教育优质均衡发展自查报告。",
        "制定2022—2024年学位供给方案。",
        "对整改不到位、不及时的发送督办单。",
        "组织2024年初中毕业生体检工作。",
        "立行立改，长期坚持。",
        "将其纳入年度考核。",
        "本办法自2024年9月1日起施行。",
        "从2024年春季学期开始实施。",
    ],
)
def test_what_only_says_which_one_is_meant_is_no_time(text: str) -> None:
    assert [t for t in read(text) if t.kind in (TimeKind.DEADLINE, TimeKind.RECURRENCE)] == []


PIECES = (
    "2024年 6月 底前 10月至11月 5月22日—23日 每月 每学期 每年3月、9月 春秋季开学 当年 13月 32日 2月30日 年内 全年 到2025年底 截至 目前 及时 限15日内 7日内仍未 收到之日起3日内 "
    "不少于3次 三分之一 百分之九十 98.01% 0.50 1,234人 39所 21所 60所 其中 公办园 民办园 共计 占比 覆盖率为 由 增加到 增长10% ( ) （ ） 《 》 〔2024〕4号 “双减” , 。 ; ： | 第 下列 五次 全会"
).split(" ")
anything = st.lists(st.sampled_from([*PIECES, "\n", " ", "\u3000", "\ufeff"]) | st.text(max_size=3), max_size=40).map(
    "".join
)


@settings(max_examples=150, deadline=None)
@given(anything, st.integers(0, 20))
def test_whatever_the_words_every_place_is_a_place_in_the_text(text: str, cut: int) -> None:
    cut = min(cut, len(text))
    body = (Span(0, cut), Span(cut, len(text)))
    times = times_in(text, body, issued=ISSUED, year=2024)
    figures = figures_in(text, body, times)
    quotes = [(t.span, t.quote) for t in times] + [(f.span, f.quote) for f in figures]
    for span, quote in quotes:
        assert 0 <= span.start < span.end <= len(text)
        assert span.of(text) == quote
    assert all(a.span.end <= b.span.start for a, b in pairwise(times))
    for check in (*checks_in(text, body, figures), *check_text(text)):
        assert all(0 <= place.start < place.end <= len(text) for place in check.spans)
        assert len(check.spans) == len(check.quotes)


@pytest.mark.parametrize(
    "piece", ["39所,其中21所,6月底前完成,", "每月", "1", "2024年", "在自从应须3日内", "由8人增加到9人", "占比9%"]
)
def test_the_work_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = stopwatch.perf_counter()
        body = (Span(0, len(text)),)
        times = times_in(text, body, issued=ISSUED, year=2024)
        checks_in(text, body, figures_in(text, body, times))
        return stopwatch.perf_counter() - start

    assert seconds(40_000) < 60 * max(seconds(4_000), 0.002)


def test_the_first_of_a_month_is_a_day_and_no_rhythm() -> None:
    (time,) = read("3月1日—3月20日各校自查。")
    assert (time.kind, time.until) == (TimeKind.DEADLINE, "2024-03-20")
