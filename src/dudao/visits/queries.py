"""Reading regular visits: who sees them, what an inspector should know before going, and what is owed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from dudao.complaints import queries as complaints
from dudao.files import queries as files
from dudao.files.models import StoredFile
from dudao.findings import queries as findings
from dudao.findings.models import Finding
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.returns.queries import site
from dudao.shell.acts import Actor, system
from dudao.visits import duty, library
from dudao.visits.models import Answer, Visit
from dudao.visits.spans import expected, first_of, last_of, months_of, term_of

S = Visit.State


def is_office(actor: Actor) -> bool:
    """The office, or the system in its place."""
    return actor.acts_for_county("visit.manage")


def reads_county(actor: Actor) -> bool:
    """The office and the leaders."""
    return actor.acts_for_county("visit.manage", "inspector.read")


def visits_visible_to(actor: Actor) -> QuerySet[Visit]:
    """All for the office and its leaders; an inspector's own; for a school what it was told. Nobody there sees a plan."""
    rows = Visit.objects.filter(county=actor.county)
    if reads_county(actor):
        return rows
    mine = Q(person__in=actor.hands) if actor.can("visit.make") else Q(pk__in=[])
    if actor.can("visit.host") and actor.unit:
        mine |= Q(unit=actor.unit, state__in=Visit.KNOWN_TO_SCHOOL)
    return rows.filter(mine)


def may_write(actor: Actor, visit: Visit) -> bool:
    """Whether the hat makes this visit: the inspector's own, or the office."""
    return is_office(actor) or (actor.can("visit.make") and visit.person_id in actor.hands)


def reads_notes(actor: Actor, visit: Visit) -> bool:
    """The list, notes and pre-visit sheet are the inspector's, the office's and the leaders'; a school has the feedback."""
    return reads_county(actor) or (actor.can("visit.make") and visit.person_id in actor.hands)


@dataclass(frozen=True, slots=True)
class Urgent:
    """What is open at a school: findings, those past their day, those that endanger life; complaints; its last visit."""

    open: int = 0
    late: int = 0
    danger: int = 0
    complaints: int = 0
    last: date | None = None

    @property
    def order(self) -> tuple[int, int, int, int, date]:
        """The most urgent first, then who was not visited for longest."""
        return -self.danger, -self.late, -self.complaints, -self.open, self.last or date.min

    @property
    def words(self) -> str:
        said = [f"危及师生安全 {self.danger} 个"] if self.danger else []
        said += [f"逾期问题 {self.late} 个"] if self.late else []
        said += [f"未销号问题 {self.open} 个"] if self.open else []
        said += [f"投诉 {self.complaints} 件"] if self.complaints else []
        return "，".join(said)


def urgency(county: str, units: Collection[UUID], *, today: date) -> Mapping[UUID, Urgent]:
    """What is open at some schools; three statements."""
    rows = findings.findings_visible_to(system(county)).filter(unit__in=units, state__in=Finding.OPEN).order_by()
    counts = {
        one["unit"]: one
        for one in rows.values("unit").annotate(
            n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today, state="rectifying")), danger=Count("pk", filter=Q(severity="danger"))
        )
    }  # fmt: skip
    last = dict(
        Visit.objects.filter(county=county, unit__in=units, state__in=Visit.DONE)
        .order_by()
        .values_list("unit")
        .annotate(Max("visited_on"))
    )
    said = complaints.open_at(county, units)
    found = {}
    for unit in units:
        one = counts.get(unit, {"n": 0, "late": 0, "danger": 0})
        heard = sum(said.get(unit, {}).values())
        found[unit] = Urgent(one["n"], one["late"], one["danger"], heard, last.get(unit))
    return found


@dataclass(frozen=True, slots=True)
class Before:
    """What an inspector should know before going (行前单).

    Attributes:
        open: findings of the school that are not closed, the first due first.
        last: the visit before; ``left``: its findings that are still open.
        doubts: cells of the latest return that are to be looked at, with the reason.
        is_certified: whether the inspector has a certificate on record for the day; None where not in the register.
        recused: the ground to keep away; empty where there is none.
        complaints: how many are open by kind; no word of them.
    """

    open: Sequence[Finding]
    last: Visit | None
    left: int
    done_in_term: int
    doubts: Sequence[tuple[str, str]]
    is_certified: bool | None
    recused: str
    complaints: Mapping[str, int]


def before(actor: Actor, visit: Visit, *, today: date) -> Before:
    """The pre-visit sheet; a constant number of statements."""
    day = visit.visited_on or today
    rows = findings.findings_visible_to(actor).filter(unit=visit.unit_id, state__in=Finding.OPEN)
    open_ = list(rows.order_by(F("due_on").asc(nulls_last=True), "year", "serial")[:50])
    done = Visit.objects.filter(county=visit.county, unit=visit.unit_id, state__in=Visit.DONE)
    last = (
        done.filter(visited_on__lte=day)
        .exclude(pk=visit.pk)
        .select_related("person")
        .order_by("-visited_on", "-pk")
        .first()
    )
    term = term_of(day)
    known = next((one for one in inspectors.roster(visit.county, day=day) if one.person == visit.person_id), None)
    pairs = inspectors.recused(visit.county, [visit.person_id], [visit.unit_id], day=day)
    return Before(
        open=open_,
        last=last,
        left=sum(one.origin == str(last.pk) for one in open_) if last else 0,
        done_in_term=done.filter(visited_on__range=(term.start, term.end)).count(),
        doubts=site.doubts_at(actor, visit.unit_id),
        is_certified=known.is_certified(day) if known else None,
        recused=pairs.get((visit.person_id, visit.unit_id), ""),
        complaints=complaints.open_at(visit.county, [visit.unit_id]).get(visit.unit_id, {}),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to look at, and what was seen of it."""

    item: str
    text: str
    danger: bool
    answer: Answer | None


def checklist(visit: Visit, kind: library.Kind) -> list[Line]:
    """What a visit looks at; what was answered and is not in the file any more stays."""
    standing = {one.item: one for one in visit.answers.all()}
    lines = [Line(one.id, one.text, one.danger, standing.pop(one.id, None)) for one in library.items(visit.theme, kind)]
    return [*lines, *(Line(one.item, one.text, False, one) for one in standing.values())]


def kind_of(actor: Actor, unit: UUID, *, day: date) -> library.Kind:
    """Which lists a unit goes by."""
    found = places.units_visible_to(system(actor.county), as_of=day).filter(unit=unit).first()
    return library.kind_of(found.kind if found else "school")


def problems_of(actor: Actor, visit: Visit) -> QuerySet[Finding]:
    """The findings of a visit that the reader may see."""
    return findings.findings_from(actor, Visit._meta.label_lower, str(visit.pk)).order_by("year", "serial")


def files_of(actor: Actor, visit: Visit) -> QuerySet[StoredFile]:
    """Photos and scans of a visit that the caller has found within the reader's scope."""
    return files.files_of(actor, visit)


# ---- what is owed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty and how its visits stand in a term.

    Attributes:
        done: visits of the school by month, whoever made them; the duty is the school's.
        missing: months that are over, in which one was expected and none was made.
    """

    duty: duty.Due
    unit_name: str
    kind: library.Kind
    done: Mapping[date, int]
    missing: Sequence[date]
    tone: str
    words: str

    @property
    def total(self) -> int:
        return sum(self.done.values())

    @property
    def is_late(self) -> bool:
        return self.tone == "late"


def owed(actor: Actor, *, day: date) -> list[Owed]:
    """What every duty comes to in the term of a day: for the office and leaders of every school, also without an inspector and
    before the present one; for an inspector since their own duty. What counts is a visit after which the school was told.

    A constant number of statements. Two a term is law (教育督导条例 article 14); one a month is the default, its evidence is
    shown where it counts.
    """
    if reads_county(actor):
        rows = duty.owed_on(actor.county, day=day)
    else:
        mine = duty.duties_on(actor.county, day=day) if actor.can("visit.make") else []
        rows = [duty.due_of(one) for one in mine if one.person in actor.hands]
    if not rows:
        return []
    term = term_of(day)
    made = Visit.objects.filter(
        county=actor.county, unit__in={one.unit for one in rows}, state__in=Visit.KNOWN_TO_SCHOOL, visited_on__range=(term.start, term.end)
    )  # fmt: skip
    done: dict[UUID, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for unit, on in made.values_list("unit", "visited_on"):
        assert on is not None
        done[unit][first_of(on)] += 1
    named = {one.unit_id: one for one in places.units_visible_to(system(actor.county), as_of=day)}
    rules = inspectors.rules_on(actor.county, day=day)
    a_term, a_month = rules["visits_per_term"].value, rules["visits_per_month"].value
    found = []
    for one in rows:
        if one.unit not in named:
            continue
        version = named[one.unit]
        counts = dict(done[one.unit])
        tone, words, missing = _stands(counts, since=one.since, day=day, a_term=a_term, a_month=a_month)
        name = version.short_name or version.name
        found.append(Owed(one, name, library.kind_of(version.kind), counts, missing, tone, words))
    return found


def _stands(
    counts: Mapping[date, int], *, since: date, day: date, a_term: int, a_month: int
) -> tuple[str, str, list[date]]:
    term = term_of(day)
    months = [one for one in expected(months_of(term)) if one >= first_of(since)]
    missing = [one for one in months if last_of(one) < day and counts.get(one, 0) < a_month]
    left, total = (term.end - day).days, sum(counts.values())
    if missing:
        words = "、".join(f"{one.month}月" for one in missing)
        return "late", f"{words}没有到校" if a_month == 1 else f"{words}到校不足 {a_month} 次", missing
    if total < a_term and left <= 31:
        return ("late" if left < 0 else "soon"), f"本学期 {total} 次，法定不少于 {a_term} 次", []
    this = first_of(day)
    if this in months and counts.get(this, 0) < a_month:
        return ("soon", "本月还没有到校", []) if day.day > 20 else ("go", "本月还没有到校", [])
    return "done", "按期", []


def overdue(today: date) -> Q:
    """Planned visits whose day or month has passed."""
    return Q(state=S.PLANNED) & (Q(planned_on__lt=today) | Q(month__lt=first_of(today)))


def mine(actor: Actor, *, today: date) -> list[Visit]:
    """For the phone: what an inspector has before them, the overdue first, then what is not filed, then what is planned next."""
    rows = visits_visible_to(actor).filter(person__in=actor.hands).select_related("person")
    ahead = rows.filter(Q(state__in=(S.PLANNED, S.ON_SITE, S.TOLD)))
    return list(ahead.order_by(Coalesce("visited_on", "planned_on").asc(nulls_last=True), "month", "pk")[:100])


def named(actor: Actor, rows: Collection[Any], *, today: date) -> None:
    """Set ``unit_name`` on some visits; one statement."""
    names = places.unit_names(system(actor.county), {one.unit_id for one in rows}, as_of=today)
    for one in rows:
        one.unit_name = names.get(one.unit_id, "—")


def filled(actor: Actor, rows: Collection[Any], *, today: date) -> None:
    """``named``, and ``problem_count``; two statements."""
    named(actor, rows, today=today)
    found = findings.findings_visible_to(actor).filter(
        origin_type=Visit._meta.label_lower, origin__in=[str(one.pk) for one in rows]
    )
    counts = dict(found.order_by().values_list("origin").annotate(n=Count("pk")))
    for one in rows:
        one.problem_count = counts.get(str(one.pk), 0)


def people(actor: Actor, *, today: date) -> list[tuple[str, str]]:
    """The inspectors who visit: those responsible for a school today, key and name."""
    found = {one.person: one.name for one in duty.duties_on(actor.county, day=today)}
    found |= {one.person: one.name for one in inspectors.roster(actor.county, day=today)}
    return [(str(key), name) for key, name in found.items()]


def schools(actor: Actor, *, today: date) -> list[tuple[str, str]]:
    """The schools that the hat can plan visits to: all for the office, one's own for an inspector."""
    rows = places.units_visible_to(system(actor.county), as_of=today).filter(kind__in=("school", "kindergarten"))
    if not is_office(actor):
        rows = rows.filter(unit__in=duty.schools_of(actor.county, actor.hands, day=today))
    return [(str(one.unit_id), one.name) for one in rows]


@dataclass(frozen=True, slots=True)
class Planline:
    """A duty in a month's plan: its visit, or why there is none; and what is open at the school."""

    duty: duty.Duty
    unit_name: str
    visit: Visit | None
    urgent: Urgent
    recused: bool


def month_plan(actor: Actor, month: date, *, today: date) -> list[Planline]:
    """What every duty has in a month: all for the office and leaders, one's own for an inspector. The most urgent first."""
    day = max(today, month) if last_of(month) >= today else last_of(month)
    rows = duty.duties_on(actor.county, day=day)
    if not reads_county(actor):
        rows = [one for one in rows if one.person in actor.hands]
    # A visit that was made or is planned goes before one that was given up.
    visits: dict[tuple[UUID, UUID], Visit] = {}
    for one in Visit.objects.filter(county=actor.county, month=month).order_by("pk"):
        held = visits.get((one.person_id, one.unit_id))
        if held is None or held.state in (S.UNDONE, S.PLANNED):
            visits[one.person_id, one.unit_id] = one
    names = places.names_on(system(actor.county), day=day)
    urgent = urgency(actor.county, {one.unit for one in rows}, today=today)
    barred = inspectors.recused(actor.county, {one.person for one in rows}, {one.unit for one in rows}, day=day)
    found = [
        Planline(
            one, names[one.unit], visits.get((one.person, one.unit)), urgent[one.unit], (one.person, one.unit) in barred
        )
        for one in rows
        if one.unit in names
    ]
    return sorted(found, key=lambda line: (line.duty.name, line.urgent.order))
