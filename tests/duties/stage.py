"""Inspectors for tests who may be made responsible: certified, in office since September."""

from dataclasses import replace
from datetime import date

from dudao.inspectors.models import Inspector
from dudao.places.models import Unit
from tests.cast import Cast, player
from tests.inspectors.stage import ABLE, announced, entered


def able(
    cast: Cast, name: str, number: str, *, certificate_to: date = date(2026, 8, 31), work: Unit | None = None
) -> Inspector:
    """An inspector with an account, a certificate and a running term."""
    facts = replace(
        ABLE,
        certificate_number=number,
        certificate_from=date(2023, 9, 1),
        certificate_to=certificate_to,
        work_unit=work,
    )
    row = entered(player(name, "inspector", cast.office.appointment.unit), facts)
    announced(row)
    return row
