"""Writing inspections; other apps use these names only."""

from dudao.inspections.services.acts import act_on_inspection
from dudao.inspections.services.findings import Line, keep_findings
from dudao.inspections.services.papers import draft
from dudao.inspections.services.plans import change_inspection, plan_inspection
from dudao.inspections.services.teams import Member, set_team
from dudao.procedures.services import Brought

__all__ = [
    "Brought",
    "Line",
    "Member",
    "act_on_inspection",
    "change_inspection",
    "draft",
    "keep_findings",
    "plan_inspection",
    "set_team",
]
