"""From a frozen list and a seed to who is drawn."""

import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import repeat
from operator import attrgetter, floordiv, mul

from dudao_engines.draws.frozen import Crew, Frozen, Method, Plan, Unit
from dudao_engines.draws.sampling import chances, systematic
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.texts import bare

_KEY = attrgetter("key")
#: Bytes of a ticket.
_BYTES = 16


@dataclass(frozen=True, slots=True)
class Result:
    """A draw.

    Attributes:
        seed: in the form in which it was used.
        order: keys of all units in the order of their tickets (LASTING: of ticket by size); of SYSTEMATIC in that of the list.
        drawn: keys of the drawn ones, in that order.
        tickets: the number of each line of the list, 32 hexadecimal digits; the smaller, the earlier.
        teams: keys of members by unit, where a crew is drawn too.
    """

    seed: str
    order: Sequence[str]
    drawn: Sequence[str]
    tickets: Sequence[str]
    teams: Mapping[str, Sequence[str]]


def normal_seed(text: str) -> str:
    """A seed without what people write differently: full width becomes half width, blanks go."""
    return bare(text)


def draw(frozen: Frozen, seeds: Sequence[str], *, on: date) -> Result:
    """Draw.

    Args:
        seeds: what the event gave, one text; or the secrets of the parties in the order of their commitments.
        on: the day of drawing.

    Raises:
        EngineInputError: ``draws.seed_early`` (drawn before the named event), ``draws.seed`` (no seed, a wrong number of them, or a
            secret that is not the one put aside), ``draws.unstaffed`` (no team without recusal can be had for all units).
    """
    plan = frozen.plan
    seed = _seed(plan, seeds, on)
    base = f"{frozen.sha256}\n{seed}\n"
    tickets = _tickets(f"{base}units", len(plan.units))
    keys = list(map(_KEY, plan.units))
    order, places = _drawn(plan, base, tickets)
    drawn = [keys[at] for at in places]
    teams = _teams(plan.crew, drawn, base, {one.key: one.name for one in plan.units}) if plan.crew else {}
    return Result(seed, list(map(keys.__getitem__, order)), drawn, tickets, teams)


def _seed(plan: Plan, seeds: Sequence[str], on: date) -> str:
    said = [normal_seed(one) for one in seeds]
    if not said or not all(said):
        raise EngineInputError("draws.seed", "请填写种子。")
    if plan.event:
        if plan.event_on and on < plan.event_on:
            raise EngineInputError(
                "draws.seed_early", f"约定的事件在 {plan.event_on.isoformat()}，还没有发生，现在给出的种子不能用。"
            )
        if len(said) != 1:
            raise EngineInputError("draws.seed", "公开事件只给出一个种子。")
        return said[0]
    if len(said) != len(plan.commitments):
        raise EngineInputError("draws.seed", f"要 {len(plan.commitments)} 方都公开封存的数。")
    for one, text in zip(plan.commitments, said, strict=True):
        if hashlib.sha256(text.encode()).hexdigest() != one.sha256:
            raise EngineInputError("draws.seed", f"{one.who}公开的数和封存时的摘要对不上。", who=one.who)
    return "|".join(said)


def odds(plan: Plan) -> Mapping[str, Fraction] | None:
    """The chance of each unit, known before the draw; None with LASTING, where it is only nearly in proportion to the size."""
    keys = [one.key for one in plan.units]
    if not isinstance(plan.take, int):
        held = Counter(one.stratum for one in plan.units)
        return {one.key: Fraction(plan.take[one.stratum], held[one.stratum]) for one in plan.units}
    if plan.method == Method.SIMPLE:
        return dict.fromkeys(keys, Fraction(plan.take, len(keys)))
    if plan.method == Method.SYSTEMATIC:
        return dict(zip(keys, chances([one.size or 0 for one in plan.units], plan.take), strict=True))
    return None


def _tickets(base: str, n: int) -> list[str]:
    """One number for each line of a list: the next 16 bytes of one SHAKE-256 stream."""
    stream, width = hashlib.shake_256(base.encode()).hexdigest(_BYTES * n), 2 * _BYTES
    return [stream[at : at + width] for at in range(0, width * n, width)]


def _drawn(plan: Plan, base: str, tickets: Sequence[str]) -> tuple[Sequence[int], Sequence[int]]:
    """Places in the list: all in their order, and the drawn ones."""
    if plan.method == Method.SYSTEMATIC:
        assert isinstance(plan.take, int)
        number = int(hashlib.shake_256(f"{base}start".encode()).hexdigest(32), 16)
        start = Fraction(number + 1, 1 << 256)
        return range(len(tickets)), systematic([one.size or 0 for one in plan.units], plan.take, start)
    if plan.method == Method.LASTING:
        order = sorted(range(len(tickets)), key=_by_size(plan.units, tickets).__getitem__)
    else:
        order = sorted(range(len(tickets)), key=tickets.__getitem__)
    if isinstance(plan.take, int):
        return order, order[: plan.take]
    strata: dict[str, list[int]] = defaultdict(list)
    for at in order:
        strata[plan.units[at].stratum].append(at)
    return (
        [at for name in sorted(strata) for at in strata[name]],
        [at for name in sorted(strata) for at in strata[name][: plan.take[name]]],
    )


def _by_size(units: Sequence[Unit], tickets: Sequence[str]) -> list[int]:
    """Ticket by size, exactly: two different fractions are at least 1 / largest² apart, so that cutting there keeps their order."""
    sizes = [one.size or 0 for one in units]
    # The shift as a multiplication, and both steps in C: there may be half a million.
    wide = repeat(1 << 2 * max(sizes).bit_length())
    return list(map(floordiv, map(mul, map(int, tickets, repeat(16)), wide), sizes))


def _teams(crew: Crew, drawn: Sequence[str], base: str, names: Mapping[str, str]) -> dict[str, list[str]]:
    """For each drawn unit in order the members with the smallest tickets for it, of whom the fewest duties so far decide first, as
    long as all units after it can still be staffed.

    What can still be staffed is decided exactly, by a flow from places to members with the room that they have left.
    """
    apart = set(crew.apart)
    members = [one.key for one in crew.members]
    room = dict.fromkeys(members, crew.most)
    free = {unit: [one for one in members if (unit, one) not in apart] for unit in drawn}
    if short := _short(drawn, dict.fromkeys(drawn, crew.each), free, room):
        said = "、".join(names[unit] for unit in short[:5])
        raise EngineInputError(
            "draws.unstaffed",
            f"除去回避的以后，{said}等 {len(short)} 所配不齐每所 {crew.each} 人、每人最多 {crew.most} 所的小组。"
            "请增加督学、放宽每人的校数，或减少每所的人数，重新冻结名单。",
            units=short,
        )  # fmt: skip
    teams: dict[str, list[str]] = {}
    for at, unit in enumerate(drawn):
        tickets = dict(zip(members, _tickets(f"{base}crew\n{unit}", len(members)), strict=True))
        order = [(crew.most - room[one], tickets[one], one) for one in free[unit]]
        heapq.heapify(order)
        team: list[str] = []
        while len(team) < crew.each:
            _, _, one = heapq.heappop(order)
            if not room[one]:
                continue
            room[one] -= 1
            rest = [key for _, _, key in order]
            wanted = {unit: crew.each - len(team) - 1, **dict.fromkeys(drawn[at + 1 :], crew.each)}
            if _short(list(wanted), wanted, {**free, unit: rest}, room):
                room[one] += 1
                continue
            team.append(one)
        teams[unit] = team
    return teams


def _short(
    units: Sequence[str], wanted: Mapping[str, int], free: Mapping[str, Sequence[str]], room: Mapping[str, int]
) -> list[str]:
    """The units that cannot be staffed any more, together with those they compete with; empty where all can (augmenting paths)."""
    holds: dict[str, set[str]] = {one: set() for one in room}

    def place(unit: str, seen: set[str], asked: set[str]) -> bool:
        asked.add(unit)
        for one in free[unit]:
            if one in seen or unit in holds[one]:
                continue
            seen.add(one)
            if len(holds[one]) < room[one]:
                holds[one].add(unit)
                return True
            for other in sorted(holds[one]):
                if place(other, seen, asked):
                    holds[one].remove(other)
                    holds[one].add(unit)
                    return True
        return False

    for unit in units:
        for _ in range(wanted[unit]):
            asked: set[str] = set()
            if not place(unit, set(), asked):
                return sorted(asked)
    return []
