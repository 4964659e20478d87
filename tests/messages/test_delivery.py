"""Against stand-ins for the platforms: nothing twice, and what did not arrive shows."""

import base64
import hmac
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from django.db import connection

from dudao.jobs import runner
from dudao.messages import outbox, queries, sending, services, ways
from dudao.messages.models import Bot, Delivery, Message
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, Cast, unit
from tests.database import database_url
from tests.messages import stands

MACHINE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
URLS = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=" + "a1" * 32,
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/" + "5f1b2c3d-1234-4bc4-97a0-0ec2bfa5aaaa",
}
Ready = Callable[..., Message]


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[stands.Platform]:
    with stands.platform() as state:
        for plugin in (NotifyWeComBot, NotifyDingTalk, NotifyFeishu):
            path = plugin.notify_url.split("/", 3)[3]
            monkeypatch.setattr(plugin, "notify_url", f"{state.address}/{path}")
        yield state


@pytest.fixture
def post(settings: Any) -> Iterator[stands.Post]:
    with stands.post() as state:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", state.port
        yield state


def to_group(cast: Cast, ready: Ready, kind: str = "wecom") -> Delivery:
    bot = ways.keep_bot(name="督学群", url=URLS[kind], by=cast.system_admin.actor, now=NOW)
    send(cast, ready, [f"bot:{bot.pk}"])
    return Delivery.objects.get(channel="bot")


def to_mail(cast: Cast, ready: Ready) -> Delivery:
    ways.keep_contact(unit=cast.school.pk, kind="email", address="shili@example.cn", by=cast.office.actor, now=NOW)
    send(cast, ready, ["email"])
    return Delivery.objects.get(channel="email")


def send(cast: Cast, ready: Ready, channels: list[str]) -> None:
    message = ready()
    services.send(message=message, base_version=1, channels=channels, by=cast.office.actor, now=NOW)


def work(machine: datetime = MACHINE) -> int:
    count = 0
    while outbox.deliver_next(now=NOW, machine=machine):
        count += 1
    return count


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_group_of_each_platform_gets_counts_and_units_once(
    cast: Cast, ready: Ready, platform: stands.Platform, kind: str
) -> None:
    delivery = to_group(cast, ready, kind)
    assert not platform.got, "nothing leaves the house in a request"

    assert (work(), work()) == (1, 0)

    delivery.refresh_from_db()
    assert delivery.state == "sent"
    assert platform.texts == ["请签收控辍保学任务（2 个单位）：示例第二中学、示例第一小学。详情请登录督导查看。"]


def test_a_signing_robot_of_dingtalk_is_signed_for(cast: Cast, ready: Ready, platform: stands.Platform) -> None:
    bot = ways.keep_bot(
        name="钉钉群", url=f"{URLS['dingtalk']}&secret=SEC{'b' * 30}", by=cast.system_admin.actor, now=NOW
    )
    send(cast, ready, [f"bot:{bot.pk}"])
    work()
    [(path, query, _)] = platform.got
    assert (path, query["access_token"]) == ("/robot/send", ["a1" * 32])
    secret = "SEC" + "b" * 30
    digest = hmac.digest(secret.encode(), f"{query['timestamp'][0]}\n{secret}".encode(), "sha256")
    assert query["sign"] == [base64.b64encode(digest).decode()]


def test_a_platform_that_says_no_with_a_friendly_200_is_not_believed(
    cast: Cast, ready: Ready, platform: stands.Platform
) -> None:
    platform.mood = "no"
    delivery = to_group(cast, ready)
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("failed", "对方拒收（代码 93000）")
    assert [d.pk for d in queries.undelivered(cast.office.actor)] == [delivery.pk]

    platform.mood = "yes"
    outbox.send_again(delivery=delivery, by=cast.office.actor, machine=MACHINE, now=NOW)
    work()
    delivery.refresh_from_db()
    assert delivery.state == "sent" and not queries.undelivered(cast.office.actor).exists()


@pytest.mark.parametrize("mood", ["busy", "slower"])
def test_a_platform_that_is_busy_is_asked_again_later(
    cast: Cast, ready: Ready, platform: stands.Platform, mood: str
) -> None:
    platform.mood = mood
    delivery = to_group(cast, ready)
    work()
    platform.mood = "yes"
    assert (work(), work(MACHINE + outbox.RETRIES[0])) == (0, 1)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sent", 2)


@pytest.mark.parametrize("mood", ["hangs_up", "garbage"])
def test_where_the_answer_is_lost_nobody_sends_again_but_a_person(
    cast: Cast, ready: Ready, platform: stands.Platform, mood: str
) -> None:
    platform.mood = mood
    delivery = to_group(cast, ready)

    assert (work(), work(MACHINE + timedelta(days=1))) == (1, 0)

    delivery.refresh_from_db()
    assert delivery.state == "unknown" and delivery.error and len(platform.got) == 1
    outbox.say_arrived(delivery=delivery, by=cast.office.actor, machine=MACHINE, now=NOW)
    with pytest.raises(Conflict):
        outbox.send_again(delivery=delivery, by=cast.office.actor, machine=MACHINE, now=NOW)


def test_where_nothing_left_it_is_tried_again_and_in_the_end_shown(cast: Cast, ready: Ready, post: stands.Post) -> None:
    post.mood = "later"
    delivery = to_mail(cast, ready)
    machine = MACHINE
    for pause in outbox.RETRIES:
        assert work(machine) == 1
        assert work(machine) == 0, "not before its time"
        machine += pause
    assert work(machine) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, post.letters) == ("failed", len(outbox.RETRIES) + 1, [])
    assert queries.undelivered(cast.office.actor).count() == 1


def test_a_letter_arrives_once_with_a_key_of_its_own(cast: Cast, ready: Ready, post: stands.Post) -> None:
    delivery = to_mail(cast, ready)
    assert (work(), work()) == (1, 0)
    delivery.refresh_from_db()
    assert delivery.state == "sent" and len(post.letters) == 1
    assert f"<{delivery.pk}@" in post.letters[0]


@pytest.mark.parametrize(("mood", "state", "letters"), [("refuses", "failed", 0), ("hangs_up", "unknown", 1)])
def test_a_mail_server_that_refuses_or_hangs_up(
    cast: Cast, ready: Ready, post: stands.Post, mood: str, state: str, letters: int
) -> None:
    post.mood = mood
    delivery = to_mail(cast, ready)
    assert (work(), work(MACHINE + timedelta(days=1))) == (1, 0)
    delivery.refresh_from_db()
    assert (delivery.state, len(post.letters)) == (state, letters)


def test_a_mail_server_that_is_not_there_keeps_the_letter_waiting(cast: Cast, ready: Ready, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    delivery = to_mail(cast, ready)
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 1) and "连不上" in delivery.error


_WORKER = """
import datetime, os, signal, sys
import django
django.setup()
from dudao.messages import outbox, sending

class Kill9(sending.FileGate):
    # A provider in whose hands the worker is killed, after the message was taken.
    def send(self, **what):
        super().send(**what)
        os.kill(os.getpid(), signal.SIGKILL)

sending.import_string = lambda name: Kill9
moment = datetime.datetime.fromisoformat(sys.argv[1])
outbox.deliver_next(now=moment, machine=moment)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_sending_and_noting_leaves_the_truth_and_no_double(
    cast: Cast, ready: Ready, settings: Any, tmp_path: Path
) -> None:
    settings.SMS_FILE = tmp_path / "log" / "sms.jsonl"
    settings.SMS_GATE = "dudao.messages.sending.FileGate"
    ways.keep_contact(unit=cast.school.pk, kind="sms", address="13800000000", by=cast.office.actor, now=NOW)
    send(cast, ready, ["sms"])
    paths = {"DJANGO_SETTINGS_MODULE": "dudao.config.settings", "PYTHONPATH": os.pathsep.join(sys.path)}
    env = {**os.environ, **paths, "DATABASE_URL": database_url(), "DUDAO_VAR": str(tmp_path)}

    killed = subprocess.run([sys.executable, "-c", _WORKER, MACHINE.isoformat()], env=env, timeout=60, check=False)

    assert killed.returncode == -signal.SIGKILL
    delivery = Delivery.objects.get(channel="sms")
    assert (delivery.state, delivery.error) == ("unknown", "")
    assert delivery.is_under_way(MACHINE + timedelta(seconds=30))
    with pytest.raises(Conflict):
        outbox.send_again(delivery=delivery, by=cast.office.actor, machine=MACHINE + timedelta(seconds=30), now=NOW)
    later = MACHINE + timedelta(hours=1)
    assert work(later) == 0 and len(settings.SMS_FILE.read_text().splitlines()) == 1
    outbox.send_again(delivery=delivery, by=cast.office.actor, machine=later, now=NOW)
    assert work(later) == 1 and len(settings.SMS_FILE.read_text().splitlines()) == 2


def test_a_slow_answer_does_not_settle_what_a_person_sent_again(
    cast: Cast, ready: Ready, platform: stands.Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = to_group(cast, ready)
    later = MACHINE + timedelta(minutes=5)

    def slow(row: Delivery, **_: Any) -> sending.Outcome:
        outbox.send_again(delivery=row, by=cast.office.actor, machine=later, now=NOW)
        return sending.Outcome("refused", "迟到的答复")

    monkeypatch.setattr(outbox, "_attempt", slow)
    outbox.deliver_next(now=NOW, machine=MACHINE)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("queued", "")


def test_a_gate_that_breaks_does_not_stop_the_others(cast: Cast, ready: Ready, settings: Any) -> None:
    settings.SMS_GATE = "no.such.Gate"
    ways.keep_contact(unit=cast.school.pk, kind="sms", address="13800000000", by=cast.office.actor, now=NOW)
    ways.keep_contact(unit=cast.school.pk, kind="email", address="a@example.cn", by=cast.office.actor, now=NOW)
    send(cast, ready, ["sms", "email"])
    assert work() == 2
    assert sorted(Delivery.objects.exclude(channel="in_app").values_list("channel", "state")) == [
        ("email", "sent"),
        ("sms", "unknown"),
    ]


def test_a_silenced_robot_says_nothing_and_it_shows(cast: Cast, ready: Ready, platform: stands.Platform) -> None:
    delivery = to_group(cast, ready)
    ways.switch_bot(bot=Bot.objects.get(), is_on=False, by=cast.system_admin.actor, now=NOW)
    work()
    delivery.refresh_from_db()
    assert delivery.state == "failed" and not platform.got


def test_the_address_of_a_robot_is_closed_and_only_a_robot_is_taken(cast: Cast) -> None:
    ways.keep_bot(name="群", url=URLS["wecom"], by=cast.system_admin.actor, now=NOW)
    assert "693a91f6" not in str(Bot.objects.values_list("url", flat=True).get())
    assert Bot.objects.get().url == URLS["wecom"]
    for wrong in ("https://example.com/hook", "mailto://a:b@example.cn", "file:///etc/passwd", "http://127.0.0.1/", ""):
        with pytest.raises(Refused, match="机器人"):
            ways.keep_bot(name="群", url=wrong, by=cast.system_admin.actor, now=NOW)
    with pytest.raises(Refused, match="系统管理员"):
        ways.keep_bot(name="群", url=URLS["wecom"], by=cast.office.actor, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_what_waits_when_its_time_comes_round(cast: Cast, ready: Ready, post: stands.Post) -> None:
    to_mail(cast, ready)
    runner.come_round()
    assert len(post.letters) == 1 and Delivery.objects.get(channel="email").state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_letters_and_send_none_twice(cast: Cast, ready: Ready, post: stands.Post) -> None:
    for number in range(6):
        where = unit(f"示例第{number}小学", f"21640004{number:02}")
        ways.keep_contact(unit=where.pk, kind="email", address=f"a{number}@example.cn", by=cast.office.actor, now=NOW)
        message = ready(units=[where.pk], notes={})
        services.send(message=message, base_version=1, channels=["email"], by=cast.office.actor, now=NOW)

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert len(post.letters) == 6
    assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"sent"}
