"""The demo's regular visits: last month and this one, some missed, some with findings. All of it is 示例."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from dudao.accounts.models import Person
from dudao.inspectors.queries import recused
from dudao.places.models import Unit
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.visits import duty, queries, services
from dudao.visits.models import Visit
from dudao.visits.services import Said
from dudao.visits.spans import days_of, first_of, month_before

#: What was found, by the order of the visits in which it was: item, what was seen, problem, severity, days.
_FOUND = {
    1: ("exits", "北侧安全出口上锁，钥匙在门卫室（示例）", "北侧安全出口上锁（示例）", "danger", 3),
    4: ("gate", "外来人员登记不全（示例）", "门卫登记不全（示例）", "ordinary", 15),
    7: ("exits", "二楼疏散通道堆放桌椅（示例）", "疏散通道堆放桌椅（示例）", "serious", 7),
}
#: Visits of which the whole list is answered; of the others only the record stands.
_WHOLE = 12
_KNOWN = ("督学戊（示例）", "校长己（示例）")


def make(*, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
    """Two months of visits of who is responsible for a school; some of last month were missed."""
    office, today = who("shili-zhuanzhi"), day_of(now)
    month = month_before(first_of(today))
    days = [one for one in days_of(month, since=month) if one < today]
    rows = sorted(duty.duties_on(office.county, day=today), key=lambda one: one.name not in _KNOWN)
    barred = recused(office.county, {one.person for one in rows}, {one.unit for one in rows}, day=month)
    rows = [one for one in rows if (one.person, one.unit) not in barred]
    people = Person.objects.in_bulk({one.person for one in rows})
    places = Unit.objects.in_bulk({one.unit for one in rows})
    for at, one in enumerate(rows):
        if at % 9 != 3:
            on = days[at * len(days) // len(rows)]
            visit = services.begin_visit(
                unit=places[one.unit],
                person=people[one.person],
                visited_on=on,
                arrived_at=time(9, 10),
                by=office,
                now=now,
            )
            _make(visit, at, on, office, now=now)
    services.plan_month(month=today, by=office, now=now)
    planned = Visit.objects.filter(county=office.county, month=first_of(today), state=Visit.State.PLANNED)
    known = list(planned.filter(person__name__in=_KNOWN).select_related("person", "unit").order_by("planned_on", "pk"))
    for at, visit in enumerate(known[:3]):
        _make(visit, at + 1000, max(today - timedelta(days=2), first_of(today)), office, now=now)
    services.give_up(visit=known[3], base_version=1, words="学校组织期中考试，另行安排。（示例）", by=office, now=now)


def _make(visit: Visit, at: int, on: date, office: Actor, *, now: datetime) -> None:
    """The visit itself: the list, what was found, the feedback, the file."""
    if visit.state == Visit.State.PLANNED:
        services.arrive(
            visit=visit, base_version=visit.version, visited_on=on, arrived_at=time(14, 20), by=office, now=now
        )
    found = _FOUND.get(at)
    whole = at < _WHOLE or at >= 1000
    lines = queries.checklist(visit, queries.kind_of(system(office.county), visit.unit_id, day=on)) if whole else []
    said = [
        Said(line.item, "no", found[1]) if found and line.item == found[0] else Said(line.item, "yes") for line in lines
    ]
    if whole:
        services.answer(visit=visit, said=said, by=office, now=now)
    if found:
        item, seen, title, severity, left = found
        services.register_problem(
            visit=visit, item=item, title=title, facts=seen, basis="中小学校、幼儿园安全管理要求（示例）", severity=severity,
            wanted="立即整改，建立巡查记录。", days=left, by=office, now=now,
        )  # fmt: skip
    if at == 1002:
        # One stays open: the inspector is still writing.
        return
    services.feed_back(
        visit=visit, base_version=visit.version, told=found[1] if found else "各项符合要求，没有发现新的问题。（示例）",
        head_name="校（园）长（示例）", head_words="同意，马上整改。（示例）" if found else "", way=Visit.Way.READ, told_on=on,
        left_at=time(11, 30) if visit.arrived_at and visit.arrived_at.hour < 12 else time(16, 40), by=office, now=now,
    )  # fmt: skip
    if at % 6 != 2:
        services.file_visit(visit=visit, base_version=visit.version, by=office, now=now)
