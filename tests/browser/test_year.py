"""The year's papers in a browser: typed, compared, summed up, checked; usable by all, on wide screens and phones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dudao.plan import services
from dudao.plan.models import Summary, Task
from dudao.shell import clock
from tests.browser.conftest import PHONE, WIDE
from tests.cast import Cast

ROOT = Path(__file__).parents[2]
THIS = ROOT / "library" / "demo" / "helan_2024_yaodian.txt"
LAST = ROOT / "tests" / "data" / "compare" / "helan_2023_shili.txt"
Look = Callable[[Page], Any]
TEXT = "全县共有幼儿园60所,其中,公办园39所,民办园22所。目前,学前三年毛入园率为98.01%。"


@pytest.fixture
def years(cast: Cast) -> dict[str, Any]:
    """This year's notice confirmed, last year's being checked."""
    by: dict[str, Any] = {"by": cast.office.actor, "now": clock.now()}
    notice = services.hand_in_notice(text=THIS.read_text("utf-8"), **by)
    services.confirm_notice(notice=notice, **by)
    services.hand_in_notice(text=LAST.read_text("utf-8"), **by)
    return by


@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_year_s_pages_fit_and_can_be_used_by_all(
    page: Page, live_server: Any, cast: Cast, years: dict[str, Any], sign_in: Callable[[Any], None], axe: Look,
    overflow: Look, size: Any,
) -> None:  # fmt: skip
    sign_in(cast.office.user)
    page.set_viewport_size(size)

    def look(path: str = "") -> None:
        if path:
            page.goto(f"{live_server.url}/plan/{path}")
        assert not axe(page), path
        assert overflow(page) <= 0, path

    gone = Task.objects.get(title="聘任新一届责任督学")
    for path in ("notices/", "notices/type/", "compare/", "compare/?group=gone", f"compare/{gone.pk}/into-2024/"):
        look(path)
    look("check-text/")
    page.get_by_label("粘贴正文").fill(TEXT)
    page.get_by_role("button", name="核对").click()
    expect(page.locator("mark.bad")).to_have_count(4)
    look()
    look("summary/?year=2024&half=year")
    summary = services.draft_summary(year=2024, half="year", **years)
    row = summary.paragraphs.all()[1]
    services.edit_paragraph(paragraph=row, base_version=1, text=TEXT, **years)
    for path in (
        "?year=2024&half=year",
        f"paragraphs/{row.pk}/",
        f"paragraphs/{row.pk}/?fresh=1",
        f"{summary.pk}/finish/",
    ):
        look(f"summary/{path}")
    look(f"summary/{summary.pk}/rows/?of=tasks/all&on={clock.today()}&n=1")


@pytest.mark.browser
def test_what_is_gone_is_taken_up_and_the_half_year_is_summed_up_and_frozen(
    page: Page, live_server: Any, cast: Cast, years: dict[str, Any], sign_in: Callable[[Any], None]
) -> None:
    sign_in(cast.office.user)
    page.goto(f"{live_server.url}/plan/tasks/")
    page.get_by_role("link", name="两年对比").click()
    page.get_by_role("link", name="不再列").click()
    page.locator("tr", has_text="聘任新一届责任督学").get_by_role("link", name="补入2024年").click()
    page.get_by_role("button", name="补入2024年").click()
    expect(page.get_by_text("已补入2024年。")).to_be_visible()
    expect(page.locator("section", has_text="保留").get_by_text("聘任新一届责任督学").first).to_be_visible()
    page.goto(f"{live_server.url}/plan/summary/?year=2024&half=year")
    page.get_by_role("button", name="起草").click()
    expect(page.get_by_text("其他工作。", exact=True)).to_be_visible()
    page.get_by_role("link", name="修改开头").click()
    page.get_by_label("文字").fill("2024年，督导工作有序推进。")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="定稿").click()
    page.get_by_role("button", name="定稿").click()
    expect(page.get_by_text("已定稿，可以打印")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("link", name="Word 文件").click()
    assert file.value.suggested_filename == "2024年教育督导工作总结.docx"
    assert Summary.objects.get().state == "final"
