"""A draw in a browser, from the list to the verifier that runs alone on what was downloaded, and a tampered list refused."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dudao.draws import services
from dudao.draws.models import Draw
from tests.browser.conftest import PHONE, WIDE
from tests.cast import TODAY, Cast, player
from tests.draws.stage import LATER, drawn, frozen, prepared, school_lines
from tests.inspectors.stage import ABLE, announced, entered


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.mark.browser
def test_from_the_frozen_list_to_the_verifier_and_a_tampered_list_is_refused(
    page: Page, live_server: Any, cast: Cast, sign_in: Callable[[Any], None], settings: Any, tmp_path: Path
) -> None:
    school_lines(cast, 4)
    for at in range(4):
        facts = replace(ABLE, certificate_number=f"示例{at}", certificate_to=date(2026, 8, 31))
        announced(entered(player(f"督学{at}", "inspector", cast.office.appointment.unit, username=f"d{at}"), facts))
    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/draws/")
    page.get_by_role("link", name="新建抽取").click()
    page.get_by_label("抽取事项").fill("食堂专项督导抽取（示例）")
    page.get_by_label("计划开展日期").fill("2024-04-22")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("link", name="从名册选").click()
    page.get_by_role("button", name="生成名单").click()
    page.get_by_role("link", name="定数量").click()
    page.get_by_label("抽几个").fill("2")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="选督学").click()
    page.get_by_label("每校去几人").fill("2")
    for at in range(4):
        page.get_by_label(f"督学{at}（示例）").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="约定公开事件").click()
    page.get_by_label("公开事件和取哪个数").fill("双色球第2024042期开奖号码（示例）")
    page.get_by_label("事件日期").fill("2024-04-12")
    page.get_by_role("button", name="约定").click()
    page.get_by_role("link", name="冻结并公布摘要").click()
    page.get_by_label("我已核对").check()
    page.get_by_role("button", name="冻结").click()
    draw = Draw.objects.get()
    expect(page.get_by_role("definition").filter(has_text=draw.sha256)).to_be_visible()
    settings.DEMO_TODAY = LATER.date()
    page.get_by_role("link", name="公布种子").click()
    page.get_by_label("种子", exact=True).fill("03 11 18 22 27 31 + 09")
    page.get_by_label("在哪里查得到").fill("https://www.example.gov.cn/kj（示例）")
    page.get_by_role("button", name="登记种子").click()
    page.get_by_role("link", name="抽取", exact=True).click()
    page.get_by_role("button", name="抽取").click()
    expect(page.get_by_role("heading", name="抽中 2 个")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="核验包").click()
    bundle = tmp_path / "bundle.zip"
    waiting.value.save_as(bundle)
    with zipfile.ZipFile(bundle) as packed:
        packed.extractall(tmp_path)

    def verify() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verify.py", "draw.json"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")

    done = verify()
    assert done.returncode == 0 and draw.sha256 in done.stdout
    said = json.loads((tmp_path / "draw.json").read_text("utf-8"))
    said["frozen"]["units"][1][1] = "示例换掉的学校"
    (tmp_path / "draw.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    done = verify()
    assert done.returncode == 1 and "冻结以后内容被改过" in done.stdout
    page.goto(f"{live_server.url}/draws/check/")
    page.get_by_label("核验包或名单").set_input_files(bundle)
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.get_by_text("核验通过")).to_be_visible()
    page.get_by_label("核验包或名单").set_input_files(tmp_path / "draw.json")
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.get_by_text("改成“示例换掉的学校”")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_pages_of_draws_fit_and_can_be_used_by_all(
    page: Page, live_server: Any, cast: Cast, sign_in: Callable[[Any], None], axe: Any, overflow: Any, size: Any
) -> None:
    draft, waiting, done = prepared(cast), frozen(cast), drawn(cast)
    voided = drawn(cast)
    services.void(draw=voided, base_version=voided.version, reason="示例", by=cast.office.actor, now=LATER)
    sign_in(cast.office.user)
    page.set_viewport_size(size)
    for path in (
        "", "new/", "check/", f"{draft.pk}/", f"{draft.pk}/register/", f"{draft.pk}/people/", f"{draft.pk}/commit/",
        f"{waiting.pk}/", f"{done.pk}/", f"{done.pk}/print/", f"{done.pk}/enlarge/",
    ):  # fmt: skip
        page.goto(f"{live_server.url}/draws/{path}")
        assert not axe(page), path
        assert overflow(page) <= 0, path
