"""Two people changed the same row: both texts are laid out, field by field, and the second one chooses.

except Conflict:
    clash = conflicts.lay_out(form, theirs={"title": point.title, …}, version=point.version)   # → components/conflict.html
...
form = PointForm(conflicts.chosen(request.POST))           # instead of request.POST
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, BoundField, DateField
from django.http import QueryDict

PICK, THEIRS = "pick_", "theirs_"


@dataclass(frozen=True, slots=True)
class Clash:
    """One field in which the two texts differ.

    Attributes:
        name: the field as sent.
        theirs: what stands now, in words.
        mine: what this person typed, in words.
        sent: what stands now, as it would be sent.
    """

    name: str
    label: str
    theirs: str
    mine: str
    sent: list[str]


def lay_out(form: BaseForm, *, theirs: Mapping[str, Any], version: int) -> list[Clash]:
    """The fields that differ, and the form made ready to be sent again on the new version.

    Args:
        form: bound, with what this person typed.
        theirs: what stands in the database now, by field name, as the form's ``initial`` would have it.
        version: the row's version now; goes into the field ``base_version``.
    """
    data = form.data.copy() if isinstance(form.data, QueryDict) else QueryDict(mutable=True)
    data[form.add_prefix("base_version")] = str(version)
    form.data = data
    found = []
    for name, value in theirs.items():
        bound = form[name]
        if bound.field.has_changed(value, bound.data):
            sent = bound.field.prepare_value(value)
            found.append(
                Clash(bound.html_name, str(bound.label), _words(bound, value), _words(bound, bound.data), _sent(sent))
            )
    return found


def chosen(posted: QueryDict) -> QueryDict:
    """What was sent, with the other person's text in the fields where it was picked."""
    data = posted.copy()
    for pick in [name for name in posted if name.startswith(PICK)]:
        name = pick.removeprefix(PICK)
        if posted[pick] == "theirs":
            data.setlist(name, posted.getlist(THEIRS + name))
    return data


def _sent(value: Any) -> list[str]:
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return ["on" if value is True else "" if value in (None, False) else str(value)]


def _words(bound: BoundField, value: Any) -> str:
    """A value as people read it; what is not well-formed as it was typed."""
    if isinstance(bound.field, DateField):
        with suppress(ValidationError):
            value = bound.field.to_python(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    labels: dict[str, str] = {}
    for key, label in getattr(bound.field, "choices", ()):
        # A group stands as its name and its own choices.
        labels |= {str(k): str(w) for k, w in (label if isinstance(label, list | tuple) else [(key, label)])}
    values = _sent(bound.field.prepare_value(value))
    return "、".join(labels.get(one, one) for one in values if one) or "—"
