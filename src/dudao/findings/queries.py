"""Reading findings, measures and cases. Each query takes the reader first."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from dudao.findings import ledger
from dudao.findings.models import (
    Case,
    CaseFinding,
    CaseMember,
    Cause,
    Complainant,
    Finding,
    LedgerImport,
    LedgerRow,
    Measure,
    MeasureFinding,
)
from dudao.papers import queries as papers
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.procedures import library
from dudao.procedures import queries as procedures
from dudao.procedures.models import Act, Clock
from dudao.shell.acts import Actor
from dudao_engines.procedures import rules
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


def beside(actor: Actor, row: Finding, *, before: bool) -> Finding | None:
    """The finding whose number comes before or after."""
    rows = findings_visible_to(actor).only("pk", "year", "serial", "title")
    if before:
        lower = Q(year__lt=row.year) | Q(year=row.year, serial__lt=row.serial)
        return rows.filter(lower, year__lte=row.year).order_by("-year", "-serial").first()
    higher = Q(year__gt=row.year) | Q(year=row.year, serial__gt=row.serial)
    return rows.filter(higher, year__gte=row.year).order_by("year", "serial").first()


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


def causes(actor: Actor) -> list[tuple[str, str]]:
    """The causes of the county's list that are in use, key and name."""
    rows = Cause.objects.filter(county=actor.county, is_used=True).order_by("position", "pk")
    return [(str(row.pk), row.name) for row in rows]


def bases(actor: Actor) -> list[str]:
    """The clauses and indicators that findings within the scope go by, the most used first."""
    rows = findings_visible_to(actor).order_by().values("basis_key").annotate(n=Count("pk"), basis=Max("basis"))
    return [row["basis"] for row in rows.order_by("-n", "basis")[:80]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding that a measure could be about, or why it could not."""

    finding: Finding
    why_not: str = ""


def for_measure(actor: Actor, kind: str, unit: UUID, *, today: date) -> list[Candidate]:
    """The findings of a unit that a measure of a kind could be about, the first due first, with those that do not qualify.

    For a reward those that are closed; else the open ones. Four statements however many there are.
    """
    rows = findings_visible_to(actor).filter(unit=unit).order_by("due_on", "year", "serial")
    closed = Q(state__in=("closed", "archived"))
    chosen = list((rows.filter(closed) if kind == Measure.Kind.REWARD else rows.filter(state__in=Finding.OPEN))[:300])
    known = situations(chosen, today=today)
    act = library.act("measure", f"propose_{kind}")
    procedure = library.procedure("measure")
    grounds = [g.id for g in procedure.grounds if kind in g.kinds]
    found = []
    for row in chosen:
        alone = Situation("measure", kind=kind, linked=(known[row.pk],))
        # By the ground that fits best: not everything that may be said of a unit is true of this finding.
        tried = (rules.blocked(procedure, act, replace(alone, marks=frozenset({g}))) for g in grounds)
        missing = min(tried, key=len, default=[])
        why = "".join(dict.fromkeys(_of_one(m.words, row) for m in missing))
        found.append(Candidate(row, why))
    return sorted(found, key=lambda one: bool(one.why_not))


def _of_one(words: str, row: Finding) -> str:
    """What the procedure says of several findings, said of one."""
    if row.state not in ("rectifying", "not_in_place"):
        return f"现在是“{row.state_words}”。"
    due = f"整改期限 {row.due_on:%Y-%m-%d} 未到" if row.due_on else "还没有整改期限"
    return f"{due}，也没有复查不到位。" if "逾期" in words else words


def next_ordinal(findings: Collection[Finding]) -> int:
    """Which order the next one of these findings would be: the highest count of any of them."""
    served = MeasureFinding.objects.filter(finding__in=[f.pk for f in findings], ordinal__isnull=False)
    return max((row["n"] for row in served.values("finding").annotate(n=Count("pk"))), default=0) + 1


def told_by_papers(findings: Collection[Finding]) -> list[str]:
    """The numbers of the papers by which units were told of these findings, the earliest first."""
    acts = procedures.timeline([f.pk for f in findings]).filter(code__in=("notify", "opinion_served"))
    return list(dict.fromkeys(act.paper.number for act in acts if act.paper and act.paper.number))


def measures(actor: Actor, *, today: date) -> QuerySet[Measure]:
    """Measures for the list, with the unit's name and how many findings each is about."""
    return (
        measures_visible_to(actor)
        .annotate(unit_name=places.name_on("unit", as_of=today), about_count=Count("about"))
        .order_by("-year", "-serial")
    )


# The register


def all_causes(actor: Actor) -> QuerySet[Cause]:
    """The county's list of causes, also those no longer in use."""
    return Cause.objects.filter(county=actor.county).order_by("position", "pk")


def links_of(measures: QuerySet[Measure]) -> QuerySet[MeasureFinding, UUID]:
    """The keys of the findings that measures are about, for use inside a condition."""
    return MeasureFinding.objects.filter(measure__in=measures.order_by().values("pk")).values_list("finding", flat=True)


def register(actor: Actor, *, today: date) -> QuerySet[Finding]:
    """The findings of the register; ``unit_sort`` orders them by the names of their units."""
    names = UnitVersion.objects.filter(unit=OuterRef("unit"), valid_from__lte=today).order_by("-valid_from")
    return findings_visible_to(actor).annotate(unit_sort=Subquery(names.values("sort_key")[:1]))


def filled(actor: Actor, rows: Collection[Any], *, today: date) -> None:
    """Set on some findings what a list shows beside: ``unit_name``, ``department_name``, ``measure_words`` (each measure
    that is not cancelled, with its number) and ``is_provisional``; three statements."""
    keys = {row.unit_id for row in rows} | {row.department_id for row in rows if row.department_id}
    names = places.unit_names(actor, keys, as_of=today)
    about = measures_of(actor, [row.pk for row in rows])
    unsure = set(
        Clock.objects.filter(
            subject__in=[row.pk for row in rows], limit="L_RECT_DEADLINE", stopped_by__isnull=True, is_provisional=True
        ).values_list("subject", flat=True)
    )
    for row in rows:
        row.unit_name = names.get(row.unit_id, "—")
        row.department_name = names.get(row.department_id, "") if row.department_id else ""
        row.measure_words = measure_words(about.get(row.pk, ()))
        row.is_provisional = row.pk in unsure


def measure_words(measures: Iterable[Measure]) -> str:
    """督办单 2 次、约谈: what was done about a finding, cancelled ones apart."""
    counts = Counter(m.get_kind_display() for m in measures if m.state != "cancelled")
    return "、".join(kind if n == 1 else f"{kind} {n} 次" for kind, n in counts.items())


#: Where the words of the 整改台账 come from: the latest of each, in any round; else what a ledger said.
_SHEET_ACTS = {
    "plan": "plan",
    "report": "report",
    "recheck_passed": "check",
    "take_over": "told",
    "history_closed": "told",
}


def filled_for_sheet(actor: Actor, rows: Collection[Any], *, today: date) -> None:
    """``filled``, and what the 整改台账 says beside: ``plan``, ``report``, ``checked_by``, ``checked_on`` and the
    unit's full name; two statements more."""
    filled(actor, rows, today=today)
    full = places.full_names(actor, {row.unit_id for row in rows}, as_of=today)
    acts = Act.objects.filter(subject__in=[row.pk for row in rows], code__in=_SHEET_ACTS)
    said = {(act.subject, _SHEET_ACTS[act.code]): act for act in acts.order_by("occurred_on", "pk")}
    for row in rows:
        plan, report, check, told = (said.get((row.pk, what)) for what in ("plan", "report", "check", "told"))
        before = ledger.told(told.words) if told else {}
        row.plan = plan.words if plan else before.get("plan", "")
        row.report = report.words if report else before.get("report", "")
        row.checked_by = check.by_name if check else before.get("checked_by", "")
        row.checked_on = check.occurred_on if check else before.get("checked_on") or None
        row.unit_full = full.get(row.unit_id, row.unit_name)


# Ledgers handed in


def ledgers_visible_to(actor: Actor) -> QuerySet[LedgerImport]:
    """The ledgers handed in, the latest first; for the office."""
    if not actor.can("loop.office"):
        return LedgerImport.objects.none()
    return LedgerImport.objects.filter(county=actor.county).order_by("-made_at", "-pk")


def ledger_counts(batch: LedgerImport) -> dict[str, int]:
    """How many rows have which outcome."""
    counts = dict(batch.rows.order_by().values_list("outcome").annotate(n=Count("pk")))
    return {outcome: counts.get(outcome, 0) for outcome in LedgerRow.Outcome.values}


def ledger_written(batch: LedgerImport) -> int:
    """How many rows are written."""
    return batch.rows.filter(version_left__isnull=False).count()


def for_case(actor: Actor, unit: UUID) -> QuerySet[Finding]:
    """The findings of a unit that a case may name: all but those withdrawn, the newest first."""
    rows = findings_visible_to(actor).filter(unit=unit).exclude(state="withdrawn")
    return rows.order_by("-year", "-serial")[:200]


def members(case: Case) -> QuerySet[CaseMember]:
    """The members of a case that the caller has found within the actor's scope, those taken out too."""
    return CaseMember.objects.filter(case=case).select_related("case").order_by("pk")


def has_complainant(finding: Finding) -> bool:
    """Whether somebody is kept who complained; for the page that asks for a reason."""
    return Complainant.objects.filter(finding=finding).exists()
