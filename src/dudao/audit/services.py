"""Writing history."""

from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from dudao.audit.models import AuditEvent
from dudao.shell.acts import Actor
from dudao.shell.clock import CHINA
from dudao.shell.errors import Refused


def record(
    *,
    action: str,
    subject: models.Model,
    summary: str,
    by: Actor,
    now: datetime,
    occurred_on: date | None = None,
    on_behalf_of: Any = None,
    **facts: Any,
) -> AuditEvent:
    """Write one event; the caller's transaction carries it together with the change.

    Args:
        action: dotted name, ``<noun>.<past participle>``, for example ``task.signed``.
        subject: the row that was acted on.
        summary: one Chinese sentence for people.
        by: who acts.
        now: the moment of recording, aware.
        occurred_on: the day it happened; today where left out.
        on_behalf_of: key of the person or unit acted for, where not the hat's own.
        facts: what is worth keeping, JSON values; no children's data, no secrets.

    Raises:
        Refused: ``audit.future``, the day lies after today.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs into the transaction of what it tells")
    today = now.astimezone(CHINA).date()
    if occurred_on and occurred_on > today:
        raise Refused("发生日期不能晚于今天。", code="audit.future", field="occurred_on")
    return AuditEvent.objects.create(
        county=by.county,
        action=action,
        subject_type=subject._meta.label_lower,
        subject=str(subject.pk),
        summary=summary[:200],
        facts=facts,
        by_user=by.user,
        by_person=by.person,
        by_name=by.name,
        hat=by.hat,
        hat_label=by.hat_label,
        on_behalf_of=on_behalf_of or by.on_behalf_of,
        occurred_on=occurred_on or today,
        recorded_at=now,
    )
