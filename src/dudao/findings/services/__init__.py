"""Writing findings, measures and cases; other apps use these names only."""

from dudao.findings.services.cases import act_on_case, end_member, members_of, name_member, open_case
from dudao.findings.services.causes import (
    add_cause,
    add_usual_causes,
    change_cause,
    drop_cause,
    move_cause,
    usual_causes,
)
from dudao.findings.services.complainants import may_open, open_complainant, record_complainant
from dudao.findings.services.findings import (
    Facts,
    Step,
    act_on_finding,
    act_on_findings,
    change_finding,
    register_finding,
    tell,
)
from dudao.findings.services.measures import BEGINS, act_on_measure, drop_finding, propose_measure
from dudao.procedures.services import Brought

__all__ = [
    "BEGINS",
    "Brought",
    "Facts",
    "Step",
    "act_on_case",
    "act_on_finding",
    "act_on_findings",
    "act_on_measure",
    "add_cause",
    "add_usual_causes",
    "change_cause",
    "change_finding",
    "drop_cause",
    "drop_finding",
    "end_member",
    "may_open",
    "members_of",
    "move_cause",
    "name_member",
    "open_case",
    "open_complainant",
    "propose_measure",
    "record_complainant",
    "register_finding",
    "tell",
    "usual_causes",
]
