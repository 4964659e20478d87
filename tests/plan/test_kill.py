"""The server is killed in the middle: what was asked is there as a whole or not at all."""

import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from dudao.accounts.models import User
from dudao.accounts.queries import actor_for
from dudao.audit.models import AuditEvent
from dudao.plan import services
from dudao.plan.models import Flag, Notice, Point, Section, Task, TaskPart
from dudao.shell import clock
from dudao.workbench.demo import notice_text
from tests.cast import county_cast, unit
from tests.database import database_url

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


@contextmanager
def server(var: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The real web server on the test's database, in a process group of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.pathsep.join(sys.path)}
    env = {**os.environ, **paths, "DATABASE_URL": database_url(), "DUDAO_VAR": str(var)}
    command = [sys.executable, "-m", "gunicorn", "--log-level=critical", "-b", f"127.0.0.1:{port}"]
    running = subprocess.Popen(
        [*command, "dudao.config.wsgi:application"], env=env, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def send_and_kill(var: Path, cookie: str, address: str, fields: list[tuple[str, str]], *, after: float) -> None:
    """Open a page, send its form, and kill the server so many seconds later."""
    with server(var) as (port, running), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as page:
        page.request("GET", address, headers={"Cookie": cookie})
        answer = page.getresponse()
        body = answer.read().decode()
        assert answer.status == 200
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', body)
        csrf = re.search(rf"{settings.CSRF_COOKIE_NAME}=[^;]+", answer.headers["Set-Cookie"] or "")
        assert token and csrf
        typed = urlencode([("csrfmiddlewaretoken", token[1]), *fields])
        headers = {"Cookie": f"{cookie}; {csrf[0]}", "Content-Type": "application/x-www-form-urlencoded"}
        page.request("POST", address, body=typed, headers=headers)
        time.sleep(after)
        os.killpg(running.pid, signal.SIGKILL)


@pytest.fixture
def cookie() -> str:
    cast = county_cast()
    client = Client()
    client.force_login(cast.office.user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_a_server_killed_while_a_notice_comes_in_leaves_all_of_it_or_nothing(cookie: str, tmp_path: Path) -> None:
    chance = random.Random(20240322)
    for number in range(ROUNDS):
        text = notice_text().replace("〔2024〕4号", f"〔2024〕{number + 10}号").replace("精准培训", f"精准培训{number}")
        fields = [("text", text)]
        send_and_kill(tmp_path, cookie, reverse("plan:notice_new"), fields, after=chance.uniform(0.05, 0.9))
    connection.close()
    notices = Notice.objects.count()
    counts = [Section, Point, Flag, Task]
    assert [model.objects.count() for model in counts] == [n * notices for n in (4, 13, 4, 39)]
    assert AuditEvent.objects.filter(action="notice.handed_in").count() == notices


def test_a_server_killed_while_tasks_go_down_leaves_each_with_every_unit_or_none(cookie: str, tmp_path: Path) -> None:
    now = clock.now()
    office, _ = actor_for(User.objects.get(username="office-director-甲"), hat=None, day=clock.today())
    notice = services.hand_in_notice(text=notice_text(), by=office, now=now)
    tasks = [task for task in services.confirm_notice(notice=notice, by=office, now=now) if not task.rule]
    units = [unit(f"示例学校{n}", f"N{n}").pk for n in range(300)]
    chance = random.Random(20240322)
    for number in range(ROUNDS):
        chosen = tasks[number * 4 : number * 4 + 4]
        address = reverse("plan:hand_down") + "?" + urlencode([("task", task.pk) for task in chosen])
        fields = [("tasks", str(task.pk)) for task in chosen] + [("units", str(key)) for key in units]
        fields += [("sign_by", clock.today().isoformat())]
        send_and_kill(tmp_path, cookie, address, fields, after=chance.uniform(0.05, 0.9))
    connection.close()
    events = AuditEvent.objects.filter(action="task.handed_down").count()
    handed = Task.objects.filter(state="handed").count()
    assert TaskPart.objects.count() == handed * 300
    assert events == handed
    assert handed % 4 == 0
