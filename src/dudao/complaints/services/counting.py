"""Limits against floods: how many came in an hour from one address, at one board. Decided by one UPDATE."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from dudao.complaints.models import Count


@transaction.atomic
def counted(*, what: str, where: str, most: int, machine: datetime) -> bool:
    """Count one more in this hour of the machine's clock; False where there were ``most`` already.

    Args:
        what: of which limit: ``address``, ``board``, ``codes``.
        where: the network address or the board; only a keyed digest of it is kept.
        most: how many are let through.
    """
    hour = machine.strftime("%Y%m%d%H")
    key = salted_hmac("dudao.complaints.count", f"{what}|{where}|{hour}", algorithm="sha256").hexdigest()
    Count.objects.get_or_create(key=key, defaults={"last_at": machine})
    return bool(Count.objects.filter(key=key, number__lt=most).update(number=F("number") + 1, last_at=machine))
