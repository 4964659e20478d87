"""Reading findings, measures and cases. Each query takes the reader first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from dudao.findings.models import Case, CaseFinding, CaseMember, Finding, Measure, MeasureFinding
from dudao.papers import queries as papers
from dudao.procedures import queries as procedures
from dudao.shell.acts import Actor
from dudao_engines.procedures.situation import Situation


def findings_visible_to(actor: Actor) -> QuerySet[Finding]:
    """All findings for those who see the county; for an inspector those of their units; for a unit what it was told.

    A unit sees a finding from the day it was told of it, and what it reported itself; a department what it answers for.
    """
    rows = Finding.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    sent = papers.issued_to(actor, Finding._meta.label_lower)
    told = ~Q(state="registered") | Q(source=Finding.Source.SELF_CHECK) | Q(pk__in=sent)
    own = Q(unit=actor.unit) | Q(department=actor.unit)
    granted = Q(unit__in=actor.units - {actor.unit}) if actor.units else Q(pk__in=[])
    return rows.filter(own & told | granted)


def measures_visible_to(actor: Actor) -> QuerySet[Measure]:
    """All measures for those who see the county; for a unit those it was told of, or has a paper of."""
    rows = Measure.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    sent = papers.issued_to(actor, Measure._meta.label_lower)
    quiet = Q(state__in=("drafting", "cancelled", "approved"))
    return rows.filter(~quiet | Q(pk__in=sent), unit__in=actor.units)


def cases_visible_to(actor: Actor, *, today: date) -> QuerySet[Case]:
    """Cases in which the person is a named member; nobody else's post opens them."""
    mine = CaseMember.objects.filter(case=OuterRef("pk"), person=actor.person, ended_on__isnull=True)
    return Case.objects.filter(Exists(mine), county=actor.county)


def findings_of(measure: UUID) -> QuerySet[Finding]:
    """The findings of a measure that the caller has found within the actor's scope."""
    return Finding.objects.filter(under__measure=measure).order_by("year", "serial")


def findings_from(actor: Actor, origin_type: str, origin: str) -> QuerySet[Finding]:
    """The findings that come from one row of a higher floor."""
    return findings_visible_to(actor).filter(origin_type=origin_type, origin=origin)


def situations(findings: Collection[Finding], *, today: date) -> dict[UUID, Situation]:
    """Where findings stand; the severity is among the marks."""
    return procedures.situations(findings, today=today, marks={row.pk: {row.severity} for row in findings})


def measure_situation(measure: Measure, findings: Collection[Finding], *, today: date) -> Situation:
    """Where a measure stands, with the findings it is about (also those chosen for one that is only proposed)."""
    own = procedures.situations([measure], today=today, marks={measure.pk: measure.grounds})[measure.pk]
    return procedures.linked(own, situations(findings, today=today).values())


def measure_situations(measures: Collection[Measure], *, today: date) -> dict[UUID, Situation]:
    """Where measures stand, each with the findings it is about; a constant number of statements."""
    own = procedures.situations(measures, today=today, marks={row.pk: row.grounds for row in measures})
    links = MeasureFinding.objects.filter(measure__in=[row.pk for row in measures]).select_related("finding")
    about: dict[UUID, list[Finding]] = defaultdict(list)
    for link in links:
        about[link.measure_id].append(link.finding)
    known = situations({row.pk: row for rows in about.values() for row in rows}.values(), today=today)
    return {pk: procedures.linked(one, [known[row.pk] for row in about[pk]]) for pk, one in own.items()}


def case_situations(cases: Collection[Case], *, today: date) -> dict[UUID, Situation]:
    return procedures.situations(cases, today=today, marks={row.pk: row.grounds for row in cases})


def case_situation(case: Case, *, today: date) -> Situation:
    return case_situations([case], today=today)[case.pk]


def measures_of(actor: Actor, findings: Iterable[UUID]) -> Mapping[UUID, list[Measure]]:
    """The measures about each of some findings, the earliest first."""
    found: dict[UUID, list[Measure]] = defaultdict(list)
    links = MeasureFinding.objects.filter(finding__in=list(findings), measure__in=measures_visible_to(actor))
    for link in links.select_related("measure").order_by("measure__pk"):
        found[link.finding_id].append(link.measure)
    return found


def cases_of(actor: Actor, finding: UUID, *, today: date) -> QuerySet[Case]:
    """The cases that name a finding, for their members only."""
    named = CaseFinding.objects.filter(finding=finding).values("case")
    return cases_visible_to(actor, today=today).filter(pk__in=named)
