"""A text laid out with the numbers that were recomputed in it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dudao_engines.notices.checks import check_text
from dudao_engines.notices.facts import Check, CheckKind

#: What a check came to: tone of the status, word, class of the marked number. ``None``: cannot be recomputed.
RESULTS = {True: ("done", "相符", "ok"), False: ("late", "不符", "bad"), None: ("none", "无法核对", "open")}
KINDS = {CheckKind.SUM: "合计", CheckKind.SHARE: "占比", CheckKind.GROWTH: "增减"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text; a number of checks has their worst result as class, and their numbers."""

    text: str
    css: str = ""
    checks: tuple[int, ...] = ()
    sign: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A check as one reads it; ``to`` is the place of its result in the text."""

    no: int
    kind: str
    number: str
    why: str
    tone: str
    word: str
    to: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The text in pieces, its checks in order, and how many came to what."""

    pieces: list[Piece]
    rows: list[Row]
    counts: dict[str, int]


def checked(text: str) -> Checked:
    """Recompute the numbers of a text (``check_text``) and lay both out. Nothing is kept."""
    checks = check_text(text)
    counts = {name: sum(check.holds is holds for check in checks) for holds, (name, *_) in RESULTS.items()}
    rows = [_row(at, check) for at, check in enumerate(checks, 1)]
    return Checked(_pieces(text, checks), rows, counts)


def _row(at: int, check: Check) -> Row:
    tone, word, _ = RESULTS[check.holds]
    percent = "" if check.kind is CheckKind.SUM or not check.quotes else "%"
    number = f"{check.quotes[-1]}{percent}" if check.quotes else "—"
    return Row(
        at, KINDS[check.kind], number, check.why, tone, word, f"n-{check.spans[-1].start}" if check.spans else ""
    )


def _pieces(text: str, checks: Sequence[Check]) -> list[Piece]:
    held: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at, check in enumerate(checks):
        for span in check.spans:
            held[span.start, span.end].append(at)
    pieces, last = [], 0
    for (start, end), found in sorted(held.items()):
        if start < last:
            continue
        results = [checks[at].holds for at in found]
        worst = False if False in results else None if None in results else True
        if text[last:start]:
            pieces.append(Piece(text[last:start]))
        sign = {True: "✓", False: "✗", None: "?"}[worst]
        pieces.append(Piece(text[start:end], RESULTS[worst][2], tuple(at + 1 for at in found), sign, f"n-{start}"))
        last = end
    return [*pieces, Piece(text[last:])] if text[last:] else pieces
