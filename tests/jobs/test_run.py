"""``dudao run``, as a person starts and stops it: real processes on a free port."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dudao.shell import crypto

# It always brings its own SQLite file: once is enough.
pytestmark = pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="ran on SQLite already")

DUDAO = Path(sys.executable).with_name("dudao")


class Run:
    """A started ``dudao run`` and its children."""

    def __init__(self, var: Path, port: int) -> None:
        self.port = port
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "dudao.config.settings",
            "DUDAO_MODE": "production",
            "DUDAO_SECRET_KEY": "x" * 48,
            "DUDAO_VAR": str(var),
            "DUDAO_PORT": str(port),
            "DATABASE_URL": "",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        self.process = subprocess.Popen(
            [str(DUDAO), "run"], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self.line("督导已启动")

    def line(self, wanted: str) -> str:
        assert self.process is not None and self.process.stdout is not None
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if wanted in line:
                return line
        raise AssertionError("".join(seen))

    def children(self) -> dict[int, str]:
        assert self.process is not None
        return {pid: command(pid) for pid in children_of(self.process.pid)}

    def answers(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            connection.request("GET", "/static/absent.css")
            answer = connection.getresponse()
            answer.read()
            return answer.status


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(word) for word in text.split()]


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run(tmp_path / "var", free_port())
    crypto.make_key_file(tmp_path / "var" / "keys" / "field-keys.json")
    yield started
    if started.process is not None:
        if started.process.poll() is None:
            started.process.terminate()
            started.process.wait(30)
        assert started.process.stdout is not None
        started.process.stdout.close()


def test_the_demo_starts_names_its_accounts_answers_and_leaves_nothing_behind_after_ctrl_c(run: Run) -> None:
    run.env |= {"DUDAO_MODE": "demo", "DUDAO_TODAY": "2024-04-10", "DUDAO_VAR": run.env["DUDAO_VAR"] + "-demo"}
    assert f"http://127.0.0.1:{run.port}/" in run.start()
    run.line("shili-zhuren")
    children = run.children()
    assert len(children) == 2
    grandchildren = [pid for child in children for pid in children_of(child)]
    assert run.answers() == 404
    assert run.process is not None
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(30) == 0
    assert not [pid for pid in [*children, *grandchildren] if is_alive(pid)]


def test_a_second_start_on_the_same_port_says_in_one_line_what_to_do(run: Run) -> None:
    run.start()
    second = subprocess.run([str(DUDAO), "run"], env=run.env, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1
    assert f"DUDAO_PORT={run.port + 1}" in second.stderr
    assert run.answers() == 404


def test_a_killed_child_comes_back(run: Run) -> None:
    run.start()
    for pid in run.children():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(run.children()) == 2)
    assert run.answers() == 404


def test_the_children_end_when_the_supervisor_is_killed(run: Run) -> None:
    run.start()
    children = run.children()
    everyone = [*children, *(pid for child in children for pid in children_of(child))]
    assert run.process is not None
    run.process.kill()
    wait_for(lambda: not [pid for pid in everyone if is_alive(pid)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"DUDAO_TODAY": "2024-04-10"}, "DUDAO_TODAY 是演示日期"),
        ({"DUDAO_SECRET_KEY": ""}, "DUDAO_SECRET_KEY"),
        ({"DUDAO_SECRET_KEY_FILE": "/absent"}, "不存在"),
        ({"DUDAO_KEY_FILE": "/absent/keys.json"}, "dudao keys init"),
        ({"DUDAO_MODE": "guess"}, "DUDAO_MODE 只能是"),
    ],
)
def test_a_production_start_refuses_what_belongs_to_a_demo_in_one_line(
    run: Run, change: dict[str, str], said: str
) -> None:
    refused = subprocess.run([str(DUDAO), "run"], env={**run.env, **change}, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1 and said in refused.stderr


def test_a_production_start_works_with_a_key_file_and_refuses_a_database_that_was_a_demo(run: Run) -> None:
    Path(run.env["DUDAO_VAR"], "keys", "field-keys.json").unlink()
    subprocess.run([str(DUDAO), "keys", "init"], env=run.env, check=True, capture_output=True, timeout=60)
    assert "演示" not in run.start()
    assert run.answers() == 404
    assert run.process is not None
    run.process.terminate()
    assert run.process.wait(30) == 0
    made = """
from dudao.accounts import services
from dudao.accounts.models import User
from dudao.shell import clock
from dudao.shell.acts import system
person = services.enter_person(name="甲（示例）", by=system("640122"), now=clock.now())
User(username="shili", person=person, is_demo=True).save(force_insert=True)
"""
    subprocess.run([str(DUDAO), "shell", "-c", made], env=run.env, check=True, capture_output=True, timeout=60)
    refused = subprocess.run([str(DUDAO), "run"], env=run.env, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1 and "演示账号（shili）" in refused.stderr
