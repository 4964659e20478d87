"""What visits add to the file of an inspector."""

from datetime import date

from django.db.models import Count, Q
from django.db.models.functions import ExtractYear

from dudao.inspectors.models import Inspector
from dudao.inspectors.sections import Section
from dudao.shell.acts import Actor
from dudao.visits.models import Visit
from dudao.visits.queries import visits_visible_to


def of_inspector(actor: Actor, inspector: Inspector, today: date) -> Section:
    """Visits by year: how many, at how many schools, how many filed; one statement."""
    rows = (
        visits_visible_to(actor)
        .filter(person=inspector.person_id, state__in=Visit.DONE, visited_on__isnull=False)
        .annotate(year=ExtractYear("visited_on"))
        .values("year")
        .annotate(
            count=Count("pk"), units=Count("unit", distinct=True), filed=Count("pk", filter=Q(state=Visit.State.FILED))
        )
        .order_by("-year")
    )
    lines = [(str(one["year"]), one["count"], one["units"], one["filed"]) for one in rows]
    return Section("到校督导", ("年度", "次数", "学校（园）", "已归档"), lines, "没有到校记录。")
