"""What schools are to correct on the region's platform."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.returns import checking
from dudao.returns.models import Campaign, Correction
from dudao.returns.queries.imports import Side, compare
from dudao.returns.services.rights import manages
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao_engines.standards import reading


@transaction.atomic
def propose_corrections(*, campaign: Campaign, by: Actor, now: datetime) -> int:
    """Take into the list every number on the platform that somebody has already said to be wrong: the check on site, or the school
    itself. What is in the list already stays.

    Returns:
        How many came into it.

    Raises:
        Refused: ``returns.not_allowed``.
    """
    manages(by)
    made = [
        _made(campaign, side, *side.proposal, by=by, now=now)
        for side in compare(by, campaign)
        if side.correction is None and side.proposal[0]
    ]
    Correction.objects.bulk_create(made)
    if made:
        audit.record(
            action="correction.asked", subject=campaign, summary=f"列入平台改正清单 {len(made)} 项", by=by, now=now
        )
    return len(made)


def _made(campaign: Campaign, side: Side, right: str, why: str, *, by: Actor, now: datetime) -> Correction:
    return Correction(
        campaign=campaign,
        unit_id=side.unit,
        code=side.field.code,
        found=side.reading.value if side.reading else "",
        right=right,
        why=why[:200],
        made_by=by.person,
        made_name=by.name,
        made_at=now,
    )


@transaction.atomic
def ask_correction(
    *, campaign: Campaign, unit: UUID, code: str, right: str, why: str, by: Actor, now: datetime
) -> Correction:
    """Say that a number on the platform is wrong, what is right, and why.

    Args:
        right: as typed; read as the field wants it.

    Raises:
        Refused: ``returns.not_allowed``; ``corrections.unit``, ``corrections.field`` unknown; ``corrections.value`` cannot be read, or
            is what the platform says; ``corrections.why``.
        Conflict: ``corrections.twice``: it is in the list already.
    """
    manages(by)
    field = checking.form_of(campaign).get(code)
    if field is None:
        raise Refused("表里没有这一项。", code="corrections.field")
    side = next((one for one in compare(by, campaign, unit=unit) if one.field.code == code), None)
    if side is None:
        raise Refused("这个单位没有这一项的数据。", code="corrections.unit")
    read = reading.read(right, field)
    if read.problem or read.value is None:
        raise Refused(read.problem or "请填写正确的值。", code="corrections.value", field="right")
    value = reading.stored(read.value)
    if side.reading and value == side.reading.value:
        raise Refused("平台上已经是这个值。", code="corrections.value", field="right")
    if not why.strip():
        raise Refused("请写明依据，学校才知道为什么改。", code="corrections.why", field="why")
    try:
        with transaction.atomic():
            made = _made(campaign, side, value, why.strip(), by=by, now=now)
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict("这一项已经在改正清单里。", code="corrections.twice") from None
    audit.record(
        action="correction.asked",
        subject=campaign,
        summary=f"列入平台改正清单：{side.name}，{field.label}",
        by=by,
        now=now,
        unit=str(unit),
        item=code,
    )
    return made


@transaction.atomic
def drop_correction(*, correction: Correction, by: Actor, now: datetime) -> None:
    """Take a number out of the list: it need not be corrected.

    Raises:
        Refused: ``returns.not_allowed``.
        Conflict: ``corrections.state``: it is settled already.
    """
    manages(by)
    rows = Correction.objects.filter(pk=correction.pk, state=Correction.State.OPEN)
    if not rows.update(state=Correction.State.DROPPED, settled_at=now, settled_name=by.name):
        raise Conflict("这一项已经了结。", code="corrections.state")
    audit.record(
        action="correction.dropped",
        subject=correction.campaign,
        summary="移出平台改正清单",
        by=by,
        now=now,
        unit=str(correction.unit_id),
        item=correction.code,
    )
