"""The parts in a real browser: to look at, to read by a screen reader, on a phone, and without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dudao.shell.models import Draft
from tests.browser.conftest import PHONE, WIDE
from tests.cast import Cast, county_cast

SignIn = Callable[[Any], None]
Axe = Callable[[Page], list[str]]
Overflow = Callable[[Page], int]


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def guide(page: Page, live_server: Any, sign_in: SignIn, cast: Cast) -> Page:
    """The style guide, opened by the office's director."""
    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/styleguide/")
    return page


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious_in_any_part(guide: Page, axe: Axe, size: Any) -> None:
    guide.set_viewport_size(size)
    assert axe(guide) == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious_on_the_sign_in_page(page: Page, live_server: Any, axe: Axe, size: Any) -> None:
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/sign-in/")
    assert axe(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 992, 1200, 1440])
def test_nothing_scrolls_sideways(guide: Page, overflow: Overflow, width: int) -> None:
    guide.set_viewport_size({"width": width, "height": 800})
    assert overflow(guide) == 0


def test_sorting_swaps_only_the_list_and_the_address_tells_of_it(guide: Page) -> None:
    guide.evaluate("window.stillHere = true")
    guide.locator("thead a", has_text="任务").click()
    expect(guide.get_by_role("columnheader", name="任务")).to_have_attribute("aria-sort", "ascending")
    assert "sort=1" in guide.url
    assert guide.evaluate("window.stillHere") is True
    assert "sort=1" in str(guide.get_by_role("link", name="导出 Excel").get_attribute("href"))


def test_what_is_typed_is_kept_without_a_click_and_stands_there_again(guide: Page) -> None:
    year = guide.get_by_label("教学楼建成年份").first
    year.fill("二〇〇八")
    year.blur()
    expect(guide.locator("[data-draft-mark]")).to_contain_text("已存草稿")
    assert Draft.objects.count() == 1
    guide.reload()
    expect(guide.get_by_label("教学楼建成年份").first).to_have_value("二〇〇八")
    expect(guide.get_by_text("没写完的内容")).to_be_visible()


def test_the_bar_for_ticked_rows_shows_how_many_and_goes_with_them(guide: Page) -> None:
    bar = guide.get_by_role("group", name="批量办理")
    expect(bar).to_be_hidden()
    boxes = guide.get_by_role("checkbox", name="选中 ")
    boxes.nth(0).check()
    boxes.nth(3).check()
    expect(bar).to_contain_text("已选 2 项")
    bar.get_by_role("button", name="只看所选").click()
    expect(guide.get_by_text("共 2 项（所选）")).to_be_visible()
    guide.get_by_role("checkbox", name="全选").check()
    expect(bar).to_contain_text("已选 2 项")
    bar.get_by_role("button", name="取消选择").click()
    expect(bar).to_be_hidden()


def test_a_failed_save_says_so_and_keeps_the_text(guide: Page, faults: list[str]) -> None:
    guide.context.set_offline(True)
    year = guide.get_by_label("教学楼建成年份").first
    year.fill("2008")
    year.blur()
    expect(guide.locator("[data-draft-mark]")).to_contain_text("网络不通，内容还在这一页")
    guide.context.set_offline(False)
    year.fill("2009")
    year.blur()
    expect(guide.locator("[data-draft-mark]")).to_contain_text("已存草稿")
    # The browser notes the request that could not be made.
    faults.clear()


def test_a_long_job_moves_on_by_itself_to_its_end(guide: Page, live_server: Any) -> None:
    guide.goto(f"{live_server.url}/styleguide/progress/?done=32")
    expect(guide.get_by_text("已办完。")).to_be_visible(timeout=10_000)


def test_on_a_phone_the_navigation_opens_and_closes_without_scripts(
    browser: Browser, live_server: Any, browser_context_args: Any, cast: Cast
) -> None:
    context = browser.new_context(**{**browser_context_args, "viewport": PHONE, "java_script_enabled": False})
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/?next=/styleguide/")
    page.get_by_label("账号").fill(cast.office.user.username)
    page.get_by_label("密码").fill("示例-长-密码-2024")
    page.get_by_role("button", name="登录").click()
    assert page.url.endswith("/styleguide/")
    home = page.get_by_role("navigation", name="主导航").get_by_role("link", name="工作台")
    expect(home).to_be_hidden()
    page.get_by_role("link", name="打开导航").click()
    expect(home).to_be_visible()
    page.get_by_role("link", name="关闭导航").click()
    expect(home).to_be_hidden()
    context.close()


def test_without_scripts_a_draft_is_kept_by_its_button_and_the_list_sorts(
    browser: Browser, live_server: Any, browser_context_args: Any, cast: Cast
) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/?next=/styleguide/")
    page.get_by_label("账号").fill(cast.office.user.username)
    page.get_by_label("密码").fill("示例-长-密码-2024")
    page.get_by_role("button", name="登录").click()
    page.get_by_label("教学楼建成年份").first.fill("二〇〇八")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("没写完的内容")).to_be_visible()
    expect(page.get_by_label("教学楼建成年份").first).to_have_value("二〇〇八")
    page.locator("thead a", has_text="编号").first.click()
    assert "sort=0" in page.url
    expect(page.get_by_role("columnheader", name="编号")).to_have_attribute("aria-sort", "ascending")
    context.close()
