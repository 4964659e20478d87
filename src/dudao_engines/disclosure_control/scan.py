"""Everything in a text that must be looked at before it is published."""

import re
from collections.abc import Iterable

from dudao_engines.disclosure_control import figures, grids, people
from dudao_engines.disclosure_control.model import Hit, Kind

# The smaller kind of two that lie over one another stands for both.
_ORDER = {kind: at for at, kind in enumerate(Kind)}
_FEW = re.compile(
    "(?<![0-9.．,，第〔（(一二三四五六七八九十百千万余多几数])(?P<number>[1-4１-４]|[一二两三四])"
    "(?P<unit>\\s*(?:名|位(?!小数|年|流水|数))(?=[\u4e00-\u9fff])|\\s*人(?![一次均民员为数份才口们大常])|\\s*个(?:学生|孩子|儿童|幼儿|人(?!信息)))"
)
# 一人一案, 一人一策, 每一名: ways of speaking, no counts.
_SPOKEN = re.compile("一人一|一名名|每一[名位]|任何一[名位]|第一[名位]|一位一|同一人|专一人")


def find(
    text: str, *, names: Iterable[str] = (), minors: Iterable[str] = (), units: Iterable[str] = ()
) -> tuple[Hit, ...]:
    """What a text says of people, in the order of its places; none lies over another.

    Args:
        text: structured text (tables as lines of ``| a | b |``) or any other.
        names: of the people known to the house; ``minors``: of known minors.
        units: names of units; a name inside one of them is no hit.

    Source: 个人信息保护法 25 (no publication of personal information), 未成年人保护法 103, 公开输出不含任何未成年人姓名 and counts
    below 5 with complementary suppression (DESIGN). What it does not find may still be there: a person reads the text too.
    """
    found = [
        *figures.find(text),
        *people.find(text, names=names, minors=minors, units=units),
        *grids.find(text),
        *_few(text),
    ]
    found.sort(key=lambda hit: (_ORDER[hit.kind], hit.start, hit.start - hit.end))
    kept: list[Hit] = []
    for hit in found:
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda hit: (hit.start, hit.end)))


def _few(text: str) -> Iterable[Hit]:
    tables = grids.spans(text)
    for found in _FEW.finditer(text):
        around = text[max(found.start() - 2, 0) : found.end() + 2]
        if _SPOKEN.search(around) or any(a <= found.start() < b for a, b in tables):
            continue
        mask = f"不足5{found['unit'].strip()}"
        yield Hit(Kind.SMALL_COUNT, found.start(), found.end(), found[0], mask, True)
