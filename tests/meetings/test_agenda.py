"""The agenda says what the plan says of the day."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dudao.meetings import queries, services
from dudao.meetings.models import AgendaItem, Meeting
from dudao.plan import agenda as plan_agenda
from dudao.plan import services as plan
from dudao.plan.models import Task, TaskPart
from dudao.shell.acts import Actor, system
from tests.cast import NOW, TODAY, Cast, Player, unit

pytestmark = pytest.mark.django_db


def task(title: str, by: Player, due: date | None = None, **more: object) -> Task:
    return plan.add_task(title=title, due_on=due, by=by.actor, now=NOW, **more)  # type: ignore[arg-type]


def handed(one: Task, by: Player, units: list[object], sign_by: date = TODAY, on: date = TODAY) -> Task:
    keys = [u.pk for u in units]  # type: ignore[attr-defined]
    plan.hand_down(tasks=[one], units=keys, sign_by=sign_by, occurred_on=on, by=by.actor, now=NOW)
    one.refresh_from_db()
    return one


def told(by: Player, **more: object) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    spans = {"until": TODAY + timedelta(days=30), "since": TODAY - timedelta(days=30)}
    for matter in plan_agenda.matters(by.actor, today=TODAY, **spans, **more):  # type: ignore[arg-type]
        found.setdefault(matter.group, []).append((matter.task.title if matter.task else "", matter.words))
    return found


def test_each_task_stands_once_for_its_most_pressing_reason(office: Player, cast: Cast) -> None:
    task("早该办完", office, TODAY - timedelta(days=12))
    handed(
        task("有单位签收逾期", office, TODAY + timedelta(days=10)),
        office,
        [cast.school, cast.kindergarten],
        sign_by=TODAY - timedelta(days=2),
        on=TODAY - timedelta(days=5),
    )
    task("快到期", office, TODAY + timedelta(days=9))
    handed(task("等签收", office), office, [cast.school], sign_by=TODAY + timedelta(days=3))
    task("还早", office, TODAY + timedelta(days=90))
    done = task("刚办完", office)
    plan.close_task(task=done, result="已印发方案", by=office.actor, now=NOW)
    held = task("请求延期", office, TODAY + timedelta(days=60))
    plan.ask_change(
        task=held,
        kind="extend",
        due_on=TODAY + timedelta(days=80),
        reason="校舍未交付",
        by=office.actor,
        now=NOW,
    )
    found = told(office)
    assert [title for title, _ in found["overdue"]] == ["早该办完", "有单位签收逾期"]
    assert found["overdue"][0][1] == "逾期 12 天（3月29日到期）；尚未下达"
    assert "待签收：" in found["overdue"][1][1] and "（2 个已逾期）" in found["overdue"][1][1]
    assert "示例第一小学" in found["overdue"][1][1] and "示例花园幼儿园" in found["overdue"][1][1]
    assert found["due"] == [("快到期", "4月19日到期，还剩 9 天；尚未下达")]
    assert found["waiting"] == [("等签收", "待签收：示例第一小学")]
    assert found["blocked"] == [("请求延期", "6月9日到期，还剩 60 天；尚未下达；申请延期至6月29日：校舍未交付")]
    assert found["done"] == [("刚办完", "4月10日办结；已印发方案")]


def test_units_that_signed_and_did_not_answer_are_named_and_many_are_counted(office: Player, cast: Cast) -> None:
    schools = [unit(f"示例学校{n:02d}", f"M{n:03d}") for n in range(12)]
    one = handed(task("摸排督查", office), office, [*schools], sign_by=TODAY + timedelta(days=2))
    for part in TaskPart.objects.filter(task=one):
        plan.sign_part(part=part, signer="示例", how="电话", by=office.actor, now=NOW)
    first = TaskPart.objects.filter(task=one).first()
    plan.answer_part(part=first, answer="已摸排", person="示例", how="电话", by=office.actor, now=NOW)  # type: ignore[arg-type]
    ((_, words),) = told(office)["waiting"]
    assert "等 11 个" in words and words.startswith("未报送：示例学校") and "待审核：示例学校" in words
    assert words.count("、") == plan_agenda.NAMED - 1


def test_a_kept_agenda_stays_and_the_button_brings_it_up_to_date(office: Player, april: Meeting) -> None:
    late, soon = task("早该办完", office, TODAY - timedelta(days=2)), task("快到期", office, TODAY + timedelta(days=2))
    live = queries.agenda(office.actor, april, today=TODAY)
    assert live.is_live and [b.code for b in live.blocks] == ["own", "overdue", "due"]
    assert not AgendaItem.objects.filter(task__isnull=False).exists()
    services.refresh_agenda(meeting=april, by=office.actor, now=NOW)
    services.remove_item(item=AgendaItem.objects.get(task=soon), by=office.actor, now=NOW)
    plan.close_task(task=late, result="好", by=office.actor, now=NOW)
    task("新来的", office, TODAY - timedelta(days=1))
    april.refresh_from_db()
    kept = queries.agenda(office.actor, april, today=TODAY)
    assert [b.code for b in kept.blocks] == ["own", "overdue"] and len(kept.removed) == 1
    services.refresh_agenda(meeting=april, by=office.actor, now=NOW)
    again = queries.agenda(office.actor, april, today=TODAY)
    by_code = {b.code: [line.item.title for line in b.lines] for b in again.blocks}
    assert by_code["overdue"] == ["任务 补03 新来的"] and by_code["done"] == ["任务 补01 早该办完"]
    assert [item.task_id for item in again.removed] == [soon.pk]


def test_a_long_group_is_cut_with_the_rest_counted(
    office: Player, april: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_agenda, "SHOWN", 3)
    for n in range(5):
        task(f"任务{n}", office, TODAY - timedelta(days=n + 1))
    assert told(office)["overdue"][-1] == ("", "另有 2 项，见任务清单")
    for _ in range(2):
        services.refresh_agenda(meeting=april, by=office.actor, now=NOW)
    assert AgendaItem.objects.filter(meeting=april, group="overdue").count() == 4


def test_the_task_to_hold_the_meeting_is_not_on_its_own_agenda(office: Player, april: Meeting) -> None:
    parent = task("每月召开教育督导室专题工作会议", office, rule="monthly")
    month = Task.objects.get(parent=parent, opens_on=date(2024, 4, 1))
    assert queries.fulfils(office.actor, april, on=TODAY) == [month]
    assert not [item for item in queries.from_plan(office.actor, april, today=TODAY) if item.task_id]


def test_statements_do_not_grow_with_tasks_and_units(office: Player, cast: Cast, april: Meeting) -> None:
    def count(work: object, *args: object, **more: object) -> int:
        with CaptureQueriesContext(connection) as made:
            work(*args, **more)  # type: ignore[operator]
        return len(made)

    def one_of_each(n: int) -> None:
        handed(
            task(f"逾期{n}", office, TODAY - timedelta(days=1)), office, [cast.school], TODAY, TODAY - timedelta(days=1)
        )
        task(f"到期{n}", office, TODAY + timedelta(days=3))
        handed(task(f"等{n}", office), office, [cast.kindergarten, cast.school_2])

    one_of_each(0)
    before = count(queries.agenda, office.actor, april, today=TODAY)
    kept = count(services.refresh_agenda, meeting=april, by=office.actor, now=NOW)
    for n in range(1, 15):
        one_of_each(n)
    assert count(queries.agenda, office.actor, Meeting.objects.get(pk=april.pk), today=TODAY) <= before
    assert count(services.refresh_agenda, meeting=april, by=office.actor, now=NOW) <= kept + 1


def test_another_county_hears_nothing_of_ours(office: Player, cast: Cast) -> None:
    task("早该办完", office, TODAY - timedelta(days=12))
    by: Actor = system("640121")
    assert plan_agenda.matters(by, today=TODAY, until=TODAY, since=TODAY) == []
