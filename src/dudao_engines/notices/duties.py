"""Puts together what was read of each point: its duties with who and when, its figures, and a mark for every character."""

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from dudao_engines.notices.actions import Draft, Reading, Setting, read_words
from dudao_engines.notices.facts import Figure, Time, TimeKind
from dudao_engines.notices.figures import figures_in
from dudao_engines.notices.lexicon import AHEAD, CONTENT, GUIDING, REPORTED
from dudao_engines.notices.lines import fold
from dudao_engines.notices.markers import numeral
from dudao_engines.notices.model import Action, Field, Mark, Point, Section, Span, Stretch
from dudao_engines.notices.phrases import STRESSED
from dudao_engines.notices.tables import is_task
from dudao_engines.notices.times import times_in
from dudao_engines.notices.units import Roll, Who
from dudao_engines.notices.wording import Words

_MONTH = re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,2})\s?月\s?份?")
_LIMIT_COLUMN = re.compile(r"时限|时间|期限|日期|进度")
_COUNT = re.compile(r"(\d{1,3}|[一二两三四五六七八九十]{1,2})[次遍轮场]")
# A title that says how many, how often or by when is a duty itself.
CONCRETE = re.compile(
    r"(?:\d|[一二两三四五六七八九十]+)(?:个|所|名|人|次|场|期|份|件|篇|元|万元|%|％|学时|课时)(?!方面|问题|工程|行动|重点|目标|项目|环节)|\d月(?:底|份|中旬|上旬|下旬)?前?|每(?:月|周|季度|学期|年)|年底前"
)
_SHORTEST_TITLE = 6
_TAIL_BRACKET = re.compile(
    r"[（(]((?:[\d一二三四五六七八九十年月日旬上中下底末前初至到、—－–~\-]|学期|春季|秋季|期末|期初|寒假|暑假|全年|年内|月份)+)[)）][。；;]?\s*$"
)
_BRACKET = re.compile(r"[（(][^（）()\n]{2,40}[)）]")


class Assembler:
    """Reads the duties of one notice; ``issued`` and ``year`` complete dates that lack a year,
    ``done``: the notice reports what has been done, and only its outlook holds duties."""

    def __init__(self, text: str, issued: dt.date | None, year: int | None, *, done: bool = False) -> None:
        self.text = text
        self.issued = issued
        self.year = year
        self.done = done
        self.roll = Roll()

    def sections(self, sections: Iterable[Section], before: Iterable[Span]) -> list[Section]:
        """The sections with the duties and figures of their points.

        Args:
            sections: as the outline gives them.
            before: words outside the points that may state a first-is-lead rule for all lists.
        """
        for span in before:
            self.roll.state(span.of(self.text))
        return [replace(section, points=tuple(self._point(section, p) for p in section.points)) for section in sections]

    def _times(self, spans: Sequence[Span]) -> tuple[Time, ...]:
        return times_in(self.text, spans, issued=self.issued, year=self.year) if spans else ()

    def _point(self, section: Section, point: Point) -> Point:
        heading = fold(section.heading or "")
        month = bool(_MONTH.fullmatch(heading))
        setting = Setting(
            guiding=bool(GUIDING.search(heading)),
            done=bool((self.done and not AHEAD.search(heading)) or REPORTED.search(heading)),
            content=bool(CONTENT.search(heading)),
            row=month,
        )
        title = point.title_span
        cells = _tasks(point)
        if title and CONCRETE.search(title.of(self.text)):
            title = None
        words = cells or tuple(_without(point.body, title))
        # 工作任务, 工作措施: the first column is made concrete by the next, if that holds duties.
        if len(cells) > 1 and not month and read_words(self.text, cells[1:], self.roll, Setting(cells=True)).drafts:
            title, words = cells[0], cells[1:]
        reading = read_words(self.text, words, self.roll, replace(setting, cells=bool(cells)))
        if title and reading.drafts and setting.binding and _only_aspects(reading):
            # 开展…专项督导。重点督导…: the words behind only say what is looked at; the duty is in the title.
            reading, title = read_words(self.text, point.body, self.roll, setting), None
        if not reading.drafts and setting.binding:
            whole = self._whole(point, title, words)
            reading, title = (whole, None) if whole else (self._kept(point, words), title)
        times = self._times(point.body)
        starts = [time.span.start for time in times]
        columns = self._columns(point)
        governing = self._governing(section, point, month)
        if month:
            # 七月份: 暑期违规补课督查: the month says more than a season.
            times = tuple(t for t in times if t.kind is not TimeKind.DEADLINE or t.until is None or len(t.until) > 4)
            starts = [time.span.start for time in times]
        actions = tuple(self._action(draft, reading, times, starts, columns, governing) for draft in reading.drafts)
        figures = figures_in(self.text, point.body, times, done=setting.done)
        return replace(
            point,
            actions=actions,
            figures=figures,
            marks=tuple(_stretches(self.text, point, title, reading, times, figures)),
        )

    def _whole(self, point: Point, title: Span | None, words: Sequence[Span]) -> Reading | None:
        """Nothing makes the title concrete: it is the duty itself; and a row of a table always is one."""
        if not (title or point.columns) or not (point.no or point.columns):
            return None
        whole = read_words(self.text, point.body if title else words, self.roll, Setting(row=bool(point.columns)))
        long = any(draft.end - draft.start >= _SHORTEST_TITLE for draft in whole.drafts)
        return whole if point.columns or long else None

    def _kept(self, point: Point, words: Sequence[Span]) -> Reading:
        """No point is lost for a verb that is not known."""
        return read_words(self.text, words, self.roll, Setting(rescue=True, numbered=bool(point.no)))

    def _columns(self, point: Point) -> Who:
        """Who answers for a row, by the names of its columns."""
        who = Who()
        for column in point.columns:
            who = who.over(self.roll.column(column.value, Words(self.text, [column.span])))
        return who

    def _governing(self, section: Section, point: Point, month: bool) -> list[Time]:
        """Times that stand over all duties of a point: the column of limits, a bracket behind its title, its month."""
        spans = [column.span for column in point.columns if _LIMIT_COLUMN.search(column.value)]
        if point.title_span:
            near = self.text[point.title_span.start : point.title_span.end + 40]
            spans += [
                Span(point.title_span.start + m.start(), point.title_span.start + m.end())
                for m in _BRACKET.finditer(near)
                if m.end() >= point.title_span.end - point.title_span.start
            ][:1]
        tail = _TAIL_BRACKET.search(self.text[point.body[-1].start : point.body[-1].end][-60:])
        if tail:
            # …，撰写汇报材料（十一月份）。
            end = point.body[-1].end - len(tail[0])
            spans.append(Span(end + 1, end + 1 + len(tail[1])))
        if section.heading_span:
            spans += [section.heading_span] if month else []
            heading = section.heading_span.of(self.text)
            spans += [
                Span(section.heading_span.start + m.start(), section.heading_span.start + m.end())
                for m in _BRACKET.finditer(heading)
                if m.end() >= len(heading) - 1
            ]
        return [time for span in spans for time in self._times([span])]

    def _action(
        self,
        draft: Draft,
        reading: Reading,
        times: Sequence[Time],
        starts: Sequence[int],
        columns: Who,
        governing: list[Time],
    ) -> Action:
        words = reading.words
        span = words.span(draft.start, draft.end)
        scope = _within(times, starts, [words.span(a, b) for a, b in draft.scope if a < b])
        own = [time for time in scope if _owner(reading, time) in (None, draft)]
        ahead = _within(times, starts, [words.span(a, b) for a, b in draft.borrowed if a < b])
        pools = [own, ahead, governing]
        who = draft.who.over(columns)
        if draft.who.lead or draft.who.cooperating:
            who = replace(who, subject=draft.who.subject or columns.subject)
        vague = _first(pools[:2], TimeKind.VAGUE)
        quote = span.of(self.text)
        return Action(
            quote,
            span,
            who.subject,
            who.lead,
            who.cooperating,
            _first(pools, TimeKind.DEADLINE),
            _counted(_first(pools, TimeKind.RECURRENCE), quote),
            Field(vague.quote, vague.span) if vague else None,
        )


def _only_aspects(reading: Reading) -> bool:
    """Whether the words begin with what is looked at."""
    return bool(STRESSED.match(reading.words.flat.lstrip("。，；：")))


def _owner(reading: Reading, time: Time) -> Draft | None:
    """The duty in whose quote a time stands."""
    at = reading.words.flat_place(time.span.start)
    number = bisect_right(reading.drafts, at, key=lambda draft: draft.start) - 1
    draft = reading.drafts[number] if number >= 0 else None
    return draft if draft and at < draft.end else None


def _counted(time: Time | None, quote: str) -> Time | None:
    """每学期开展1次综合督导、2次专项督导: each job has its own count."""
    count = _COUNT.match(quote)
    if time is None or time.times is None or count is None:
        return time
    return replace(time, times=numeral(count[1]))


def _first(pools: Sequence[Sequence[Time]], kind: TimeKind) -> Time | None:
    """The first time of a kind, the clause's own before those that govern it."""
    return next((time for pool in pools for time in pool if time.kind is kind), None)


def _within(times: Sequence[Time], starts: Sequence[int], spans: Sequence[Span]) -> list[Time]:
    """The times that begin in one of the stretches."""
    return [time for span in spans for time in times[bisect_left(starts, span.start) : bisect_left(starts, span.end)]]


def _tasks(point: Point) -> tuple[Span, ...]:
    """The cells of a row that name its tasks."""
    inside = [
        c for c in point.columns if is_task(c.value) and any(c.span.start <= b.start < c.span.end for b in point.body)
    ]
    cells = tuple(column.span for column in inside)
    return tuple(b for b in point.body if any(c.start <= b.start and b.end <= c.end for c in cells))


def _without(body: Sequence[Span], title: Span | None) -> Iterable[Span]:
    """The body behind the title."""
    for span in body:
        start = max(span.start, title.end) if title else span.start
        if start < span.end:
            yield Span(start, span.end)


def _stretches(
    text: str, point: Point, title: Span | None, reading: Reading, times: Sequence[Time], figures: Sequence[Figure]
) -> Iterable[Stretch]:
    """The partition of a point's body."""
    base = point.body[0].start
    marks = [Mark.REMARK] * (point.body[-1].end - base)
    _fill(marks, base, [title] if title else [], Mark.TITLE)
    for place, mark in zip(reading.words.at, reading.marks, strict=True):
        marks[place - base] = mark
    for spans, mark in (([t.span for t in times], Mark.WHEN), ([f.span for f in figures], Mark.FIGURE)):
        for span in spans:
            for at in range(max(span.start - base, 0), min(span.end - base, len(marks))):
                if marks[at] not in (Mark.ACTION, Mark.TITLE):
                    marks[at] = mark
    for column in point.columns:
        if not is_task(column.value):
            _fill(marks, base, [column.span], Mark.WHEN if _LIMIT_COLUMN.search(column.value) else Mark.WHO)
    for span in point.body:
        for at in range(span.start + 1, span.end):
            if text[at].isspace():
                # White space belongs to the words before it.
                marks[at - base] = marks[at - base - 1]
        at = span.start
        for mark, run in groupby(marks[span.start - base : span.end - base]):
            length = sum(1 for _ in run)
            yield Stretch(mark, Span(at, at + length))
            at += length


def _fill(marks: list[Mark], base: int, spans: Iterable[Span], mark: Mark) -> None:
    for span in spans:
        start, end = max(span.start - base, 0), min(span.end - base, len(marks))
        if start < end:
            marks[start:end] = [mark] * (end - start)
