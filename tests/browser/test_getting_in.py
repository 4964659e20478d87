"""The first sign-in of a school head with the slip from the office, and the pages of people and units in both widths."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from dudao.accounts import access, services
from dudao.accounts.models import User
from dudao.places import intake, library, tables
from dudao.places import services as places
from dudao.places.services import CampusFacts
from dudao.shell import clock
from tests.browser.conftest import PHONE, ROOT, WIDE
from tests.cast import Cast
from tests.places.test_intake import sheet

# Where to put pictures of the pages, for looking at them.
SHOTS = os.environ.get("DUDAO_SHOTS", "")


def test_a_new_head_signs_in_for_the_first_time_with_the_slip(
    page: Page,
    live_server: Any,
    cast: Cast,
    axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int],
    sign_in: Callable[[Any], None],
    faults: list[str],
) -> None:
    """On Monday morning the office appoints her, opens her account and prints the slip.

    At her school she types the code from the paper and sets a password of her own.
    The code is spent; in the afternoon she comes in with her password and sees her school.
    """
    person = services.enter_person(name="马新（示例）", by=cast.office.actor, now=clock.now())
    services.hand_over_post(
        appointment=cast.head.appointment,
        to=person,
        on=clock.today(),
        reason="示例任免通知",
        by=cast.office.actor,
        now=clock.now(),
    )
    sign_in(cast.office.user)
    page.goto(f"{live_server.url}{reverse('accounts:people')}?q=马新")
    page.get_by_label("选中").first.check()
    page.get_by_role("button", name="开通账号").click()
    page.get_by_role("button", name="开通所选，打印纸条").click()
    slip = page.locator(".dd-slips li")
    expect(slip).to_contain_text("示例第一小学 · 校（园）长")
    code = slip.locator(".code").inner_text()
    username = slip.locator("code").first.inner_text()
    _look(page, "slips", WIDE, axe, overflow)

    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    page.goto(live_server.url)
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(code.lower())
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("设置自己的密码")
    page.get_by_label("新密码").fill("马校长的第一句话")
    page.get_by_label("再填一次").fill("马校长的第一句话")
    page.get_by_role("button", name="设好，开始使用").click()
    expect(page.locator(".dd-errors")).to_contain_text("至少 10 位")
    for label in ("新密码", "再填一次"):
        page.get_by_label(label).fill("马校长上任后的第一句话")
    page.get_by_role("button", name="设好，开始使用").click()
    expect(page.get_by_role("status").first).to_contain_text("密码已设置")

    page.context.clear_cookies()
    page.goto(f"{live_server.url}{reverse('accounts:account')}")
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(code)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("再错 4 次将锁定 30 分钟")).to_be_visible()
    page.get_by_label("密码").fill("马校长上任后的第一句话")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("rowheader", name="示例第一小学 · 校（园）长")).to_be_visible()
    # The two refusals she met were meant.
    assert len([fault for fault in faults if "422" in fault]) == 2
    faults.clear()


@pytest.fixture
def furnished(cast: Cast) -> dict[str, str]:
    """Addresses of the pages of units and people, with something to see on each."""
    now, today = clock.now(), clock.today()
    by = cast.office.actor
    content = library.read_regions(ROOT / "library/regions/640122.yaml")
    places.load_regions(regions=content.facts(), valid_from=content.valid_from, by=by, now=now)
    facts = places.facts_of(cast.school.versions.get())
    places.change_unit(
        unit=cast.school,
        base_version=cast.school.version,
        facts=places.replace(
            facts,
            name="示例城关实验小学",
            campuses=(CampusFacts("point", "示例南梁教学点", "640122400000", "南梁台子示例路1号"),),
        ),
        valid_from=today - timedelta(days=30),
        reason="示例编办批复〔2024〕1号",
        by=by,
        now=now,
    )
    places.merge_units(
        units=[(cast.kindergarten, cast.kindergarten.version)],
        into=cast.school,
        on=today,
        reason="示例批复",
        by=by,
        now=now,
    )
    batch = intake.look_at(
        rows=tables.read(
            sheet(
                ["2164000001", "示例城关实验小学", "学校", "小学、初中", "否", "640122100000"],
                ["2164000777", "示例新建小学", "学校", "小学", "否", "640122101000"],
                ["3164000002", "示例第二中学", "学校", "初中", "否", ""],
                ["1164000888", "示例错行幼儿园", "幼儿园", "博士", "是", ""],
            )
        ),
        file_name="2024年秋季单位表（示例）.xlsx",
        valid_from=today,
        by=by,
        now=now,
    )
    services.delegate_hat(
        appointment=cast.head.appointment,
        to=cast.head_2.person,
        start_on=today,
        end_on=today + timedelta(days=7),
        reason="外出培训",
        by=cast.head.actor,
        now=now,
    )
    new = [services.enter_person(name=f"示例新人{n}", by=by, now=now) for n in "一二三"]
    for person in new:
        services.appoint(person=person, post="school_clerk", unit=cast.school, start_on=today, by=by, now=now)
    return {
        "people": reverse("accounts:people"),
        "person": reverse("accounts:person", args=[cast.head.person.pk]),
        "appoint": reverse("accounts:appoint", args=[cast.head.person.pk]),
        "hand-over": reverse("accounts:hand_over", args=[cast.head.appointment.pk]),
        "accounts-open": reverse("accounts:accounts_open"),
        "code-issue": reverse("accounts:code_issue", args=[cast.head.user.pk]),
        "account": reverse("accounts:account"),
        "password": reverse("accounts:password"),
        "second-factor": reverse("accounts:second_factor_begin"),
        "units": reverse("places:units"),
        "unit": reverse("places:unit", args=[cast.school.pk]),
        "unit-new": reverse("places:unit_new"),
        "unit-edit": reverse("places:unit_edit", args=[cast.school.pk]),
        "unit-end": reverse("places:unit_end", args=[cast.school_2.pk]),
        "imports": reverse("places:imports"),
        "import": reverse("places:import", args=[batch.pk]),
        "regions": reverse("places:regions"),
    }


@pytest.mark.parametrize("width", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_pages_of_people_and_units_fit_and_can_be_read_by_all(
    page: Page,
    live_server: Any,
    cast: Cast,
    furnished: dict[str, str],
    width: dict[str, int],
    sign_in: Callable[[Any], None],
    axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int],
) -> None:
    """Every page at the desk and on the phone: no serious fault for a screen reader, nothing to scroll sideways."""
    page.set_viewport_size(width)  # type: ignore[arg-type]
    for name in ("sign_in", "sign_in_help"):
        page.goto(live_server.url + reverse(f"accounts:{name}"))
        _look(page, name, width, axe, overflow)
    sign_in(cast.office.user)
    for name, address in furnished.items():
        page.goto(live_server.url + address)
        _look(page, name, width, axe, overflow)


def test_the_security_administrators_pages(
    page: Page,
    live_server: Any,
    cast: Cast,
    furnished: dict[str, str],
    sign_in: Callable[[Any], None],
    axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int],
) -> None:
    """Before anything else she puts her second factor into force; then she sees who is locked and unlocks."""
    for _ in range(access.WRONG_IN_A_ROW):
        access.check_sign_in(
            username=cast.head.user.username,
            secret="错",
            address="10.0.0.9",
            now=clock.now(),
            machine=clock.machine_now(),
        )
    sign_in(cast.security_admin.user)
    page.goto(live_server.url + furnished["person"])
    expect(page.get_by_role("heading", level=1)).to_have_text("启用动态口令")
    _look(page, "second-factor-required", WIDE, axe, overflow)
    secret = re.sub(r"\W", "", page.locator("p code").inner_text())
    page.get_by_label("动态口令").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_label("备用码").locator("li")).to_have_count(10)
    _look(page, "recovery-codes", WIDE, axe, overflow)
    page.goto(live_server.url + furnished["person"])
    page.get_by_role("button", name="解锁").click()
    expect(page.get_by_role("status").first).to_contain_text("已解锁")
    page.goto(live_server.url + reverse("accounts:grants"))
    _look(page, "grants", WIDE, axe, overflow)
    page.goto(live_server.url + reverse("accounts:grant_new"))
    _look(page, "grant-new", WIDE, axe, overflow)
    assert User.objects.filter(second_factor__confirmed_at__isnull=False).count() == 1


def _look(
    page: Page,
    name: str,
    width: dict[str, int],
    axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int],
) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"people-{name}-{width['width']}.png", full_page=True)
    assert axe(page) == [], name
    assert overflow(page) <= 0, name
