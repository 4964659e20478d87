"""How a county takes complaints."""

from datetime import datetime

from django.db import transaction

from dudao.audit import services as audit
from dudao.complaints import queries
from dudao.complaints.models import Setting
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused


@transaction.atomic
def change_setting(
    *, base_version: int, is_open: bool, accept_days: int | None, answer_days: int | None, source: str, by: Actor, now: datetime
) -> Setting:  # fmt: skip
    """Open or close the form behind the boards, and set the county's own days. Due days that run already stay.

    Raises:
        Refused: ``complaints.not_allowed``, ``complaints.days``. Conflict: ``complaints.changed``.
    """
    if not queries.handles(by):
        raise Refused("投诉设置由督导室管理。", code="complaints.not_allowed")
    for name, days in (("accept_days", accept_days), ("answer_days", answer_days)):
        if days is not None and not 1 <= days <= 365:
            raise Refused("请填写 1 到 365 天。", code="complaints.days", field=name)
    if accept_days and answer_days and accept_days > answer_days:
        raise Refused("决定是否受理不能比答复还晚。", code="complaints.days", field="accept_days")
    row, _ = Setting.objects.get_or_create(county=by.county, defaults={"version": 0})
    values = {
        "is_open": is_open,
        "accept_days": accept_days,
        "answer_days": answer_days,
        "source": source.strip()[:200],
    }
    if not claimed(row, base_version, {**values, "set_by": by.name, "set_on": day_of(now)}):
        raise Conflict("别人刚刚改过设置，请看过最新内容再改。", code="complaints.changed")
    audit.record(
        action="complaint.setting", subject=row, summary="修改投诉设置" + ("：网上投诉开通" if is_open else "：网上投诉关闭"), by=by,
        now=now, values={name: str(value) for name, value in values.items()},
    )  # fmt: skip
    return row
