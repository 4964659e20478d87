"""Numbers with their measure words: what is, what was, what is to be reached, what is only counted. Grammar 9."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dudao_engines.notices.facts import Figure, FigureKind, Time, TimeKind
from dudao_engines.notices.markers import CN, integer
from dudao_engines.notices.model import Span
from dudao_engines.notices.wording import Words, masked

_UNITS = (
    "个百分点 百分点 人次 人月 万人次 万人 亿元 万元 元 学时 课时 学分 分钟 小时 平方米 万平方米 公里 亩 人 名 位 所 个 项 次 遍 轮 份 件 条 天 台 套 册 本 "
    "张 间 栋 幢 辆 户 家 期 场 篇 支 班 组 处 类 岁 倍 成 门 节 批 块 例 封 起 只 座 片 镇 乡 村 县 校 园 对 分 门次 班次 场次 个班 年 个月 月 日 周 届 ‰ %"
).split()
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_DURATIONS = frozenset("年 个月 月 日 周".split())
# Of numbers in characters only these are counts; 三种方式, 四个方面, 一支队伍, 两项 are turns of phrase.
_SPOKEN = "人次|名|次|遍|所|万元|学时|课时|场次"
_AT_LEAST = "不少于|不低于|不小于|大于或?等于|不得少于|不得低于|至少|最少|>=|≥|≧"
_AT_MOST = "不超过|不高于|小于或?等于|低于或?等于|不多于|不大于|不得超过|不得高于|至多|最多|<=|≤|≦"
_BOUNDS = {
    ">=": _AT_LEAST, "<=": _AT_MOST, ">": "超过|高于|大于|多于|突破|>", "<": "低于|少于|小于|不足|不满|未满|<", "~": "大约|约|近",
}  # fmt: skip
_PREFIX = "|".join(f"(?:{words})" for words in (_AT_LEAST, _AT_MOST, *(_BOUNDS[k] for k in (">", "<", "~"))))
_AFTER = {">=": "及以上|(?:\\(含\\))?以上", "<=": "以内|之内|以下|及以下", "~": "左右|上下"}
_SUFFIX = "|".join(_AFTER.values())
_FIGURE = re.compile(
    rf"(?P<pre>{_PREFIX})?"
    rf"(?:百分之(?P<hundred>\d{{1,3}}(?:\.\d+)?|{CN}{{1,5}})"
    rf"|(?P<down>\d{{1,3}}|{CN}{{1,3}})分之(?P<up>\d{{1,3}}|{CN}{{1,3}})"
    r"|(?<![\d.A-Za-z〔第/-])(?P<ratio>\d{1,3}(?:\.\d+)?:\d{1,3}(?:\.\d+)?)(?![\d:])"
    rf"|(?<![\d.A-Za-z〔第/-])(?P<n>(?:\d{{1,3}}(?:[, ]\d{{3}})+(?!\d)|\d{{1,12}})(?:\.\d{{1,6}})?(?:[-~]\d{{1,6}}(?:\.\d{{1,6}})?)?)(?P<more>[余多])?(?P<unit>[万亿]?(?:{_UNIT})|[万亿])?(?![A-Za-z号])"
    rf"|(?<![第每各任某另数上下首这此本同其一二两三四五六七八九十百千])(?P<cn>{CN}{{1,5}})(?P<cu>{_SPOKEN})(?!性|子|(?:、{CN}{{1,3}}次)*(?:全会|全体|会议|代表大会)))"
    rf"(?P<post>{_SUFFIX}|[多余](?=[\u4e00-\u9fff]))?"
)
_NUMERAL = r"\d{1,6}"
_CLAUSE = re.compile(r"[,。;:!?|()]")
_SENTENCE = re.compile(r"[。!?|]")
_GOAL = re.compile(
    r"力争|争取|确保|达到|提高到|提升到|提升至|提高至|控制在|不少于|不低于|至少|新增|新建|改扩建|配足|配齐|完成|开展|组织|培训|聘任|到20\d\d年|保持|实现|创建|认定|选择|培育|评选"
)
_AIM = re.compile(r"力争|争取|确保|要达|须达|应达|将达|不少于|不低于|至少")
_REACHED = re.compile(r"已达|已经达|已有|现有|共有|已完成|已建|现已|已")
_FOUND = re.compile(
    r"(?:共|累计|已|先后)(?:发现|查出|查处|受理|收到|排查|检查|督导|开展|发放|下发|印发|组织|整改|培训|完成)[^,。;]{0,12}$"
)
_GIVEN = re.compile(
    r"(?:^|[,。;:|])(?:针对|围绕|聚焦|按照|对照|根据|依据|对于|上述|以上|下列)[^,。;:|]*$|下列$|上述$|的$|(?:共|计|等)$"
)
_LIMITED = re.compile(r"控制在|压减到|压减至|降至|降到|下降到|限制在")
_FROM = re.compile(r"(?:由|从)[^,。;由从]{0,14}$")
_TO = re.compile(r"[^,。;]{0,8}?(?:增加|提高|上升|提升|增长|扩大|发展|下降|减少|降低|降|增|调整)[到至为]")
_DONE = re.compile(r"(?:小结|总结|情况|结果)(?:通报|汇报)?如下")


@dataclass(frozen=True, slots=True)
class _Clauses:
    """Where clauses and sentences of the words begin."""

    clauses: list[int]
    sentences: list[int]

    def clause(self, place: int) -> int:
        return self.clauses[bisect_right(self.clauses, place) - 1]

    def sentence(self, place: int) -> int:
        return self.sentences[bisect_right(self.sentences, place) - 1]


@dataclass(frozen=True, slots=True)
class _Dates:
    """Deadlines and as-of dates in order of place, to find the last one before a number."""

    times: list[Time]
    starts: list[int]

    def last(self, begin: int, place: int) -> Time | None:
        """The nearest one between two places of the notice."""
        i = bisect_left(self.starts, place) - 1
        return self.times[i] if i >= 0 and self.starts[i] >= begin else None


def _dates_of(times: Sequence[Time]) -> _Dates:
    dates = sorted((t for t in times if t.kind in (TimeKind.AS_OF, TimeKind.DEADLINE)), key=lambda t: t.span)
    return _Dates(dates, [t.span.start for t in dates])


def figures_in(
    text: str, body_spans: Sequence[Span], times: Sequence[Time], *, done: bool = False
) -> tuple[Figure, ...]:
    """All figures in the words of one point, each as often as it is printed.

    Args:
        text: the notice as handed in.
        body_spans: the point's own words (``Point.body``).
        times: ``times_in`` of the same words: numbers in dates and limits are none; a count in a condition is a threshold.
        done: the whole text reports what has been done (工作小结): then what would be a target is past.

    Returns:
        The figures in order of place. Numbers in names of documents, document numbers, ordinals and set phrases are none.
    """
    source = Words(text, body_spans, half=True)
    words = _without_times(source, masked(source.flat), times)
    begins = _Clauses(
        [0, *(m.end() for m in _CLAUSE.finditer(words))], [0, *(m.end() for m in _SENTENCE.finditer(words))]
    )
    report = _DONE.search(words)
    reported = 0 if done else report.end() if report else len(words)
    dates, stated = _dates_of(times), -1
    found = _conditions(source, times)
    for match in _FIGURE.finditer(words):
        figure = _figure(source, words, match, begins, dates, stated)
        if figure:
            past = reported <= match.start() and figure.kind is FigureKind.TARGET and not _ahead(figure, dates)
            found.append(replace(figure, kind=FigureKind.PAST) if past else figure)
            stated = begins.sentence(match.start()) if figure.kind is FigureKind.PRESENT else -1
    return tuple(sorted(found, key=lambda figure: figure.number))


def _ahead(figure: Figure, dates: _Dates) -> bool:
    """Whether a deadline stands shortly before the number."""
    near = dates.last(figure.number.start - 40, figure.number.start)
    return near is not None and near.kind is TimeKind.DEADLINE


def _without_times(source: Words, words: str, times: Sequence[Time]) -> str:
    """Times blanked out so that their digits are no figures."""
    place = {at: i for i, at in enumerate(source.at)}
    chars = list(words)
    for time in times:
        start, end = place.get(time.span.start), place.get(time.span.end - 1)
        if start is not None and end is not None:
            chars[start : end + 1] = "\x01" * (end + 1 - start)
    return "".join(chars)


_RUN = re.compile(rf"(?P<n>\d{{1,3}}|{CN}{{1,4}})(?P<u>个?工作日|个?小时|日|天|个月|周|年|分钟|学期)")


def _conditions(source: Words, times: Sequence[Time]) -> list[Figure]:
    place = {at: i for i, at in enumerate(source.at)}
    found = []
    for time in times:
        start = place.get(time.span.start)
        if time.kind is not TimeKind.CONDITION or start is None:
            continue
        match = _RUN.search(source.flat, start, start + 16)
        if match:
            value, number = str(integer(match["n"])), source.span(*match.span("n"))
            found.append(Figure(time.quote, time.span, number, value, match["u"], FigureKind.THRESHOLD))
    return found


def _figure(
    source: Words, words: str, match: re.Match[str], begins: _Clauses, dates: _Dates, stated: int
) -> Figure | None:
    value, unit, number = _value(match)
    clause = begins.clause(match.start())
    before = words[max(clause, match.start() - 60) : number[0]]
    if not _counts(match, unit, before, words[match.end() : match.end() + 4]):
        return None
    bound = _bound(match, before)
    start = match.start() if match["pre"] else number[0]
    touching = re.search(rf"(?:{_AT_LEAST})[\u4e00-\u9fff]{{1,5}}$", before) if not match["pre"] else None
    if touching:
        start, bound = number[0] - len(touching[0]), ">="
    end = match.end() if match["post"] else max(match.end("unit"), match.end("cu"), number[1])
    sentence = begins.sentence(match.start())
    date = dates.last(source.at[sentence], source.at[number[0]])
    as_of = date if date and date.kind is TimeKind.AS_OF else None
    kind = _kind(
        words,
        match,
        before,
        as_of,
        carried=stated == sentence and (date is None or as_of is not None),
        begun=_begun(words, match, clause, sentence),
    )
    present = kind in (FigureKind.PRESENT, FigureKind.PAST)
    return Figure(
        quote=source.printed(start, end),
        span=source.span(start, end),
        number=source.span(*number),
        value=value,
        unit=unit,
        kind=kind,
        as_of=as_of.quote if as_of and present else None,
        bound=bound,
    )


def _value(match: re.Match[str]) -> tuple[str, str | None, tuple[int, int]]:
    if match["hundred"]:
        hundred = match["hundred"]
        value = hundred if hundred[0].isdecimal() else str(integer(hundred))
        return value, "%", (match.start("hundred") - 3, match.end("hundred"))
    if match["up"]:
        return f"{integer(match['up'])}/{integer(match['down'])}", None, (match.start("down"), match.end("up"))
    if match["ratio"]:
        return match["ratio"], None, match.span("ratio")
    if match["cn"]:
        return str(integer(match["cn"])), match["cu"], match.span("cn")
    return match["n"].replace(",", "").replace(" ", ""), match["unit"], match.span("n")


def _counts(match: re.Match[str], unit: str | None, before: str, after: str) -> bool:
    """Whether the number is a figure at all."""
    if match["ratio"] and re.search(r"[\x01时日午晚间]$", before):
        return False
    if match["n"] and not unit:
        level = re.search(r"系数|指数|比例|比值|得分|率|[达为]到?$|控制在", before)
        return ("." in match["n"] or bool(match["pre"])) and not after.startswith(".") and bool(level or match["pre"])
    if unit == "个" and after.startswith(("工作日", "小时", "学期", "学年", "星期")):
        return False
    if unit in _DURATIONS:
        bounded = bool(match["pre"] or match["post"]) or before.endswith(("满", "连续", "达"))
        return bounded and not after.startswith(("行动", "计划", "规划", "级"))
    if match["cn"]:
        return not before.endswith(("再", "首", "多", "历", "层")) and not (match["cu"] == "所" and match["cn"] == "一")
    if unit == "小时" and after.startswith(("值", "在线", "监控", "服务", "开放")):
        return False
    return not (unit == "分" and after.startswith("之"))


def _bound(match: re.Match[str], before: str) -> str | None:
    for sign, words in _BOUNDS.items():
        if match["pre"] and re.fullmatch(words, match["pre"]):
            return sign
    for sign, words in _AFTER.items():
        if match["post"] and re.fullmatch(words, match["post"]):
            return sign
    if match["post"] or match["more"]:
        return "~"
    return "<=" if _LIMITED.search(before) else None


def _begun(words: str, match: re.Match[str], clause: int, sentence: int) -> bool:
    """1个县通过…, 2个县启动…: so many more, behind the same words with another number."""
    alike = rf"(?:力争|组织|推动|支持|年内|确保|完成)?{_NUMERAL}{re.escape(match['unit'] or chr(0))}"
    return match.start() == clause and bool(re.search(alike, words[max(sentence, clause - 60) : clause]))


def _kind(
    words: str, match: re.Match[str], before: str, as_of: Time | None, *, carried: bool, begun: bool
) -> FigureKind:
    """``carried``: the number before in the same sentence was a present one, and no deadline stands between;
    ``begun``: the clause goes on a list of numbers to be reached."""
    after = words[match.end() : match.end() + 16]
    if _FROM.search(before) and _TO.match(after):
        return FigureKind.PAST
    if _threshold(match, before, after):
        return FigureKind.THRESHOLD
    if as_of and not _AIM.search(before):
        return FigureKind.PAST if as_of.quote.startswith(("去年", "上年", "前年")) else FigureKind.PRESENT
    if (_REACHED.search(before) and not before.endswith("的")) or (carried and not _GOAL.search(before)):
        return FigureKind.PRESENT
    if _FOUND.search(before):
        return FigureKind.PAST
    if before.endswith(("后", "前")) and after.startswith("的"):
        return FigureKind.COUNT
    if (
        len(before) <= 4
        and words[match.start() - len(before) - 1 : match.start() - len(before)] == "("
        and after[:1] == ")"
        and (match["unit"] or match["cu"]) not in ("次", "遍", "场")
    ):
        return FigureKind.COUNT
    if begun:
        return FigureKind.TARGET
    share = match["hundred"] or match["up"] or match["unit"] == "%"
    if share or match["pre"] or match["post"] or _GOAL.search(before):
        return FigureKind.TARGET
    return FigureKind.COUNT if _counted(before, after, match) else FigureKind.TARGET


def _threshold(match: re.Match[str], before: str, after: str) -> bool:
    """56人以上大班额, 超过20人的: the bound picks out what is meant."""
    goal = re.search(r"(?:新增|新建|抽查|抽取|达到|达|配备|完成|培训|建设|提高到|确保|不少于|不低于)$", before)
    if before.endswith("每"):
        return True
    if match["post"] == "以内" and after.startswith("的"):
        return True
    if match["post"] in ("以上", "及以上", "以下", "及以下") and not goal:
        return bool(re.match(r"[\u4e00-\u9fff]", after)) and not after.startswith(("并", "且", "和", "及"))
    return bool(
        match["pre"] in ("超过", "高于", "大于", "不足", "低于", "少于", "不满", "未满")
        and re.match(r"[\u4e00-\u9fff]{0,6}的[\u4e00-\u9fff]", after)
    )


def _counted(before: str, after: str, match: re.Match[str]) -> bool:
    """Whether the number only counts what is given: 7项指标逐校建账, 指出的4个问题, (6所)."""
    if _GIVEN.search(before):
        return True
    return not before and bool(match["n"]) and match["unit"] not in ("次", "遍", "场", "期", "份", "人次")
