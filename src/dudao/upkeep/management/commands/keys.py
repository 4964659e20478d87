"""``dudao keys init|show|rotate|retire|adopt``: the keys of encrypted fields and files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dudao.shell import clock, crypto
from dudao.shell.errors import Refused
from dudao.upkeep import keys


class Command(BaseCommand):
    help = "加密密钥：建立、查看、更换、停用、并入"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        init = what.add_parser("init", help="第一次安装时建立密钥文件")
        rotate = what.add_parser("rotate", help="换新密钥并重新加密全部内容；中断后再次运行即继续")
        for parsed in (init, rotate):
            parsed.add_argument("--cipher", choices=crypto.CIPHERS, default=settings.CIPHER)
        what.add_parser("show", help="列出密钥名称与所加密的数量（不显示密钥）")
        retire = what.add_parser("retire", help="把不再使用的密钥移出密钥文件")
        retire.add_argument("name")
        retire.add_argument("--out", type=Path, required=True, help="移到这个文件，与仍需要它的旧备份一起另行保管")
        adopt = what.add_parser("adopt", help="并入另一个密钥文件里的密钥（恢复旧备份时用）")
        adopt.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["what"])(options)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        except OSError as error:
            raise CommandError(f"文件无法读写：{error}") from error

    def init(self, options: dict[str, Any]) -> None:
        ring = crypto.make_key_file(settings.KEY_FILE, cipher=options["cipher"])
        self.stdout.write(f"已建立 {settings.KEY_FILE}（密钥 {ring.current}）。")
        self.stdout.write("请把它复制到备份以外的安全地方：没有它，备份里的加密内容打不开。")

    def show(self, options: dict[str, Any]) -> None:
        ring, used = crypto.ring(), keys.in_use()
        for key in ring.keys.values():
            mark = "当前" if key.id == ring.current else "旧"
            self.stdout.write(f"{key.id}  {key.cipher}  {mark}  加密 {used[key.id]} 项")
        if used.get(""):
            self.stdout.write(f"另有 {used['']} 项由不在密钥文件里的密钥加密，打不开。")
        if ring.rotating:
            self.stdout.write("更换密钥没有完成，请再次运行 dudao keys rotate。")

    def rotate(self, options: dict[str, Any]) -> None:
        done = keys.rotate(now=clock.now(), cipher=options["cipher"], tell=self.stdout.write)
        total = sum(done.values.values())
        self.stdout.write(f"新密钥 {done.key}：重新加密 {total} 项、敏感材料 {done.files} 个。")
        for line in done.unreadable[:50]:
            self.stderr.write(line)
        if done.unreadable:
            raise CommandError(f"有 {len(done.unreadable)} 项打不开，旧密钥不能停用。")
        left = {name: count for name, count in keys.in_use().items() if name != done.key and count}
        if left:
            self.stderr.write(f"仍有旧密钥加密的内容：{left}。请再次运行。")
            sys.exit(1)
        self.stdout.write("已核对：没有旧密钥加密的内容。")

    def retire(self, options: dict[str, Any]) -> None:
        keys.retire(name=options["name"], out=options["out"], now=clock.now())
        self.stdout.write(f"密钥 {options['name']} 已移到 {options['out']}，请与旧备份分开、另行保管。")

    def adopt(self, options: dict[str, Any]) -> None:
        names = keys.adopt(path=options["path"], now=clock.now())
        self.stdout.write(f"已并入：{'、'.join(names)}。" if names else "没有新的密钥。")
