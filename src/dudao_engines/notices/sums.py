"""Sums of a text recomputed, where the words say that the parts make the total: 其中, brackets, 合计, 普惠 = 公办 + 普惠性民办."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from dudao_engines.notices.facts import Check, CheckKind
from dudao_engines.notices.labels import PERCENT, REACH, Item, check_of, decimal
from dudao_engines.notices.wording import Words

_TOTAL = re.compile(r"(?:共计|合计|总计|共)(?:有|为|达)?$")
# Nothing but the word for a total: 全县共500人 may count more than what stands before it.
_BARE_TOTAL = re.compile(r"[,;、:]?(?:一共|总共|共计|合计|总计|共)(?:有|为|达|计)?")
_ENDS = re.compile(r"[。!?|]")
_WITHIN = re.compile(r"其中|包括|包含|含")
_TAKEN_OFF = re.compile(r"退休|减少|调出|撤并|核减|净|注销|剩余|其余")


def sums(source: Words, items: Sequence[Item]) -> Iterator[Check]:
    for i, total in enumerate(items):
        if total.unit in PERCENT or total.unit is None:
            continue
        parts = _parts_behind(source, items, i)
        if len(parts) >= 2:
            yield _sum(parts, total, opened=True)
            continue
        before = _parts_before(source, items, i)
        if before:
            yield _closed(source, before, total)
            continue
        listed = _listed(source, items, i)
        if len(listed) >= 2:
            yield _sum(listed, total, opened=True)


def _parts_behind(source: Words, items: Sequence[Item], i: int) -> list[Item]:
    """The parts after 其中 or in brackets behind the total."""
    if i + 1 == len(items):
        return []
    total, gap = items[i], source.flat[items[i].end : items[i + 1].start]
    bracket = gap.startswith("(")
    depth = total.depth + bracket
    if not bracket and "其中" not in re.split(r"[。!?|]", gap)[0][:6]:
        return []
    parts: list[Item] = []
    at, added = total.end, Fraction(0)
    for item in items[i + 1 : i + 1 + REACH]:
        between = source.flat[at : item.start]
        if item.depth > depth:
            # In brackets of its own it belongs to the part before it.
            continue
        if parts and _WITHIN.search(source.flat[parts[-1].end : item.start]):
            break
        between = re.sub(r"\([^()]*\)", "", between)
        if (
            item.unit != total.unit
            or re.search(r"[。!?|;]" if not parts else r"[)。!?|;]", between)
            or item.value > total.value
        ):
            break
        if parts and item.label and any(item.label.startswith(p.label) and p.label for p in parts):
            break
        if parts and added == total.value:
            break
        parts.append(item)
        added += item.value
        at = item.end
    return parts


def _parts_before(source: Words, items: Sequence[Item], i: int) -> list[Item]:
    """A 39所, B 21所, 共60所; 公办园… 普惠性民办园… 普惠园…: the total behind its parts."""
    total = items[i]
    summed = _TOTAL.search(re.sub(r"[^一-龥]", "", total.lead)[-8:]) or re.match(r"[,;]?(?:共计|合计|总计)", total.lead)
    if not summed and not total.label.startswith("普惠"):
        return []
    run: list[Item] = []
    follower = total
    for item in reversed(items[max(0, i - REACH) : i]):
        if _ENDS.search(source.flat, item.end, follower.start):
            break
        if item.depth > total.depth:
            continue
        # Behind a total begins a new count.
        if item.unit != total.unit or _BARE_TOTAL.fullmatch(item.lead):
            break
        run.append(item)
        follower = item
    run = [item for item in reversed(run) if not _WITHIN.search(_segment(source, item))]
    if len(run) < 2 or summed:
        return run if len(run) >= 2 else []
    pair = run[-2:]
    if "民办" not in total.label:
        # 普惠性幼儿园 are the public ones and the private ones that agreed to public prices.
        names = [item.label for item in pair]
        if any(n.startswith("公办") for n in names) and any(n.startswith("普惠民办") for n in names):
            return pair
    return []


def _segment(source: Words, item: Item) -> str:
    """The words before a number back to the semicolon or the start of the sentence."""
    words = source.flat[max(0, item.start - 80) : item.start]
    return words[max(map(words.rfind, ";。!?|")) + 1 :]


def _closed(source: Words, run: Sequence[Item], total: Item) -> Check:
    """A total behind its parts. Which numbers before it are parts is told only where nothing else stands there."""
    added = Fraction(0)
    for first in range(len(run) - 1, -1, -1):
        added += run[first].value
        if added == total.value and first < len(run) - 1:
            return _sum(run[first:], total, opened=False)
    larger = [at for at, part in enumerate(run) if part.value > total.value]
    parts = run[larger[-1] + 1 if larger else 0 :]
    if len(parts) < 2:
        parts = run[-2:]
    check = _sum(parts, total, opened=False)
    added = sum((part.value for part in parts), Fraction(0))
    words = source.flat[run[0].start - len(run[0].lead) : total.start]
    certain = (
        _BARE_TOTAL.fullmatch(total.lead)
        and len(parts) == len(run)
        and total.value <= 2 * added
        and added <= 2 * total.value
        and not _TAKEN_OFF.search(words)
        and not _ENDS.search(words)
    ) or total.label.startswith("普惠")
    if check.holds is False and not certain:
        why = f"无法核对：{_added(parts)}={decimal(added)}，文中为{total.figure.value}，可能不是同一范围"
        return check_of(CheckKind.SUM, [*parts, total], None, why)
    return check


def _listed(source: Words, items: Sequence[Item], i: int) -> list[Item]:
    """下列14所: 上半年(6所)…下半年(8所)…: every part in its own brackets."""
    total = items[i]
    if not re.search(r"下列|以下|如下", total.lead[-8:]):
        return []
    listed: list[Item] = []
    for item in items[i + 1 : i + 1 + REACH]:
        bracketed = source.flat[item.start - 1 : item.start] == "(" and source.flat[item.end : item.end + 1] == ")"
        if not bracketed or item.unit != total.unit:
            break
        listed.append(item)
    return listed


def _sum(parts: Sequence[Item], total: Item, *, opened: bool) -> Check:
    result = sum((p.value for p in parts), Fraction(0))
    shown = f"{_added(parts)}={decimal(result)}"
    terms = [*parts, total]
    if result == total.value:
        return check_of(CheckKind.SUM, terms, True, shown)
    doubt = None
    if any(term.rough for term in terms):
        doubt = f"文中为约数{total.figure.value}"
    elif abs(result - total.value) <= sum((term.slack for term in terms), Fraction(0)):
        doubt = f"文中为{total.figure.value}，可能是四舍五入"
    elif opened and not _complete(parts):
        less = result < total.value
        doubt = f"{'不到' if less else '超过'}{total.figure.value}，可能{'只列出其中几项' if less else '有重叠'}"
    if doubt:
        return check_of(CheckKind.SUM, terms, None, f"无法核对：{shown}，{doubt}")
    return check_of(CheckKind.SUM, terms, False, f"{shown}，文中为{total.figure.value}")


def _added(parts: Sequence[Item]) -> str:
    return "+".join(part.figure.value for part in parts)


# One or the other, never both, nothing else. 小学 and 初中 leave 高中 out, 城 and 乡 the towns between.
_PAIRS = (("公办", "民办"), ("男", "女"), ("专职", "兼职"), ("不合格", "合格"))


def _complete(parts: Sequence[Item]) -> bool:
    """Whether the names of the parts leave nothing out: they differ in nothing but such a pair."""
    if len(parts) != 2:
        return False
    a, b = (part.label for part in parts)
    return any(_differ(one, other, pair) for one, other in ((a, b), (b, a)) for pair in _PAIRS)


def _differ(one: str, other: str, pair: tuple[str, str]) -> bool:
    rest = [label.replace(word, "") for label, word in zip((one, other), pair, strict=True)]
    return pair[0] in one and pair[1] in other and (rest[0] == rest[1] or "" in rest)
