"""The report of an inspection: its portal address ends the report's own track."""

from datetime import date

import pytest

from dudao.disclosure import services
from dudao.disclosure.services import Words
from dudao.inspections.models import Inspection
from tests.cast import NOW, Cast
from tests.disclosure.conftest import BODY, passed, publish
from tests.findings.conftest import outside_paper, proof
from tests.inspections.conftest import (
    fed_back,
    inspection,
    inspectors,
    issued,
    on_site,
    take,
    team,
)

__all__ = ["fed_back", "inspection", "inspectors", "issued", "on_site", "team"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_submitted", [True, False])
def test_recording_the_portal_address_says_that_the_report_is_published(
    cast: Cast, set_up: None, issued: Inspection, is_submitted: bool
) -> None:
    paper = outside_paper(issued, "inspection-report", cast.office.actor, cast.school.pk, on=date(2024, 4, 1))
    if is_submitted:
        ticks = ("本级人民政府已收到", "上一级督导机构已备案")
        take(issued, "submit_report", cast.office, date(2024, 4, 2), ticks=ticks, evidence=[proof()])
    edition = services.prepare_paper(paper=paper, by=cast.staff.actor, now=NOW)
    words = Words(edition.title, BODY, "概述")
    services.change_words(edition=edition, base_version=1, words=words, remark="", by=cast.staff.actor, now=NOW)
    publish(passed(edition, cast), cast.staff)
    issued.refresh_from_db()
    # What is not submitted upwards yet stays where it is; the publication stands all the same.
    assert edition.state == "published"
    assert (issued.side_state == "published") is is_submitted
