"""The small standard in place of the library's, on a day in April."""

from datetime import date
from typing import Any

import pytest

from dudao.returns import library
from dudao_engines.standards.schema import Standard
from tests.indicators.small import small


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


@pytest.fixture
def standard(monkeypatch: pytest.MonkeyPatch) -> Standard:
    found = small()
    monkeypatch.setattr(library, "standards", lambda: {found.id: found})
    return found
