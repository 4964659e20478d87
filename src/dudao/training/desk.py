"""What of the training belongs on the workbench."""

from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.urls import reverse

from dudao.shell.acts import Actor
from dudao.shell.desk import Light
from dudao.training.models import Claim, Session
from dudao.training.queries import may_manage

#: So far back the workbench looks for sessions whose attendance is not whole, and so far ahead for those to come.
_BACK, _AHEAD = timedelta(days=60), timedelta(days=7)


def lights(actor: Actor, *, today: date) -> list[Light]:
    """For the office claims to decide and sessions not fully recorded; for an inspector sessions of today and the next days."""
    found = []
    if may_manage(actor):
        waiting = (
            Claim.objects.filter(county=actor.county, state=Claim.State.PENDING)
            .exclude(Q(by_person__in=actor.hands) | Q(inspector__person__in=actor.hands))
            .count()
        )
        if waiting:
            address = f"{reverse('training:claims')}?chip=pending"
            found.append(Light("wait", f"{waiting} 件", "督学学时待认定", address))
        open_ = (
            Session.objects.filter(
                batch__county=actor.county, batch__cancelled_why="", cancelled_why="", day__range=(today - _BACK, today - timedelta(days=1)),
            )
            .annotate(
                invited=Count("batch__invitations", distinct=True), said=Count("attendances", distinct=True)
            )
            .filter(said__lt=F("invited"))
            .select_related("batch")
            .order_by("day", "pk")
        )  # fmt: skip
        if rows := list(open_[:20]):
            address = reverse("training:session", args=[rows[0].pk])
            note = "、".join(one.title for one in rows[:3]) + (f"等 {len(rows)} 次" if len(rows) > 3 else "")
            found.append(Light("soon", f"{len(rows)} 次", "培训出勤没有登记完", address, note))
    elif actor.can("inspector.self"):
        coming = (
            Session.objects.filter(
                batch__county=actor.county, batch__cancelled_why="", cancelled_why="", day__range=(today, today + _AHEAD),
                batch__invitations__inspector__person=actor.person,
            )
            .exclude(attendances__inspector__person=actor.person)
            .select_related("batch")
            .order_by("day", "begins", "pk")
        )  # fmt: skip
        for one in coming[:3]:
            is_today = one.day == today
            address = reverse(
                "training:sign" if is_today else "training:batch", args=[one.pk if is_today else one.batch_id]
            )
            state = "今天" if is_today else f"{one.day.month}月{one.day.day}日"
            note = f"{one.begins:%H:%M} {one.place}".strip()
            found.append(Light("go" if is_today else "wait", state, f"培训：{one.title}", address, note))
    return found
