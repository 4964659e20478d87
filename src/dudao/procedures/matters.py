"""The kinds of matters, for what asks about all of them: the queue, the night run, the check. Apps name theirs in ``tasks.py``:

matters.register(Kind(Finding, findings_visible_to, situations, page="findings:finding"))
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dudao.procedures.models import Matter
from dudao.shell.acts import Actor
from dudao_engines.procedures.situation import Situation

#: What a check of one kind says: code, matter, words.
Said = tuple[str, Matter, str]


def no_faults(rows: Sequence[Any]) -> Iterable[Said]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of matter.

    Attributes:
        model: has a ``unit``.
        visible_to: the rows that a reader sees on a day; the system sees what may be told to all of the office.
        situations: where rows stand on a day, with what they are linked to; a constant number of statements.
        page: name of the address of one matter, which takes its key.
        faults: what is wrong with some rows beyond what every procedure asks; a constant number of statements.
    """

    model: type[Matter]
    visible_to: Callable[[Actor, date], QuerySet[Any]]
    situations: Callable[[Collection[Any], date], Mapping[UUID, Situation]]
    page: str
    faults: Callable[[Sequence[Any]], Iterable[Said]] = no_faults

    @property
    def procedure(self) -> str:
        return self.model.PROCEDURE


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Name a kind of matter; named again, it is the same."""
    kinds[kind.procedure] = kind
