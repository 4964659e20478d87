"""The workbench tells each hat what of the loop is theirs next and what is late."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dudao.findings import desk, services
from dudao.findings.models import Finding
from dudao.shell.acts import Actor
from tests.cast import NOW, TODAY, Cast, player
from tests.findings.conftest import act, facts, proof

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


def late(cast: Cast, number: int = 0, **more: Any) -> Finding:
    known = facts(cast, basis=f"示例标准第{number}条", **more)
    return services.register_finding(facts=known, told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW)


def piles(actor: Actor) -> dict[str, int]:
    return {pile.label: pile.count for pile in desk.piles(actor, today=TODAY)}


def test_the_unit_sees_what_it_is_to_report(cast: Cast) -> None:
    late(cast)
    assert piles(cast.head.actor) == {"整改逾期": 1}
    assert piles(cast.head_2.actor) == {}


def test_the_office_sees_what_waits_for_it(cast: Cast) -> None:
    reported = late(cast)
    act(reported, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    services.register_finding(facts=facts(cast, severity="danger", basis="示例第8条"), by=cast.office.actor, now=NOW)
    services.propose_measure(
        kind="circular", unit=cast.school.pk, findings=[], grounds=["false_data"], title="示例", wanted="示例",
        occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    found = piles(cast.office.actor)
    assert (found["危及师生安全、没有上报"], found["措施待我办"]) == (1, 1)
    assert found["其他待我办的问题"] == 2


def test_a_leader_sees_what_waits_for_approval_and_a_case_only_as_a_member(cast: Cast) -> None:
    leader = player("癸", "leader", cast.bureau)
    services.propose_measure(
        kind="reward", unit=cast.school.pk, findings=[], grounds=["good_result"], title="示例", wanted="示例",
        occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    case = services.open_case(
        unit=cast.school.pk, findings=[], grounds=["safety"], title="示例", persons="", methods=[], words="示例",
        work_done_on=date(2024, 4, 1), occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    assert piles(leader.actor) == {"措施待我办": 1}
    services.name_member(case=case, person=leader.person.pk, role="", by=cast.office.actor, now=NOW)
    assert piles(leader.actor) == {"措施待我办": 1, "我参加的问责案件": 1}


def test_administrators_have_nothing_of_it(cast: Cast) -> None:
    late(cast)
    assert piles(cast.system_admin.actor) == piles(cast.audit_admin.actor) == {}


def test_the_page_links_to_each_and_takes_a_constant_number_of_statements(cast: Cast, client: Client) -> None:
    counts = []
    client.force_login(cast.office.user)
    for number in range(7):
        late(cast, number)
        client.get("/")
        if number in (5, 6):
            with CaptureQueriesContext(connection) as asked:
                body = client.get("/").content.decode()
            counts.append(len(asked))
    assert counts[0] == counts[1]
    assert "全部整改逾期" in body
    assert "2024-0001 食堂台账不全" in body
