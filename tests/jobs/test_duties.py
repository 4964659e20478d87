"""Duties that come round by themselves."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from django.conf import LazySettings

from dudao.audit.models import Seal
from dudao.jobs import queries, runner, services
from dudao.jobs.models import Job, Round
from dudao.jobs.registry import Duty, Kind, Run, Span, duties, kinds
from dudao.shell import clock
from dudao.shell.acts import system
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def only() -> Iterator[dict[str, Duty]]:
    """The duties of the house are put aside."""
    kept, kept_kinds = dict(duties), dict(kinds)
    duties.clear()
    yield duties
    duties.clear()
    duties.update(kept)
    kinds.clear()
    kinds.update(kept_kinds)


def nightly(only: dict[str, Duty]) -> None:
    def work(run: Run) -> None:
        return None

    only["night"] = Duty("night", "夜间", at=time(2, 30))
    kinds["night"] = Kind("night", "夜间", work)


def started() -> list[tuple[str, dict[str, str | None]]]:
    return list(Job.objects.filter(kind="night").order_by("pk").values_list("key", "payload"))


def test_a_duty_comes_round_once_in_its_pace_and_is_told_the_span(only: dict[str, Duty]) -> None:
    spans: list[Span] = []
    only["tick"] = Duty("tick", "记时", every=timedelta(seconds=30), work=lambda span: spans.append(span) or "好")
    assert runner.come_round() == 1
    assert runner.come_round() == 0
    assert spans[0].since is None
    # Two hours without a worker: once, and told of all of it.
    gap = clock.machine_now() - timedelta(hours=2)
    Round.objects.update(taken_until=gap, done_until=gap)
    assert runner.come_round() == 1
    assert runner.come_round() == 0
    assert spans[1].since == gap and spans[1].until - gap >= timedelta(hours=2)


def test_a_duty_that_failed_or_was_killed_is_told_of_the_same_span_again(
    only: dict[str, Duty], caplog: pytest.LogCaptureFixture
) -> None:
    spans: list[Span] = []

    def fail(span: Span) -> str:
        spans.append(span)
        if len(spans) < 3:
            raise ValueError("示例")
        return "好"

    only["tick"] = Duty("tick", "记时", every=timedelta(seconds=30), work=fail)
    for _ in range(3):
        runner.come_round()
        Round.objects.update(taken_until=clock.machine_now() - timedelta(minutes=1))
    assert [span.since for span in spans] == [None, None, None]
    row = Round.objects.get()
    assert row.failures == 0 and row.outcome == "好" and row.done_until is not None


def test_a_machine_clock_that_was_set_back_does_not_stop_a_duty(only: dict[str, Duty]) -> None:
    only["tick"] = Duty("tick", "记时", every=timedelta(seconds=30), work=lambda _: "")
    Round.objects.create(duty="tick", taken_until=clock.machine_now() + timedelta(days=3))
    assert runner.come_round() == 1


def test_a_nightly_duty_starts_one_job_a_day_and_one_for_all_days_missed(
    only: dict[str, Duty], settings: LazySettings
) -> None:
    nightly(only)
    settings.DEMO_TODAY = date(2024, 4, 10)
    only["night"] = Duty("night", "夜间", at=time(0, 0))
    assert runner.come_round() == 1
    assert runner.come_round() == 0
    settings.DEMO_TODAY = date(2024, 4, 15)
    assert runner.come_round() == 1
    assert runner.come_round() == 0
    assert started() == [
        ("2024-04-10", {"since": None, "until": "2024-04-10"}),
        ("2024-04-15", {"since": "2024-04-10", "until": "2024-04-15"}),
    ]


def test_before_its_hour_a_nightly_duty_stands_for_the_day_before(
    only: dict[str, Duty], settings: LazySettings
) -> None:
    nightly(only)
    only["night"] = Duty("night", "夜间", at=time(23, 59, 59, 999999))
    settings.DEMO_TODAY = date(2024, 4, 10)
    runner.come_round()
    assert started() == [("2024-04-09", {"since": None, "until": "2024-04-09"})]


def test_of_two_workers_that_saw_the_same_round_one_takes_it(only: dict[str, Duty]) -> None:
    duty = only["tick"] = Duty("tick", "记时", every=timedelta(seconds=1), work=lambda _: "")
    until = clock.machine_now()
    assert runner._take(duty, None, until)
    assert not runner._take(duty, None, until)
    seen = Round.objects.get()
    assert runner._take(duty, seen, until + timedelta(seconds=1))
    assert not runner._take(duty, seen, until + timedelta(seconds=1))


def test_history_is_sealed_by_the_duty_of_the_house() -> None:
    services.start(kind="audit.seal_whole", key="1", by=system("640122"), now=NOW)
    runner.come_round()
    assert Seal.objects.filter(county="640122").exists()


def test_the_schedule_shows_what_is_late(only: dict[str, Duty]) -> None:
    only["tick"] = Duty("tick", "记时", every=timedelta(seconds=5), work=lambda _: "")
    nightly(only)
    moment = clock.machine_now()
    assert [(line.pace, line.is_late) for line in queries.schedule(machine_now=moment)] == [
        ("每 5 秒", True),
        ("每天 02:30", False),
    ]
    runner.come_round()
    assert not [line for line in queries.schedule(machine_now=moment) if line.is_late]
