"""Which group goes to which school on which day: a proposal that people then change.

Schools of one region go to one group as far as the load allows; nobody is sent to a school they must keep away from. Pure and
repeatable: the same schools and groups give the same table.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dudao_engines.kernel.deadlines import Holidays

# A round does not last longer than this; days beyond it stay open.
_LONGEST = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Stop:
    """A school to be visited: ``region`` is its region's code, ``load`` how many cells are to be looked at there."""

    key: str
    region: str
    load: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A school's place in the table: its group and day, either open where none fits."""

    key: str
    group: str | None
    on: date | None


def split(
    stops: Sequence[Stop], groups: Sequence[str], *, barred: Mapping[str, Collection[str]]
) -> dict[str, str | None]:
    """Give each school a group, so that regions stay together and groups carry about the same.

    Args:
        stops: the schools.
        groups: keys of the groups, in their order.
        barred: by group, the schools where a member must keep away.

    Returns:
        The group by school; None where every group is barred, or there is none.
    """
    total = sum(max(one.load, 1) for one in stops)
    carried = dict.fromkeys(groups, 0)
    found: dict[str, str | None] = {}
    done = 0
    for one in sorted(stops, key=lambda stop: (stop.region, stop.key)):
        able = [group for group in groups if one.key not in barred.get(group, ())]
        # The group whose stretch of the whole this school lies in, by the middle of its load.
        wanted = (
            groups[min(len(groups) - 1, (2 * done + max(one.load, 1)) * len(groups) // (2 * total))] if groups else None
        )
        chosen = wanted if wanted in able else min(able, key=lambda group: carried[group], default=None)
        found[one.key] = chosen
        if chosen is not None:
            carried[chosen] += max(one.load, 1)
        done += max(one.load, 1)
    return found


def days(
    stops: Sequence[Stop],
    chosen: Mapping[str, str | None],
    *,
    begin_on: date,
    end_on: date,
    per_day: int,
    holidays: Holidays,
) -> list[Turn]:
    """Give each school a working day, ``per_day`` schools a day and group, schools of one region after another.

    Returns:
        A turn for each school in the order of the groups' days; without a day where the round's days do not suffice.
    """
    last = min(end_on, begin_on + _LONGEST)
    working = [
        day for n in range((last - begin_on).days + 1) if holidays.is_working(day := begin_on + timedelta(days=n))
    ]
    taken: dict[str, int] = {}
    turns = []
    for one in sorted(stops, key=lambda stop: (stop.region, stop.key)):
        group, on = chosen.get(one.key), None
        if group is not None:
            at = taken.get(group, 0) // per_day
            taken[group] = taken.get(group, 0) + 1
            on = working[at] if at < len(working) else None
        turns.append(Turn(one.key, group, on))
    return turns
