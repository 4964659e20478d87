"""The pages of coverage and assignment: what the office sees and does, and who may not."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dudao.duties import services
from dudao.duties.models import Board, Duty
from dudao.duties.services import Given
from dudao.inspectors import services as inspectors
from dudao.inspectors.models import Inspector
from tests.cast import NOW, TODAY, Cast, Player, county_cast, player, unit
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
def inspector(cast: Cast) -> Inspector:
    row = able(cast, "督学癸", "证1")
    rows = [Given(cast.school.pk, row.pk)]
    services.assign_duties(rows=rows, starts_on=MARCH, by=cast.office.actor, now=NOW)
    return row


def signed_in(who: Player) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def test_the_office_sees_the_gaps_with_the_next_act_and_takes_them_along_as_excel(
    cast: Cast, inspector: Inspector
) -> None:
    office = signed_in(cast.office)
    page = office.get("/duties/").content.decode()
    assert "1 / 2 所" in page and "0 / 1 所" in page and "没有责任督学" in page and "教督〔2019〕3号" in page
    gaps = office.get("/duties/?chip=gap").content.decode()
    assert "示例花园幼儿园" in gaps and "示例第一小学" not in gaps
    assert "示例第一小学" in office.get("/duties/?q=督学癸").content.decode()
    assert office.get("/duties/?export=xlsx")["Content-Type"].endswith("spreadsheetml.sheet")
    for path in ("inspectors/", "districts/"):
        assert office.get(f"/duties/{path}?export=xlsx")["Content-Type"].endswith("spreadsheetml.sheet")


def test_who_may_open_which_page(cast: Cast, inspector: Inspector) -> None:
    leader, clerk = player("分管寅", "leader", cast.bureau), player("填报卯", "school_clerk", cast.school)
    mine = Client()
    mine.force_login(inspector.person.users.get())
    school, other = f"/duties/unit/{cast.school.pk}/", f"/duties/unit/{cast.school_2.pk}/"
    for client, open_, shut in (
        (
            signed_in(leader),
            ("/duties/", school, other),
            ("/duties/assign/", "/duties/rotate/", "/duties/districts/new/"),
        ),
        (mine, (school,), ("/duties/", "/duties/inspectors/", other, "/duties/assign/")),
        (signed_in(cast.head), (school,), ("/duties/", other, "/duties/assign/")),
        (signed_in(clerk), (), ("/duties/", school)),
        (signed_in(cast.foreign_office), (), (school,)),
    ):
        assert [client.get(path).status_code for path in open_] == [200] * len(open_)
        assert [client.get(path).status_code for path in shut] == [404] * len(shut)


def test_a_sixth_school_is_said_before_it_is_written_and_written_once_it_was_seen(
    cast: Cast, inspector: Inspector
) -> None:
    office = signed_in(cast.office)
    more = [unit(f"示例小学{n}", f"21640001{n:02}") for n in range(5)]
    said: dict[str, Any] = {
        "units": [str(one.pk) for one in more], "inspectors": [str(inspector.pk)], "starts_on": "2024-04-10",
        "base": " ".join(f"{one.pk}:0" for one in more),
    }  # fmt: skip
    answer = office.post("/duties/assign/", said)
    page = answer.content.decode()
    assert answer.status_code == 422 and "将负责 6 所，超过一般的 5 所" in page and 'name="seen"' in page
    assert Duty.objects.count() == 1
    assert office.post("/duties/assign/", {**said, "seen": "on"}).status_code == 302
    assert Duty.objects.count() == 6


def test_a_recused_inspector_is_marked_and_refused_though_reminders_were_seen(cast: Cast) -> None:
    theirs = able(cast, "督学子", "证2", work=cast.school_2)
    office = signed_in(cast.office)
    assert "需回避" in office.get(f"/duties/assign/?unit={cast.school_2.pk}").content.decode()
    said = {
        "units": [str(cast.school_2.pk)], "inspectors": [str(theirs.pk)], "starts_on": "2024-04-10", "seen": "on",
        "base": f"{cast.school_2.pk}:0",
    }  # fmt: skip
    answer = office.post("/duties/assign/", said)
    assert answer.status_code == 422 and "应当回避" in answer.content.decode() and not Duty.objects.exists()
    answer = office.post("/duties/assign/", {**said, "base": "garbage", "starts_on": "明天"})
    assert answer.status_code == 422 and not Duty.objects.exists()


def test_what_somebody_else_assigned_meanwhile_is_not_written_over(cast: Cast, inspector: Inspector) -> None:
    second = able(cast, "督学子", "证2")
    said = {
        "units": [str(cast.school.pk)], "inspectors": [str(second.pk)], "starts_on": "2024-04-10",
        "base": f"{cast.school.pk}:{Board.objects.get().version - 1}",
    }  # fmt: skip
    answer = signed_in(cast.office).post("/duties/assign/", said)
    assert answer.status_code == 409 and "刚刚安排过" in answer.content.decode()


def test_districts_are_drawn_changed_and_ended_on_their_pages(cast: Cast, inspector: Inspector) -> None:
    office = signed_in(cast.office)
    said = {
        "name": "城关责任区",
        "starts_on": "2024-04-10",
        "units": [str(cast.school.pk)],
        "inspectors": [str(inspector.pk)],
    }
    assert office.post("/duties/districts/new/", said).status_code == 302
    page = office.get("/duties/districts/").content.decode()
    assert "城关责任区" in page and "督学 1 名，少于 2 名" in page
    key = page.split("/duties/districts/")[-1].split("/")[0]
    assert "checked" in office.get(f"/duties/districts/{key}/change/").content.decode()
    assert (
        office.post(f"/duties/districts/{key}/change/", {**said, "units": [], "base_version": "7"}).status_code == 409
    )
    end = {"last_day": "2024-04-10", "reason": "调整", "base_version": "1"}
    assert office.post(f"/duties/districts/{key}/end/", end).status_code == 302
    assert office.get(f"/duties/districts/{key}/change/").status_code == 404


def test_pages_take_as_many_statements_for_many_schools_as_for_one(cast: Cast, inspector: Inspector) -> None:
    office = signed_in(cast.office)

    def statements(path: str) -> int:
        office.get(path)
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert office.get(path).status_code == 200
        return len(told)

    paths = ("/duties/", "/duties/inspectors/", "/duties/districts/", "/duties/assign/")
    before = [statements(path) for path in paths]
    rows = []
    for n in range(12):
        rows.append(Given(unit(f"示例小学{n}", f"21640001{n:02}").pk, able(cast, f"督学{n}", f"证{n + 5}").pk))
    services.assign_duties(rows=rows, starts_on=MARCH, by=cast.office.actor, now=NOW)
    services.new_district(
        name="一区",
        units=[one.unit for one in rows],
        inspectors=[one.inspector for one in rows],
        starts_on=MARCH,
        by=cast.office.actor,
        now=NOW,
    )
    assert [statements(path) for path in paths] == before


def test_the_workbench_of_office_and_leaders_tells_of_gaps(cast: Cast, inspector: Inspector) -> None:
    page = signed_in(cast.office).get("/").content.decode()
    assert "学校（园）缺责任督学" in page and "没有责任督学 2 所" in page and "/duties/?chip=gap" in page
    assert "缺责任督学" not in signed_in(cast.head).get("/").content.decode()


def test_an_inspector_finds_their_schools_and_a_head_who_is_responsible(cast: Cast, inspector: Inspector) -> None:
    mine = Client()
    mine.force_login(inspector.person.users.get())
    page = mine.get("/duties/mine/").content.decode()
    assert "示例第一小学" in page and "示例第二中学" not in page
    answer = signed_in(cast.head).get("/duties/ours/", follow=True).content.decode()
    assert "示例第一小学的责任督学" in answer and "督学癸（示例）" in answer and "安排或换人" not in answer


def test_leaders_see_that_somebody_is_recused_and_not_why(cast: Cast, inspector: Inspector) -> None:
    inspectors.say_recusal(
        inspector=inspector, unit=cast.school, ground="kin", words="配偶在该校任教（示例）", origin="declared", start_on=TODAY,
        said_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    leader, school = player("分管寅", "leader", cast.bureau), f"/duties/unit/{cast.school.pk}/"
    for path in ("/duties/?q=示例第一小学", school):
        assert "近亲属" in signed_in(cast.office).get(path).content.decode()
        page = signed_in(leader).get(path).content.decode()
        assert "责任督学应当回避" in page and "近亲属" not in page
