"""The worker: takes jobs by lease, brings duties round, and survives what goes wrong around it.

Whoever holds the lease may write, and each step writes the lease along: a worker that was believed dead and wakes up again
finds its step undone. A lease that nobody renews is taken by the next worker, which goes on after the last finished step.
"""

import logging
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any, Literal, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, close_old_connections, transaction
from django.db.models import Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.jobs import services
from dudao.jobs.models import Job, Round
from dudao.jobs.registry import Duty, Kind, Span, duties, kinds
from dudao.shell import acts, clock
from dudao.shell.errors import Refused

log = logging.getLogger(__name__)
_State = Job.State
_LOST = "任务多次中断，没有进展（后台进程在同一处停止）。请联系系统管理员看技术细节后重试。"
_BROKEN = "任务出错，已停止。请稍后重试；仍不成功请联系系统管理员。"


class Stopped(Exception):
    """A job is not to go on here: cancelled, lost to another worker, or the worker ends."""

    def __init__(self, why: Literal["cancelled", "lost", "ending"]) -> None:
        super().__init__(why)
        self.why = why


class Leased:
    """A job that this worker holds (``registry.Run``)."""

    def __init__(self, job: Job, *, by: acts.Actor, now: datetime, ending: threading.Event) -> None:
        self.job = job
        self.payload: dict[str, Any] = job.payload
        self.cursor: Any = job.cursor
        self.by = by
        self.now = now
        self._ending = ending

    @contextmanager
    def step(
        self, *, cursor: Any, done: int | None = None, total: int | None = None, message: str = ""
    ) -> Iterator[None]:
        if self._ending.is_set():
            raise Stopped("ending")
        changes = {"done": done, "total": total, "message": message[:200] or None}
        with transaction.atomic():
            yield
            # A step further: what comes now is tried afresh.
            self._hold(cursor=cursor, attempts=0, **{k: v for k, v in changes.items() if v is not None})
        self.cursor = cursor

    def progress(self, *, done: int, total: int, message: str = "") -> None:
        self._hold(done=done, total=total, message=message[:200])

    def check(self) -> None:
        if self._ending.is_set():
            raise Stopped("ending")
        # Reads only: a loop may ask often, and the heartbeat renews the lease.
        if not self._mine().exists():
            self._stop()

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, lease=self.job.lease, cancel_asked=False)

    def _stop(self) -> NoReturn:
        still_ours = Job.objects.filter(pk=self.job.pk, lease=self.job.lease).exists()
        raise Stopped("cancelled" if still_ours else "lost")

    def _hold(self, **changes: Any) -> None:
        """Write under the lease, and renew it.

        Raises:
            Stopped: it is another's, or somebody cancelled.
        """
        if not self._mine().update(**_renewed(), **changes):
            self._stop()

    def end(self, state: str, **changes: Any) -> None:
        """Write how it ended and give the lease back; nothing happens where the lease is another's."""
        ended = None if state == _State.QUEUED else clock.now()
        Job.objects.filter(pk=self.job.pk, lease=self.job.lease, state=_State.RUNNING).update(
            state=state, ended_at=ended, lease=None, lease_until=None, **changes
        )


def _renewed() -> dict[str, datetime]:
    moment = clock.machine_now()
    return {"heartbeat_at": moment, "lease_until": moment + settings.JOB_LEASE}


# ---- jobs -----------------------------------------------------------------------------------------------------------


def claim() -> Job | None:
    """Take the oldest job that waits or whose lease ran out. Of several workers one gets it.

    A job that was interrupted too often without getting a step further fails here.
    """
    moment = clock.machine_now()
    waiting = Q(state=_State.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=moment))
    stale = Q(state=_State.RUNNING, lease_until__lt=moment)
    for job in Job.objects.filter(waiting | stale).order_by("pk")[:20]:
        # Between our look and our write somebody may have taken it, renewed its lease or ended it.
        still = Job.objects.filter(waiting | stale, pk=job.pk, state=job.state, lease=job.lease)
        known = kinds.get(job.kind)
        if job.cancel_asked:
            still.update(state=_State.CANCELLED, ended_at=clock.now(), lease=None, lease_until=None)
        elif known is None:
            still.update(state=_State.FAILED, ended_at=clock.now(), error="本版本没有这类任务。")
        elif job.state == _State.RUNNING and job.attempts >= known.attempts:
            still.update(state=_State.FAILED, ended_at=clock.now(), lease=None, lease_until=None, error=_LOST)
        else:
            facts: dict[str, Any] = {
                "state": _State.RUNNING,
                "lease": uuid.uuid4(),
                "attempts": job.attempts + 1,
                "started_at": job.started_at or clock.now(),
                **_renewed(),
            }
            if still.update(**facts):
                for name, value in facts.items():
                    setattr(job, name, value)
                return job
    return None


def do(job: Job, ending: threading.Event) -> None:
    """Do a job that was claimed, and write how it ended."""
    now = clock.now()
    run = Leased(job, by=acts.system(job.county), now=now, ending=ending)
    kind = kinds[job.kind]
    try:
        run.by = _actor(job, kind, clock.day_of(now))
        result = kind.work(run)
    except Stopped as stopped:
        if stopped.why == "cancelled":
            run.end(_State.CANCELLED)
        elif stopped.why == "ending":
            run.end(_State.QUEUED, attempts=max(job.attempts - 1, 0))
    except Refused as refused:
        run.end(_State.FAILED, error=refused.message[:400])
    except Exception:
        details = traceback.format_exc()[-8000:]
        log.exception("job %s %s", job.kind, job.pk)
        # The count as it stands: a finished step has set it back.
        tried = Job.objects.filter(pk=job.pk).values_list("attempts", flat=True).first() or 1
        if tried >= kind.attempts:
            run.end(_State.FAILED, error=_BROKEN, error_details=details)
        else:
            later = clock.machine_now() + timedelta(seconds=5 * 2**tried)
            run.end(_State.QUEUED, not_before=later, error_details=details, attempts=max(tried, 1))
    else:
        run.end(_State.DONE, result=result, error_details="")


def _actor(job: Job, kind: Kind, day: date) -> acts.Actor:
    """Who asked for it, with what they may do today.

    Raises:
        Refused: ``jobs.no_longer_allowed``: the account was closed, the hat is gone, or the post may no longer do it.
    """
    if job.by_user is None:
        return acts.system(job.county)
    gone = Refused(f"{job.by_name} 已不再担任提交时的职务，任务没有办理。", code="jobs.no_longer_allowed")
    user = get_user_model().objects.filter(pk=job.by_user, is_active=True).select_related("person").first()
    if user is None:
        raise gone
    actor, _ = accounts.actor_for(user, hat=job.hat, day=day)
    if actor.hat != job.hat or actor.county != job.county or (kind.needs and not actor.can(kind.needs)):
        raise gone
    return actor


# ---- duties ---------------------------------------------------------------------------------------------------------


def come_round() -> int:
    """Do every duty that is due, once however many workers ask. Returns how many this call did."""
    rounds = Round.objects.in_bulk(list(duties))
    count = 0
    for code, duty in list(duties.items()):
        last = rounds.get(code)
        count += _daily(duty, last) if duty.at is not None else _every(duty, last)
    return count


def _take(duty: Duty, last: Round | None, until: datetime, **more: Any) -> bool:
    """Take the span up to a moment; of two workers one gets it."""
    changes = {"taken_until": until, "ran_at": clock.now(), **more}
    if last is None:
        try:
            with transaction.atomic():
                Round.objects.create(duty=duty.code, **changes)
        except IntegrityError:
            return False
        return True
    return bool(Round.objects.filter(duty=duty.code, taken_until=last.taken_until).update(**changes))


def _every(duty: Duty, last: Round | None) -> bool:
    if duty.every is None or duty.work is None:
        return False
    moment = clock.machine_now()
    # A clock that was set back must not stop the duty until it has caught up.
    if last is not None and timedelta() <= moment - last.taken_until < duty.every:
        return False
    if not _take(duty, last, moment):
        return False
    row = Round.objects.filter(duty=duty.code)
    try:
        outcome = duty.work(Span(last.done_until if last else None, moment))
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("duty %s", duty.code)
        failures = (last.failures if last else 0) + 1
        row.update(
            failures=failures, outcome=f"出错（{type(error).__name__}）", error_details=traceback.format_exc()[-8000:]
        )
        return True
    row.update(done_until=moment, failures=0, error_details="", **({"outcome": outcome[:200]} if outcome else {}))
    return True


def _daily(duty: Duty, last: Round | None) -> bool:
    """Start today's job of a duty, or the one job for all days missed; claim and job are one transaction."""
    if duty.at is None:
        return False
    now = clock.now()
    local = now.astimezone(clock.CHINA)
    day = local.date() if local.timetz().replace(tzinfo=None) >= duty.at else local.date() - timedelta(days=1)
    slot = datetime.combine(day, duty.at, clock.CHINA)
    if last is not None and last.taken_until >= slot:
        return False
    since = clock.day_of(last.taken_until).isoformat() if last else None
    with transaction.atomic():
        if not _take(duty, last, slot, done_until=slot):
            return False
        services.start(
            kind=duty.code,
            key=day.isoformat(),
            payload={"since": since, "until": day.isoformat()},
            by=acts.system(settings.COUNTY),
            now=now,
        )
    return True


# ---- the process ----------------------------------------------------------------------------------------------------


class Worker:
    """Three threads: one does jobs, one brings duties round however long a job takes, one renews the lease."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        self._held: Job | None = None

    def run(self) -> None:
        """Work until ``ending`` is set; a job under way is given back at its next step."""
        loops = [(self._jobs, 0.5), (self._duties, 1.0), (self._heartbeat, settings.JOB_LEASE.total_seconds() / 6)]
        threads = [threading.Thread(target=self._loop, args=loop, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        while not self.ending.wait(0.5):
            pass
        end = time.monotonic() + 12
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _loop(self, what: Callable[[], bool], pause: float) -> None:
        while not self.ending.is_set():
            try:
                close_old_connections()
                again = what()
            except DatabaseError as error:
                # A lock held too long, a server that restarts: never a reason to die.
                log.warning("database: %s", error)
                again = False
            except Exception:
                log.exception("worker")
                again = False
            if not again:
                self.ending.wait(pause)
        with suppress(DatabaseError):
            close_old_connections()

    def _jobs(self) -> bool:
        job = claim()
        if job is None:
            return False
        self._held = job
        try:
            do(job, self.ending)
        finally:
            self._held = None
        return True

    def _duties(self) -> bool:
        come_round()
        return False

    def _heartbeat(self) -> bool:
        if (job := self._held) is not None:
            Job.objects.filter(pk=job.pk, lease=job.lease, state=_State.RUNNING).update(**_renewed())
        return False
