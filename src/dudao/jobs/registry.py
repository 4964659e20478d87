"""Which kinds of jobs and which periodic duties there are. Apps name theirs in their ``tasks.py``:

@kind("plan.import", "导入任务", needs="plan.edit")
def bring_in(run: Run) -> dict[str, int]:
    for n in range(run.cursor or 0, len(rows)):
        with run.step(cursor=n + 1, done=n + 1, total=len(rows)):
            ...  # written together with the cursor, or not at all
    return {"rows": len(rows)}

@every(timedelta(seconds=5), "audit.seal", "封存留痕")
def seal(span: Span) -> str: ...

@daily(time(2, 30), "retention.dry_run", "保存期限试算")
def dry_run(run: Run) -> dict[str, int]: ...
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from dudao.shell.acts import Actor

# What a kind of job answers: JSON values, shown on its page.
Result = dict[str, Any] | None


class Run(Protocol):
    """What the function of a kind gets.

    Attributes:
        payload: what the job was started with.
        cursor: what the last finished step left, ``None`` at the beginning.
        by: who acts, as their appointments stand now.
        now: the moment this attempt began.
    """

    payload: dict[str, Any]
    cursor: Any
    by: Actor
    now: datetime

    def step(
        self, *, cursor: Any, done: int | None = None, total: int | None = None, message: str = ""
    ) -> AbstractContextManager[None]:
        """One transaction: what the block writes, and the cursor. Raises ``Stopped`` when the job is no longer ours.

        Keep it short: on SQLite nobody else writes meanwhile. Read, convert and compute before it.
        """

    def progress(self, *, done: int, total: int, message: str = "") -> None:
        """Tell how far it is, outside a step. Raises ``Stopped``."""

    def check(self) -> None:
        """Raises ``Stopped`` when somebody cancelled the job or took it over, or the worker is to end."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Attributes:
        code: dotted name, ``<app>.<what>``.
        title: what people call it.
        work: does it.
        needs: the capability that whoever starts it must have, then and when it runs; empty for none.
        attempts: how often it is tried without getting a step further.
    """

    code: str
    title: str
    work: Callable[[Run], Result]
    needs: str = ""
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a duty stands for: since it last came round (``None`` the first time), until now."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that comes round by itself.

    Attributes:
        code, title: as of a kind.
        every: how often, by the machine's clock; ``work`` runs inside the worker and must bear being run twice at once.
        at: the time of day in China, by the day of the office; it is done as a job of the kind ``code``.
    """

    code: str
    title: str
    every: timedelta | None = None
    work: Callable[[Span], str] | None = None
    at: time | None = None


kinds: dict[str, Kind] = {}
duties: dict[str, Duty] = {}


def kind(
    code: str, title: str, *, needs: str = "", attempts: int = 5
) -> Callable[[Callable[[Run], Result]], Callable[[Run], Result]]:
    """Name a kind of job."""

    def take(work: Callable[[Run], Result]) -> Callable[[Run], Result]:
        kinds[code] = Kind(code, title, work, needs, attempts)
        return work

    return take


def every(pause: timedelta, code: str, title: str) -> Callable[[Callable[[Span], str]], Callable[[Span], str]]:
    """Name a duty that comes round after each pause; its answer is one Chinese line, or empty."""

    def take(work: Callable[[Span], str]) -> Callable[[Span], str]:
        duties[code] = Duty(code, title, every=pause, work=work)
        return work

    return take


def daily(at: time, code: str, title: str) -> Callable[[Callable[[Run], Result]], Callable[[Run], Result]]:
    """Name a duty of every day; after a gap it comes once, with ``since`` and ``until`` (days, ISO) in its payload."""

    def take(work: Callable[[Run], Result]) -> Callable[[Run], Result]:
        kinds[code] = Kind(code, title, work)
        duties[code] = Duty(code, title, at=at)
        return work

    return take
