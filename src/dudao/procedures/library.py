"""The procedures of ``library/procedures``, read once."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings

from dudao_engines.procedures import schema
from dudao_engines.procedures.schema import Act, Procedure


@cache
def procedures() -> Mapping[str, Procedure]:
    """All procedures by id."""
    return schema.load(settings.LIBRARY / "procedures")


def procedure(code: str) -> Procedure:
    return procedures()[code]


def act(code: str, act: str) -> Act:
    return procedures()[code].act(act)


def state_name(code: str, state: str) -> str:
    """A state in words; one that the file does not know (any more) by its code."""
    return next((s.name for s in procedures()[code].states if s.id == state), state)


def kind_name(code: str, kind: str) -> str:
    return next((k.name for k in procedures()[code].kinds if k.id == kind), kind)


def ground_names(code: str, grounds: list[str]) -> list[str]:
    names = {g.id: g.name for g in procedures()[code].grounds}
    return [names.get(ground, ground) for ground in grounds]


def choices(code: str) -> list[tuple[str, str]]:
    """The states of the main track as choices of a filter."""
    return [(s.id, s.name) for s in procedures()[code].states if s.track == "main"]


@cache
def waited_for() -> frozenset[str]:
    """The limits that a condition of some act waits for: without them a matter could not go on."""
    said: set[str] = set()
    needs = [need for one in procedures().values() for act in one.acts for need in act.needs]
    while needs:
        need = needs.pop()
        said |= {limit for limit in (need.lapsed, need.open) if limit}
        needs += [*need.any, *need.meets]
    return frozenset(said)
