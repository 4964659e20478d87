"""A paper in a browser: drafted with the preview beside it, co-signed, signed by a second person, received by the unit."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from dudao.papers import services
from dudao.papers.models import Paper
from dudao.shell import clock
from tests.browser.conftest import PHONE
from tests.cast import Cast

Look = Callable[[Page], Any]
SIGN_IN = Callable[[Any], None]


def test_a_paper_goes_through_three_hands_and_is_verified_by_a_stranger(
    page: Page, live_server: Any, cast: Cast, sign_in: SIGN_IN, axe: Look
) -> None:
    """The clerk drafts and sees the page as it will be printed, a school agrees, the director signs, another school receives.

    Whoever has the printed paper pastes what its QR code says and reads that it is right.
    """
    services.add_code(
        code="贺政教督发", organ="示例督导委员会", numbered_by="here", by=cast.office.actor, now=clock.now()
    )
    sign_in(cast.staff.user)
    page.goto(f"{live_server.url}/papers/")
    page.get_by_role("link", name="起草公文").first.click()
    page.get_by_label("文种").select_option(label="通报")
    page.get_by_label("标题").fill("关于开学督导情况的通报")
    page.get_by_label("示例第一小学").check()
    page.get_by_role("button", name="起草").click()
    page.get_by_role("link", name="返回").click()
    page.get_by_role("link", name="改稿").first.click()
    page.get_by_label("正文", exact=True).fill("一、情况\n各校已按时开学。")
    # What is typed stands beside it as it will be printed.
    expect(page.get_by_label("预览").get_by_text("各校已按时开学。")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="保存这一稿").click()
    page.get_by_role("link", name="提请会签").first.click()
    page.get_by_label("示例第二中学").check()
    page.get_by_role("button", name="提请会签").click()
    expect(page.get_by_text("等意见")).to_be_visible()
    paper = Paper.objects.get()
    address = f"{live_server.url}/papers/{paper.pk}/"

    sign_in(cast.head_2.user)
    page.set_viewport_size(PHONE)
    page.goto(live_server.url)
    page.get_by_role("link", name="关于开学督导情况的通报").click()
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_text("已签署意见")).to_be_visible()

    sign_in(cast.staff.user)
    page.goto(address)
    page.get_by_role("link", name="送签").first.click()
    page.get_by_role("button", name="送签").click()

    sign_in(cast.office.user)
    page.goto(live_server.url)
    page.get_by_role("link", name="关于开学督导情况的通报").click()
    page.get_by_role("link", name="签发").first.click()
    page.get_by_role("button", name="签发并编号").click()
    expect(page.get_by_text("贺政教督发", exact=False).first).to_be_visible()
    paper.refresh_from_db()
    assert paper.state == "issued" and paper.serial == 1

    sign_in(cast.head.user)
    page.goto(live_server.url)
    page.get_by_role("link", name="关于开学督导情况的通报").click()
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_text("系统签收")).to_be_visible()
    assert axe(page) == []

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/v/{paper.check_key}")
    page.get_by_label("二维码里的文字").fill(f"{paper.number}\n{paper.issued_on}\nSHA-256:{paper.words_sha256}")
    page.get_by_role("button", name="核验").click()
    expect(page.get_by_text("相符", exact=True)).to_have_count(3)
    assert axe(page) == []
