"""Taking an act on an inspection; what it tells its findings happens in the same transaction."""

import re
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from dudao.findings import services as findings
from dudao.inspections import queries
from dudao.inspections.models import Inspection
from dudao.inspections.services import teams
from dudao.procedures import library
from dudao.procedures import services as steps
from dudao.procedures.models import Act
from dudao.procedures.services import Brought
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused

_ADDRESS = re.compile(r"https?://[^\s，。；]+\.[^\s，。；]+")


@transaction.atomic
def act_on_inspection(
    *, inspection: Inspection, act: str, brought: Brought, base_version: int, by: Actor, now: datetime
) -> Act:  # fmt: skip
    """Take an act of ``library/procedures/inspection.yaml``.

    With ``issue`` the opinion is in the unit's hands: each of its findings goes to 整改中 until its own due day.

    Raises:
        Refused, Conflict: as ``procedures.services.take`` and ``papers.services.serve_paper``; ``inspections.address``, a
            report is published at an address, and only that stops its limit (政府信息公开条例26条).
    """
    if act == "publish_report" and not _ADDRESS.search(brought.words):
        words = "请写公布的网址（http 或 https 开头），登记了网址才算公开。"
        raise Refused(words, code="inspections.address", field="words")
    known = library.act(Inspection.PROCEDURE, act)
    if "received" in known.brings:
        brought = steps.serve(matter=inspection, unit=inspection.unit_id, brought=brought, by=by, now=now)
    else:
        # The report goes up, not to the unit.
        brought = steps.enter_paper(matter=inspection, unit=None, brought=brought, by=by, now=now)
    found = queries.all_findings(inspection)
    row = steps.take(
        matter=inspection,
        act=act,
        brought=brought,
        situation=queries.situation(inspection, today=brought.occurred_on),
        roles=queries.roles(by, inspection),
        of_unit=by.is_of(inspection.unit_id),
        base_version=base_version,
        hold=found if known.tells or any(need.each for need in known.needs) else (),
        by=by,
        now=now,
        title=str(inspection),
    )
    for told in known.tells:
        # Each finding has its own day.
        findings.tell(found, told.act, replace(brought, due_on=None), told_by=row, by=by, now=now)
    if inspection.is_final:
        teams.end_grants(inspection, reason=f"督导{inspection.state_words}", by=by, now=now)
    return row
