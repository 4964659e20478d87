"""``dudao findings check [--json]``: are findings, measures, cases and whatever else takes acts as the procedures allow."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dudao.findings import checking
from dudao.procedures import library
from dudao.shell import clock


class Command(BaseCommand):
    help = "问题整改：在现有数据上核对办理记录、期限、复查、措施和问责"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        check = what.add_parser("check", help="逐件核对；0 没有差错，1 有差错")
        check.add_argument("--json", action="store_true", help="结果写成 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = checking.check(settings.COUNTY, today=clock.today())
        if options["json"]:
            faults = [{**asdict(one), "subject": str(one.subject)} for one in found.faults]
            said = {"checked": dict(found.counts), "history": found.history, "faults": faults}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            for one in found.faults:
                name = library.procedure(one.procedure).name
                self.stdout.write(f"{name} {one.number}：{one.words}（{one.code}，{one.subject}）")
            looked = "，".join(f"{library.procedure(code).name} {n} 件" for code, n in sorted(found.counts.items()))
            self.stdout.write(f"已核对：{looked or '没有事项'}。")
            if found.history:
                self.stdout.write(
                    f"其中历史台账补录的已销号问题 {found.history} 件：复查、销号是台账所记，本系统不作证明。"
                )
            self.stdout.write(f"发现 {len(found.faults)} 处差错。" if found.faults else "没有差错。")
        if found.faults:
            sys.exit(1)
