"""The demo county: real public figures, made-up units and people marked 示例 (``library/demo/``)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import yaml
from django.conf import settings
from django.db import transaction
from pydantic import BaseModel, ConfigDict

from dudao.accounts import access
from dudao.accounts import queries as accounts_queries
from dudao.accounts import services as accounts
from dudao.accounts.models import User
from dudao.accounts.posts import posts
from dudao.meetings import services as meetings
from dudao.places import library
from dudao.places import services as places
from dudao.places.models import Unit
from dudao.plan import queries as plan_queries
from dudao.plan import services as plan
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of

PASSWORD = "shili-2024"  # noqa: S105 - printed at every start of the demo, refused in production


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Unit(_Strict):
    code: str
    name: str
    kind: str
    short_name: str = ""
    sponsor: str = ""
    is_private: bool = False
    is_inclusive: bool | None = None
    region_code: str = ""
    parent: str | None = None
    stages: frozenset[str] = frozenset()


class _Post(_Strict):
    post: str
    unit: str


class _Person(_Strict):
    name: str
    posts: tuple[_Post, ...]
    username: str
    inspects: tuple[str, ...] = ()


class _County(_Strict):
    county: str
    since: date
    units: tuple[_Unit, ...]
    people: tuple[_Person, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account as it is printed: one for each post."""

    post: str
    username: str
    who: str


def county() -> _County:
    """The demo county's file."""
    text = (settings.LIBRARY / "demo" / "helan.yaml").read_text("utf-8")
    return _County.model_validate(yaml.safe_load(text))


def notice_text() -> str:
    """The county's real notice of 2024, byte for byte as published."""
    return (settings.LIBRARY / "demo" / "helan_2024_yaodian.txt").read_bytes().decode("utf-8")


def accounts_by_post() -> list[Account]:
    """The demo's accounts in the order of the posts."""
    return [Account(posts()[person.posts[0].post].name, person.username, person.name) for person in county().people]


@transaction.atomic
def build(*, now: datetime) -> None:
    """Build the demo in an empty database: regions, units, people, accounts. The notice waits to be handed in."""
    facts = county()
    by = system(facts.county)
    regions = library.read_regions(settings.LIBRARY / "regions" / f"{facts.county}.yaml")
    places.load_regions(regions=regions.facts(), valid_from=regions.valid_from, by=by, now=now)
    units: dict[str, Unit] = {}
    for one in facts.units:
        more: dict[str, Any] = one.model_dump(exclude={"code", "name", "kind", "parent"})
        units[one.code] = places.open_unit(
            code=one.code,
            name=one.name,
            kind=one.kind,
            valid_from=facts.since,
            parent=units[one.parent] if one.parent else None,
            by=by,
            now=now,
            **more,
        )
    for someone in facts.people:
        _enter(someone, units, since=facts.since, by=by, now=now)


def _enter(someone: _Person, units: dict[str, Unit], *, since: date, by: Actor, now: datetime) -> None:
    """A person with posts, account, and the units they inspect."""
    person = accounts.enter_person(name=someone.name, by=by, now=now, is_example=True)
    for held in someone.posts:
        accounts.appoint(person=person, post=held.post, unit=units[held.unit], start_on=since, by=by, now=now)
    access.open_demo_account(person=person, username=someone.username, password=PASSWORD, by=by, now=now)
    for code in someone.inspects:
        accounts.give_grant(
            to_person=person,
            on_type="places.unit",
            on_key=str(units[code].pk),
            purpose="inspector.responsible",
            start_on=since,
            reason="责任督学挂牌（示例）",
            by=by,
            now=now,
        )


@transaction.atomic
def play(*, now: datetime) -> None:
    """Go on to a working day: the notice read, confirmed, tasks handed down, some signed. For pictures and measurements."""
    office = _actor("shili-zhuren", now)
    notice = plan.hand_in_notice(text=notice_text(), file_name="helan_2024_yaodian.txt", by=office, now=now)
    plan.confirm_notice(notice=notice, by=office, now=now)
    everyone = {unit.code: unit.pk for unit in Unit.objects.filter(county=office.county)}
    kindergartens = [pk for code, pk in everyone.items() if code.startswith("SL-Y") and code != "SL-YC"]
    schools = [pk for code, pk in everyone.items() if code.startswith("SL-XX")]
    towns = [pk for code, pk in everyone.items() if code.startswith("SL-XZ")]
    today = day_of(now)
    for numbers, to, days in (
        (("07-1",), kindergartens, 3),
        (("09-5", "11-1"), schools, 5),
        (("10-2.01",), towns + schools, -2),
        (("06-3",), [everyone["SL-JY"], everyone["SL-JJ"], everyone["SL-RS"]], 2),
    ):
        chosen = list(plan_queries.tasks_visible_to(office).select_related("notice").filter(number__in=numbers))
        plan.hand_down(
            tasks=chosen,
            units=to,
            sign_by=today + timedelta(days=days),
            occurred_on=today - timedelta(days=5),
            by=office,
            now=now,
        )
    # Two of three have signed, by phone as most do.
    for at, part in enumerate(plan_queries.waiting_parts(office).select_related("task").order_by("task__number", "pk")):
        if at % 3:
            plan.sign_part(part=part, signer="值班人员（示例）", how="电话", by=office, now=now)
    plan.propose_urges(by=system(office.county), now=now)
    _meet(office, everyone, now=now)


def _meet(office: Actor, units: dict[str, UUID], *, now: datetime) -> None:
    """Last month's meeting was held and minuted, this month's is proposed."""
    today = day_of(now)
    day = today - timedelta(days=today.day)
    meeting = meetings.set_up_meeting(
        kind="office-monthly",
        title="",
        day=day - timedelta(days=max(0, day.weekday() - 4)),
        at=time(15),
        place="督导室会议室",
        chair="主任甲（示例）",
        recorder="专职乙（示例）",
        by=office,
        now=now,
    )
    assert meeting.day is not None
    base: dict[str, Any] = {"meeting": meeting, "by": office, "now": now}
    meetings.hold_meeting(base_version=meeting.version, day=meeting.day, **base)
    members = [(member, "leave" if n == 2 else "present", "县里开会" if n == 2 else "") for n, member in
               enumerate(meeting.members.all())]  # fmt: skip
    meetings.record_attendance(base_version=meeting.version, rows=members, **base)
    first, second = meeting.items.filter(group="own")[:2]
    said = (
        (first, "2024年春季全县共有幼儿园60所，其中，公办园39所，民办园21所。创建工作按要点第7项推进。", "", None),
        (second, "各乡镇和学校4月底前完成春季开学控辍保学摸排，督导室每周调度一次。", "调度春季开学控辍保学摸排", 20),
        (second, "督学责任区名单4月8日前调整到位，并在校门口公示。", "调整督学责任区名单并公示", -2),
    )
    for item, words, matter, days in said:
        row = meetings.write_paragraph(item=item, text=words, **base)
        if matter and days:
            facts: dict[str, Any] = {
                "matter": matter,
                "unit": units["SL-DDS"],
                "person": None,
                "due_on": today + timedelta(days=days),
            }
            meetings.decide_paragraph(paragraph=row, base_version=row.version, **facts, by=office, now=now)
    meetings.finish_minutes(base_version=meeting.version, **base)
    period = plan_queries.tasks_visible_to(office).get(number="01-1.01")
    result = f"{meeting.day:%-m月%-d日}已召开。"
    plan.close_task(task=period, result=result, occurred_on=meeting.day, by=office, now=now)
    meetings.propose_meetings(by=system(office.county), now=now)


def _actor(username: str, now: datetime) -> Actor:
    """The actor of a demo account in its first hat."""
    user = User.objects.select_related("person").get(username=username)
    return accounts_queries.actor_for(user, hat=None, day=day_of(now))[0]
