"""The life of a task after the notice is confirmed: done, opened again, withdrawn."""

from datetime import date, timedelta
from typing import Any

import pytest

from dudao.audit.models import AuditEvent
from dudao.messages.models import Message
from dudao.plan import queries, services
from dudao.plan.models import Notice, Task, TaskPart
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, Cast, Player

pytestmark = pytest.mark.django_db

SIGN_BY = TODAY + timedelta(days=3)


def handed(task: Task, office: Player, *players: Player) -> list[TaskPart]:
    """The parts of a task that units have signed for and answered, waiting to be looked at."""
    units = [one.appointment.unit_id for one in players]
    services.hand_down(tasks=[task], units=units, sign_by=SIGN_BY, by=office.actor, now=NOW)
    parts = []
    for one in players:
        part = TaskPart.objects.select_related("task").get(task=task, unit=one.appointment.unit_id)
        services.sign_part(part=part, by=one.actor, now=NOW)
        parts.append(services.answer_part(part=part, answer="已办。", by=one.actor, now=NOW))
    return parts


@pytest.fixture
def periods(notice: Notice, office: Player) -> list[Task]:
    """The periods of a duty that comes each quarter."""
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    task = services.add_task(title="季度调度（示例）", rule="quarterly", year=2024, by=office.actor, now=NOW)
    return list(Task.objects.filter(parent=task).select_related("parent").order_by("opens_on"))


def test_the_offices_own_task_is_closed_in_one_step_with_what_was_done(tasks: list[Task], office: Player) -> None:
    done = services.close_task(
        task=tasks[0], result="4月专题会已开。", by=office.actor, now=NOW, occurred_on=date(2024, 4, 8)
    )
    assert (done.state, done.result, done.done_on) == ("done", "4月专题会已开。", date(2024, 4, 8))
    event = AuditEvent.objects.get(action="task.done")
    assert (event.subject, event.occurred_on) == (str(tasks[0].pk), date(2024, 4, 8))
    with pytest.raises(Refused, match="办结”，不能记录办结"):
        services.close_task(task=tasks[0], result="再来", by=office.actor, now=NOW)


def test_a_task_is_not_closed_while_a_unit_has_still_to_answer_and_the_units_are_named(
    tasks: list[Task], office: Player, head: Player
) -> None:
    handed(tasks[0], office, head)
    with pytest.raises(Refused, match="示例第一小学还没有办结") as refusal:
        services.close_task(task=tasks[0], result="已办", by=office.actor, now=NOW)
    assert refusal.value.code == "plan.parts_open"
    assert not AuditEvent.objects.filter(action="task.done").exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"result": " "}, "plan.result"),
        ({"occurred_on": date(2024, 4, 11)}, "audit.future"),
        ({"occurred_on": date(2023, 12, 1)}, "plan.day"),
    ],
)
def test_closing_says_what_was_done_on_a_day_that_can_be(
    tasks: list[Task], office: Player, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        services.close_task(task=tasks[0], **{"result": "已办", **values}, by=office.actor, now=NOW)
    assert refusal.value.code == code
    assert Task.objects.get(pk=tasks[0].pk).state == "draft"


def test_a_closed_task_is_opened_again_with_a_reason(tasks: list[Task], office: Player) -> None:
    services.close_task(task=tasks[0], result="已办", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="原因"):
        services.reopen_task(task=tasks[0], reason="", by=office.actor, now=NOW)
    task = services.reopen_task(task=tasks[0], reason="点错了", by=office.actor, now=NOW)
    assert (task.state, task.done_on, task.result) == ("draft", None, "已办")
    with pytest.raises(Refused, match="不用重新打开"):
        services.reopen_task(task=tasks[0], reason="点错了", by=office.actor, now=NOW)


def test_the_last_accepted_answer_makes_the_task_done(
    tasks: list[Task], office: Player, head: Player, head_2: Player
) -> None:
    first, second = handed(tasks[0], office, head, head_2)
    services.review_part(part=first, accepted=True, note="", by=office.actor, now=NOW)
    assert Task.objects.get(pk=tasks[0].pk).state == "handed"
    services.review_part(part=second, accepted=True, note="", by=office.actor, now=NOW + timedelta(days=1))
    task = Task.objects.get(pk=tasks[0].pk)
    assert (task.state, task.done_on) == ("done", TODAY + timedelta(days=1))
    assert AuditEvent.objects.filter(action="task.done", subject=str(task.pk)).count() == 1


def test_taking_the_last_open_part_back_makes_the_task_done_when_others_are(
    tasks: list[Task], office: Player, head: Player, head_2: Player
) -> None:
    first, second = handed(tasks[0], office, head, head_2)
    services.review_part(part=first, accepted=True, note="", by=office.actor, now=NOW)
    services.withdraw_part(part=second, reason="不用办了", by=office.actor, now=NOW)
    assert Task.objects.get(pk=tasks[0].pk).state == "done"


def test_taking_back_from_all_who_have_not_signed_makes_the_task_done_or_not_handed_down(
    tasks: list[Task], office: Player, head: Player, cast: Cast
) -> None:
    [part] = handed(tasks[0], office, head)
    services.review_part(part=part, accepted=True, note="", by=office.actor, now=NOW)
    more = {"units": [cast.kindergarten.pk], "sign_by": SIGN_BY, "by": office.actor, "now": NOW}
    services.hand_down(tasks=[Task.objects.get(pk=tasks[0].pk), tasks[1]], reopen=True, **more)
    for task in tasks[:2]:
        services.withdraw_waiting(task=task, reason="发错了", by=office.actor, now=NOW)
    assert [Task.objects.get(pk=task.pk).state for task in tasks[:2]] == ["done", "draft"]


def test_a_task_whose_parts_were_all_taken_back_is_not_handed_down(
    tasks: list[Task], office: Player, head: Player
) -> None:
    [part] = handed(tasks[0], office, head)
    services.withdraw_part(part=part, reason="发错了", by=office.actor, now=NOW)
    assert Task.objects.get(pk=tasks[0].pk).state == "draft"


def test_a_done_task_is_handed_to_more_units_only_when_said_so(
    tasks: list[Task], office: Player, head: Player, cast: Cast
) -> None:
    [part] = handed(tasks[0], office, head)
    services.review_part(part=part, accepted=True, note="", by=office.actor, now=NOW)
    more = {"tasks": tasks[:1], "units": [cast.kindergarten.pk], "sign_by": SIGN_BY, "by": office.actor, "now": NOW}
    with pytest.raises(Refused, match="勾选“重新打开") as refusal:
        services.hand_down(**more)
    assert refusal.value.code == "plan.task_closed"
    assert TaskPart.objects.count() == 1
    services.hand_down(**more, reopen=True)
    task = Task.objects.get(pk=tasks[0].pk)
    assert (task.state, task.done_on) == ("handed", None)
    assert AuditEvent.objects.get(action="task.reopened").facts["reason"] == "继续下达"


def test_what_was_accepted_by_mistake_goes_back_to_the_unit_and_opens_the_task(
    tasks: list[Task], office: Player, head: Player
) -> None:
    [part] = handed(tasks[0], office, head)
    services.review_part(part=part, accepted=True, note="", by=office.actor, now=NOW)
    for reason, code in ((" ", "plan.reason"), ("缺照片", "")):
        try:
            services.reopen_part(part=part, reason=reason, by=office.actor, now=NOW)
        except Refused as refusal:
            assert refusal.code == code
    part.refresh_from_db()
    assert (part.state, part.review_note, part.done_on) == ("signed", "缺照片", None)
    assert Task.objects.get(pk=tasks[0].pk).state == "handed"
    with pytest.raises(Refused, match="不用退回"):
        services.reopen_part(part=part, reason="再来", by=office.actor, now=NOW)
    again = services.answer_part(part=part, answer="补了照片。", by=head.actor, now=NOW)
    services.review_part(part=again, accepted=True, note="", by=office.actor, now=NOW)
    assert Task.objects.get(pk=tasks[0].pk).state == "done"


def test_a_duty_that_comes_again_is_done_with_its_last_period_and_open_with_it(
    periods: list[Task], office: Player
) -> None:
    parent = periods[0].parent
    assert parent is not None
    with pytest.raises(Refused, match="期没有办结"):
        services.close_task(task=parent, result="已办", by=office.actor, now=NOW)
    for one in periods:
        services.close_task(task=one, result="已开。", by=office.actor, now=NOW)
    parent.refresh_from_db()
    assert (parent.state, parent.done_on) == ("done", TODAY)
    services.reopen_task(task=periods[-1], reason="记录有误", by=office.actor, now=NOW)
    parent.refresh_from_db()
    assert (parent.state, parent.done_on) == ("draft", None)
    services.withdraw_task(task=periods[-1], reason="不开了", by=office.actor, now=NOW)
    parent.refresh_from_db()
    assert parent.state == "done"


def test_a_withdrawn_task_takes_its_open_parts_and_messages_with_it(
    tasks: list[Task], office: Player, head: Player, head_2: Player
) -> None:
    done, _ = handed(tasks[0], office, head, head_2)
    services.review_part(part=done, accepted=True, note="", by=office.actor, now=NOW)
    services.hand_down(tasks=tasks[:1], units=[office.appointment.unit_id], sign_by=SIGN_BY, by=office.actor, now=NOW)
    message = services.urge(task=tasks[0], by=office.actor, now=NOW)
    services.withdraw_task(task=tasks[0], reason="上级文件取消", by=office.actor, now=NOW)
    task = Task.objects.get(pk=tasks[0].pk)
    assert (task.state, task.reason) == ("withdrawn", "上级文件取消")
    assert sorted(task.parts.values_list("state", flat=True)) == ["done", "withdrawn", "withdrawn"]
    assert Message.objects.get(pk=message.pk).state == "dropped"
    assert AuditEvent.objects.get(action="task.revoked").facts["reason"] == "上级文件取消"
    assert not queries.tasks_visible_to(office.actor).filter(pk=task.pk).exists()
    with pytest.raises(Refused, match="不能撤销"):
        services.withdraw_task(task=tasks[0], reason="再来", by=office.actor, now=NOW)


def test_withdrawing_a_duty_that_comes_again_ends_its_open_periods_and_keeps_the_done_ones(
    periods: list[Task], office: Player, head: Player
) -> None:
    parent = periods[0].parent
    assert parent is not None
    services.close_task(task=periods[0], result="已开。", by=office.actor, now=NOW)
    handed(periods[1], office, head)
    services.withdraw_task(task=parent, reason="不再要求", by=office.actor, now=NOW)
    assert [Task.objects.get(pk=one.pk).state for one in periods] == ["done", *["withdrawn"] * (len(periods) - 1)]
    assert TaskPart.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    "act",
    [
        lambda task, by: services.close_task(task=task, result="x", by=by, now=NOW),
        lambda task, by: services.reopen_task(task=task, reason="x", by=by, now=NOW),
        lambda task, by: services.reopen_part(part=TaskPart(task=task), reason="x", by=by, now=NOW),
        lambda task, by: services.withdraw_task(task=task, reason="x", by=by, now=NOW),
    ],
)
def test_a_school_neither_closes_nor_opens_nor_withdraws(tasks: list[Task], head: Player, act: Any) -> None:
    with pytest.raises(Refused) as refusal:
        act(tasks[0], head.actor)
    assert refusal.value.code == "plan.not_allowed"


def test_a_changed_rhythm_keeps_the_begun_periods_and_brings_those_of_the_new_one(
    periods: list[Task], office: Player, head: Player
) -> None:
    parent = periods[0].parent
    assert parent is not None
    handed(periods[0], office, head)
    change = {"by": office.actor, "now": NOW}
    services.correct_task(task=parent, base_version=parent.version, rule="half-yearly", **change)
    live = Task.objects.filter(parent=parent).exclude(state="withdrawn").order_by("number")
    assert live[0].pk == periods[0].pk
    assert [one.number for one in live] == [f"{parent.number}.{at:02d}" for at in range(1, len(live) + 1)]
    assert [one.period for one in live][1:] == ["上半年", "下半年"]
    parent.refresh_from_db()
    services.correct_task(task=parent, base_version=parent.version, rule="", **change)
    assert [one.pk for one in live.all()] == [periods[0].pk]


def test_a_task_that_units_have_as_a_whole_does_not_become_one_that_comes_again(
    tasks: list[Task], office: Player, head: Player
) -> None:
    handed(tasks[0], office, head)
    task = Task.objects.get(pk=tasks[0].pk)
    with pytest.raises(Refused) as refusal:
        services.correct_task(task=task, base_version=task.version, rule="monthly", by=office.actor, now=NOW)
    assert (refusal.value.code, refusal.value.field) == ("plan.handed_down", "rule")
    assert Task.objects.get(pk=task.pk).rule == ""


def test_a_task_that_comes_once_gets_periods_when_it_is_to_come_each_month(tasks: list[Task], office: Player) -> None:
    task = services.correct_task(task=tasks[0], base_version=tasks[0].version, rule="monthly", by=office.actor, now=NOW)
    assert [one.period for one in Task.objects.filter(parent=task).order_by("opens_on")][:2] == ["4月", "5月"]
