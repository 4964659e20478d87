"""Several people at the same moment, on the database that is there."""

from typing import Any

import pytest

from dudao.complaints import services
from dudao.complaints.models import Complaint, ComplaintStep, Count
from dudao.shell.acts import system
from dudao.shell.keys import uuid7
from tests.cast import NOW, TODAY, county_cast
from tests.complaints.stage import received, said
from tests.dossiers.test_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_two_clicks_one_number_each_one_of_two_acts_and_no_more_than_the_limit() -> None:
    cast, by, key = county_cast(), system("640122"), uuid7()
    codes: list[str] = []

    def click() -> None:
        codes.append(services.receive(said=said(cast), sent_key=key, by=by, now=NOW).code)

    assert at_once(*[click] * 3) == ["done"] * 3
    assert Complaint.objects.count() == ComplaintStep.objects.count() == 1 and len(set(codes)) == 1
    assert at_once(*[lambda: received(cast)] * 4) == ["done"] * 4
    assert sorted(Complaint.objects.values_list("serial", flat=True)) == [1, 2, 3, 4, 5]

    row = Complaint.objects.get(serial=1)

    def accept(who: Any) -> None:
        services.accept(
            complaint=Complaint.objects.get(pk=row.pk),
            base_version=1,
            title=who.name,
            about=None,
            occurred_on=TODAY,
            by=who,
            now=NOW,
        )

    said_to = at_once(lambda: accept(cast.office.actor), lambda: accept(cast.staff.actor))
    assert said_to in (["complaints.changed", "done"], ["complaints.state", "done"]) and row.steps.count() == 2

    through: list[bool] = []
    at_once(*[lambda: through.append(services.counted(what="address", where="10.0.0.1", most=3, machine=NOW))] * 6)
    assert through.count(True) == 3 == Count.objects.get().number
