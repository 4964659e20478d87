"""Fill a database for the measurements: the played demo, and ten years of 300 tasks for 500 units. Prints the cookie."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.test import Client  # noqa: E402

from dudao.accounts.models import User  # noqa: E402
from dudao.places.models import Unit  # noqa: E402
from dudao.places.services import open_unit  # noqa: E402
from dudao.plan.models import Point, Task, TaskPart  # noqa: E402
from dudao.shell import clock  # noqa: E402
from dudao.shell.acts import system  # noqa: E402
from dudao.workbench import demo  # noqa: E402

# One part of every task for every unit, made by SQLite itself. Those of a done task are done; of one under way a tenth waits
# to be signed, a tenth to be looked at, four tenths are in hand, four tenths done.
PARTS = """
INSERT INTO plan_taskpart (id, county, task_id, unit_id, state, handed_on, sign_by, due_on, withdraw_reason, signed_on,
    signed_by, signed_how, answer, answered_on, answered_by, review_note, done_on)
SELECT lower(hex(randomblob(16))), county, task, unit, state, handed, date(handed, '+35 days'), due_on, '',
    CASE WHEN state = 'waiting' THEN NULL ELSE handed END, '', '', '',
    CASE WHEN state IN ('answered', 'done') THEN handed END, '', '', CASE WHEN state = 'done' THEN handed END
FROM (
    SELECT task.county AS county, task.id AS task, unit.id AS unit, task.due_on AS due_on,
        date(task.due_on, '-30 days') AS handed,
        CASE WHEN task.state = 'done' THEN 'done'
            ELSE CASE row_number() OVER (PARTITION BY task.id ORDER BY unit.id) % 10
                WHEN 0 THEN 'waiting' WHEN 1 THEN 'answered' WHEN 2 THEN 'done' WHEN 3 THEN 'done' WHEN 4 THEN 'done'
                WHEN 5 THEN 'done' ELSE 'signed' END END AS state
    FROM plan_task task CROSS JOIN (SELECT id FROM places_unit ORDER BY id LIMIT %s) unit WHERE task.position >= 1000
)
"""


def main(years: int, tasks: int, units: int) -> None:
    call_command("migrate", verbosity=0)
    demo.build(now=clock.now())
    demo.play(now=clock.now())
    by, today = system(settings.COUNTY), clock.today()
    for n in range(units - Unit.objects.count()):
        open_unit(
            code=f"BENCH{n:04d}",
            name=f"示例学校{n}",
            kind="school",
            valid_from=date(2010, 9, 1),
            by=by,
            now=clock.now(),
        )
    keys = list(Unit.objects.values_list("pk", flat=True)[:units])
    point = Point.objects.select_related("section__notice").order_by("-section__position", "position")[0]
    Task.objects.bulk_create(list(_tasks(point, years, tasks, today, keys)), batch_size=500)
    with without_indexes(TaskPart), connection.cursor() as cursor:
        cursor.execute(PARTS, [units])
    client = Client()
    client.force_login(User.objects.get(username="shili-zhuren"))
    sys.stdout.write(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}\n")


@contextmanager
def without_indexes(model: type[Model]) -> Iterator[None]:
    """Lay the indexes of a SQLite table aside while it is filled, and make them anew: ten times quicker."""
    with connection.cursor() as cursor:
        wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL"
        indexes = cursor.execute(wanted, [model._meta.db_table]).fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, made in indexes:
            cursor.execute(made)
        cursor.execute("ANALYZE")


def _tasks(point: Point, years: int, count: int, today: date, units: list[object]) -> Iterator[Task]:
    for back in range(years):
        for n in range(count):
            state = Task.State.DONE if back else Task.State.HANDED
            day = today.replace(day=1) - timedelta(days=365 * back) + timedelta(days=n % 60)
            yield Task(
                county=settings.COUNTY,
                year=today.year - back,
                notice=point.section.notice,
                point=point,
                position=1000 + n,
                number=f"{back}T{n:03d}",
                title=f"示例任务{n}：开展第{n}次专项督导并报送情况",
                lead_id=units[n % 40],
                due_on=day,
                state=state,
                done_on=day if back else None,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
