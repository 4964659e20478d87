"""Starting, cancelling and retrying jobs."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.jobs.models import Job
from dudao.jobs.registry import kinds
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused

_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@transaction.atomic
def start(*, kind: str, key: str, payload: dict[str, Any] | None = None, by: Actor, now: datetime) -> Job:
    """Ask the worker for something. Asked again while the first one is not ended, the first one is the answer.

    Args:
        kind: code of a kind (``registry.kinds``).
        key: what makes it the same job: never two open ones with the same county, kind and key.
        payload: JSON values; keys of rows rather than their content.
        by: who asks; rebuilt from the appointments of the day when the job runs.
        now: aware.

    Raises:
        Refused: ``jobs.not_allowed``.
    """
    needs = kinds[kind].needs
    if needs and not by.can(needs):
        raise Refused("您的岗位不能办理这项任务。", code="jobs.not_allowed")
    while True:
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    county=by.county,
                    kind=kind,
                    key=key,
                    payload=payload or {},
                    by_user=by.user,
                    by_person=by.person,
                    by_name=by.name,
                    hat=by.hat,
                    created_at=now,
                )
        except IntegrityError:
            found = Job.objects.filter(county=by.county, kind=kind, key=key, state__in=_OPEN).first()
            if found is None:
                # It ended between our two looks.
                continue
            return found
        audit.record(
            action="job.started", subject=job, summary=f"提交任务：{kinds[kind].title}", by=by, now=now, key=key
        )
        return job


@transaction.atomic
def cancel(*, job: Job, by: Actor, now: datetime) -> None:
    """Cancel a job: at once where it waits, at its next step where it runs.

    Raises:
        Refused: ``jobs.not_yours``, ``jobs.ended``.
    """
    _check_keeper(job, by)
    changed = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, cancel_asked=True, ended_at=now
    ) or Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)
    if not changed:
        raise Refused("任务已经结束，不能取消。", code="jobs.ended")
    audit.record(action="job.cancelled", subject=job, summary=f"取消任务：{job.title}", by=by, now=now)


@transaction.atomic
def retry(*, job: Job, by: Actor, now: datetime) -> None:
    """Queue a failed or cancelled job again; it goes on after its last finished step.

    Raises:
        Refused: ``jobs.not_yours``, ``jobs.not_ended``, ``jobs.again_open`` (the same job was started anew meanwhile).
    """
    _check_keeper(job, by)
    try:
        with transaction.atomic():
            changed = Job.objects.filter(pk=job.pk, state__in=(Job.State.FAILED, Job.State.CANCELLED)).update(
                state=Job.State.QUEUED,
                cancel_asked=False,
                attempts=0,
                error="",
                error_details="",
                ended_at=None,
                not_before=None,
            )
    except IntegrityError as error:
        raise Refused("同一任务已经重新提交，正在办理。", code="jobs.again_open") from error
    if not changed:
        raise Refused("只有失败或已取消的任务可以重试。", code="jobs.not_ended")
    audit.record(action="job.retried", subject=job, summary=f"重试任务：{job.title}", by=by, now=now)


def _check_keeper(job: Job, by: Actor) -> None:
    own = by.person is not None and job.by_person == by.person
    if job.county != by.county or not (own or by.can("jobs.manage")):
        raise Refused("这不是您提交的任务。", code="jobs.not_yours")
