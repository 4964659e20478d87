"""``dudao begin``: the first accounts of a new installation, with codes to be handed over on paper."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dudao.accounts import founding
from dudao.accounts.posts import posts
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused


class Command(BaseCommand):
    help = "开办：登记督导室、主任和三个管理员，发放他们的一次性码（只显示一次）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--office", required=True, help="督导室全称")
        for post in founding.POSTS:
            parser.add_argument(f"--{post.replace('_', '-')}", required=True, help=f"{posts()[post].name}的姓名")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            slips = founding.found_house(
                office=options["office"],
                names=[options[post] for post in founding.POSTS],
                by=system(settings.COUNTY),
                now=clock.now(),
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write("一次性码只显示这一次，请当面交给本人；登录时填在“密码”处。")
        for post, slip in zip(founding.POSTS, slips, strict=True):
            line = f"{posts()[post].name}　{slip.user.person.name}　账号 {slip.user.username}　一次性码 {slip.code}"
            self.stdout.write(f"{line}　{slip.expires_at:%Y-%m-%d}前有效")
