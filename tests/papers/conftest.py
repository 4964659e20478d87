"""Papers of the cast's county: a code, and a draft of the staff's."""

from collections.abc import Callable
from typing import Any

import pytest

from dudao.papers import services
from dudao.papers.models import NumberCode, Paper
from tests.cast import NOW, Cast, Player

ORGAN = "贺兰县人民政府教育督导委员会"
BODY = "你校消防通道堆放杂物，请于收到本通知之日起15日内整改，并书面报告。"


@pytest.fixture
def code(office: Player) -> NumberCode:
    return services.add_code(code="贺政教督发", organ=ORGAN, numbered_by="here", by=office.actor, now=NOW)


@pytest.fixture
def draft(cast: Cast, code: NumberCode) -> Callable[..., Paper]:
    """A draft of the staff's to the first school."""

    def do(**more: Any) -> Paper:
        facts = {
            "kind": "rectification-notice",
            "subject": None,
            "subject_title": "",
            "link": "",
            "values": {},
            "title": "关于限期整改消防通道的通知",
            "to_units": [cast.school.pk],
        }
        paper = services.draft_paper(**{**facts, **more}, by=cast.staff.actor, now=NOW)
        services.change_text(
            paper=paper, base_version=paper.version, title=paper.title, body=BODY, by=cast.staff.actor, now=NOW
        )
        paper.refresh_from_db()
        return paper

    return do
