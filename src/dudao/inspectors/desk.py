"""What of the register belongs on the workbench."""

from datetime import date

from django.urls import reverse

from dudao.inspectors.endings import endings
from dudao.inspectors.models import Recusal
from dudao.inspectors.services.rights import manages
from dudao.shell.acts import Actor
from dudao.shell.desk import Light

_NAMED = 8


def lights(actor: Actor, *, today: date) -> list[Light]:
    """Certificates and terms that end, for the office all and for an inspector the own; recusals that wait to be decided."""
    if not manages(actor) and not actor.can("inspector.self"):
        return []
    lines = []
    office, address = manages(actor), reverse("inspectors:list")
    if found := endings(actor, today=today):
        late = [one for one in found if one.day < today]
        for tone, those, title in (
            ("late", late, "督学证或任期已过"),
            ("soon", [one for one in found if one.day >= today], "督学证或任期快到期"),
        ):
            if not those:
                continue
            if office:
                names = "、".join(dict.fromkeys(one.name for one in those[:_NAMED]))
                note = names + (f"等 {len(those)} 项" if len(those) > _NAMED else "")
                chip = "over" if tone == "late" else "ending"
                lines.append(Light(tone, f"{len(those)} 项", title, f"{address}?chip={chip}", note))
            else:
                note = "；".join(one.words(today) for one in those)
                lines.append(
                    Light(tone, "已过" if tone == "late" else "快到期", title, reverse("inspectors:mine"), note)
                )
    if office and (
        waiting := Recusal.objects.filter(county=actor.county, state=Recusal.State.PENDING)
        .exclude(by_person__in=actor.hands)
        .count()
    ):
        lines.append(Light("wait", f"{waiting} 件", "督学回避待决定", f"{address}?chip=recusal"))
    return lines
