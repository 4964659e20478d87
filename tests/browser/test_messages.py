"""The office sends what the system has prepared; the school finds it under the bell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from dudao.messages import services, ways
from dudao.shell import crypto
from tests.browser.conftest import PHONE, WIDE
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, settings: Any) -> crypto.Ring:
    settings.KEY_FILE = tmp_path / "keys" / "ring.json"
    return crypto.make_key_file(settings.KEY_FILE, cipher="sm4-gcm", now=NOW)


def prepare(cast: Cast) -> Any:
    return services.prepare(
        kind="plan.urge",
        title="请签收“秋季学期控辍保学摸排汇总”",
        text="示例第一小学、示例第二中学：\n“秋季学期控辍保学摸排汇总”请于4月12日前登录督导签收。\n县督导室",
        units=[cast.school.pk, cast.school_2.pk, cast.kindergarten.pk],
        notes={cast.school.pk: "逾期 3 天", cast.school_2.pk: "逾期 3 天", cast.kindergarten.pk: "还剩 2 天"},
        subject=("plan.task", "10-2"),
        by=cast.office.actor,
        now=NOW,
    )


def test_on_monday_morning_she_copies_one_message_to_wechat_and_sends_it_with_one_click(
    page: Page, live_server: Any, sign_in: Callable[[Any], None], cast: Cast
) -> None:
    prepare(cast)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(cast.office.user)
    page.goto(live_server.url + reverse("messages:prepared"))
    page.get_by_role("button", name="复制文字").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已发送")

    sign_in(cast.head.user)
    page.goto(live_server.url)
    page.get_by_role("link", name="消息，未读 1").click()
    page.get_by_role("link", name="请签收“秋季学期控辍保学摸排汇总”").click()
    expect(page.get_by_text("逾期 3 天")).to_be_visible()
    expect(page.get_by_role("link", name="消息", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_of_messages_fit_and_can_be_used_by_all(
    page: Page,
    live_server: Any,
    sign_in: Callable[[Any], None],
    cast: Cast,
    axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int],
    size: dict[str, int],
    tmp_path: Path,
) -> None:
    waiting, gone = prepare(cast), prepare(cast)
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123"
    ways.keep_bot(name="示例督学群", url=url, by=cast.system_admin.actor, now=NOW)
    services.send(message=gone, base_version=1, by=cast.office.actor, now=NOW)
    cast.system_admin.user.is_demo = True
    cast.system_admin.user.save()
    page.set_viewport_size(size)
    shots = Path(__file__).resolve().parents[2] / "test-results" / "messages"
    for player, name, args in (
        (cast.office, "prepared", []),
        (cast.office, "message", [waiting.pk]),
        (cast.office, "message", [gone.pk]),
        (cast.office, "change", [waiting.pk]),
        (cast.office, "sent", []),
        (cast.office, "undelivered", []),
        (cast.office, "contacts", []),
        (cast.head, "inbox", []),
        (cast.head, "inbox_message", [gone.pk]),
        (cast.system_admin, "bots", []),
    ):
        sign_in(player.user)
        page.goto(live_server.url + reverse(f"messages:{name}", args=args))
        page.wait_for_load_state("networkidle")
        page.screenshot(path=shots / f"{name}-{size['width']}-{'gone' if gone.pk in args else ''}.png", full_page=True)
        assert (name, axe(page), overflow(page)) == (name, [], 0)
