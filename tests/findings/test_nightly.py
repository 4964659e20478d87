"""The night run proposes what is due, once, however often it runs and wherever it is killed; it sends and changes nothing."""

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dudao.audit.models import AuditEvent
from dudao.findings import nightly, services, waiting
from dudao.findings.models import Finding, Proposal
from dudao.findings.services import Brought
from dudao.jobs import services as jobs
from dudao.jobs.models import Job
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.procedures.models import Act, Clock
from dudao.shell import clock
from dudao.shell.acts import Actor, system
from tests.cast import NOW, TODAY, Cast, county_cast
from tests.database import database_url
from tests.findings.conftest import act, facts, outside_paper, proof
from tests.plan.test_race import at_once


class Night:
    """A run as the worker gives it, without the worker."""

    def __init__(self, now: datetime = NOW) -> None:
        self.payload: dict[str, Any] = {}
        self.cursor: Any = None
        self.by: Actor = system("640122")
        self.now = now

    @contextmanager
    def step(self, *, cursor: Any, done: int | None = None, total: int | None = None, message: str = "") -> Any:
        yield
        self.cursor = cursor

    def progress(self, *, done: int, total: int, message: str = "") -> None: ...

    def check(self) -> None: ...


def run(now: datetime = NOW) -> dict[str, int]:
    return nightly.propose(Night(now))


def told_until(cast: Cast, due_on: date, number: int = 0, **more: Any) -> Finding:
    """A finding that the unit was told of before Dudao, to be put right until a day."""
    known = facts(cast, due_on=due_on, basis=f"示例标准第{number}条", **more)
    return services.register_finding(facts=known, told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW)


# A worker process that is killed before its first statement, begun again and killed before its second, and so on until the
# work is done: forked anew each time, killed for good each time. It says how often.
_KILLED = """
import os, signal, threading, time
from dataclasses import replace
import django
django.setup()
from django.db import connection
from dudao.findings import nightly
from dudao.jobs import registry, runner
nightly.BATCH, nightly.UNITS = 3, 1
registry.kinds["findings.propose"] = replace(registry.kinds["findings.propose"], attempts=10_000)

def work(last):
    count = 0
    def counted(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)
    with connection.execute_wrapper(counted):
        while (job := runner.claim()) is None:
            time.sleep(0.02)
            count = 0
        runner.do(job, threading.Event())
    os._exit(0)

killed = 0
while True:
    child = os.fork()
    if not child:
        work(killed + 1)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        break
    killed += 1
print(killed, flush=True)
os._exit(status)
"""

pytestmark = pytest.mark.django_db


def test_a_unit_with_three_matters_gets_one_message_with_its_list(cast: Cast) -> None:
    for number, due in enumerate((TODAY - timedelta(days=5), TODAY, TODAY + timedelta(days=2))):
        told_until(cast, due, number)
    told_until(cast, TODAY + timedelta(days=20), 9)
    assert run() == {"重算期限": 0, "查看事项": 4, "新列提醒": 3, "备好消息": 1}
    message = Message.objects.get()
    assert message.title == "整改提醒：示例第一小学，逾期 1 项，今天到期 1 项，即将到期 1 项"
    assert message.text.splitlines() == [
        "【整改提醒】示例第一小学：截至4月10日，以下事项请抓紧办理。",
        "1. 问题 2024-0001 食堂台账不全：整改期限4月5日，已逾期 5 天，请报送整改报告。",
        "2. 问题 2024-0002 食堂台账不全：整改期限4月10日，今天到期，请报送整改报告。",
        "3. 问题 2024-0003 食堂台账不全：整改期限4月12日，还有 2 天，请报送整改报告。",
        "办理后请登录督导系统“问题整改”报送，或回电督导室登记；已经报送的不用理会。",
    ]
    assert (message.state, message.recipients.get().unit_id) == ("prepared", cast.school.pk)


def test_run_twice_nothing_is_new(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 5))
    run()
    before = list(Message.objects.values()) + list(Proposal.objects.values()) + list(AuditEvent.objects.values())
    assert run() == {"重算期限": 0, "查看事项": 1, "新列提醒": 0, "备好消息": 0}
    after = list(Message.objects.values()) + list(Proposal.objects.values()) + list(AuditEvent.objects.values())
    assert before == after


def test_it_never_changes_a_state_nor_sends(cast: Cast, told: Finding) -> None:
    before = list(Finding.objects.values()), list(Clock.objects.values()), Act.objects.count()
    run()
    assert (list(Finding.objects.values()), list(Clock.objects.values()), Act.objects.count()) == before
    assert not Message.objects.exclude(state="prepared").exists()


def test_a_message_that_waits_is_brought_up_to_date_and_stays_one(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 5))
    run()
    told_until(cast, date(2024, 4, 11), 2)
    run(NOW + timedelta(days=1))
    message = Message.objects.get()
    assert "已逾期 6 天" in message.text
    assert "2024-0002" in message.text
    assert set(Proposal.objects.values_list("message", flat=True)) == {message.pk}
    assert Proposal.objects.get(what="late").proposed_on == TODAY


def test_what_was_sent_is_said_again_after_a_week_of_silence(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 9))
    run()
    first = Message.objects.get()
    messages.send(message=first, base_version=first.version, by=cast.office.actor, now=NOW)
    run(NOW + timedelta(days=3))
    assert Message.objects.count() == 1
    run(NOW + timedelta(days=8))
    assert Message.objects.filter(state="prepared").get().title.endswith("逾期 1 项")


def test_a_message_that_nobody_needs_any_more_is_taken_back(cast: Cast) -> None:
    finding = told_until(cast, date(2024, 4, 5))
    run()
    act(finding, "report", cast.head, TODAY, evidence=[proof()])
    run(NOW + timedelta(days=1))
    assert Message.objects.get().state == "dropped"


def test_after_a_gap_one_run_says_what_is_due_by_then(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 5))
    run(NOW + timedelta(days=30))
    assert Proposal.objects.values_list("what", "step", "proposed_on").get() == ("late", 4, TODAY + timedelta(days=30))


def test_what_is_for_the_office_is_listed_without_a_message(cast: Cast, told: Finding) -> None:
    danger = services.register_finding(
        facts=facts(cast, severity="danger", basis="示例标准第7条", due_on=None), by=cast.office.actor, now=NOW
    )
    outside_paper(danger, "rectification-notice", cast.office.actor, cast.school.pk)
    circular = services.propose_measure(
        kind="circular", unit=cast.school_2.pk, findings=[], grounds=["false_data"], title="示例事由", wanted="示例要求",
        occurred_on=date(2024, 3, 20), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    paper = outside_paper(circular, "circular-notice", cast.office.actor, cast.school_2.pk, on=date(2024, 3, 20))
    brought = Brought(occurred_on=date(2024, 3, 21), way="oa", paper=paper, received_by="示例签收人")
    services.act_on_measure(
        measure=circular, act="tell", brought=brought, base_version=circular.version, by=cast.office.actor, now=NOW
    )
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    act(told, "recheck_passed", cast.staff, date(2024, 3, 25), evidence=[proof("复查.png")])
    act(told, "close", cast.office, date(2024, 3, 26))
    later = NOW + timedelta(days=90)
    run(later)
    found = {(p.subject, p.what): p for p in Proposal.objects.all()}
    assert set(found) == {
        (danger.pk, "danger"), (danger.pk, "served"), (circular.pk, "lapsed"), (told.pk, "late"),
    }  # fmt: skip
    assert not any(p.is_for_unit for p in found.values())
    assert not Message.objects.filter(kind=nightly.KIND).exists()
    [look_back] = [one for one in waiting.read([told], today=clock.day_of(later)) if one.what]
    assert [step.name for step in look_back.steps] == ["回头看未反弹", "问题反弹、重新整改"]


def test_a_danger_reported_up_is_not_listed_again(cast: Cast) -> None:
    danger = services.register_finding(facts=facts(cast, severity="danger"), by=cast.office.actor, now=NOW)
    act(danger, "report_up", cast.office, TODAY)
    run()
    assert not Proposal.objects.filter(what="danger").exists()


def test_cases_are_told_to_nobody_by_the_night_run(cast: Cast, told: Finding) -> None:
    services.open_case(
        unit=cast.school.pk, findings=[told], grounds=["safety"], title="示例事由", persons="示例人员", methods=[],
        words="示例线索", work_done_on=date(2024, 1, 1), occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    run()
    assert set(Proposal.objects.values_list("procedure", flat=True)) == {"finding"}
    assert "问责" not in Message.objects.get().text


def test_a_batch_takes_a_constant_number_of_statements(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for count in (2, 12):
        while Finding.objects.count() < count:
            told_until(cast, date(2024, 4, 5), Finding.objects.count())
        with CaptureQueriesContext(connection) as asked:
            run()
        counts.append(len(asked))
    # The second run brings the waiting message up to date: two statements more than making it.
    assert abs(counts[0] - counts[1]) <= 3


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_point_the_work_is_whole_after_the_next_start() -> None:
    cast = county_cast()
    # As the worker sees it: the machine's own day.
    today = clock.today()
    for number in range(24):
        made = facts(
            cast, found_on=today - timedelta(days=40), due_on=today - timedelta(days=number), basis=f"第{number}条",
            unit=(cast.school, cast.school_2, cast.kindergarten)[number % 3].pk,
        )  # fmt: skip
        services.register_finding(facts=made, told_on=today - timedelta(days=40), by=cast.office.actor, now=clock.now())
    jobs.start(kind="findings.propose", key="夜", payload={}, by=system("640122"), now=clock.now())
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DUDAO_JOB_LEASE": "0.05",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    connection.close()
    ran = subprocess.run([sys.executable, "-c", _KILLED], env=env, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    job = Job.objects.get(kind="findings.propose")
    assert job.state == "done", (job.state, job.error, job.error_details)
    assert int(ran.stdout) > 30
    assert Proposal.objects.count() == 24
    assert Message.objects.count() == 3
    said = {message.pk: message for message in Message.objects.all()}
    assert all(f"{row.day:%-m月%-d日}" in said[row.message].text for row in Proposal.objects.all())  # type: ignore[index]
    assert AuditEvent.objects.filter(action="message.prepared").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_everything_once() -> None:
    cast = county_cast()
    for number in range(6):
        told_until(cast, date(2024, 4, 5), number, unit=(cast.school, cast.school_2)[number % 2].pk)
    assert not at_once([run] * 4)
    assert (Proposal.objects.count(), Message.objects.count()) == (6, 2)
    assert Message.objects.filter(recipients__isnull=False).distinct().count() == 2
