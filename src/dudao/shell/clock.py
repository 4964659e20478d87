"""The one clock. Demo and tests may stand on a chosen day; production never does."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from dudao.shell.errors import Refused
from dudao.shell.models import DemoDay

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC. In the demo: the chosen day at the real time of day."""
    real = timezone.now()  # noqa: TID251
    start: date | None = settings.DEMO_TODAY
    if start is None:
        return real
    return datetime.combine(_stepped() or start, real.astimezone(CHINA).timetz())


def machine_now() -> datetime:
    """The machine's own moment, for what a stepped demo day must not move: time-outs, locks, leases."""
    return timezone.now()  # noqa: TID251


def day_of(moment: datetime) -> date:
    """The day in China of a moment."""
    return moment.astimezone(CHINA).date()


def not_ahead(day: date, moment: datetime, name: str, what: str = "日期", *, code: str) -> None:
    """What people say has happened did not happen after today.

    Args:
        moment: when it is said.
        name: the field that the day was typed into.
        what: what the day is called there.
        code: of the refusal.

    Raises:
        Refused: with ``code``.
    """
    if day > day_of(moment):
        raise Refused(f"{what}不能晚于今天。", code=code, field=name)


def today() -> date:
    """The day in China. A due day ends at midnight Asia/Shanghai."""
    return now().astimezone(CHINA).date()


def _stepped() -> date | None:
    return DemoDay.objects.values_list("day", flat=True).first()


def step_demo_day(*, days: int) -> date:
    """Move the demo's day by whole days; only where a demo day is set.

    Raises:
        RuntimeError: this is no demo.
    """
    if settings.DEMO_TODAY is None:
        raise RuntimeError("only the demo has a day that can be stepped")
    day = today() + timedelta(days=days)
    DemoDay.objects.update_or_create(pk=1, defaults={"day": day})
    return day
