"""The loop as the office lives it: told, reported, rechecked, closed, looked back at; measures on what is late."""

from datetime import date

import pytest

from dudao.audit.models import AuditEvent
from dudao.findings import queries, services
from dudao.findings.models import Finding
from dudao.findings.services import Brought
from dudao.messages.models import Message
from dudao.procedures.models import Act, Clock
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast
from tests.findings.conftest import act, facts, outside_paper, proof

pytestmark = pytest.mark.django_db


def test_a_finding_is_told_reported_rechecked_closed_and_looked_back_at(cast: Cast, told: Finding) -> None:
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    act(told, "recheck_passed", cast.staff, date(2024, 3, 25), evidence=[proof("复查.png")])
    act(told, "close", cast.office, date(2024, 3, 26))
    assert (told.state, told.closed_on) == ("closed", date(2024, 3, 26))
    clock = Clock.objects.get(subject=told.pk, stopped_by__isnull=True)
    assert (clock.limit, clock.due_on, clock.is_sure) == ("L_LOOKBACK", date(2024, 6, 24), False)
    act(told, "relapse", cast.staff, date(2024, 4, 1), evidence=[proof("反弹.png")], due_on=date(2024, 5, 1))
    assert (told.state, told.relapses, told.round, told.closed_on) == ("rectifying", 1, 2, None)
    assert told.number == "2024-0001"


def test_the_unit_sees_a_finding_once_it_is_told(cast: Cast, finding: Finding) -> None:
    assert not queries.findings_visible_to(cast.head.actor).exists()
    Finding.objects.update(state="rectifying")
    assert queries.findings_visible_to(cast.head.actor).get() == finding
    assert not queries.findings_visible_to(cast.head_2.actor).exists()
    assert not queries.findings_visible_to(cast.foreign_office.actor).exists()


def test_what_was_refused_writes_nothing(cast: Cast, told: Finding) -> None:
    before = (Act.objects.count(), Clock.objects.count(), AuditEvent.objects.count())
    with pytest.raises(Refused, match="佐证材料"):
        act(told, "report", cast.head, date(2024, 3, 20))
    with pytest.raises(Refused, match="不能晚于今天"):
        act(told, "report", cast.head, date(2024, 4, 11), evidence=[proof()])
    with pytest.raises(Refused, match="不能早于上一步"):
        act(told, "report", cast.head, date(2024, 3, 9), evidence=[proof()])
    with pytest.raises(Refused, match="由被督导单位办理"):
        act(told, "report", cast.staff, date(2024, 3, 20))
    assert (Act.objects.count(), Clock.objects.count(), AuditEvent.objects.count()) == before


def test_of_two_officers_the_second_is_told(cast: Cast, told: Finding) -> None:
    other = Finding.objects.get(pk=told.pk)
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    with pytest.raises(Conflict):
        act(other, "report", cast.head, date(2024, 3, 21), evidence=[proof()])


def test_a_late_finding_gets_an_order_that_sets_a_new_day(cast: Cast, told: Finding) -> None:
    order = services.propose_measure(
        kind="order", unit=cast.school.pk, findings=[told], grounds=["not_timely"], title="食堂台账整改逾期",
        wanted="十五日内整改到位并报告。", occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    paper = outside_paper(order, "supervision-order", cast.office.actor, cast.school.pk, on=TODAY)
    brought = Brought(occurred_on=TODAY, due_on=date(2024, 4, 25), way="oa", paper=paper, received_by="示例签收人")
    services.act_on_measure(
        measure=order, act="serve_order", brought=brought, base_version=order.version, by=cast.office.actor, now=NOW
    )
    told.refresh_from_db()
    assert (order.state, order.ordinal, told.due_on) == ("running", 1, date(2024, 4, 25))
    assert Act.objects.get(subject=told.pk, code="supervised").told_by.subject == order.pk


def test_an_order_on_what_is_not_late_is_refused(cast: Cast) -> None:
    fresh = services.register_finding(facts=facts(cast, due_on=date(2024, 5, 5)), by=cast.office.actor, now=NOW)
    with pytest.raises(Refused, match="逾期未报整改或复查不到位"):
        services.propose_measure(
            kind="order", unit=cast.school.pk, findings=[fresh], grounds=["not_timely"], title="示例", wanted="示例",
            occurred_on=TODAY, by=cast.office.actor, now=NOW,
        )  # fmt: skip


def test_the_same_basis_in_an_earlier_year_is_recognised(cast: Cast) -> None:
    old = services.register_finding(
        facts=facts(cast, found_on=date(2023, 4, 1), due_on=date(2023, 5, 1), basis="《示例标准》 第3条"),
        told_on=date(2023, 4, 2), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    assert (old.state, old.is_history) == ("rectifying", True)
    new = services.register_finding(facts=facts(cast), by=cast.office.actor, now=NOW)
    assert new.earlier == old


def test_a_case_is_seen_by_its_members_only(cast: Cast, told: Finding) -> None:
    case = services.open_case(
        unit=cast.school.pk, findings=[told], grounds=["safety"], title="示例事由", persons="示例人员", methods=[],
        words="示例线索", work_done_on=date(2024, 3, 1), occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    assert Clock.objects.get(subject=case.pk).due_on == date(2024, 4, 30)
    assert queries.cases_visible_to(cast.office.actor, today=TODAY).exists()
    assert not queries.cases_visible_to(cast.staff.actor, today=TODAY).exists()
    services.name_member(case=case, person=cast.staff.person.pk, role="记录", by=cast.office.actor, now=NOW)
    assert queries.cases_visible_to(cast.staff.actor, today=TODAY).exists()
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    assert told.state == "reported"


def test_danger_to_life_is_made_ready_for_the_heads_at_once(cast: Cast) -> None:
    services.register_finding(facts=facts(cast, severity="danger"), by=cast.staff.actor, now=NOW)
    message = Message.objects.get(kind="findings.danger")
    assert message.state == Message.State.PREPARED
    assert message.recipients.get().person == cast.office.person


def test_a_finding_stands_in_one_open_order_at_a_time(cast: Cast, told: Finding) -> None:
    def propose() -> None:
        services.propose_measure(
            kind="order", unit=cast.school.pk, findings=[told], grounds=["not_timely"], title="示例", wanted="示例",
            occurred_on=TODAY, by=cast.office.actor, now=NOW,
        )  # fmt: skip

    propose()
    with pytest.raises(Refused, match="已经在督办单 2024-0001（拟办）中"):
        propose()
