"""Writing units."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from pypinyin import Style, lazy_pinyin

from dudao.audit import services as audit
from dudao.places.models import Unit, UnitVersion
from dudao.shell.acts import Actor


def sort_key(name: str) -> str:
    """Pinyin with tone numbers, so that names stand in the order of a Chinese dictionary on every database."""
    return " ".join(lazy_pinyin(name, style=Style.TONE3, neutral_tone_with_five=True))


@transaction.atomic
def open_unit(*, code: str, name: str, kind: str, valid_from: date, by: Actor, now: datetime, **more: Any) -> Unit:
    """Enter a unit with its first version.

    Args:
        code: 标识码, unique in the county.
        name, kind, valid_from: of the first version.
        more: other fields of ``UnitVersion``.
    """
    unit = Unit.objects.create(county=by.county, code=code)
    UnitVersion.objects.create(unit=unit, name=name, kind=kind, valid_from=valid_from, sort_key=sort_key(name), **more)
    audit.record(
        action="unit.opened",
        subject=unit,
        summary=f"登记单位：{name}",
        by=by,
        now=now,
        occurred_on=min(valid_from, now.date()),
    )
    return unit
