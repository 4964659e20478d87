"""Two people change the same row at once: the one UPDATE by version decides, on every database alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Model


def claimed(row: Model, base_version: int, changes: Mapping[str, Any], **still: Any) -> bool:
    """Change a row that is still as its reader saw it, and read it again.

    Args:
        row: of a model with ``version``; afterwards as it stands now, changed or not.
        base_version: the version that the reader saw.
        changes: values by field.
        still: conditions on the row itself, as for ``filter``. Over a join they would not hold: PostgreSQL does not look at
            the other row again after it has waited for somebody else's change.

    Returns:
        Whether it was changed; else somebody was faster, or a condition does not hold, and the caller says which.
    """
    rows = type(row)._default_manager.filter(pk=row.pk, version=base_version, **still)
    changed = rows.update(version=F("version") + 1, **changes)
    row.refresh_from_db()
    return bool(changed)
