"""The pages of meetings through the plain client: no JavaScript, every step can be finished."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.meetings import services
from dudao.meetings.models import AgendaItem, Meeting, Member
from dudao.shell import clock
from tests.cast import Cast, Player, player

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


@pytest.fixture
def at_office(client: Client, office: Player) -> Client:
    client.force_login(office.user)
    return client


def text(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def test_from_the_proposal_to_attendance_by_plain_forms(at_office: Client, cast: Cast, april: Meeting) -> None:
    page = text(at_office, "meetings:meeting", april.pk)
    assert "还缺日期、地点" in page and "定下并备通知" not in page
    change = reverse("meetings:change", args=[april.pk])
    facts = {"title": april.title, "day": "2024-04-10", "at": "09:00", "place": "督导室会议室"}
    at_office.post(change, {**facts, "base_version": april.version})
    april.refresh_from_db()
    chosen = {"persons": [str(cast.office.person.pk), str(cast.head.person.pk)], "guests": "周主任 县发改局\n吴科长"}
    at_office.post(reverse("meetings:members", args=[april.pk]), {**chosen, "base_version": april.version})
    april.refresh_from_db()
    assert [(m.name, m.post_words) for m in april.members.all()][-2:] == [("周主任", "县发改局"), ("吴科长", "")]
    sent = at_office.post(reverse("meetings:call", args=[april.pk]), {"base_version": april.version}, follow=True)
    assert "【会议通知】" in sent.content.decode() and sent.redirect_chain
    april.refresh_from_db()
    hold = {"base_version": april.version, "day": "2024-04-10"}
    came = at_office.post(reverse("meetings:hold", args=[april.pk]), hold, follow=True).content.decode()
    assert "先登记出席" in came
    april.refresh_from_db()
    members = list(april.members.all())
    answers = {f"attendance_{m.pk}": "present" for m in members} | {f"note_{m.pk}": "" for m in members}
    answers |= {f"attendance_{members[0].pk}": "leave", f"note_{members[0].pk}": "市里开会"}
    at_office.post(reverse("meetings:attendance", args=[april.pk]), {**answers, "base_version": april.version})
    page = text(at_office, "meetings:meeting", april.pk)
    assert "出席 3 / 4" in page and "市里开会" in page


def test_somebody_called_finds_the_meeting_and_not_the_reasons_of_others(
    client: Client, cast: Cast, april: Meeting
) -> None:
    office, inspector = cast.office.actor, player("督学甲", "inspector", cast.school)
    services.set_members(
        meeting=april,
        base_version=april.version,
        persons=[inspector.person.pk, cast.staff.person.pk],
        guests=[],
        by=office,
        now=clock.now(),
    )
    services.hold_meeting(meeting=april, base_version=april.version, day=clock.today(), by=office, now=clock.now())
    Member.objects.filter(person=cast.staff.person).update(attendance="leave", note="看病")
    client.force_login(inspector.user)
    assert april.title in text(client, "meetings:list")
    page = text(client, "meetings:meeting", april.pk)
    assert "请假" in page and "看病" not in page and "登记出席" not in page and "办理过程" not in page
    assert client.get(reverse("meetings:change", args=[april.pk])).status_code == 404
    client.force_login(cast.head.user)
    assert client.get(reverse("meetings:meeting", args=[april.pk])).status_code == 404


def test_two_people_changing_one_meeting_see_both_texts(at_office: Client, april: Meeting) -> None:
    change, facts = reverse("meetings:change", args=[april.pk]), {"title": april.title, "day": "2024-04-15"}
    at_office.post(change, {**facts, "place": "第一会议室", "base_version": april.version})
    answer = at_office.post(change, {**facts, "place": "第二会议室", "base_version": april.version})
    body = answer.content.decode()
    assert answer.status_code == 409 and "第一会议室" in body and "第二会议室" in body
    april.refresh_from_db()
    again = {**facts, "place": "第二会议室", "base_version": april.version, "pick_place": "mine"}
    at_office.post(change, {**again, "theirs_place": "第一会议室"})
    april.refresh_from_db()
    assert april.place == "第二会议室"


def test_two_people_choosing_members_see_both(at_office: Client, cast: Cast, april: Meeting) -> None:
    address, base = reverse("meetings:members", args=[april.pk]), april.version
    one, two = str(cast.office.person.pk), str(cast.head.person.pk)
    at_office.post(address, {"persons": [one], "guests": "周主任 县发改局", "base_version": base})
    answer = at_office.post(address, {"persons": [one, two], "guests": "吴科长 县财政局", "base_version": base})
    body = answer.content.decode()
    assert answer.status_code == 409 and "周主任 县发改局" in body and "吴科长 县财政局" in body
    picks = {"pick_guests": "mine", "theirs_guests": "周主任 县发改局", "pick_persons": "mine", "theirs_persons": one}
    facts = {"persons": [one, two], "guests": "吴科长 县财政局", "base_version": base + 1}
    assert at_office.post(address, {**facts, **picks}).status_code == 302
    assert [m.name for m in april.members.all()][-1] == "吴科长"


def test_two_people_writing_attendance_see_both(at_office: Client, cast: Cast, april: Meeting) -> None:
    by, now = {"by": cast.staff.actor}, {"now": clock.now()}
    services.hold_meeting(meeting=april, base_version=april.version, day=clock.today(), **by, **now)
    first, base = april.members.first(), april.version
    services.record_attendance(meeting=april, base_version=base, rows=[(first, "leave", "")], **by, **now)  # type: ignore[list-item]
    answers = {f"attendance_{m.pk}": "present" for m in april.members.all()}
    answer = at_office.post(reverse("meetings:attendance", args=[april.pk]), {**answers, "base_version": base})
    assert answer.status_code == 409 and "这一项别人刚改过" in answer.content.decode()


def test_an_item_taken_off_offers_to_put_it_back(at_office: Client, april: Meeting) -> None:
    at_office.post(reverse("meetings:item_add", args=[april.pk]), {"title": "校车安全"})
    item = AgendaItem.objects.get(title="校车安全")
    page = at_office.post(reverse("meetings:item_remove", args=[item.pk]), follow=True).content.decode()
    assert reverse("meetings:item_restore", args=[item.pk]) in page and "撤销" in page
    at_office.post(reverse("meetings:item_move", args=[item.pk]), {"to": "up"})
    at_office.post(reverse("meetings:item_restore", args=[item.pk]))
    assert not AgendaItem.objects.get(pk=item.pk).is_removed


def test_cancelling_asks_for_a_reason(at_office: Client, april: Meeting) -> None:
    cancel = reverse("meetings:cancel", args=[april.pk])
    assert at_office.post(cancel, {"base_version": april.version, "reason": ""}).status_code == 422
    at_office.post(cancel, {"base_version": april.version, "reason": "并入全局会议"})
    assert "并入全局会议" in text(at_office, "meetings:meeting", april.pk)


def test_guests_of_one_name_and_lines_too_long_are_told_at_the_field(at_office: Client, april: Meeting) -> None:
    address = reverse("meetings:members", args=[april.pk])
    for guests, said in (("周主任 发改局\n周主任 财政局", "有重名"), ("周" * 70, "太长")):
        answer = at_office.post(address, {"base_version": april.version, "guests": guests})
        assert answer.status_code == 422 and said in answer.content.decode()


def test_a_meeting_set_up_by_hand_and_how_often(at_office: Client, office: Player) -> None:
    at_office.post(reverse("meetings:new"), {"kind": "inspectors", "day": "2024-04-12"})
    assert Meeting.objects.get().title == "督学工作会议（2023—2024学年第二学期）"
    assert "每学期" in text(at_office, "meetings:rhythms")
    at_office.post(reverse("meetings:rhythm", args=["inspectors"]), {"every": "month", "base_version": 0})
    assert "督导室所定" in text(at_office, "meetings:rhythms")
    assert at_office.get(reverse("meetings:rhythm", args=["office-monthly"])).status_code == 404


def test_the_sheet_has_a_line_for_each_member(at_office: Client, april: Meeting) -> None:
    body = text(at_office, "meetings:sheet", april.pk)
    assert all(m.name in body for m in april.members.all()) and "data-print" in body


def test_the_list_can_be_filtered_and_taken_as_excel(at_office: Client, april: Meeting) -> None:
    assert april.title in at_office.get(reverse("meetings:list"), {"kind": "office-monthly"}).content.decode()
    assert "没有符合条件的会议" in at_office.get(reverse("meetings:list"), {"state": "minuted"}).content.decode()
    assert at_office.get(reverse("meetings:list"), {"export": "xlsx"}).status_code == 200


def test_statements_do_not_grow_with_members_items_and_meetings(at_office: Client, cast: Cast, april: Meeting) -> None:
    def statements(name: str, *args: object) -> int:
        with CaptureQueriesContext(connection) as made:
            assert at_office.get(reverse(name, args=args)).status_code == 200
        return len(made)

    at_office.get(reverse("meetings:list"))
    before = statements("meetings:list"), statements("meetings:meeting", april.pk)
    for n in range(12):
        Member.objects.create(meeting=april, name=f"示例{n}")
        AgendaItem.objects.create(meeting=april, title=f"议题{n}")
        Meeting.objects.create(county="640122", kind="inspectors", year=2024, title=f"会议{n}")
    assert (statements("meetings:list"), statements("meetings:meeting", april.pk)) == before
