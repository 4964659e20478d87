"""The county's list of root causes. One that is used is never deleted, only taken out of use."""

from datetime import datetime
from functools import cache

import yaml
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.db.models.deletion import ProtectedError

from dudao.audit import services as audit
from dudao.findings.models import Cause
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused


@cache
def usual_causes() -> tuple[str, ...]:
    """What a county may begin with (``library/causes.yaml``)."""
    return tuple(yaml.safe_load((settings.LIBRARY / "causes.yaml").read_text("utf-8"))["causes"])


def _office(by: Actor) -> None:
    if not by.can("loop.office"):
        raise Refused("原因清单由督导室维护。", code="causes.not_allowed")


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("请填写原因。", code="causes.name", field="name")
    if len(name) > 40:
        raise Refused("原因不超过 40 个字。", code="causes.name", field="name")
    return name


@transaction.atomic
def add_cause(*, name: str, by: Actor, now: datetime) -> Cause:
    """Put a cause at the end of the list.

    Raises:
        Refused: ``causes.not_allowed``, ``causes.name``, ``causes.twice``.
    """
    _office(by)
    name = _name(name)
    last = Cause.objects.filter(county=by.county).aggregate(last=Max("position"))["last"]
    try:
        with transaction.atomic():
            cause = Cause.objects.create(county=by.county, name=name, position=0 if last is None else last + 1)
    except IntegrityError:
        raise Refused(f"清单里已经有“{name}”。", code="causes.twice", field="name") from None
    audit.record(action="cause.added", subject=cause, summary=f"增加问题原因：{name}", by=by, now=now)
    return cause


@transaction.atomic
def add_usual_causes(*, by: Actor, now: datetime) -> int:
    """Add those of the usual causes that the list lacks; returns how many.

    Raises:
        Refused: ``causes.not_allowed``.
    """
    _office(by)
    held = set(Cause.objects.filter(county=by.county).values_list("name", flat=True))
    missing = [name for name in usual_causes() if name not in held]
    for name in missing:
        add_cause(name=name, by=by, now=now)
    return len(missing)


@transaction.atomic
def change_cause(*, cause: Cause, base_version: int, name: str, is_used: bool, by: Actor, now: datetime) -> None:
    """Call a cause something else, or take it into or out of use; findings keep it.

    Raises:
        Refused: as ``add_cause``.
        Conflict: ``causes.changed``.
    """
    _office(by)
    name = _name(name)
    try:
        with transaction.atomic():
            rows = Cause.objects.filter(pk=cause.pk, county=by.county, version=base_version)
            written = rows.update(name=name, is_used=is_used, version=F("version") + 1)
    except IntegrityError:
        raise Refused(f"清单里已经有“{name}”。", code="causes.twice", field="name") from None
    if not written:
        raise Conflict("别人刚刚改过这条原因，请看过最新的再改。", code="causes.changed")
    before = cause.name
    cause.refresh_from_db()
    words = f"问题原因“{before}”改为“{name}”" if before != name else f"问题原因：{name}"
    audit.record(
        action="cause.changed", subject=cause, summary=f"{words}，{'使用' if is_used else '停用'}", by=by, now=now
    )


@transaction.atomic
def move_cause(*, cause: Cause, up: bool, by: Actor, now: datetime) -> None:
    """Let a cause change places with the one before or after it; nothing where it is the first or last.

    Raises:
        Refused: ``causes.not_allowed``.
    """
    _office(by)
    rows = list(Cause.objects.filter(county=by.county).order_by("position", "pk"))
    at = next((i for i, row in enumerate(rows) if row.pk == cause.pk), None)
    to = None if at is None else at - 1 if up else at + 1
    if at is None or to is None or not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for position, row in enumerate(rows):
        row.position = position
    Cause.objects.bulk_update(rows, ["position"])
    audit.record(action="cause.moved", subject=cause, summary=f"调整问题原因的次序：{cause.name}", by=by, now=now)


@transaction.atomic
def drop_cause(*, cause: Cause, by: Actor, now: datetime) -> None:
    """Delete a cause that no finding ever had.

    Raises:
        Refused: ``causes.not_allowed``, ``causes.used``.
    """
    _office(by)
    audit.record(action="cause.dropped", subject=cause, summary=f"删除问题原因：{cause.name}", by=by, now=now)
    try:
        with transaction.atomic():
            cause.delete()
    except ProtectedError:
        raise Refused("有问题用着这条原因，不能删除，可以停用。", code="causes.used") from None
