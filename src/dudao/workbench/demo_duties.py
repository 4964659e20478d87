"""The demo's districts and responsible inspectors: most schools have one, a few gaps are left on purpose. All 示例."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from dudao.duties import queries
from dudao.duties import services as duties
from dudao.duties.services import Given
from dudao.inspectors import queries as register
from dudao.inspectors import services as inspectors
from dudao.inspectors.models import Inspector
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of

_SINCE = date(2024, 2, 26)
_DOCUMENT = "贺政教督发〔2024〕2号（示例）"
#: Who has an account already, and the schools that the demo's accounts file gives them.
_KNOWN = {
    "督学戊（示例）": ("SL-XX01", "SL-XX02", "SL-XX03", "SL-XX11", "SL-YG01"),
    "校长己（示例）": ("SL-XX04", "SL-XX05"),
}
_GAPS = frozenset({"SL-XX26", "SL-YG32", "SL-YM03", "SL-YM21", "SL-YM15", "SL-XX34"})
_LARGEST, _EACH = 18, 4


def assign(*, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
    """Districts by township, duties for all schools and kindergartens but a few; a recusal that came afterwards."""
    office, today = who("shili-zhuanzhi"), day_of(now)
    by = system(office.county)
    codes = {key: code for code, key in units.items()}
    towns = {one.code: one.name for one in places.towns(by, as_of=today)}
    where: dict[str, list[str]] = {}
    for row in queries.covered(by.county, day=today):
        where.setdefault(towns[row.region_code], []).append(codes[row.unit_id])
    roster = [one for one in register.roster(by.county, day=today) if one.is_certified(today)]
    known = {one.name: one for one in roster}
    free = [one for one in roster if one.name not in _KNOWN]
    grounds = register.Grounds(by.county, {one.person for one in roster}, set(units.values()), since=_SINCE)
    held = {code: known[name].key for name, those in _KNOWN.items() for code in those}
    rows = [Given(units[code], key) for code, key in held.items()]
    for town, those in where.items():
        parts = [sorted(those)[at :: -(-len(those) // _LARGEST)] for at in range(-(-len(those) // _LARGEST))]
        for at, part in enumerate(parts):
            name = f"{town}{f'{at + 1}号' if len(parts) > 1 else ''}责任区（示例）"
            members = {held[code] for code in part if code in held}
            load: dict[UUID, int] = {}
            for code in part:
                if code in held or code in _GAPS:
                    continue
                team = [one for one in free if one.key in load and load[one.key] < _EACH]
                able = [one for one in team or free if one.key not in load or load[one.key] < _EACH]
                chosen = next(
                    one for one in [*able, *free] if not grounds.of(one.person, units[code], today)
                )  # fmt: skip
                load[chosen.key] = load.get(chosen.key, 0) + 1
                rows.append(Given(units[code], chosen.key))
            free = [one for one in free if one.key not in load]
            duties.new_district(
                name=name,
                units=[units[code] for code in part],
                inspectors=members | set(load),
                starts_on=_SINCE,
                by=by,
                now=now,
            )
    duties.assign_duties(rows=rows, starts_on=_SINCE, document=_DOCUMENT, reason="春季学期挂牌（示例）", by=by, now=now)
    duties.keep_office_contact(
        base_version=0,
        name="贺兰县人民政府教育督导室（示例）",
        phone="0951-8000000",
        hours="工作日 8:30—18:00",
        by=by,
        now=now,
    )
    everyone = list(Inspector.objects.filter(county=by.county, pk__in={one.inspector for one in rows}))
    for at, one in enumerate(everyone[:-3]):
        duties.keep_public_contact(inspector=one, base_version=0, phone=f"0951-80001{at:02}", by=by, now=now)
    last = next(one for one in everyone if one.pk == rows[-1].inspector)
    unit = places.unit_visible_to(by, rows[-1].unit)
    assert unit is not None
    inspectors.say_recusal(
        inspector=last, unit=unit, ground="kin", words="子女新调入该园任教（示例）", origin="declared", start_on=date(2024, 4, 1),
        said_on=date(2024, 4, 1), by=by, now=now,
    )  # fmt: skip
