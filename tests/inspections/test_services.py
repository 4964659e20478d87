"""An inspection from the plan to the archive, and what the rules do not let happen."""

from datetime import date
from uuid import uuid4

import pytest

from dudao.accounts import queries as accounts
from dudao.accounts import services as granting
from dudao.audit.models import AuditEvent
from dudao.findings import checking, waiting
from dudao.findings import queries as findings
from dudao.findings import services as finding_services
from dudao.findings.models import Finding
from dudao.inspections import queries, services
from dudao.inspections.models import Inspection
from dudao.inspections.services import Member
from dudao.inspectors import services as register
from dudao.papers import queries as papers
from dudao.procedures.models import Act, Clock
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player
from tests.findings.conftest import act as act_on
from tests.findings.conftest import outside_paper, proof
from tests.inspections.conftest import INVITED, LEAD, MEMBER, TICKS, line, planned, served, take
from tests.inspectors.stage import entered

pytestmark = pytest.mark.django_db


def today_of(one: Player) -> Actor:
    """The actor as they are now, with what was granted since."""
    return accounts.actor_for(one.user, hat=None, day=TODAY)[0]


def test_an_inspection_goes_from_the_plan_to_the_archive_with_its_report_beside_it(
    cast: Cast, issued: Inspection
) -> None:
    assert (issued.number, issued.state, issued.side_state) == ("2024-001", "issued", "none")
    found = queries.all_findings(issued)
    assert [one.state for one in found] == ["rectifying"] * 3
    assert {one.due_on for one in found} == {date(2024, 4, 30)}
    clocks = {c.limit: c for c in Clock.objects.filter(subject=issued.pk)}
    assert clocks["L_DEFENCE"].due_on == date(2024, 3, 28) and clocks["L_DEFENCE"].stopped_on == date(2024, 3, 20)
    assert clocks["L_OPINION_ISSUE"].stopped_on == date(2024, 3, 29)
    assert clocks["L_GOV_REPORT"].stopped_by is None

    outside_paper(issued, "inspection-report", cast.office.actor, cast.school.pk, on=date(2024, 4, 1))
    ticks = ("本级人民政府已收到", "上一级督导机构已备案")
    take(issued, "submit_report", cast.office, date(2024, 4, 2), ticks=ticks, evidence=[proof()])
    assert (issued.state, issued.side_state) == ("issued", "submitted")
    with pytest.raises(Refused, match="网址"):
        take(issued, "publish_report", cast.office, date(2024, 4, 8), evidence=[proof()])
    at = "https://portal.example/gk/1"
    take(issued, "publish_report", cast.office, date(2024, 4, 8), words=at, evidence=[proof()])
    with pytest.raises(Refused, match="还有没有销号的问题"):
        take(issued, "archive", cast.office, TODAY)
    for one in found:
        one.refresh_from_db()
        act_on(one, "report", cast.head, date(2024, 4, 3), evidence=[proof()])
        act_on(one, "recheck_passed", cast.staff, date(2024, 4, 5), evidence=[proof()])
        act_on(one, "close", cast.office, date(2024, 4, 6))
    take(issued, "archive", cast.office, TODAY)
    assert issued.is_final


def test_several_units_are_planned_in_one_step(cast: Cast, team: list[Member]) -> None:
    rows = planned(cast, team, units=[cast.school.pk, cast.school_2.pk, cast.kindergarten.pk])
    assert [row.number for row in rows] == ["2024-001", "2024-002", "2024-003"]
    assert len({row.batch for row in rows}) == 1 and rows[0].batch
    assert [row.team.count() for row in rows] == [3, 3, 3]


def test_a_notice_waits_for_three_inspectors(cast: Cast, inspectors: list[Player]) -> None:
    row = planned(cast, [Member(LEAD, inspectors[0].person.pk), Member(INVITED, name="县医院医生（示例）")])[0]
    with pytest.raises(Refused, match="督学人数不够"):
        served(row, "notify", "inspection-notice", cast, date(2024, 3, 4))
    persons = [cast.staff.person.pk, *(one.person.pk for one in inspectors)]
    members = [Member(MEMBER, key) for key in persons]
    row.refresh_from_db()
    services.set_team(inspection=row, members=members, base_version=row.version, by=cast.office.actor, now=NOW)
    served(row, "notify", "inspection-notice", cast, date(2024, 3, 4))
    assert row.state == "notified"


def test_nobody_inspects_the_unit_where_they_serve_or_served(cast: Cast, inspectors: list[Player]) -> None:
    with pytest.raises(Refused, match="丙（示例）在示例第一小学任职"):
        planned(cast, [Member(INVITED, cast.head.person.pk)])
    granting.appoint(
        person=inspectors[0].person, post="section_head", unit=cast.school, start_on=date(2022, 1, 1),
        end_on=date(2022, 6, 1), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="应当回避"):
        planned(cast, [Member(LEAD, inspectors[0].person.pk)])
    assert not Inspection.objects.exists()
    planned(cast, [Member(LEAD, inspectors[0].person.pk)], units=[cast.school_2.pk])


def test_a_declared_recusal_keeps_an_inspector_out_until_it_is_refused(cast: Cast, inspectors: list[Player]) -> None:
    said = register.say_recusal(
        inspector=entered(inspectors[0]), unit=cast.school, ground="kin", words="配偶在该校任教（示例）", start_on=date(2024, 3, 1),
        said_on=TODAY, by=inspectors[0].actor, now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="登记了回避"):
        planned(cast, [Member(LEAD, inspectors[0].person.pk)])
    register.decide_recusal(
        recusal=said, base_version=said.version, grants=False, decision="已经调离（示例）", decided_on=TODAY,
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    planned(cast, [Member(LEAD, inspectors[0].person.pk)])


def test_a_member_who_is_appointed_to_the_unit_later_stops_the_notice(
    cast: Cast, inspection: Inspection, inspectors: list[Player]
) -> None:
    granting.appoint(
        person=inspectors[0].person, post="section_head", unit=cast.school, start_on=TODAY, by=cast.office.actor,
        now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="小组成员里有被督导单位的人"):
        served(inspection, "notify", "inspection-notice", cast, date(2024, 3, 4))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"units": []}, "单位名册"),
        ({"units": [uuid4()]}, "单位名册"),
        ({"title": " "}, "督导名称"),
        ({"matters": "\n "}, "督导事项"),
        ({"kind": "regular"}, "督导类别"),
        ({"end_on": date(2024, 3, 10)}, "结束日期不能早于进驻日期"),
        ({"end_on": date(2034, 3, 10)}, "核对结束日期"),
        ({"occurred_on": date(2024, 3, 12)}, "进驻日期不能早于列入计划"),
        ({"occurred_on": date(2024, 4, 11), "begin_on": date(2024, 5, 1), "end_on": date(2024, 5, 2)}, "不能晚于今天"),
        ({"task": uuid4()}, "年度任务"),
        ({"members": [Member(MEMBER, uuid4())]}, "本县人员"),
        ({"members": [Member(MEMBER, name="外人（示例）")]}, "本县人员"),
    ],
)
def test_what_cannot_be_planned_is_said_and_nothing_stays(cast: Cast, changes: dict[str, object], words: str) -> None:
    known = {
        "units": [cast.school.pk], "kind": "special", "title": "示例", "matters": "示例事项",
        "begin_on": date(2024, 3, 11), "end_on": date(2024, 3, 13), "occurred_on": date(2024, 3, 1),
    }  # fmt: skip
    before = AuditEvent.objects.count()
    with pytest.raises(Refused, match=words):
        services.plan_inspection(**{**known, **changes}, by=cast.office.actor, now=NOW)  # type: ignore[arg-type]
    assert (Inspection.objects.count(), AuditEvent.objects.count()) == (0, before)


def test_a_head_of_a_school_is_no_inspector_but_can_be_invited(cast: Cast) -> None:
    with pytest.raises(Refused, match="请列为特邀人员"):
        planned(cast, [Member(MEMBER, cast.head_2.person.pk)])
    row = planned(cast, [Member(INVITED, cast.head_2.person.pk)])[0]
    assert row.team.get().post_words == "示例第二中学校（园）长"


def test_only_the_office_plans_and_changes(cast: Cast, inspection: Inspection, inspectors: list[Player]) -> None:
    for who in (cast.head, inspectors[0], cast.foreign_office):
        with pytest.raises(Refused):
            services.plan_inspection(
                units=[cast.school.pk], kind="special", title="示例", matters="示例", begin_on=TODAY, end_on=TODAY,
                occurred_on=TODAY, by=who.actor, now=NOW,
            )  # fmt: skip
    new = {"kind": "special", "title": "新名称", "matters": "食堂", "begin_on": TODAY, "end_on": TODAY}
    services.change_inspection(inspection=inspection, base_version=1, **new, by=cast.staff.actor, now=NOW)
    assert inspection.title == "新名称"
    with pytest.raises(Conflict):
        services.change_inspection(inspection=inspection, base_version=1, **new, by=cast.staff.actor, now=NOW)


def test_each_sees_their_own(cast: Cast, inspection: Inspection, inspectors: list[Player]) -> None:
    def sees(actor: Actor) -> bool:
        return queries.inspections_visible_to(actor).exists()

    assert sees(cast.staff.actor) and sees(today_of(inspectors[0]))
    assert not sees(cast.head.actor) and not sees(cast.head_2.actor) and not sees(cast.foreign_office.actor)
    served(inspection, "notify", "inspection-notice", cast, date(2024, 3, 4))
    assert sees(cast.head.actor) and not sees(cast.head_2.actor)


def test_inspectors_of_the_team_see_the_unit_until_the_inspection_ends(
    cast: Cast, on_site: Inspection, inspectors: list[Player]
) -> None:
    mine = today_of(inspectors[0])
    assert cast.school.pk in mine.units
    services.keep_findings(inspection=on_site, lines=[line()], by=mine, now=NOW)
    assert findings.findings_visible_to(mine).count() == 1
    assert not findings.findings_visible_to(cast.head.actor).exists()
    rest = [Member(MEMBER, one) for one in (cast.staff.person.pk, cast.office.person.pk, inspectors[1].person.pk)]
    on_site.refresh_from_db()
    services.set_team(inspection=on_site, members=rest, base_version=on_site.version, by=cast.office.actor, now=NOW)
    gone = today_of(inspectors[0])
    assert cast.school.pk not in gone.units
    with pytest.raises(Refused, match="督导小组的督学登记"):
        services.keep_findings(inspection=on_site, lines=[line(2)], by=gone, now=NOW)


def test_an_inspector_outside_the_team_does_not_act(
    cast: Cast, inspection: Inspection, inspectors: list[Player]
) -> None:
    served(inspection, "notify", "inspection-notice", cast, date(2024, 3, 4))
    inspection.team.filter(person=inspectors[1].person).delete()
    with pytest.raises(Refused, match="由督导室、督学办理"):
        take(inspection, "enter", inspectors[1], date(2024, 3, 11))


def test_twelve_problems_are_registered_at_once_and_wrong_ones_leave_none(cast: Cast, on_site: Inspection) -> None:
    lines = [line(number) for number in range(1, 13)]
    lines[6] = line(7, due_on=date(2024, 3, 1))
    with pytest.raises(Refused, match="整改期限不能早于发现日期") as caught:
        services.keep_findings(inspection=on_site, lines=lines, by=cast.office.actor, now=NOW)
    assert caught.value.field == "6-due_on" and not Finding.objects.exists()
    lines[6] = line(7)
    found = services.keep_findings(inspection=on_site, lines=lines, by=cast.office.actor, now=NOW)
    assert [one.number for one in found] == [f"2024-{number:04d}" for number in range(1, 13)]
    assert {one.origin for one in found} == {str(on_site.pk)}
    again = [
        line(at, finding=one.pk, base_version=one.version, due_on=date(2024, 5, 31)) for at, one in enumerate(found, 1)
    ]
    services.keep_findings(inspection=on_site, lines=again, by=cast.staff.actor, now=NOW)
    assert set(Finding.objects.values_list("due_on", flat=True)) == {date(2024, 5, 31)}
    with pytest.raises(Conflict):
        services.keep_findings(inspection=on_site, lines=[line(99, finding=found[0].pk, base_version=1)],
                               by=cast.office.actor, now=NOW)  # fmt: skip


def test_what_did_not_stand_in_the_preliminary_opinion_is_not_slipped_into_the_opinion(
    cast: Cast, fed_back: Inspection
) -> None:
    with pytest.raises(Refused, match="没有机会申辩"):
        services.keep_findings(inspection=fed_back, lines=[line(4)], by=cast.office.actor, now=NOW)
    services.keep_findings(inspection=fed_back, lines=[line(4)], was_told=True, by=cast.office.actor, now=NOW)


def test_the_opinion_waits_for_the_unit_or_its_days_and_for_every_due_day(cast: Cast, on_site: Inspection) -> None:
    services.keep_findings(inspection=on_site, lines=[line(1), line(2, due_on=None)], by=cast.office.actor, now=NOW)
    take(on_site, "leave", cast.office, date(2024, 4, 1), ticks=TICKS)
    served(on_site, "feed_back", "preliminary-opinion", cast, date(2024, 4, 3))
    with pytest.raises(Refused, match="申辩期也没有满"):
        take(on_site, "analyse", cast.office, TODAY)
    take(on_site, "accept", cast.head, date(2024, 4, 5))
    take(on_site, "analyse", cast.office, date(2024, 4, 6))
    with pytest.raises(Refused, match="每个问题都要有整改期限"):
        served(on_site, "issue", "opinion", cast, date(2024, 4, 8))
    assert papers.issued_of(on_site, "opinion").count() == 1, "the paper was issued before, only its service is refused"
    open_ = queries.all_findings(on_site)[1]
    finding_services.change_finding(
        finding=open_, base_version=open_.version, due_on=date(2024, 5, 10), by=cast.office.actor, now=NOW
    )
    paper = papers.issued_of(on_site, "opinion").get()
    take(on_site, "issue", cast.office, date(2024, 4, 9), paper=paper, way="oa", received_by="示例")
    assert {one.due_on for one in queries.all_findings(on_site)} == {date(2024, 4, 30), date(2024, 5, 10)}


def test_a_problem_withdrawn_after_the_defence_is_not_told(cast: Cast, fed_back: Inspection) -> None:
    take(fed_back, "defend", cast.head, date(2024, 3, 20), evidence=[proof()])
    gone = queries.all_findings(fed_back)[0]
    act_on(gone, "withdraw", cast.staff, date(2024, 3, 22), evidence=[proof()])
    take(fed_back, "analyse", cast.office, date(2024, 3, 25))
    served(fed_back, "issue", "opinion", cast, date(2024, 3, 29))
    assert [one.state for one in queries.all_findings(fed_back)] == ["withdrawn", "rectifying", "rectifying"]


def test_a_service_in_the_future_or_before_the_paper_is_refused_and_writes_nothing(
    cast: Cast, inspection: Inspection
) -> None:
    paper = outside_paper(inspection, "inspection-notice", cast.office.actor, cast.school.pk, on=date(2024, 3, 8))
    before = (Act.objects.count(), AuditEvent.objects.count())
    for on, words in ((date(2024, 4, 11), "不能晚于今天"), (date(2024, 3, 7), "不能早于成文日期")):
        with pytest.raises(Refused, match=words):
            take(inspection, "notify", cast.office, on, paper=paper, way="oa", received_by="示例")
    assert (Act.objects.count(), AuditEvent.objects.count()) == before
    assert not papers.has_received(paper, cast.school.pk)


def test_leaving_needs_the_three_ticks(cast: Cast, on_site: Inspection) -> None:
    with pytest.raises(Refused, match="专门听取学生、家长和教师意见"):
        take(on_site, "leave", cast.office, date(2024, 3, 13), ticks=TICKS[:2])


def test_the_opinion_is_drafted_with_its_twelve_problems(cast: Cast, on_site: Inspection) -> None:
    services.keep_findings(
        inspection=on_site, lines=[line(number) for number in range(1, 13)], by=cast.office.actor, now=NOW
    )
    for kind in ("inspection-notice", "preliminary-opinion", "opinion", "inspection-report"):
        paper = services.draft(inspection=on_site, kind=kind, by=cast.staff.actor, now=NOW)
        assert paper.link == f"/inspections/{on_site.pk}/" and not paper.is_served_here
        text = paper.texts.get()
        if kind != "inspection-notice":
            assert "示例问题12" in text.body
    with pytest.raises(Refused, match="没有这种文书"):
        services.draft(inspection=on_site, kind="minutes", by=cast.staff.actor, now=NOW)


def test_the_check_of_the_loop_and_its_queue_look_at_inspections_too(cast: Cast, issued: Inspection) -> None:
    sound = checking.check("640122", today=TODAY)
    assert (sound.counts["inspection"], sound.faults) == (1, [])
    later = date(2024, 4, 20)
    late = [one for one in waiting.read([issued], today=later) if one.limit == "督导报告报政府"]
    assert [step.name for step in late[0].steps] == ["督导报告报政府并备案"]
    Finding.objects.filter(pk=queries.all_findings(issued)[0].pk).update(state="registered")
    assert "inspection.untold" in {one.code for one in checking.check("640122", today=TODAY).faults}
