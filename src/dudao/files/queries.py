"""Finding evidence. A file has no scope of its own: whoever may see its subject may see it.

So there is no address for files in general. The app that owns the subject finds the subject through its own
``…_visible_to(actor)``, then the file here, then answers with ``services.respond``.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from dudao.files.models import StoredFile
from dudao.shell.acts import Actor


def files_of(actor: Actor, subject: models.Model) -> QuerySet[StoredFile]:
    """The evidence of one object that the caller has found within the actor's scope, oldest first."""
    return files_of_many(actor, type(subject), [subject.pk])


def files_of_many(actor: Actor, kind: type[models.Model], keys: Iterable[object]) -> QuerySet[StoredFile]:
    """The evidence of several objects of one kind, all within the actor's scope; ``row.subject`` is the object's key."""
    return StoredFile.objects.filter(
        county=actor.county, subject_type=kind._meta.label_lower, subject__in=[str(key) for key in keys]
    ).order_by("recorded_at", "pk")


def file_of(actor: Actor, subject: models.Model, key: UUID) -> StoredFile | None:
    """One file of an object that the caller has found within the actor's scope."""
    return files_of(actor, subject).filter(pk=key).first()
