"""A check at a school as people do it: two checkers with phones, the head who signs, the office that adopts."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dudao.returns import library
from dudao.returns import services as reporting
from dudao.returns.models import Campaign, Cell, CellCheck, CheckRound, Return
from dudao.returns.services import site_rounds
from dudao.shell import clock
from dudao.shell.acts import system
from tests.browser.conftest import PHONE, WIDE
from tests.cast import Cast, Player, player, unit

NUMBERS = {
    "school_name": "示例第一小学", "school_type": "小学", "students_primary": "1932", "students_junior": "0",
    "classes_total": "42", "classes_41_45": "41", "fulltime_teachers": "108", "teachers_bachelor_primary": "96",
    "teachers_backbone": "21", "area_teaching_aux": "8650.5", "area_gymnasium": "1200", "area_sports_ground": "13500",
    "equipment_value_wan": "420.6", "network_multimedia_rooms": "46",
}  # fmt: skip


@pytest.fixture(autouse=True)
def september(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 9, 12)


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    text, now = library.text_of("school-return"), clock.now()
    made = Campaign.objects.create(
        county="640122", form="school-return", form_text=text, fingerprint=library.read(text).fingerprint,
        level="school", title="2024年优质均衡填报", period="2024", period_label="2024年9月1日", census_on=date(2024, 9, 1),
        opens_on=date(2024, 9, 1), due_on=date(2024, 9, 20), state="open", opened_at=now, made_name="示例", made_at=now,
    )  # fmt: skip
    more = [
        unit(f"示例第{n}小学", f"216400002{n}", stages=frozenset({"primary"}), region_code="640122101000")
        for n in (3, 4)
    ]
    for one in (cast.school, cast.school_2, *more):
        ret = Return.objects.create(county="640122", campaign=made, unit=one)
        reporting.set_cells(ret=ret, values=NUMBERS, source="platform", by=cast.office.actor, now=now)
    return made


@pytest.fixture
def checkers(cast: Cast) -> list[Player]:
    return [player(name, "inspector", cast.office.appointment.unit) for name in ("癸", "子", "丑", "寅")]


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where a folder is named."""
    if folder := os.environ.get("DUDAO_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def test_a_number_is_found_wrong_at_the_school_signed_for_and_adopted(
    page: Page, live_server: Any, cast: Cast, campaign: Campaign, checkers: list[Player],
    sign_in: Callable[[Any], None], axe: Callable[[Page], list[str]], overflow: Callable[[Page], int], faults: list[str],
) -> None:  # fmt: skip
    def go(who: Player, path: str) -> None:
        sign_in(who.user)
        page.goto(live_server.url + path)

    def looks_right(name: str) -> None:
        # What lies half under the bar at the top is not what a page is judged by.
        page.evaluate("scrollTo(0, 0)")
        shot(page, name)
        assert axe(page) == [] and overflow(page) <= 0, name

    # The office plans: groups, then a proposed table, then it begins.
    page.set_viewport_size(WIDE)
    go(cast.office, "/returns/site/")
    looks_right("list")
    page.get_by_role("link", name="安排核查").first.click()
    page.get_by_label("开始日期").fill("2024-09-12")
    page.get_by_label("结束日期").fill("2024-09-20")
    looks_right("new")
    page.get_by_role("button", name="下一步：定核查组").click()
    for number, pair in ((0, checkers[:2]), (1, checkers[2:])):
        page.locator(f'[name="g-{number}-lead"]').select_option(str(pair[0].person.pk))
        page.locator(f'[name="g-{number}-persons"][value="{pair[1].person.pk}"]').check()
    looks_right("groups")
    page.get_by_role("button", name="保存，下一步：编排").click()
    page.get_by_role("button", name="按乡镇和工作量建议").click()
    expect(page.get_by_text("还没有保存")).to_be_visible()
    looks_right("table")
    page.get_by_role("button", name="保存安排表").click()
    row = CheckRound.objects.get()
    assert not row.schools.filter(group__isnull=True).exists()
    marks = {(cast.school.pk, "teachers_backbone"): "少 1 人，“每百名学生拥有骨干教师数”由达标变为不达标"}
    site_rounds.mark_priority(
        campaign=campaign, asker="balanced-2017", marks=marks, by=system("640122"), now=clock.now()
    )
    page.get_by_role("link", name="开始核查").click()
    page.get_by_role("button", name="开始").click()
    looks_right("round")
    for width in (PHONE, WIDE):
        page.set_viewport_size(width)
        page.goto(f"{live_server.url}/returns/site/{row.pk}/sheets/")
        looks_right("sheets")

    # Two checkers at the school, on the phone.
    check = row.schools.get(unit=cast.school)
    mine = [one for one in checkers if check.group and check.group.members.filter(person=one.person).exists()]
    page.set_viewport_size(PHONE)
    go(mine[0], "/returns/site/mine/")
    looks_right("mine")
    page.get_by_role("link", name="示例第一小学").click()
    expect(page.get_by_role("heading", name="先核这些（1）")).to_be_visible()
    looks_right("school-open")
    page.locator("#teachers_backbone").get_by_role("link", name="不符、核不了").click()
    page.locator(".dd-tri label", has_text="不符").click()
    page.get_by_label("核查值（人）").fill("２0")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("请选择差异的原因").first).to_be_visible()
    looks_right("cell-wrong")
    assert len([fault for fault in faults if "422" in fault]) == 1
    faults.clear()
    page.locator("#id_cause").select_option(label="称号过期或把兼职教师计入")
    page.locator("#id_proof").select_option(label="证书、文件")
    page.get_by_role("button", name="保存，下一项").click()
    assert CellCheck.objects.get().found == "20"
    go(mine[1], f"/returns/site/school/{check.pk}/")
    page.locator("#students_primary").get_by_role("button", name="相符").click()
    page.get_by_role("link", name="照纸质表一次勾选相符的").click()
    for code in ("students_junior", "area_teaching_aux", "equipment_value_wan", "classes_total"):
        page.locator(f'[name="code"][value="{code}"]').check()
    looks_right("same")
    page.get_by_role("button", name="记录勾选的为相符").click()
    for who in mine:
        go(who, f"/returns/site/school/{check.pk}/")
        page.get_by_role("link", name="核查人签字").click()
        page.get_by_label("以上记录是我在学校核查所得").check()
        page.get_by_role("button", name="签字").click()
    looks_right("school-checked")

    # The head signs on the phone, the office adopts and registers the difference.
    go(cast.head, f"/returns/site/school/{check.pk}/")
    page.get_by_role("link", name="校（园）长签字").click()
    page.get_by_label("意见").select_option(label="核查情况属实，同意")
    looks_right("head")
    page.get_by_role("button", name="签字").click()
    page.set_viewport_size(WIDE)
    go(cast.office, f"/returns/site/school/{check.pk}/")
    page.get_by_role("link", name="采用核查结果").click()
    looks_right("adopt")
    page.get_by_role("button", name="采用", exact=True).click()
    cell = Cell.objects.get(ret__unit=cast.school, code="teachers_backbone")
    assert (cell.value, cell.found, cell.adopted) == ("21", "20", "20")
    looks_right("school-settled")
    page.set_viewport_size(PHONE)
    looks_right("school-settled")
    page.get_by_role("button", name="登记为问题", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("填报数据与实地核查不符")
    for width in (PHONE, WIDE):
        page.set_viewport_size(width)
        page.goto(f"{live_server.url}/returns/site/{row.pk}/cells/")
        looks_right("cells")
        page.goto(f"{live_server.url}/returns/site/{row.pk}/first/")
        looks_right("first")
        page.goto(f"{live_server.url}/returns/site/{row.pk}/")
        looks_right("round-after")
