"""An inspection of the first school, planned in March, with a team of three."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import pytest

from dudao.inspections import services
from dudao.inspections.models import Inspection, TeamMember
from dudao.inspections.services import Brought, Line, Member
from tests.cast import NOW, Cast, Player, player
from tests.findings.conftest import outside_paper, proof

LEAD, MEMBER, INVITED = TeamMember.Role.LEAD, TeamMember.Role.MEMBER, TeamMember.Role.INVITED


@pytest.fixture
def inspectors(cast: Cast) -> list[Player]:
    """Two inspectors beside the office; the second is head of the other school as well."""
    office = cast.office.appointment.unit
    return [player("癸", "inspector", office), player("子", "inspector", office)]


@pytest.fixture
def team(cast: Cast, inspectors: list[Player]) -> list[Member]:
    persons = [cast.staff.person.pk, *(one.person.pk for one in inspectors)]
    return [Member(LEAD if at == 0 else MEMBER, key) for at, key in enumerate(persons)]


def planned(cast: Cast, members: Sequence[Member] = (), *, units: Sequence[UUID] = ()) -> list[Inspection]:
    return services.plan_inspection(
        units=units or [cast.school.pk], kind="special", title="2024年春季学期规范办学行为", matters="课程开设\n食堂管理",
        begin_on=date(2024, 3, 11), end_on=date(2024, 3, 13), members=members, occurred_on=date(2024, 3, 1),
        by=cast.office.actor, now=NOW,
    )  # fmt: skip


@pytest.fixture
def inspection(cast: Cast, team: list[Member]) -> Inspection:
    return planned(cast, team)[0]


Take = Callable[..., object]


def take(row: Inspection, act: str, who: Player, on: date, **more: object) -> None:
    """Take an act on an inspection as the player."""
    more.setdefault("words", "示例说明")
    row.refresh_from_db()
    brought = Brought(occurred_on=on, **more)  # type: ignore[arg-type]
    services.act_on_inspection(
        inspection=row, act=act, brought=brought, base_version=row.version, by=who.actor, now=NOW
    )


def served(row: Inspection, act: str, kind: str, cast: Cast, on: date, **more: object) -> None:
    """A paper that was issued by the OA reaches the unit."""
    paper = outside_paper(row, kind, cast.office.actor, row.unit_id, on=on)
    take(row, act, cast.office, on, paper=paper, way="oa", received_by="示例签收人", **more)


def line(number: int = 1, **changes: object) -> Line:
    known = {
        "title": f"示例问题{number}", "basis": f"示例标准第{number}条", "found_on": date(2024, 3, 12),
        "wanted": "整改到位", "due_on": date(2024, 4, 30),
    }  # fmt: skip
    return Line(**{**known, **changes})  # type: ignore[arg-type]


TICKS = ("现场考察", "征求公众意见", "专门听取学生、家长和教师意见")


@pytest.fixture
def on_site(cast: Cast, inspection: Inspection) -> Inspection:
    served(inspection, "notify", "inspection-notice", cast, date(2024, 3, 4))
    take(inspection, "enter", cast.office, date(2024, 3, 11))
    return inspection


@pytest.fixture
def fed_back(cast: Cast, on_site: Inspection) -> Inspection:
    """Left on 13 March with three problems; the preliminary opinion reached the school on 18 March."""
    services.keep_findings(inspection=on_site, lines=[line(1), line(2), line(3)], by=cast.office.actor, now=NOW)
    take(on_site, "leave", cast.office, date(2024, 3, 13), ticks=TICKS)
    served(on_site, "feed_back", "preliminary-opinion", cast, date(2024, 3, 18))
    return on_site


@pytest.fixture
def issued(cast: Cast, fed_back: Inspection) -> Inspection:
    take(fed_back, "defend", cast.head, date(2024, 3, 20), evidence=[proof()])
    take(fed_back, "analyse", cast.office, date(2024, 3, 25))
    served(fed_back, "issue", "opinion", cast, date(2024, 3, 29))
    return fed_back
