"""Days on which inspectors cannot be sent anywhere: said by the office or by themselves, heeded by who makes teams."""

from datetime import date, datetime

from django.db import transaction

from dudao.audit import services as audit
from dudao.inspectors.models import Absence, Inspector
from dudao.inspectors.services.rights import manages
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused

_LONGEST = 366


def _theirs(inspector: Inspector, by: Actor) -> None:
    if not manages(by) and inspector.person_id not in by.hands:
        raise Refused("不能参加的日子由本人或督导室登记。", code="inspectors.not_allowed")


@transaction.atomic
def record_absence(
    *, inspector: Inspector, start_on: date, end_on: date, reason: str = "", by: Actor, now: datetime
) -> Absence:
    """Say on which days somebody cannot come; days ahead as well as past ones.

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.dates``, the days run back, or are more than a year;
            ``inspectors.twice``, they overlap days that are said already.
    """
    _theirs(inspector, by)
    if end_on < start_on:
        raise Refused("止日不能早于起日。", code="inspectors.dates", field="end_on")
    if (end_on - start_on).days >= _LONGEST:
        raise Refused("超过一年的，请结束任期或分次登记。", code="inspectors.dates", field="end_on")
    standing = inspector.absences.filter(taken_back_at__isnull=True, start_on__lte=end_on, end_on__gte=start_on)
    if other := standing.first():
        raise Refused(
            f"和 {other.start_on}—{other.end_on} 重叠，先撤回那一段。", code="inspectors.twice", field="start_on"
        )
    row = Absence.objects.create(
        inspector=inspector,
        start_on=start_on,
        end_on=end_on,
        reason=reason.strip(),
        by_person=by.person,
        recorded_at=now,
    )
    audit.record(
        action="absence.recorded", subject=inspector, summary=f"登记不能参加的日子：{inspector.person.name}", by=by, now=now,
        absence=str(row.pk), start_on=start_on.isoformat(), end_on=end_on.isoformat(),
    )  # fmt: skip
    return row


@transaction.atomic
def take_back_absence(*, absence: Absence, by: Actor, now: datetime) -> None:
    """It came otherwise: the days count no more.

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.state``, taken back already.
    """
    inspector = absence.inspector
    _theirs(inspector, by)
    if not Absence.objects.filter(pk=absence.pk, taken_back_at__isnull=True).update(taken_back_at=now):
        raise Refused("这一段已经撤回。", code="inspectors.state")
    audit.record(
        action="absence.taken_back", subject=inspector, summary=f"撤回不能参加的日子：{inspector.person.name}", by=by, now=now,
        absence=str(absence.pk),
    )  # fmt: skip
