"""Schools and inspectors to choose from, each with what helps to choose."""

from collections.abc import Collection
from uuid import UUID

from dudao.duties.coverage import Coverage, Load, Place
from dudao.shell.forms import Choices


def by_town(places: list[Place], *, with_district: bool = False) -> Choices:
    """Schools and kindergartens under their towns."""
    towns: dict[str, list[tuple[str, str]]] = {}
    for one in places:
        more = f"（{one.district.name}）" if with_district and one.district else "" if with_district else _held(one)
        towns.setdefault(one.town or "未登记乡镇", []).append((str(one.unit.unit_id), f"{one.unit.name}{more}"))
    return sorted(towns.items())


def inspectors(
    found: Coverage, *, all_: bool = False, near: Collection[Place] = (), away: Collection[UUID] = ()
) -> Choices:
    """Inspectors who may be made responsible, under their districts, each with the number of their schools.

    Args:
        all_: those without a valid certificate too.
        near: schools whose districts come first.
        away: people who must not inspect one of these schools; they stay and are marked.
    """
    districts: dict[str, list[tuple[str, str]]] = {}
    for one in found.loads:
        if one.known is not None and (all_ or one.known.is_certified(found.day)):
            where = one.districts[0].name if one.districts else "没有责任区"
            districts.setdefault(where, []).append(
                (str(one.inspector), f"{one.name}（{_load(one)}{'，需回避' if one.known.person in away else ''}）")
            )
    first = {one.district.name for one in near if one.district}
    return sorted(districts.items(), key=lambda pair: (pair[0] not in first, pair[0]))


def _held(place: Place) -> str:
    names = "、".join(held.name for held, _, _ in place.held)
    return f"（现：{names}）" if names else "（空缺）"


def _load(load: Load) -> str:
    return f"{len(load.places)} 所" if load.places else "还没有学校"
