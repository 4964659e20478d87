"""Training for tests: batches held, people who came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor, system
from dudao.training import services
from dudao.training.models import Batch, Session
from dudao.training.services import Course, Lesson, Said
from tests.cast import NOW

COURSE = Course(
    year=2024, title="春季督学培训（示例）", level="county", kind="class", starts_on=date(2024, 3, 4), ends_on=date(2024, 3, 8),
    areas=("school",), organiser="督导室（示例）",
)  # fmt: skip
LESSON = Lesson(title="听课评课（示例）", day=date(2024, 3, 4), begins=time(9), ends=time(12), hours=Decimal(4))


def planned(people: Sequence[Inspector] = (), by: Actor | None = None, **change: Any) -> Batch:
    by = by or system("640122")
    batch = services.plan_batch(course=replace(COURSE, **change), by=by, now=NOW)
    if people:
        services.invite(batch=batch, inspectors=people, by=by, now=NOW)
    return batch


def session(batch: Batch, hours: str = "4", **change: Any) -> Session:
    lesson = replace(LESSON, **{"day": batch.starts_on, "hours": Decimal(hours), **change})
    return services.add_session(batch=batch, lesson=lesson, by=system(batch.county), now=NOW)


def came(
    where: Session, *people: Inspector, state: str = "present", hours: str | None = None, reason: str = ""
) -> None:
    rows = [Said(one, state, Decimal(hours) if hours else None, reason) for one in people]
    services.record_attendance(session=where, rows=rows, by=system(where.batch.county), now=NOW)
