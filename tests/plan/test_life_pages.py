"""The pages of a task's life through the plain client: close, open again, withdraw, put off, set, urge, hand down many."""

import io
import re
import time
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from dudao.messages.models import Message
from dudao.plan import services
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.shell import clock
from tests.cast import NOW, TODAY, Cast, Player, player, unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_office(client: Client, office: Player) -> Client:
    client.force_login(office.user)
    return client


def at(who: Player) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def page(client: Client, name: str, row: object, **query: object) -> str:
    """The page of a row, as words; it must be there."""
    answer = client.get(reverse(f"plan:{name}", args=[row.pk]), query)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return answer.content.decode()


def ticked(name: str, *tasks: Task) -> str:
    """The address of a page for ticked tasks."""
    return f"{reverse(f'plan:{name}')}?{urlencode([('task', str(task.pk)) for task in tasks])}"


def picture() -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG")
    return SimpleUploadedFile("会议照片.png", made.getvalue(), "image/png")


@pytest.fixture
def quarterly(office: Player) -> Task:
    return services.add_task(title="季度调度（示例）", rule="quarterly", year=2024, by=office.actor, now=NOW)


def test_the_office_closes_its_own_task_with_a_picture_and_opens_it_again(
    at_office: Client, tasks: list[Task], head: Player
) -> None:
    task = tasks[0]
    assert "记录办结" in page(at_office, "task", task)
    typed = {"result": "4月专题会已开。", "occurred_on": "2024-04-08", "evidence": picture()}
    at_office.post(reverse("plan:task_close", args=[task.pk]), typed)
    shown = page(at_office, "task", task)
    assert "2024年4月8日办结" in shown and "4月专题会已开。" in shown and "会议照片.png" in shown
    address = re.findall(r'href="(/plan/tasks/[^"]+/files/[^"]+)"', shown)[0]
    assert at_office.get(address).status_code == 200
    assert at(head).get(address).status_code == 404
    at_office.post(reverse("plan:task_reopen", args=[task.pk]), {"reason": "点错了"})
    assert Task.objects.get(pk=task.pk).state == "draft"


def test_a_result_left_empty_is_said_beside_the_field_and_the_rest_stays(at_office: Client, tasks: list[Task]) -> None:
    answer = at_office.post(reverse("plan:task_close", args=[tasks[0].pk]), {"result": "", "occurred_on": "2024-04-08"})
    assert answer.status_code == 422
    assert "2024-04-08" in answer.content.decode()


def test_a_withdrawn_task_leaves_the_list_and_is_found_again_by_its_state(at_office: Client, tasks: list[Task]) -> None:
    at_office.post(reverse("plan:task_revoke", args=[tasks[0].pk]), {"reason": "上级取消"})
    listed = at_office.get(reverse("plan:task_list"), {"q": tasks[0].title}).content.decode()
    assert reverse("plan:task", args=[tasks[0].pk]) not in listed
    listed = at_office.get(reverse("plan:task_list"), {"state": "withdrawn"}).content.decode()
    assert reverse("plan:task", args=[tasks[0].pk]) in listed
    shown = page(at_office, "task", tasks[0])
    assert "已撤销" in shown and "上级取消" in shown


def test_a_school_asks_for_more_time_and_the_director_approves(
    at_office: Client, tasks: list[Task], office: Player, head: Player
) -> None:
    task = services.correct_task(
        task=tasks[0], base_version=tasks[0].version, due_on=date(2028, 1, 31), proof="照片两张",
        by=office.actor, now=NOW,
    )  # fmt: skip
    units = [head.appointment.unit_id]
    services.hand_down(tasks=[task], units=units, sign_by=clock.today(), by=office.actor, now=clock.now())
    part, school = TaskPart.objects.get(), at(head)
    school.post(reverse("plan:part_sign", args=[part.pk]))
    shown = page(school, "task", task)
    assert "申请延期" in shown and "佐证要求：照片两张" in shown and "记录办结" not in shown
    assert "佐证要求：照片两张" in page(school, "part_answer", part)
    asked = school.post(
        reverse("plan:part_extend", args=[part.pk]),
        {"kind": "extend", "due_on": "2028-03-31", "reason": "停课（示例）"},
    )
    assert asked.status_code == 302
    change = TaskChange.objects.get()
    assert "等批准" in page(school, "task", task)
    home = at_office.get("/").content.decode()
    assert "待我批准" in home and reverse("plan:change", args=[change.pk]) in home
    assert "停课（示例）" in at_office.get(reverse("plan:change_list")).content.decode()
    answer = at_office.post(reverse("plan:change", args=[change.pk]), {"approved": "no", "note": ""})
    assert answer.status_code == 422 and "写明理由" in answer.content.decode()
    at_office.post(reverse("plan:change", args=[change.pk]), {"approved": "yes", "note": "同意"})
    assert TaskPart.objects.get().due_on == date(2028, 3, 31)
    school.post(reverse("plan:part_answer", args=[part.pk]), {"answer": "已办。"})
    at_office.post(reverse("plan:part_review", args=[part.pk]), {"accepted": "yes", "note": ""})
    assert Task.objects.get(pk=task.pk).state == "done"
    assert "退回重办" in page(at_office, "task", task)
    at_office.post(reverse("plan:part_reopen", args=[part.pk]), {"reason": "缺照片"})
    assert "督导室退回：缺照片" in page(school, "task", task)
    assert "2028年3月31日" in page(school, "change", change)
    assert "（单独）" in page(at_office, "task", task)


def test_who_asked_sees_no_form_to_decide_and_the_paper_is_recorded_by_a_colleague(
    at_office: Client, tasks: list[Task], cast: Cast
) -> None:
    ask = reverse("plan:change_ask", args=[tasks[0].pk])
    at_office.post(ask, {"kind": "pause", "reason": "等上级文件"})
    change = TaskChange.objects.get()
    shown = page(at_office, "change", change)
    assert "自己的申请由别人批准" in shown and 'name="approved"' not in shown
    staff = at(cast.staff)
    record = reverse("plan:change_record", args=[change.pk])
    typed = {"approved": "yes", "decided_by": cast.office.person.name, "how": "书面签字", "note": ""}
    assert staff.post(record, typed).status_code == 422
    staff.post(record, {**typed, "decided_by": "王副县长（示例）", "evidence": picture()})
    shown = page(at_office, "change", change)
    assert "王副县长（示例）" in shown and "督导室代登" in shown
    address = re.findall(r'href="(/plan/changes/[^"]+/files/[^"]+)"', shown)[0]
    assert at_office.get(address).status_code == 200
    shown = page(at_office, "task", tasks[0])
    assert "已暂停" in shown and "等上级文件" in shown and "申请恢复" in shown


def test_who_has_nothing_to_do_with_a_task_asks_for_nothing(tasks: list[Task], head: Player, cast: Cast) -> None:
    for who in (head, cast.foreign_office):
        assert at(who).get(reverse("plan:change_ask", args=[tasks[0].pk])).status_code == 404
        assert at(who).get(ticked("task_set", tasks[0])).status_code in (302, 404)


def test_what_is_set_of_many_is_shown_first_and_empty_fields_stay(
    at_office: Client, tasks: list[Task], office: Player, quarterly: Task
) -> None:
    services.correct_task(task=tasks[0], base_version=tasks[0].version, line="school", by=office.actor, now=NOW)
    services.close_task(task=tasks[2], result="已办", by=office.actor, now=NOW)
    period = Task.objects.filter(parent=quarterly).order_by("opens_on")[1]
    address = ticked("task_set", *tasks[:3], period)
    person = office.person
    typed = {"person_id": str(person.pk), "line": "school", "due_on": "2028-06-30"}
    shown = at_office.post(address, {**typed, "step": "look"}).content.decode()
    assert "将改 4 项任务" in shown
    assert not Task.objects.filter(person=person).exists()
    at_office.post(address, {**typed, "step": "save"})
    first, second, closed = (Task.objects.get(pk=task.pk) for task in tasks[:3])
    assert (first.person, first.line, first.due_on) == (person, "school", date(2028, 6, 30))
    assert (second.person, second.title) == (person, tasks[1].title)
    assert (closed.person, closed.state) == (None, "done")
    periods = Task.objects.filter(parent=quarterly).order_by("opens_on")
    assert {one.person for one in periods} == {person}
    assert [one.due_on == date(2028, 6, 30) for one in periods] == [one.pk == period.pk for one in periods]
    assert "没有要改的" in at_office.post(address, {**typed, "step": "look"}).content.decode()
    assert "至少填一项" in at_office.post(address, {"step": "look"}).content.decode()


def test_a_duty_whose_rhythm_makes_no_periods_gets_its_day_and_one_that_has_periods_does_not(
    at_office: Client, quarterly: Task, office: Player
) -> None:
    now_and_then = services.add_task(title="不定期抽查（示例）", rule="other", year=2024, by=office.actor, now=NOW)
    at_office.post(ticked("task_set", quarterly, now_and_then), {"due_on": "2028-06-30", "step": "save"})
    assert Task.objects.get(pk=now_and_then.pk).due_on == date(2028, 6, 30)
    assert Task.objects.get(pk=quarterly.pk).due_on is None


def test_setting_many_is_all_or_nothing(at_office: Client, tasks: list[Task]) -> None:
    answer = at_office.post(ticked("task_set", *tasks[:2]), {"due_on": "2099-01-01", "step": "save"})
    assert answer.status_code == 422
    assert not Task.objects.filter(due_on=date(2099, 1, 1)).exists()


def test_one_reminder_over_ticked_tasks_is_asked_first_and_then_ready(
    at_office: Client, tasks: list[Task], office: Player, head: Player
) -> None:
    units = [head.appointment.unit_id]
    services.hand_down(tasks=tasks[:2], units=units, sign_by=TODAY, by=office.actor, now=NOW)
    address = ticked("tasks_urge", *tasks[:2])
    assert "催办 2 项任务" in at_office.get(address).content.decode()
    assert not Message.objects.exists()
    ready = at_office.post(address, follow=True).content.decode()
    assert f"示例第一小学：任务 {tasks[0].number}（未签收" in ready


def test_ticking_a_duty_that_comes_again_offers_its_periods_with_the_one_that_is_on(
    at_office: Client, quarterly: Task
) -> None:
    shown = at_office.get(ticked("hand_down", quarterly)).content.decode()
    keys = [str(one.pk) for one in Task.objects.filter(parent=quarterly).order_by("opens_on")]
    assert all(f'value="{key}"' in shown for key in keys)
    assert str(quarterly.pk) not in shown.split('<form method="post"')[-1].split("</form>")[0].replace(
        ticked("hand_down", quarterly), ""
    )
    assert re.findall(r'name="tasks" value="([^"]+)" checked', shown) == [keys[-1]]


def test_units_are_suggested_by_the_words_of_the_task_and_picked_by_kind_sponsor_and_town(
    at_office: Client, tasks: list[Task], office: Player, cast: Cast
) -> None:
    unit("示例民办小学", "P1", is_private=True)
    unit("示例公办幼儿园", "P2", "kindergarten", region_code="640122100000")
    task = services.correct_task(
        task=tasks[0], base_version=tasks[0].version, cooperating="各中小学、幼儿园", by=office.actor, now=NOW
    )
    shown = at_office.get(ticked("hand_down", task)).content.decode()
    assert set(re.findall(r'name="groups" value="([^"]+)" checked', shown)) == {"kindergarten", "school"}
    assert "所有学校（3）" in shown and "民办学校（1）" in shown and "公办幼儿园（1）" in shown
    typed = {"tasks": [task.pk], "groups": ["school:private"], "sign_by": clock.today().isoformat()}
    at_office.post(ticked("hand_down", task), typed)
    assert TaskPart.objects.count() == 1


def test_what_was_handed_down_is_undone_by_one_click_and_what_was_there_before_stays(
    at_office: Client, tasks: list[Task], office: Player, cast: Cast
) -> None:
    hand = {"sign_by": clock.today(), "by": office.actor, "now": clock.now()}
    services.hand_down(tasks=tasks[:1], units=[cast.kindergarten.pk], **hand)
    typed = {"tasks": [task.pk for task in tasks[:2]], "groups": ["school"], "sign_by": clock.today().isoformat()}
    shown = at_office.post(ticked("hand_down", *tasks[:2]), typed, follow=True).content.decode()
    assert "新增 4 份承办" in shown
    undo = re.findall(r'action="(/plan/hand-down/undo/[^"]+)"', shown)[0].replace("&amp;", "&")
    at_office.post(undo)
    assert list(TaskPart.objects.exclude(state="withdrawn").values_list("unit", flat=True)) == [cast.kindergarten.pk]
    assert [Task.objects.get(pk=task.pk).state for task in tasks[:2]] == ["handed", "draft"]
    assert at_office.post(undo).status_code == 422
    assert at_office.post(reverse("plan:hand_down_undo")).status_code == 404


def test_a_done_task_is_handed_down_again_only_when_one_says_so(
    at_office: Client, tasks: list[Task], office: Player
) -> None:
    services.close_task(task=tasks[0], result="已办", by=office.actor, now=NOW)
    address = ticked("hand_down", tasks[0])
    assert "重新打开已办结的任务" in at_office.get(address).content.decode()
    typed = {"tasks": [tasks[0].pk], "groups": ["school"], "sign_by": clock.today().isoformat()}
    assert "请勾选" in at_office.post(address, typed).content.decode()
    at_office.post(address, {**typed, "reopen": "on"})
    assert Task.objects.get(pk=tasks[0].pk).state == "handed"


@pytest.mark.parametrize("garbage", ["x", "", "1 or 1=1", "\0", "00000000-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("name", ["hand_down", "task_set", "tasks_urge"])
def test_garbage_in_the_address_is_no_error(at_office: Client, tasks: list[Task], name: str, garbage: str) -> None:
    assert at_office.get(f"{reverse(f'plan:{name}')}?{urlencode({'task': garbage})}").status_code in (200, 302)


def test_pages_take_as_many_statements_for_many_units_and_tasks_as_for_few(
    at_office: Client, tasks: list[Task], office: Player, cast: Cast
) -> None:
    def count() -> list[int]:
        found = []
        for address in (
            reverse("plan:task", args=[tasks[0].pk]), ticked("hand_down", *tasks[:20]), reverse("plan:hand_down"),
            reverse("plan:change_list"), ticked("task_set", *tasks[:20]),
        ):  # fmt: skip
            with CaptureQueriesContext(
                connection,
            ) as statements:
                assert at_office.get(address).status_code == 200
            found.append(len(statements))
        return found

    hand = {"sign_by": TODAY, "by": office.actor, "now": NOW}
    change = {"reason": "示例", "by": office.actor, "now": NOW}
    services.hand_down(tasks=tasks[:1], units=[cast.school.pk], **hand)
    services.ask_change(task=Task.objects.get(pk=tasks[0].pk), kind="pause", **change)
    count()
    few = count()
    units = [unit(f"示例学校{n}", f"N{n:03d}").pk for n in range(40)]
    services.hand_down(tasks=tasks[:20], units=units, **hand)
    for task in tasks[1:20]:
        services.ask_change(task=Task.objects.get(pk=task.pk), kind="pause", **change)
    assert count() == few


def test_five_tasks_go_to_five_hundred_units_in_a_few_statements(tasks: list[Task], office: Player) -> None:
    units = [unit(f"示例学校{n}", f"N{n:03d}").pk for n in range(500)]
    begun = time.monotonic()
    with CaptureQueriesContext(connection) as statements:
        new = services.hand_down(tasks=tasks[:5], units=units, sign_by=TODAY, by=office.actor, now=NOW)
    assert len(new) == 2500
    assert len(statements) < 120
    assert time.monotonic() - begun < 10


def test_a_leader_approves_from_the_workbench(tasks: list[Task], office: Player) -> None:
    leader = at(player("癸", "leader", unit("贺兰县人民政府（示例）", "GOV", "department")))
    services.ask_change(task=tasks[0], kind="pause", reason="等文件", by=office.actor, now=NOW)
    change = TaskChange.objects.get()
    assert reverse("plan:change", args=[change.pk]) in leader.get("/").content.decode()
    leader.post(reverse("plan:change", args=[change.pk]), {"approved": "yes", "note": ""})
    assert Task.objects.get(pk=tasks[0].pk).state == "paused"
    assert "待我批准" not in leader.get("/").content.decode()


def test_a_day_that_is_soon_is_no_reason_to_urge(at_office: Client, tasks: list[Task], office: Player) -> None:
    day = clock.today() + timedelta(days=5)
    services.add_task(title="示例", due_on=day, by=office.actor, now=clock.now())
    task = Task.objects.get(title="示例")
    answer = at_office.post(ticked("tasks_urge", task))
    assert answer.status_code == 422
    assert "不用催" in answer.content.decode()
