"""From a gap to a board: the office sees who has nobody, is told what speaks against a choice, assigns, prints the board."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as house
from playwright.sync_api import Page, expect

from dudao.duties import services
from dudao.duties.models import Duty
from dudao.places import library
from dudao.places import services as places
from dudao.shell.acts import system
from tests.browser.conftest import PHONE, WIDE
from tests.cast import NOW, TODAY, Cast, county_cast, unit
from tests.duties.stage import able


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    made = county_cast()
    file = library.read_regions(house.LIBRARY / "regions" / "640122.yaml")
    places.load_regions(regions=file.facts(), valid_from=file.valid_from, by=system("640122"), now=NOW)
    return made


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_gap_is_closed_and_the_board_of_the_school_printed(
    cast: Cast, page: Page, live_server: Any, sign_in: Callable[[Any], None], size: Any, axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int], faults: list[str],
) -> None:  # fmt: skip
    more = [unit(f"示例习岗第{n}小学", f"21640001{n:02}", region_code="640122100000") for n in range(1, 6)]
    free, theirs = able(cast, "督学癸", "证1"), able(cast, "督学子", "证2", work=cast.school)
    everybody = [one.pk for one in (*more, cast.school)]
    services.new_district(
        name="习岗责任区",
        units=everybody,
        inspectors=[free.pk, theirs.pk],
        starts_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )

    def whole() -> None:
        assert axe(page) == [] and overflow(page) == 0

    page.set_viewport_size(size)
    sign_in(cast.office.user)
    page.goto(live_server.url)
    page.get_by_role("link", name="学校（园）缺责任督学").click()
    expect(page.get_by_role("heading", name="责任区与挂牌")).to_be_visible()
    whole()
    page.locator("tr", has_text="示例第一小学").get_by_role("link", name="安排责任督学").click()
    whole()
    # Who works in the school is marked, and refused in words though it is tried.
    page.get_by_label("督学子（示例）（还没有学校，需回避）").check()
    page.get_by_role("button", name="安排", exact=True).click()
    expect(page.get_by_text("应当回避：在该单位任职").first).to_be_visible()
    page.get_by_label("督学子（示例）（还没有学校，需回避）").uncheck()
    page.get_by_label("督学癸（示例）（还没有学校）").check()
    page.get_by_label("文号或依据").fill("贺政教督发〔2024〕2号（示例）")
    page.get_by_role("button", name="安排", exact=True).click()
    expect(page.get_by_text("已安排，督学从起日起能看到这些学校。")).to_be_visible()
    # Five more at once: the sixth is said first.
    page.goto(f"{live_server.url}/duties/assign/?{'&'.join(f'unit={one.pk}' for one in more)}&inspector={free.pk}")
    page.get_by_role("button", name="安排", exact=True).click()
    expect(page.get_by_text("将负责 6 所，超过一般的 5 所").first).to_be_visible()
    whole()
    page.get_by_label("提醒已看过，仍然这样安排").check()
    page.get_by_role("button", name="安排", exact=True).click()
    expect(page.get_by_text("已安排")).to_be_visible()
    assert Duty.objects.count() == 6
    for path in ("inspectors/", "districts/", "map/", "boards/"):
        page.goto(f"{live_server.url}/duties/{path}")
        whole()
    page.get_by_role("link", name="示例第一小学").click()
    expect(page.get_by_role("article", name="示例第一小学的公示牌")).to_contain_text("督学癸（示例）")
    whole()
    pages = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    assert pages == 1
    # Refused, and warned of the sixth: both said on the page.
    assert len([fault for fault in faults if "422" in fault]) == 2
    faults.clear()
