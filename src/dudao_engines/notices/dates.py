"""Dates as notices write them: 2024年6月底前, 9月份, 10月至11月, 5月下旬, 年内, 秋季学期. Grammar of a point in time and a period."""

import calendar
import re
from dataclasses import dataclass

from dudao_engines.notices.markers import CN, integer

_NEXT = {"明年": 1, "次年": 1, "翌年": 1, "去年": -1, "上年": -1, "前年": -2}
_WORDS = r"今年|本年度?|当年|同年|明年|次年|翌年|去年|上年度?|前年"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = rf"(?:\d{{1,2}}|{CN}{{1,3}})"
_JOIN = r"(?:-{1,2}|~|起?[至到])"
_SEASON = (
    r"[春秋](?:季(?:学期)?(?:开学)?|学期)|[寒暑][假期]|(?:本|下|新|上|第[一二])学[期年](?:末|初|结束)?|学[期年]末|期末"
)
# 2024年初中…, 9月末位…: the part of the year must not be the start of another word.
_EDGE = r"底(?!线|数|册|子|层|色|部)|末(?!位|端)|初(?!中|级|步|审|高|一|二|三)"
_QUARTER = r"(?:第?[一二三四]|第[1-4])季度末?"


def _point(n: int) -> str:
    return (
        rf"(?:(?P<y{n}>(?:19|20)\d\d)学?年度?|(?P<w{n}>{_WORDS}))?"
        rf"(?:(?P<m{n}>{_MONTH})月份?(?:(?P<d{n}>{_DAY})[日号](?:\((?:星期|周)[一二三四五六日天]\))?(?:[上下]午)?(?:\d{{1,2}}(?:[时点]|:\d\d))?|(?P<p{n}>[上中下]旬|{_EDGE}))?"
        rf"|(?P<h{n}>上半年|下半年)|(?P<q{n}>{_QUARTER})|(?P<s{n}>{_SEASON})"
        rf"|(?P<o{n}>{_DAY})[日号]|(?P<e{n}>年?(?:{_EDGE})|年内|年终|全年)|(?P<b{n}>本月底?|月底))?"
    )


_SHORT = rf"(?:(?:(?P<y0>(?:19|20)\d\d)年)?(?:(?P<m0>{_MONTH})月)?(?P<n0>\d{{1,4}}){_JOIN})?"
_ISO = r"(?P<iy>(?:19|20)\d\d)(?P<is>[-./])(?P<im>\d{1,2})(?P=is)(?P<id>\d{1,2})(?!\d)"
DATE = re.compile(
    r"(?<![\d.])(?=[\d今本当同明次翌去上前一二三四五六七八九十第春秋年下新学期月全寒暑力争截到])"
    r"(?P<lead>力争在?到?|争取在?到?|截至|截止到?|到)?"
    rf"(?:{_ISO}(?:{_JOIN}(?P<jy>(?:19|20)\d\d)(?P=is)(?P<jm>\d{{1,2}})(?P=is)(?P<jd>\d{{1,2}})(?!\d))?|{_SHORT}{_point(1)}(?P<range>{_JOIN}(?=\d|次年|翌年|明年|{_MONTH}月|今年|本年|年底|年末){_point(2)})?)"
    r"(?P<tail>期间|之前|以前|之内|以内|前(?!三|[^,。;:、]?名|期|后|述|款)|内(?!部|容|外|涵))?"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A date of any fineness: month and day may be missing."""

    year: int
    month: int | None = None
    day: int | None = None

    def iso(self) -> str:
        """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
        return "-".join([f"{self.year:04}"] + [f"{n:02}" for n in (self.month, self.day) if n])


def end_of(match: re.Match[str], year: int | None) -> Day | None:
    """The last moment a mention of ``DATE`` names.

    Args:
        match: a match of ``DATE``.
        year: the year to take where the words name none.

    Returns:
        The end, None where no year is known or the day does not exist.
    """
    if match["jy"]:
        return _valid(int(match["jy"]), int(match["jm"]), int(match["jd"]))
    if match["iy"]:
        return _valid(int(match["iy"]), int(match["im"]), int(match["id"]))
    n = 2 if match["range"] else 1
    begin = _year(match, 0, None) or _year(match, 1, None) or year
    found = _year(match, n, begin)
    if found is None:
        return None
    month = integer(match[f"m{n}"]) if match[f"m{n}"] else None
    if match[f"o{n}"]:
        return _valid(found, integer(match["m0"] or match["m1"] or "") or 0, integer(match[f"o{n}"]) or 0)
    first = integer(match["m1"] or "") if n == 2 else integer(match["n0"] or "") if match["m1"] else None
    if month is not None and first is not None and month < first <= 12 and not (match[f"y{n}"] and n == 2):
        found += not match[f"w{n}"]  # 11月至3月 ends in the next year
    return _finish(match, n, found, month)


def _year(match: re.Match[str], n: int, base: int | None) -> int | None:
    if match[f"y{n}"]:
        return int(match[f"y{n}"])
    if n == 0 or base is None:
        return base
    return base + _NEXT.get((match[f"w{n}"] or "").removesuffix("度"), 0)


def _finish(match: re.Match[str], n: int, year: int, month: int | None) -> Day | None:
    part, edge, before = match[f"p{n}"], match[f"e{n}"] or "", match["tail"] in ("前", "之前", "以前")
    if month is not None:
        if match[f"d{n}"]:
            return _valid(year, month, integer(match[f"d{n}"]) or 0)
        if part == "底" or part == "末":
            return Day(year, month, calendar.monthrange(year, month)[1])
        if before and part is None:
            return _day_before(year, month)
        return Day(year, month)
    if match[f"b{n}"]:
        return None
    if match[f"h{n}"]:
        return Day(year, 6 if match[f"h{n}"][0] == "上" else 12)
    if match[f"q{n}"]:
        return Day(year, 3 * (integer(match[f"q{n}"].strip("第季度末")) or 4))
    if edge and edge[-1] in "底末终":
        return Day(year, 12, 31)
    if edge and edge[-1] == "初":
        return Day(year, 1)
    if before and not match[f"s{n}"] and match[f"y{n}"]:
        return _day_before(year, 1)
    return Day(year)


def _day_before(year: int, month: int) -> Day:
    year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return Day(year, month, calendar.monthrange(year, month)[1])


def _valid(year: int, month: int, day: int) -> Day | None:
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return Day(year, month, day)
