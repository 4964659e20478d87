"""Five people on a working day, in the words of the people. Each story is what the issue promises them, as far as it goes today."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from dudao.plan import services
from dudao.plan.models import Task, TaskPart
from dudao.shell import clock
from dudao.workbench.demo import notice_text
from tests.browser.conftest import PHONE, WIDE
from tests.cast import PASSWORD, Cast, Player

Fault = Callable[[Page], list[str]]
SHOTS = Path(__file__).parents[2] / "test-results"


def sign_in_by_hand(page: Page, address: str, who: Player) -> None:
    page.goto(address + "/sign-in/")
    page.get_by_label("账号").fill(who.user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def ninth(tasks: list[Task]) -> Task:
    """The first duty of point 9: 深化“双减”督导."""
    return next(task for task in tasks if task.number == "09-1")


@pytest.fixture
def plan(cast: Cast) -> list[Task]:
    """The notice confirmed, point 9 handed to a school."""
    now = clock.now()
    notice = services.hand_in_notice(text=notice_text(), by=cast.office.actor, now=now)
    tasks = services.confirm_notice(notice=notice, by=cast.office.actor, now=now)
    services.hand_down(
        tasks=[ninth(tasks)],
        units=[cast.school.pk, cast.kindergarten.pk],
        sign_by=clock.today() + timedelta(days=3),
        by=cast.office.actor,
        now=now,
    )
    return tasks


def test_the_office_worker_brings_the_notice_in(page: Page, live_server: Any, cast: Cast, axe: Fault) -> None:
    """On Monday morning she signs in, pastes the county's notice and sees its four sections and twelve points.

    She finds the first of the seven duties of point 9 wrongly titled, corrects it, accepts the lost numeral and makes tasks.
    She hands it to the first primary school and sees it waiting for the signature.
    """
    sign_in_by_hand(page, live_server.url, cast.office)
    page.get_by_role("link", name="导入要点").first.click()
    page.get_by_label("粘贴正文").fill(notice_text())
    page.get_by_role("button", name="读出要点").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("贺兰县2024年教育督导工作要点")
    expect(page.locator(".dd-src h3")).to_have_count(4)
    expect(page.locator(".dd-src h3").last).to_contain_text("四、聚焦“国检区考市强”任务强力督导")
    assert axe(page) == []

    page.get_by_role("link", name="9.深耕督导").click()
    expect(page.get_by_role("heading", name="第9项 · 7 项任务")).to_be_visible()
    page.get_by_label("任务", exact=True).first.fill("深化“双减”专项督导")
    assert axe(page) == []
    page.get_by_role("button", name="都对，存下").click()
    expect(page.get_by_role("heading", name="第10项")).to_be_visible()
    page.get_by_role("button", name="认可").first.click()
    expect(page.get_by_text("已认可")).to_be_visible()

    page.get_by_role("link", name="下一步：生成 39 项任务").click()
    page.get_by_role("button", name="没有核对完，仍要生成任务").click()
    expect(page.get_by_role("status")).to_contain_text("生成 39 项任务")
    page.get_by_label("任务、编号或原文里的字").fill("09-1")
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("选中 09-1").check()
    page.locator(".dd-bar").get_by_role("button", name="下达").click()
    page.locator("summary", has_text="学校（").click()
    page.get_by_label("示例第一小学").check()
    page.get_by_role("main").get_by_role("button", name="下达").click()
    expect(page.get_by_role("row", name="示例第一小学")).to_contain_text("还剩 3 天")
    assert Task.objects.get(number="09-1").title == "深化“双减”专项督导"


def test_the_head_of_a_school_signs_on_the_phone(
    page: Page, live_server: Any, cast: Cast, plan: list[Task], axe: Fault, overflow: Callable[[Page], int]
) -> None:
    """On Monday morning he opens Dudao on his phone and sees one task waiting for him.

    He reads the notice's own words and signs.
    When the work is done he tells what was done, and nothing waits for him any more.
    """
    page.set_viewport_size(PHONE)
    sign_in_by_hand(page, live_server.url, cast.head)
    page.get_by_role("link", name="深化“双减”督导").first.click()
    expect(page.get_by_text("开展义务教育优质均衡发展县创建工作")).to_be_visible()
    assert overflow(page) <= 0
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_text("已签收").first).to_be_visible()
    assert axe(page) == []
    assert TaskPart.objects.get(unit=cast.school).signed_by == "丙（示例）"
    page.get_by_role("link", name="报送办理情况").click()
    page.get_by_label("办理情况").fill("已开展“双减”督导两次，发现问题一处，已整改。")
    assert axe(page) == []
    page.get_by_role("button", name="报送").click()
    expect(page.get_by_text("等督导室审核").first).to_be_visible()
    page.goto(live_server.url)
    expect(page.get_by_text("没有等您签收的任务")).to_be_visible()


def test_the_office_records_a_department_that_never_signs_in(
    page: Page, live_server: Any, cast: Cast, plan: list[Task], sign_in: Callable[[Any], None]
) -> None:
    """The kindergarten of point 9 answers by phone; on Monday morning she opens the task.

    She records who signed and how, and the day.
    The task shows the signature as recorded by the office.
    """
    sign_in(cast.staff.user)
    page.goto(f"{live_server.url}/plan/tasks/{ninth(plan).pk}/")
    page.get_by_role("row", name="示例花园幼儿园").get_by_role("link", name="代登记").click()
    page.get_by_label("签收人").fill("园长（示例）")
    page.get_by_label("签收方式").select_option("电话")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("row", name="示例花园幼儿园")).to_contain_text("电话，督导室代登")


@pytest.mark.parametrize(("post", "name"), [("leader", "分管"), ("inspector", "督学"), ("section_head", "科长")])
def test_leader_inspector_and_department_see_what_is_theirs(
    page: Page, live_server: Any, cast: Cast, plan: list[Task], sign_in: Callable[[Any], None], post: str, name: str
) -> None:
    """On Monday morning each opens the workbench.

    The leader sees all twelve points of the year; inspector and department see only what was handed to their units.
    None of them finds a button to hand tasks down.
    """
    from tests import cast as stage

    who = stage.player(name, post, cast.bureau)
    sign_in(who.user)
    page.goto(live_server.url)
    if post == "leader":
        expect(page.get_by_role("row")).to_have_count(1 + 12)
    else:
        expect(page.get_by_text("督导室下达给贵单位的任务会出现在这里")).to_be_visible()
    expect(page.get_by_role("link", name="下达任务")).to_have_count(0)


@pytest.mark.parametrize("where", ["list", "one"])
def test_on_upright_paper_lists_are_tables_without_what_one_clicks(
    page: Page, live_server: Any, cast: Cast, plan: list[Task], sign_in: Callable[[Any], None], where: str
) -> None:
    """The printer of the office holds its paper upright, which is as narrow as a phone."""
    sign_in(cast.office.user)
    page.set_viewport_size(PHONE)
    path = reverse("plan:task", args=[ninth(plan).pk]) if where == "one" else reverse("plan:task_list")
    page.goto(live_server.url + path)
    row = page.locator(".dd-t.cards tbody tr").first
    expect(row).to_have_css("display", "flex")
    page.emulate_media(media="print")
    expect(row).to_have_css("display", "table-row")
    expect(page.locator(".dd-t.cards thead").first).to_have_css("display", "table-header-group")
    for name in ("代登记", "撤回"):
        assert not any(link.is_visible() for link in page.get_by_role("link", name=name, exact=True).all())


def test_every_step_works_without_scripts(
    browser: Any, live_server: Any, cast: Cast, browser_context_args: dict[str, Any]
) -> None:
    """The office's oldest machine runs no scripts.

    She signs in, pastes the notice, confirms it and hands one task down.
    All of it are plain forms.
    """
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    sign_in_by_hand(page, live_server.url, cast.office)
    page.goto(live_server.url + "/plan/notices/new/")
    page.get_by_label("粘贴正文").fill(notice_text())
    page.get_by_role("button", name="读出要点").click()
    page.get_by_role("link", name="下一步").click()
    page.get_by_role("button", name="没有核对完，仍要生成任务").click()
    page.get_by_label("任务、编号或原文里的字").fill("09-1")
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("选中 09-1").check()
    page.locator(".dd-bar").get_by_role("button", name="下达").click()
    page.locator("summary", has_text="学校（").click()
    page.get_by_label("示例第一小学").check()
    page.get_by_role("main").get_by_role("button", name="下达").click()
    expect(page.get_by_role("row", name="示例第一小学")).to_be_visible()
    context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 320, "height": 640}])
def test_no_page_of_the_walk_has_a_serious_fault_or_scrolls_sideways(
    page: Page,
    live_server: Any,
    cast: Cast,
    plan: list[Task],
    sign_in: Callable[[Any], None],
    axe: Fault,
    overflow: Callable[[Page], int],
    size: dict[str, int],
) -> None:
    """Screen readers, keyboards and small phones are met in every office.

    Each page of the walk is looked at in three widths.
    """
    page.set_viewport_size(size)  # type: ignore[arg-type]
    sign_in(cast.office.user)
    notice = ninth(plan).notice_id
    for path in (
        "/",
        "/plan/notices/",
        "/plan/notices/new/",
        f"/plan/notices/{notice}/",
        "/plan/tasks/",
        f"/plan/tasks/{ninth(plan).pk}/",
        f"/plan/tasks/{ninth(plan).pk}/correct/",
        "/plan/hand-down/",
        f"/plan/notices/{notice}/reopen/",
    ):
        page.goto(live_server.url + path)
        assert axe(page) == [], path
        assert overflow(page) <= 0, path
