"""How near a reading comes to what a careful reader wrote down: precision, recall and F1 per field.

Sections and points are matched in order; duties inside matched points when their quotes share at least half of the
shorter one; units, limits and recurrences only on matched duties; figures by value, unit and kind; checks by their
numbers and whether they hold. Full-width equals half-width; a month or a year stands for its last day.
"""

import calendar
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

FIELDS = "sections points actions lead cooperating deadline recurrence figures checks".split()


@dataclass
class Tally:
    """How many are right, were written down, were read."""

    right: int = 0
    wanted: int = 0
    read: int = 0

    def add(self, right: int, wanted: int, read: int) -> None:
        self.right, self.wanted, self.read = self.right + right, self.wanted + wanted, self.read + read

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.wanted + self.read) if self.wanted + self.read else 1.0


@dataclass
class _Place:
    """A point or a duty with its place in the text."""

    said: dict[str, Any]
    span: tuple[int, int]
    section: int = 0
    actions: list["_Place"] = field(default_factory=list)


def folded(words: object) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", "" if words is None else str(words)))


def score(readings: Iterable[tuple[str, dict[str, Any], dict[str, Any]]]) -> dict[str, Tally]:
    """The tally of each field over some texts, each with what was written down and what was read."""
    tallies = {name: Tally() for name in FIELDS}
    for text, gold, ours in readings:
        _compare(tallies, text, gold, ours)
    return tallies


def _compare(tallies: dict[str, Tally], text: str, gold: dict[str, Any], ours: dict[str, Any]) -> None:
    headings = [[(folded(s["no"]), folded(s["heading"])) for s in notice["sections"]] for notice in (gold, ours)]
    same = _in_order(headings[0], headings[1], _same_section)
    tallies["sections"].add(len(same), len(headings[0]), len(headings[1]))
    theirs, mine = _points(text, gold), _points(text, ours)

    def weight(a: _Place, b: _Place) -> int:
        numbered = a.said["no"] and folded(a.said["no"]) == folded(b.said["no"])
        return 2 if _overlap(a.span, b.span) else int(bool(numbered) and (a.section, b.section) in same)

    points = [(theirs[i], mine[j]) for i, j in _in_order(theirs, mine, weight)]
    tallies["points"].add(len(points), len(theirs), len(mine))
    figures = sum((_figures(a) & _figures(b)).total() for a, b in points)
    tallies["figures"].add(figures, *(sum(len(p.said["figures"]) for p in side) for side in (theirs, mine)))
    pairs = [pair for a, b in points for pair in _duties(a.actions, b.actions)]
    tallies["actions"].add(len(pairs), *(sum(len(p.actions) for p in side) for side in (theirs, mine)))
    for a, b in pairs:
        for name in ("lead", "cooperating"):
            units = [set(map(folded, action.said[name])) for action in (a, b)]
            tallies[name].add(len(units[0] & units[1]), len(units[0]), len(units[1]))
        for name, equal in (("deadline", _same_limit), ("recurrence", _same_rule)):
            one, two = a.said[name], b.said[name]
            tallies[name].add(bool(one and two and equal(one, two)), bool(one), bool(two))
    checks = [{(frozenset(map(folded, c["quotes"])), c["holds"]) for c in notice["checks"]} for notice in (gold, ours)]
    tallies["checks"].add(len(checks[0] & checks[1]), len(checks[0]), len(checks[1]))


def _points(text: str, notice: dict[str, Any]) -> list[_Place]:
    places: list[_Place] = []
    at = 0
    for number, section in enumerate(notice["sections"]):
        for point in section["points"]:
            span = _locate(text, point["quote_start"], at, len(text))
            at = max(at, span[0])
            places.append(_Place(point, span, number))
    for place, end in zip(places, [p.span[0] for p in places[1:]] + [len(text)], strict=True):
        seen: dict[str, int] = {}
        for action in place.said["actions"]:
            span = _locate(text, action["quote"], seen.get(action["quote"], place.span[0]), end)
            seen[action["quote"]] = max(span[1], place.span[0])
            place.actions.append(_Place(action, span))
    return places


def _locate(text: str, quote: str, start: int, end: int) -> tuple[int, int]:
    found = [at for at in (text.find(quote, start, end), text.rfind(quote, 0, start), text.find(quote, end)) if at >= 0]
    return (found[0], found[0] + len(quote)) if quote and found else (0, 0)


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _in_order(gold: Sequence[Any], ours: Sequence[Any], weight: Callable[[Any, Any], int]) -> set[tuple[int, int]]:
    """The pairs, in order on both sides, with the greatest weight in all."""
    best: list[list[tuple[int, tuple[tuple[int, int], ...]]]] = [[(0, ())] * (len(ours) + 1)]
    for i, one in enumerate(gold):
        best.append([(0, ())])
        for j, two in enumerate(ours):
            w = weight(one, two)
            joined = (best[i][j][0] + w, (*best[i][j][1], (i, j))) if w else (0, ())
            best[-1].append(max(best[i][j + 1], best[-1][j], joined, key=lambda b: b[0]))
    return set(best[-1][-1][1])


def _same_section(a: tuple[str, str], b: tuple[str, str]) -> int:
    if a[1] == b[1]:
        return 2
    return int(bool(a[0] and a[0] == b[0] and a[1] and b[1]) and (a[1].startswith(b[1]) or b[1].startswith(a[1])))


def _duties(gold: list[_Place], ours: list[_Place]) -> list[tuple[_Place, _Place]]:
    shared = [
        (-_overlap(a.span, b.span), abs(a.span[0] - b.span[0]), i, j)
        for i, a in enumerate(gold)
        for j, b in enumerate(ours)
        if 2 * _overlap(a.span, b.span) >= min(len(a.said["quote"]), len(b.said["quote"]))
    ]
    taken: dict[int, int] = {}
    for *_, i, j in sorted(shared):
        if i not in taken and j not in taken.values():
            taken[i] = j
    return [(gold[i], ours[j]) for i, j in taken.items()]


def _figures(point: _Place) -> Counter[tuple[str, str, str]]:
    return Counter((folded(f["value"]), folded(f["unit"]), f["kind"]) for f in point.said["figures"])


def _same_limit(a: dict[str, Any], b: dict[str, Any]) -> bool:
    one, two = folded(a["quote"]), folded(b["quote"])
    common = SequenceMatcher(None, one, two, autojunk=False).find_longest_match().size
    return 2 * common >= min(len(one), len(two)) > 0 and _last_day(a["until"]) == _last_day(b["until"])


def _last_day(until: str | None) -> str:
    words = re.sub(r"^(\d{4})$", r"\1-12", folded(until))
    month = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", words)
    return f"{words}-{calendar.monthrange(int(month[1]), int(month[2]))[1]}" if month else words


def _same_rule(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return bool(a["rule"] == b["rule"])
