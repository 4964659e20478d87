"""Who is responsible for which school: rules, refusals, what one sees with it, and two people at once."""

from datetime import date
from typing import Any

import pytest

from dudao.accounts import queries as accounts
from dudao.accounts import services as people
from dudao.accounts.models import Grant
from dudao.audit.models import AuditEvent
from dudao.duties import checking, queries, services
from dudao.duties.coverage import coverage
from dudao.duties.models import Board, DistrictUnit, Duty
from dudao.duties.services import Given
from dudao.inspectors import services as inspectors
from dudao.inspectors.models import Inspector
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, county_cast, unit
from tests.duties.stage import able

pytestmark = pytest.mark.django_db
MARCH = date(2024, 3, 1)


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def first(cast: Cast) -> Inspector:
    return able(cast, "督学癸", "证1")


@pytest.fixture
def second(cast: Cast) -> Inspector:
    return able(cast, "督学子", "证2")


def assign(cast: Cast, *pairs: tuple[Any, Inspector], on: date = MARCH, **more: Any) -> list[Duty]:
    rows = [Given(where.pk, who.pk) for where, who in pairs]
    return services.assign_duties(rows=rows, starts_on=on, by=cast.office.actor, now=NOW, **more)


def sees(who: Inspector, day: date = TODAY) -> frozenset[Any]:
    user = who.person.users.get()
    return accounts.actor_for(user, hat=None, day=day)[0].units


def test_a_duty_lets_its_inspector_see_the_school_and_takes_it_away_again(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    [duty] = assign(cast, (cast.school, first), document="贺政教督发〔2024〕2号（示例）")
    assert cast.school.pk in sees(first)
    [held] = queries.duties_on("640122", day=TODAY)
    assert (held.inspector, held.person, held.unit) == (first.pk, first.person_id, cast.school.pk)
    assert [one.unit for one in queries.schools_of("640122", first.person_id, day=TODAY)] == [cast.school.pk]
    assign(cast, (cast.school, second), on=TODAY)
    duty.refresh_from_db()
    assert duty.ended_on == date(2024, 4, 9) and cast.school.pk not in sees(first) and cast.school.pk in sees(second)
    said = AuditEvent.objects.filter(action__startswith="duty.").values_list("action", flat=True)
    assert sorted(said) == ["duty.began", "duty.began", "duty.ended"]


def test_who_goes_on_keeps_the_same_duty_and_several_may_share_a_school(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    [duty] = assign(cast, (cast.school, first))
    [more] = assign(cast, (cast.school, first), (cast.school, second), on=TODAY)
    assert more.inspector == second
    duty.refresh_from_db()
    assert duty.ended_on is None
    held = queries.responsible_for("640122", [cast.school.pk], day=TODAY)[cast.school.pk]
    assert [one.name for one in held] == ["督学癸（示例）", "督学子（示例）"]


def test_a_change_ahead_holds_from_its_day_and_can_be_changed_again(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    assign(cast, (cast.school, first))
    autumn = date(2024, 9, 1)
    [planned] = assign(cast, (cast.school, second), on=autumn)
    assert cast.school.pk in sees(first) and cast.school.pk in sees(first, date(2024, 8, 31))
    assert cast.school.pk not in sees(first, autumn) and cast.school.pk in sees(second, autumn)
    assign(cast, (cast.school, first), on=date(2024, 5, 1))
    planned.refresh_from_db()
    assert planned.is_void and cast.school.pk in sees(first, autumn) and cast.school.pk not in sees(second, autumn)


def test_a_grant_that_was_given_by_hand_before_becomes_the_duty_s_own(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    old = people.give_grant(
        to_person=first.person, on_type="places.unit", on_key=str(cast.school.pk), purpose="inspector.responsible",
        start_on=MARCH, reason="责任督学挂牌（示例）", by=cast.office.actor, now=NOW,
    )  # fmt: skip
    [duty] = assign(cast, (cast.school, first), on=TODAY)
    assert duty.grant == old and Grant.objects.count() == 1
    services.end_duty(duty=duty, last_day=TODAY, reason="调离", by=cast.office.actor, now=NOW)
    assert cast.school.pk in sees(first) and cast.school.pk not in sees(first, date(2024, 4, 11))


def test_no_certificate_no_term_no_school_and_recusal_are_refused_in_words(cast: Cast, first: Inspector) -> None:
    expired = able(cast, "督学丑", "证3", certificate_to=date(2024, 3, 31))
    theirs = able(cast, "督学寅", "证4", work=cast.school)
    for where, who, words in (
        (cast.school_2, expired, "没有有效的督学证"),
        (cast.school, theirs, "示例第一小学应当回避：在该单位任职"),
        (cast.bureau, first, "不是本县的学校或幼儿园"),
        (cast.foreign_school, first, "名单上没有的单位"),
    ):
        with pytest.raises(Refused, match=words):
            assign(cast, (where, who))
    term = first.terms.get()
    inspectors.end_term(
        term=term,
        base_version=term.version,
        ended_on=TODAY,
        ground="resigned",
        words="本人申请",
        by=cast.office.actor,
        now=NOW,
    )
    with pytest.raises(Refused, match="没有公布的任期"):
        assign(cast, (cast.school_2, first))
    assert not Duty.objects.exists() and not Board.objects.exists()


def test_only_the_office_assigns(cast: Cast, first: Inspector) -> None:
    for actor in (cast.head.actor, first.person.users.get() and cast.system_admin.actor):
        with pytest.raises(Refused, match="由督导室安排"):
            services.assign_duties(rows=[Given(cast.school.pk, first.pk)], starts_on=TODAY, by=actor, now=NOW)


def test_a_sixth_school_and_another_district_are_said_and_not_refused(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    more = [unit(f"示例小学{n}", f"21640001{n:02}") for n in range(4)]
    services.new_district(
        name="第一责任区",
        units=[cast.school.pk],
        inspectors=[second.pk],
        starts_on=MARCH,
        by=cast.office.actor,
        now=NOW,
    )
    rows = [Given(one.pk, first.pk) for one in (cast.school, cast.kindergarten, *more)]
    found = checking.check("640122", rows, starts_on=MARCH, today=TODAY)
    assert [one.is_hard for one in found] == [False, False]
    assert "将负责 6 所，超过一般的 5 所" in found[0].words and "国家文件" in found[0].words
    assert "不是示例第一小学所在责任区的督学" in found[1].words
    assert len(assign(cast, *((one, first) for one in (cast.school, cast.kindergarten, *more)))) == 6


def test_of_two_who_assign_a_school_at_once_the_second_is_told(cast: Cast, first: Inspector, second: Inspector) -> None:
    seen = {cast.school.pk: 0}
    assign(cast, (cast.school, first), base_versions=seen)
    with pytest.raises(Conflict, match="刚刚安排过"):
        assign(cast, (cast.school, second), base_versions=seen)
    assert Duty.objects.count() == 1


def test_a_day_before_the_present_duty_is_refused_and_the_same_day_corrects_it(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    [wrong] = assign(cast, (cast.school, first))
    with pytest.raises(Refused, match="新的安排不能更早"):
        assign(cast, (cast.school, second), on=date(2024, 2, 1))
    assign(cast, (cast.school, second))
    wrong.refresh_from_db()
    assert wrong.is_void and [one.name for one in queries.duties_on("640122", day=TODAY)] == ["督学子（示例）"]


def test_two_inspectors_change_places(cast: Cast, first: Inspector, second: Inspector) -> None:
    assign(cast, (cast.school, first), (cast.school_2, second), (cast.kindergarten, first))
    services.rotate(
        first=first,
        second=second,
        units=[cast.school.pk, cast.school_2.pk],
        starts_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    held = {one.unit: one.inspector for one in queries.duties_on("640122", day=TODAY)}
    assert held == {cast.school.pk: second.pk, cast.school_2.pk: first.pk, cast.kindergarten.pk: first.pk}
    with pytest.raises(Refused, match="都没有学校"):
        services.rotate(first=first, second=second, units=[], starts_on=TODAY, by=cast.office.actor, now=NOW)


def test_a_school_belongs_to_one_district_at_a_time(cast: Cast, first: Inspector, second: Inspector) -> None:
    base: dict[str, Any] = {"by": cast.office.actor, "now": NOW}
    one = services.new_district(
        name="城关责任区", units=[cast.school.pk, cast.school_2.pk], inspectors=[first.pk], starts_on=MARCH, **base
    )
    services.new_district(name="湖滨责任区", units=[cast.school_2.pk], inspectors=[second.pk], starts_on=TODAY, **base)
    assert queries.units_by_district("640122", day=MARCH)[one.pk] == {cast.school.pk, cast.school_2.pk}
    assert queries.units_by_district("640122", day=TODAY)[one.pk] == {cast.school.pk}
    with pytest.raises(Refused, match="同名"):
        services.new_district(name="城关责任区", units=[], inspectors=[], starts_on=TODAY, **base)
    with pytest.raises(Conflict):
        services.change_district(
            district=one, base_version=9, name="城关", units=[], inspectors=[], starts_on=TODAY, **base
        )
    services.end_district(district=one, base_version=1, last_day=TODAY, reason="调整区划", **base)
    assert one.pk not in queries.districts_on("640122", day=date(2024, 4, 11))
    assert not DistrictUnit.objects.filter(district=one, ended_on__isnull=True).exists()


def test_coverage_counts_private_kindergartens_and_says_what_is_wrong(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    assign(cast, (cast.school, first), (cast.kindergarten, second))
    found = coverage(cast.office.actor, day=TODAY)
    assert found and [(one.unit.name, one.gap) for one in found.gaps] == [("示例第二中学", "none")]
    assert found.number("kindergarten") == (1, 1) and found.number("school") == (1, 2) and found.needed == 1
    inspectors.say_recusal(
        inspector=second, unit=cast.kindergarten, ground="kin", words="配偶在该园任教（示例）", origin="declared", start_on=TODAY,
        said_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    found = coverage(cast.office.actor, day=TODAY)
    assert found and {one.unit.name: one.gap for one in found.gaps} == {
        "示例第二中学": "none",
        "示例花园幼儿园": "recused",
    }
    later = coverage(cast.office.actor, day=date(2026, 9, 1))
    assert later and {one.gap for one in later.gaps} == {"none", "office"}
    assert coverage(cast.head.actor, day=TODAY) is None


def test_a_board_says_what_is_public_and_its_key_outlives_the_inspector(
    cast: Cast, first: Inspector, second: Inspector
) -> None:
    people.change_person(
        person=first.person,
        base_version=first.person.version,
        name=first.person.name,
        phone="13800000000",
        by=cast.office.actor,
        now=NOW,
    )
    assign(cast, (cast.kindergarten, first))
    row = Board.objects.get(unit=cast.kindergarten)
    sheet = queries.board(row.pk, day=TODAY)
    assert sheet and sheet.kind == "kindergarten" and sheet.words.heading == "责任督学职责"
    assert sheet.faces[0].phone == "" and sheet.lacks == [
        "督学癸（示例）没有照片", "督学癸（示例）没有公示电话", "没有监督电话",
    ]  # fmt: skip
    services.keep_public_contact(inspector=first, base_version=0, phone="0951-8000001", by=cast.office.actor, now=NOW)
    services.keep_office_contact(
        base_version=0, name="督导室（示例）", phone="0951-8000000", hours="", by=cast.office.actor, now=NOW
    )
    sheet = queries.board(row.pk, day=TODAY)
    assert sheet and sheet.faces[0].phone == "0951-8000001" and sheet.office_phone == "0951-8000000"
    assign(cast, (cast.kindergarten, second), on=TODAY)
    sheet = queries.board(row.pk, day=TODAY)
    assert sheet and [one.name for one in sheet.faces] == ["督学子（示例）"]
    assert queries.board(cast.school.pk, day=TODAY) is None


def test_a_county_s_own_number_of_schools_each_holds_from_its_day(cast: Cast, first: Inspector) -> None:
    inspectors.set_rule(
        rule="schools_each",
        value=1,
        from_on=TODAY,
        source="贺政教督发〔2024〕3号（示例）",
        is_checked=True,
        by=cast.office.actor,
        now=NOW,
    )
    assign(cast, (cast.school, first), (cast.kindergarten, first))
    found = coverage(cast.office.actor, day=TODAY)
    assert found and found.needed == 3 and [one.too_many for one in found.loads] == [1]
    before = coverage(cast.office.actor, day=date(2024, 4, 9))
    assert before and before.needed == 1 and [one.too_many for one in before.loads] == [0]


def test_ending_a_duty_never_makes_longer_what_went_on_with_the_post(cast: Cast, first: Inspector) -> None:
    [duty] = assign(cast, (cast.school, first))
    heir = people.enter_person(name="接任丙（示例）", by=cast.office.actor, now=NOW, is_example=True)
    people.hand_over_post(
        appointment=first.person.appointments.get(), to=heir, on=TODAY, reason="换届", by=cast.office.actor, now=NOW
    )
    services.end_duty(duty=duty, last_day=date(2024, 6, 30), reason="换届", by=cast.office.actor, now=NOW)
    assert Grant.objects.get(to_person=first.person).end_on == date(2024, 4, 9)
