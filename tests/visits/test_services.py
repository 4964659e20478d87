"""Visits: planned, made, told, filed; what is refused."""

import io
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from PIL import Image

from dudao.duties import services as duties
from dudao.duties.services import Given
from dudao.files import services as files
from dudao.findings.models import Finding
from dudao.inspectors import services as inspectors
from dudao.inspectors.models import Inspector
from dudao.messages.models import Message
from dudao.papers.models import Paper
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from dudao.visits import queries, services
from dudao.visits.desk import lights
from dudao.visits.models import Answer, Visit
from dudao.visits.services import Said
from tests.cast import NOW, TODAY, Cast, Player
from tests.visits.stage import responsible

APRIL = date(2024, 4, 1)


@pytest.fixture
def inspector(cast: Cast) -> Player:
    return responsible(cast, "癸", cast.school, cast.kindergarten)


def begun(cast: Cast, who: Player, **more: Any) -> Visit:
    """A visit begun on its day."""
    facts = {"visited_on": TODAY, "arrived_at": time(9), **more}
    now = datetime.combine(facts["visited_on"], time(2), tzinfo=UTC)
    return services.begin_visit(unit=cast.school, person=who.person, by=who.actor, now=now, **facts)


def told(visit: Visit, who: Player, **more: Any) -> Visit:
    facts = {
        "told": "没有发现问题。", "head_name": "校长丙（示例）", "way": "read", "told_on": TODAY, "left_at": time(11, 30),
        "base_version": visit.version, **more,
    }  # fmt: skip
    return services.feed_back(visit=visit, by=who.actor, now=NOW, **facts)


def photo(colour: str = "red") -> files.Received:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(made, "PNG")
    made.seek(0)
    return files.receive(made, name="现场.png")


def test_one_button_plans_a_month_with_the_themes_of_schools_and_kindergartens_and_pressed_again_plans_nothing(
    cast: Cast, inspector: Player
) -> None:
    first = services.plan_month(month=APRIL, person=inspector.person.pk, by=inspector.actor, now=NOW)
    again = services.plan_month(month=APRIL, by=cast.office.actor, now=NOW)
    assert [len(first.made), first.kept, len(again.made), again.kept] == [2, 0, 0, 2]
    themes = {one.unit_id: one.theme for one in Visit.objects.all()}
    assert themes == {cast.school.pk: "s-teaching", cast.kindergarten.pk: "k-teachers"}
    assert all(one.planned_on and one.planned_on >= TODAY and one.planned_on.weekday() < 5 for one in first.made)


def test_where_something_is_open_the_plan_goes_first(cast: Cast, inspector: Player) -> None:
    visit = begun(cast, inspector, visited_on=date(2024, 3, 5))
    services.register_problem(
        visit=visit, title="通道堆物", facts="", basis="消防", severity="serious", days=5, by=inspector.actor, now=NOW
    )
    made = services.plan_month(month=date(2024, 5, 1), by=cast.office.actor, now=NOW).made
    assert min(made, key=lambda one: one.planned_on or TODAY).unit_id == cast.school.pk


def test_a_month_that_is_over_is_not_planned_and_an_inspector_plans_nobody_elses(cast: Cast, inspector: Player) -> None:
    other = responsible(cast, "子", cast.school_2)
    for month, person, code in (
        (date(2024, 3, 1), inspector.person, "visits.past"), (APRIL, other.person, "visits.not_allowed"), (APRIL, None, "visits.not_allowed"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            services.plan_month(month=month, person=person and person.pk, by=inspector.actor, now=NOW)
        assert refusal.value.code == code
    with pytest.raises(Refused) as refusal:
        services.plan_visit(unit=cast.school_2, person=inspector.person, month=APRIL, by=inspector.actor, now=NOW)
    assert refusal.value.code == "visits.not_theirs"


def test_who_must_keep_away_is_not_planned_and_cannot_visit(cast: Cast, inspector: Player) -> None:
    inspectors.say_recusal(
        inspector=Inspector.objects.get(person=inspector.person), unit=cast.school, ground="kin", words="示例", start_on=date(2024, 1, 1), said_on=date(2024, 1, 1),
        by=system("640122"), now=NOW,
    )  # fmt: skip
    planned = services.plan_month(month=APRIL, by=cast.office.actor, now=NOW)
    assert planned.recused == 1 and [one.unit_id for one in planned.made] == [cast.kindergarten.pk]
    with pytest.raises(Refused) as refusal:
        begun(cast, inspector)
    assert refusal.value.code == "visits.recused" and not Visit.objects.filter(state="on_site").exists()


def test_an_arrival_can_be_in_the_past_and_not_in_the_future_and_said_twice_is_one(
    cast: Cast, inspector: Player
) -> None:
    visit = services.plan_visit(unit=cast.school, person=inspector.person, month=APRIL, by=inspector.actor, now=NOW)
    with pytest.raises(Refused) as refusal:
        services.arrive(visit=visit, base_version=1, visited_on=date(2024, 4, 11), by=inspector.actor, now=NOW)
    assert refusal.value.code == "visits.future"
    for _ in range(2):
        services.arrive(visit=visit, base_version=1, visited_on=date(2024, 4, 9), by=inspector.actor, now=NOW)
    assert (visit.state, visit.version, visit.visited_on) == ("on_site", 2, date(2024, 4, 9))


def test_a_visit_with_a_key_made_on_the_phone_is_one_however_often_it_is_sent(cast: Cast, inspector: Player) -> None:
    key = uuid7()
    rows = [begun(cast, inspector, key=key) for _ in range(3)]
    assert {one.pk for one in rows} == {key} and Visit.objects.count() == 1
    other = responsible(cast, "子", cast.school)
    with pytest.raises(Refused) as refusal:
        begun(cast, other, key=key)
    assert refusal.value.code == "visits.key"


def test_beginning_at_a_school_takes_the_visit_that_was_planned_for_the_month(cast: Cast, inspector: Player) -> None:
    planned = services.plan_month(month=APRIL, by=cast.office.actor, now=NOW).made
    visit = begun(cast, inspector)
    assert visit.pk in {one.pk for one in planned} and visit.is_planned


def test_a_planned_visit_is_moved_or_given_up_with_a_reason(cast: Cast, inspector: Player) -> None:
    visit = services.plan_visit(unit=cast.school, person=inspector.person, month=APRIL, by=inspector.actor, now=NOW)
    base: dict[str, Any] = {"visit": visit, "by": inspector.actor, "now": NOW}
    services.change_plan(base_version=1, month=APRIL, planned_on=date(2024, 5, 6), theme="s-safety", **base)
    assert (visit.month, visit.theme) == (date(2024, 5, 1), "s-safety")
    with pytest.raises(Conflict):
        services.change_plan(base_version=1, month=APRIL, planned_on=None, theme="", **base)
    with pytest.raises(Refused) as refusal:
        services.change_plan(base_version=2, month=APRIL, planned_on=date(2024, 4, 9), theme="", **base)
    assert refusal.value.code == "visits.past"
    with pytest.raises(Refused) as refusal:
        services.give_up(base_version=2, words=" ", **base)
    assert refusal.value.code == "visits.words"
    services.give_up(base_version=2, words="县里统一考试，另行安排。", **base)
    assert visit.state == "undone"
    services.plan_visit(unit=cast.school, person=inspector.person, month=date(2024, 5, 1), by=inspector.actor, now=NOW)


def test_answers_are_written_once_changed_by_their_version_and_what_is_wrong_says_what_was_seen(
    cast: Cast, inspector: Player
) -> None:
    visit = begun(cast, inspector)
    base: dict[str, Any] = {"visit": visit, "by": inspector.actor, "now": NOW}
    said = [Said("exits", "yes", key=uuid7()), Said("gate", "none")]
    assert len(services.answer(said=said, **base)) == 2
    assert services.answer(said=said, **base) == []
    with pytest.raises(Refused) as refusal:
        services.answer(said=[Said("offered", "yes"), Said("exits", "no", base_version=1)], **base)
    assert (refusal.value.code, refusal.value.field) == ("visits.note", "note-exits")
    assert Answer.objects.count() == 2
    services.answer(said=[Said("exits", "no", "北门上锁", base_version=1)], **base)
    with pytest.raises(Conflict):
        services.answer(said=[Said("exits", "yes", base_version=1)], **base)
    with pytest.raises(Refused):
        services.answer(said=[Said("no-such-thing", "yes")], **base)


def test_a_problem_becomes_a_finding_with_a_notice_drafted_and_sent_twice_is_one(cast: Cast, inspector: Player) -> None:
    visit = begun(cast, inspector)
    services.answer(visit=visit, said=[Said("exits", "no", "北门上锁")], by=inspector.actor, now=NOW)
    key = uuid7()
    for _ in range(2):
        row = services.register_problem(
            visit=visit, title="北侧安全出口上锁", facts="钥匙在门卫室", basis="消防安全要求", severity="danger", days=3, item="exits",
            key=key, photos=[photo()], by=inspector.actor, now=NOW,
        )  # fmt: skip
    assert Finding.objects.count() == 1
    assert (row.source, row.unit_id, row.due_on, row.origin) == (
        "visit",
        cast.school.pk,
        date(2024, 4, 13),
        str(visit.pk),
    )
    notice = Paper.objects.get()
    assert (
        notice.kind == "rectification-notice"
        and notice.values["整改期限"] == "3"
        and notice.values["督学"] == "癸（示例）"
    )
    # Danger goes up at once.
    assert Message.objects.filter(kind="findings.danger").exists()
    assert visit.answers.get(item="exits").finding_id == row.pk


def test_a_problem_needs_a_visit_and_the_inspectors_hand(cast: Cast, inspector: Player) -> None:
    visit = services.plan_visit(unit=cast.school, person=inspector.person, month=APRIL, by=inspector.actor, now=NOW)
    facts: dict[str, Any] = {"title": "示例", "facts": "", "basis": "示例", "severity": "ordinary"}
    with pytest.raises(Refused) as refusal:
        services.register_problem(visit=visit, by=inspector.actor, now=NOW, **facts)
    assert refusal.value.code == "visits.state"
    with pytest.raises(Refused) as refusal:
        services.register_problem(visit=begun(cast, inspector), by=cast.head.actor, now=NOW, **facts)
    assert refusal.value.code == "visits.not_allowed" and not Finding.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"told": " "}, "visits.told"), ({"head_name": ""}, "visits.head"), ({"way": ""}, "visits.way"), ({"way": "paper"}, "visits.scan"),
        ({"told_on": date(2024, 4, 11)}, "visits.future"), ({"told_on": date(2024, 4, 9)}, "visits.dates"), ({"left_at": time(8)}, "visits.hours"),
    ],
)  # fmt: skip
def test_feedback_says_what_was_told_to_whom_and_how_it_was_agreed_to(
    cast: Cast, inspector: Player, more: dict[str, Any], code: str
) -> None:
    visit = begun(cast, inspector)
    with pytest.raises(Refused) as refusal:
        told(visit, inspector, **more)
    visit.refresh_from_db()
    assert (refusal.value.code, visit.state) == (code, "on_site")


def test_what_was_told_is_filed_and_then_only_the_office_opens_it(cast: Cast, inspector: Player) -> None:
    visit = told(begun(cast, inspector), inspector)
    assert visit.minutes == 150
    services.file_visit(visit=visit, base_version=visit.version, by=inspector.actor, now=NOW)
    again: dict[str, Any] = {"visit": visit, "base_version": visit.version, "words": "漏了一项", "now": NOW}
    with pytest.raises(Refused):
        services.reopen_visit(by=inspector.actor, **again)
    with pytest.raises(Refused):
        services.answer(visit=visit, said=[Said("exits", "yes")], by=inspector.actor, now=NOW)
    assert services.reopen_visit(by=cast.office.actor, **again).state == "on_site"


def test_a_record_filled_in_by_hand_is_entered_with_its_photo_once(cast: Cast, inspector: Player) -> None:
    facts: dict[str, Any] = {
        "unit": cast.school, "person": inspector.person, "visited_on": date(2024, 4, 2), "arrived_at": time(9), "left_at": time(10),
        "theme": "", "notes": "见照片", "told": "清理通道。", "head_name": "校长丙（示例）", "head_words": "", "by": inspector.actor, "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        services.record_paper(scan=[], **facts)
    assert refusal.value.code == "visits.scan" and not Visit.objects.exists()
    key = uuid7()
    for _ in range(2):
        row = services.record_paper(scan=[photo()], key=key, **facts)
    assert (row.state, row.is_on_paper, row.minutes, Visit.objects.count()) == ("told", True, 60, 1)
    assert queries.files_of(inspector.actor, row).count() == 1
    # A sheet was told at the school; what stands on it is registered from it.
    services.register_problem(
        visit=row, title="通道堆物", facts="", basis="消防", severity="serious", by=inspector.actor, now=NOW
    )


def test_a_visit_belongs_to_the_month_it_was_made_in_and_a_new_feedback_is_to_be_read_anew(
    cast: Cast, inspector: Player
) -> None:
    visit = services.plan_visit(
        unit=cast.school, person=inspector.person, month=date(2024, 5, 1), by=inspector.actor, now=NOW
    )
    services.arrive(visit=visit, base_version=1, visited_on=TODAY, arrived_at=time(9), by=inspector.actor, now=NOW)
    assert visit.month == APRIL
    told(visit, inspector)
    services.acknowledge(visit=visit, base_version=visit.version, words="已整改", by=cast.head.actor, now=NOW)
    again: dict[str, Any] = {"visit": visit, "base_version": visit.version, "words": "漏了一项", "now": NOW}
    with pytest.raises(Refused):
        services.reopen_visit(by=inspector.actor, **again)
    services.reopen_visit(by=cast.office.actor, **again)
    told(visit, inspector, told="另有一项。")
    assert visit.seen_on is None and visit.seen_words == ""


def test_the_head_reads_the_feedback_of_their_own_school_once(cast: Cast, inspector: Player) -> None:
    visit = told(begun(cast, inspector), inspector)
    with pytest.raises(Refused):
        services.acknowledge(visit=visit, base_version=visit.version, words="", by=cast.head_2.actor, now=NOW)
    services.acknowledge(visit=visit, base_version=visit.version, words="已整改", by=cast.head.actor, now=NOW)
    with pytest.raises(Refused):
        services.acknowledge(visit=visit, base_version=visit.version, words="", by=cast.head.actor, now=NOW)


def test_an_inspector_does_not_make_a_month_good_by_typing_a_day_that_is_over(cast: Cast, inspector: Player) -> None:
    facts = {"unit": cast.school, "person": inspector.person, "visited_on": date(2024, 3, 20), "now": NOW}
    with pytest.raises(Refused, match="录入纸质记录") as refusal:
        services.begin_visit(by=inspector.actor, **facts)  # type: ignore[arg-type]
    assert refusal.value.field == "visited_on" and not Visit.objects.exists()
    services.begin_visit(by=cast.office.actor, **facts)  # type: ignore[arg-type]


def test_what_is_found_after_the_feedback_goes_into_a_feedback_too(cast: Cast, inspector: Player) -> None:
    visit = told(begun(cast, inspector), inspector)
    with pytest.raises(Refused, match="退回修改"):
        services.register_problem(
            visit=visit, title="通道堆物", facts="", basis="消防", severity="serious", by=inspector.actor, now=NOW
        )


def test_a_school_stays_late_whoever_is_responsible_afterwards(cast: Cast, inspector: Player) -> None:
    other = responsible(cast, "子", cast.school_2)
    row = Inspector.objects.get(person=other.person)
    duties.assign_duties(rows=[Given(cast.school.pk, row.pk)], starts_on=TODAY, by=cast.office.actor, now=NOW)
    late = {one.duty.unit: one.words for one in queries.owed(cast.office.actor, day=TODAY) if one.is_late}
    assert late[cast.school.pk] == "3月没有到校"


def test_a_month_without_a_visit_is_late_and_a_visit_by_anybody_counts_for_the_school(
    cast: Cast, inspector: Player
) -> None:
    def stand() -> dict[Any, tuple[str, int]]:
        return {one.duty.unit: (one.tone, one.total) for one in queries.owed(cast.office.actor, day=TODAY)}

    assert stand()[cast.school.pk] == stand()[cast.kindergarten.pk] == ("late", 0)
    # Who is responsible for nobody's school does not matter: the school is owed its visits.
    assert {
        one.duty.name for one in queries.owed(cast.office.actor, day=TODAY) if one.duty.unit == cast.school_2.pk
    } == {"没有责任督学"}
    march = begun(cast, inspector, visited_on=date(2024, 3, 20))
    # To have been there is not enough: the school is told what was seen.
    assert stand()[cast.school.pk] == ("late", 0)
    told(march, inspector)
    assert stand()[cast.school.pk] == ("go", 1)
    told(begun(cast, inspector), inspector)
    assert stand()[cast.school.pk] == ("done", 2)
    assert [one.tone for one in lights(cast.office.actor, today=TODAY)] == ["late"]
    assert [one.state for one in lights(inspector.actor, today=TODAY)] == ["1 所"]
    assert [one.title for one in lights(cast.head.actor, today=TODAY)] == ["到校督导反馈待阅知"]
