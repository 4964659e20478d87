"""What upkeep does by itself, as the worker does it."""

import threading
from datetime import timedelta

import pytest

from dudao.jobs import runner, services
from dudao.jobs.models import Job
from dudao.shell.acts import system
from tests.cast import NOW


@pytest.mark.django_db
def test_every_night_what_was_kept_long_enough_is_counted_and_nothing_goes() -> None:
    old = services.start(kind="upkeep.retention", key="old", by=system("640122"), now=NOW)
    long_ago = NOW - timedelta(days=10_000)
    Job.objects.filter(pk=old.pk).update(state="done", ended_at=long_ago)
    services.start(kind="upkeep.retention", key="2024-04-10", by=system("640122"), now=NOW)
    while job := runner.claim():
        runner.do(job, threading.Event())
    done = Job.objects.get(key="2024-04-10")
    assert done.state == "done" and done.result is not None and done.result["已结束的后台任务"] == 1
    assert Job.objects.filter(pk=old.pk).exists()
