"""What a draw says to the engine, and what the engine says of it. No database here."""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from dudao.draws.models import Commitment, Draw
from dudao.shell.errors import Refused
from dudao_engines.draws import Commitment as Put
from dudao_engines.draws import Crew, Frozen, Method, Plan, Unit, certainties, odds, thaw
from dudao_engines.kernel.digests import sha256_hex
from dudao_engines.kernel.errors import EngineInputError

#: Where each refusal of the engine belongs in the forms.
_FIELDS = {"draws.take": "take", "draws.stratum": "take", "draws.seed": "seed", "draws.seed_early": "on"}


def refused(error: EngineInputError) -> Refused:
    """The engine's refusal as a service says it."""
    return Refused(error.message, code=error.code, field=_FIELDS.get(error.code))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: code, name, stratum, size, and the unit of the register behind it."""

    key: str
    name: str
    stratum: str = ""
    size: int | None = None
    unit: str = ""

    @property
    def plain(self) -> list[Any]:
        """As the row keeps it."""
        return [self.key, self.name, self.stratum, self.size, self.unit]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the list of inspectors. In the frozen list stands the number with a seal, or the name where it was chosen."""

    number: str
    name: str
    inspector: str
    person: str
    salt: str

    @property
    def plain(self) -> list[str]:
        """As the row keeps it."""
        return [self.number, self.name, self.inspector, self.person, self.salt]

    @property
    def sealed(self) -> str:
        """The number with the first 16 digits of SHA-256 over salt and name: who stands behind it cannot be changed later."""
        return f"督学{self.number}（封签 {hashlib.sha256(f'{self.salt}|{self.name}'.encode()).hexdigest()[:16]}）"


def numbered(people: Iterable[tuple[str, str, str]]) -> list[Member]:
    """Members with numbers in an order that says nothing of their names.

    Args:
        people: (name, key in the register, person).
    """
    salted = sorted((secrets.token_hex(16), *one) for one in people)
    return [
        Member(f"{at:02}", name, inspector, person, salt)
        for at, (salt, name, inspector, person) in enumerate(salted, 1)
    ]


def lines(draw: Draw) -> list[Line]:
    return [Line(*one) for one in draw.lines]


def members(draw: Draw) -> list[Member]:
    return [Member(*one) for one in draw.members]


def plan(draw: Draw, *, put: Sequence[Commitment], apart: Sequence[tuple[str, str]], frozen_on: date) -> Plan:
    """The engine's plan of a draft.

    Raises:
        Refused: ``draws.take``, ``draws.crew``: nobody said how many.
    """
    if draw.take is None:
        raise Refused("还没有定抽几个。", code="draws.take", field="take")
    crew = None
    if draw.is_crewed:
        if draw.each is None or draw.most is None:
            raise Refused("还没有定每校去几人、每人最多去几校。", code="draws.crew")
        people = [Unit(one.number, one.name if draw.shows_names else one.sealed) for one in members(draw)]
        crew = Crew(people, draw.each, draw.most, apart)
    return Plan(
        draw.purpose, Method(draw.method), draw.take, [Unit(one.key, one.name, one.stratum, one.size) for one in lines(draw)],
        frozen_on, draw.event, draw.event_on, [Put(one.who, one.sha256) for one in put], crew,
    )  # fmt: skip


def thawed(draw: Draw) -> Frozen:
    """What was frozen, checked byte for byte against its digest.

    Raises:
        Refused: ``draws.tampered``.
    """
    if sha256_hex(draw.frozen_text.encode()) != draw.sha256:
        raise Refused(
            "名单和已公布的摘要对不上：冻结以后内容被改过。不能抽取，请作废并查明原因。", code="draws.tampered"
        )
    try:
        return thaw(json.loads(draw.frozen_text), draw.sha256)
    except EngineInputError as error:
        raise refused(error) from None


def published(draw: Draw) -> Mapping[str, Any]:
    """The whole draw as ``verify.py`` reads it."""
    assert draw.result is not None and draw.drawn_on is not None
    return {
        "frozen": json.loads(draw.frozen_text), "sha256": draw.sha256, "sm3": draw.sm3,
        "drawn_on": draw.drawn_on.isoformat(), **{name: draw.result[name] for name in ("seeds", "tickets", "drawn", "teams")},
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the result, or of the list before it.

    Attributes:
        place: in the order of the tickets, from 1; 0 before the draw and with PPS along the list.
        drawn: its place among the drawn ones, from 1; 0 where it was not drawn.
        added: the enlargement that brought it in; 0 with the draw itself.
        odds: the chance, exactly; None where the method gives it only nearly.
        is_sure: certain to be drawn for its size.
        reckoned: how the chance comes about, down to the fraction.
        people, numbers: who goes there, as the public list says it, and by number.
    """

    unit: Unit
    place: int = 0
    ticket: str = ""
    drawn: int = 0
    added: int = 0
    odds: Fraction | None = None
    is_sure: bool = False
    people: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    reckoned: str = ""

    @property
    def percent(self) -> str:
        """The chance rounded once for the eye; the fraction stands beside it."""
        if self.odds is None:
            return ""
        thousandths = int(self.odds * 10000 + Fraction(1, 2))
        return f"{thousandths // 100}.{thousandths % 100:02}%"


def rows(draw: Draw, frozen: Frozen, *, added: Mapping[str, int] | None = None) -> list[Row]:
    """The list with what the draw gave each unit, drawn ones first, then by ticket."""
    plan, added = frozen.plan, added or {}
    chance = odds(plan) or {}
    sure: set[int] = set()
    if plan.method == Method.SYSTEMATIC and isinstance(plan.take, int):
        sure = certainties([one.size or 0 for one in plan.units], plan.take)
    reckoned = _reckoning(plan, sure)
    result = draw.result or {}
    places = {key: at for at, key in enumerate(result.get("order", ()), 1)}
    drawn = {key: at for at, key in enumerate(result.get("drawn", ()), 1)}
    tickets = result.get("tickets") or [""] * len(plan.units)
    names = {one.key: one.name for one in plan.crew.members} if plan.crew else {}
    teams = result.get("teams", {})
    found = [
        Row(
            one, places.get(one.key, 0) if plan.method != Method.SYSTEMATIC else 0, ticket, drawn.get(one.key, 0),
            added.get(one.key, 0), chance.get(one.key), at in sure,
            tuple(names[number] for number in teams.get(one.key, ())), tuple(teams.get(one.key, ())),
            reckoned(one, chance.get(one.key), at in sure),
        )
        for at, (one, ticket) in enumerate(zip(plan.units, tickets, strict=True))
    ]  # fmt: skip
    if not draw.result:
        return found
    last = len(found) + 1
    return sorted(found, key=lambda row: (row.drawn or last, row.added or last, row.place))


def _reckoning(plan: Plan, sure: Collection[int]) -> Callable[[Unit, Fraction | None, bool], str]:
    """How each chance comes about, in a line: ``2 × 120 ÷ 600 = 2/5``."""
    held = Counter(one.stratum for one in plan.units)
    total = sum(one.size or 0 for at, one in enumerate(plan.units) if at not in sure)

    def said(unit: Unit, chance: Fraction | None, is_sure: bool) -> str:
        if chance is None:
            return ""
        if is_sure:
            return "规模满一个间隔，必抽"
        if not isinstance(plan.take, int):
            return f"{plan.take[unit.stratum]} ÷ {held[unit.stratum]} = {chance}"
        if plan.method == Method.SYSTEMATIC:
            return f"{plan.take - len(sure)} × {unit.size} ÷ {total} = {chance}"
        return f"{plan.take} ÷ {len(plan.units)} = {chance}"

    return said


def enlarged(draw: Draw, frozen: Frozen, before: Iterable[str], take: int | Mapping[str, int]) -> list[str]:
    """The units that come in when more are taken by the same tickets, in their order.

    Raises:
        Refused: ``draws.take``: not more than before, or more than there are; ``draws.method``.
    """
    plan = frozen.plan
    if plan.method == Method.SYSTEMATIC or plan.crew:
        raise Refused(
            "按规模等距和双随机的结果不能接着扩大，请另建一次抽取。（简单、分层、永久随机数可以）", code="draws.method"
        )
    assert draw.result is not None
    order, had = draw.result["order"], set(before)
    strata = {one.key: one.stratum for one in plan.units}
    if isinstance(take, int) != isinstance(plan.take, int):
        raise Refused("数量的写法和原来的不同。", code="draws.take", field="take")
    wanted = {"": take} if isinstance(take, int) else dict(take)
    more: list[str] = []
    for name in sorted(wanted):
        pool = [key for key in order if isinstance(take, int) or strata[key] == name]
        held = sum(key in had for key in pool)
        label = f"层“{name}”" if not isinstance(take, int) else "名单上"
        if not held <= wanted[name] <= len(pool):
            raise Refused(
                f"{label}有 {len(pool)} 个，已经抽了 {held} 个，不能扩大到 {wanted[name]} 个。",
                code="draws.take",
                field="take",
            )
        more += [key for key in pool[: wanted[name]] if key not in had]
    if not more:
        raise Refused("扩大后的数量要比现在多。", code="draws.take", field="take")
    return more
