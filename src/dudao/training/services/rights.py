"""May this hat do it, and is what was said in order."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial

from dudao.inspectors.models import Inspector
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.training import library
from dudao.training.queries import may_manage

#: Days that people say lie today or before: ``Refused`` ``training.future``.
not_ahead = partial(clock.not_ahead, code="training.future")

#: Hours are told in quarters at the finest; a day has at most so many.
QUARTER = Decimal("0.25")
MOST_A_DAY = Decimal(12)


def manages(by: Actor) -> None:
    """Raises: ``Refused`` ``training.not_allowed``."""
    if not may_manage(by):
        raise Refused("督学培训由督导室管理。", code="training.not_allowed")


def whole_quarters(hours: Decimal, *, most: Decimal, name: str = "hours") -> None:
    """Raises: ``Refused`` ``training.hours``: not above zero, more than can be, or finer than a quarter."""
    if not 0 < hours <= most:
        raise Refused(f"学时应大于 0，不超过 {most.normalize():f}。", code="training.hours", field=name)
    if hours % QUARTER:
        raise Refused("学时最细到 0.25。", code="training.hours", field=name)


def known_areas(areas: Iterable[str]) -> list[str]:
    """The areas in the order of the library. Raises: ``Refused`` ``training.areas``: an unknown one."""
    chosen = set(areas)
    if chosen - set(library.areas()):
        raise Refused("没有这个领域。", code="training.areas", field="areas")
    return [one for one in library.areas() if one in chosen]


def of_county(inspectors: Iterable[Inspector], by: Actor) -> None:
    """Raises: ``Refused`` ``training.unknown``: an inspector of another county."""
    if any(one.county != by.county for one in inspectors):
        raise Refused("名册里没有这名督学。", code="training.unknown")
