"""The month's meeting in a browser: its agenda, its minutes, a decision that becomes a task and leads back to its words."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from playwright.sync_api import Page, expect

from dudao.meetings import services as meetings
from dudao.meetings.models import Meeting, Paragraph
from dudao.plan import services as plan
from dudao.plan.models import Task, TaskPart
from dudao.shell import clock
from dudao.shell.acts import system
from tests.browser.conftest import PHONE, WIDE
from tests.cast import Cast

Look = Callable[[Page], Any]


@pytest.fixture
def month(cast: Cast) -> Meeting:
    """Three units were asked for 摸排; one has answered by phone. The month's meeting is proposed."""
    by: dict[str, Any] = {"by": cast.office.actor, "now": clock.now()}
    task = plan.add_task(title="开展摸排督查工作（春季开学）", **by)
    units = [cast.school.pk, cast.school_2.pk, cast.kindergarten.pk]
    plan.hand_down(tasks=[task], units=units, sign_by=clock.today() + timedelta(days=3), **by)
    first = TaskPart.objects.get(task=task, unit=cast.school)
    plan.sign_part(part=first, signer="丙（示例）", how="电话", **by)
    plan.answer_part(part=first, answer="已摸排，没有辍学。", person="丙（示例）", how="电话", **by)
    meetings.propose_meetings(by=system("640122"), now=clock.now())
    return Meeting.objects.get(kind="office-monthly")


def test_the_agenda_names_who_has_not_answered_and_a_decision_leads_back_to_its_words(
    page: Page, live_server: Any, cast: Cast, month: Meeting, sign_in: Callable[[Any], None], axe: Look
) -> None:
    """She opens the proposed meeting from the workbench, sees which units it waits for, and calls it.

    During the meeting she types, sees that a share is wrong, decides something; the task leads back to the paragraph.
    """
    sign_in(cast.office.user)
    page.goto(live_server.url)
    page.get_by_role("link", name=month.title).click()
    waiting = page.get_by_role("listitem").filter(has_text="开展摸排督查工作")
    expect(waiting).to_contain_text("待签收：")
    expect(waiting).to_contain_text("示例第二中学")
    expect(waiting).to_contain_text("示例花园幼儿园")
    expect(waiting).to_contain_text("待审核：示例第一小学")
    page.get_by_role("link", name="定时间、地点").click()
    page.get_by_label("日期").fill(clock.today().isoformat())
    page.get_by_label("地点").fill("督导室会议室")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="定下并备通知").click()
    expect(page.get_by_label("正文")).to_contain_text("【会议通知】")
    page.goto(f"{live_server.url}/meetings/{month.pk}/")
    page.get_by_role("link", name="开始会议").click()
    page.get_by_role("button", name="开始会议").click()
    page.get_by_label("请假").last.check()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="记纪要").click()
    page.get_by_label("内容").fill("在园幼儿13619人，公办园在园幼儿9169人，公办园在园幼儿占比为68.33%。")
    page.get_by_role("button", name="保存，接着记").click()
    expect(page.get_by_text("不符")).to_be_visible()
    # The next paragraph is open and has the cursor.
    expect(page.get_by_label("内容")).to_be_focused()
    page.get_by_label("内容").fill("请各校、园月底前报摸排结果。")
    expect(page.get_by_role("status").filter(has_text="已存草稿")).to_be_visible()
    page.get_by_role("button", name="保存，接着记").click()
    page.get_by_role("link", name="记为决定").last.click()
    page.get_by_label("责任单位").select_option(label="督导室")
    page.get_by_label("时限").fill((clock.today() + timedelta(days=20)).isoformat())
    page.get_by_label("现在就列为任务").check()
    page.get_by_role("button", name="保存决定").click()
    task = Task.objects.get(title="请各校、园月底前报摸排结果")
    page.get_by_role("link", name=f"任务 {task.number}").click()
    page.get_by_role("link", name="看出处").click()
    said = Paragraph.objects.get(task=task)
    assert page.url.endswith(f"#p-{said.pk}")
    expect(page.locator(f"#p-{said.pk}")).to_be_in_viewport()
    page.get_by_role("link", name="定稿").click()
    page.get_by_role("button", name="定稿").click()
    expect(page.get_by_text("纪要已定稿").first).to_be_visible()
    assert not axe(page)
    with page.expect_download() as got:
        page.get_by_role("link", name="Word").click()
    lines = [p.text for p in docx.Document(io.BytesIO(Path(got.value.path()).read_bytes())).paragraphs]
    assert "请各校、园月底前报摸排结果。" in lines and lines[0].endswith("纪要")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_of_meetings_fit_and_can_be_used_by_all(
    page: Page,
    live_server: Any,
    cast: Cast,
    month: Meeting,
    sign_in: Callable[[Any], None],
    axe: Look,
    overflow: Look,
    size: Any,
) -> None:
    by: dict[str, Any] = {"by": cast.office.actor, "now": clock.now()}
    sign_in(cast.office.user)
    page.set_viewport_size(size)

    def look(*paths: str) -> None:
        for path in paths:
            page.goto(f"{live_server.url}/meetings/{path}")
            assert not axe(page), path
            assert overflow(page) <= 0, path

    look("", "new/", "rhythm/", f"{month.pk}/", f"{month.pk}/change/", f"{month.pk}/members/", f"{month.pk}/cancel/")
    meetings.hold_meeting(meeting=month, base_version=month.version, day=clock.today(), **by)
    said = meetings.write_paragraph(meeting=month, item=month.items.first(), text="请各校摸排。" * 30, **by)
    look(f"{month.pk}/", f"{month.pk}/attendance/", f"{month.pk}/sheet/", f"minutes/{said.pk}/decide/")
    facts: dict[str, Any] = {"matter": "摸排" * 40, "unit": cast.school.pk, "person": None, "due_on": None}
    meetings.decide_paragraph(paragraph=said, base_version=1, **facts, **by)
    look(f"{month.pk}/minutes/", f"{month.pk}/minutes/?edit={said.pk}", f"{month.pk}/minutes/finish/")
    meetings.finish_minutes(meeting=month, base_version=month.version, **by)
    look(f"{month.pk}/", f"{month.pk}/minutes/", f"{month.pk}/minutes/print/", f"minutes/{said.pk}/amend/")
