"""What a county says of the numbers of rules."""

from datetime import date, datetime

from django.db import transaction

from dudao.audit import services as audit
from dudao.inspectors import library
from dudao.inspectors.models import RuleValue
from dudao.inspectors.services.rights import may_manage
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused

_MOST = 400


@transaction.atomic
def set_rule(
    *, rule: str, value: int, from_on: date, source: str, is_checked: bool, by: Actor, now: datetime
) -> RuleValue:
    """Say what a number is in this county from a day on, and on what it rests. Said again for the same day, the latest holds.

    Args:
        is_checked: whether it was compared with the text of the source; else pages say 未核实.

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.rule`` unknown, of the law, or set elsewhere; ``inspectors.value``;
            ``inspectors.words`` no source.
    """
    may_manage(by)
    known = library.rules().get(rule)
    if known is None or not known.is_settable:
        raise Refused("这一项是法律法规规定的，或在别处设定，不能在这里改。", code="inspectors.rule", field="value")
    if not 1 <= value <= _MOST:
        raise Refused(f"取值应在 1 和 {_MOST} 之间。", code="inspectors.value", field="value")
    if not source.strip():
        raise Refused("请写明依据（文件、文号、条款）。", code="inspectors.words", field="source")
    row, _ = RuleValue.objects.update_or_create(
        county=by.county, rule=rule, from_on=from_on,
        defaults={
            "value": value, "source": source.strip()[:200], "is_checked": is_checked, "set_by": by.name, "set_at": now,
        },
    )  # fmt: skip
    audit.record(
        action="inspector.rule_set",
        subject=row,
        summary=f"设定督学规则：{known.name}",
        by=by,
        now=now,
        rule=rule,
        value=value,
    )
    return row
