"""``dudao backup FOLDER``: database and evidence, while people work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.upkeep import backup


class Command(BaseCommand):
    help = "备份数据库和佐证材料（不含密钥文件）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="备份放在这个文件夹下的新文件夹里")

    def handle(self, *args: Any, **options: Any) -> None:
        stamp = clock.machine_now().astimezone(clock.CHINA)
        try:
            done = backup.backup(into=options["folder"], stamp=stamp, now=clock.now(), tell=self.stdout.write)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        except OSError as error:
            raise CommandError(f"备份没有完成：{error}") from error
        self.stdout.write(f"备份完成：{done.folder}（{done.rows} 行，佐证材料 {done.files} 个）。")
        if done.keys:
            self.stdout.write(f"备份里没有密钥文件。恢复时需要密钥：{'、'.join(done.keys)}。请把密钥文件另行保管。")
