"""A finding of the first school, registered and told."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from dudao.files import services as files
from dudao.findings import services
from dudao.findings.models import Finding
from dudao.findings.services import Brought, Facts
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.shell.acts import Actor
from tests.cast import NOW, Cast, Player


def proof(name: str = "现场照片.png") -> files.Received:
    """A small piece of evidence."""
    made = BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG")
    return files.receive(made, name=name)


def facts(cast: Cast, **changes: object) -> Facts:
    known: dict[str, object] = {
        "unit": cast.school.pk, "source": Finding.Source.INSPECTION, "basis": "示例标准第3条",
        "title": "食堂台账不全", "facts": "抽查三月台账，缺六天（示例）。", "found_on": date(2024, 3, 5),
        "due_on": date(2024, 4, 5),
    }  # fmt: skip
    return Facts(**{**known, **changes})  # type: ignore[arg-type]


def outside_paper(
    matter: object,
    kind: str,
    by: Actor,
    unit: object,
    *,
    on: date = date(2024, 3, 8),
    readers: Sequence[UUID] = (),
    title: str = "示例文书",
    now: datetime = NOW,
) -> Paper:
    """A paper that was issued by the OA."""
    Outside.count += 1
    return papers.record_outside_paper(
        kind=kind, subject=matter, subject_title=str(matter), link="/", number=f"示教督〔2024〕{Outside.count}号",
        issued_on=on, title=title, to_units=[unit], received=None, by=by, now=now, readers=readers,
    )  # fmt: skip


class Outside:
    """Numbers of papers in tests."""

    count = 0


Act = Callable[..., object]


@pytest.fixture
def finding(cast: Cast) -> Finding:
    return services.register_finding(facts=facts(cast), by=cast.office.actor, now=NOW)


@pytest.fixture
def told(cast: Cast, finding: Finding) -> Finding:
    """Told on 10 March by a paper; to be put right until 5 April, which has passed."""
    return tell_on_paper(cast, finding)


def tell_on_paper(cast: Cast, finding: Finding) -> Finding:
    """The unit has the 整改通知书 since 10 March; to be put right until 5 April."""
    paper = outside_paper(finding, "rectification-notice", cast.office.actor, cast.school.pk)
    brought = Brought(
        occurred_on=date(2024, 3, 10), due_on=date(2024, 4, 5), way="oa", paper=paper, received_by="示例签收人"
    )
    services.act_on_finding(
        finding=finding, act="notify", brought=brought, base_version=finding.version, by=cast.office.actor, now=NOW
    )
    return finding


def act(matter: Finding, name: str, player: Player, on: date, **more: object) -> None:
    """Take an act on a finding as the player."""
    more.setdefault("words", "示例说明")
    brought = Brought(occurred_on=on, **more)  # type: ignore[arg-type]
    services.act_on_finding(
        finding=matter, act=name, brought=brought, base_version=matter.version, by=player.actor, now=NOW
    )
