"""A real browser over the real server. Every page test fails on what a user would not see but suffer from.

Console errors, script errors, violations of the content security policy, and any request that leaves this machine.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Playwright runs an event loop in this thread; the test's own database calls are still synchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def chromium() -> str | None:
    """The browser of the system: the one named, else the first that is installed."""
    if named := os.environ.get("DUDAO_CHROMIUM"):
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session", autouse=True)
def system_browser() -> None:
    if chromium() is None:
        message = "no Chromium on this machine; install it with: make system-deps"
        if "browser" in os.environ.get("DUDAO_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Addresses come from ``live_server``; the plugin's own fixture warns under this pytest, and warnings are errors."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    args = [*quiet.split(), "--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": args}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": WIDE}


@pytest.fixture(autouse=True)
def faults(context: BrowserContext) -> Iterator[list[str]]:
    """What went wrong in the browser; a test that means to provoke a fault takes it out of the list."""
    found: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: found.append(f"script: {error}"))

    def request(one: Any) -> None:
        parts = urlsplit(one.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost"):
            found.append(f"left the machine: {one.url}")

    context.on("page", watch)
    context.on("request", request)
    # Violations of the policy are written to the console as errors.
    context.on("console", lambda m: found.append(f"console: {m.text}") if m.type == "error" else None)
    yield found
    assert not found, found


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> Callable[[Any], None]:
    """``sign_in(user)``: the browser holds that user's session, as after the sign-in page."""

    def into(user: Any) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    return into


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """``axe(page)``: serious and critical faults of accessibility, as lines; empty is good."""
    source = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")

    def run(page: Page) -> list[str]:
        page.evaluate(source)
        result = page.evaluate(
            "axe.run({runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
        )
        return [
            f"{one['id']}: {one['help']} — {node['html'][:160]}"
            for one in result["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:5]
        ]

    return run


@pytest.fixture
def overflow() -> Callable[[Page], int]:
    """``overflow(page)``: by how many pixels the page scrolls sideways."""
    return lambda page: int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
