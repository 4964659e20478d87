"""What upkeep does by itself, as the worker does it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import models, transaction

from dudao.audit import services as audit
from dudao.audit.models import AuditEvent
from dudao.jobs import runner, services
from dudao.jobs.models import Job
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.upkeep import tasks
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


@pytest.mark.django_db
def test_the_nightly_check_counts_what_is_whole_and_fails_with_the_first_fault():
    run: Any = None
    with transaction.atomic():
        for n in range(3):
            audit.record(action="x.done", subject=("x", str(n)), summary="", by=system("640122"), now=clock.now())
    audit.seal_all(now=clock.now())
    assert tasks.verify(run) == {"已核对": 3}
    models.QuerySet(AuditEvent).update(summary="别的")
    with pytest.raises(Refused, match=r"640122：第 1 条的留痕被改动.*共 3 处"):
        tasks.verify(run)


@pytest.mark.django_db
def test_the_nightly_sweep_tells_what_it_took():
    run: Any = None
    assert tasks.sweep(run)["没有登记的文件"] == 0
