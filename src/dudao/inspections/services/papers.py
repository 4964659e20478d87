"""Papers of an inspection, drafted with what it and its findings say."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from dudao.inspections import queries, wording
from dudao.inspections.models import Inspection
from dudao.inspections.services.teams import may_manage
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.procedures import queries as procedures
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused


@transaction.atomic
def draft(*, inspection: Inspection, kind: str, by: Actor, now: datetime) -> Paper:
    """Draft a paper of the inspection; the opinion with every finding that stands.

    Raises:
        Refused: ``inspections.not_allowed``, ``inspections.paper``, and as ``papers.services.draft_paper``.
    """
    may_manage(by)
    if kind not in wording.PAPERS:
        raise Refused("督导没有这种文书。", code="inspections.paper", field="kind")
    today = day_of(now)
    found = [one for one in queries.all_findings(inspection) if one.state != "withdrawn"]
    names = places.names_on(system(by.county), day=today)
    values = wording.values(
        kind,
        inspection,
        unit=queries.unit_name(inspection, day=today),
        team=queries.team(inspection),
        found=found,
        units=names,
        limits=procedures.limits(by.county, Inspection.PROCEDURE, today),
        heard=queries.heard(inspection),
        county=queries.government(by.county),
    )
    goes_up = kind == "inspection-report"
    return papers.draft_paper(
        kind=kind,
        subject=inspection,
        subject_title=str(inspection),
        link=reverse("inspections:inspection", args=[inspection.pk]),
        values=values,
        to_units=() if goes_up else (inspection.unit_id,),
        to_words=str(values["主送机关"]) if goes_up else "",
        is_served_here=False,
        by=by,
        now=now,
    )
