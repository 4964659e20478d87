"""A county staffs its schools: 40 inspectors from Excel, the gaps, an answer proven best, adopted, the boards of all gates printed."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from dudao.duties import queries
from dudao.duties.models import Duty
from dudao.inspectors.models import Inspector
from dudao.jobs import runner
from tests.browser.conftest import PHONE
from tests.cast import TODAY, Cast, county_cast, unit

HEADS = ("姓名", "类别", "出生年月", "所在单位", "学段", "督学证号", "督学证止", "任期起")


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


def register() -> bytes:
    """40 people in office since September, and one whose certificate has run out. The first works in a school."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet("督学")
        page.write_row(0, 0, HEADS)
        for at in range(1, 42):
            ends = "2024-03-31" if at == 41 else "2026-08-31"
            page.write_row(
                at, 0, [f"督学{at:02}（示例）", "兼职督学", f"19{60 + at % 30}-05", "示例第一小学" if at == 1 else "", "小学、初中、学前",
                f"示例证{at:02}", ends, "2023-09-01"],
            )  # fmt: skip
    return made.getvalue()


def work() -> None:
    """What the worker would do in the next seconds."""
    while job := runner.claim():
        runner.do(job, threading.Event())


def test_forty_inspectors_from_excel_close_every_gap_and_every_gate_gets_its_board(
    cast: Cast, page: Page, live_server: Any, sign_in: Callable[[Any], None], axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int],
) -> None:  # fmt: skip
    for n in range(1, 61):
        unit(f"示例习岗第{n}小学", f"21640001{n:02}", region_code="640122100000")

    def whole() -> None:
        assert axe(page) == [] and overflow(page) == 0

    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/inspectors/import/")
    page.locator("input[type=file]").set_input_files(
        {"name": "督学名册.xlsx", "mimeType": "application/octet-stream", "buffer": register()}
    )
    page.get_by_role("button", name="上传，逐行核对").click()
    expect(page.get_by_text("督学证已于 2024-03-31 过期")).to_be_visible()
    whole()
    page.get_by_role("button", name="确认导入 40 行").click()
    expect(page.get_by_role("button", name="撤销这次导入")).to_be_visible()
    assert Inspector.objects.count() == 40
    # The gaps: nobody is responsible for anything yet.
    page.goto(f"{live_server.url}/duties/")
    places = queries.covered("640122", day=TODAY).count()
    expect(page.get_by_role("link", name=f"缺责任督学 {places}")).to_be_visible()
    # An answer over all rules, proven best.
    page.goto(f"{live_server.url}/teams/duties/new/")
    page.get_by_role("button", name="取数并求解").click()
    work()
    page.reload()
    expect(page.get_by_text("已证明是最好的安排")).to_be_visible()
    whole()
    page.set_viewport_size(PHONE)
    whole()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="采用").click()
    page.get_by_role("button", name="采用").click()
    expect(page.get_by_text("已采用").first).to_be_visible()
    assert Duty.objects.count() == places
    # Who works in a school is not responsible for it.
    assert not Duty.objects.filter(unit=cast.school, inspector__person__name="督学01（示例）").exists()
    page.goto(f"{live_server.url}/duties/")
    expect(page.get_by_text("有空缺")).to_have_count(0)
    # The boards of all gates, each with its code.
    page.goto(f"{live_server.url}/duties/boards/print/")
    expect(page.get_by_role("article")).to_have_count(places)
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == places
