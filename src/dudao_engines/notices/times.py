"""Every mention of a time in the words of a point, and what it does there: deadline, recurrence, vague, as-of date, condition."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace

from dudao_engines.notices.dates import DATE, Day, end_of
from dudao_engines.notices.facts import Time, TimeKind
from dudao_engines.notices.markers import CN
from dudao_engines.notices.model import Span
from dudao_engines.notices.recurrence import recurring
from dudao_engines.notices.wording import Words, masked

_LENGTH = rf"(?:\d{{1,3}}|{CN}{{1,4}}|半)(?:个?工作日|个?小时|日|天|个?半月|个月|周|个星期|年|分钟|个?学期|个?学年)"
_WITHIN = re.compile(
    rf"(?:限期?|提前)?(?:\d{{1,3}}[-~至到])?{_LENGTH}(?:之内|以内|内)(?P<unmet>(?:仍?未|仍|不能|没有|无法|无故)[^,。;:、()|的]{{0,6}})?"
    rf"|提前{_LENGTH}|(?P<run>连续{_LENGTH})|{_LENGTH}为限|开学后?(?:第[一二]周|第[一二]个?月|初|当天|前|前[一二]周)(?!后)|(?:放假|学期结束)前|限期?{_LENGTH}"
    rf"|[期时]限(?:一般)?(?:为|是|不超过|不得超过){_LENGTH}|(?<![应])当[日天](?!然)内?|次日内?(?!程)"
)
# What the limit counts from: …之日起3日内, …结束后10个工作日内, 发现…的24小时内.
_EVENT = re.compile(r"(?:后|前|起|的)$")
_CLAUSE_END = re.compile(r"[,。;:、()|\x00]")
_BEGINS_EVENT = re.compile(r"[于在自从应须]")
_VAGUE = re.compile(r"(?<!不)(?:及时(?!性)|随时|适时|尽快|尽早|择机|不定期|定期(?!限))")
_NOW = re.compile(r"目前|现阶段|截至目前|截止目前|至今|迄今")
# State, not duty: the time is the date of the datum.
_STATE = re.compile(
    r"共有|现有|已有|拥有|已(?:经|建|完|达|实|通|成|有|于|在|全)|累计|同比|为\d|[有达]\d+(?!.{0,12}以上)"
)
_DUTY = re.compile(r"力争|争取|确保|完成|达到|不少于|不低于|实现|[前内]$")
_MODIFIES = re.compile(
    r"(?!完成|开展|制定|制订|组织|召开|印发|出台|形成|报送|上报|提交|撰写|编制|实现|达到|建立|启动|新|全部|基本|举办|进行|落实|做好|对|将|由|各|按)"
    r"[^,。;:|、]{0,18}?(?:工作)?(?:要点|安排|任务|计划|方案|规划|工作总结|小结|报告|名单|目标|情况|主题|版|预算|重点)"
)
_BEFORE_NOUN = re.compile(
    r"(?:对标|对照|按照|根据|依据|围绕|贯彻|落实|结合|做好|部署|形成|制定|编制|起草|撰写|总结|梳理|印发|发布|公布|及|和|以及)[^,。;:|]{0,6}$"
)
_SEASON_NOUN = re.compile(r"(?:学期)?(?:开学)?(?:专项)?(?:督导|检查|督查|工作|准备|教材|招生|新生|课程|教学)")
# Where a bare year can say when: at the start of a clause, or behind its subject or a preposition.
_OPENS = re.compile(r"(?:^|[,。;:、()|\x00]|[县市区镇乡省校园局室办院]|[于在将自])$")
_STOPS = re.compile(r"[。;!?|]")


def times_in(
    text: str, body_spans: Sequence[Span], *, issued: datetime.date | None, year: int | None
) -> tuple[Time, ...]:
    """All mentions of a time in the words of one point.

    Args:
        text: the notice as handed in.
        body_spans: the point's own words (``Point.body``), or any other stretch, such as the month of a table row.
        issued: the date of the notice, to tell the date of a datum that lies before it from a deadline.
        year: the year the notice is about; taken where the words name none (grammar 8).

    Returns:
        The times in order of place, without overlaps; names of documents and document numbers hold none.
    """
    source = Words(text, body_spans, half=True)
    words = masked(source.flat)
    found: list[tuple[int, int, Time]] = []
    taken = bytearray(len(words))
    for start, end, time in [*_recurrences(source, words), *_limits(source, words), *_vague(source, words)]:
        while start < end and taken[start]:
            start += 1
        if start < end and not any(taken[start:end]):
            time = replace(time, quote=source.printed(start, end), span=source.span(start, end))
            taken[start:end] = b"\x01" * (end - start)
            found.append((start, end, time))
    open_words = "".join("\x00" if used else char for char, used in zip(words, taken, strict=True))
    found += _dates(source, open_words, found, issued, year if year is not None else issued.year if issued else None)
    return tuple(_joined(source, sorted(found, key=lambda item: item[0])))


def _joined(source: Words, found: list[tuple[int, int, Time]]) -> list[Time]:
    """4月、9月各一次: dates in a row are one limit, which ends with the last."""
    kept: list[tuple[int, int, Time]] = []
    for start, end, time in found:
        last = kept[-1] if kept else None
        if (
            last
            and time.kind is last[2].kind is TimeKind.DEADLINE
            and start - last[1] == 1
            and source.flat[last[1]] in "、和及与"
        ):
            kept[-1] = _time(source, last[0], end, TimeKind.DEADLINE, time.until)
        else:
            kept.append((start, end, time))
    return [time for *_, time in kept]


def _time(source: Words, start: int, end: int, kind: TimeKind, until: str | None = None) -> tuple[int, int, Time]:
    return start, end, Time(kind, source.printed(start, end), source.span(start, end), until)


def _recurrences(source: Words, words: str) -> list[tuple[int, int, Time]]:
    found = []
    for r in recurring(words):
        quote, span = source.printed(r.start, r.end), source.span(r.start, r.end)
        time = Time(TimeKind.RECURRENCE, quote, span, rule=r.rule, times=r.times, rrule=r.rrule)
        found.append((r.start, r.end, time))
    return found


def _limits(source: Words, words: str) -> list[tuple[int, int, Time]]:
    found = []
    for match in _WITHIN.finditer(words):
        if match["run"] or match["unmet"]:
            found.append(_time(source, *match.span(), TimeKind.CONDITION))
        else:
            start = _event(words, match.start()) if match[0][0] not in "当次期时" else match.start()
            found.append(_time(source, start, match.end(), TimeKind.DEADLINE))
    return found


def _event(words: str, start: int) -> int:
    """Where the words begin that a limit counts from."""
    window = words[max(0, start - 24) : start]
    clause = _CLAUSE_END.split(window)[-1]
    if not _EVENT.search(clause):
        return start
    event = _BEGINS_EVENT.split(clause[:-1])[-1] + clause[-1]
    return start - len(event)


def _vague(source: Words, words: str) -> list[tuple[int, int, Time]]:
    return [_time(source, m.start(), m.end(), TimeKind.VAGUE) for m in _VAGUE.finditer(words)] + [
        _time(source, m.start(), m.end(), TimeKind.AS_OF) for m in _NOW.finditer(words)
    ]


def _dates(
    source: Words,
    words: str,
    repeated: list[tuple[int, int, Time]],
    issued: datetime.date | None,
    year: int | None,
) -> list[tuple[int, int, Time]]:
    found = []
    stops = [m.start() for m in _STOPS.finditer(words)] + [len(words)]
    yearly = sorted(end for _, end, time in repeated if time.kind is TimeKind.RECURRENCE)
    sentence = carried = seen = 0
    for match in DATE.finditer(words):
        start, end = match.span()
        if not _names_a_time(match):
            continue
        while stops[sentence] < start:
            sentence, carried = sentence + 1, 0
        until = end_of(match, carried or year)
        while seen < len(yearly) and yearly[seen] <= start:
            seen += 1
        kind = _kind(words, match, until, issued, stops[sentence])
        if kind is None:
            continue
        after = bool(seen) and yearly[seen - 1] > (stops[sentence - 1] if sentence else -1)
        if after and (match["w1"] == "当年" or _repeats(words, yearly[seen - 1], start)):
            until = None
        if match["s1"] and not match["y1"] and (match["tail"] or "").endswith("前"):
            # 新学期前: hangs on an event.
            until = None
        found.append(_time(source, start, end, kind, until.iso() if until else None))
        if kind is TimeKind.DEADLINE and match["y1"] and until:
            carried = until.year
    return found


def _names_a_time(match: re.Match[str]) -> bool:
    if match["iy"]:
        return True
    fields = ("y1", "w1", "m1", "h1", "q1", "s1", "e1", "b1")
    if match["o1"]:
        return bool(match["n0"] and match["m0"])
    if match["n0"] and not (match["y1"] or match["m1"]):
        return False
    return any(match[field] for field in fields)


def _repeats(words: str, recurrence_end: int, start: int) -> bool:
    """每年的11月底前, 每学期期末: a limit right behind its period repeats with it."""
    return start - recurrence_end <= 1 and words[recurrence_end:start] in ("", "的", "于", "在")


def _kind(
    words: str, match: re.Match[str], until: Day | None, issued: datetime.date | None, stop: int
) -> TimeKind | None:
    start, end = match.span()
    before, after = words[max(0, start - 12) : start], words[end : min(stop, end + 60)]
    if (match["lead"] or "").startswith("截") or after.startswith("以来"):
        return TimeKind.AS_OF
    if after.startswith("起") or (after.startswith("开始") and before.endswith(("从", "自"))):
        return None
    if match["lead"] or match["tail"]:
        return TimeKind.DEADLINE
    if (match["w1"] or "").rstrip("度") in ("去年", "上年", "前年"):
        return TimeKind.AS_OF
    if _attribute(match, before, after):
        return None
    clause = after.split(",", 1)[0] if not after.startswith(",") else after[1:].split(",", 1)[0]
    ahead = issued is not None and until is not None and until.year > issued.year
    if not ahead and _STATE.search(clause) and not _DUTY.search(clause):
        return TimeKind.AS_OF
    if issued and until and until.year < issued.year:
        return TimeKind.AS_OF
    return TimeKind.DEADLINE


def _attribute(match: re.Match[str], before: str, after: str) -> bool:
    """2024年工作要点, 全年教育督导任务, 秋季开学督导: the time only says which one is meant."""
    coarse = not (match["m1"] or match["range"] or match["iy"])
    if after.startswith(("是", "为主题", "的")) and coarse:
        return True
    year_only = coarse and not (match["h1"] or match["q1"] or match["s1"] or match["e1"])
    if year_only and not _OPENS.search(before):
        return True
    if match["s1"] and not match["y1"] and _SEASON_NOUN.match(after):
        return True
    if coarse and _MODIFIES.match(after):
        return True
    if coarse and re.match(r"[^,。;:]{1,12}?(?:不足|低于|超过|不合格|未达|未完成|不达标)[^,。;:]{0,8}的", after):
        # 上半年入校不足12次的: which ones are meant.
        return True
    if (match["e1"] or "").endswith("终") and after.startswith(("考", "总", "绩", "奖", "述", "评", "检")):
        return True
    if (match["m1"] or match["range"]) and re.match(
        r"(?:学位|督导|工作)?[^,。;:]{0,6}(?:方案|计划|规划|报告|情况|小结)", after
    ):
        return bool(match["range"] and not match["m2"])
    return coarse and bool(_BEFORE_NOUN.search(before))
