"""到期与逾期: what is past its limit, its next act and who may take it, and how long the word on it has been waiting."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.findings import nightly, queue, services, waiting
from dudao.findings.models import Finding
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.procedures import library, matters
from dudao_engines.procedures.situation import Situation
from tests.cast import NOW, TODAY, Cast
from tests.findings.conftest import facts
from tests.findings.test_nightly import Night, told_until
from tests.findings.test_pages import page, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


def test_every_state_that_is_not_at_rest_has_a_next_act() -> None:
    for code in ("finding", "measure", "accountability"):
        procedure = library.procedure(code)
        assert code in matters.kinds
        for state in procedure.states:
            if state.final or state.rest or state.track != "main":
                continue
            others = [(track, procedure.first(track)) for track in procedure.tracks if track != "main"]
            for kind in [one.id for one in procedure.kinds] or [""]:
                if not any(
                    state.id in (act.to, *act.source) and (not act.kinds or kind in act.kinds) for act in procedure.acts
                ):
                    continue
                reached = any(a.to == state.id and (not a.kinds or kind in a.kinds) for a in procedure.acts)
                situation = Situation(code, kind=kind, states=tuple(sorted([("main", state.id), *others])))
                assert not reached or waiting.next_steps(situation), (code, kind, state.id)


def test_a_late_finding_stands_there_with_what_is_next_and_by_whom(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 5))
    shown = page(cast.office, "queue")
    assert "逾期 5 天" in shown
    assert "报送整改报告" in shown and "被督导单位" in shown
    assert "拟发督办单" in shown and "督导室" in shown
    assert "没有下一步" not in shown


def test_a_queue_that_does_not_drain_shows(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 9))
    nightly.propose(Night())
    assert "消息待发送" in page(cast.office, "queue")
    message = Message.objects.get()
    messages.send(message=message, base_version=message.version, by=cast.office.actor, now=NOW)
    actor, later = cast.office.actor, TODAY + timedelta(days=4)
    clocks = list(waiting.clocks_visible_to(actor, until=later, today=later))
    queue.fill(actor, clocks, today=later)
    assert clocks[0].line.said == "4月10日列出（4 天），4月10日已发，4 天未办"  # type: ignore[attr-defined]


def test_a_unit_sees_its_own_and_nothing_of_others_or_of_messages(cast: Cast) -> None:
    told_until(cast, date(2024, 4, 5))
    nightly.propose(Night())
    shown = page(cast.head, "queue")
    assert "2024-0001" in shown
    assert "消息待发送" not in shown
    assert "2024-0001" not in page(cast.head_2, "queue")


def test_a_danger_that_nobody_reported_up_and_what_was_never_told_stand_first(cast: Cast) -> None:
    services.register_finding(
        facts=facts(cast, severity="danger", due_on=date(2024, 4, 1)), by=cast.office.actor, now=NOW
    )
    found = queue.alarms(cast.office.actor, today=TODAY)
    assert [line.one.what for line in found.lines] == ["danger", "late"]
    assert [line.steps[0].name for line in found.lines] == ["立即上报", "告知整改"]


def test_the_page_takes_a_constant_number_of_statements(cast: Cast) -> None:
    client, counts = signed_in(cast.office), []
    for count in (3, 15):
        while Finding.objects.count() < count:
            told_until(cast, date(2024, 4, 5), Finding.objects.count())
        nightly.propose(Night())
        client.get(reverse("findings:queue"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("findings:queue"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
