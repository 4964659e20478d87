"""From the board at the gate to the answer: somebody with a phone, the office, the inspector, and the code again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dudao.complaints.models import Complaint
from tests.browser.conftest import PHONE, WIDE
from tests.cast import TODAY, Cast
from tests.complaints.stage import CONTACT, NAME, WORDS, stage


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


def test_what_is_said_at_the_gate_is_answered_and_read_by_the_code(
    cast: Cast, page: Page, live_server: Any, sign_in: Callable[[Any], None], axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int], faults: list[str],
) -> None:  # fmt: skip
    on = stage(cast)

    def whole() -> None:
        page.evaluate("scrollTo(0, 0)")
        assert axe(page) == [] and overflow(page) <= 0, page.url

    # Somebody at the gate scans the code. Nothing typed is lost where something is missing.
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/gsp/{on.board}/")
    expect(page.get_by_text(on.inspector.person.name).first).to_be_visible()
    whole()
    page.get_by_label("您的称呼").fill(NAME)
    page.get_by_label("联系方式").fill(CONTACT)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("请写明是什么事")
    faults.clear()  # the browser logs the answer 422
    whole()
    expect(page.get_by_label("您的称呼")).to_have_value(NAME)
    page.get_by_label("事情的经过").fill(WORDS)
    page.get_by_role("button", name="提交").click()
    code = page.locator(".dd-code").inner_text()
    whole()
    row = Complaint.objects.get()
    assert row.words == WORDS and row.contact == CONTACT

    # The office takes it up and hands it to the inspector, who is proposed first.
    page.set_viewport_size(WIDE)
    sign_in(cast.staff.user)
    page.goto(live_server.url)
    page.get_by_role("link", name="投诉待受理").click()
    whole()
    page.get_by_role("link", name=row.number).click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_text(CONTACT)).to_have_count(0)
    whole()
    page.get_by_role("link", name="受理", exact=True).click()
    page.get_by_label("事项").fill("食堂饭菜温度（示例）")
    page.get_by_role("button", name="受理").click()
    page.get_by_role("link", name="转办", exact=True).click()
    page.get_by_label("跟踪督学", exact=True).select_option(index=1)
    page.get_by_label("转办要求").fill("到食堂看午餐温度（示例）")
    whole()
    page.get_by_role("button", name="转办").click()

    # The inspector reads what is to be done, not who said it, and reports from the phone.
    page.set_viewport_size(PHONE)
    sign_in(on.inspector.person.users.get())
    page.goto(f"{live_server.url}/complaints/")
    page.get_by_role("link", name=row.number).click()
    expect(page.get_by_text("到食堂看午餐温度")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_have_count(0)
    whole()
    page.get_by_role("link", name="报告办理情况").click()
    page.get_by_label("核实和处理情况").fill("午餐汤品偏凉，已换保温桶（示例）")
    whole()
    page.get_by_role("button", name="报告办理情况").click()
    expect(page.get_by_text("已报告").first).to_be_visible()

    # The office answers; who holds the code reads it, without signing in, and nothing else.
    page.set_viewport_size(WIDE)
    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/complaints/{row.pk}/answer/")
    page.get_by_label("核实结果").select_option("true")
    page.get_by_label("答复", exact=True).fill("反映属实，已经换保温桶（示例）")
    whole()
    page.get_by_role("button", name="答复").click()
    whole()
    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/gsp/cx/")
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", name="已答复")).to_be_visible()
    expect(page.get_by_text("反映属实，已经换保温桶（示例）")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_have_count(0)
    whole()
