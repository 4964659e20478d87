"""Whatever is pasted: nothing crashes, every place is a place in the text, every character has one role."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices import (
    Action,
    Field,
    Mark,
    Notice,
    Point,
    Role,
    Span,
    read_notice,
    split_notices,
    to_gold_json,
)
from dudao_engines.notices.facts import Time
from dudao_engines.notices.lines import cut
from dudao_engines.notices.reading import read_bytes

DATA = Path(__file__).parents[2] / "data" / "notices"
TEXTS = [path.read_bytes().decode("utf-8") for path in sorted(DATA.glob("*.txt"))]
PIECES = (
    "一、 二、 三、 、 （一） （二） ( ) 1. 2. 2、 3.5 10. ① (1) 第一章 第二条 第三部分 2月 3月份 三月： 序号 月份 任务 责任单位 | ｜ 。 ； ： : ， 《 》 “ ” 〔 〕 "
    "关于开展督导的通知 某县教育局 某县人民政府教育督导室 2024年3月1日 二〇二四年三月一日 2024-03-01 2024327 附件 附件：1.表 附件1 抄送： (此件公开发布) 文号 发布日期 "
    "各学校： 现将方案印发给你们。 督导 扫一扫 首页>公开>文件 — 1 — ★文明★ 贺政教督发〔2024〕4号 教督20176号 联系人：示例 文档预览 工作要点 "
    "（责任单位：办公室、基教科） （牵头单位：督导室；配合单位：各学校） 由督导室牵头， 县公安局配合， （市教育局，排名第一位为牵头单位，下同） 责任单位：教研室。 各学校要 按照要求 6月底前 每月 "
    "开展 完成 确保 达到100% 召开会议 建立制度 及时 对问题予以通报 一是 总体思路 、 ， 并报县政府 全部完成"
).split(" ")
structured = st.lists(
    st.sampled_from([*PIECES, "\n", "\n\n", "\r\n", " ", "\u3000", "\u2028", "\ufeff"]) | st.text(max_size=3),
    max_size=80,
).map("".join)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A notice with stretches cut out, doubled, moved, or filled with something else."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        at = draw(st.integers(0, len(text)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            text = text[:start] + text[end:]
        elif kind == 1:
            text = text[:at] + text[start:end] + text[at:]
        elif kind == 2:
            text = text[:start] + draw(st.sampled_from(PIECES)) + text[end:]
        else:
            text = text[:start] + draw(st.text(max_size=5)) + text[start:]
    return text


def spans(notice: Notice) -> list[Span]:
    found = [field.span for field in (notice.title, notice.doc_no, notice.issuer, notice.date) if field]
    found += [item.span for item in notice.metadata] + [flag.span for flag in notice.flags]
    for section in notice.sections:
        found += [section.span, *([section.heading_span] if section.heading_span else [])]
        for point in section.points:
            found += [point.span, *point.body, *([point.title_span] if point.title_span else [])]
            found += [value.span for action in point.actions for value in values(action)]
            found += [figure.span for figure in point.figures]
    return found + [span for check in notice.checks for span in check.spans]


def values(action: Action) -> list[Action | Field | Time]:
    units = [action.subject, *action.lead, *action.cooperating, action.vague_time]
    return [value for value in (action, *units, action.deadline, action.recurrence) if value is not None]


def divided(point: Point, text: str) -> None:
    """The marks divide the body, and every quote is one stretch of words marked as a duty."""
    assert "".join(s.span.of(text) for s in point.marks) == "".join(span.of(text) for span in point.body)
    marked = {at: s.mark for s in point.marks for at in range(s.span.start, s.span.end)}
    for action in point.actions:
        assert action.quote == action.span.of(text)
        inside = [at for at in range(action.span.start, action.span.end) if at in marked and text[at].strip()]
        assert inside
        assert all(marked[at] is Mark.ACTION for at in inside)
        assert all(unit.value == unit.span.of(text) for unit in (*action.lead, *action.cooperating))


def check(text: str) -> None:
    try:
        notice = read_notice(text)
    except EngineInputError as error:
        assert error.code == "notices.empty"
        return
    assert "".join(part.span.of(text) for part in notice.parts) == text
    assert all(0 <= span.start <= span.end <= len(text) for span in spans(notice))
    assert all(flag.quote == flag.span.of(text) for flag in notice.flags)
    starts = [point.span.start for section in notice.sections for point in section.points]
    assert starts == sorted(starts)
    for section in notice.sections:
        for point in section.points:
            assert point.quote_start in text
            divided(point, text)
            assert point.title is None or (point.title_span is not None and point.title == point.title_span.of(text))
            assert point.span.start <= point.body[0].start and point.body[-1].end <= point.span.end
    assert all(not cut(text, part.span.start, part.span.end).text for part in notice.parts if part.role is Role.SPACE)
    assert read_notice(text) == notice
    assert json.loads(json.dumps(to_gold_json(notice)))["version"] == 2


@settings(deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(structured)
def test_any_heap_of_the_pieces_of_notices(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(damaged())
def test_any_damage_to_a_notice(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["a.txt", "a.html", "a.docx", "a.pdf", "a", "通知.doc"]),
    st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04word/document.xml", b"<html>", b"\xff\xfe"]),
)
def test_any_bytes_give_text_or_a_refusal(data: bytes, filename: str, head: bytes) -> None:
    try:
        text = read_bytes(head + data, filename)
    except EngineInputError as error:
        assert error.code.startswith("notices.")
        assert error.message
        return
    text.encode("utf-8")
    check(text)


def test_nothing_at_all_is_refused() -> None:
    for text in ("", " \n\u3000\t", "\ufeff"):
        try:
            read_notice(text)
        except EngineInputError as error:
            assert error.code == "notices.empty"
        else:
            raise AssertionError(text)


@given(structured | damaged())
@settings(deadline=None)
def test_the_parts_of_any_text_are_the_text(text: str) -> None:
    assert "".join(span.of(text) for span in split_notices(text)) == text
