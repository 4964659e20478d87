"""A plan from its inputs to what holds: solved, refused with the reason, changed by hand, adopted once; who may."""

import io
import threading
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from dudao.audit.models import AuditEvent
from dudao.duties import queries as duty_queries
from dudao.duties import services as duties
from dudao.inspections import queries as inspection_queries
from dudao.inspections import services as inspections
from dudao.inspections.models import Inspection
from dudao.inspectors import services as register
from dudao.inspectors.models import Inspector
from dudao.jobs import runner
from dudao.places.models import Unit
from dudao.shell.errors import Conflict, Refused
from dudao.teams import freezing, gathering, services
from dudao.teams.models import Plan
from tests.cast import NOW, TODAY, Cast, county_cast, player
from tests.duties.stage import able

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def four(cast: Cast) -> list[Inspector]:
    """Four certified inspectors; the first is full-time and may lead."""
    rows = [able(cast, f"督学{one}", f"证{one}") for one in "癸子丑寅"]
    Inspector.objects.filter(pk=rows[0].pk).update(kind="full")
    return rows


def work() -> None:
    while job := runner.claim():
        runner.do(job, threading.Event())


def divided(cast: Cast, *, most: int = 5, only_gaps: bool = False) -> Plan:
    """A plan of duties, solved."""
    row = services.plan_duties(
        title="2024年分工", starts_on=TODAY, most=most, only_gaps=only_gaps, by=cast.office.actor, now=NOW
    )
    work()
    row.refresh_from_db()
    return row


def ahead(cast: Cast, where: Unit, first: int, last: int) -> Inspection:
    return inspections.plan_inspection(
        units=[where.pk], kind="special", title="规范办学", matters="课程开设", begin_on=date(2024, 4, first),
        end_on=date(2024, 4, last), occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )[0]  # fmt: skip


def grouped(cast: Cast, *rows: Inspection, size: int = 3, most: int = 2) -> Plan:
    """A plan of teams, solved."""
    row = services.plan_teams(
        title="4月组队", inspections=[one.pk for one in rows], size=size, most=most, lines=["school"],
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    work()
    row.refresh_from_db()
    return row


def recuse(cast: Cast, row: Inspector, where: Unit) -> None:
    register.say_recusal(
        inspector=row,
        unit=where,
        ground="kin",
        words="示例",
        start_on=TODAY,
        said_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )


def of(plan: Plan, key: object) -> list[str]:
    return sorted(who for who, job in freezing.assignment_of(plan).pairs if job == str(key))


def test_every_school_and_kindergarten_gets_an_inspector_who_need_not_step_back(
    cast: Cast, four: list[Inspector]
) -> None:
    for row in four[1:]:
        recuse(cast, row, cast.school)
    plan = divided(cast)
    assert plan.state == "solved" and plan.answer["bound"] == plan.answer["score"]
    assert of(plan, cast.school.pk) == [str(four[0].pk)]
    assert {job for _, job in freezing.assignment_of(plan).pairs} == {
        str(one.pk) for one in (cast.school, cast.school_2, cast.kindergarten)
    }
    services.adopt_plan(plan=plan, base_version=plan.version, document="示例1号", by=cast.office.actor, now=NOW)
    held = duty_queries.duties_on("640122", day=TODAY)
    assert {(str(one.inspector), str(one.unit)) for one in held} == freezing.assignment_of(plan).pairs


def test_a_plan_is_adopted_once_and_not_over_a_later_decision(cast: Cast, four: list[Inspector]) -> None:
    plan, other = divided(cast), divided(cast)
    services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    with pytest.raises(Refused, match="已采用"):
        services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    with pytest.raises(Conflict, match="另行安排"):
        services.adopt_plan(plan=other, base_version=other.version, by=cast.office.actor, now=NOW)
    assert Plan.objects.get(pk=other.pk).state == "solved"
    assert AuditEvent.objects.filter(action="team_plan.adopted").count() == 1


def test_what_cannot_be_is_refused_with_the_rules_that_clash_and_what_to_do(cast: Cast, four: list[Inspector]) -> None:
    for row in four:
        recuse(cast, row, cast.school)
    plan = divided(cast)
    assert plan.state == "impossible" and plan.answer is None
    words = "".join(plan.clash)
    assert "应当回避的督学不得承担；每所学校（每项督导）须配足人数" in words and "示例第一小学" in words
    assert "4名督学中不能安排的：回避4人" in words and "核对回避登记" in words
    page = Client()
    page.force_login(cast.office.user)
    shown = page.get(reverse("teams:plan", args=[plan.pk])).content.decode()
    assert "没有办法同时满足这些规则" in shown and "回避4人" in shown


def test_without_schools_inspectors_or_a_sound_limit_nothing_is_begun(cast: Cast) -> None:
    base: dict[str, Any] = {"title": "示例", "by": cast.office.actor, "now": NOW}
    with pytest.raises(Refused, match="没有在任的督学"):
        services.plan_duties(starts_on=TODAY, most=5, **base)
    with pytest.raises(Refused, match="不能早于今天"):
        services.plan_duties(starts_on=date(2024, 4, 9), most=5, **base)
    with pytest.raises(Refused, match="1 到 60"):
        services.plan_duties(starts_on=TODAY, most=0, **base)
    with pytest.raises(Refused, match="还没有开始的督导检查"):
        services.plan_teams(inspections=[], size=3, most=2, lines=[], **base)
    with pytest.raises(Refused, match="督导室安排"):
        services.plan_duties(starts_on=TODAY, most=5, title="示例", by=cast.head.actor, now=NOW)


def test_a_change_by_hand_is_checked_at_once_kept_and_the_rest_is_solved_around_it(
    cast: Cast, four: list[Inspector]
) -> None:
    recuse(cast, four[1], cast.school)
    plan = divided(cast, most=1)
    base: dict[str, Any] = {"plan": plan, "job": str(cast.school.pk), "by": cast.office.actor, "now": NOW}
    with pytest.raises(Refused, match="应当回避"):
        services.decide(base_version=plan.version, people=[str(four[1].pk)], **base)
    elsewhere = next(one for one in (cast.school_2, cast.kindergarten) if of(plan, one.pk) != [str(four[1].pk)])
    busy = of(plan, elsewhere.pk)[0]
    services.decide(base_version=plan.version, people=[busy], **base)
    assert of(plan, cast.school.pk) == [busy] and plan.is_by_hand
    with pytest.raises(Refused, match="最多1项，现有2项"):
        services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    services.solve_again(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    work()
    plan.refresh_from_db()
    assert of(plan, cast.school.pk) == [busy] and of(plan, elsewhere.pk) != [busy] and not plan.is_by_hand
    services.decide(base_version=plan.version, people=[], **base)
    services.solve_again(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    work()
    plan.refresh_from_db()
    assert of(plan, cast.school.pk) not in ([busy], [])
    services.release(base_version=plan.version, **base)
    assert plan.decisions == {"fixed": [], "barred": [], "leads": {}}


def test_only_gaps_leaves_who_is_responsible_where_they_are_and_their_partner_too(
    cast: Cast, four: list[Inspector]
) -> None:
    rows = [duties.Given(cast.school.pk, one.pk) for one in four[2:]]
    duties.assign_duties(rows=rows, starts_on=date(2024, 3, 1), by=cast.office.actor, now=NOW)
    plan = divided(cast, only_gaps=True)
    services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    held = duty_queries.responsible_for("640122", [cast.school.pk], day=TODAY)[cast.school.pk]
    assert {one.inspector for one in held} == {one.pk for one in four[2:]}
    assert len({one.unit for one in duty_queries.duties_on("640122", day=TODAY)}) == 3


def test_teams_have_a_leader_three_people_nobody_recused_and_nobody_twice_on_a_day(
    cast: Cast, four: list[Inspector]
) -> None:
    office = able(cast, "督学卯", "证卯")
    Inspector.objects.filter(pk=office.pk).update(kind="full")
    more = [able(cast, f"督学{one}", f"证{one}") for one in "辰巳"]
    recuse(cast, more[0], cast.school)
    first, second = ahead(cast, cast.school, 15, 16), ahead(cast, cast.school_2, 16, 17)
    plan = grouped(cast, first, second)
    assert plan.state == "solved"
    services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    teams = [inspection_queries.team(one) for one in (first, second)]
    assert [[one.role for one in team] for team in teams] == [["lead", "member", "member"]] * 2
    persons = [{one.person_id for one in team} for team in teams]
    assert not persons[0] & persons[1] and more[0].person_id not in persons[0]
    with pytest.raises(Refused, match="每组不少于3名"):
        grouped(cast, first, size=2)


def test_an_inspection_that_changed_meanwhile_keeps_its_team_and_the_plan_stays(
    cast: Cast, four: list[Inspector]
) -> None:
    row = ahead(cast, cast.school, 15, 16)
    plan = grouped(cast, row)
    inspections.set_team(inspection=row, members=[], base_version=row.version, by=cast.office.actor, now=NOW)
    with pytest.raises(Conflict):
        services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    assert inspection_queries.team(row) == [] and Plan.objects.get(pk=plan.pk).state == "solved"


def test_who_is_on_another_inspection_that_day_is_not_sent(cast: Cast, four: list[Inspector]) -> None:
    row, other = ahead(cast, cast.school, 15, 16), ahead(cast, cast.school_2, 16, 17)
    plan = grouped(cast, other)
    services.adopt_plan(plan=plan, base_version=plan.version, by=cast.office.actor, now=NOW)
    impossible = grouped(cast, row)
    assert impossible.state == "impossible"
    assert "请假或已有其他督导任务期间不得安排" in "".join(impossible.clash)


def test_what_is_solved_after_the_plan_was_put_away_is_not_kept(cast: Cast, four: list[Inspector]) -> None:
    row = services.plan_duties(title="示例", starts_on=TODAY, most=5, by=cast.office.actor, now=NOW)
    services.drop_plan(plan=row, base_version=row.version, by=cast.office.actor, now=NOW)
    work()
    row.refresh_from_db()
    assert row.state == "dropped" and row.answer is None


def test_the_same_inputs_have_the_same_digest_and_come_back_as_they_were(cast: Cast, four: list[Inspector]) -> None:
    problem, about = gathering.duty_problem("640122", starts_on=TODAY, most=5, only_gaps=False)
    frozen = freezing.freeze(problem)
    plan = Plan(kind="duties", inputs={"problem": frozen, **about}, decisions={})
    assert freezing.problem_of(plan) == problem
    assert freezing.digest(freezing.freeze(freezing.problem_of(plan))) == freezing.digest(frozen)


def test_only_the_office_of_the_county_sees_plans(cast: Cast, four: list[Inspector]) -> None:
    plan = divided(cast)
    leader, inspector = player("分管辰", "leader", cast.bureau), four[0].person.users.get()
    addresses = [reverse("teams:list"), reverse("teams:new_duties"), reverse("teams:plan", args=[plan.pk])]
    for user in (leader.user, inspector, cast.head.user, cast.foreign.user):
        page = Client()
        page.force_login(user)
        assert [page.get(one).status_code for one in addresses] == [404, 404, 404]
    page = Client()
    page.force_login(cast.foreign_office.user)
    assert page.get(addresses[2]).status_code == 404
    with pytest.raises(Refused, match="督导室"):
        services.adopt_plan(plan=plan, base_version=plan.version, by=leader.actor, now=NOW)


def test_the_pages_from_the_form_to_the_adopted_plan(
    cast: Cast, four: list[Inspector], client: Client, django_assert_num_queries: Any
) -> None:
    client.force_login(cast.office.user)
    answer = client.post(
        reverse("teams:new_duties"), {"title": "2024年分工", "starts_on": "2024-04-10", "most": "5"}, follow=True
    )
    assert "排队等候求解" in answer.content.decode()
    plan = Plan.objects.get()
    assert client.get(reverse("teams:progress", args=[plan.pk])).headers.get("HX-Refresh") is None
    work()
    plan.refresh_from_db()
    address = reverse("teams:plan", args=[plan.pk])
    assert client.get(reverse("teams:progress", args=[plan.pk])).headers["HX-Refresh"] == "true"
    page = client.get(address).content.decode()
    assert "已证明是最好的安排" in page and "示例花园幼儿园" in page and "单看最多" in page
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{address}?export=xlsx").getvalue()))
    assert book.sheet_names == ["安排", "按督学", "得分"] and len(book.get_sheet_by_index(0).to_python()) == 6
    decide = reverse("teams:decide", args=[plan.pk, cast.school.pk])
    assert "督学" in client.get(decide).content.decode()
    now = of(plan, cast.school.pk)[0]
    other = next(str(one.pk) for one in four if str(one.pk) != now)
    client.post(decide, {"base_version": plan.version, "person": other})
    assert "人工确定" in client.get(address).content.decode()
    plan.refresh_from_db()
    client.post(reverse("teams:adopt", args=[plan.pk]), {"base_version": plan.version, "document": "示例1号"})
    page = client.get(address).content.decode()
    assert "已采用" in page and "其余重新求解" not in page
    held = duty_queries.responsible_for("640122", [cast.school.pk], day=TODAY)[cast.school.pk]
    assert [str(one.inspector) for one in held] == [other]
    assert client.get(reverse("teams:list")).status_code == 200
    assert "没有等着组队的督导检查" in client.get(reverse("teams:new_teams")).content.decode()


def test_a_team_is_changed_on_its_page_and_a_bad_choice_stands_at_its_field(
    cast: Cast, four: list[Inspector], client: Client
) -> None:
    client.force_login(cast.office.user)
    row = ahead(cast, cast.school, 15, 16)
    assert "规范办学" in client.get(reverse("teams:new_teams")).content.decode()
    plan = grouped(cast, row)
    decide = reverse("teams:decide", args=[plan.pk, row.pk])
    keys = [str(one.pk) for one in four]
    answer = client.post(decide, {"base_version": plan.version, "people": keys, "lead": keys[0]})
    assert answer.status_code == 422 and "安排3人，现选了4人" in answer.content.decode()
    answer = client.post(decide, {"base_version": plan.version, "people": keys[1:], "lead": keys[1]})
    assert answer.status_code == 422
    client.post(decide, {"base_version": plan.version, "people": [keys[0], keys[3]], "lead": keys[0]})
    plan.refresh_from_db()
    page = client.get(reverse("teams:plan", args=[plan.pk])).content.decode()
    assert "应有3人，现有2人" in page and "还不能采用" in page
    client.post(reverse("teams:release", args=[plan.pk, row.pk]), {"base_version": plan.version})
    plan.refresh_from_db()
    client.post(reverse("teams:again", args=[plan.pk]), {"base_version": plan.version})
    work()
    plan.refresh_from_db()
    assert plan.state == "solved" and len(of(plan, row.pk)) == 3
    client.post(reverse("teams:drop", args=[plan.pk]), {"base_version": plan.version})
    assert Plan.objects.get().state == "dropped"


def test_a_page_takes_as_many_statements_for_many_schools_as_for_few(
    cast: Cast, four: list[Inspector], client: Client, django_assert_num_queries: Any
) -> None:
    client.force_login(cast.office.user)
    plan = divided(cast)
    address = reverse("teams:plan", args=[plan.pk])
    client.get(address)
    with django_assert_num_queries(13):
        client.get(address)
