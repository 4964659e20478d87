"""Reading history."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from dudao.audit import words
from dudao.audit.models import AuditEvent, Seal
from dudao.shell.acts import Actor

# Events become visible in the order of their commits, not of their keys. A transaction does not stay open for an hour;
# what did all the same is taken by the daily full pass.
_MARGIN_MS = int(timedelta(hours=1).total_seconds() * 1000)

# Kinds of object that are no rows.
NAMES = {"keys": "密钥", "backup": "备份", "retention": "保存期限", "audit.export": "留痕导出"}


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal of a county: kept elsewhere, it shows later that nothing before it was changed or cut off."""

    county: str
    number: int
    chain: str
    sealed_at: datetime


def events_visible_to(actor: Actor) -> QuerySet[AuditEvent]:
    """The county's history, for those who may read it (审计管理员); newest first."""
    events = AuditEvent.objects.filter(county=actor.county).order_by("-recorded_at", "-pk")
    return events if actor.can("audit.read") else events.none()


def history(actor: Actor, *subjects: models.Model | Iterable[models.Model]) -> QuerySet[AuditEvent]:
    """What happened to rows that the reader may see, the latest first; the caller has scoped the rows.

    Args:
        subjects: rows, or several of one model at once.
    """
    wanted = Q(pk__in=[])
    for subject in subjects:
        rows = [subject] if isinstance(subject, models.Model) else list(subject)
        if rows:
            wanted |= Q(subject_type=rows[0]._meta.label_lower, subject__in=[str(row.pk) for row in rows])
    return AuditEvent.objects.filter(wanted, county=actor.county).order_by("-recorded_at", "-pk")


def actions(actor: Actor) -> list[tuple[str, str]]:
    """The actions in the county's history with their names, by steps in the index."""
    found: list[str] = []
    codes = events_visible_to(actor).order_by("action").values_list("action", flat=True)
    while code := codes.filter(action__gt=found[-1] if found else "").first():
        found.append(code)
    return [(code, words.action(code)) for code in found]


def subject_types(actor: Actor) -> list[tuple[str, str]]:
    """The kinds of object in the county's history with their names, by steps in the index."""
    found: list[tuple[str, str]] = []
    rows = events_visible_to(actor).order_by("subject_type").values_list("subject_type", flat=True)
    while kind := rows.filter(subject_type__gt=found[-1][0] if found else "").first():
        found.append((kind, kind_name(kind)))
    return found


def kind_name(subject_type: str) -> str:
    """What a kind of object is called."""
    model = _model(subject_type)
    return str(model._meta.verbose_name) if model else NAMES.get(subject_type, subject_type)


def is_sensitive(event: AuditEvent) -> bool:
    """Whether the event tells of an object that holds sensitive data; reading it leaves a line of its own."""
    data = getattr(_model(event.subject_type), "Data", None)
    return bool(getattr(data, "sensitive", None)) or event.action == "file.opened"


def _model(subject_type: str) -> type[models.Model] | None:
    try:
        return apps.get_model(subject_type)
    except (LookupError, ValueError):
        return None


def unsealed(county: str, *, full: bool = False) -> QuerySet[AuditEvent]:
    """Events that have no seal yet, by what is visible now, in the order of recording.

    Args:
        county: whose.
        full: look through the whole history, not only the neighbourhood of the newest seal.
    """
    events = AuditEvent.objects.filter(county=county)
    if not full and (last := Seal.objects.filter(county=county).order_by("-number").first()):
        newest_ms = last.event.int >> 80
        events = events.filter(pk__gte=uuid.UUID(int=max(newest_ms - _MARGIN_MS, 0) << 80))
    return events.filter(~Exists(Seal.objects.filter(event=OuterRef("pk")))).order_by("recorded_at", "pk")


def counties() -> list[str]:
    """Every county that has a history, by one step in the index each."""
    found: list[str] = []
    rows = AuditEvent.objects.order_by("county").values_list("county", flat=True)
    while county := rows.filter(county__gt=found[-1] if found else "").first():
        found.append(county)
    return found


def head(county: str) -> Head | None:
    last = Seal.objects.filter(county=county).order_by("-number").first()
    return Head(county, last.number, last.chain, last.sealed_at) if last else None


def heads() -> list[Head]:
    """The newest seal of every county that has one."""
    sealed: list[str] = []
    rows = Seal.objects.order_by("county").values_list("county", flat=True)
    while county := rows.filter(county__gt=sealed[-1] if sealed else "").first():
        sealed.append(county)
    return [found for county in sealed if (found := head(county))]


def seal_of(event: AuditEvent) -> Seal | None:
    return Seal.objects.filter(event=event.pk).first()


def seals_with_events(county: str, *, after: int = 0, page: int = 1000) -> Iterator[tuple[Seal, AuditEvent | None]]:
    """The chain in order, each seal with its event where that still exists; constant memory."""
    while rows := list(Seal.objects.filter(county=county, number__gt=after).order_by("number", "pk")[:page]):
        events = AuditEvent.objects.in_bulk([row.event for row in rows])
        for row in rows:
            yield row, events.get(row.event)
        after = rows[-1].number
