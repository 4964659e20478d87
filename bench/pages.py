"""Pages per second over ten years of 300 tasks for 500 units each, as a ratio to an empty page on the same server."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LIMIT = 0.3
# Years, tasks a year, units that each task was handed to: 1.5 million parts.
SIZE = (10, 300, 500)
PAGES = {
    "workbench": "/",
    "list of tasks": "/plan/tasks/",
    "its search": "/plan/tasks/?q=%E7%9D%A3%E5%AF%BC",
    "list of units": "/plan/units/",
    "list of people": "/plan/people/",
    "list of meetings": "/meetings/",
    "list of notices": "/plan/notices/",
}
EMPTY = "/bench/empty/"
ROUNDS, SECONDS, CLIENTS = 5, 2.0, 4


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        For each page: name, its pages per second over those of the empty page (median of the rounds), limit, whether it
        holds.
    """
    with server("bench.fill", *SIZE) as (port, [*_, cookie]):
        medians = ratios(port, cookie, PAGES)
    return [(f"pages: {name} : empty page, per second", round(m, 2), LIMIT, m >= LIMIT) for name, m in medians.items()]


def ratios(port: int, cookie: str, pages: Mapping[str, str]) -> dict[str, float]:
    """For each page: its pages per second over those of the empty page, the median of the rounds."""
    for path in (EMPTY, *pages.values()):
        _rate(port, cookie, path, 0.5)
    found: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(ROUNDS):
        empty = _rate(port, cookie, EMPTY, SECONDS)
        for name, path in pages.items():
            found[name].append(_rate(port, cookie, path, SECONDS) / empty)
    return {name: sorted(values)[ROUNDS // 2] for name, values in found.items()}


def _rate(port: int, cookie: str, path: str, seconds: float) -> float:
    """Answered pages per second with some clients at once."""
    done = [0] * CLIENTS
    end = time.monotonic() + seconds

    def client(index: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < end:
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                return
            done[index] += 1

    threads = [threading.Thread(target=client, args=(index,)) for index in range(CLIENTS)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(done):
        raise RuntimeError(f"{path} did not answer 200")
    return sum(done) / (time.monotonic() - start)


@contextmanager
def server(fill: str, *size: int) -> Iterator[tuple[int, list[str]]]:
    """A server over what a module fills in; yields its port and the lines that the module printed."""
    binaries = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="dudao-bench-") as var:
        env = {**os.environ, "DUDAO_MODE": "test", "DUDAO_VAR": var, "DJANGO_SETTINGS_MODULE": "bench.settings"}
        filled = subprocess.run(
            [sys.executable, "-m", fill, *map(str, size)], env=env, check=True, capture_output=True, text=True
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"127.0.0.1:{port}"
        command = [binaries / "gunicorn", "--log-level=error", "-k=gthread", "--threads=4", "-b", address]
        running = subprocess.Popen([*command, "dudao.config.wsgi:application"], env=env, stderr=subprocess.DEVNULL)
        try:
            _wait(port)
            yield port, filled.stdout.strip().splitlines()
        finally:
            running.terminate()
            running.wait()


def _wait(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not come up")
