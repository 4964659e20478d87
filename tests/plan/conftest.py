"""The county's real notice, read in and confirmed."""

from pathlib import Path

import pytest

from dudao.plan import services
from dudao.plan.models import Notice, Task
from tests.cast import NOW, Player

REAL = Path(__file__).parents[2] / "library" / "demo" / "helan_2024_yaodian.txt"


@pytest.fixture
def text() -> str:
    return REAL.read_text("utf-8")


@pytest.fixture
def notice(office: Player, text: str) -> Notice:
    return services.hand_in_notice(text=text, by=office.actor, now=NOW)


@pytest.fixture
def tasks(notice: Notice, office: Player) -> list[Task]:
    """The tasks that come once; those that come again are handed down by their periods."""
    made = services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    return [task for task in made if not task.rule]
