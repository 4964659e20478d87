"""``dudao work``: the process that does jobs and periodic duties."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from dudao.jobs.runner import Worker


class Command(BaseCommand):
    help = "后台进程：任务与定时事项（由 dudao run 启动）"

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.ending.set())
        worker.run()
