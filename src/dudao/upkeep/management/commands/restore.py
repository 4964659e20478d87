"""``dudao restore FOLDER``: into an empty place, with proof."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.upkeep import backup


class Command(BaseCommand):
    help = "从备份恢复到空的地方，并核对"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="一份备份（其中有 MANIFEST.json）")
        parser.add_argument("--without-keys", action="store_true", help="没有密钥也恢复；加密的内容打不开")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = backup.restore(
                folder=options["folder"], now=clock.now, without_keys=options["without_keys"], tell=self.stdout.write
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        except OSError as error:
            raise CommandError(f"恢复没有完成：{error}。处理后再次运行同一命令即可。") from error
        if options["without_keys"]:
            self.stdout.write("没有核对加密的佐证材料。")
        self.stdout.write(f"已恢复：{done.rows} 行，佐证材料 {done.files} 个。链校验通过，行数一致。")
