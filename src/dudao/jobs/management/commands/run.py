"""``dudao run``: everything that one machine needs, under one supervisor."""

import errno
import fcntl
import hashlib
import http.client
import os
import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import transaction

from dudao.jobs import supervisor
from dudao.shell import crypto
from dudao.shell.errors import Refused
from dudao.shell.models import DemoDay


class Command(BaseCommand):
    help = "启动督导：建库、静态文件、网站和后台进程；Ctrl-C 停止"
    # What must be right is checked below, in one line each.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("DUDAO_HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("DUDAO_PORT", "8000")))

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        began = time.monotonic()
        try:
            listener = supervisor.listen(host, port)
        except OSError as error:
            why = {errno.EADDRINUSE: "已被别的程序占用", errno.EACCES: "没有权限使用"}.get(error.errno or 0, "用不了")
            raise SystemExit(f"{host}:{port} {why}。换一个端口：DUDAO_PORT={port + 1}") from error
        if settings.RESTORE_MARK.exists():
            backup = settings.RESTORE_MARK.read_text("utf-8")
            raise SystemExit(f"上次恢复备份没有完成。请再运行一次：dudao restore …/{backup}")
        call_command("migrate", verbosity=0, interactive=False)
        if settings.MODE == "production":
            self._refuse_demo()
        self._collect_static()
        if settings.DEMO:
            self._build_demo()
        logs: Path = settings.VAR / "log"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        access = logs / "access.log"
        web = supervisor.Child("网站进程", supervisor.web_command(listener, access), (listener.fileno(),))
        work = supervisor.Child("后台进程", supervisor.work_command())
        keeper = supervisor.Supervisor([web, work], self._say, log=access)
        keeper.install()

        def answered() -> bool:
            if not _answers(host, port):
                return False
            self._say(f"督导已启动（{time.monotonic() - began:.0f} 秒）：http://{host}:{port}/　按 Ctrl-C 停止")
            if settings.DEMO and "demo" in get_commands():
                call_command("demo", accounts=True, stdout=self.stdout)
                self.stdout.flush()
            return True

        status = keeper.run(when_started=answered)
        listener.close()
        self._say("督导已停止。")
        if status:
            raise SystemExit(status)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _refuse_demo(self) -> None:
        """A production start with anything of the demo in it ends here."""
        try:
            crypto.ring()
        except Refused as error:
            raise SystemExit(error.message) from error
        if names := list(get_user_model().objects.filter(is_demo=True).values_list("username", flat=True)[:3]):
            raise SystemExit(f"数据库里有演示账号（{'、'.join(names)}），正式运行不能使用；请换一个空的数据库。")
        if DemoDay.objects.exists():
            raise SystemExit("数据库里有演示日期，正式运行不能使用；请换一个空的数据库。")

    def _build_demo(self) -> None:
        if get_user_model().objects.exists() or "demo" not in get_commands():
            return
        self._say("正在建立演示数据（示例县、示例人员）……")
        # As a whole or not at all: a start that was killed here begins again.
        with transaction.atomic():
            call_command("demo", stdout=self.stdout)

    def _collect_static(self) -> None:
        """Collect static files when any of them changed since the last time."""
        target: Path = settings.STATIC_ROOT
        stamp = target / ".sources"
        seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
        for finder in get_finders():
            for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
                facts = Path(storage.path(path)).stat()
                seen.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
        target.parent.mkdir(parents=True, exist_ok=True)
        # Of two that start at once from the same folder one collects, and the other one waits for it.
        with (target.parent / ".collecting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if stamp.is_file() and stamp.read_text("utf-8") == seen.hexdigest():
                return
            shutil.rmtree(target, ignore_errors=True)
            call_command("collectstatic", interactive=False, verbosity=0)
            target.mkdir(parents=True, exist_ok=True)
            stamp.write_text(seen.hexdigest(), "utf-8")


def _answers(host: str, port: int) -> bool:
    """Whether the web server answers a request (the socket alone takes connections before it does)."""
    connection = http.client.HTTPConnection(host if host != "0.0.0.0" else "127.0.0.1", port, timeout=30)  # noqa: S104
    try:
        connection.request("GET", "/sign-in/", headers={"Host": settings.ALLOWED_HOSTS[0]})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
