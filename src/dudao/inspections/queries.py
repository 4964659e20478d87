"""Reading inspections, and how they stand. Each query takes the reader first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.accounts.models import Appointment
from dudao.accounts.posts import posts
from dudao.findings import queries as findings
from dudao.findings.models import Finding
from dudao.inspections.models import Inspection, TeamMember
from dudao.inspectors import queries as register
from dudao.papers import queries as papers
from dudao.places import queries as places
from dudao.plan import queries as plan
from dudao.procedures import queries as procedures
from dudao.procedures.matters import Said
from dudao.procedures.models import Act
from dudao.shell.acts import Actor, system
from dudao_engines.procedures.situation import Situation

LABEL = Inspection._meta.label_lower


def inspections_visible_to(actor: Actor) -> QuerySet[Inspection]:
    """All of the county for those who see it; for an inspector those of the own team and of the own units; for a unit
    those it was told of."""
    rows = Inspection.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    told = ~Q(state__in=("planned", "cancelled")) | Q(pk__in=papers.issued_to(actor, LABEL))
    seen = Q(unit=actor.unit) & told
    if actor.can("loop.inspect"):
        team = TeamMember.objects.filter(inspection=OuterRef("pk"), person=actor.person)
        seen |= Q(Exists(team)) | Q(unit__in=actor.units - {actor.unit})
    return rows.filter(seen)


def inspections(actor: Actor, *, today: date) -> QuerySet[Inspection]:
    """The same with the name of the unit, for lists; the findings are counted for the rows shown (``finding_counts``)."""
    return inspections_visible_to(actor).annotate(unit_name=places.name_on("unit", as_of=today))


def finding_counts(actor: Actor, keys: Collection[UUID]) -> dict[str, tuple[int, int]]:
    """How many findings each inspection has, as far as the reader may see them, and how many of them are open; by key."""
    rows = findings.findings_visible_to(actor).filter(origin_type=LABEL, origin__in=[str(key) for key in keys])
    counts = rows.exclude(state="withdrawn").order_by().values_list("origin")
    return {
        origin: (count, open_)
        for origin, count, open_ in counts.annotate(n=Count("pk"), open=Count("pk", filter=Q(state__in=Finding.OPEN)))
    }


def with_settled_report(actor: Actor, keys: Collection[str]) -> set[str]:
    """Of some inspections those whose report is published, or kept back for a reason; by key."""
    rows = inspections_visible_to(actor).filter(pk__in=list(keys), side_state__in=("published", "kept_back"))
    return {str(key) for key in rows.values_list("pk", flat=True)}


def years(actor: Actor) -> list[int]:
    return list(inspections_visible_to(actor).order_by("-year").values_list("year", flat=True).distinct())


def batches(actor: Actor) -> list[tuple[str, str]]:
    """Inspections planned in one step, the latest first: key, and what they are called with how many units."""
    rows = inspections_visible_to(actor).filter(batch__isnull=False).order_by("-year", "title")
    counts = rows.values_list("batch", "title").annotate(n=Count("pk"), last=Max("serial")).order_by("-last")
    return [(str(batch), f"{title}（{count} 个单位）") for batch, title, count, _ in counts[:30] if count > 1]


def findings_of(actor: Actor, inspection: Inspection) -> QuerySet[Finding]:
    """The findings of an inspection that the reader may see, in the order of their numbers."""
    return findings.findings_from(actor, LABEL, str(inspection.pk)).order_by("year", "serial")


def all_findings(inspection: Inspection) -> list[Finding]:
    """Every finding of an inspection, for rules that must know them all."""
    return list(findings_of(system(inspection.county), inspection))


def team(inspection: Inspection) -> list[TeamMember]:
    return list(inspection.team.all())


def is_of_team(actor: Actor, inspection: Inspection) -> bool:
    return bool(actor.person) and TeamMember.objects.filter(inspection=inspection, person=actor.person).exists()


def roles(actor: Actor, inspection: Inspection) -> frozenset[str]:
    """What a hat is to an inspection; an inspector counts only in the team, the system acts as the office."""
    if actor.person is None:
        return frozenset({"office"})
    found = procedures.roles(actor, unit=inspection.unit_id)
    return found if is_of_team(actor, inspection) else found - {"inspector"}


def inspectors(actor: Actor, *, day: date) -> list[Appointment]:
    """Who can be in a team as an inspector: first those appointed as such, then the people of the office."""
    codes = [code for right in ("loop.inspect", "loop.office") for code, post in posts().items() if right in post.may]
    return accounts.holders(system(actor.county), codes, day=day)


@dataclass(frozen=True, slots=True)
class Outing:
    """Somebody of the county as an inspector on an inspection: which, of what unit, from when to when."""

    inspection: UUID
    person: UUID
    unit: UUID
    begin_on: date
    end_on: date


def outings(county: str, *, since: date) -> list[Outing]:
    """Who was, is or will be on which inspection that ends on a day or later and is not cancelled; one statement."""
    rows = TeamMember.objects.filter(
        inspection__county=county, inspection__end_on__gte=since, role__in=TeamMember.INSPECTORS
    ).exclude(inspection__state="cancelled")
    names = ("inspection", "person", "inspection__unit", "inspection__begin_on", "inspection__end_on")
    return [Outing(*row) for row in rows.order_by("inspection__begin_on", "pk").values_list(*names)]


def team_minimum(county: str, *, day: date) -> int:
    """How many inspectors a team has at least (教育督导条例16条), as the county has it on a day."""
    limit = procedures.limits(county, Inspection.PROCEDURE, day)["L_TEAM_MIN"]
    return limit.amount or 0 if limit.enabled else 0


def situations(rows: Collection[Inspection], *, today: date) -> dict[UUID, Situation]:
    """Where inspections stand, each linked with its findings; a constant number of statements."""
    if not rows:
        return {}
    teams: dict[UUID, list[TeamMember]] = {row.pk: [] for row in rows}
    for member in TeamMember.objects.filter(inspection__in=rows):
        teams[member.inspection_id].append(member)
    found = _of_many(rows)
    marks = _marks(rows, teams, found, today=today)
    own = procedures.situations(rows, today=today, marks=marks)
    linked = findings.situations([one for each in found.values() for one in each], today=today)
    return {row.pk: procedures.linked(own[row.pk], [linked[one.pk] for one in found[row.pk]]) for row in rows}


def situation(inspection: Inspection, *, today: date) -> Situation:
    """Where one inspection stands."""
    return situations([inspection], today=today)[inspection.pk]


def _marks(
    rows: Collection[Inspection],
    teams: Mapping[UUID, Sequence[TeamMember]],
    found: Mapping[UUID, Sequence[Finding]],
    *,
    today: date,
) -> dict[UUID, frozenset[str]]:
    """What the procedure asks of the application: ``team_complete``, ``team_clear``, ``all_due``."""
    county = next(iter(rows)).county
    least = team_minimum(county, day=today)
    persons = {one.person_id for team in teams.values() for one in team if one.person_id}
    since = min(row.begin_on for row in rows)
    grounds = register.Grounds(county, persons, {row.unit_id for row in rows}, since=since)

    def is_clear(row: Inspection) -> bool:
        people = [one.person_id for one in teams[row.pk] if one.person_id]
        return not any(grounds.of(person, row.unit_id, row.begin_on) for person in people)

    marks = {}
    for row in rows:
        counting = sum(one.role in TeamMember.INSPECTORS for one in teams[row.pk])
        said = {
            "team_complete": counting >= least,
            "team_clear": is_clear(row),
            "all_due": all(one.due_on for one in found[row.pk] if one.state == "registered"),
        }
        marks[row.pk] = frozenset(name for name, holds in said.items() if holds)
    return marks


def faults(rows: Sequence[Inspection]) -> list[Said]:
    """Whose opinion is served while one of its findings was never told, and what is archived with one that is open; one
    that relapsed afterwards is open again under its own number, and that is no fault."""
    found = _of_many(rows)
    left: list[Said] = [
        ("inspection.untold", row, f"意见书已送达，问题 {one.number} 没有进入整改")
        for row in rows
        if row.state in ("issued", "archived")
        for one in found[row.pk]
        if one.state == "registered"
    ]
    return left + [
        ("inspection.archived", row, f"督导已归档，问题 {one.number} 还没有销号")
        for row in rows
        if row.state == "archived"
        for one in found[row.pk]
        if one.is_open and not one.relapses
    ]


def _of_many(rows: Collection[Inspection]) -> dict[UUID, list[Finding]]:
    """Every finding of some inspections; one statement."""
    found: dict[UUID, list[Finding]] = {row.pk: [] for row in rows}
    county = next((row.county for row in rows), "")
    of_them = findings.findings_visible_to(system(county)).filter(origin_type=LABEL, origin__in=[str(k) for k in found])
    for one in of_them.order_by("year", "serial"):
        found[UUID(one.origin)].append(one)
    return found


#: Acts that the inspected unit sees: those it takes part in, and what it was given. Notes of the team stay inside.
SEEN_BY_UNIT = frozenset({"notify", "self_assess", "enter", "feed_back", "defend", "accept", "issue", "publish_report"})


def is_inside(actor: Actor, inspection: Inspection) -> bool:
    """Whether the reader sees the team's own notes: everybody who sees the inspection but the inspected unit."""
    return not actor.is_of(inspection.unit_id)


def acts_of(actor: Actor, inspection: Inspection) -> QuerySet[Act]:
    """The acts of an inspection that the reader may see, in their order."""
    rows = procedures.timeline([inspection.pk])
    return rows if is_inside(actor, inspection) else rows.filter(code__in=SEEN_BY_UNIT)


def tasks(actor: Actor, *, today: date) -> list[tuple[str, str]]:
    """The tasks of this year that an inspection can come from: key and name."""
    rows = plan.tasks_visible_to(actor).filter(plan.of_the_year([today.year])).order_by("number")
    return [(str(row.pk), f"{row.number}　{row.named}") for row in rows[:500]]


def unit_name(inspection: Inspection, *, day: date) -> str:
    """The full name of the inspected unit, for papers."""
    everyone = system(inspection.county)
    version = places.units_visible_to(everyone, as_of=day).filter(unit=inspection.unit_id).first()
    return version.name if version else places.unit_names(everyone, {inspection.unit_id}, as_of=day)[inspection.unit_id]


def heard(inspection: Inspection) -> list[tuple[str, str]]:
    """What the unit said to the preliminary opinion and what came of it, in order: the act and its words."""
    rows = procedures.timeline([inspection.pk]).filter(code__in=("defend", "accept", "analyse"))
    return [(row.code, row.words) for row in rows]


def government(county: str) -> str:
    """What the government is called to which the report goes."""
    office = str(settings.OFFICE)
    return office.removesuffix("教育督导室") if office.endswith("人民政府教育督导室") else ""
