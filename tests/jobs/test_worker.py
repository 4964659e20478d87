"""Real worker processes, killed at random points; on SQLite and PostgreSQL alike."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from dudao.audit import services as audit
from dudao.audit.models import AuditEvent
from dudao.jobs import runner, services
from dudao.jobs.models import Job, Round
from dudao.shell.acts import system
from tests.cast import NOW
from tests.database import database_url
from tests.jobs.ledger import tasks  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = system("640122")


class Workers:
    """Worker processes on the test's database, with a short lease."""

    def __init__(self) -> None:
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        env = {**os.environ, "DATABASE_URL": database_url(), "DUDAO_JOB_LEASE": "1.5"}
        env["DJANGO_SETTINGS_MODULE"] = "tests.jobs.ledger.settings"
        env["PYTHONPATH"] = os.pathsep.join(sys.path)
        worker = subprocess.Popen([sys.executable, "-m", "django", "work"], env=env)
        self.all.append(worker)
        return worker


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    for worker in started.all:
        if worker.poll() is None:
            worker.kill()
        worker.wait(10)


def wait_for(what: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, list(Job.objects.values("state", "done", "attempts", "error", "error_details"))
        time.sleep(0.05)


def ledger(name: str, steps: int, slow: float) -> Job:
    return services.start(
        kind="ledger.write", key=name, payload={"name": name, "steps": steps, "slow": slow}, by=SYSTEM, now=NOW
    )


def own() -> Job:
    """The one job of the test; the duties of the house start others."""
    return Job.objects.get(kind__startswith="ledger.")


def lines(name: str) -> list[int]:
    events = AuditEvent.objects.filter(action="ledger.written", subject=name)
    return sorted(event.facts["n"] for event in events)


def test_killed_again_and_again_a_job_is_done_with_every_step_exactly_once(workers: Workers) -> None:
    chance = random.Random(7)
    job = ledger("甲", steps=25, slow=0.05)
    for kill in range(3):
        worker = workers.start()
        reached = 2 + kill * 6
        wait_for(lambda least=reached: own().done >= least)  # type: ignore[misc]
        time.sleep(chance.random() * 0.2)
        worker.kill()
        worker.wait(10)
    workers.start()
    wait_for(lambda: own().state == "done")
    job.refresh_from_db()
    assert lines("甲") == list(range(25))
    assert job.result == {"steps": 25}


def test_two_workers_race_for_the_jobs_and_each_step_is_written_once(workers: Workers) -> None:
    for number in range(12):
        ledger(f"第{number}件", steps=5, slow=0.01)
    workers.start()
    workers.start()
    wait_for(lambda: not Job.objects.filter(kind="ledger.write").exclude(state="done").exists())
    for number in range(12):
        assert lines(f"第{number}件") == list(range(5))
    # The duties of the house come round beside the jobs, and no worker stumbled over the other one.
    wait_for(lambda: Round.objects.filter(duty="ledger.tick", failures=0).exclude(done_until=None).exists())
    assert all(worker.poll() is None for worker in workers.all)


def test_a_worker_told_to_end_gives_its_job_back_and_ends_in_time(workers: Workers) -> None:
    services.start(kind="ledger.long", key="1", by=SYSTEM, now=NOW)
    worker = workers.start()
    wait_for(lambda: own().state == "running")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    job = own()
    assert (job.state, job.lease) == ("queued", None)


def test_a_worker_outlives_a_write_lock_held_too_long(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap of other queues on SQLite: their worker dies when its write lock does not come."""
    monkeypatch.setenv("DUDAO_LOCK_TIMEOUT", "1")
    job = ledger("甲", steps=3, slow=0)
    with transaction.atomic():
        Job.objects.filter(pk=job.pk).update(message="锁")
        worker = workers.start()
        time.sleep(4.5)
        assert worker.poll() is None
    wait_for(lambda: own().state == "done")
    assert worker.poll() is None and lines("甲") == [0, 1, 2]


def test_eight_writers_at_once_write_their_history_without_a_failure() -> None:
    def write(writer: int) -> int:
        try:
            for n in range(25):
                with transaction.atomic():
                    # Reads, then writes: the pattern that fails with a deferred transaction.
                    seen = AuditEvent.objects.filter(subject=str(writer)).count()
                    assert seen == n
                    audit.record(
                        action="ledger.written", subject=("ledger", str(writer)), summary="记", by=SYSTEM, now=NOW, n=n
                    )
        finally:
            connection.close()
        return writer

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == list(range(8))
    assert AuditEvent.objects.filter(action="ledger.written").count() == 200


def test_threads_that_claim_at_once_never_get_the_same_job() -> None:
    for number in range(20):
        ledger(str(number), steps=1, slow=0)
    start = threading.Barrier(6)

    def claim(_: int) -> list[str]:
        try:
            start.wait()
            return [str(job.pk) for job in iter(runner.claim, None)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        taken = [key for keys in pool.map(claim, range(6)) for key in keys]
    assert len(taken) == 20 and len(set(taken)) == 20
