"""A visit as an inspector makes it on a phone: planned, made, a danger found, told to the head, read by the school."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dudao.findings.models import Finding
from dudao.messages.models import Message
from dudao.papers.models import Paper
from dudao.visits.models import Visit
from tests.browser.conftest import PHONE
from tests.cast import TODAY, Cast
from tests.visits.stage import responsible


@pytest.fixture(autouse=True)
def on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


def test_a_visit_on_a_phone_ends_in_a_finding(
    page: Page, live_server: Any, cast: Cast, sign_in: Callable[[Any], None], axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int], tmp_path: Path,
) -> None:  # fmt: skip
    inspector = responsible(cast, "癸", cast.school, cast.kindergarten)

    def looks_right(name: str) -> None:
        page.evaluate("scrollTo(0, 0)")
        assert axe(page) == [] and overflow(page) <= 0, name

    page.set_viewport_size(PHONE)
    sign_in(inspector.user)
    page.goto(f"{live_server.url}/visits/mine/")
    expect(page.get_by_text("2 所学校缺访")).to_be_visible()
    looks_right("mine")
    page.get_by_role("link", name="月计划").click()
    page.get_by_role("button", name="排我的 2 次").click()
    looks_right("plan")
    page.get_by_role("link", name="示例第一小学").click()
    expect(page.get_by_role("heading", name="行前单")).to_be_visible()
    page.get_by_role("link", name="到校", exact=True).click()
    page.get_by_label("到校时间").fill("09:00")
    page.get_by_role("button", name="开始督导").click()

    exits = page.locator("#q-exits")
    exits.locator("label", has_text="不符合").click()
    exits.get_by_text("看到了什么").first.click()
    exits.get_by_role("textbox").fill("北侧安全出口上锁")
    page.locator("#q-gate label", has_text="符合").first.click()
    page.get_by_role("button", name="保存检查清单").click()
    expect(page.get_by_text("可能危及师生安全")).to_be_visible()
    looks_right("list")
    exits.get_by_role("link", name="登记为问题").click()
    expect(page.get_by_label("严重程度")).to_have_value("danger")
    page.get_by_label("整改要求").fill("立即打开")
    page.get_by_label("整改期限（天）").fill("3")
    looks_right("problem")
    page.get_by_role("button", name="登记问题").click()
    finding = Finding.objects.get()
    assert (finding.source, finding.severity) == ("visit", "danger")
    assert (
        Message.objects.filter(kind="findings.danger").exists() and Paper.objects.get().kind == "rectification-notice"
    )

    page.get_by_role("link", name="向学校反馈").click()
    expect(page.get_by_label("反馈意见")).to_have_value(f"1.北侧安全出口上锁（问题 {finding.number}，限期整改）")
    page.get_by_label("怎样确认").select_option(label="当面宣读，校（园）长确认")
    page.get_by_label("校（园）方意见").fill("马上打开。")
    page.get_by_label("离校时间").fill("11:00")
    looks_right("tell")
    page.get_by_role("button", name="确认反馈").click()
    page.get_by_role("link", name="报送归档").click()
    page.get_by_role("button", name="报送并归档").click()
    looks_right("filed")
    visit = Visit.objects.get(state="filed")
    assert visit.minutes == 120

    sign_in(cast.head.user)
    page.goto(f"{live_server.url}/visits/feedback/")
    looks_right("feedback")
    page.get_by_role("link", name="示例第一小学").click()
    expect(page.get_by_text("马上打开。")).to_be_visible()
    looks_right("school")
    page.get_by_role("button", name="阅知").click()
    expect(page.get_by_text("已阅知")).to_be_visible()
