"""Unfinished forms, kept as typed: one draft per person, form and object, so that leaving a page is always safe.

In a view:

    slot = Slot("plan.point", point.pk)
    draft = drafts.restore(form, slot, by=request.actor)        # GET: what was typed last time stands in the form
    ...
    drafts.clear(slot, by=request.actor)                        # after the service did it

and in the page's form ``{% draft_slot slot %}`` with the attribute ``data-draft``. A draft is nobody's act: it leaves no audit
event, holds no file and no password, and only its owner ever reads it.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import QueryDict

from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.shell.fields import closed
from dudao.shell.keys import uuid7
from dudao.shell.models import Draft

#: The hidden field that says which draft a form is.
FIELD = "_draft"
LIMIT = 500_000
MOST = 200
_FORM = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")
_NEVER = re.compile(r"csrfmiddlewaretoken|_draft|password|secret|otp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Slot:
    """Which form over which object.

    Attributes:
        form: dotted name, ``<app>.<form>``.
        of: key of the object, or empty for a form that makes a new one.
    """

    form: str
    of: UUID | int | str = ""

    def __str__(self) -> str:
        return f"{self.form}|{self.of}"


def is_secret(name: str) -> bool:
    """Whether a field is never kept nor shown again: tokens and passwords."""
    return _NEVER.search(name) is not None


def slot_of(posted: QueryDict) -> Slot | None:
    """The slot that a sent form names, if it is a well-formed one."""
    form, bar, of = str(posted.get(FIELD, "")).partition("|")
    return Slot(form, of) if bar and _FORM.fullmatch(form) and len(of) <= 64 else None


@transaction.atomic
def keep(slot: Slot, *, typed: QueryDict, by: Actor, now: datetime) -> Draft:
    """Keep what was typed, in place of what was kept before.

    Args:
        slot: which form over which object.
        typed: the form as sent; tokens, passwords and files are left out.

    Raises:
        Refused: ``draft.nobody`` (not signed in as a person) or ``draft.too_long``.
    """
    if by.person is None:
        raise Refused("请先登录，再存草稿。", code="draft.nobody")
    words = {name: typed.getlist(name) for name in typed if not is_secret(name)}
    text = json.dumps(words, ensure_ascii=False)
    if len(text) > LIMIT:
        raise Refused("内容太长，存不进草稿。请直接保存，或先复制到别处。", code="draft.too_long")
    version = str(typed.get("base_version", ""))
    facts = {"saved_at": now, "base_version": int(version) if version.isdecimal() and len(version) < 10 else None}
    mine = Draft.objects.filter(person=by.person, form=slot.form, of=str(slot.of))
    key = mine.values_list("pk", flat=True).first()
    if key is None:
        try:
            with transaction.atomic():
                key = Draft.objects.create(
                    pk=uuid7(), person=by.person, form=slot.form, of=str(slot.of), data=text, **facts
                ).pk
        except IntegrityError:
            # Two windows of one person at the same moment: the other row stands, this text comes into it.
            key = mine.values_list("pk", flat=True).get()
    Draft.objects.filter(pk=key).update(**facts, **closed(Draft, "data", key, text))
    kept = Draft.objects.filter(person=by.person).order_by("-saved_at", "-pk")
    Draft.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[MOST:])).delete()
    return Draft.objects.get(pk=key)


def find(slot: Slot, *, by: Actor) -> Draft | None:
    """The reader's own draft of a form."""
    if by.person is None:
        return None
    return Draft.objects.filter(person=by.person, form=slot.form, of=str(slot.of)).first()


def unfinished(form: str, *, by: Actor) -> set[str]:
    """Keys of the objects over which the reader left this form half-way; one statement."""
    if by.person is None:
        return set()
    return set(Draft.objects.filter(person=by.person, form=form).values_list("of", flat=True))


def restore(form: BaseForm, slot: Slot, *, by: Actor) -> Draft | None:
    """Put what was typed last time into an unbound form, well-formed or not; files excepted.

    Returns:
        The draft, for ``components/draft_note.html``; ``None`` where there is none or the form was just sent.
    """
    if form.is_bound or (draft := find(slot, by=by)) is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in json.loads(draft.data).items():
        typed.setlist(name, values)
    for name, field in form.fields.items():
        widget = field.widget
        if not widget.needs_multipart_form and not widget.value_omitted_from_data(typed, {}, form.add_prefix(name)):
            form.initial[name] = widget.value_from_datadict(typed, {}, form.add_prefix(name))
    return draft


def clear(slot: Slot, *, by: Actor) -> None:
    """The form was sent and accepted, or its owner wants to begin anew."""
    if by.person is not None:
        Draft.objects.filter(person=by.person, form=slot.form, of=str(slot.of)).delete()


def keep_sent(posted: QueryDict, *, by: Actor, now: datetime) -> Draft | None:
    """A form that could not be taken (session over, stale token): keep it if it names a slot, so that nothing is lost."""
    slot = slot_of(posted)
    try:
        return keep(slot, typed=posted, by=by, now=now) if slot else None
    except Refused:
        return None
