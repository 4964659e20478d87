"""What of duties belongs on the workbench."""

from collections import Counter
from datetime import date

from django.urls import reverse

from dudao.duties.coverage import GAPS, coverage
from dudao.shell.acts import Actor
from dudao.shell.desk import Light


def lights(actor: Actor, *, today: date) -> list[Light]:
    """Schools without a valid responsible inspector, and inspectors with too many, for the office and leaders."""
    found = coverage(actor, day=today)
    if found is None or not found.places:
        return []
    address, lines = reverse("duties:coverage"), []
    if found.gaps:
        counts = Counter(one.gap for one in found.gaps)
        note = "，".join(f"{words} {counts[code]} 所" for code, (words, _) in GAPS.items() if counts[code])
        lines.append(Light("late", f"{len(found.gaps)} 所", "学校（园）缺责任督学", f"{address}?chip=gap", note))
    if heavy := [one for one in found.loads if one.too_many]:
        names = "、".join(f"{one.name} {len(one.places)} 所" for one in heavy)
        lines.append(
            Light(
                "soon", f"{len(heavy)} 名", f"责任督学负责的学校超过 {heavy[0].most} 所", f"{address}?chip=heavy", names
            )
        )
    return lines
