"""The duties of one year beside those of another: what is kept, changed, new and gone.

How two duties are matched. First those that say the same, years and numerals aside. Of the rest every two are weighed: the cosine of
their pairs of characters, each pair weighted by how few duties have it (so that 开展…工作 counts little), with a little for standing
under the same heading and at a like place. Two duties with too little in common are never a pair. Among all ways to pair the others one
to one, that of the greatest total weight is taken: the Hungarian method on whole numbers, which is exact and the same on every machine.
A year has some thirty to three hundred duties: that needs no library. rapidfuzz would weigh two strings, but knows neither what is
common in a plan nor how to assign; scipy would bring numpy for forty lines.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum

from dudao_engines.notices.markers import numeral

#: The weight of two duties that say the same, under the same heading at the same place.
WHOLE = 10_000
# Less alike than this in words is another duty, wherever it stands.
_LEAST_WORDS = 2_200
_LEAST = 3_000
_HEADING, _PLACE = 900, 300
# Longer words are compared only up to here; a duty is a sentence.
_MOST = 2_000
# Fewer unchanged characters than this between two changes are shown as changed too: single characters would flicker.
_SHORT = 2

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_COUNTED = re.compile(r"[一二两三四五六七八九十百]{1,5}(?=[次个项所人份支批天日月年期轮名件场遍级类所册篇])")
_TOKEN = re.compile(r"\s*(?:(?<!\d)20\d\d(?!\d)|\d+(?:\.\d+)?|[A-Za-z]+|.)", re.DOTALL)
_DAY = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")


class Change(StrEnum):
    """What of a duty is another than before."""

    WORDS = "words"
    DEADLINE = "deadline"
    LEAD = "lead"
    COOPERATING = "cooperating"
    RECURRENCE = "recurrence"


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty of a year's plan.

    Attributes:
        key: whose it is for the caller; not compared.
        title: what is to be done, as a person put it; ``quote``: the words of the notice, empty where there are none.
        year: the plan's year; years in the words and the deadline count from it.
        section: the heading it stands under; ``position``: its place in the plan, from 0 or 1.
        deadline: ``YYYY-MM-DD``, or words that stand for it. ``lead``, ``recurrence``: words or codes.
        cooperating: names, 、between them.
    """

    key: str
    title: str
    quote: str = ""
    year: int | None = None
    section: str = ""
    position: int = 0
    deadline: str = ""
    lead: str = ""
    cooperating: str = ""
    recurrence: str = ""

    @property
    def words(self) -> str:
        """The words that are laid beside the other year's: those of the notice where there are some."""
        return self.quote or self.title


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words that both years have, or that only this one has."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A duty of both years. ``before_runs`` and ``after_runs`` divide the words of each; ``likeness`` is out of ``WHOLE``."""

    before: Duty
    after: Duty
    likeness: int
    changes: tuple[Change, ...]
    before_runs: tuple[Run, ...]
    after_runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every duty of both years in exactly one group; in the order of this year's plan, ``gone`` in that of last year's."""

    kept: tuple[Pair, ...]
    changed: tuple[Pair, ...]
    new: tuple[Duty, ...]
    gone: tuple[Duty, ...]


def compare(before: Sequence[Duty], after: Sequence[Duty]) -> Comparison:
    """Pair the duties of two years one to one by their words, and say what became of each.

    Args:
        before, after: the duties of each year, in any order; the order does not matter to the result.

    Returns:
        ``kept``: the same words, deadline, lead, cooperating units and recurrence, years counted from the plan's own;
        ``changed``: with what changed and both texts in runs; ``new`` and ``gone``: without a partner.
    """
    old, new = sorted(before, key=_order), sorted(after, key=_order)
    same = _same_words(old, new)
    rest_old = [at for at in range(len(old)) if at not in same]
    taken = set(same.values())
    rest_new = [at for at in range(len(new)) if at not in taken]
    weights = _weights(old, new, rest_old, rest_new)
    pairs = [(old[a], new[b], WHOLE) for a, b in same.items()]
    pairs += [(old[a], new[b], weights[a][b]) for a, b in _assign(weights).items()]
    laid = sorted((_pair(a, b, weight) for a, b, weight in pairs), key=lambda pair: _order(pair.after))
    paired_old, paired_new = {id(a) for a, _, _ in pairs}, {id(b) for _, b, _ in pairs}
    return Comparison(
        kept=tuple(pair for pair in laid if not pair.changes),
        changed=tuple(pair for pair in laid if pair.changes),
        new=tuple(duty for duty in new if id(duty) not in paired_new),
        gone=tuple(duty for duty in old if id(duty) not in paired_old),
    )


def _order(duty: Duty) -> tuple[int, str, str, str]:
    return duty.position, duty.key, duty.title, duty.quote


def _folded(text: str, year: int | None) -> str:
    """Words in one form: full-width characters, blanks, punctuation, numerals, and years counted from the plan's own."""
    text = unicodedata.normalize("NFKC", text[:_MOST])
    text = _COUNTED.sub(lambda found: str(numeral(found[0]) or found[0]), text)
    text = _YEAR.sub(lambda found: _counted_year(found[1], year), text)
    return "".join(char for char in text if unicodedata.category(char)[0] not in "PZC")


def _counted_year(said: str, year: int | None) -> str:
    # A private-use character stands for "year", so that no digit beside it is taken for a part of it.
    return "\ue000" if year is None else f"\ue000{int(said) - year:+d}\ue001"


def _whole(duty: Duty) -> str:
    """What a duty is matched by: its words, and the title where that says something else."""
    words, title = _folded(duty.words, duty.year), _folded(duty.title, duty.year)
    return words if title in words else title + words


def _same_words(old: Sequence[Duty], new: Sequence[Duty]) -> dict[int, int]:
    """Places of duties that say the same; of several the one under the same heading first, then in order."""
    found: dict[int, int] = {}
    for with_section in (True, False):
        there: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, duty in enumerate(new):
            if at not in found.values():
                there[_whole(duty), _folded(duty.section, duty.year) if with_section else ""].append(at)
        for at, duty in enumerate(old):
            waiting = there[_whole(duty), _folded(duty.section, duty.year) if with_section else ""]
            if at not in found and waiting:
                found[at] = waiting.pop(0)
    return found


def _weights(
    old: Sequence[Duty], new: Sequence[Duty], rest_old: Sequence[int], rest_new: Sequence[int]
) -> dict[int, dict[int, int]]:
    """How alike two duties are, by their places; only those that may be a pair."""
    grams_old = [_grams(_whole(duty)) for duty in old]
    grams_new = [_grams(_whole(duty)) for duty in new]
    spread = Counter(gram for grams in (*grams_old, *grams_new) for gram in grams)
    total = len(old) + len(new)
    rarity = {gram: math.log(1 + total / held) for gram, held in spread.items()}
    vectors_old = {at: _vector(grams_old[at], rarity) for at in rest_old}
    vectors_new = {at: _vector(grams_new[at], rarity) for at in rest_new}
    holders: dict[str, list[int]] = defaultdict(list)
    for at in rest_new:
        for gram in vectors_new[at]:
            holders[gram].append(at)
    weights: dict[int, dict[int, int]] = {}
    for a in rest_old:
        near: dict[int, float] = defaultdict(float)
        for gram, value in vectors_old[a].items():
            for b in holders[gram]:
                near[b] += value * vectors_new[b][gram]
        row = {}
        for b, cosine in sorted(near.items()):
            words = round(cosine * (WHOLE - _HEADING - _PLACE))
            weight = words + _beside(old[a], new[b], a / max(len(old), 1), b / max(len(new), 1))
            if words >= _LEAST_WORDS and weight >= _LEAST:
                row[b] = weight
        if row:
            weights[a] = row
    return weights


def _grams(words: str) -> Counter[str]:
    """Pairs of characters that stand side by side, with the ends; a single one for one character."""
    framed = f"\ue002{words}\ue003"
    return Counter(framed[at : at + 2] for at in range(len(framed) - 1))


def _vector(grams: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """The weighted pairs of characters at length one, in one order, so that sums come out alike everywhere."""
    raw = {gram: math.sqrt(grams[gram]) * rarity[gram] for gram in sorted(grams)}
    length = math.sqrt(math.fsum(value * value for value in raw.values()))
    return {gram: value / length for gram, value in raw.items()}


def _beside(old: Duty, new: Duty, at_old: float, at_new: float) -> int:
    """What the same heading and a like place add."""
    heading = 0
    if old.section and new.section:
        one, other = _folded(old.section, old.year), _folded(new.section, new.year)
        heading = (
            round(_HEADING * SequenceMatcher(None, one, other, autojunk=False).ratio()) if one != other else _HEADING
        )
    return heading + round(_PLACE * (1 - abs(at_old - at_new)))


def _assign(weights: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
    """The pairing of the greatest total weight. What cannot be a pair in any way is looked at apart, group by group."""
    found: dict[int, int] = {}
    for rows in _groups(weights):
        columns = sorted({b for a in rows for b in weights[a]})
        best = _hungarian([[weights[a].get(b, 0) for b in columns] for a in rows])
        found |= {a: columns[j] for a, j in zip(rows, best, strict=True) if j is not None and columns[j] in weights[a]}
    return found


def _groups(weights: Mapping[int, Mapping[int, int]]) -> Iterator[list[int]]:
    """Rows that share a column, directly or through others."""
    holders: dict[int, list[int]] = defaultdict(list)
    for a, row in weights.items():
        for b in row:
            holders[b].append(a)
    left = set(weights)
    for first in sorted(weights):
        if first not in left:
            continue
        group, queue = [], [first]
        left.discard(first)
        while queue:
            a = queue.pop()
            group.append(a)
            near = sorted({other for b in weights[a] for other in holders[b]} & left)
            left -= set(near)
            queue += near
        yield sorted(group)


def _hungarian(weights: Sequence[Sequence[int]]) -> list[int | None]:
    """For each row the column of the assignment with the greatest sum, or ``None``; O(rows² · columns), whole numbers.

    Kuhn–Munkres with potentials, row by row (the shortest augmenting path form of Jonker and Volgenant).
    """
    rows, columns = len(weights), max(len(weights), len(weights[0]))
    cost = [[-value for value in row] + [0] * (columns - len(row)) for row in weights]
    row_price, column_price = [0] * (rows + 1), [0] * (columns + 1)
    owner, way = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0], at = row, 0
        least = [math.inf] * (columns + 1)
        done = [False] * (columns + 1)
        while owner[at]:
            done[at] = True
            here, step, to = owner[at], math.inf, 0
            for column in range(1, columns + 1):
                if done[column]:
                    continue
                price = cost[here - 1][column - 1] - row_price[here] - column_price[column]
                if price < least[column]:
                    least[column], way[column] = price, at
                if least[column] < step:
                    step, to = least[column], column
            for column in range(columns + 1):
                if done[column]:
                    row_price[owner[column]] += int(step)
                    column_price[column] -= int(step)
                else:
                    least[column] -= step
            at = to
        while at:
            owner[at], at = owner[way[at]], way[at]
    held: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        if owner[column] and column <= len(weights[0]):
            held[owner[column] - 1] = column - 1
    return held


def _pair(before: Duty, after: Duty, likeness: int) -> Pair:
    changes = []
    if _folded(before.words, before.year) != _folded(after.words, after.year):
        changes.append(Change.WORDS)
    if _day(before) != _day(after):
        changes.append(Change.DEADLINE)
    if _folded(before.lead, before.year) != _folded(after.lead, after.year):
        changes.append(Change.LEAD)
    if _names(before.cooperating) != _names(after.cooperating):
        changes.append(Change.COOPERATING)
    if _folded(before.recurrence, before.year) != _folded(after.recurrence, after.year):
        changes.append(Change.RECURRENCE)
    if Change.WORDS in changes:
        runs = _runs(before, after)
    else:
        runs = (Run(before.words, False),), (Run(after.words, False),)
    return Pair(before, after, likeness, tuple(changes), *runs)


def _day(duty: Duty) -> str:
    """A deadline counted from the plan's year; the last day of February is one in every year."""
    said = _DAY.fullmatch(duty.deadline)
    if not said:
        return _folded(duty.deadline, duty.year)
    day = "end" if said[2] == "02" and said[3] in ("28", "29") else said[3]
    return f"{_counted_year(said[1], duty.year)}{said[2]}{day}"


def _names(words: str) -> frozenset[str]:
    return frozenset(name.strip() for name in re.split(r"[、，,;；\s]+", words) if name.strip())


def _runs(before: Duty, after: Duty) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """The words of both in runs. Punctuation and years that only differ in form are no change."""
    old, new = _tokens(before), _tokens(after)
    matcher = SequenceMatcher(None, [said for _, said in old], [said for _, said in new], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if _tells(new[block.b : block.b + block.size])]
    blocks.append(Match(len(old), len(new), 0))
    runs_old: list[Run] = []
    runs_new: list[Run] = []
    a = b = 0
    for block in blocks:
        for runs, tokens, start, middle, end in (
            (runs_old, old, a, block.a, block.a + block.size),
            (runs_new, new, b, block.b, block.b + block.size),
        ):
            for text, is_changed in ((_text(tokens[start:middle]), True), (_text(tokens[middle:end]), False)):
                if text:
                    runs.append(Run(text, is_changed))
        a, b = block.a + block.size, block.b + block.size
    return tuple(runs_old), tuple(runs_new)


def _tells(tokens: Sequence[tuple[str, str]]) -> bool:
    """Whether a run that both have is long enough to be shown as such."""
    return sum(bool(said) for _, said in tokens) >= _SHORT


def _tokens(duty: Duty) -> list[tuple[str, str]]:
    """The words cut into years, numbers, Latin words and single characters: as printed, and as compared."""
    text = duty.words
    head = [(found[0], _folded(found[0], duty.year)) for found in _TOKEN.finditer(text[:_MOST])]
    return [*head, (text[_MOST:], _folded(text[_MOST:], duty.year))] if text[_MOST:] else head


def _text(tokens: Sequence[tuple[str, str]]) -> str:
    return "".join(text for text, _ in tokens)
