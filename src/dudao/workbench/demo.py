"""The demo county: real public figures, made-up units and people marked 示例 (``library/demo/``)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
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
from dudao.disclosure import services as disclosure
from dudao.meetings import services as meetings
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.places import library
from dudao.places import services as places
from dudao.places.models import Unit
from dudao.plan import queries as plan_queries
from dudao.plan import services as plan
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.workbench import (
    demo_complaints,
    demo_draws,
    demo_duties,
    demo_evidence,
    demo_inspectors,
    demo_loop,
    demo_numbers,
    demo_teams,
    demo_training,
    demo_visits,
)

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
    """Build the demo in an empty database: regions, units, people, accounts, the register of the loop. The notice waits
    to be handed in."""
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
    # Before the first paper: its head is whose name stands under what is drafted.
    director = _actor("shili-zhuren", now)
    papers.add_code(code="贺政教督发", organ="贺兰县人民政府教育督导委员会", numbered_by="here", by=director, now=now)
    keys = {code: unit.pk for code, unit in units.items()}
    demo_loop.play(units=keys, who=partial(_actor, now=now), now=now)
    demo_numbers.load(units=keys, who=partial(_actor, now=now), now=now)
    demo_evidence.collect(units=keys, who=partial(_actor, now=now), now=now)
    demo_inspectors.enter(units=keys, who=partial(_actor, now=now), now=now)
    demo_duties.assign(units=keys, who=partial(_actor, now=now), now=now)
    demo_complaints.take(units=keys, who=partial(_actor, now=now), now=now)
    demo_training.hold(who=partial(_actor, now=now), now=now)
    demo_visits.make(units=keys, who=partial(_actor, now=now), now=now)
    demo_draws.draw(units=keys, who=partial(_actor, now=now), now=now)
    demo_teams.propose(who=partial(_actor, now=now), now=now)
    _publish(now=now)


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
    _write_papers(everyone, now=now)


def _publish(*, now: datetime) -> None:
    """How the county publishes, and a result on its way: sent to 公开审查. All 示例."""
    director, staff = _actor("shili-zhuren", now), _actor("shili-zhuanzhi", now)
    wanted = disclosure.Wanted(
        "EXAMPLE00", "{机构}/{年}-{流水}", 5, "贺兰县教育体育局", "贺兰县教育体育局", settings.OFFICE,
        "可向县人民政府教育督导室书面反映，电话见县政府网站。",
    )  # fmt: skip
    disclosure.change_setting(base_version=0, wanted=wanted, by=director, now=now)
    words = disclosure.Words(
        "2024年学前教育普及普惠督导评估结果（示例）",
        "根据年度教育督导工作安排，督导室对全县学前教育普及普惠情况进行了督导评估，现将结果公布如下。\n"
        "2024年春季全县共有幼儿园60所，在园幼儿13619人，其中公办园9169人，普惠性民办园2133人。\n"
        "| 指标 | 数值 | 分子 / 分母 |\n| --- | --- | --- |\n| 普惠性幼儿园覆盖率 | 82.99% | 11302 / 13619 |\n"
        "| 公办园在园幼儿占比 | 67.33% | 9169 / 13619 |",
        "全县幼儿园普惠性覆盖率、公办园占比等结果。",
        "算式：(9169 + 2133) ÷ 13619 × 100% = 82.9870…%，四舍五入到两位\n来源：各幼儿园上报，采用核查后的数（示例）",
    )
    formed_on = day_of(now) - timedelta(days=7)
    edition = disclosure.prepare_text(words=words, formed_on=formed_on, by=staff, now=now)
    disclosure.submit(edition=edition, base_version=edition.version, by=staff, now=now)


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


def _write_papers(units: dict[str, UUID], *, now: datetime) -> None:
    """Two papers issued and one of them signed for, one that waits to be signed, one half filled. All 示例."""
    director, staff = _actor("shili-zhuren", now), _actor("shili-zhuanzhi", now)
    base: dict[str, Any] = {"subject": None, "subject_title": "", "link": "", "by": staff, "now": now}
    school, other = units["SL-XX02"], units["SL-XX01"]
    notice = {
        "单位": "示例学校", "督学": "督学戊（示例）", "督导时间": "2024年3月26日", "整改期限": "15",
        "问题": [{"编号": "1", "问题描述": "教学楼一层消防通道堆放课桌椅。", "依据": "学校消防安全管理要求"}],
        "整改要求": "立即清理消防通道，建立每日巡查记录。",
    }  # fmt: skip
    for to, more in ((school, {}), (other, {"督导时间": "2024年3月28日"})):
        paper = papers.draft_paper(
            kind="rectification-notice",
            values={**notice, **more},
            to_units=[to],
            title="关于清理消防通道的整改通知书",
            **base,
        )
        _issue(paper, director, now=now)
    head = _actor("shili-xiaozhang", now)
    first = Paper.objects.get(county=staff.county, kind="rectification-notice", addressees__unit=school, subject_key="")
    papers.serve_paper(
        paper=first,
        unit=school,
        on=day_of(now),
        way="system",
        received_by_words=head.name,
        evidence=[],
        by=head,
        now=now,
    )
    waiting = papers.draft_paper(
        kind="circular",
        values={},
        title="关于2024年春季开学督导情况的通报",
        to_words="各乡镇（场）、各学校、幼儿园",
        **base,
    )
    papers.change_text(
        paper=waiting,
        base_version=waiting.version,
        title=waiting.title,
        to_words="各乡镇（场）、各学校、幼儿园",
        body="2024年春季开学期间，督导室对全县学校、幼儿园进行了开学督导，现将有关情况通报如下。\n一、基本情况\n"
        "春季在园幼儿13619人，其中公办园9169人，占比为67.33%。\n二、存在的问题\n（一）个别学校消防通道堆放杂物。\n"
        "（二）个别幼儿园晨检记录不完整。\n三、下一步要求\n各单位要对照问题举一反三，4月底前完成自查整改。",
        remark="补充开学数据",
        by=staff,
        now=now,
    )
    papers.submit_paper(paper=waiting, base_version=waiting.version, by=staff, now=now)
    papers.draft_paper(kind="inspection-notice", values={"被督导单位": "示例学校"}, to_units=[school], **base)


def _issue(paper: Paper, by: Actor, *, now: datetime) -> None:
    papers.issue_paper(paper=paper, base_version=paper.version, despite_warnings=True, by=by, now=now)


def _actor(username: str, now: datetime, *, unit: UUID | None = None) -> Actor:
    """The actor of a demo account in its first hat, or in the one of a unit."""
    user = User.objects.select_related("person").get(username=username)
    actor, hats = accounts_queries.actor_for(user, hat=None, day=day_of(now))
    worn = next((hat.key for hat in hats if unit in (hat.appointment.unit_id, None)), None)
    return actor if worn in (None, actor.hat) else accounts_queries.actor_for(user, hat=worn, day=day_of(now))[0]
