"""From the notice to the minutes in one walk, on the days on which the county did it."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from python_calamine import CalamineWorkbook

from dudao.meetings import services as meetings
from dudao.meetings.models import Meeting
from dudao.plan.models import Notice, Task, TaskPart
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.workbench.demo import notice_text
from tests.cast import Cast, unit


@pytest.fixture
def march(settings: Any) -> None:
    """The notice is three days old."""
    settings.DEMO_TODAY = date(2024, 3, 25)


def test_the_notice_becomes_tasks_that_units_answer_and_the_meeting_goes_on_from_them(
    page: Page, live_server: Any, march: None, cast: Cast, sign_in: Callable[[Any], None], context: BrowserContext
) -> None:
    """She pastes the notice, checks what was read, splits, corrects and confirms.

    摸排 of spring goes down to all schools. One school answers by itself, one by telephone, two do not; she has the words
    for them at hand. March's meeting begins with them; what it decides is a task that leads back to its words.
    """
    for number in (3, 4):
        unit(f"示例第{number}小学", f"216400010{number}")
    sign_in(cast.office.user)

    page.goto(live_server.url + "/plan/notices/new/")
    page.get_by_label("粘贴正文").fill(notice_text())
    page.get_by_role("button", name="读出要点").click()
    expect(page.locator(".dd-src h3")).to_have_count(4)
    expect(page.locator(".dd-src h3 mark.fix")).to_have_text("四")
    notice = Notice.objects.get()
    assert notice.sections.count() == 4
    assert [p.no for s in notice.sections.all() for p in s.points.all() if p.no] == [str(n) for n in range(1, 13)]
    assert Task.objects.filter(notice=notice).count() >= 25
    expect(page.get_by_role("table", name="数字勾稽核对").get_by_text("相符")).to_have_count(4)

    # A field leads to its words.
    page.get_by_role("link", name="10.常态化").click()
    page.get_by_role("link", name="原文“春秋季开学时期”").click()
    expect(page.locator("mark:has(span:target)")).to_have_text("春秋季开学时期")

    # Split one, correct another, accept the repaired heading, confirm.
    page.locator("article").filter(has_text="签订责任书").get_by_role("link", name="拆分").click()
    page.get_by_label("每行一项").fill("层层签订责任书\n检查责任书落实")
    page.get_by_role("button", name="拆开").click()
    expect(page.get_by_role("heading", name="第10项 · 6 项任务")).to_be_visible()
    page.get_by_label("配合").nth(1).fill("各中小学、各乡镇")
    page.get_by_role("button", name="都对，存下").click()
    page.get_by_role("button", name="认可").first.click()
    page.get_by_role("link", name="下一步：生成 40 项任务").click()
    page.get_by_role("button", name="没有核对完，仍要生成任务").click()
    expect(page.get_by_role("status")).to_contain_text("生成 40 项任务")

    # Spring's search goes down to every school at once.
    page.get_by_label("任务、编号或原文里的字").fill("摸排")
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("选中 10-2.01").check()
    page.locator(".dd-bar").get_by_role("button", name="下达").click()
    every = page.get_by_label("所有学校（4）")
    if not every.is_checked():
        every.check()
    for other in page.get_by_role("group", name="一次选一类").get_by_role("checkbox").all():
        if other.is_checked() and other.get_attribute("value") != every.get_attribute("value"):
            other.uncheck()
    page.get_by_label("签收期限").fill("2024-03-28")
    page.get_by_role("main").get_by_role("button", name="下达").click()
    spring = Task.objects.get(number="10-2.01")
    assert (spring.period, TaskPart.objects.filter(task=spring).count()) == ("春季开学", 4)

    # One school answers by itself …
    school = context.browser.new_context()  # type: ignore[union-attr]
    own = school.new_page()
    client = Client()
    client.force_login(cast.head.user)
    school.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    own.goto(f"{live_server.url}/plan/tasks/{spring.pk}/")
    own.get_by_role("button", name="签收").click()
    own.get_by_role("link", name="报送办理情况").click()
    own.get_by_label("办理情况").fill("已摸排，在校生 420 人，没有辍学。")
    own.get_by_role("button", name="报送").click()
    expect(own.get_by_text("等督导室审核").first).to_be_visible()
    school.close()

    # … one by telephone, which the office writes down.
    page.goto(f"{live_server.url}/plan/tasks/{spring.pk}/")
    page.get_by_role("row", name="示例第二中学").get_by_role("link", name="代登记").click()
    page.get_by_label("签收人").fill("教务主任（示例）")
    page.get_by_label("签收方式").select_option("电话")
    page.get_by_role("button", name="登记").click()
    page.get_by_role("row", name="示例第二中学").get_by_role("link", name="代报送").click()
    page.get_by_label("办理情况").fill("电话报告：已摸排，没有辍学。")
    page.get_by_label("报送人").fill("教务主任（示例）")
    page.get_by_role("button", name="报送").click()
    assert TaskPart.objects.filter(task=spring, state="answered").count() == 2

    # The day to sign by has gone: one text for the rest.
    clock.step_demo_day(days=4)
    page.goto(f"{live_server.url}/plan/tasks/{spring.pk}/")
    page.get_by_role("button", name="催").first.click()
    text = page.get_by_label("正文")
    expect(text).to_contain_text("示例第3小学")
    expect(text).to_contain_text("示例第4小学")
    expect(text).not_to_contain_text("示例第一小学")

    # March's meeting begins with them.
    meetings.propose_meetings(by=system("640122"), now=clock.now())
    meeting = Meeting.objects.get(kind="office-monthly")
    assert "3月" in meeting.title
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    item = page.get_by_role("listitem").filter(has_text="开展摸排督查工作").first
    expect(item).to_contain_text("示例第3小学")
    expect(item).to_contain_text("示例第4小学")
    page.get_by_role("link", name="定时间、地点").click()
    page.get_by_label("日期").fill("2024-03-29")
    page.get_by_label("地点").fill("督导室会议室")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="定下并备通知").click()
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    page.get_by_role("link", name="开始会议").click()
    page.get_by_role("button", name="开始会议").click()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="记纪要").click()
    page.get_by_label("内容").fill("没有报摸排结果的两所学校，由教体局基教科4月3日前到校督查。")
    page.get_by_role("button", name="保存，接着记").click()
    page.get_by_role("link", name="记为决定").last.click()
    page.get_by_label("时限").fill("2024-04-03")
    page.get_by_label("现在就列为任务").check()
    page.get_by_role("button", name="保存决定").click()
    decided = Task.objects.get(notice=None)
    page.get_by_role("link", name=f"任务 {decided.number}").click()
    expect(page.get_by_text("没有报摸排结果的两所学校").first).to_be_visible()
    page.get_by_role("link", name="看出处").click()
    expect(page.locator("[id^=p-]:target")).to_contain_text("没有报摸排结果的两所学校")

    # From a task of the notice back to its words.
    page.goto(f"{live_server.url}/plan/tasks/{spring.pk}/")
    expect(page.locator(".dd-src mark").first).to_have_text("开展摸排督查工作")
    page.get_by_role("link", name="在要点里看").click()
    expect(page.locator(".dd-src p.now")).to_contain_text("10.常态化做好控辍保学工作")

    # The list of the year as Excel.
    page.goto(f"{live_server.url}/plan/wall/?year=2024")
    with page.expect_download() as got:
        page.get_by_role("link", name="导出 Excel").click()
    book = CalamineWorkbook.from_filelike(io.BytesIO(Path(got.value.path()).read_bytes()))
    cells = [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert any("层层签订责任书" in cell for cell in cells) and any("10-2" in cell for cell in cells)
    assert any("没有报摸排结果" in cell for cell in cells)
