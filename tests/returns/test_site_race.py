"""Two checkers, one moment, each on a connection of their own."""

from dataclasses import replace

import pytest
from django.db import connection

from dudao.findings.models import Finding
from dudao.returns.models import Cell, CellCheck, SchoolCheck
from dudao.returns.services import site_adoption
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7
from tests.cast import NOW, Cast, Player
from tests.plan.test_race import at_once
from tests.returns.test_site import (
    WRONG,
    adopt,
    check,
    checked,
    head_signs,
    inspectors,
    record,
    reported,
    row,
    same,
    sign,
)

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["check", "checked", "inspectors", "reported", "row"]


def fresh(check: SchoolCheck) -> SchoolCheck:
    return SchoolCheck.objects.select_related("round__campaign", "ret").get(pk=check.pk)


def test_two_who_write_one_cell_at_once_leave_one_row_and_one_is_told(
    check: SchoolCheck, inspectors: list[Player]
) -> None:
    ones = [fresh(check), fresh(check)]
    entries = [replace(WRONG, found=str(805 + at), key=uuid7()) for at in range(2)]
    errors = at_once([lambda at=at: record(ones[at], inspectors[at], entries[at]) for at in range(2)])  # type: ignore[misc]
    assert len(errors) == 1 and isinstance(errors[0], Refused) and errors[0].code == "checks.cell_changed"
    assert CellCheck.objects.get().found in ("805", "806")


def test_two_who_write_different_cells_at_once_both_do(check: SchoolCheck, inspectors: list[Player]) -> None:
    ones = [fresh(check), fresh(check)]
    entries = [WRONG, same("area_teaching_aux")]
    assert at_once([lambda at=at: record(ones[at], inspectors[at], entries[at]) for at in range(2)]) == []  # type: ignore[misc]
    check.refresh_from_db()
    assert CellCheck.objects.count() == 2 and check.version == 3 and check.state == "checking"


def test_two_who_sign_at_once_take_one_place_each(check: SchoolCheck, inspectors: list[Player]) -> None:
    record(check, inspectors[0], WRONG)
    ones = [fresh(check), fresh(check)]
    assert at_once([lambda at=at: sign(ones[at], inspectors[at]) for at in range(2)]) == []  # type: ignore[misc]
    check.refresh_from_db()
    assert check.state == "checked" and [one.place for one in check.signatures.order_by("place")] == [1, 2]
    assert Cell.objects.get(ret=check.ret, code="students_primary").found == "805"


def test_one_who_signs_twice_at_once_signs_once(check: SchoolCheck, inspectors: list[Player]) -> None:
    record(check, inspectors[0], WRONG)
    ones = [fresh(check), fresh(check)]
    errors = at_once([lambda at=at: sign(ones[at], inspectors[0]) for at in range(2)])  # type: ignore[misc]
    assert len(errors) == 1 and isinstance(errors[0], Refused)
    assert check.signatures.count() == 1


def test_a_cell_written_at_the_moment_of_a_signature_is_signed_for_or_refused(
    check: SchoolCheck, inspectors: list[Player]
) -> None:
    record(check, inspectors[0], WRONG)
    ones = [fresh(check), fresh(check)]
    errors = at_once(
        [
            lambda: record(ones[0], inspectors[0], same("area_teaching_aux")),
            lambda: sign(ones[1], inspectors[1]),
        ]
    )
    check.refresh_from_db()
    assert all(isinstance(error, Refused) for error in errors)
    signed = check.signatures.filter(ended_at__isnull=True).first()
    written = CellCheck.objects.count()
    # Either the signature came first and the cell was refused, or the cell came first and the signer was told or saw it.
    assert (signed is None and written == 2) or (signed is not None and written in (1, 2))
    if signed is not None and written == 2:
        assert check.version == 3 and not errors


def test_two_who_register_one_difference_at_once_make_one_finding(cast: Cast, checked: SchoolCheck) -> None:
    ones = [fresh(checked), fresh(checked)]
    errors = at_once(
        [
            lambda at=at: site_adoption.register_difference(  # type: ignore[misc]
                check=ones[at], codes=["students_primary"], by=(cast.office, cast.staff)[at].actor, now=NOW
            )
            for at in range(2)
        ]
    )
    assert len(errors) == 1 and isinstance(errors[0], Refused)
    assert Finding.objects.count() == 1


def test_two_who_adopt_at_once_adopt_once(cast: Cast, checked: SchoolCheck) -> None:
    head_signs(checked, cast.head)
    ones = [fresh(checked), fresh(checked)]
    errors = at_once([lambda at=at: adopt(ones[at], (cast.office, cast.staff)[at]) for at in range(2)])  # type: ignore[misc]
    assert len(errors) == 1 and isinstance(errors[0], Refused)
    assert connection.vendor and checked.cells.get(code="students_primary").adopted == "805"
