"""``dudao audit head|verify|seal``: the chain of history from the command line."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dudao.audit import queries, services
from dudao.shell import clock
from dudao.shell.errors import Refused


class Command(BaseCommand):
    help = "历史留痕：导出链头、核对链、立即封存"

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        head = what.add_parser("head", help="导出每县链头，另处保存")
        head.add_argument("--out", type=Path, help="写入文件；缺省写到屏幕")
        verify = what.add_parser("verify", help="核对链；0 完好，1 有改动，2 无法核对")
        verify.add_argument("--head", type=Path, help="以前导出的链头文件")
        verify.add_argument("--county", help="只核对这个县")
        verify.add_argument("--minutes", type=int, default=5, help="留痕最迟几分钟内封存")
        what.add_parser("seal", help="立即封存（平时由后台进程完成）")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if options["what"] == "seal":
            self.stdout.write(f"封存 {services.seal_all(now=now, full=True)} 条")
        elif options["what"] == "head":
            text = services.heads_text(queries.heads(), now=now)
            if options["out"]:
                options["out"].write_text(text, "utf-8")
                self.stdout.write(f"链头已写入 {options['out']}。请存放到本系统以外。")
            else:
                self.stdout.write(text, ending="")
        elif not self._verify(now, options):
            sys.exit(1)

    def _verify(self, now: Any, options: dict[str, Any]) -> bool:
        try:
            heads = services.read_heads(options["head"].read_text("utf-8")) if options["head"] else []
        except (Refused, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"无法核对：{error}", returncode=2) from error
        # A county whose whole chain was taken away is still named by the head.
        known = sorted({*queries.counties(), *(h.county for h in queries.heads()), *(h.county for h in heads)})
        counties = [options["county"]] if options["county"] else known
        whole = True
        for county in counties:
            report = services.verify(
                county=county, now=now, heads=heads, late_after=timedelta(minutes=options["minutes"])
            )
            whole &= report.is_whole
            self._show(report)
        if not counties:
            self.stdout.write("还没有留痕。")
        if not heads:
            self.stdout.write("没有给出链头（--head），末尾被截去的情况核对不出来。")
        return whole

    def _show(self, report: services.Report) -> None:
        for fault in report.faults:
            self.stdout.write(f"{report.county}：{fault.message}")
        if report.count > len(report.faults):
            self.stdout.write(f"{report.county}：另有 {report.count - len(report.faults)} 处，未逐一列出。")
        result = "链校验通过" if report.is_whole else f"链校验不通过，{report.count} 处"
        self.stdout.write(f"{report.county}：{result}；已核对 {report.checked} 条，待封存 {report.waiting} 条。")
