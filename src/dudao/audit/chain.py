"""The chain in pure functions: what of an event is digested, and how one seal follows from the one before.

digest = SM3(canonical JSON of the event's fields)
chain  = SM3(canonical JSON of county, number, event key, digest, previous chain, moment of sealing)
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from dudao.audit.models import AuditEvent, Seal
from dudao_engines.kernel.digests import canonical_json, sm3_hex

# What the first seal of a county follows.
START = "0" * 64
# What is digested. A field that events get later is not added here: old seals would break.
FIELDS = (
    *("id", "county", "action", "subject_type", "subject", "summary", "facts", "by_user", "by_person", "by_name"),
    *("hat", "hat_label", "on_behalf_of", "occurred_on", "recorded_at"),
)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


def event_digest(event: AuditEvent) -> str:
    """The SM3 digest over an event as the database gives it back."""
    body = {name: _plain(getattr(event, name)) for name in FIELDS}
    return sm3_hex(canonical_json(body))


def chain_hash(seal: Seal) -> str:
    """What the chain value of a seal has to be."""
    body = [seal.county, seal.number, str(seal.event), seal.digest, seal.previous, _plain(seal.sealed_at)]
    return sm3_hex(canonical_json(body))


def next_seal(*, county: str, last: tuple[int, str] | None, event: AuditEvent, sealed_at: datetime) -> Seal:
    """The seal of an event, after the last one (number and chain value) of its county."""
    number, previous = last or (0, START)
    seal = Seal(
        county=county,
        number=number + 1,
        event=event.pk,
        digest=event_digest(event),
        previous=previous,
        sealed_at=sealed_at,
    )
    seal.chain = chain_hash(seal)
    return seal
