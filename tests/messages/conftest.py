"""What every test of messages stands on: the cast, and keys for the secrets of robots."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dudao.messages import services
from dudao.messages.models import Message
from dudao.shell import crypto
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, settings: Any) -> crypto.Ring:
    settings.KEY_FILE = tmp_path / "keys" / "ring.json"
    return crypto.make_key_file(settings.KEY_FILE, cipher="sm4-gcm", now=NOW)


@pytest.fixture
def ready(cast: Cast) -> Callable[..., Message]:
    """A message to the two schools, ready to be sent."""

    def make(**more: Any) -> Message:
        given = {
            "kind": "test.urge",
            "title": "请签收控辍保学任务",
            "text": "示例第一小学、示例第二中学：\n请于4月12日前签收任务10-2。",
            "units": [cast.school.pk, cast.school_2.pk],
            "notes": {cast.school.pk: "逾期 3 天"},
            "subject": ("plan.task", "10-2"),
            "by": cast.office.actor,
            "now": NOW,
        }
        return services.prepare(**given | more)

    return make
