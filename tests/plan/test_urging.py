"""One reminder for all who are late, over one task or several."""

from datetime import date, timedelta

import pytest

from dudao.audit.models import AuditEvent
from dudao.plan import services
from dudao.plan.models import Task, TaskPart
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, Cast, Player

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=12)


@pytest.fixture
def late(tasks: list[Task], office: Player, head: Player, cast: Cast) -> list[Task]:
    """Two tasks due on 20 April: one school has signed both and told nothing, a kindergarten has not signed the second."""
    for task in tasks[:2]:
        services.correct_task(task=task, base_version=task.version, due_on=date(2024, 4, 20), by=office.actor, now=NOW)
    hand = {"sign_by": TODAY + timedelta(days=3), "by": office.actor, "now": NOW}
    services.hand_down(tasks=tasks[:2], units=[head.appointment.unit_id], **hand)
    services.hand_down(tasks=tasks[1:2], units=[cast.kindergarten.pk], **hand)
    for part in TaskPart.objects.filter(unit=head.appointment.unit_id).select_related("task"):
        services.sign_part(part=part, by=head.actor, now=NOW)
    return tasks[:2]


def test_a_unit_that_signed_and_told_nothing_by_the_day_is_urged_too(late: list[Task], office: Player) -> None:
    message = services.urge(task=late[1], by=office.actor, now=LATER)
    assert "尚未签收：示例花园幼儿园（1 个单位）" in message.text
    assert "已过完成时限（4月20日），尚未报送办理情况：示例第一小学（1 个单位）" in message.text
    assert "示例" not in message.said
    assert sorted(message.recipients.values_list("name", "note")) == [
        ("示例第一小学", "未报送，逾期 2 天"),
        ("示例花园幼儿园", "未签收，逾期 9 天"),
    ]
    only = services.urge(task=late[0], by=office.actor, now=LATER)
    assert "贵单位尚未报送办理情况" in only.said


def test_one_message_covers_several_tasks_unit_by_unit(late: list[Task], office: Player) -> None:
    first, second = (task.number for task in late)
    message = services.urge_many(tasks=late, by=office.actor, now=LATER)
    assert f"示例第一小学：任务 {first}（未报送，逾期 2 天）、{second}（未报送，逾期 2 天）" in message.text
    assert f"示例花园幼儿园：任务 {second}（未签收，逾期 9 天）" in message.text
    assert "示例" not in message.said
    assert services.urge_many(tasks=late, by=office.actor, now=LATER).pk == message.pk
    assert AuditEvent.objects.filter(action="message.prepared", subject=str(message.pk)).count() == 1


def test_who_has_told_and_who_has_still_time_is_not_urged(late: list[Task], office: Player, head: Player) -> None:
    with pytest.raises(Refused, match="选任务"):
        services.urge_many(tasks=[], by=office.actor, now=LATER)
    for part in TaskPart.objects.filter(state="signed").select_related("task"):
        services.answer_part(part=part, answer="已办。", by=head.actor, now=NOW)
    with pytest.raises(Refused, match="不用催"):
        services.urge(task=late[0], by=office.actor, now=LATER)
    message = services.urge_many(tasks=late, by=office.actor, now=NOW)
    assert [r.note for r in message.recipients.all()] == [f"任务 {late[1].number}（待签收）"]


def test_every_morning_what_was_not_told_in_time_is_ready_to_be_urged(late: list[Task], office: Player) -> None:
    assert services.propose_urges(by=system(office.actor.county), now=LATER) == 2


def test_a_long_list_of_units_is_cut_in_the_text_and_whole_beside_it(
    late: list[Task], office: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dudao.plan.services.urging.UNITS", 1)
    message = services.urge_many(tasks=late, by=office.actor, now=LATER)
    assert "共 2 个单位，名单见附表" in message.text
    assert message.recipients.count() == 2


def test_a_reminder_for_several_tasks_takes_no_more_statements_for_more_of_them(
    tasks: list[Task], office: Player, cast: Cast, django_assert_max_num_queries: object
) -> None:
    hand = {"sign_by": TODAY, "by": office.actor, "now": NOW}
    services.hand_down(tasks=tasks[:10], units=[cast.school.pk, cast.school_2.pk, cast.kindergarten.pk], **hand)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        services.urge_many(tasks=tasks[:10], by=office.actor, now=LATER)
