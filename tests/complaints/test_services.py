"""What becomes of a complaint: rules, refusals, what is kept closed, two people at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dudao.accounts import queries as accounts
from dudao.accounts import services as people
from dudao.audit.models import AuditEvent
from dudao.complaints import queries, services
from dudao.complaints.models import Complaint, ComplaintStep
from dudao.complaints.services.rights import without_who
from dudao.findings.models import Complainant, Finding
from dudao.findings.services import Facts
from dudao.messages.models import Message
from dudao.shell.acts import Actor, system
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from tests.cast import NOW, SINCE, TODAY, Cast, player
from tests.complaints.stage import CONTACT, NAME, WORDS, Stage, accepted, answered, handed, received, said, stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def on(cast: Cast) -> Stage:
    return stage(cast)


def actor(who: Any) -> Actor:
    return accounts.actor_for(who.person.users.get(), hat=None, day=TODAY)[0]


def code_of(refusal: Any) -> str:
    return str(refusal.value.code)


def test_a_complaint_goes_from_the_board_to_its_answer_and_every_step_tells_who_and_when(on: Stage) -> None:
    row = answered(on)
    services.close(complaint=row, base_version=row.version, occurred_on=TODAY, by=on.cast.staff.actor, now=NOW)
    assert row.state == "closed" and row.number == "2024-0001" and row.due_on is None
    assert [one.step for one in row.steps.all()] == ["receive", "accept", "hand", "answer", "close"]
    actions = AuditEvent.objects.filter(subject=str(row.pk)).order_by("pk").values_list("action", flat=True)
    assert list(actions) == [f"complaint.{one}" for one in ("received", "accepted", "handed", "answered", "closed")]
    known = queries.by_code(services.in_fours(row.code).lower())
    assert known and known.state == "已办结" and known.verdict == "属实" and known.answer.startswith("属实")


def test_nothing_private_stands_open_in_the_database_in_the_history_or_in_a_message(on: Stage) -> None:
    row = answered(on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM complaints_complaint")
        kept = str(cursor.fetchall())
        cursor.execute("SELECT * FROM complaints_complaintstep")
        kept += str(cursor.fetchall())
    told = str(list(AuditEvent.objects.values_list("summary", "facts")))
    told += str(list(Message.objects.values_list("title", "text", "bot_text")))
    for private in (WORDS, NAME, CONTACT, row.code, "学校已换保温设备"):
        assert private not in kept and private not in told


def test_the_same_page_sent_twice_is_one_complaint_and_the_same_page_with_other_words_another(cast: Cast) -> None:
    key, by = uuid7(), system("640122")
    first = services.receive(said=said(cast), sent_key=key, by=by, now=NOW)
    again = services.receive(said=said(cast), sent_key=key, by=by, now=NOW)
    other = services.receive(said=said(cast, words="还有一件事（示例）"), sent_key=key, by=by, now=NOW)
    assert again.pk == first.pk and again.code == first.code
    assert other.pk != first.pk and other.code != first.code and other.serial == 2
    assert ComplaintStep.objects.filter(complaint=first).count() == 1


def test_days_come_from_the_county_and_say_that_they_are_unchecked_until_it_names_their_basis(on: Stage) -> None:
    row = received(on.cast)
    assert row.due_on == TODAY + timedelta(days=15)
    assert not queries.span("640122", "accept").is_sure and "未核实" in queries.span("640122", "accept").basis
    setting = queries.setting_of("640122")
    services.change_setting(
        base_version=setting.version, is_open=True, accept_days=5, answer_days=20, source="贺政教督〔2024〕1号（示例）",
        by=on.cast.office.actor, now=NOW,
    )  # fmt: skip
    assert received(on.cast).due_on == TODAY + timedelta(days=5)
    assert queries.span("640122", "answer").is_sure and accepted(on.cast).due_on == TODAY + timedelta(days=20)
    assert Complaint.objects.filter(queries.late(TODAY + timedelta(days=6))).count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"words": " 啊 "}, "complaints.words"),
        ({"kind": "nonsense"}, "complaints.kind"),
        ({"received_on": TODAY + timedelta(days=1)}, "complaints.future"),
        ({"unit": uuid7()}, "complaints.unit"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(cast: Cast, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        received(cast, **more)
    assert (
        code_of(refusal) == code
        and not Complaint.objects.exists()
        and not AuditEvent.objects.filter(action="complaint.received")
    )


def test_steps_out_of_turn_ahead_of_today_or_before_the_last_one_are_refused(on: Stage) -> None:
    row, by = received(on.cast, received_on=TODAY), on.cast.office.actor
    act: dict[str, Any] = {"complaint": row, "base_version": row.version, "by": by, "now": NOW}
    with pytest.raises(Refused) as refusal:
        services.close(occurred_on=TODAY, **act)
    assert code_of(refusal) == "complaints.state"
    for day, code in (
        (TODAY + timedelta(days=1), "complaints.future"),
        (TODAY - timedelta(days=1), "complaints.dates"),
    ):
        with pytest.raises(Refused) as refusal:
            services.accept(title="事项", about=None, occurred_on=day, **act)
        assert code_of(refusal) == code
    with pytest.raises(Refused) as refusal:
        services.refuse(ground="none", words="不管", occurred_on=TODAY, **act)
    assert code_of(refusal) == "complaints.ground"
    row.refresh_from_db()
    assert row.state == "received" and row.version == 1


def test_who_complained_learns_why_it_is_not_taken_up_and_what_to_do(on: Stage) -> None:
    row = received(on.cast)
    services.refuse(
        complaint=row, base_version=row.version, ground="elsewhere", words="请向市场监管部门反映（示例）", occurred_on=TODAY,
        by=on.cast.staff.actor, now=NOW,
    )  # fmt: skip
    known = queries.by_code(row.code)
    assert known and known.state == "不予受理" and known.ground == "不属于教育督导的职责" and "市场监管" in known.answer
    services.reopen(
        complaint=row,
        base_version=row.version,
        words="说得不对（示例）",
        occurred_on=TODAY,
        by=on.cast.office.actor,
        now=NOW,
    )
    known = queries.by_code(row.code)
    assert row.state == "received" and known and not known.answer and not known.ground


@pytest.mark.parametrize("code", ["", "   ", "AAAA-BBBB-CCCC", "'; DROP TABLE", "２２２２", "x" * 5000, "\0"])
def test_a_tampered_code_shows_nothing(on: Stage, code: str) -> None:
    answered(on)
    assert queries.by_code(code) is None


def test_a_code_is_read_however_it_was_written_down_and_one_letter_off_is_another(on: Stage) -> None:
    code = answered(on).code
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert all(queries.by_code(one) for one in (code.lower(), f" {services.in_fours(code)} ", wide))
    letter = "2" if code[5] != "2" else "3"
    assert queries.by_code(code[:5] + letter + code[6:]) is None and queries.by_code(code[:11]) is None


def test_it_is_handed_to_an_inspector_in_office_without_recusal_and_not_to_whom_it_is_about(on: Stage) -> None:
    cast = on.cast
    row = accepted(cast, about=on.other.person_id)
    teacher = cast.head.person.pk
    kin = player("督学丑", "inspector", cast.school)
    for follower, code in (
        (teacher, "complaints.follower"),
        (on.other.person_id, "complaints.follower"),
        (kin.person.pk, "complaints.follower"),
    ):
        with pytest.raises(Refused) as refusal:
            services.hand(
                complaint=row, base_version=row.version, follower=follower, unit=None, words="请办理", shows_words=False,
                occurred_on=TODAY, by=cast.office.actor, now=NOW,
            )  # fmt: skip
        assert code_of(refusal) == code
    people.appoint(
        person=on.inspector.person, post="school_clerk", unit=cast.school, start_on=SINCE, by=system("640122"), now=NOW
    )
    with pytest.raises(Refused) as refusal:
        services.hand(
            complaint=row, base_version=row.version, follower=on.inspector.person_id, unit=None, words="请办理", shows_words=False,
            occurred_on=TODAY, by=cast.office.actor, now=NOW,
        )  # fmt: skip
    assert code_of(refusal) == "complaints.recused"


def test_it_is_not_handed_to_the_school_it_is_about(on: Stage) -> None:
    row = accepted(on.cast)
    with pytest.raises(Refused) as refusal:
        services.hand(
            complaint=row, base_version=row.version, follower=on.inspector.person_id, unit=on.cast.school.pk, words="请办理",
            shows_words=False, occurred_on=TODAY, by=on.cast.office.actor, now=NOW,
        )  # fmt: skip
    assert code_of(refusal) == "complaints.handed_unit"


def test_the_inspector_reports_and_does_nothing_else(on: Stage) -> None:
    row, by = handed(on), actor(on.inspector)
    services.report(complaint=row, base_version=row.version, words="已核实（示例）", occurred_on=TODAY, by=by, now=NOW)
    assert row.reported_on == TODAY and row.state == "handed"
    with pytest.raises(Refused) as refusal:
        services.answer(
            complaint=row,
            base_version=row.version,
            verdict="true",
            words="好",
            way="code",
            occurred_on=TODAY,
            by=by,
            now=NOW,
        )
    assert code_of(refusal) == "complaints.not_allowed"
    with pytest.raises(Refused):
        services.report(
            complaint=row, base_version=row.version, words="我也说", occurred_on=TODAY, by=actor(on.other), now=NOW
        )


def test_of_two_who_act_on_the_same_page_the_second_is_told(on: Stage) -> None:
    row = accepted(on.cast)
    base, stale = row.version, Complaint.objects.get(pk=row.pk)
    services.hand(
        complaint=row, base_version=base, follower=on.inspector.person_id, unit=None, words="甲", shows_words=False, occurred_on=TODAY,
        by=on.cast.office.actor, now=NOW,
    )  # fmt: skip
    with pytest.raises(Conflict):
        services.answer(
            complaint=stale, base_version=base, verdict="true", words="乙", way="code", occurred_on=TODAY, by=on.cast.staff.actor,
            now=NOW,
        )  # fmt: skip
    row.refresh_from_db()
    assert row.state == "handed" and not row.answer and row.steps.count() == 3


def test_who_complained_is_opened_by_the_office_for_a_reason_and_each_look_is_on_record(on: Stage) -> None:
    row = handed(on)
    with pytest.raises(Refused) as refusal:
        services.open_complainant(complaint=row, reason="看看", by=on.cast.office.actor, now=NOW)
    assert code_of(refusal) == "complaints.reason"
    with pytest.raises(Refused) as refusal:
        services.open_complainant(complaint=row, reason="要打电话核实情况", by=actor(on.inspector), now=NOW)
    assert code_of(refusal) == "complaints.not_allowed"
    assert not AuditEvent.objects.filter(action="complaint.opened").exists()
    shown = services.open_complainant(complaint=row, reason="要打电话核实情况", by=on.cast.staff.actor, now=NOW)
    assert shown == (NAME, CONTACT)
    event = AuditEvent.objects.get(action="complaint.opened")
    assert event.facts == {"reason": "要打电话核实情况"} and event.by_person == on.cast.staff.person.pk


def test_an_inspector_who_works_in_the_office_neither_sees_nor_handles_what_is_about_them(on: Stage) -> None:
    cast = on.cast
    office_unit = cast.office.appointment.unit
    people.appoint(
        person=on.other.person, post="office_staff", unit=office_unit, start_on=SINCE, by=system("640122"), now=NOW
    )
    user = on.other.person.users.get()
    hats = accounts.hats(on.other.person, day=TODAY)
    staff = next(
        one
        for one in (accounts.actor_for(user, hat=hat.key, day=TODAY)[0] for hat in hats)
        if one.can("inspector.manage")
    )
    mine, about = received(cast), received(cast, about=on.other.person_id)
    assert list(queries.complaints_visible_to(staff, day=TODAY)) == [mine]
    with pytest.raises(Refused) as refusal:
        services.accept(complaint=about, base_version=1, title="事项", about=None, occurred_on=TODAY, by=staff, now=NOW)
    assert code_of(refusal) == "complaints.concerned"
    with pytest.raises(Refused):
        services.open_complainant(complaint=about, reason="想知道是谁", by=staff, now=NOW)


def test_who_holds_a_post_in_the_school_does_not_see_it_in_the_offices_hat(on: Stage) -> None:
    cast = on.cast
    row = received(cast)
    people.appoint(
        person=cast.staff.person, post="school_clerk", unit=cast.school, start_on=SINCE, by=system("640122"), now=NOW
    )
    assert not queries.complaints_visible_to(cast.staff.actor, day=TODAY).exists()
    assert list(queries.complaints_visible_to(cast.office.actor, day=TODAY)) == [row]


def test_it_becomes_a_finding_once_and_the_head_learns_nothing_of_who_complained(on: Stage) -> None:
    row, by = handed(on), on.cast.office.actor
    facts = Facts(
        unit=row.unit_id,
        source="",
        basis="学校食品安全（示例）",
        title="食堂饭菜温度不够",
        facts="查看记录（示例）",
        found_on=TODAY,
    )
    made = services.make_finding(complaint=row, base_version=row.version, facts=facts, key=uuid7(), by=by, now=NOW)
    assert row.finding == made and made.source == Finding.Source.COMPLAINT and made.origin == str(row.pk)
    closed = Complainant.objects.get(finding=made)
    assert (closed.name, closed.contact, closed.words) == (NAME, CONTACT, WORDS)
    with pytest.raises(Refused) as refusal:
        services.make_finding(complaint=row, base_version=row.version, facts=facts, by=by, now=NOW)
    assert code_of(refusal) == "complaints.finding" and Finding.objects.count() == 1
    assert made.origin_words == "投诉 2024-0001"
    told = f"{made.title}{made.facts}{made.wanted}{made.responsible}"
    assert not any(one in told for one in (NAME, CONTACT, WORDS))
    assert not queries.complaints_visible_to(on.cast.head.actor, day=TODAY).exists()


def test_a_complaint_about_an_inspector_becomes_no_finding_of_the_school_and_is_not_on_the_visit_sheet(
    on: Stage,
) -> None:
    row = accepted(on.cast, about=on.inspector.person_id)
    facts = Facts(unit=row.unit_id, source="", basis="示例", title="示例", facts="", found_on=TODAY)
    with pytest.raises(Refused):
        services.make_finding(complaint=row, base_version=row.version, facts=facts, by=on.cast.office.actor, now=NOW)
    assert queries.open_at("640122", [row.unit_id]) == {}
    received(on.cast, kind="question")
    received(on.cast)
    received(on.cast)
    assert queries.open_at("640122", [row.unit_id]) == {row.unit_id: {"咨询": 1, "投诉": 2}}


def test_an_hour_lets_through_so_many_and_the_next_hour_as_many_again(db: None) -> None:
    def one(where: str = "10.0.0.1", machine: Any = NOW) -> bool:
        return services.counted(what="address", where=where, most=3, machine=machine)

    assert [one() for _ in range(5)] == [True, True, True, False, False]
    assert one("10.0.0.2") and one(machine=NOW + timedelta(hours=1))


def test_another_county_sees_nothing(on: Stage) -> None:
    received(on.cast)
    assert not queries.complaints_visible_to(on.cast.foreign_office.actor, day=TODAY).exists()
    assert queries.open_at("640121", [on.cast.school.pk]) == {}


@pytest.mark.parametrize(
    ("title", "is_refused"),
    [
        ("张三妈妈反映作业多", True), ("张三反映作业多", True), ("作业多，电话13909510001", True), ("作业多，139 0951 0001", True),
        ("家长反映作业多", False),
    ],
)  # fmt: skip
def test_the_line_that_lists_show_does_not_tell_who_complained(title: str, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(Refused) as refusal:
            without_who(title, name="张三妈妈", contact="13909510001")
        assert (refusal.value.code, refusal.value.field) == ("complaints.who", "title")
    else:
        assert without_who(title, name="家长", contact="") == title
