"""Many at once: each signs once, nobody waits for the seal of history."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from dudao.accounts.models import User
from dudao.accounts.queries import actor_for
from dudao.audit import services as audit
from dudao.audit.models import AuditEvent
from dudao.plan import services
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.workbench.demo import notice_text
from tests.cast import NOW, TODAY, county_cast, player, unit

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: list[Callable[[], object]]) -> list[BaseException]:
    """Run all at the same moment, each on a connection of its own; what went wrong."""
    gate, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait()
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def handed_down(count: int) -> list[tuple[TaskPart, Actor]]:
    """A task with a part for each of so many schools, and the head of each."""
    office = county_cast().office.actor
    notice = services.hand_in_notice(text=notice_text(), by=office, now=NOW)
    made = services.confirm_notice(notice=notice, by=office, now=NOW)
    task = next(task for task in made if not task.rule)
    heads = [
        player(f"校长{n}", "school_head", unit(f"示例学校{n}", f"N{n:03d}"), username=f"head{n}") for n in range(count)
    ]
    services.hand_down(
        tasks=[task],
        units=[head.appointment.unit_id for head in heads],
        sign_by=TODAY + timedelta(days=3),
        by=office,
        now=NOW,
    )
    parts = {part.unit_id: part for part in TaskPart.objects.select_related("task")}
    return [(parts[head.appointment.unit_id], actor_for(head.user, hat=None, day=TODAY)[0]) for head in heads]


@pytest.mark.pg
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_fifty_units_sign_at_once_while_a_seal_is_being_written() -> None:
    signing = handed_down(50)

    def sign(part: TaskPart, by: Actor) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        services.sign_part(part=part, by=by, now=NOW)

    # A sealer that has written its batch and does not commit: whoever waited for it would fail at once.
    with transaction.atomic():
        audit.seal(county="640122", now=NOW)
        errors = at_once([lambda part=part, by=by: sign(part, by) for part, by in signing])  # type: ignore[misc]
    assert not errors
    assert TaskPart.objects.filter(state="signed").count() == 50
    assert AuditEvent.objects.filter(action="part.signed").count() == 50


def test_two_people_of_one_school_sign_at_the_same_moment_and_one_signature_stands() -> None:
    [(_, by)] = handed_down(1)
    errors = at_once(
        [lambda: services.sign_part(part=TaskPart.objects.select_related("task").get(), by=by, now=NOW)] * 4
    )
    assert len(errors) == 3
    assert all(isinstance(error, Refused) for error in errors)
    assert AuditEvent.objects.filter(action="part.signed").count() == 1


def test_eight_people_hand_the_same_tasks_to_the_same_units_and_each_unit_has_one_part() -> None:
    office = county_cast().office.actor
    notice = services.hand_in_notice(text=notice_text(), by=office, now=NOW)
    tasks = [task for task in services.confirm_notice(notice=notice, by=office, now=NOW) if not task.rule][:12]
    units = [unit(f"示例学校{n}", f"N{n}").pk for n in range(5)]

    def hand() -> None:
        services.hand_down(tasks=tasks, units=units, sign_by=TODAY, by=office, now=NOW)

    assert not at_once([hand] * 8)
    assert TaskPart.objects.count() == 5 * len(tasks)


def test_the_same_notice_handed_in_by_eight_at_once_is_there_once() -> None:
    office = county_cast().office.actor
    errors = at_once([lambda: services.hand_in_notice(text=notice_text(), by=office, now=NOW)] * 8)
    assert len(errors) == 7
    assert {getattr(error, "code", repr(error)) for error in errors} == {"plan.notice_again"}


def test_the_last_answers_looked_at_in_the_same_moment_leave_the_task_done() -> None:
    signing = handed_down(4)
    for part, by in signing:
        services.sign_part(part=part, by=by, now=NOW)
        services.answer_part(part=part, answer="已办。", by=by, now=NOW)
    office, parts = _office(), list(TaskPart.objects.select_related("task"))
    errors = at_once(
        [
            lambda part=part: services.review_part(part=part, accepted=True, note="", by=office, now=NOW)  # type: ignore[misc]
            for part in parts
        ]
    )
    assert not errors
    assert Task.objects.get(pk=parts[0].task_id).state == "done"
    assert AuditEvent.objects.filter(action="task.done").count() == 1


def test_a_task_withdrawn_while_units_sign_and_answer_has_no_open_part() -> None:
    signing = handed_down(3)
    office, task = _office(), signing[0][0].task
    works: list[Callable[[], object]] = [
        lambda part=part, by=by: services.sign_part(part=part, by=by, now=NOW)  # type: ignore[misc]
        for part, by in signing
    ]
    works.append(lambda: services.withdraw_task(task=task, reason="示例", by=office, now=NOW))
    errors = at_once(works)
    assert all(isinstance(error, Refused) for error in errors)
    assert Task.objects.get(pk=task.pk).state == "withdrawn"
    assert set(TaskPart.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_a_task_closed_while_it_is_handed_down_is_one_or_the_other() -> None:
    [(_, by)] = handed_down(1)
    office, task = _office(), Task.objects.filter(state="draft", rule="", parent=None)[0]

    def hand() -> None:
        services.hand_down(tasks=[task], units=[by.unit], sign_by=TODAY, by=office, now=NOW)  # type: ignore[list-item]

    works: list[Callable[[], object]] = [
        hand, lambda: services.close_task(task=Task.objects.get(pk=task.pk), result="已办", by=office, now=NOW),
    ]  # fmt: skip
    [error] = at_once(works)
    assert isinstance(error, Refused)
    state = Task.objects.get(pk=task.pk).state
    assert (state, task.parts.count()) in (("done", 0), ("handed", 1))


def test_a_wish_decided_and_taken_back_in_the_same_moment_is_one_of_them() -> None:
    [(_, _)] = handed_down(1)
    office, staff = _office(), actor_for(User.objects.get(username="office-staff-乙"), hat=None, day=TODAY)[0]
    task = Task.objects.filter(state="draft", rule="", parent=None)[0]
    change = services.ask_change(task=task, kind="pause", reason="示例", by=staff, now=NOW)

    def fresh() -> TaskChange:
        return TaskChange.objects.get(pk=change.pk)

    works: list[Callable[[], object]] = [
        lambda: services.decide_change(change=fresh(), approved=True, note="", by=office, now=NOW),
        lambda: services.decide_change(change=fresh(), approved=False, note="不行", by=office, now=NOW),
        lambda: services.take_back_change(change=fresh(), by=staff, now=NOW),
    ]
    errors = at_once(works)
    assert [getattr(error, "code", repr(error)) for error in errors] == ["plan.change_decided"] * 2
    assert (fresh().state == "approved") == (Task.objects.get(pk=task.pk).state == "paused")


def test_two_tasks_handed_down_and_withdrawn_crosswise_wait_for_one_another_without_end() -> None:
    [(_, by)] = handed_down(1)
    office, tasks = _office(), list(Task.objects.filter(state="draft", rule="", parent=None)[:2])

    def hand(which: list[Task]) -> None:
        services.hand_down(tasks=which, units=[by.unit], sign_by=TODAY, by=office, now=NOW)  # type: ignore[list-item]

    works = [lambda: hand(tasks), lambda: hand(tasks[::-1])] * 3
    works += [lambda: services.withdraw_task(task=tasks[0], reason="示例", by=office, now=NOW)]
    assert all(isinstance(error, Refused) for error in at_once(works))  # type: ignore[arg-type]
    assert not TaskPart.objects.filter(task=tasks[0]).exclude(state="withdrawn").exists()


def _office() -> Actor:
    """The director of the cast that stands already."""
    return actor_for(User.objects.get(username="office-director-甲"), hat=None, day=TODAY)[0]
