"""Two texts of a paper beside each other, with what differs marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from dudao.papers.models import PaperText

#: Longer texts are compared by lines only; the time of a comparison by words grows with the square.
BY_WORDS = 4000
MANY_LINES = 2000
#: Less alike than this, a line was written anew: marked as a whole it reads better than in shreds.
ALIKE = 0.4
_WORDS = re.compile(r"\d+(?:\.\d+)?%?|[A-Za-z]+|\s+|.", re.DOTALL)
FIELDS = ("title", "to_words", "attachments", "organ", "copies_words", "note")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words: ``same``, ``gone`` from the older text, or ``new`` in the newer one."""

    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its words with what changed; ``how`` is changed, gone, new or same."""

    runs: tuple[Run, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed from one text to another: small fields by name, the body line by line."""

    fields: list[tuple[str, tuple[Run, ...]]]
    rows: list[Row]

    @property
    def changes(self) -> int:
        return len(self.fields) + sum(row.how != "same" for row in self.rows)


def compare(before: PaperText, after: PaperText) -> Compared:
    """Compare two texts."""
    fields = []
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            fields.append((str(PaperText._meta.get_field(name).verbose_name), _runs(old, new)))  # type: ignore[union-attr]
    return Compared(fields, list(_rows(before.body.split("\n"), after.body.split("\n"))))


def compare_words(before: str, after: str) -> list[Row]:
    """Two texts line by line, whatever they belong to."""
    return list(_rows(before.split("\n"), after.split("\n")))


def _rows(old: list[str], new: list[str]) -> Iterator[Row]:
    # Thousands of equal lines would take the square of their number.
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > MANY_LINES)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from (Row((Run(line, "same"),), "same") for line in old[a:b])
            continue
        # Lines that stand at the same place are one line that changed; the rest is gone or new.
        paired = min(b - a, d - c)
        for one, other in zip(old[a : a + paired], new[c : c + paired], strict=True):
            yield Row(_runs(one, other), "changed")
        yield from (Row((Run(line, "gone"),), "gone") for line in old[a + paired : b])
        yield from (Row((Run(line, "new"),), "new") for line in new[c + paired : d])


def _runs(old: str, new: str) -> tuple[Run, ...]:
    if len(old) + len(new) > BY_WORDS:
        return tuple(run for run in (Run(old, "gone"), Run(new, "new")) if run.text)
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    found: list[Run] = []
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < ALIKE:
        return tuple(run for run in (Run(old, "gone"), Run(new, "new")) if run.text)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found.append(Run("".join(one[a:b]), "same"))
        else:
            found += [Run("".join(one[a:b]), "gone"), Run("".join(other[c:d]), "new")]
    return tuple(run for run in found if run.text)
