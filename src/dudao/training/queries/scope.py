"""Who sees which training."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from dudao.shell.acts import Actor
from dudao.training.models import Attendance, Batch, Claim, Invitation, Session


def may_manage(actor: Actor) -> bool:
    """The office, or the system in its place."""
    return actor.acts_for_county("training.manage")


def sees_all(actor: Actor) -> bool:
    """The office and its leaders."""
    return actor.acts_for_county("training.manage", "inspector.read")


def batches_visible_to(actor: Actor) -> QuerySet[Batch]:
    """The office and its leaders see every training of the county, an inspector those they are to take part in or came to."""
    rows = Batch.objects.filter(county=actor.county)
    if sees_all(actor):
        return rows
    mine = Q(inspector__person__in=actor.hands)
    asked = Invitation.objects.filter(mine, batch=OuterRef("pk"))
    came = Attendance.objects.filter(mine, session__batch=OuterRef("pk"))
    return rows.filter(Exists(asked) | Exists(came))


def sessions_visible_to(actor: Actor) -> QuerySet[Session]:
    """The sessions of the batches that the reader sees."""
    return Session.objects.filter(batch__in=batches_visible_to(actor))


def claims_visible_to(actor: Actor) -> QuerySet[Claim]:
    """The office sees all claims, an inspector the own ones, nobody else any."""
    rows = Claim.objects.filter(county=actor.county)
    return rows if may_manage(actor) else rows.filter(inspector__person__in=actor.hands)
