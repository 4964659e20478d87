"""One process that keeps the web server and the worker alive: what ``dudao run`` and systemd start.

The supervisor listens itself and hands the socket on, so that a taken port shows before anything is written, and a web
server that is restarted loses no connection. Children end with the supervisor, even when it is killed (PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
# A child that lived this long was well; one that dies sooner is waited for longer each time, and not for ever.
_WELL_AFTER = 20.0
_FAILURES = 6
_GRACE = 20.0
_LOG_LIMIT = 50 * 1024 * 1024


def listen(host: str, port: int) -> socket.socket:
    """Take the address at once.

    Raises:
        OSError: it is taken, or not ours to take.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def web_command(listener: socket.socket, log: Path) -> list[str]:
    """Gunicorn on the supervisor's socket.

    The access log has neither query strings nor browsers, which may tell of people, nor the keys of calendars.
    """
    options = {
        "bind": f"fd://{listener.fileno()}",
        "worker-class": "gthread",
        "workers": "2",
        "threads": "4",
        "timeout": "120",
        # A hundred ticked rows of a list stand in one address.
        "limit-request-line": "8190",
        "graceful-timeout": "10",
        "access-logfile": str(log),
        "logger-class": "dudao.config.weblog.WebLog",
        "access-logformat": "%(t)s %(h)s %(m)s %(U)s %(s)s %(B)s %(M)sms",
        "error-logfile": "-",
        "log-level": "warning",
        "no-control-socket": None,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value) if word is not None]
    return [sys.executable, "-m", "gunicorn", *words, "dudao.config.wsgi:application"]


def work_command() -> list[str]:
    return [sys.executable, "-m", "django", "work"]


@dataclass
class Child:
    """A process that is started again when it ends.

    Attributes:
        name: what people call it.
        command: program and arguments.
        files: file descriptors it inherits.
        failures: how often it ended too soon, one after the other.
        due: when to start it (monotonic seconds).
    """

    name: str
    command: list[str]
    files: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def start(self) -> None:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dudao.config.settings"}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=environment,
            pass_fds=self.files,
            # A session of its own: Ctrl-C reaches the supervisor alone, which then ends the children in order.
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),
        )

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


def _die_with(parent: int) -> Callable[[], None] | None:
    """What the child does between fork and exec: ask the kernel for SIGTERM when the supervisor is gone (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


@dataclass
class Supervisor:
    """Runs children until told to stop.

    Args:
        children: what to keep alive.
        say: prints one line for people.
        log: the access log, turned over when it is large.
    """

    children: list[Child]
    say: Callable[[str], None]
    log: Path | None = None
    asked: list[int] = field(default_factory=list)

    def install(self) -> None:
        """Stop on Ctrl-C, SIGTERM and a closed terminal; before this, they end the process as usual."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: Any) -> None:
        self.asked.append(number)

    def run(self, *, when_started: Callable[[], bool] = lambda: True) -> int:
        """Keep the children alive.

        Args:
            when_started: asked again and again after the start, until it says that everything answers.

        Returns:
            0 after a stop that was asked for, 1 when a child cannot be kept alive.
        """
        ready = False
        self._turn_over_log()
        while not self.asked:
            for child in self.children:
                if not self._tend(child):
                    self.stop()
                    return 1
            if not ready:
                ready = when_started()
            self._turn_over_log()
            time.sleep(0.2)
        self.stop()
        return 0

    def _tend(self, child: Child) -> bool:
        moment = time.monotonic()
        if child.process is None:
            if moment >= child.due:
                child.start()
            return True
        status = child.process.poll()
        if status is None:
            return True
        child.process = None
        child.failures = 1 if moment - child.started > _WELL_AFTER else child.failures + 1
        if child.failures >= _FAILURES:
            self.say(f"{child.name}连续 {_FAILURES} 次起不来（退出码 {status}），督导已停止。原因见上面几行。")
            return False
        pause = min(2.0 ** (child.failures - 2), 15.0) if child.failures > 1 else 0.0
        child.due = moment + pause
        self.say(f"{child.name}停了（退出码 {status}），{f'{pause:g} 秒后' if pause else '马上'}重新启动。")
        return True

    def stop(self) -> None:
        """End the children: asked first, killed when they do not listen or somebody asks twice."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        asked, end = len(self.asked), time.monotonic() + _GRACE
        while any(c.process is not None and c.process.poll() is None for c in self.children):
            if time.monotonic() > end or len(self.asked) > asked:
                for child in self.children:
                    child.signal(signal.SIGKILL)
            time.sleep(0.05)

    def _turn_over_log(self) -> None:
        web = self.children[0]
        if web.process is not None and time.monotonic() - web.started < _WELL_AFTER:
            # It may not listen to the signal yet, and would die of it.
            return
        if self.log is None or not self.log.exists() or self.log.stat().st_size < _LOG_LIMIT:
            return
        self.log.replace(self.log.with_suffix(".log.1"))
        # Gunicorn opens its log files again.
        web.signal(signal.SIGUSR1)
