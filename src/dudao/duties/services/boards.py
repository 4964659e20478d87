"""Boards at the gates, and what they say of people and of the office."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from dudao.accounts import services as accounts
from dudao.audit import services as audit
from dudao.duties.models import Board, OfficeContact, PublicContact
from dudao.duties.services.rights import may_manage
from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused


def boards_of(units: Collection[UUID], *, county: str, now: datetime) -> dict[UUID, Board]:
    """The boards of these units, made where there was none; inside the caller's transaction."""
    made = [Board(county=county, unit_id=unit, recorded_at=now) for unit in sorted(units)]
    Board.objects.bulk_create(made, ignore_conflicts=True)
    # In one order, so that two who assign the same schools do not wait for each other crosswise.
    return {one.unit_id: one for one in Board.objects.filter(county=county, unit__in=units).order_by("unit")}


@transaction.atomic
def make_boards(*, units: Collection[UUID], by: Actor, now: datetime) -> dict[UUID, Board]:
    """Boards for units that have none yet, a unit without an inspector say. Those that are there stay as they are.

    Raises:
        Refused: ``duties.not_allowed``.
    """
    may_manage(by)
    known = set(Board.objects.filter(county=by.county, unit__in=units).values_list("unit", flat=True))
    found = boards_of(units, county=by.county, now=now)
    if new := [one for unit, one in found.items() if unit not in known]:
        audit.record(
            action="board.made", subject=new[0], summary=f"制作 {len(new)} 块公示牌", by=by, now=now,
            units=[str(one.unit_id) for one in new],
        )  # fmt: skip
    return found


@transaction.atomic
def keep_public_contact(
    *, inspector: Inspector, base_version: int, phone: str, by: Actor, now: datetime
) -> PublicContact:
    """The number of an inspector that stands on boards for everybody; empty takes it off.

    Args:
        base_version: as the reader saw it; 0 where there was none.

    Raises:
        Refused: ``duties.not_allowed``; ``accounts.phone``.
        Conflict: ``duties.changed``.
    """
    may_manage(by)
    number = accounts.phone_number(phone)
    row, is_new = PublicContact.objects.get_or_create(inspector=inspector, defaults={"phone": number})
    if not is_new or base_version:
        rows = PublicContact.objects.filter(pk=row.pk, version=base_version)
        if not rows.update(phone=number, version=F("version") + 1):
            raise Conflict("别人刚刚改过公示电话，请刷新后再看。", code="duties.changed")
        row.refresh_from_db()
    # Whose, and no number: what is public may be taken back.
    audit.record(
        action="board.contact_kept", subject=inspector, summary=f"登记公示电话：{inspector.person.name}", by=by, now=now
    )
    return row


@transaction.atomic
def keep_public_contacts(*, said: Sequence[tuple[Inspector, int, str]], by: Actor, now: datetime) -> None:
    """Several at once: inspector, base version, number. One that is wrong writes none.

    Raises:
        Refused, Conflict: as ``keep_public_contact``; ``field`` is ``phone_<key of the inspector>``.
    """
    for inspector, base_version, phone in said:
        try:
            keep_public_contact(inspector=inspector, base_version=base_version, phone=phone, by=by, now=now)
        except Refused as refusal:
            refusal.field = f"phone_{inspector.pk}"
            raise


@transaction.atomic
def keep_office_contact(
    *, base_version: int, name: str, phone: str, hours: str, by: Actor, now: datetime
) -> OfficeContact:
    """What every board says of the office.

    Raises:
        Refused: ``duties.not_allowed``, ``duties.words``; ``accounts.phone``.
        Conflict: ``duties.changed``.
    """
    may_manage(by)
    if not name.strip():
        raise Refused("请填写督导机构名称。", code="duties.words", field="name")
    said = {"name": name.strip(), "phone": accounts.phone_number(phone), "hours": hours.strip()}
    row, is_new = OfficeContact.objects.get_or_create(county=by.county, defaults=said)
    if not is_new or base_version:
        rows = OfficeContact.objects.filter(pk=row.pk, version=base_version)
        if not rows.update(version=F("version") + 1, **said):
            raise Conflict("别人刚刚改过，请刷新后再看。", code="duties.changed")
        row.refresh_from_db()
    audit.record(
        action="board.office_kept", subject=row, summary="修改公示牌上的督导机构信息", by=by, now=now, name=said["name"],
        phone=said["phone"], hours=said["hours"],
    )  # fmt: skip
    return row
