"""Which items of a standard people judge, with which words, and which cell says what they came to."""

from collections.abc import Iterator
from dataclasses import dataclass

from dudao.dossiers.models import Dossier
from dudao_engines.standards.schema import GRADES, JUDGED, Indicator, Standard

K = Dossier.Kind
#: What can be concluded of each kind.
CONCLUSIONS: dict[str, tuple[str, ...]] = {
    K.MATERIAL: ("达标", "不达标"),
    K.ATTEST: ("达标", "不达标"),
    K.GRADE: GRADES[::-1],
    K.VETO: ("无此情形", "有此情形"),
    K.EVIDENCE: ("齐备", "不齐备"),
}
NONE_SUCH, SUCH = CONCLUSIONS[K.VETO]
#: Conclusions that say that something is wrong.
BAD = frozenset({"不达标", "不合格", "有此情形", "不齐备"})
#: Kinds of units whose dossiers an item has, by the table of its level.
UNIT_KINDS = {"school": "school", "kindergarten": "kindergarten"}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a standard that has dossiers.

    Attributes:
        unit_kind: of the units it is judged of; empty for the county.
    """

    id: str
    position: int
    group: str
    name: str
    kind: str
    clause: str
    materials: tuple[str, ...]
    unit_kind: str


def items(standard: Standard) -> Iterator[Item]:
    """The items of a standard that people judge, or that want papers beside their numbers, in its order."""
    groups = {group.id: group.name for group in standard.groups}
    levels = {level.id: level for level in standard.levels}
    for position, one in enumerate(standard.indicators, 1):
        kind = _kind(one)
        if kind is None or not one.enabled:
            continue
        level = levels[one.level]
        table = level.table or levels[level.of].table
        # Papers beside a number that the county computes over its schools are the county's.
        unit_kind = UNIT_KINDS.get(table, "") if kind != K.EVIDENCE else ""
        yield Item(
            one.id, position, groups[one.group], one.name, kind, one.clause, tuple(one.materials), unit_kind
        )  # fmt: skip


def _kind(one: Indicator) -> str | None:
    for part in one.parts:
        if part.kind in JUDGED:
            return str(part.kind)
    if any(part.kind == "veto" for part in one.parts):
        return K.VETO
    return K.EVIDENCE if one.materials else None
