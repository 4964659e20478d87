"""A register of forty comes in from Excel: looked at, two rows mended, confirmed; the list shows them and what is missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from dudao.inspectors import queries
from tests.browser.conftest import PHONE, WIDE
from tests.cast import TODAY, Cast, county_cast

HEADS = ("姓名", "类别", "出生年月", "所在单位", "学历", "从教年份", "学段", "督学证号", "督学证止", "任期起")


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


def book(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("名册")
        sheet.write(0, 0, "2024年督学名册（示例）")
        for number, row in enumerate([HEADS, *rows], start=1):
            sheet.write_row(number, 0, row)
    return path


def test_forty_inspectors_come_from_excel_and_the_list_shows_what_they_lack(
    cast: Cast, page: Page, live_server: Any, sign_in: Callable[[Any], None], axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int], faults: list[str], tmp_path: Path,
) -> None:  # fmt: skip
    rows: list[list[Any]] = [
        [f"督学{at:02}（示例）", "兼职督学", f"19{70 + at % 10}-0{1 + at % 9}", "示例第一小学", "本科", 2000, "小学", f"示例{at:02}", "2026-08-31", "2023-09-01"]
        for at in range(40)
    ]  # fmt: skip
    # One whose certificate is over, one at a school that nobody knows, one whose certificate ends soon.
    rows[3][8], rows[7][3], rows[9][8] = "2024-03-31", "示例第九小学", "2024-05-31"

    def whole() -> None:
        assert axe(page) == [] and overflow(page) == 0

    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/inspectors/")
    page.get_by_role("link", name="导入", exact=True).click()
    with page.expect_download() as template:
        page.get_by_role("link", name="下载空白模板").click()
    assert template.value.suggested_filename == "督学名册模板.xlsx"
    whole()
    page.locator("input[type=file]").set_input_files(book(tmp_path / "名册.xlsx", rows))
    page.get_by_role("button", name="上传，逐行核对").click()
    expect(page.get_by_text("督学证已于 2024-03-31 过期，换证以后再导入。")).to_be_visible()
    expect(page.get_by_text("是不是“示例第一小学”")).to_be_visible()
    assert queries.roster("640122", day=TODAY) == []
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        whole()
    page.get_by_role("button", name="确认导入 38 行（退回的不导入）").click()
    expect(page.get_by_text("已导入。此后没有办理过的，可以整批撤销。")).to_be_visible()
    # The refused rows, mended.
    rows[3][8], rows[7][3] = "2026-08-31", "示例第一小学"
    page.get_by_role("link", name="导入", exact=True).click()
    page.locator("input[type=file]").set_input_files(book(tmp_path / "名册改.xlsx", rows))
    page.get_by_role("button", name="上传，逐行核对").click()
    expect(page.get_by_role("link", name="未变 38")).to_be_visible()
    page.get_by_role("button", name="确认导入 2 行").click()
    assert len(queries.roster("640122", day=TODAY)) == 40
    page.goto(f"{live_server.url}/inspectors/")
    page.get_by_role("link", name="90 日内到期 1").click()
    expect(page.get_by_role("link", name="督学09（示例）")).to_be_visible()
    whole()
    page.get_by_role("link", name="督学09（示例）").click()
    expect(page.get_by_text("没有核查").first).to_be_visible()
    page.get_by_role("link", name="个人档案").click()
    expect(page.get_by_role("heading", name="督学档案：督学09（示例）")).to_be_visible()
    whole()
    assert faults == []
