"""Put off, paused, resumed: asked for with a reason, decided by somebody else, in effect at once."""

from datetime import date, timedelta
from typing import Any

import pytest

from dudao.audit.models import AuditEvent
from dudao.plan import agenda, queries, services
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, Cast, Player, player, unit

pytestmark = pytest.mark.django_db

DUE, LATER = date(2024, 4, 20), date(2024, 5, 31)


@pytest.fixture
def task(tasks: list[Task], office: Player) -> Task:
    """A task with a day."""
    row = tasks[0]
    return services.correct_task(task=row, base_version=row.version, due_on=DUE, by=office.actor, now=NOW)


@pytest.fixture
def staff(cast: Cast) -> Player:
    """The other person of the office."""
    return cast.staff


@pytest.fixture
def leader() -> Player:
    """The leader in charge of the county."""
    return player("癸", "leader", unit("贺兰县人民政府（示例）", "GOV", "department"))


def part_of(task: Task, who: Player, office: Player) -> TaskPart:
    units = [who.appointment.unit_id]
    services.hand_down(tasks=[task], units=units, sign_by=TODAY, by=office.actor, now=NOW)
    return TaskPart.objects.select_related("task").get(task=task, unit=units[0])


def ask(task: Task, by: Player, kind: str = "extend", **more: Any) -> TaskChange:
    values = {"due_on": LATER if kind == "extend" else None, "reason": "学校停课（示例）", **more}
    return services.ask_change(task=Task.objects.get(pk=task.pk), kind=kind, **values, by=by.actor, now=NOW)


def approve(change: TaskChange, by: Player) -> TaskChange:
    return services.decide_change(change=change, approved=True, note="同意", by=by.actor, now=NOW)


def test_an_approved_extension_moves_the_day_of_the_task_and_of_the_parts_that_had_it(
    task: Task, office: Player, staff: Player, head: Player, head_2: Player
) -> None:
    part, other = part_of(task, head, office), part_of(task, head_2, office)
    TaskPart.objects.filter(pk=other.pk).update(due_on=date(2024, 4, 25))
    change = ask(task, staff)
    assert Task.objects.get(pk=task.pk).due_on == DUE
    done = approve(change, office)
    assert (done.state, done.decided_by, done.decided_on, done.decided_how) == ("approved", "甲（示例）", TODAY, "")
    assert Task.objects.get(pk=task.pk).due_on == LATER
    assert TaskPart.objects.get(pk=part.pk).due_on == LATER
    assert TaskPart.objects.get(pk=other.pk).due_on == date(2024, 4, 25)
    asked, approved = AuditEvent.objects.filter(subject=str(change.pk)).order_by("pk")
    assert (asked.action, asked.facts["reason"]) == ("change.asked", "学校停课（示例）")
    assert (approved.action, approved.facts["decided_by"]) == ("change.approved", "甲（示例）")


def test_a_unit_puts_off_its_own_part_only(task: Task, office: Player, head: Player, head_2: Player) -> None:
    part, other = part_of(task, head, office), part_of(task, head_2, office)
    approve(ask(task, head, part=part), office)
    assert TaskPart.objects.get(pk=part.pk).due_on == LATER
    assert (TaskPart.objects.get(pk=other.pk).due_on, Task.objects.get(pk=task.pk).due_on) == (DUE, DUE)
    for more in ({}, {"part": other}):
        with pytest.raises(Refused) as refusal:
            ask(task, head, **more)
        assert refusal.value.code == "plan.not_allowed"
    with pytest.raises(Refused, match="只能申请延期"):
        ask(task, head, "pause", part=part)


def test_the_leading_unit_asks_for_the_whole_task(task: Task, office: Player, head_2: Player) -> None:
    row = Task.objects.get(pk=task.pk)
    services.correct_task(
        task=row, base_version=row.version, lead_id=head_2.appointment.unit_id, by=office.actor, now=NOW
    )
    assert approve(ask(task, head_2), office).state == "approved"


def test_nobody_decides_their_own_wish_not_even_the_director(
    task: Task, office: Player, staff: Player, head: Player, leader: Player
) -> None:
    change = ask(task, office)
    with pytest.raises(Refused) as refusal:
        approve(change, office)
    assert refusal.value.code == "plan.own_change"
    assert list(queries.changes_to_decide(office.actor)) == []
    for who in (staff, head):
        with pytest.raises(Refused) as refusal:
            approve(change, who)
        assert refusal.value.code == "plan.not_allowed"
    assert list(queries.changes_to_decide(leader.actor)) == [change]
    assert approve(change, leader).decided_by == "癸（示例）"


def test_what_a_leader_signed_on_paper_is_recorded_with_the_leaders_name(
    task: Task, office: Player, staff: Player
) -> None:
    change = ask(task, office)
    record = {"change": change, "approved": True, "how": "书面", "by": staff.actor, "now": NOW}
    for name in ("甲（示例）", "乙（示例）", " "):
        with pytest.raises(Refused) as refusal:
            services.record_decision(decided_by=name, **record)
        assert refusal.value.code in ("plan.own_change", "plan.how")
    with pytest.raises(Refused) as refusal:
        services.record_decision(decided_by="王副县长（示例）", occurred_on=TODAY + timedelta(days=1), **record)
    assert refusal.value.code == "audit.future"
    assert Task.objects.get(pk=task.pk).due_on == DUE
    change.refresh_from_db()
    done = services.record_decision(decided_by="王副县长（示例）", occurred_on=date(2024, 4, 8), **record)
    assert (done.decided_by, done.decided_on, done.decided_how) == ("王副县长（示例）", date(2024, 4, 8), "书面")
    assert Task.objects.get(pk=task.pk).due_on == LATER


def test_a_refused_wish_says_why_and_changes_nothing(task: Task, office: Player, staff: Player) -> None:
    change = ask(task, staff)
    decide = {"change": change, "approved": False, "by": office.actor, "now": NOW}
    with pytest.raises(Refused, match="写明理由"):
        services.decide_change(note=" ", **decide)
    assert services.decide_change(note="时间够用", **decide).state == "refused"
    assert Task.objects.get(pk=task.pk).due_on == DUE
    with pytest.raises(Refused, match="不能再批"):
        approve(change, office)


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("extend", {"due_on": None}, "plan.due_on"),
        ("extend", {"due_on": DUE}, "plan.due_on"),
        ("extend", {"due_on": date(2099, 1, 1)}, "plan.due_on"),
        ("extend", {"reason": " "}, "plan.reason"),
        ("resume", {}, "plan.change_kind"),
        ("stop", {}, "plan.change_kind"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    task: Task, staff: Player, kind: str, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        ask(task, staff, kind, **values)
    assert refusal.value.code == code
    assert not TaskChange.objects.exists()


def test_one_wish_of_a_kind_waits_at_a_time_and_can_be_taken_back_by_who_asked(
    task: Task, office: Player, staff: Player
) -> None:
    change = ask(task, staff)
    with pytest.raises(Refused, match="已经有一份"):
        ask(task, office)
    with pytest.raises(Refused, match="自己的"):
        services.take_back_change(change=change, by=office.actor, now=NOW)
    services.take_back_change(change=change, by=staff.actor, now=NOW)
    with pytest.raises(Refused, match="不能再批"):
        approve(change, office)
    assert ask(task, office).state == "asked"


def test_a_paused_task_is_neither_late_nor_urged_and_goes_on_as_it_was(
    task: Task, office: Player, staff: Player, head: Player
) -> None:
    part_of(task, head, office)
    late, by = TODAY + timedelta(days=20), system(office.actor.county)
    seen = queries.tasks_visible_to(office.actor).filter(pk=task.pk)
    assert seen.filter(queries.overdue(office.actor, today=late)).exists()
    assert seen.filter(queries.late(office.actor, today=late)).exists()
    approve(ask(task, staff, "pause"), office)
    row = Task.objects.get(pk=task.pk)
    assert (row.state, row.reason) == ("paused", "学校停课（示例）")
    assert not seen.filter(queries.overdue(office.actor, today=late)).exists()
    assert not seen.filter(queries.late(office.actor, today=late)).exists()
    assert not queries.tasks_visible_to(head.actor).filter(queries.overdue(head.actor, today=late)).exists()
    assert not queries.parts_to_sign(head.actor).exists()
    matters = agenda.matters(office.actor, today=late, until=late, since=TODAY)
    assert [one.group for one in matters if one.task and one.task.pk == task.pk] == [agenda.BLOCKED]
    assert services.propose_urges(by=by, now=NOW + timedelta(days=20)) == 0
    with pytest.raises(Refused, match="暂停"):
        services.urge(task=row, by=office.actor, now=NOW)
    for act in (lambda: ask(task, staff), lambda: ask(task, staff, "pause")):
        with pytest.raises(Refused, match="不能"):
            act()
    approve(ask(task, staff, "resume"), office)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("handed", "")


def test_the_periods_pause_and_go_on_with_the_duty_that_comes_again(
    tasks: list[Task], office: Player, staff: Player
) -> None:
    parent = services.add_task(title="季度调度（示例）", rule="quarterly", year=2024, by=office.actor, now=NOW)
    first = Task.objects.filter(parent=parent).select_related("parent").order_by("opens_on")[0]
    services.close_task(task=first, result="已开。", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="选其中一期"):
        ask(parent, staff)
    approve(ask(parent, staff, "pause"), office)
    states = Task.objects.filter(parent=parent).order_by("opens_on").values_list("state", flat=True)
    assert list(states) == ["done", *["paused"] * (len(states) - 1)]
    approve(ask(parent, staff, "resume"), office)
    assert list(states.all()) == ["done", *["draft"] * (len(states) - 1)]


def test_a_wish_for_a_task_that_was_closed_meanwhile_is_not_approved(task: Task, office: Player, staff: Player) -> None:
    change = ask(task, staff)
    services.close_task(task=Task.objects.get(pk=task.pk), result="已办", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="不能延期"):
        approve(change, office)
    change.refresh_from_db()
    assert change.state == "asked"


def test_units_see_the_wishes_of_their_own_parts_only(
    task: Task, office: Player, head: Player, head_2: Player, cast: Cast
) -> None:
    part = part_of(task, head, office)
    part_of(task, head_2, office)
    change = ask(task, head, part=part)
    assert list(queries.changes_visible_to(head.actor)) == [change]
    for who in (head_2, cast.foreign, cast.foreign_office):
        assert not queries.changes_visible_to(who.actor).exists()
