"""What is fixed and published before anybody can know the seed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from dudao_engines.kernel.digests import canonical_json, sha256_hex, sm3_hex
from dudao_engines.kernel.errors import EngineInputError

FORMAT = "dudao-draw-1"


class Method(StrEnum):
    """How units are drawn.

    SIMPLE: each with the same chance. STRATIFIED: a number of each stratum. SYSTEMATIC: with chances in proportion to sizes, at
    equal steps along the list as it stands (PPS). LASTING: nearly in proportion to sizes by a number that each unit keeps
    (sequential Poisson sampling): when a size or the number drawn changes later, the rest of the order stays.
    """

    SIMPLE = "simple"
    STRATIFIED = "stratified"
    SYSTEMATIC = "systematic"
    LASTING = "lasting"


#: Methods that need sizes.
SIZED = (Method.SYSTEMATIC, Method.LASTING)


@dataclass(frozen=True, slots=True)
class Unit:
    """One line of the list: a stable key that nobody shares, what people call it, its stratum, its size (pupils of a grade)."""

    key: str
    name: str
    stratum: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """One party that put a secret aside: who, and the SHA-256 of the secret in hexadecimal."""

    who: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Crew:
    """Who is drawn for the drawn units (双随机).

    Attributes:
        members: the list of inspectors.
        each: how many go to one unit.
        most: to how many units one goes at most.
        apart: pairs (unit, member) that must not meet.
    """

    members: Sequence[Unit]
    each: int
    most: int
    apart: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A draw before it is frozen.

    Attributes:
        purpose: what is drawn, and what for.
        take: how many; by stratum where the method is STRATIFIED.
        units: in the order that SYSTEMATIC goes along.
        frozen_on: the day on which the digest is published.
        event: what public event gives the seed, and what exactly is taken from it; empty where parties put secrets aside.
        event_on: its day, after the freezing.
        commitments: two parties or more: of one alone, who makes the list could try secrets until the result suits.
    """

    purpose: str
    method: Method
    take: int | Mapping[str, int]
    units: Sequence[Unit]
    frozen_on: date
    event: str = ""
    event_on: date | None = None
    commitments: Sequence[Commitment] = ()
    crew: Crew | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """A plan as plain JSON under its digests; ``content`` is what is published."""

    content: Mapping[str, Any]
    sha256: str
    sm3: str
    plan: Plan = field(repr=False)


def freeze(plan: Plan) -> Frozen:
    """Fix a draw.

    Raises:
        EngineInputError: ``draws.empty`` (a list without lines), ``draws.double`` (two lines with one key), ``draws.blank`` (a line
            without key or name), ``draws.size`` (no size, or none above zero), ``draws.take`` (more than there are, or none),
            ``draws.stratum`` (a stratum without number, or the other way round), ``draws.seed_source`` (no event and no two
            commitments, both, or an event that does not come after the freezing), ``draws.crew`` (how many go), ``draws.apart``
            (a pair of somebody who is not on the lists).
    """
    if not plan.purpose.strip():
        raise EngineInputError("draws.blank", "请写明抽取什么、用来做什么。")
    _listed(plan.units, "抽取名单")
    _sizes(plan)
    _numbers(plan)
    _source(plan)
    if plan.crew:
        _crew(plan, plan.crew)
    content = _content(plan)
    text = canonical_json(content)
    return Frozen(content, sha256_hex(text), sm3_hex(text), plan)


def thaw(content: Mapping[str, Any], sha256: str) -> Frozen:
    """A frozen draw out of its JSON.

    Raises:
        EngineInputError: ``draws.tampered``, the content is not what the digest was taken of; ``draws.format``.
    """
    if sha256_hex(canonical_json(content)) != sha256:
        raise EngineInputError("draws.tampered", "名单和已公布的摘要对不上：冻结以后内容被改过。不能抽取。")
    if content.get("format") != FORMAT:
        raise EngineInputError("draws.format", "不认识这种格式的名单。")
    crew = content["crew"]
    return freeze(
        Plan(
            content["purpose"], Method(content["method"]), content["take"], [Unit(*one) for one in content["units"]],
            date.fromisoformat(content["frozen_on"]), content["event"],
            date.fromisoformat(content["event_on"]) if content["event_on"] else None,
            [Commitment(*one) for one in content["commitments"]],
            Crew([Unit(*one) for one in crew["members"]], crew["each"], crew["most"], [tuple(one) for one in crew["apart"]])
            if crew else None,
        )
    )  # fmt: skip


def _content(plan: Plan) -> dict[str, Any]:
    def rows(units: Sequence[Unit]) -> list[list[Any]]:
        return [list(asdict(one).values()) for one in units]

    crew = plan.crew and {
        "members": rows(plan.crew.members), "each": plan.crew.each, "most": plan.crew.most,
        "apart": [list(one) for one in sorted(set(plan.crew.apart))],
    }  # fmt: skip
    return {
        "format": FORMAT, "purpose": plan.purpose, "method": str(plan.method),
        "take": plan.take if isinstance(plan.take, int) else dict(plan.take),
        "units": rows(plan.units), "crew": crew, "frozen_on": plan.frozen_on.isoformat(), "event": plan.event,
        "event_on": plan.event_on.isoformat() if plan.event_on else "",
        "commitments": [[one.who, one.sha256] for one in plan.commitments],
    }  # fmt: skip


def _listed(units: Sequence[Unit], what: str) -> None:
    if not units:
        raise EngineInputError("draws.empty", f"{what}是空的，不能冻结。")
    for at, one in enumerate(units, 1):
        if not one.key.strip() or not one.name.strip():
            raise EngineInputError("draws.blank", f"{what}第 {at} 行没有代码或名称。", line=at)
    often = [key for key, n in Counter(one.key for one in units).items() if n > 1]
    if often:
        lines = [at for at, one in enumerate(units, 1) if one.key == often[0]]
        where = "、".join(map(str, lines))
        raise EngineInputError(
            "draws.double", f"{what}第 {where} 行的代码“{often[0]}”重复，重复的会多一份机会。", line=lines[1]
        )


def _sizes(plan: Plan) -> None:
    if plan.method not in SIZED:
        return
    for at, one in enumerate(plan.units, 1):
        if one.size is None or one.size <= 0:
            said = "没有规模" if one.size is None else f"规模是 {one.size}"
            raise EngineInputError(
                "draws.size", f"抽取名单第 {at} 行“{one.name}”{said}，按规模抽取时要大于 0。", line=at
            )


def _numbers(plan: Plan) -> None:
    if plan.method == Method.STRATIFIED:
        if isinstance(plan.take, int):
            raise EngineInputError("draws.stratum", "分层抽取要写明每一层抽几个。")
        held = Counter(one.stratum for one in plan.units)
        for name in sorted(held.keys() | plan.take.keys()):
            if name not in plan.take or name not in held:
                said = "没有写抽几个" if name in held else "名单里没有"
                raise EngineInputError("draws.stratum", f"层“{name or '（空）'}”{said}。", stratum=name)
            if not 0 <= plan.take[name] <= held[name]:
                raise EngineInputError(
                    "draws.take", f"层“{name}”有 {held[name]} 个，不能抽 {plan.take[name]} 个。", stratum=name
                )
        total = sum(plan.take.values())
    else:
        if not isinstance(plan.take, int):
            raise EngineInputError("draws.take", "请写明一共抽几个。")
        total = plan.take
    if not 0 < total <= len(plan.units):
        raise EngineInputError("draws.take", f"名单上有 {len(plan.units)} 个，不能抽 {total} 个。")


def _source(plan: Plan) -> None:
    if bool(plan.event.strip()) == bool(plan.commitments):
        raise EngineInputError("draws.seed_source", "种子的来源写一种：事先约定的公开事件，或者两方以上各自封存的数。")
    if plan.event.strip() and (plan.event_on is None or plan.event_on <= plan.frozen_on):
        raise EngineInputError("draws.seed_source", "约定的公开事件要发生在名单冻结之后，至少晚一天。")
    if not plan.commitments:
        return
    if len({one.who for one in plan.commitments}) < 2 or len({one.sha256 for one in plan.commitments}) < len(
        plan.commitments
    ):
        raise EngineInputError("draws.seed_source", "要两方以上各自封存一个数，而且各不相同；只有一方时可以挑选结果。")
    for one in plan.commitments:
        if not re.fullmatch(r"[0-9a-f]{64}", one.sha256):
            raise EngineInputError("draws.seed_source", f"{one.who}封存的摘要不是 64 位十六进制数。")


def _crew(plan: Plan, crew: Crew) -> None:
    _listed(crew.members, "督学名单")
    if crew.each < 1 or crew.most < 1:
        raise EngineInputError("draws.crew", "每校人数、每人最多去的校数至少是 1。")
    units, members = {one.key for one in plan.units}, {one.key for one in crew.members}
    for unit, member in crew.apart:
        if unit not in units or member not in members:
            raise EngineInputError("draws.apart", f"回避“{unit}—{member}”里有不在名单上的。")
