"""``dudao files check|sweep``: is all evidence there and unchanged; clear what no row knows."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dudao.files import services
from dudao.shell import clock


class Command(BaseCommand):
    help = "佐证材料：核对完整性、清理没有登记的文件"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("check", help="核对每个文件的摘要；0 完好，1 有缺损")
        sweep = what.add_parser("sweep", help="清理一天前中断的上传和没有登记的文件")
        sweep.add_argument("--dry-run", action="store_true", help="只数不删")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "check":
            count = 0
            for file, message in services.faults():
                count += 1
                self.stdout.write(f"{file.pk}：{message}")
            self.stdout.write("佐证材料完好。" if not count else f"{count} 个文件有缺损。")
            if count:
                sys.exit(1)
            return
        # The age of files is the file system's, also in a demo that stands on another day.
        found = services.sweep(now=clock.machine_now(), apply=not options["dry_run"])
        done = "可清理" if options["dry_run"] else "已清理"
        self.stdout.write(
            f"{done}：没有登记的文件 {found.orphans} 个，中断的上传 {found.leftovers} 个，共 {found.size / 1024 / 1024:.1f} MB。"
        )
