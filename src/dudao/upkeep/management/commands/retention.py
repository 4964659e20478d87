"""``dudao retention --dry-run|--apply``: what has been kept long enough."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dudao.shell import clock
from dudao.upkeep import retention


class Command(BaseCommand):
    help = "保存期限：看哪些到期（--dry-run），或清理到期的（--apply）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--dry-run", action="store_true", help="只列出，不动")
        how.add_argument("--apply", action="store_true", help="清理，并留痕")

    def handle(self, *args: Any, **options: Any) -> None:
        now, machine = clock.now(), clock.machine_now()
        if options["apply"]:
            for rule, gone, kept in retention.apply(now=now, machine=machine):
                stays = f"，{kept} 项仍被引用，保留" if kept else ""
                self.stdout.write(f"{rule.what}：清理 {gone} 项{stays}")
            return
        for found in retention.due(now=now, machine=machine):
            rule = found.rule
            basis = f"（依据{'未核实' if rule.evidence == '未核实' else ' ' + rule.evidence}：{rule.basis}）"
            if rule.action == "keep":
                self.stdout.write(f"{rule.what}：长期保存{basis}")
                continue
            oldest = f"，最早 {found.oldest}" if found.oldest else ""
            self.stdout.write(f"{rule.what}：满 {rule.days} 天清理，到期 {found.count} 项{oldest}{basis}")
