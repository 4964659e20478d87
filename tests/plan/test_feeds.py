"""Subscribing to the plan's due days: who sees what, in a calendar that other programs read."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from gunicorn.config import Config
from icalendar import Calendar
from pytest_django import Settings

from dudao.accounts import services as accounts
from dudao.audit.models import AuditEvent
from dudao.config.weblog import WebLog
from dudao.plan import services
from dudao.plan.models import Feed, Task, TaskPart
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, Cast, Player

DUE = TODAY + timedelta(days=8)


@pytest.fixture(autouse=True)
def _day(settings: Settings) -> None:
    settings.DEMO_TODAY = TODAY


def made(title: str, office: Player, **values: Any) -> Task:
    task = services.add_task(title=title, year=2024, by=office.actor, now=NOW)
    Task.objects.filter(pk=task.pk).update(**{"due_on": DUE, **values})
    task.refresh_from_db()
    return task


def hand(task: Task, office: Player, *units: Any) -> None:
    keys = [unit.pk for unit in units]
    services.hand_down(tasks=[task], units=keys, sign_by=TODAY, by=office.actor, now=NOW)


def token_of(player: Player) -> str:
    return services.make_feed(by=player.actor, now=NOW)[1]


def events(token: str) -> dict[str, Any]:
    """The calendar as another program reads it, by title; nobody is signed in."""
    answer = Client().get(reverse("plan:feed", args=[token]))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_the_office_has_every_day_of_the_plan(office: Player, cast: Cast) -> None:
    task = made("全县的；带,符号\\和换行", office)
    made("没有时限的", office, due_on=None)
    [(title, event)] = events(token_of(office)).items()
    assert title == task.title
    assert (event["dtstart"].dt, event["dtend"].dt) == (DUE, DUE + timedelta(days=1))
    assert event["uid"] == f"{task.pk}@dudao" and event["status"] == "CONFIRMED"
    assert str(event["url"]).endswith(reverse("plan:task", args=[task.pk]))


def test_a_unit_has_what_it_takes_part_in_leads_or_answers_for(cast: Cast, office: Player, head: Player) -> None:
    hand(made("本校承办", office), office, cast.school)
    hand(made("本校牵头", office, lead=cast.school), office, cast.school_2)
    made("本人负责", office, person=head.person)
    made("牵头但没下达", office, lead=cast.school)
    hand(made("别校的", office), office, cast.school_2)
    assert set(events(token_of(head))) == {"本校承办", "本校牵头", "本人负责"}


def test_the_day_is_that_of_the_own_part(cast: Cast, office: Player, head: Player) -> None:
    hand(made("延了期", office), office, cast.school)
    TaskPart.objects.update(due_on=DUE + timedelta(days=20))
    assert events(token_of(head))["延了期"]["dtstart"].dt == DUE + timedelta(days=20)


def test_no_name_of_a_person_goes_out(cast: Cast, office: Player) -> None:
    made("有人负责", office, person=office.person, leader=cast.staff.person, lead=cast.bureau)
    text = Client().get(reverse("plan:feed", args=[token_of(office)])).content.decode()
    for player in (office, cast.staff):
        assert player.person.name not in text and player.user.username not in text


def test_a_period_has_its_day_and_the_whole_has_none(office: Player) -> None:
    task = services.add_task(title="月报", year=2024, rule="monthly", by=office.actor, now=NOW)
    Task.objects.filter(pk=task.pk).update(due_on=date(2024, 12, 31))
    found = events(token_of(office))
    assert found["月报（4月）"]["dtstart"].dt == date(2024, 4, 30)
    assert "月报" not in found


def test_what_was_taken_back_is_cancelled_so_that_it_leaves_the_telephone(
    cast: Cast, office: Player, head: Player
) -> None:
    gone, part = made("撤销的", office), made("撤回一家的", office)
    hand(gone, office, cast.school)
    hand(part, office, cast.school, cast.school_2)
    at_office, at_school = token_of(office), token_of(head)
    before = events(at_school)
    Task.objects.filter(pk=gone.pk).update(state="withdrawn", version=9)
    TaskPart.objects.filter(task=part, unit=cast.school).update(state="withdrawn")
    assert {t: e["status"] for t, e in events(at_office).items()} == {"撤销的": "CANCELLED", "撤回一家的": "CONFIRMED"}
    after = events(at_school)
    assert {t: e["status"] for t, e in after.items()} == {"撤销的": "CANCELLED", "撤回一家的": "CANCELLED"}
    # The same entry, changed: programs go by UID and SEQUENCE.
    assert after["撤销的"]["uid"] == before["撤销的"]["uid"] and after["撤销的"]["sequence"] == 9


@pytest.mark.parametrize("state", ["checking", "dropped"])
def test_what_never_was_a_task_is_not_there(office: Player, state: str) -> None:
    made("核对中的", office, state=state)
    assert events(token_of(office)) == {}


def test_read_again_the_file_is_the_same(office: Player) -> None:
    made("一件", office)
    address = reverse("plan:feed", args=[token_of(office)])
    assert Client().get(address).content == Client().get(address).content


def test_a_done_task_says_so(office: Player) -> None:
    made("做完的", office, state="done", done_on=TODAY)
    assert list(events(token_of(office))) == ["【办结】做完的"]


@pytest.mark.parametrize("token", ["x", "a" * 43, "..", "%00", "是"])
def test_an_unknown_address_is_no_page(db: None, token: str) -> None:
    assert Client().get(f"/plan/feed/{token}.ics").status_code == 404


def test_a_stopped_address_is_no_page_at_once(office: Player) -> None:
    feed, token = services.make_feed(by=office.actor, now=NOW)
    address = reverse("plan:feed", args=[token])
    assert Client().get(address).status_code == 200
    services.revoke_feed(feed=feed, by=office.actor, now=NOW)
    assert Client().get(address).status_code == 404
    services.revoke_feed(feed=feed, by=office.actor, now=NOW)
    assert [e.action for e in AuditEvent.objects.filter(action__startswith="feed.").order_by("pk")] == [
        "feed.made",
        "feed.revoked",
    ]


def test_a_new_address_stops_the_old_one_of_the_same_hat(office: Player) -> None:
    old, new = token_of(office), token_of(office)
    assert Client().get(reverse("plan:feed", args=[old])).status_code == 404
    assert Client().get(reverse("plan:feed", args=[new])).status_code == 200


def test_with_the_post_or_the_account_the_calendar_ends(head: Player, office: Player) -> None:
    address = reverse("plan:feed", args=[token_of(head)])
    head.user.is_active = False
    head.user.save(update_fields=["is_active"])
    assert Client().get(address).status_code == 404
    head.user.is_active = True
    head.user.save(update_fields=["is_active"])
    assert Client().get(address).status_code == 200
    accounts.end_appointment(
        appointment=head.appointment, last_day=TODAY - timedelta(days=1), reason="调离", by=office.actor, now=NOW
    )
    assert Client().get(address).status_code == 404


def test_only_the_digest_of_the_address_is_kept(office: Player) -> None:
    token = token_of(office)
    assert len(token) >= 43
    kept = [*map(str, Feed.objects.values_list()), *map(str, AuditEvent.objects.values_list())]
    assert not any(token in row for row in kept)


def test_the_access_log_does_not_hold_the_address() -> None:
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": "/", "SERVER_PROTOCOL": "HTTP/1.1"}
    said = [
        WebLog(Config()).atoms(
            Mock(status="200 OK", headers=[]), Mock(headers=[]), {**environ, "PATH_INFO": path}, timedelta()
        )["U"]
        for path in ("/plan/feed/geheim.ics", "/plan/board/")
    ]
    assert said == ["/plan/feed/….ics", "/plan/board/"]


def test_nobody_stops_the_address_of_another(office: Player, head: Player) -> None:
    feed, token = services.make_feed(by=office.actor, now=NOW)
    client = Client()
    client.force_login(head.user)
    assert client.post(reverse("plan:feed_revoke", args=[feed.pk])).status_code == 404
    with pytest.raises(Refused):
        services.revoke_feed(feed=feed, by=head.actor, now=NOW)
    assert Client().get(reverse("plan:feed", args=[token])).status_code == 200


def test_the_page_shows_the_address_once(office: Player) -> None:
    client = Client()
    client.force_login(office.user)
    page = client.post(reverse("plan:feed_make")).content.decode()
    assert "/plan/feed/" in page and "webcal://testserver" in page and "只显示这一次" in page
    again = client.get(reverse("plan:feeds")).content.decode()
    assert ".ics" not in again and "换一个地址" in again
    client.post(reverse("plan:feed_revoke", args=[Feed.objects.get().pk]))
    assert "已停用" in client.get(reverse("plan:feeds")).content.decode()


def test_however_many_days_it_asks_as_often(cast: Cast, office: Player, head: Player) -> None:
    tokens = [token_of(office), token_of(head)]

    def asked() -> list[int]:
        counts = []
        for token in tokens:
            with CaptureQueriesContext(connection) as seen:
                events(token)
            counts.append(len(seen))
        return counts

    hand(made("第一件", office), office, cast.school)
    before = asked()
    for number in range(15):
        hand(made(f"又{number}", office), office, cast.school, cast.school_2)
    assert asked() == before
    assert max(before) <= 8
