"""Inspections stand in the queue with the rest, and the check looks at them too."""

import pytest

from dudao.findings import checking, services, waiting
from dudao.inspections.models import Inspection
from tests.cast import NOW, TODAY, Cast
from tests.findings.conftest import facts

pytestmark = pytest.mark.django_db


def test_an_inspection_waits_with_its_next_act(inspection: Inspection) -> None:
    [one] = waiting.read([inspection], today=TODAY)
    assert [step.name for step in one.steps] == ["送达督导通知"]
    assert checking.check("640122", today=TODAY).faults == []


def test_an_inspection_archived_over_an_open_finding_is_a_fault(cast: Cast, inspection: Inspection) -> None:
    services.register_finding(facts=facts(cast, origin=inspection), by=cast.office.actor, now=NOW)
    Inspection.objects.filter(pk=inspection.pk).update(state="archived")
    found = {one.code for one in checking.check("640122", today=TODAY).faults}
    assert "inspection.archived" in found
