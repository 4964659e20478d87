"""Sums of a text recomputed, where the words say that the parts make the total: 其中, brackets, 合计, 普惠 = 公办 + 普惠性民办."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from dudao_engines.notices.facts import Check, CheckKind
from dudao_engines.notices.labels import PERCENT, REACH, Item, check_of, decimal
from dudao_engines.notices.passage import Passage

_TOTAL = re.compile(r"(?:共计|合计|总计|共)(?:有|为|达)?$")


def sums(source: Passage, items: Sequence[Item]) -> Iterator[Check]:
    for i, total in enumerate(items):
        if total.unit in PERCENT or total.unit is None:
            continue
        parts = _parts_behind(source, items, i)
        if len(parts) >= 2:
            yield _sum(parts, total, opened=True)
            continue
        before = _parts_before(source, items, i)
        if before:
            yield _sum(before, total, opened=False)
            continue
        listed = _listed(source, items, i)
        if len(listed) >= 2:
            yield _sum(listed, total, opened=True)


def _parts_behind(source: Passage, items: Sequence[Item], i: int) -> list[Item]:
    """The parts after 其中 or in brackets behind the total."""
    if i + 1 == len(items):
        return []
    total, gap = items[i], source.words[items[i].end : items[i + 1].start]
    bracket = gap.startswith("(")
    if not bracket and "其中" not in re.split(r"[。!?|]", gap)[0][:6]:
        return []
    parts: list[Item] = []
    at, added = total.end, Fraction(0)
    for item in items[i + 1 : i + 1 + REACH]:
        between = source.words[at : item.start]
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


def _parts_before(source: Passage, items: Sequence[Item], i: int) -> list[Item]:
    """A 39所, B 21所, 共60所; 公办园… 普惠性民办园… 普惠园…: the total behind its parts."""
    total = items[i]
    run: list[Item] = []
    for item in reversed(items[max(0, i - REACH) : i]):
        follower = run[0] if run else total
        if item.unit != total.unit or re.search(r"[。!?|]", source.words[item.end : follower.start]):
            break
        run.insert(0, item)
    if len(run) < 2:
        return []
    if _TOTAL.search(re.sub(r"[^一-龥]", "", total.lead)[-8:]) or re.match(r"[,;]?(?:共计|合计|总计)", total.lead):
        return run
    pair = run[-2:]
    if total.label.startswith("普惠") and "民办" not in total.label:
        # 普惠性幼儿园 are the public ones and the private ones that agreed to public prices.
        names = [item.label for item in pair]
        if any(n.startswith("公办") for n in names) and any(n.startswith("普惠民办") for n in names):
            return pair
    return []


def _listed(source: Passage, items: Sequence[Item], i: int) -> list[Item]:
    """下列14所: 上半年(6所)…下半年(8所)…: every part in its own brackets."""
    total = items[i]
    if not re.search(r"下列|以下|如下", total.lead[-8:]):
        return []
    listed: list[Item] = []
    for item in items[i + 1 : i + 1 + REACH]:
        bracketed = source.words[item.start - 1 : item.start] == "(" and source.words[item.end : item.end + 1] == ")"
        if not bracketed or item.unit != total.unit:
            break
        listed.append(item)
    return listed


def _sum(parts: Sequence[Item], total: Item, *, opened: bool) -> Check:
    result = sum((p.value for p in parts), Fraction(0))
    shown = "+".join(p.figure.value for p in parts)
    terms = [*parts, total]
    if result == total.value:
        return check_of(CheckKind.SUM, terms, True, f"{shown}={total.figure.value}")
    if opened and result < total.value and not _complete(parts):
        return check_of(
            CheckKind.SUM,
            terms,
            None,
            f"无法核对：{shown}={decimal(result)}，不到{total.figure.value}，可能只列出其中几项",
        )
    return check_of(CheckKind.SUM, terms, False, f"{shown}={decimal(result)}，文中为{total.figure.value}")


_PAIRS = (
    ("公办", "民办"),
    ("男", "女"),
    ("专职", "兼职"),
    ("城", "乡"),
    ("城", "农村"),
    ("小学", "初中"),
    ("县城", "乡镇"),
    ("合格", "不合格"),
)


def _complete(parts: Sequence[Item]) -> bool:
    """Whether the names of the parts leave nothing out."""
    if len(parts) != 2:
        return False
    a, b = (p.label for p in parts)
    return any((x in a and y in b) or (x in b and y in a) for x, y in _PAIRS)
