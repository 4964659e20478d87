"""Fill a database with findings, their acts and their limits, and run the night over them. Prints the cookie, then the
processor seconds of the night run and the statements it took for a batch."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.fill import without_indexes  # noqa: E402
from dudao.accounts.models import User  # noqa: E402
from dudao.findings import nightly  # noqa: E402
from dudao.findings.models import Finding, Proposal  # noqa: E402
from dudao.places.models import Unit  # noqa: E402
from dudao.places.services import open_unit  # noqa: E402
from dudao.procedures.models import Act, Clock  # noqa: E402
from dudao.shell import clock  # noqa: E402
from dudao.shell.acts import system  # noqa: E402
from dudao.workbench import demo  # noqa: E402

UNITS = 500
# What a finding went through, by its last digit two places on: of a hundred seventy-five are archived.
WAY = ("take_over", "report", "recheck_passed", "close", "look_back_passed")
AFTER = ("rectifying", "reported", "passed", "closed", "archived")
STEPS = [5] * 75 + [4] * 9 + [1] * 12 + [2] * 3 + [3]


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    demo.build(now=clock.now())
    today = clock.today()
    for n in range(UNITS - Unit.objects.count()):
        open_unit(
            code=f"BENCH{n:04d}", name=f"示例学校{n}", kind="school", valid_from=date(2010, 9, 1),
            by=system(settings.COUNTY), now=clock.now(),
        )  # fmt: skip
    units = list(Unit.objects.filter(code__startswith="BENCH").values_list("pk", flat=True))
    made = _findings(count, units, today)
    with without_indexes(Finding), without_indexes(Act), without_indexes(Clock):
        while batch := list(islice(made, 2000)):
            Finding.objects.bulk_create([one[0] for one in batch], batch_size=300)
            Act.objects.bulk_create([act for one in batch for act in one[1]], batch_size=300)
            Clock.objects.bulk_create([row for one in batch for row in one[2]], batch_size=300)
    client = Client()
    client.force_login(User.objects.get(username="shili-zhuren"))
    seconds, statements = night()
    late = Proposal.objects.filter(what="late").values_list("subject", flat=True).first()
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    sys.stdout.write(f"{late}\n{seconds}\n{statements}\n{cookie}\n")


def _findings(count: int, units: list[Any], today: date) -> Iterator[tuple[Finding, list[Act], list[Clock]]]:
    common = {"county": settings.COUNTY, "recorded_at": clock.now()}
    for n in range(count):
        steps = STEPS[n % 100]
        # What is done lies back over ten years; what is open is due between a month ago and three months on.
        begun = today - timedelta(days=120 + (n * 7) % 3400 if steps > 3 else 60 + n % 30)
        due = begun + timedelta(days=30) if steps > 1 else today + timedelta(days=n // 100 % 120 - 30)
        days = [begun + timedelta(days=5 * k) for k in range(steps)]
        row = Finding(
            **common, year=begun.year, serial=1000 + n, state=AFTER[steps - 1], state_since=days[-1], round=1,
            recorded_name="示例", source="inspection", unit_id=units[n % len(units)], basis=f"示例标准第{n % 60}条",
            basis_key=f"示例标准第{n % 60}条", title=f"示例问题{n}：台账不全，第{n}处", facts="示例", found_on=begun, due_on=due,
            closed_on=days[3] if steps > 3 else None,
        )  # fmt: skip
        acts = [
            Act(
                **common, procedure="finding", version_of=1, subject=row.pk, code=WAY[k], name=WAY[k], track="main",
                round=1, before=AFTER[k - 1] if k else "", after=AFTER[k], occurred_on=days[k], by_name="示例",
            )
            for k in range(steps)
        ]  # fmt: skip
        clocks = [
            Clock(
                county=settings.COUNTY, procedure="finding", subject=row.pk, round=1, limit="L_RECT_DEADLINE",
                name="整改期限", started_on=begun, started_by=acts[0], due_on=due,
                stopped_on=days[1] if steps > 1 else None, stopped_by=acts[1] if steps > 1 else None,
            )
        ]  # fmt: skip
        if steps > 3:
            clocks.append(
                Clock(
                    county=settings.COUNTY, procedure="finding", subject=row.pk, round=1, limit="L_LOOKBACK",
                    name="回头看", started_on=days[3], started_by=acts[3],
                    due_on=max(days[3] + timedelta(days=90), today + timedelta(days=n % 200 - 5)),
                    stopped_on=days[4] if steps > 4 else None, stopped_by=acts[4] if steps > 4 else None,
                )
            )  # fmt: skip
        yield row, acts, clocks


class _Run:
    """The night run without the worker."""

    def __init__(self) -> None:
        self.payload: dict[str, Any] = {}
        self.cursor: Any = None
        self.by, self.now = system(settings.COUNTY), clock.now()

    @contextmanager
    def step(self, *, cursor: Any, **told: Any) -> Iterator[None]:
        yield
        self.cursor = cursor

    def progress(self, *, done: int, total: int, message: str = "") -> None: ...

    def check(self) -> None: ...


def night() -> tuple[float, float]:
    """Processor seconds of a run over everything; statements while matters are looked at, for each batch of them."""
    run, counted = _Run(), 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal counted
        counted += run.cursor is not None and run.cursor["stage"] in ("finding", "measure")
        return execute(sql, params, many, context)

    started = time.process_time()
    with connection.execute_wrapper(count):
        told = nightly.propose(run)
    return time.process_time() - started, counted / max(told["查看事项"] / nightly.BATCH, 1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
