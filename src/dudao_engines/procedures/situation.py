"""Where a matter stands: small frozen values, the same for the application and for the model check."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Taken:
    """An act that was taken in the present round, and the persons who took it (who typed, for whom)."""

    act: str
    persons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Situation:
    """One matter.

    Attributes:
        procedure: id of the file.
        kind: kind of the matter where the procedure has kinds.
        states: pairs (track, state).
        marks: its grounds, and what the application says of it in a word of its own.
        done: acts of the present round, and the one that began the matter.
        running: limits that run and have not passed.
        passed: limits that run and have passed, or passed before they were stopped.
        papers: kinds of papers that are issued for it.
        linked: the matters it stands together with.
    """

    procedure: str
    kind: str = ""
    states: tuple[tuple[str, str], ...] = ()
    marks: frozenset[str] = frozenset()
    done: frozenset[Taken] = frozenset()
    running: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()
    linked: tuple["Situation", ...] = field(default=())

    def state(self, track: str = "main") -> str:
        return dict(self.states)[track]

    def with_state(self, track: str, state: str) -> "Situation":
        changed: Mapping[str, str] = {**dict(self.states), track: state}
        return replace(self, states=tuple(sorted(changed.items())))


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody brings to an act.

    Attributes:
        person: key of who acts.
        also: keys of persons it is done for.
        roles: what they are to this matter (``schema.ROLES``).
        of_unit: their hat is in the unit the matter is about: they cannot act as anything but that unit.
        brings: of ``schema.Bring``.
        ticks: of the act's own list.
    """

    person: str
    also: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    of_unit: bool = False
    brings: frozenset[str] = frozenset()
    ticks: frozenset[str] = frozenset()
