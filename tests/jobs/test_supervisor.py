"""The supervisor by itself, with small children."""

import sys
import threading
import time
from pathlib import Path

import pytest

from dudao.jobs import supervisor
from dudao.jobs.supervisor import Child, Supervisor


def test_a_child_that_never_comes_up_ends_the_whole_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_FAILURES", 3)
    said: list[str] = []
    broken = Child("网站进程", [sys.executable, "-c", "raise SystemExit(3)"])
    other = Child("后台进程", [sys.executable, "-c", "import time; time.sleep(60)"])
    assert Supervisor([other, broken], said.append).run() == 1
    assert len(said) == 3 and "连续 3 次起不来（退出码 3）" in said[-1]
    assert other.process is not None and other.process.poll() is not None


def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_GRACE", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = Child("后台进程", [sys.executable, "-c", deaf])
    keeper = Supervisor([child], lambda line: None)
    threading.Timer(1.0, lambda: keeper.asked.append(15)).start()
    began = time.monotonic()
    assert keeper.run() == 0
    assert time.monotonic() - began < 10
    assert child.process is not None and child.process.poll() == -9


def test_a_large_access_log_is_turned_over_and_a_web_server_that_just_started_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "_LOG_LIMIT", 10)
    log = tmp_path / "access.log"
    log.write_text("x" * 20, "utf-8")
    # Dies of the signal as the web server would that has not set up its handler yet.
    child = Child("网站进程", [sys.executable, "-c", "import time; time.sleep(60)"])
    said: list[str] = []
    keeper = Supervisor([child], said.append, log=log)

    def fill_again() -> bool:
        assert not log.exists()
        log.write_text("y" * 20, "utf-8")
        return True

    threading.Timer(1.5, lambda: keeper.asked.append(15)).start()
    assert keeper.run(when_started=fill_again) == 0
    assert (tmp_path / "access.log.1").read_text("utf-8") == "x" * 20
    assert log.exists() and said == []
