"""Proposing, setting up, calling, holding and cancelling."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dudao.audit.models import AuditEvent
from dudao.meetings import library, queries, services
from dudao.meetings.models import AgendaItem, Meeting, Member
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player, player

pytestmark = pytest.mark.django_db


def placed(meeting: Meeting, by: Player, day: date = TODAY, **more: Any) -> Meeting:
    """The meeting with day and place."""
    facts = {"title": meeting.title, "day": day, "at": time(9), "place": "督导室会议室", "chair": "", "recorder": ""}
    base = {"meeting": meeting, "base_version": meeting.version}
    services.change_meeting(**base, **{**facts, **more}, by=by.actor, now=NOW)  # type: ignore[arg-type]
    return meeting


def called(meeting: Meeting, by: Player, day: date = TODAY) -> Meeting:
    placed(meeting, by, day)
    services.call_meeting(meeting=meeting, base_version=meeting.version, by=by.actor, now=NOW)
    return meeting


def test_the_months_and_the_terms_meeting_are_proposed_with_members_and_headings(cast: Cast) -> None:
    inspector = player("督学甲", "inspector", cast.school)
    assert services.propose_meetings(by=system("640122"), now=NOW) == 2
    monthly, termly = Meeting.objects.get(kind="office-monthly"), Meeting.objects.get(kind="inspectors")
    assert monthly.title == "督导室专题工作会议（2024年4月）" and monthly.period_on == date(2024, 4, 1)
    assert termly.title == "督学工作会议（2023—2024学年第二学期）" and termly.period_on == date(2024, 3, 1)
    assert [m.name for m in monthly.members.all()] == [cast.office.person.name, cast.staff.person.name]
    assert monthly.members.first().post_words == "督导室 督导室主任"  # type: ignore[union-attr]
    assert inspector.person.pk in set(termly.members.values_list("person", flat=True))
    assert "对标全年教育督导任务进行分工" in [item.title for item in monthly.items.all()]
    assert AuditEvent.objects.filter(action="meeting.proposed").count() == 2


def test_proposing_again_makes_nothing_and_after_a_gap_only_the_present_month(office: Player, april: Meeting) -> None:
    by = system(office.actor.county)
    assert services.propose_meetings(by=by, now=NOW + timedelta(days=3)) == 0
    assert services.propose_meetings(by=by, now=datetime(2024, 7, 31, 2, tzinfo=UTC)) == 1
    assert set(Meeting.objects.filter(kind="office-monthly").values_list("period_on", flat=True)) == {
        date(2024, 4, 1),
        date(2024, 7, 1),
    }


def test_none_is_proposed_where_the_office_has_set_one_up(office: Player) -> None:
    facts = {"title": "", "at": None, "place": "", "chair": "", "recorder": ""}
    made = services.set_up_meeting(kind="office-monthly", day=date(2024, 4, 25), **facts, by=office.actor, now=NOW)  # type: ignore[arg-type]
    assert made.title == "督导室专题工作会议（2024年4月）"
    assert services.propose_meetings(by=system("640122"), now=NOW) == 1
    assert not Meeting.objects.filter(kind="office-monthly", is_proposed=True).exists()


def test_a_cancelled_proposal_does_not_come_back_the_next_morning(office: Player, april: Meeting) -> None:
    services.cancel_meeting(meeting=april, base_version=april.version, reason="并入全局会议", by=office.actor, now=NOW)
    assert services.propose_meetings(by=system("640122"), now=NOW + timedelta(days=1)) == 0


def test_a_postponed_proposal_stays_its_months_and_the_next_month_gets_its_own(office: Player, april: Meeting) -> None:
    placed(april, office, date(2024, 5, 6))
    assert services.propose_meetings(by=system("640122"), now=datetime(2024, 5, 8, 2, tzinfo=UTC)) == 1


def test_the_office_says_how_often_inspectors_meet_and_not_how_often_it_meets_itself(office: Player) -> None:
    services.set_rhythm(kind="inspectors", every="never", base_version=0, by=office.actor, now=NOW)
    assert services.propose_meetings(by=system("640122"), now=NOW) == 1
    with pytest.raises(Conflict):
        services.set_rhythm(kind="inspectors", every="month", base_version=0, by=office.actor, now=NOW)
    with pytest.raises(Refused, match="要点规定"):
        services.set_rhythm(kind="office-monthly", every="never", base_version=0, by=office.actor, now=NOW)


def test_calling_keeps_the_agenda_and_makes_one_notice_ready_for_people_to_send(office: Player, april: Meeting) -> None:
    with pytest.raises(Refused, match="还缺日期、地点"):
        services.call_meeting(meeting=april, base_version=april.version, by=office.actor, now=NOW)
    called(april, office, date(2024, 4, 15))
    message = Message.objects.get(kind="meetings.notice")
    assert message.state == Message.State.PREPARED
    assert "时间：2024年4月15日（星期一）上午9:00" in message.text
    assert "一、对标全年教育督导任务进行分工" in message.text
    assert april.state == Meeting.State.CALLED and april.agenda_on == TODAY


def test_a_changed_time_makes_a_new_notice_ready_and_a_changed_recorder_does_not(
    office: Player, april: Meeting
) -> None:
    called(april, office, date(2024, 4, 15))
    placed(april, office, date(2024, 4, 15), recorder="乙（示例）")
    assert Message.objects.filter(kind="meetings.notice").count() == 1
    placed(april, office, date(2024, 4, 16), recorder="乙（示例）")
    assert "4月16日" in Message.objects.filter(kind="meetings.notice").latest("prepared_at", "pk").text


def test_a_notice_that_waits_is_brought_up_to_date_and_one_that_was_sent_stays(office: Player, april: Meeting) -> None:
    called(april, office, date(2024, 4, 15))
    services.add_item(meeting=april, title="校车安全", by=office.actor, now=NOW)
    again = services.prepare_notice(meeting=april, by=office.actor, now=NOW)
    assert again is not None and "校车安全" in again.text and Message.objects.count() == 1
    messages.send(message=again, base_version=again.version, by=office.actor, now=NOW)
    services.add_item(meeting=april, title="食堂安全", by=office.actor, now=NOW)
    services.prepare_notice(meeting=april, by=office.actor, now=NOW)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["prepared", "sent"]
    assert "食堂安全" in Message.objects.get(state="prepared").text


def test_a_meeting_started_by_mistake_waits_again_until_something_is_written(office: Player, april: Meeting) -> None:
    called(april, office)
    services.hold_meeting(meeting=april, base_version=april.version, day=TODAY, by=office.actor, now=NOW)
    services.take_back_start(meeting=april, base_version=april.version, by=office.actor, now=NOW)
    assert april.state == Meeting.State.CALLED
    services.hold_meeting(meeting=april, base_version=april.version, day=TODAY, by=office.actor, now=NOW)
    services.write_paragraph(meeting=april, item=None, text="已经开了。", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="已经开始记"):
        services.take_back_start(meeting=april, base_version=april.version, by=office.actor, now=NOW)
    april.refresh_from_db()
    assert april.state == Meeting.State.HELD


def test_a_meeting_of_guests_only_is_called_without_a_message(office: Player, april: Meeting) -> None:
    guests = [("周主任", "县发改局")]
    services.set_members(meeting=april, base_version=april.version, persons=[], guests=guests, by=office.actor, now=NOW)
    placed(april, office)
    assert services.call_meeting(meeting=april, base_version=april.version, by=office.actor, now=NOW) is None


def test_members_who_stay_keep_what_is_known_of_them(office: Player, cast: Cast, april: Meeting) -> None:
    called(april, office)
    rows = [(m, "present", "早到") for m in april.members.all()]
    services.record_attendance(meeting=april, base_version=april.version, rows=rows, by=office.actor, now=NOW)
    persons = [cast.office.person.pk, cast.head.person.pk]
    guests = [("周主任", "县发改局")]
    services.set_members(
        meeting=april, base_version=april.version, persons=persons, guests=guests, by=office.actor, now=NOW
    )
    found = [(m.name, m.attendance) for m in april.members.all()]
    assert found == [(cast.office.person.name, "present"), (cast.head.person.name, ""), ("周主任", "")]


def test_somebody_of_another_county_cannot_be_invited(office: Player, cast: Cast, april: Meeting) -> None:
    with pytest.raises(Refused, match="不在本县"):
        services.set_members(
            meeting=april,
            base_version=april.version,
            persons=[cast.foreign.person.pk],
            guests=[],
            by=office.actor,
            now=NOW,
        )


def test_attendance_is_written_at_once_and_not_before_the_day(office: Player, april: Meeting) -> None:
    called(april, office, TODAY + timedelta(days=2))
    first = april.members.first()
    rows = [(first, "leave", "出差")]
    with pytest.raises(Refused, match="还没有召开"):
        services.record_attendance(meeting=april, base_version=april.version, rows=rows, by=office.actor, now=NOW)  # type: ignore[arg-type]
    on = NOW + timedelta(days=2)
    services.record_attendance(meeting=april, base_version=april.version, rows=rows, by=office.actor, now=on)  # type: ignore[arg-type]
    assert Member.objects.get(pk=first.pk).attendance == "leave"  # type: ignore[union-attr]


def test_a_meeting_is_held_today_or_earlier_never_tomorrow(office: Player, april: Meeting) -> None:
    for day in (TODAY + timedelta(days=1),):
        with pytest.raises(Refused, match="不能晚于今天"):
            services.hold_meeting(meeting=april, base_version=april.version, day=day, by=office.actor, now=NOW)
    services.hold_meeting(meeting=april, base_version=april.version, day=date(2024, 4, 2), by=office.actor, now=NOW)
    assert (april.state, april.day, april.agenda_on) == (Meeting.State.HELD, date(2024, 4, 2), TODAY)
    assert AuditEvent.objects.get(action="meeting.held").occurred_on == date(2024, 4, 2)


def test_cancelling_a_called_meeting_drops_the_waiting_notice_and_prepares_the_news(
    office: Player, april: Meeting
) -> None:
    called(april, office)
    services.cancel_meeting(meeting=april, base_version=april.version, reason="迎接市检", by=office.actor, now=NOW)
    states = dict(Message.objects.filter(kind="meetings.notice").values_list("title", "state"))
    assert states == {
        f"会议通知：{april.title}": Message.State.DROPPED,
        f"会议取消：{april.title}": Message.State.PREPARED,
    }


def test_two_who_change_at_once_do_not_overwrite_each_other(office: Player, april: Meeting) -> None:
    mine = Meeting.objects.get(pk=april.pk)
    placed(april, office, place="第一会议室")
    with pytest.raises(Conflict):
        placed(mine, office, place="第二会议室")
    assert Meeting.objects.get(pk=april.pk).place == "第一会议室"


def test_only_the_office_keeps_meetings(cast: Cast, april: Meeting) -> None:
    leader = player("分管", "leader", cast.bureau)
    acts = [
        lambda by: services.cancel_meeting(meeting=april, base_version=1, reason="x", by=by, now=NOW),
        lambda by: services.call_meeting(meeting=april, base_version=1, by=by, now=NOW),
        lambda by: services.hold_meeting(meeting=april, base_version=1, day=TODAY, by=by, now=NOW),
        lambda by: services.add_item(meeting=april, title="x", by=by, now=NOW),
        lambda by: services.set_rhythm(kind="inspectors", every="year", base_version=0, by=by, now=NOW),
    ]
    for who in (leader, cast.head):
        for act in acts:
            with pytest.raises(Refused, match="督导室办理"):
                act(who.actor)


def test_who_sees_what(cast: Cast, april: Meeting) -> None:
    leader, inspector = player("分管", "leader", cast.bureau), player("督学甲", "inspector", cast.school)
    seen = lambda who: set(queries.meetings_visible_to(who.actor))  # noqa: E731
    assert april in seen(leader) and april in seen(cast.office)
    assert not seen(inspector) and not seen(cast.head) and not seen(cast.foreign_office) and not seen(cast.system_admin)
    services.set_members(
        meeting=april,
        base_version=april.version,
        persons=[inspector.person.pk],
        guests=[("丁校长", "")],
        by=cast.office.actor,
        now=NOW,
    )
    assert not seen(inspector), "a proposal is the office's"
    called(april, cast.office)
    assert seen(inspector) == {april}
    assert not seen(cast.head) and not seen(cast.head_2)


def test_an_item_taken_off_can_be_put_back_and_items_change_places(office: Player, april: Meeting) -> None:
    services.add_item(meeting=april, title="校车安全", by=office.actor, now=NOW)
    first, second, third = AgendaItem.objects.filter(meeting=april)
    services.remove_item(item=first, by=office.actor, now=NOW)
    services.move_item(item=third, up=True, by=office.actor, now=NOW)
    shown = list(AgendaItem.objects.filter(meeting=april, is_removed=False))
    assert [item.title for item in shown] == ["校车安全", second.title]
    services.restore_item(item=AgendaItem.objects.get(pk=first.pk), by=office.actor, now=NOW)
    assert AgendaItem.objects.filter(meeting=april, is_removed=False).count() == 3


def test_the_database_refuses_half_states(april: Meeting) -> None:
    for wrong in ({"state": "cancelled"}, {"state": "called"}, {"state": "minuted", "day": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Meeting.objects.filter(pk=april.pk).update(**wrong)


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n    every: month", "\n    every: fortnight"), ("leader]", "leder]"), ("code: inspectors", "code: office-monthly"),
     ("by_office: true", "byoffice: true")],
)  # fmt: skip
def test_a_slip_in_the_library_is_refused(settings: Any, old: str, new: str) -> None:
    text = (settings.LIBRARY / "meetings.yaml").read_text("utf-8")
    assert library.read(text)
    with pytest.raises(ValueError):
        library.read(text.replace(old, new, 1))
