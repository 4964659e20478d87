"""A county edits a form: each saving is a version of its own, and what campaigns have frozen stays."""

from datetime import datetime

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.returns import library, queries
from dudao.returns.models import CountyForm
from dudao.returns.services.rights import manages
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused


@transaction.atomic
def save_county_form(*, form: str, text: str, note: str, base_version: int, by: Actor, now: datetime) -> CountyForm:
    """Keep a form as the county edited it; campaigns opened from now on ask it.

    Args:
        base_version: number of the version that was edited, 0 for the house's own.

    Raises:
        Refused: ``returns.not_allowed``; ``returns.form`` the line and the mistake; ``returns.field_kind`` a field that
            campaigns hold numbers of is of another kind now; ``returns.same`` nothing was changed.
        Conflict: ``returns.changed``.
    """
    manages(by)
    stands = queries.in_force(by, form)
    if stands is None:
        raise Refused("没有这张表。", code="returns.no_form")
    if stands.number != base_version:
        raise Conflict(f"别人刚刚存了第 {stands.number} 版，请对照后再保存。", code="returns.changed")
    text = text.replace("\r\n", "\n")
    found = library.checked(text, form=form)
    if found.fingerprint == stands.form.fingerprint:
        raise Refused("内容没有变，不必另存一版。", code="returns.same", field="text")
    for field in found.fields:
        before = stands.form.get(field.code)
        if before and (before.kind, before.unit) != (field.kind, field.unit):
            said = (
                f"{field.code}（{field.label}）原来是 {before.kind} {before.unit}，代码的含义不能变；请另用一个代码。"
            )
            raise Refused(said, code="returns.field_kind", field="text")
    row = CountyForm(
        county=by.county,
        form=form,
        number=base_version + 1,
        text=text,
        fingerprint=found.fingerprint,
        note=note.strip(),
        made_by=by.person,
        made_name=by.name,
        made_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict("别人刚刚存了一版，请对照后再保存。", code="returns.changed") from None
    audit.record(
        action="countyform.saved",
        subject=row,
        summary=f"修改填报用表：{found.name}第 {row.number} 版，{note.strip()}",
        by=by,
        now=now,
        fingerprint=found.fingerprint,
        before=stands.form.fingerprint,
    )
    return row
