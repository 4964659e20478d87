"""What of complaints belongs on the workbench."""

from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from dudao.complaints import queries
from dudao.complaints.models import Complaint
from dudao.shell.acts import Actor
from dudao.shell.desk import Light

S = Complaint.State


def lights(actor: Actor, *, today: date) -> list[Light]:
    """What is late, new or reported for the office; what is still to be reported for the inspector."""
    handles = queries.handles(actor)
    if not (handles or actor.can("inspector.self")):
        return []
    found = queries.complaints_visible_to(actor, day=today).aggregate(
        late=Count("pk", filter=queries.late(today)),
        new=Count("pk", filter=Q(state=S.RECEIVED)),
        reported=Count("pk", filter=Q(state=S.HANDED, reported_on__isnull=False)),
        mine=Count("pk", filter=Q(state=S.HANDED, reported_on__isnull=True)),
    )
    lines = [("late", "late", "投诉逾期", "?chip=late")]
    if handles:
        lines += [
            ("new", "soon", "投诉待受理", "?chip=new"),
            ("reported", "soon", "投诉已报告，待答复", "?chip=reported"),
        ]
    else:
        lines.append(("mine", "soon", "投诉转您办理，待报告", ""))
    address = reverse("complaints:list")
    return [
        Light(tone, f"{found[name]} 件", title, f"{address}{query}")
        for name, tone, title, query in lines
        if found[name]
    ]
