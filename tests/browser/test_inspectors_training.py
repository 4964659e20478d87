"""A training year in a browser: planned, signed in to by phone and by list, and at its end the page names who is short of forty hours."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dudao.inspectors.models import Inspector
from dudao.shell import clock
from dudao.training import services
from dudao.training.models import Attendance, Batch, Session
from tests.browser.conftest import PHONE, WIDE
from tests.cast import TODAY, Cast, Player, player
from tests.inspectors.stage import announced, entered
from tests.training.stage import came, planned, session

Look = Callable[[Page], Any]


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def people(cast: Cast) -> list[Player]:
    return [
        player(f"督学{sign}", "inspector", cast.office.appointment.unit, username=f"i{at}")
        for at, sign in enumerate("子丑寅")
    ]


@pytest.fixture
def rows(people: list[Player]) -> list[Inspector]:
    found = [entered(one) for one in people]
    for row in found:
        announced(row)
    return found


def refusals(faults: list[str]) -> None:
    """A refused form answers with 422, which the browser writes to its console."""
    faults[:] = [one for one in faults if "status of 422" not in one]


def test_a_year_in_which_two_fall_short_names_both_and_by_how_much(
    page: Page, live_server: Any, cast: Cast, rows: list[Inspector], sign_in: Callable[[Any], None], axe: Look, faults: list[str],
) -> None:  # fmt: skip
    """Last autumn's week: forty hours in five days. She enters the last day from the list; one was ill, one left early."""
    batch = planned(
        rows, title="秋季督学集中培训（示例）", year=2023, starts_on=date(2023, 11, 6), ends_on=date(2023, 11, 10)
    )
    for day in range(6, 10):
        came(session(batch, "8", day=date(2023, 11, day)), *rows)
    sign_in(cast.staff.user)
    page.goto(f"{live_server.url}/training/?year=2023")
    page.get_by_role("link", name="秋季督学集中培训（示例）").click()
    page.get_by_role("link", name="安排课次").click()
    page.get_by_label("内容").fill("结业研讨（示例）")
    page.get_by_label("日期").fill("2023-11-10")
    page.get_by_label("学时").fill("8.1")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("学时最细到 0.25").first).to_be_visible()
    page.get_by_label("学时").fill("8")
    page.get_by_role("button", name="保存").click()
    # Nobody has said who came on the last day: nobody is short yet.
    page.goto(f"{live_server.url}/training/hours/?year=2023")
    expect(page.get_by_role("row", name="督学子")).to_contain_text("待登记")
    page.goto(f"{live_server.url}/training/batch/{batch.pk}/")
    page.get_by_role("link", name="结业研讨（示例）").click()
    first, second, third = (page.get_by_role("radiogroup", name=one.person.name) for one in rows)
    first.get_by_label("到").check()
    second.get_by_label("请假").check()
    third.get_by_label("到").check()
    page.get_by_label(f"{rows[2].person.name}的学时").fill("5.5")
    page.get_by_role("button", name="保存出勤").click()
    expect(page.get_by_text("请假要写事由").first).to_be_visible()
    page.get_by_label(f"{rows[1].person.name}的事由").fill("病假（示例）")
    page.get_by_role("button", name="保存出勤").click()
    expect(page.get_by_text("已登记出勤，3 人有变动")).to_be_visible()
    page.goto(f"{live_server.url}/training/hours/?year=2023")
    expect(page.get_by_text("2023年不足 40 学时的 2 人")).to_contain_text(
        "督学丑（示例）差 8 学时，督学寅（示例）差 2.5 学时。"
    )
    assert not axe(page)
    page.get_by_role("link", name="不足").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("row", name="督学寅")).to_contain_text("37.5")
    page.get_by_role("link", name="督学寅（示例）").click()
    expect(page.get_by_role("heading", name="督学寅（示例）的培训档案")).to_be_visible()
    expect(page.get_by_role("row", name="结业研讨")).to_contain_text("5.5")
    assert not axe(page)
    refusals(faults)


def test_an_inspector_signs_in_with_the_phone_by_what_the_wall_shows(
    page: Page, live_server: Any, people: list[Player], rows: list[Inspector], cast: Cast, sign_in: Callable[[Any], None],
    axe: Look, overflow: Callable[[Page], int], faults: list[str],
) -> None:  # fmt: skip
    begins = clock.now().astimezone(clock.CHINA).time().replace(second=0, microsecond=0)
    batch = planned(rows, starts_on=TODAY, ends_on=TODAY)
    where = session(batch, day=TODAY, begins=min(begins, time(23, 58)), ends=time(23, 59))
    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/training/session/{where.pk}/screen/")
    code = page.locator("#code").inner_text()
    assert not axe(page)
    sign_in(people[0].user)
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/training/batch/{batch.pk}/")
    page.get_by_role("link", name="签到").click()
    page.get_by_label("签到码").fill("ABCABC" if code != "ABCABC" else "ABCABD")
    page.get_by_role("button", name="签到").click()
    expect(page.get_by_text("签到码不对").first).to_be_visible()
    page.get_by_label("签到码").fill(services.code(where, clock.now()).lower())
    page.get_by_role("button", name="签到").click()
    expect(page.get_by_text("督学子（示例）已签到")).to_be_visible()
    assert Attendance.objects.get().inspector == rows[0] and overflow(page) == 0 and not axe(page)
    refusals(faults)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_of_the_training_fit_and_can_be_used_by_all(
    page: Page, live_server: Any, rows: list[Inspector], cast: Cast, sign_in: Callable[[Any], None], axe: Look,
    overflow: Callable[[Page], int], size: Any,
) -> None:  # fmt: skip
    batch = planned(rows)
    came(session(batch, "8"), *rows[:2])
    where: Session = batch.sessions.get()
    assert Batch.objects.count() == 1
    sign_in(cast.office.user)
    page.set_viewport_size(size)
    for address in (
        "", "hours/", "needs/", "competence/", f"competence/{rows[0].pk}/school/", "claims/", "rules/", "new/", f"batch/{batch.pk}/",
        f"session/{where.pk}/", f"session/{where.pk}/upload/", f"batch/{batch.pk}/invite/", f"file/{rows[0].pk}/",
    ):  # fmt: skip
        page.goto(f"{live_server.url}/training/{address}")
        assert overflow(page) == 0, address
        assert not axe(page), address
