"""Many at once: every finding has a number of its own, and of two officers one wins."""

import pytest

from dudao.findings import services
from dudao.findings.models import Finding
from dudao.procedures.models import Act
from dudao.shell.errors import Conflict
from tests.cast import NOW, county_cast
from tests.findings.conftest import act, facts, proof, tell_on_paper
from tests.plan.test_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_findings_registered_at_once_are_numbered_without_gap() -> None:
    cast = county_cast()
    wanted = facts(cast)
    errors = at_once([lambda: services.register_finding(facts=wanted, by=cast.office.actor, now=NOW)] * 12)
    assert errors == []
    assert sorted(Finding.objects.values_list("serial", flat=True)) == list(range(1, 13))


def test_of_two_who_recheck_at_once_one_wins() -> None:
    cast = county_cast()
    finding = tell_on_paper(cast, services.register_finding(facts=facts(cast), by=cast.office.actor, now=NOW))
    act(finding, "report", cast.head, finding.state_since, evidence=[proof()])
    seen = [Finding.objects.get(pk=finding.pk) for _ in range(2)]
    proofs = [proof("甲.png"), proof("乙.png")]
    errors = at_once(
        [
            lambda: act(seen[0], "recheck_passed", cast.office, finding.state_since, evidence=[proofs[0]]),
            lambda: act(seen[1], "recheck_failed", cast.staff, finding.state_since, evidence=[proofs[1]]),
        ]
    )
    assert [type(error) for error in errors] == [Conflict]
    assert Act.objects.filter(subject=finding.pk, code__startswith="recheck").count() == 1
