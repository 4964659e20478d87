"""At the same moment: one sign-in is one, numbers of certificates do not repeat."""

from datetime import UTC, date, datetime, time

import pytest

from dudao.inspectors.models import Inspector
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.training import services
from dudao.training.models import Attendance, Batch, Certificate, Session
from tests.cast import NOW, TODAY, county_cast, player
from tests.inspectors.stage import announced, entered
from tests.plan.test_race import at_once
from tests.training.stage import came, planned, session

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_taps_twice_is_signed_in_once() -> None:
    cast = county_cast()
    one = player("督学子", "inspector", cast.office.appointment.unit)
    row = entered(one)
    announced(row)
    where = session(planned([row], starts_on=TODAY, ends_on=TODAY), begins=time(10), ends=time(12))
    now = datetime(2024, 4, 10, 2, 0, tzinfo=UTC)
    code = services.code(where, now)

    def tap() -> None:
        here = Session.objects.select_related("batch").get(pk=where.pk)
        services.sign_in(session=here, code=code, by=one.actor, now=now)

    assert at_once([tap] * 3) == []
    assert Attendance.objects.count() == 1


def test_two_who_give_certificates_at_once_give_no_number_twice() -> None:
    cast = county_cast()
    rows = [
        entered(player(f"督学{sign}", "inspector", cast.office.appointment.unit, username=f"i{sign}")) for sign in "ab"
    ]
    for row in rows:
        announced(row)
    batches = [planned([row]) for row in rows]
    for batch, row in zip(batches, rows, strict=True):
        came(session(batch), row)

    def issue(at: int) -> None:
        services.issue_certificates(
            batch=Batch.objects.get(pk=batches[at].pk), inspectors=[Inspector.objects.select_related("person").get(pk=rows[at].pk)],
            issued_on=date(2024, 3, 11), by=system("640122"), now=NOW,
        )  # fmt: skip

    errors = at_once([lambda: issue(0), lambda: issue(1)])
    # On SQLite they come one after the other; on PostgreSQL one may be told to look again.
    assert all(isinstance(error, Refused) for error in errors)
    numbers = list(Certificate.objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) == 2 - len(errors)
