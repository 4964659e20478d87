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


def column_widths(rows: Sequence[Sequence[str]], whole: int, *, form: bool) -> list[int]:
    """Widths of columns that add up to ``whole``.

    Args:
        rows: all cells, rows of any length.
        whole: width of the table, in twips.
        form: the first, third … column hold names of what stands beside them and get what these need; otherwise columns
            share by what stands in them, so that long words get more room and short ones are not squeezed.
    """
    count = max(map(len, rows))
    full = [row for row in rows if len(row) == count] or rows
    # Cells are 12 points; a little room is left beside the words.
    longest = [
        max((_longest(row[at]) for row in full if len(row) > at), default=1.0) * 240 + 300 for at in range(count)
    ]
    if form and count > 1:
        names = {
            at: min(max((_longest(row[at]) for row in rows if len(row) > at + 1), default=4.0), 7.0)
            for at in range(0, count, 2)
        }
        fixed = {at: round(long * 240 + 300) for at, long in names.items()}
        rest = [at for at in range(count) if at not in fixed]
        spare = whole - sum(fixed.values())
        made = [fixed.get(at, spare // len(rest)) for at in range(count)]
    else:
        floor = min(680, whole // count)
        shares = [long**0.7 for long in longest]
        # Short columns take what they need, the others share the rest.
        made = [0] * count
        for at in sorted(range(count), key=lambda at: longest[at]):
            open_share = sum(shares[other] for other in range(count) if not made[other])
            fair = int((whole - sum(made)) * shares[at] / open_share)
            made[at] = max(min(fair, round(longest[at])), floor)
    made[max(range(count), key=lambda at: made[at])] += whole - sum(made)
    return made


def _longest(words: str) -> float:
    return max(map(width, words.split("\n")))
