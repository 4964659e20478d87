"""Duties that come again: 每月, 按季, 一月一主题, 月例会, 春秋季开学时期; as a rule and, where it can be said so, as RFC 5545."""

import re
from dataclasses import dataclass

from dudao_engines.notices.markers import CN, integer

_N = rf"(?:\d{{1,2}}|{CN}{{1,2}})"
_MONTHS = r"(?P<months>\d{1,2}月份?(?:[、和,及]\d{1,2}月份?)*)"
_SEASONS = r"(?:春[、,和]?秋(?:[两二]季|季)|春季?[、和与及,]秋[两]?季|[两二]季(?=开学))(?:学期初?)?"
_START = r"(?:开学(?:时期|期间|时|初|前后|前|后|第一周|第一个?月|[一两二]周内)?)?"
_MEETING = r"例会|报告|研判|汇总|调度|通报|督查|小结|会商|巡查|自查|排查|分析会|碰头|总结|反馈|督导|检查|清零|零报告|学习|研讨|考核|培训|评比|展示|公示|分析|点评|观摩|述职|交流|测试|排名|推进会"
_PERIODS = {
    "日": "daily", "天": "daily", "周": "weekly", "星期": "weekly", "旬": "tenday", "月": "monthly", "季": "quarterly",
    "季度": "quarterly", "学期": "termly", "半年": "half-yearly", "年": "yearly", "年度": "yearly", "学年": "yearly",
}  # fmt: skip
_PERIOD = "|".join(sorted(_PERIODS, key=len, reverse=True))
_PATTERN = re.compile(
    rf"(?:每年)?(?:分)?(?P<halves>上半年[、,和及与]?下半年|上[、,和]?下半年)(?=各|分别|均|至少|不少于|开展|组织|召开|进行)"
    rf"|(?P<next>次月)(?P<nday>\d{{1,2}})[日号](?:之?前)?"
    rf"|(?:每年|每学年)?(?P<seasons>{_SEASONS}{_START})"
    rf"|每(?:隔)?(?P<count>{_N}|半)?个?(?P<every>{_PERIOD})(?!级|纪|均|龄|轻|限)"
    rf"(?:(?<=[周期])(?P<weekday>[一二三四五六日])(?!次|遍|轮|场|期|回|个|项|例|报|小)"
    rf"|{_MONTHS}(?:(?P<mday>\d{{1,2}})[日号])?|(?:(?:末|第[一二三])月|最后一个月)?(?P<day>\d{{1,2}})[日号]|(?:[上中下]旬|底|末|初))?(?:(?:上旬|中旬|下旬|底|末|初)?之?前)?"
    rf"|(?:按|逐)(?P<by>学期|季度|[日周旬月季])(?!龄|岁|内|边|围)"
    rf"|(?<![第\d])(?P<lead>[一二两三四五六半]|1(?=年|学期|周|季度|个月))个?(?P<one>{_PERIOD})(?:一(?![轮届任贯个日号])[\u4e00-\u9fff]|(?P<often>{_N})[次遍回])"
    r"|(?<![\d今明昨当同本上下每近即逐按末工节生假休次翌首全半近数多百千几一二三四五六七八九十隔整])"
    rf"(?!(?<=学)年)(?P<short>[日周旬月季年])(?:{_MEETING})"
)
_TIMES = re.compile(rf"(?P<n>\d{{1,3}}|{CN}{{1,3}})(?:个?次|遍|轮|场|期|份|回|篇)(?!性)")
_FREQ = {
    "daily": ("DAILY", 1), "weekly": ("WEEKLY", 1), "monthly": ("MONTHLY", 1), "quarterly": ("MONTHLY", 3),
    "half-yearly": ("MONTHLY", 6), "yearly": ("YEARLY", 1),
}  # fmt: skip
_DAYS = dict(zip("一二三四五六日", ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True))
_NAMED = frozenset("monthly quarterly termly half-yearly yearly weekly".split())


@dataclass(frozen=True, slots=True)
class Recurring:
    """A recurrence in ``words[start:end]`` of a text in half width."""

    start: int
    end: int
    rule: str
    times: int | None
    rrule: str | None


def recurring(words: str) -> list[Recurring]:
    """All recurrences in the folded words, in order."""
    matches = list(_PATTERN.finditer(words))
    ends = [*(m.start() for m in matches[1:]), len(words)][: len(matches)]
    return [_read(words, match, end) for match, end in zip(matches, ends, strict=True)]


def _read(words: str, match: re.Match[str], stop: int) -> Recurring:
    if match["next"]:
        day = int(match["nday"])
        rrule = f"FREQ=MONTHLY;BYMONTHDAY={day}" if 1 <= day <= 31 else None
        return Recurring(match.start(), match.end(), "monthly", None, rrule)
    if match["halves"]:
        return Recurring(match.start(), match.end(), "half-yearly", _times(words, match.end(), stop), None)
    if match["seasons"]:
        times = _times(words, match.end(), stop)
        return Recurring(match.start(), match.end(), "spring-and-autumn-start", times, None)
    period = _PERIODS[match["every"] or match["by"] or match["one"] or match["short"]]
    lead = match["count"] or match["lead"] or "一"
    period, every = ("half-yearly", 1) if lead == "半" and period == "yearly" else (period, integer(lead))
    if lead == "半":
        every = every or 0
    months = [int(m) for m in re.findall(r"\d+", match["months"] or "")]
    times = integer(match["often"]) if match["often"] else _times(words, match.end(), stop)
    if match["one"] and not match["often"]:
        times = 1
    if len(months) > 1 and times is not None:
        times *= len(months)
    period, every = _named(period, every or 0)
    return Recurring(match.start(), match.end(), _rule(period, every), times, _rrule(match, period, every, months))


def _named(period: str, every: int) -> tuple[str, int]:
    if period == "monthly" and every in (3, 6):
        return ("quarterly" if every == 3 else "half-yearly"), 1
    return period, every


def _rule(period: str, every: int) -> str:
    return period if every == 1 and period in _NAMED else "other"


def _times(words: str, start: int, stop: int) -> int | None:
    """How often in one period: the first 次/遍/场/份 in the same clause."""
    clause = re.split(r"[。;:|]|,(?!不少于|至少|不低于|各)", words[start : min(stop, start + 40)], maxsplit=1)[0]
    found = _TIMES.search(clause)
    return integer(found["n"]) if found and not clause[: found.start()].endswith("第") else None


def _rrule(match: re.Match[str], period: str, every: int, months: list[int]) -> str | None:
    if period not in _FREQ or every < 1:
        return None
    if period == "quarterly" and match["day"] and match["day"] != "31":
        return f"FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY={int(match['day'])}" if 1 <= int(match["day"]) <= 30 else None
    freq, interval = _FREQ[period]
    parts = [f"FREQ={freq}"]
    if interval * every > 1:
        parts.append(f"INTERVAL={interval * every}")
    if freq == "YEARLY" and months and all(1 <= m <= 12 for m in months):
        parts.append("BYMONTH=" + ",".join(map(str, sorted(set(months)))))
    day = match["day"] if freq == "MONTHLY" else match["mday"] if freq == "YEARLY" and months else None
    if day and 1 <= int(day) <= 31:
        parts.append(f"BYMONTHDAY={int(day)}")
    if freq == "WEEKLY" and match["weekday"]:
        parts.append(f"BYDAY={_DAYS[match['weekday']]}")
    return ";".join(parts)
