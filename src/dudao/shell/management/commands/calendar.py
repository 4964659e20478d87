"""``dudao calendar check``: which years have a holiday table, where it comes from, what is wrong with the files."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dudao.shell import calendars


class Command(BaseCommand):
    help = "放假安排：哪些年份可以计算工作日，依据是什么"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("check", help="列出各年放假安排；有不能用的文件则返回 1")

    def handle(self, *args: Any, **options: Any) -> None:
        files = calendars.files()
        for file in files:
            if notice := file.notice:
                checked = f"{notice.checked_on}核对" if notice.checked_on else "未与原件核对"
                used = "" if file.in_use else "（未使用）"
                said = f"{notice.year}年第{notice.version}版{used} {notice.document} {notice.evidence} {checked}"
                self.stdout.write(f"{said} {file.path}\n    {notice.source}")
        known = calendars.holidays().years
        without = [f"{year}年" for year in range(known[0], known[-1]) if year not in known] if known else []
        without.append(f"{known[-1] + 1}年及以后" if known else "各年")
        self.stdout.write(f"{'、'.join(without)}没有放假安排，工作日期限按周一至周五暂估")
        if faults := [f"{file.path}：{file.fault}" for file in files if file.fault]:
            raise CommandError("\n".join(faults))
