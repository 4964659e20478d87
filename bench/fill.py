"""Fill a database for the measurements: the played demo, and many tasks more with two parts each. Prints the cookie."""

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from dudao.accounts.models import User  # noqa: E402
from dudao.places.models import Unit  # noqa: E402
from dudao.plan.models import Point, Task, TaskPart  # noqa: E402
from dudao.shell import clock  # noqa: E402
from dudao.workbench import demo  # noqa: E402


def main(rows: int) -> None:
    call_command("migrate", verbosity=0)
    demo.build(now=clock.now())
    demo.play(now=clock.now())
    first = Task.objects.select_related("point").order_by("number")[0]
    today, units = clock.today(), list(Unit.objects.values_list("pk", flat=True)[:40])
    points = Point.objects.bulk_create(
        [
            Point(section=first.point.section, position=1000 + n, no=str(n), title=f"要点{n}", words=first.point.words)
            for n in range(rows)
        ],
        batch_size=500,
    )
    tasks = Task.objects.bulk_create(
        [
            Task(
                county=first.county,
                year=2023,
                notice=first.notice,
                point=point,
                number=f"T{n:05d}",
                title=f"示例任务{n}：开展第{n}次专项督导并报送情况",
                lead_id=units[n % 40],
                due_on=today,
                state=Task.State.HANDED,
            )
            for n, point in enumerate(points)
        ],
        batch_size=500,
    )
    TaskPart.objects.bulk_create(
        [
            TaskPart(
                county=task.county,
                task=task,
                unit_id=units[(n + k) % 40],
                handed_on=today,
                sign_by=today,
                state=TaskPart.State.WAITING if n % 10 == 0 else TaskPart.State.SIGNED,
                signed_on=None if n % 10 == 0 else today,
            )
            for n, task in enumerate(tasks)
            for k in range(2)
        ],
        batch_size=500,
    )
    client = Client()
    client.force_login(User.objects.get(username="shili-zhuren"))
    sys.stdout.write(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
