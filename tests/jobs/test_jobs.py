"""Jobs as services and the runner treat them, inside one process."""

import threading
from datetime import timedelta

import pytest
from django.test import override_settings

from dudao.accounts.models import User
from dudao.audit.models import AuditEvent
from dudao.jobs import queries, runner, services
from dudao.jobs.models import Job
from dudao.jobs.runner import Stopped
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from tests.cast import NOW, Cast, county_cast
from tests.jobs.ledger import tasks  # noqa: F401

pytestmark = pytest.mark.django_db
SYSTEM = system("640122")


@pytest.fixture
def cast() -> Cast:
    return county_cast()


def ledger(name: str = "甲", steps: int = 3, **more: object) -> Job:
    return services.start(
        kind="ledger.write", key=name, payload={"name": name, "steps": steps, **more}, by=SYSTEM, now=NOW
    )


def work() -> int:
    """What a worker does until nothing is left that is due."""
    count = 0
    while job := runner.claim():
        runner.do(job, threading.Event())
        count += 1
    return count


def lines(name: str = "甲") -> list[int]:
    events = AuditEvent.objects.filter(action="ledger.written", subject=name)
    return sorted(event.facts["n"] for event in events)


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=clock.machine_now() - timedelta(seconds=1))


def test_a_job_is_done_and_tells_how_far_it_came() -> None:
    job = ledger()
    assert work() == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.percent, job.message) == ("done", 3, 3, 100, "第 3 步")
    assert job.result == {"steps": 3} and job.lease is None and job.ended_at is not None
    assert lines() == [0, 1, 2]


def test_the_same_job_asked_for_twice_is_one_job_until_it_ended() -> None:
    first = ledger()
    assert ledger().pk == first.pk
    assert AuditEvent.objects.filter(action="job.started").count() == 1
    work()
    assert ledger().pk != first.pk


def test_two_claims_get_two_different_jobs_and_then_nothing() -> None:
    ledger("甲")
    ledger("乙")
    one, two = runner.claim(), runner.claim()
    assert one is not None and two is not None and one.pk != two.pk
    assert runner.claim() is None


def test_a_stale_lease_is_taken_up_and_the_first_worker_can_write_no_more() -> None:
    ledger()
    slept = runner.claim()
    assert slept is not None
    expire(slept)
    taken = runner.claim()
    assert taken is not None and taken.pk == slept.pk and taken.lease != slept.lease
    # The first one wakes up in the middle of its step.
    late = runner.Leased(slept, by=SYSTEM, now=NOW, ending=threading.Event())
    with pytest.raises(Stopped), late.step(cursor=99):
        AuditEvent.objects.create(
            county="640122",
            action="ledger.written",
            subject_type="ledger",
            subject="甲",
            summary="",
            by_name="",
            hat_label="",
            occurred_on=NOW,
            recorded_at=NOW,
        )
    late.end(Job.State.DONE)
    assert lines() == []
    runner.do(taken, threading.Event())
    assert lines() == [0, 1, 2]
    assert Job.objects.get().state == "done"


def test_a_job_that_kills_its_worker_every_time_fails_visibly() -> None:
    ledger()
    for _ in range(3):
        job = runner.claim()
        assert job is not None
        expire(job)
    assert runner.claim() is None
    job = Job.objects.get()
    assert job.state == "failed" and "多次中断" in job.error and job.lease is None


def test_an_error_is_tried_again_later_then_shown_with_its_details(caplog: pytest.LogCaptureFixture) -> None:
    job = services.start(kind="ledger.crash", key="1", by=SYSTEM, now=NOW)
    work()
    job.refresh_from_db()
    assert job.state == "queued" and job.not_before is not None and job.not_before > clock.machine_now()
    Job.objects.update(not_before=None)
    work()
    job.refresh_from_db()
    assert job.state == "failed" and "任务出错" in job.error and "ValueError: 示例错误" in job.error_details


def test_a_failed_job_goes_on_after_its_last_step_when_somebody_retries(cast: Cast) -> None:
    job = ledger()
    Job.objects.update(state="failed", cursor=2, attempts=3, error="断电")
    services.retry(job=job, by=cast.system_admin.actor, now=NOW)
    work()
    job.refresh_from_db()
    assert job.state == "done" and job.error == "" and lines() == [2]


def test_a_retry_is_refused_while_the_same_job_runs_anew(cast: Cast) -> None:
    job = ledger()
    Job.objects.update(state="failed")
    ledger()
    with pytest.raises(Refused) as refused:
        services.retry(job=job, by=cast.system_admin.actor, now=NOW)
    assert refused.value.code == "jobs.again_open"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(cast: Cast) -> None:
    waiting = ledger("甲")
    services.cancel(job=waiting, by=cast.system_admin.actor, now=NOW)
    assert Job.objects.get(pk=waiting.pk).state == "cancelled"
    running = ledger("乙")
    taken = runner.claim()
    assert taken is not None and taken.pk == running.pk
    services.cancel(job=running, by=cast.system_admin.actor, now=NOW)
    runner.do(taken, threading.Event())
    assert Job.objects.get(pk=running.pk).state == "cancelled"
    assert lines("乙") == []
    with pytest.raises(Refused):
        services.cancel(job=running, by=cast.system_admin.actor, now=NOW)


def test_a_cancelled_job_whose_worker_died_ends_as_cancelled(cast: Cast) -> None:
    job = ledger()
    taken = runner.claim()
    assert taken is not None
    services.cancel(job=job, by=cast.system_admin.actor, now=NOW)
    expire(taken)
    assert runner.claim() is None
    assert Job.objects.get().state == "cancelled"


def test_a_worker_that_is_told_to_end_gives_its_job_back() -> None:
    ledger()
    job = runner.claim()
    assert job is not None
    ending = threading.Event()
    ending.set()
    runner.do(job, ending)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease) == ("queued", 0, None)


@override_settings(DEMO_TODAY=NOW.date())
def test_whoever_may_not_do_it_cannot_start_it_nor_after_losing_the_post(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.start(kind="ledger.office", key="1", by=cast.head.actor, now=NOW)
    assert refused.value.code == "jobs.not_allowed"
    job = services.start(kind="ledger.office", key="1", by=cast.office.actor, now=NOW)
    work()
    job.refresh_from_db()
    assert job.result == {"by": "甲（示例）"}
    again = services.start(kind="ledger.office", key="2", by=cast.office.actor, now=NOW)
    cast.office.appointment.end_on = NOW.date() - timedelta(days=1)
    cast.office.appointment.save()
    closed = services.start(kind="ledger.office", key="3", by=cast.staff.actor, now=NOW)
    User.objects.filter(pk=cast.staff.user.pk).update(is_active=False)
    work()
    for failed in (again, closed):
        failed.refresh_from_db()
        assert failed.state == "failed" and "不再担任" in failed.error


def test_one_sees_and_cancels_ones_own_jobs_the_system_administrator_all_of_the_county(cast: Cast) -> None:
    own = services.start(kind="ledger.office", key="1", by=cast.office.actor, now=NOW)
    assert list(queries.jobs_visible_to(cast.office.actor)) == [own]
    assert list(queries.jobs_visible_to(cast.system_admin.actor)) == [own]
    assert not queries.jobs_visible_to(cast.staff.actor).exists()
    assert not queries.jobs_visible_to(cast.foreign_office.actor).exists()
    with pytest.raises(Refused):
        services.cancel(job=own, by=cast.staff.actor, now=NOW)
    services.cancel(job=own, by=cast.office.actor, now=NOW)
