"""Numbers of a text recomputed from each other: sums, shares, growth. Only where the words say how they hang together.

Exact fractions; a result is rounded half up to the digits the text prints.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from dudao_engines.notices.facts import Check, CheckKind, Figure, FigureKind
from dudao_engines.notices.figures import figures_in
from dudao_engines.notices.labels import PERCENT, REACH, Item, check_of, decimal, half_up, items_of, named
from dudao_engines.notices.lines import split_lines
from dudao_engines.notices.model import Span
from dudao_engines.notices.sums import sums
from dudao_engines.notices.times import times_in
from dudao_engines.notices.wording import Words

_RATE = re.compile(r"(?:占比|比例|比重|覆盖率|率)$")
_UP = re.compile(r"(?:增长|增加|上升|提高|提升|增幅为?|扩大)(?:了|约)?$")
_DOWN = re.compile(r"(?:下降|减少|降低|降幅为?|压减)(?:了|约)?$")
_FROM_TO = re.compile(r"^[^,。;]{0,4}?(?:增加|增长|提高|上升|提升|扩大|发展|下降|减少|降低|降|调整)?[到至为]")
_GOAL = re.compile(r"力争|争取|确保|达到|提高到|提升到|提高至|提升至|[由从][^,。;]{0,14}$")
# Rates whose whole is never in a notice, with what would be needed.
# 占教师总数的60%, 占全部班级的3.5%: the whole is named.
_OF = re.compile(
    r"占(?:全[县市区镇乡校]|全部|本[县市区]|同期)?([\u4e00-\u9fff]{2,10}?)(?:总数|总量|总人数|人数|数)?的$"
)
# Growth over another base than the number before.
_OTHER_BASE = re.compile(
    r"可比价|不变价|实际增长|年均|平均|累计|[较比与]\d{4}年|[两三四五]年[来间]|计划|预算|目标|全[区市省国]"
)
_MOST_PARTS = 8
_NEEDS = (
    ("毛入园率", "适龄人口未公布"), ("毛入学率", "适龄人口未公布"), ("净入学率", "适龄人口未公布"), ("入学率", "适龄人口未公布"),
    ("巩固率", "入学时的学生数未公布"), ("安置率", "适龄残疾儿童少年数未公布"),
)  # fmt: skip


def checks_in(text: str, body_spans: Sequence[Span], figures: Sequence[Figure]) -> tuple[Check, ...]:
    """Recompute the figures of one point (or paragraph) from each other.

    Args:
        text: the notice as handed in.
        body_spans: the words the figures stand in; relations do not reach beyond them.
        figures: ``figures_in`` of the same words.

    Returns:
        Sums, shares and growth that the words support (其中, brackets, 公办…民办…, 占比, 覆盖率, 增长), each holding or not;
        and for a present rate whose terms the text does not give, ``holds`` None with the reason.
    """
    source = Words(text, body_spans, half=True)
    items = items_of(source, figures)
    return (*sums(source, items), *_shares(source, items), *_growths(source, items))


def check_text(text: str) -> tuple[Check, ...]:
    """The same for any text the office writes, paragraph by paragraph.

    Args:
        text: any characters; a hard line wrap inside a sentence does not end a paragraph.

    Returns:
        All checks in order; spans refer to ``text``.
    """
    found: list[Check] = []
    for body in _paragraphs(text):
        times = times_in(text, body, issued=None, year=None)
        found += checks_in(text, body, figures_in(text, body, times))
    return tuple(found)


def _paragraphs(text: str) -> Iterator[tuple[Span, ...]]:
    held: list[Span] = []
    for line in split_lines(text):
        if not line.blank:
            held.append(line.ink)
        if held and (line.blank or line.closed):
            yield tuple(held)
            held = []
    if held:
        yield tuple(held)


def _shares(source: Words, items: Sequence[Item]) -> Iterator[Check]:
    respective: dict[int, Check | None] = {}
    for i, rate in enumerate(items):
        if i in respective:
            if check := respective[i]:
                yield check
            continue
        if run := _respective(source, items, i):
            respective |= run
            if check := run[i]:
                yield check
            continue
        if rate.unit not in PERCENT or rate.figure.bound or _GOAL.search(rate.lead[-24:]):
            continue
        label = rate.label
        if not _RATE.search(label) and not re.search(r"占", label):
            continue
        reason = next((why for name, why in _NEEDS if label.endswith(name)), None)
        terms = [] if reason else list(_parts_and_wholes(source, items, i))
        checks = [(_share(part, whole, rate), certain) for part, whole, certain in terms]
        told = next((check for check, _ in checks if check.holds), None) or next(
            (check for check, certain in checks if certain), None
        )
        if told is not None:
            yield told
        elif rate.figure.kind is FigureKind.PRESENT or checks:
            why = "文中的分子和分母不能确定" if checks else "文中没有可对应的分子和分母"
            yield check_of(CheckKind.SHARE, [rate], None, f"无法核对：{reason or why}")


def _respective(source: Words, items: Sequence[Item], i: int) -> dict[int, Check | None]:
    """甲10所、乙25所、丙15所, 分别占20%、50%、30%: each rate belongs to the part in its place."""
    if items[i].unit not in PERCENT or not re.search(r"分别占(?:总数的|全部的|比)?(?:为|约)?$", items[i].lead):
        return {}
    last = i
    while (
        last + 1 < len(items)
        and items[last + 1].unit in PERCENT
        and re.fullmatch(r"[、,]|和|及|以及", source.flat[items[last].end : items[last + 1].start])
    ):
        last += 1
    count = last - i + 1
    parts = items[max(0, i - count) : i]
    whole = items[i - count - 1] if i > count else None
    joined = whole and not re.search(r"[。;!?|]", source.flat[whole.start : items[i].start])
    if count < 2 or whole is None or not joined or any(part.unit != whole.unit for part in parts):
        return dict.fromkeys(range(i, last + 1))
    certain = sum((part.value for part in parts), Fraction(0)) == whole.value
    checks = [_share(part, whole, rate) for part, rate in zip(parts, items[i : last + 1], strict=True)]
    return {i + at: check if check.holds or certain else None for at, check in enumerate(checks)}


def _parts_and_wholes(source: Words, items: Sequence[Item], i: int) -> Iterator[tuple[Item, Item, bool]]:
    """What a rate may be the share of, the likeliest first, and whether the words leave no other."""
    rate = items[i]
    of = _OF.search(source.flat[max(0, rate.start - 24) : rate.start])
    subject = "" if of else _subject(rate.label)
    others = [
        item for item in items[max(0, i - REACH) : i + REACH] if item.unit not in (*PERCENT, None, "个百分点", "百分点")
    ]
    if not subject:
        before = [o for o in others if o.end <= rate.start][-1:]
        parts = [
            o
            for o in before
            if re.fullmatch(
                r"[,(]?(?:约|所)?占(?:比|总数的?|全[县市区]的?)?(?:为|达)?", source.flat[o.end : rate.start]
            )
            or (of and re.fullmatch(r"[,(]?(?:约|所)?" + re.escape(of[0]), source.flat[o.end : rate.start]))
        ]
    else:
        parts = [item for item in others if item.label and _same(item.label, subject)]
    if not parts and rate.label.endswith("率"):
        # 应到62人,实到60人,到会率…
        parts = [o for o in others if o.label.startswith("实") and o.end <= rate.start][-1:]
    parts.sort(key=lambda p: (p.label != subject, "覆盖" in rate.label and p.unit != "人", abs(p.start - rate.start)))
    for part in parts[:_MOST_PARTS]:
        if of:
            wholes = [o for o in others if o is not part and o.unit == part.unit and o.label == named(of[1])]
            yield from ((part, whole, len(wholes) == 1) for whole in wholes[:_MOST_PARTS])
            continue
        whole = _whole(source, others, part, rate)
        if whole is not None:
            same = [p for p in parts if p.value != part.value]
            exact = not subject or part.label in (subject, f"实{subject}")
            only = not any(other.label == part.label for other in same) if exact else not same
            yield part, whole, only and (exact or part.label.startswith(subject))


def _subject(label: str) -> str:
    """What a rate is about: 公办园在园幼儿占比 → 公办园幼儿, 销号率 → 销号."""
    stem = re.sub(r"(?:所占|占总数的?|占全[县市区]的?|占)?(?:占比|比例|比重|覆盖率|率)?$", "", label)
    return named(re.split(r"占", stem)[0].removesuffix("的"))


def _same(label: str, subject: str) -> bool:
    if not subject or _denied(label, subject):
        return False
    return label == subject or label.startswith(subject) or label.endswith(subject) or f"实{subject}" == label


def _denied(label: str, of: str) -> bool:
    """不合格 is no 合格."""
    return label.endswith(of) and label.removesuffix(of).endswith(("不", "未", "非", "无"))


def _whole(source: Words, others: Sequence[Item], part: Item, rate: Item) -> Item | None:
    """The total a part belongs to: the same things without the distinguishing word, or what 其中 hangs on."""
    same = [o for o in others if o is not part and o.unit == part.unit and o.value >= part.value]
    among = re.match(r"(.{2,8})中(?=.)", part.label)
    if among:
        # 专任教师中女教师1920人: the whole is named before the part.
        return next((o for o in reversed(same) if o.label == among[1]), None)
    named = [
        o
        for o in same
        if o.label and o.label != part.label and part.label.endswith(o.label) and not _denied(part.label, o.label)
    ]
    if named:
        return max(named, key=lambda o: o.start if o.start < part.start else -o.start)
    before = [o for o in same if o.end <= part.start and not re.search(r"[。;!?|]", source.flat[o.end : part.start])]
    if not before:
        return None
    hung = [o for o in before if re.match(r"[,;:(]{0,2}其中|\(", source.flat[o.end : o.end + 3])]
    if hung:
        return hung[-1]
    near = before[-1]
    expected = near.label.startswith("应") and part.label.startswith("实")
    joined = source.flat[near.end : part.start]
    found = re.match(
        r"(?:[^,。]{0,8}?(?:共|累计))?(?:(?:排查|检查|督查|梳理)?(?:出|发现)?(?:问题|隐患)|发现|排查|受理|收到|交办|转办|下发|发放|应)",
        near.label,
    ) and rate.label.endswith("率")
    return near if expected or found or not re.search(r"[,。;:、]", joined) else None


def _share(part: Item, whole: Item, rate: Item) -> Check:
    terms = [part, whole, rate]
    if whole.value == 0:
        return check_of(CheckKind.SHARE, terms, None, "无法核对：分母为零")
    digits = _digits(rate.figure.value)
    result = half_up(part.value * 100 / whole.value, digits)
    shown = f"{part.figure.value}÷{whole.figure.value}={decimal(result, digits)}%"
    holds = result == rate.value
    if not holds and (doubt := _doubt(terms, _share_of(part, whole, rate))):
        return check_of(CheckKind.SHARE, terms, None, f"无法核对：{shown}，文中为{rate.figure.value}%，{doubt}")
    return check_of(CheckKind.SHARE, terms, holds, shown if holds else f"{shown}，文中为{rate.figure.value}%")


def _share_of(part: Item, whole: Item, rate: Item) -> bool:
    """Whether the printed rate can be right when its terms are rounded."""
    reach = _reach(rate)
    low = (part.value - part.slack) * 100 / (whole.value + whole.slack)
    high = (part.value + part.slack) * 100 / max(whole.value - whole.slack, Fraction(1, 10**9))
    return low - reach <= rate.value <= high + reach


def _reach(rate: Item) -> Fraction:
    return Fraction(1, 2 * 10 ** _digits(rate.figure.value))


def _doubt(terms: Sequence[Item], possible: bool) -> str | None:
    """Why a result that differs is not called wrong."""
    if any(term.rough for term in terms):
        return "文中有约数"
    return "文中的数可能是四舍五入后的" if possible and any(term.slack for term in terms[:2]) else None


def _growths(source: Words, items: Sequence[Item]) -> Iterator[Check]:
    for i, change in enumerate(items):
        words = source.flat[max(0, change.start - 8) : change.start]
        sign = 1 if _UP.search(words) else -1 if _DOWN.search(words) else 0
        if not sign or change.figure.bound:
            continue
        pair = _before_and_after(source, items, i)
        if pair and (other := _OTHER_BASE.search(source.flat[pair[1].end : change.start])):
            why = f"无法核对：“{other[0]}”的基数不能确定"
            yield check_of(CheckKind.GROWTH, [change], None, why)
        elif pair:
            yield _growth(*pair, change, sign)
        elif re.search(r"同比|比上年|比去年|较上年|较去年|环比", change.lead):
            yield check_of(CheckKind.GROWTH, [change], None, "无法核对：上年数未公布")


def _before_and_after(source: Words, items: Sequence[Item], i: int) -> tuple[Item, Item] | None:
    """由A增加到B, 增长P%: the two figures right before the change in its sentence."""
    if i < 2:
        return None
    first, second, change = items[i - 2], items[i - 1], items[i]
    between = source.flat[first.end : second.start]
    if first.unit != second.unit or re.search(r"[。!?|]", source.flat[first.start : change.start]):
        return None
    told = re.search(r"[由从][^,。;]{0,14}$", first.lead) and _FROM_TO.match(between)
    if not told and second.label in ("", first.label):
        told = re.search(r"\d{4}年|去年|上年", first.lead) and re.search(r"\d{4}年|今年", second.lead)
    return (first, second) if told else None


def _growth(first: Item, second: Item, change: Item, sign: int) -> Check:
    terms = [first, second, change]
    digits = _digits(change.figure.value)
    rise = sign * (second.value - first.value)
    # 由50%提高到55%，增长10%: people also mean the points.
    points = first.unit == "%" and rise == change.value
    if change.unit == "%" and not points:
        if first.value == 0:
            return check_of(CheckKind.GROWTH, terms, None, "无法核对：基数为零")
        result = half_up(rise * 100 / first.value, digits)
        shown = f"({second.figure.value}-{first.figure.value})÷{first.figure.value}={decimal(sign * result, digits)}%"
    elif change.unit in (first.unit, "个百分点", "百分点"):
        result = rise
        shown = f"{second.figure.value}-{first.figure.value}={decimal(sign * result)}"
    else:
        return check_of(CheckKind.GROWTH, terms, None, "无法核对：单位不同")
    holds = result == change.value
    if not holds and (doubt := _doubt(terms, _growth_of(first, second, change, sign))):
        return check_of(CheckKind.GROWTH, terms, None, f"无法核对：{shown}，文中为{change.figure.value}，{doubt}")
    return check_of(CheckKind.GROWTH, terms, holds, shown if holds else f"{shown}，文中为{change.figure.value}")


def _growth_of(first: Item, second: Item, change: Item, sign: int) -> bool:
    """Whether the printed growth can be right when its terms are rounded."""
    rises = [sign * (second.value + b * second.slack - first.value - a * first.slack) for a in (-1, 1) for b in (-1, 1)]
    reach = _reach(change)
    if change.unit != "%" or first.unit == "%":
        reach = max(reach, change.slack)
        return min(rises) - reach <= change.value <= max(rises) + reach
    bases = [first.value - first.slack, first.value + first.slack]
    rates = [rise * 100 / base for rise in rises for base in bases if base > 0]
    return bool(rates) and min(rates) - reach <= change.value <= max(rates) + reach


def _digits(value: str) -> int:
    return len(value.partition(".")[2])
