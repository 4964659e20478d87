"""What counts as hours, who signs in when, what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dudao.audit.models import AuditEvent
from dudao.inspectors.models import Inspector
from dudao.shell.errors import Conflict, Refused
from dudao.training import queries, services
from dudao.training.models import Attendance, Certificate, Score
from dudao.training.queries.competence import matrix
from dudao.training.queries.hours import book
from dudao.training.queries.plan import aim
from dudao.training.services import Elsewhere, Said
from tests.cast import NOW, TODAY, Cast, Player, player
from tests.inspectors.stage import announced, entered
from tests.training.stage import LESSON, came, planned, session

pytestmark = pytest.mark.django_db


@pytest.fixture
def one(cast: Cast) -> Player:
    return player("督学子", "inspector", cast.office.appointment.unit, username="one")


@pytest.fixture
def two(cast: Cast) -> Player:
    return player("督学丑", "inspector", cast.office.appointment.unit, username="two")


@pytest.fixture
def first(one: Player) -> Inspector:
    row = entered(one)
    announced(row)
    return row


@pytest.fixture
def second(two: Player) -> Inspector:
    row = entered(two)
    announced(row)
    return row


# Hours


def test_hours_are_exact_and_what_nobody_said_is_not_zero(cast: Cast, first: Inspector, second: Inspector) -> None:
    batch = planned([first, second])
    for at in range(4):
        where = session(batch, "9.75", day=date(2024, 3, 4 + at))
        came(where, first)
    last = session(batch, "0.75", day=date(2024, 3, 8))
    came(last, first, hours="0.5")
    found = {one.known.key: one for one in book("640122", 2024, today=TODAY).rows}
    assert found[first.pk].counted == Decimal("39.50") and found[first.pk].short == Decimal("0.50")
    assert found[first.pk].verdict == "short"
    # Nobody has said whether the other came: not zero, but all of it together would not be enough.
    assert (found[second.pk].counted, found[second.pk].short, found[second.pk].open) == (None, None, Decimal("39.75"))
    assert found[second.pk].verdict == "short"
    session(batch, "0.25", day=date(2024, 3, 8))
    found = {one.known.key: one for one in book("640122", 2024, today=TODAY).rows}
    assert [found[one.pk].verdict for one in (first, second)] == ["short", "unknown"]
    assert queries.hours("640122", 2024) == {first.pk: Decimal("39.50")}
    assert queries.hours("640122", 2023) == {}
    before = {one.known.key: one for one in book("640122", 2023, today=TODAY).rows}
    assert before[first.pk].verdict == "none" and before[first.pk].counted is None


def test_online_hours_count_only_where_the_county_says_so(cast: Cast, first: Inspector) -> None:
    batch = planned([first], kind="online")
    came(session(batch, "8"), first)
    assert queries.hours("640122", 2024) == {first.pk: Decimal(0)}
    services.set_rule(
        rule="training_online",
        value=1,
        from_on=date(2024, 1, 1),
        source="县督导室文件（示例）",
        by=cast.office.actor,
        now=NOW,
    )
    assert queries.hours("640122", 2024) == {first.pk: Decimal(8)}


def test_the_county_may_ask_for_more_than_forty_and_not_for_less(cast: Cast, first: Inspector) -> None:
    more: dict[str, Any] = {"rule": "training_hours", "from_on": date(2024, 1, 1), "by": cast.office.actor, "now": NOW}
    with pytest.raises(Refused, match="不能低于 40 学时"):
        services.set_rule(value=39, source="示例", **more)
    with pytest.raises(Refused, match="依据"):
        services.set_rule(value=48, source=" ", **more)
    services.set_rule(value=48, source="示例", **more)
    assert book("640122", 2024, today=TODAY).need == 48
    assert book("640122", 2023, today=TODAY).need == 40


def test_hours_from_elsewhere_count_once_somebody_else_has_accepted_them(
    cast: Cast, one: Player, first: Inspector
) -> None:
    said = Elsewhere(
        "国家级培训（示例）",
        "national",
        "class",
        "示例学院",
        date(2024, 3, 1),
        date(2024, 3, 5),
        Decimal(40),
        ("school",),
        "示例1",
    )
    with pytest.raises(Refused, match="请附证书"):
        services.claim_hours(inspector=first, elsewhere=said, proofs=[], by=one.actor, now=NOW)


# Signing in

SPOT = date(2024, 4, 10)


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2024, 4, 10, int(hour), int(minute), tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def today_session(first: Inspector) -> Any:
    return session(planned([first], starts_on=SPOT, ends_on=SPOT), begins=time(10), ends=time(12))


def test_the_code_of_the_minute_signs_in_once_and_only_oneself(
    cast: Cast, one: Player, two: Player, first: Inspector, second: Inspector, today_session: Any
) -> None:
    code = services.code(today_session, at("9:59"))
    row = services.sign_in(session=today_session, code=f" {code.lower()} ", by=one.actor, now=at("9:59"))
    assert (row.inspector_id, row.hours, row.way) == (first.pk, Decimal(4), "code")
    again = services.sign_in(session=today_session, code="ANY", by=one.actor, now=at("10:05"))
    assert again.pk == row.pk and Attendance.objects.count() == 1
    with pytest.raises(Refused, match="不在这一批的参训名单里"):
        services.sign_in(session=today_session, code=code, by=two.actor, now=at("9:59"))
    with pytest.raises(Refused, match="名册里没有您"):
        services.sign_in(session=today_session, code=code, by=cast.head.actor, now=at("9:59"))
    assert AuditEvent.objects.filter(action="training.signed_in").count() == 1


def test_who_stands_in_for_somebody_signs_in_nobody_else(
    cast: Cast, one: Player, two: Player, first: Inspector, today_session: Any
) -> None:
    stand_in = replace(two.actor, on_behalf_of=one.person.pk)
    with pytest.raises(Refused, match="名册里没有您"):
        services.sign_in(
            session=today_session, code=services.code(today_session, at("10:00")), by=stand_in, now=at("10:00")
        )


@pytest.mark.parametrize(("clock", "says"), [("9:29", "还没有到"), ("10:31", "已经过了")])
def test_outside_the_window_no_code_signs_in(one: Player, today_session: Any, clock: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        services.sign_in(
            session=today_session, code=services.code(today_session, at(clock)), by=one.actor, now=at(clock)
        )


def test_an_old_code_or_that_of_another_session_does_not_sign_in(
    one: Player, first: Inspector, today_session: Any
) -> None:
    other = session(planned([first], starts_on=SPOT, ends_on=SPOT), begins=time(10), ends=time(12))
    for code in (services.code(today_session, at("9:57")), services.code(other, at("10:00")), "", "ＡＢＣ"):
        with pytest.raises(Refused, match="签到码不对"):
            services.sign_in(session=today_session, code=code, by=one.actor, now=at("10:00"))


def test_what_the_office_has_recorded_a_code_does_not_change(
    cast: Cast, one: Player, first: Inspector, today_session: Any
) -> None:
    came(today_session, first, state="leave", reason="住院（示例）")
    with pytest.raises(Refused, match="请假"):
        services.sign_in(
            session=today_session, code=services.code(today_session, at("10:00")), by=one.actor, now=at("10:00")
        )


# The list


@pytest.mark.parametrize(
    ("state", "hours", "reason", "says"),
    [
        ("present", "4.5", "", "超过这次课的 4 学时"),
        ("present", "0", "", "大于 0"),
        ("present", "1.1", "", "最细到 0.25"),
        ("absent", "2", "", "没有到的不计学时"),
        ("leave", None, "", "请假要写事由"),
        ("", None, "", "请选择"),
    ],
)
def test_what_cannot_be_is_refused(
    cast: Cast, first: Inspector, state: str, hours: str | None, reason: str, says: str
) -> None:
    where = session(planned([first]))
    with pytest.raises(Refused, match=says):
        came(where, first, state=state, hours=hours, reason=reason)
    assert not Attendance.objects.exists()


def test_the_list_does_not_write_over_who_signed_in_meanwhile(
    cast: Cast, one: Player, first: Inspector, today_session: Any
) -> None:
    services.sign_in(
        session=today_session, code=services.code(today_session, at("10:00")), by=one.actor, now=at("10:00")
    )
    with pytest.raises(Conflict, match="刚刚有了登记"):
        came(today_session, first, state="absent")
    assert Attendance.objects.get().state == "present"


def test_the_list_is_for_the_office_for_who_is_named_and_not_before_the_day(
    cast: Cast, one: Player, first: Inspector, second: Inspector
) -> None:
    batch = planned([first], ends_on=date(2024, 5, 1))
    where, later = session(batch), session(batch, day=date(2024, 4, 11))
    with pytest.raises(Refused, match="督导室管理"):
        services.record_attendance(session=where, rows=[Said(first, "present")], by=one.actor, now=NOW)
    with pytest.raises(Refused, match="不在参训名单"):
        came(where, second)
    with pytest.raises(Refused, match="还没有上课"):
        came(later, first)
    with pytest.raises(Refused, match="出现两次"):
        came(where, first, first)


def test_nobody_grants_hours_to_themselves(cast: Cast) -> None:
    own = entered(cast.staff)
    announced(own)
    where = session(planned([own]))
    with pytest.raises(Refused, match="另一位同志"):
        services.record_attendance(session=where, rows=[Said(own, "present")], by=cast.staff.actor, now=NOW)
    services.record_attendance(session=where, rows=[Said(own, "present")], by=cast.office.actor, now=NOW)


def test_what_people_came_to_keeps_its_day_and_hours(cast: Cast, first: Inspector) -> None:
    batch = planned([first])
    where = session(batch)
    came(where, first)
    more: dict[str, Any] = {"base_version": 1, "by": cast.office.actor, "now": NOW}
    with pytest.raises(Refused, match="学时不能再改"):
        services.change_session(session=where, lesson=replace(LESSON, hours=Decimal(8)), **more)
    with pytest.raises(Refused, match="不能取消"):
        services.cancel_session(session=where, why="示例", **more)
    with pytest.raises(Refused, match="不能取消"):
        services.cancel_batch(batch=batch, why="示例", **more)
    with pytest.raises(Refused, match="不能移出"):
        services.leave_out(batch=batch, inspector=first, by=cast.office.actor, now=NOW)


def test_days_and_seats_of_a_plan(cast: Cast, first: Inspector, second: Inspector) -> None:
    with pytest.raises(Refused, match="结束不能早于开始"):
        planned(ends_on=date(2024, 3, 1))
    with pytest.raises(Refused, match="年度和日期对不上"):
        planned(year=2023)
    with pytest.raises(Refused, match="名额 1 人"):
        planned([first, second], seats=1)
    with pytest.raises(Refused, match="日期不在其中"):
        session(planned(), day=date(2024, 3, 9))


# Tests and certificates


def test_a_certificate_needs_the_hours_and_the_test_and_numbers_run_on(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    batch = planned([first, second])
    came(session(batch), first, second)
    by: dict[str, Any] = {"by": cast.office.actor, "now": NOW}
    exam = services.set_exam(
        batch=batch,
        title="结业测试（示例）",
        day=date(2024, 3, 8),
        areas=(),
        full=Decimal(100),
        pass_mark=Decimal(60),
        **by,
    )
    for wrong in (Decimal(101), Decimal(-1)):
        with pytest.raises(Refused, match="得分应在 0 和 100 之间"):
            services.record_scores(exam=exam, base_version=1, points={first: wrong}, **by)
    services.record_scores(exam=exam, base_version=1, points={first: Decimal(60), second: Decimal("59.5")}, **by)
    with pytest.raises(Conflict):
        services.record_scores(exam=exam, base_version=1, points={second: Decimal(70)}, **by)
    issue: dict[str, Any] = {"batch": batch, "issued_on": date(2024, 3, 11), **by}
    with pytest.raises(Refused, match=r"59\.5 分，合格线 60 分"):
        services.issue_certificates(inspectors=[first, second], **issue)
    assert not Certificate.objects.exists()
    with pytest.raises(Refused, match="培训结束以后"):
        services.issue_certificates(inspectors=[first], **{**issue, "issued_on": date(2024, 3, 7)})
    [paper] = services.issue_certificates(inspectors=[first], **issue)
    assert paper.number == "督培〔2024〕0001" and paper.hours == 4
    with pytest.raises(Refused, match="已经有证书"):
        services.issue_certificates(inspectors=[first], **issue)
    services.record_scores(exam=exam, base_version=2, points={second: Decimal(61)}, **by)
    assert services.issue_certificates(inspectors=[second], **issue)[0].number == "督培〔2024〕0002"
    with pytest.raises(Refused, match="已经发了证书"):
        services.record_scores(exam=exam, base_version=3, points={second: Decimal(1)}, **by)
    assert Score.objects.get(inspector=second).points == 61


# Competence


def test_a_level_says_how_it_was_reached(cast: Cast, first: Inspector, second: Inspector) -> None:
    batch = planned([first, second])
    came(session(batch, "7.75"), first)
    by: dict[str, Any] = {"by": cast.office.actor, "now": NOW}
    assert queries.competence("640122", day=TODAY) == {first.pk: {"school": 0}, second.pk: {}}
    came(session(batch, "0.25", day=date(2024, 3, 5)), first)
    cell = matrix("640122", day=TODAY)[first.pk]["school"]
    assert (cell.level, cell.how, cell.hours) == (1, "三年内该领域满8学时", Decimal(8))
    services.issue_certificates(batch=batch, inspectors=[first], issued_on=date(2024, 3, 11), **by)
    assert queries.competence("640122", day=TODAY)[first.pk] == {"school": 2}
    # Before the certificate it was not so, and in three years the hours are too old.
    assert queries.competence("640122", day=date(2024, 3, 10))[first.pk] == {"school": 1}
    services.judge(inspector=first, area="school", level=3, reason="多年带队（示例）", judged_on=TODAY, **by)
    assert queries.competence("640122", day=TODAY)[first.pk] == {"school": 3}
    services.judge(inspector=first, area="school", level=None, reason="收回（示例）", judged_on=TODAY, **by)
    assert queries.competence("640122", day=TODAY)[first.pk] == {"school": 2}


def test_a_judgement_gives_its_reason_and_is_not_of_oneself(cast: Cast, first: Inspector) -> None:
    own = entered(cast.office)
    facts: dict[str, Any] = {"area": "school", "level": 2, "judged_on": TODAY, "by": cast.office.actor, "now": NOW}
    with pytest.raises(Refused, match="理由"):
        services.judge(inspector=first, reason=" ", **facts)
    with pytest.raises(Refused, match="不能评定自己"):
        services.judge(inspector=own, reason="示例", **facts)
    with pytest.raises(Refused, match="0 到 3"):
        services.judge(inspector=first, reason="示例", **{**facts, "level": 4})


def test_everybody_is_trained_once_within_the_years(cast: Cast, first: Inspector, second: Inspector) -> None:
    came(session(planned([first, second])), first)
    came(session(planned([second], kind="online"), day=date(2024, 3, 4)), second)
    found = aim("640122", 2024, today=TODAY)
    assert (found.people, found.trained, [one.key for one in found.missing]) == (2, 1, [second.pk])


def test_the_numbers_take_the_same_statements_for_many(
    cast: Cast, first: Inspector, django_assert_max_num_queries: Any
) -> None:
    people = [first]
    for number in range(12):
        row = entered(player(f"多{number}", "inspector", cast.office.appointment.unit, username=f"m{number}"))
        announced(row)
        people.append(row)
    batch = planned(people)
    for day in range(4, 8):
        came(session(batch, "9", day=date(2024, 3, day)), *people)
    with django_assert_max_num_queries(9):
        assert all(one.counted == 36 for one in book("640122", 2024, today=TODAY).rows)
    with django_assert_max_num_queries(10):
        assert len(queries.competence("640122", day=TODAY)) == 13
