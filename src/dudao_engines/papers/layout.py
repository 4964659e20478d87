"""Widths and breaks of Chinese lines: how long words are, where a title is broken, how wide the columns of a table are."""

import re
import unicodedata
from collections.abc import Sequence

# Words of titles in this field that are not torn apart; a title has no other way to know its words.
_WORDS = """
关于 有关 开展 进行 予以 做好 加强 履行 落实 推进 实施 规范 办学 办园 行为 专项 综合 经常性 督导 督查 督办 检查 评估 监测 评价 考核 验收
情况 问题 线索 移送 整改 核查 复查 回头看 意见书 意见 通知书 通知 通报 决定 报告 记录 纪要 告知书 激励 问责 约谈 反馈 工作 会议 专题
教育 教学 质量 义务 学前 高中 优质 均衡 发展 普及 普惠 双减 作业 课后 服务 控辍 保学 招生 入学 校园 安全 食品 体育 美育 劳动 心理 健康
春季 秋季 学期 学年 年度 上半年 下半年 季度 月份 幼儿园 小学 中学 学校 学院 乡镇 街道 中心 人民 政府 督导室 委员会 办公室 教育局 体育局
培训学校 培训机构 民办学校 未按期 未按 按期 发现 期限 报送 材料 方案 清单 计划 总结 公示 公告 名单 示例 培训 机构 责任 督学 挂牌
""".split()
_TOGETHER = re.compile(r"〔\d+〕|\d+[年月日号]?|[A-Za-z]+|《[^《》]{1,12}》|“[^“”]{1,8}”|第[一二三四五六七八九十]+")
_LEXICON = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))
_EDGE = re.compile(r"(?<=[0-9A-Za-z])(?=[一-鿿])|(?<=[一-鿿])(?=[0-9A-Za-z])")
_SHORT, _LONG = 2200, 1900  # Twips: what a day in 12 points takes; what a column of sentences must have.
_BESIDE = 300  # Room beside the words of a cell, in twips.
_MOST_LINES = 8  # Of a title; a longer one is no title, and is left to the program that shows it.
_MOST_NAMED = 6  # Columns of a form; with more of them names and values share alike.
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
    if total <= room or total > _MOST_LINES * room:
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
    """What a break before each place costs: little at the edge of a known word, much inside one."""
    costs = [20.0] * (len(title) + 1)
    for found in _LEXICON.finditer(title):
        costs[found.start()] = min(costs[found.start()], 6.0)
        costs[found.end()] = min(costs[found.end()], 6.0)
        for at in range(found.start() + 1, found.end()):
            costs[at] = 200.0
    for found in re.finditer("[，、：；》）”]|关于|年度|学期", title):
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
    if closing := re.search(r"的.{2,5}$", title):
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
    if form and 1 < count <= _MOST_NAMED:
        made = _form_widths(rows, count, whole)
    else:
        made = _list_widths([row for row in rows if len(row) == count], count, whole)
    if min(made) < 1:
        made = [whole // count] * count
    made[max(range(count), key=lambda at: made[at])] += whole - sum(made)
    return made


def _form_widths(rows: Sequence[Sequence[str]], count: int, whole: int) -> list[int]:
    """What names need, up to seven characters of 14 points; the values share the rest equally."""
    names = {at: [_longest(row[at]) for row in rows if len(row) > at + 1] for at in range(0, count, 2)}
    fixed = {at: round(min(max(long, default=4.0), 7.0) * 280) + _BESIDE for at, long in names.items()}
    rest = [at for at in range(count) if at not in fixed]
    return [fixed.get(at, (whole - sum(fixed.values())) // len(rest)) for at in range(count)]


def _list_widths(rows: Sequence[Sequence[str]], count: int, whole: int) -> list[int]:
    """Short columns (days, names) and those that ask for no more than an equal part get what they ask for, the others share
    what is left."""
    asked = [round(max(_longest(row[at]) for row in rows) * 240) + _BESIDE for at in range(count)]
    short = {at for at in range(count) if asked[at] <= _SHORT}
    if sum(asked[at] for at in short) + (count - len(short)) * _LONG <= whole:
        made = {at: asked[at] for at in short}
    else:
        made = {}
    waiting = sorted((at for at in range(count) if at not in made), key=lambda at: asked[at])
    left = whole - sum(made.values())
    while waiting and asked[waiting[0]] <= left / len(waiting):
        at = waiting.pop(0)
        made[at] = asked[at]
        left -= made[at]
    shares = {at: asked[at] ** 0.7 for at in waiting}
    made |= {at: int(left * share / sum(shares.values())) for at, share in shares.items()}
    return [made[at] for at in range(count)]


def _longest(words: str) -> float:
    """The longest line, with the room programs leave between figures and Chinese."""
    return max(width(line) + 0.25 * len(_EDGE.findall(line)) for line in words.split("\n"))
