"""``dudao demo``: build the demo county in an empty database; ``--accounts`` prints who can sign in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from dudao.accounts.models import User
from dudao.shell import clock
from dudao.workbench import demo


class Command(BaseCommand):
    help = "Build the demo county in an empty database, or print its accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")
        parser.add_argument(
            "--played", action="store_true", help="go on to a working day: tasks handed down, some late"
        )

    def handle(self, *args: Any, accounts: bool, played: bool, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError("演示数据不能进正式系统；演示请用 make run。")
        if User._meta.db_table not in connection.introspection.table_names():
            raise CommandError("数据库还没有建好，请先运行 dudao migrate。")
        if accounts:
            self.stdout.write(f"演示账号，密码都是 {demo.PASSWORD}：")
            for account in demo.accounts_by_post():
                self.stdout.write(f"  {account.username:<16} {account.post}　{account.who}")
            return
        if User.objects.exists():
            raise CommandError("数据库不是空的，演示数据只建一次。要重来，请删去 var/ 再运行 make run。")
        demo.build(now=clock.now())
        if played:
            demo.play(now=clock.now())
        self.stdout.write("演示县已建好。")
