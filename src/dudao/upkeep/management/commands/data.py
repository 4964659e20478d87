"""``dudao data classes``: which field holds what kind of data."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from dudao.upkeep import classes


class Command(BaseCommand):
    help = "数据分类：每个字段属于哪一类，怎样保存"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        table = what.add_parser("classes", help="列出全部字段的类别；有未分类的则返回 1")
        table.add_argument("--out", type=Path, help="写入文件；缺省写到屏幕")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["out"]:
            options["out"].parent.mkdir(parents=True, exist_ok=True)
            options["out"].write_text(classes.table(), "utf-8")
        else:
            self.stdout.write(classes.table(), ending="")
        if faults := list(classes.faults()):
            self.stderr.write("\n".join(faults))
            sys.exit(1)
