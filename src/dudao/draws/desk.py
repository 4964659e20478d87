"""What of draws belongs on the workbench."""

from datetime import date

from django.db.models import Q
from django.urls import reverse

from dudao.draws import queries
from dudao.draws.models import Draw
from dudao.draws.services.rights import manages
from dudao.shell.acts import Actor
from dudao.shell.desk import Light


def lights(actor: Actor, *, today: date) -> list[Light]:
    """For the office, draws whose seed can be published now, and those that can be run."""
    if not manages(actor):
        return []
    ready = Q(state=Draw.State.SEEDED) | Q(state=Draw.State.FROZEN, event_on__lte=today)
    rows = queries.draws_visible_to(actor).filter(ready).only("purpose", "state").order_by("frozen_at")[:5]
    return [
        Light("go", "可以抽取" if one.state == Draw.State.SEEDED else "种子可以公布", f"随机抽取：{one.purpose}",
              reverse("draws:draw", args=[one.pk]))
        for one in rows
    ]  # fmt: skip
