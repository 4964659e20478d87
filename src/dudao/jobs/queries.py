"""Reading jobs and the schedule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from dudao.jobs.models import Job, Round
from dudao.jobs.registry import Duty, duties
from dudao.shell.acts import Actor


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """All of the county for those who keep the system, else one's own; newest first."""
    jobs = Job.objects.filter(county=actor.county).order_by("-created_at", "-pk")
    if actor.can("jobs.manage"):
        return jobs
    return jobs.filter(by_person=actor.person) if actor.person else jobs.none()


def job_of(actor: Actor, *, kind: str, key: str) -> Job | None:
    """The latest job of a kind about one thing, which the caller has found within the actor's scope."""
    return Job.objects.filter(county=actor.county, kind=kind, key=key).order_by("-created_at", "-pk").first()


def is_open(actor: Actor, *, kind: str, key: str) -> bool:
    """Whether such a job waits or runs."""
    open_ = (Job.State.QUEUED, Job.State.RUNNING)
    return Job.objects.filter(county=actor.county, kind=kind, key=key, state__in=open_).exists()


@dataclass(frozen=True, slots=True)
class Line:
    """A duty and when it last came round."""

    duty: Duty
    round: Round | None
    is_late: bool

    @property
    def pace(self) -> str:
        if self.duty.at is not None:
            return f"每天 {self.duty.at:%H:%M}"
        seconds = int((self.duty.every or timedelta()).total_seconds())
        return f"每 {seconds // 60} 分钟" if seconds % 60 == 0 else f"每 {seconds} 秒"


def schedule(*, machine_now: datetime) -> list[Line]:
    """All periodic duties; a duty of seconds is late when it has not come round for a minute more than it should."""
    rounds = Round.objects.in_bulk(list(duties))
    lines = []
    for code, duty in duties.items():
        last = rounds.get(code)
        late = duty.every is not None and (
            last is None or last.taken_until < machine_now - duty.every - timedelta(minutes=1)
        )
        lines.append(Line(duty, last, late))
    return lines
