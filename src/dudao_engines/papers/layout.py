"""Widths and breaks of Chinese lines: how long words are, where a title is broken, how wide the columns of a table are."""

import re
import unicodedata
from collections.abc import Sequence

# Where a title may be broken well: after 关于, 的 and marks; before what the paper is.
_AFTER = re.compile(
    r"关于|[，、：；》）”]|[年月度]|对|的(?!.{1,6}$)|学校|中学|小学|幼儿园|委员会|教育局|体育局|人民政府|办公室|督导室"
)
_BEFORE = re.compile(
    r"关于|《|（|“|开展|做好|进行|加强|履行|落实|在|对|[^的]{2}工作|专项|整改|督导|问题|情况|实施|教育|学校"
)
_TOGETHER = re.compile(r"〔\d+〕|\d+[年月日号]?|[A-Za-z]+|《[^《》]{1,12}》|“[^“”]{1,8}”")
_NOT_FIRST = "，、。；：！？）》〉】”’％%…—·"
_NOT_LAST = "（《〈【“‘〔"


def width(words: str) -> float:
    """How many Chinese characters wide words are: Latin letters and digits are half of one."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in words)


def broken(title: str, room: float) -> list[str]:
    """A title in lines of about the same length, none wider than ``room``, broken where its words allow it.

    A title that breaks its lines itself stays as it is (7.3.1: 回行时，要做到词意完整，排列对称，长短适宜，间距恰当).
    """
    if "\n" in title:
        return [line.strip() for line in title.split("\n") if line.strip()]
    title = " ".join(title.split())
    total = width(title)
    if total <= room or not title:
        return [title]
    for count in range(2, len(title) + 1):
        if total <= count * room and (lines := _evenly(title, count, room, total / count)):
            return lines
    return [title]


def _evenly(title: str, count: int, room: float, wanted: float) -> list[str]:
    """The cheapest break into ``count`` lines; none where it cannot be done."""
    costs = _costs(title)
    widths = [0.0]
    for sign in title:
        widths.append(widths[-1] + width(sign))
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for line in range(1, count + 1):
        here: dict[int, tuple[float, int]] = {}
        for start, (cost, _) in best[-1].items():
            for end in range(start + 1, len(title) + 1):
                long = widths[end] - widths[start]
                if long > room:
                    break
                if (end == len(title)) != (line == count):
                    continue
                price = cost + (long - wanted) ** 2 + costs[end]
                if end not in here or price < here[end][0]:
                    here[end] = (price, start)
        best.append(here)
    if len(title) not in best[count]:
        return []
    lines, end = [], len(title)
    for line in range(count, 0, -1):
        start = best[line][end][1]
        lines.append(title[start:end].strip())
        end = start
    return lines[::-1]


def _costs(title: str) -> list[float]:
    """What a break before each place costs."""
    costs = [25.0] * (len(title) + 1)
    for found in _AFTER.finditer(title):
        costs[found.end()] = 6.0
    for found in _BEFORE.finditer(title):
        costs[found.start()] = min(costs[found.start()], 8.0)
    for found in re.finditer("[，、：；》）”]|关于", title):
        costs[found.end()] = 1.0
    for found in _TOGETHER.finditer(title):
        for at in range(found.start() + 1, found.end()):
            costs[at] = 400.0
    for at, sign in enumerate(title):
        if sign in _NOT_FIRST:
            costs[at] = 1000.0
        if sign in _NOT_LAST:
            costs[at + 1] = 1000.0
    # 的通知, 的决定 stay with what comes before.
    if closing := re.search(r"的.{2,6}$", title):
        for at in range(closing.start(), len(title)):
            costs[at] = 300.0
    costs[-1] = 0.0
    return costs


def column_widths(rows: Sequence[Sequence[str]], whole: int, *, at_least: int) -> list[int]:
    """Widths of columns that add up to ``whole``: by the square root of what stands in them, so that long words get more room
    and short ones are not squeezed.

    Args:
        rows: all cells, rows of any length.
        whole: width of the table.
        at_least: what no column falls below, where there is room for it.
    """
    count = max(map(len, rows))
    full = [row for row in rows if len(row) == count]
    longest = [max(max(map(width, row[at].split("\n"))) for row in full) for at in range(count)]
    floor = min(at_least, whole // count)
    shares = [max(long, 2.0) ** 0.6 for long in longest]
    spare = whole - floor * count
    made = [floor + int(spare * share / sum(shares)) for share in shares]
    made[-1] += whole - sum(made)
    return made
