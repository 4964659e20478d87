"""Reading ledgers and dossiers. Each query takes the reader first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dudao.accounts import queries as accounts
from dudao.accounts.models import Person
from dudao.accounts.posts import posts
from dudao.dossiers.items import NONE_SUCH
from dudao.dossiers.models import Case, Dossier, Export, Judgement, Ledger, Material, Piece, Survey
from dudao.files import queries as files
from dudao.files.models import StoredFile
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.templatetags.parts import fullday
from dudao_engines.standards.model import Cell

CAPABILITIES = frozenset({"dossier.manage", "dossier.judge", "dossier.answer", "dossier.read"})
S = Dossier.State


def dossiers_visible_to(actor: Actor) -> QuerySet[Dossier]:
    """All of the county for those who see it whole; a school's, a department's, and those one is asked to judge for others."""
    rows = Dossier.objects.filter(county=actor.county)
    if actor.person is None and actor.sees_county:
        return rows
    if not CAPABILITIES & actor.may:
        return rows.none()
    if actor.sees_county:
        return rows
    mine = Q(unit__in=actor.units) | Q(department__in=actor.units)
    if actor.can("dossier.judge"):
        mine |= Q(judge=actor.person)
    return rows.filter(mine)


def ledgers_visible_to(actor: Actor) -> QuerySet[Ledger]:
    """Those of the county; for a unit those in which it has dossiers."""
    rows = Ledger.objects.filter(county=actor.county)
    if actor.acts_for_county(*CAPABILITIES):
        return rows
    return rows.filter(Exists(dossiers_visible_to(actor).filter(ledger=OuterRef("pk"))))


def standing_pieces() -> QuerySet[Piece]:
    return Piece.objects.filter(taken_back_on__isnull=True)


def _count_of(rows: QuerySet[Material]) -> Coalesce:
    counted = rows.filter(dossier=OuterRef("pk"), is_dropped=False).order_by().values("dossier")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def with_counts(rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """With ``wanted`` and ``missing``: how many materials are wanted, and of how many there is nothing."""
    held = Exists(standing_pieces().filter(material=OuterRef("pk")))
    return rows.annotate(
        wanted=_count_of(Material.objects.all()), missing=_count_of(Material.objects.filter(~held))
    )  # fmt: skip


def dossiers(actor: Actor, ledger: Ledger) -> QuerySet[Dossier]:
    """A ledger's dossiers within the reader's scope, with ``wanted`` and ``missing``."""
    return with_counts(dossiers_visible_to(actor).filter(ledger=ledger))


def missing_names(rows: Iterable[Dossier]) -> dict[UUID, list[str]]:
    """The names of the materials that each of these dossiers lacks; one statement."""
    held = Exists(standing_pieces().filter(material=OuterRef("pk")))
    found: dict[UUID, list[str]] = {}
    lacking = Material.objects.filter(~held, dossier__in=[row.pk for row in rows], is_dropped=False)
    for key, name in lacking.order_by("dossier", "no").values_list("dossier", "name"):
        found.setdefault(key, []).append(name)
    return found


def standing_judgement() -> QuerySet[Judgement]:
    """Judgements that stand: looked at with consent, or to be looked at."""
    return Judgement.objects.filter(taken_back_on__isnull=True).exclude(look=Judgement.Look.SENT_BACK)


@dataclass(slots=True)
class Line:
    """One item of a ledger over all its dossiers.

    Attributes:
        one: the county's dossier, where the item is the county's.
        states: how many dossiers stand how.
        lacking: how many lack something; ``names``: what the county's lacks.
        asked: who is asked.
        bad: how many conclusions say that something is wrong.
    """

    item: str
    name: str
    kind: str
    group: str
    position: int
    one: Dossier | None = None
    dossiers: list[Dossier] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    conclusions: Counter[str] = field(default_factory=Counter)
    lacking: int = 0
    wanted: int = 0
    names: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    judges: list[str] = field(default_factory=list)

    @property
    def counted(self) -> int:
        return len(self.dossiers) - self.states[S.LEFT_OUT]

    @property
    def concluded(self) -> list[tuple[str, int]]:
        """Each conclusion with how often it was drawn."""
        return sorted(self.conclusions.items())

    @property
    def waiting(self) -> int:
        return self.states[S.OPEN] + self.states[S.RETURNED]


def overview(actor: Actor, ledger: Ledger, *, today: date) -> list[Line]:
    """Every item with where its dossiers stand, who is asked and what is missing; five statements."""
    rows = list(dossiers(actor, ledger).select_related("judge").order_by("position", "pk"))
    lacks = missing_names(row for row in rows if row.missing and row.unit_id is None)  # type: ignore[attr-defined]
    names = names_of(actor, rows, today=today)
    lines: dict[str, Line] = {}
    for row in rows:
        line = lines.setdefault(row.item, Line(row.item, row.name, row.kind, row.group, row.position))
        line.dossiers.append(row)
        line.states[row.state] += 1
        if row.conclusion:
            line.conclusions[row.conclusion] += 1
        if row.state != S.LEFT_OUT and row.missing:  # type: ignore[attr-defined]
            line.lacking += 1
        line.wanted += row.wanted  # type: ignore[attr-defined]
        if row.unit_id is None:
            line.one, line.names = row, lacks.get(row.pk, [])
        asked = names.get(row.department_id, "") if row.department_id else "各校" if row.unit_id else ""
        if asked and asked not in line.asked:
            line.asked.append(asked)
        if row.judge and row.judge.name not in line.judges:
            line.judges.append(row.judge.name)
    return sorted(lines.values(), key=lambda line: (line.position, line.item))


def names_of(actor: Actor, rows: Iterable[Dossier], *, today: date) -> dict[UUID | None, str]:
    """What the units of dossiers are called; one statement."""
    keys = {key for row in rows for key in (row.unit_id, row.department_id) if key}
    found: dict[UUID | None, str] = {key: name for key, name in places.unit_names(actor, keys, as_of=today).items()}  # noqa: C416
    return found


@dataclass(slots=True)
class Wanted:
    """A material with its versions, the latest first."""

    material: Material
    pieces: list[Piece]

    @property
    def held(self) -> Piece | None:
        return next((one for one in self.pieces if one.taken_back_on is None), None)


def materials(dossier: Dossier) -> list[Wanted]:
    """What a dossier wants and has, with all versions; two statements. The dossier was found within the reader's scope."""
    rows = dossier.materials.prefetch_related(Prefetch("pieces", queryset=Piece.objects.order_by("-no")))
    return [Wanted(row, list(row.pieces.all())) for row in rows.order_by("no")]


def judgements(dossier: Dossier) -> list[Judgement]:
    """All judgements of a dossier, the latest first, with what they rest on; three statements."""
    return list(dossier.judgements.prefetch_related("grounds__piece__material").order_by("-no"))


def piece_of(actor: Actor, key: UUID) -> Piece | None:
    """A version within the reader's scope."""
    rows = Piece.objects.filter(material__dossier__in=dossiers_visible_to(actor))
    return rows.select_related("material__dossier").filter(pk=key).first()


def file_of_piece(actor: Actor, piece: Piece) -> StoredFile | None:
    return files.file_of(actor, piece, piece.file) if piece.file else None


def cases(dossier: Dossier) -> list[Case]:
    return list(dossier.cases.order_by("no"))


def surveys(ledger: Ledger) -> list[Survey]:
    """The counts handed in, the latest first. The ledger was found within the reader's scope."""
    return list(ledger.surveys.order_by("-no"))


def exports(ledger: Ledger) -> list[Export]:
    return list(ledger.exports.all()[:5])


def departments(actor: Actor, *, day: date) -> list[tuple[UUID, str]]:
    """Units that can be asked for an item: sections, bureau, member departments, townships, the office."""
    rows = places.units_visible_to(actor, as_of=day).filter(
        kind__in=("bureau", "section", "department", "township", "office", "committee")
    )
    return [(row.unit_id, row.name) for row in rows]


def judges(actor: Actor, *, day: date) -> list[Person]:
    """People who hold a post that may judge."""
    able = {code for code, post in posts().items() if "dossier.judge" in post.may}
    people = accounts.people_with_posts(system(actor.county), day=day)
    return [one for one in people if any(held.post in able for held in one.held)]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Desk:
    """What of a ledger waits for a hat: ``to_hand`` in (``late`` of them past the day), ``to_judge``, ``to_look`` at."""

    ledger: UUID
    title: str
    due_on: date
    to_hand: int
    late: int
    to_judge: int
    to_look: int


def on_desk(actor: Actor, *, today: date) -> list[Desk]:
    """The ledgers in which something waits for this hat, the first due first; one statement."""
    mine = Q(pk__in=[])
    if actor.can("dossier.answer") and actor.unit:
        mine = Q(unit=actor.unit) | Q(department=actor.unit)
    to_hand = Q(mine, state__in=Dossier.WITH_UNIT)
    to_judge = to_look = Q(pk__in=[])
    if actor.can("dossier.judge"):
        judges = Q() if actor.can("dossier.manage") else Q(judge=actor.person)
        own = standing_judgement().filter(
            Q(by_person__in=actor.hands) | Q(by_behalf__in=actor.hands), dossier=OuterRef("pk")
        )
        to_judge, to_look = Q(judges, state=S.HANDED), Q(judges, ~Exists(own), state=S.JUDGED)
    if not actor.can("dossier.answer") and not actor.can("dossier.judge"):
        return []
    rows = dossiers_visible_to(actor).filter(to_hand | to_judge | to_look).order_by()
    counted = rows.values("ledger", "ledger__title", "ledger__due_on").annotate(
        to_hand=Count("pk", filter=to_hand), late=Count("pk", filter=Q(to_hand, due_on__lt=today)),
        to_judge=Count("pk", filter=to_judge), to_look=Count("pk", filter=to_look),
    )  # fmt: skip
    return [
        Desk(
            one["ledger"], one["ledger__title"], one["ledger__due_on"], one["to_hand"], one["late"], one["to_judge"],
            one["to_look"],
        )
        for one in counted.order_by("ledger__due_on", "ledger")
    ]  # fmt: skip


def judged(actor: Actor, standard: str, period: str) -> Mapping[tuple[str, str], Cell]:
    """What people concluded, as cells that join the data: ``judged:G1``, ``veto:V1`` and the counts of the survey.

    Args:
        actor: who reads; of the dossiers within the scope.
        standard: its id.
        period: of the ledger.

    Returns:
        Cells by code of the unit (empty: the county) and field. What is not settled by a second person has no value and says
        why. Of a veto: the number of confirmed cases; 0 only where a named person and a second one found that there is none.
        Empty where there is no ledger.
    """
    ledger = ledgers_visible_to(actor).filter(standard=standard, period=period).first()
    if ledger is None:
        return {}
    rows = dossiers_visible_to(actor).filter(ledger=ledger).exclude(kind=Dossier.Kind.EVIDENCE).select_related("unit")
    settled = {
        one.dossier_id: one
        for one in standing_judgement().filter(dossier__ledger=ledger, look=Judgement.Look.AGREED)
    }  # fmt: skip
    counted: dict[UUID, Counter[str]] = {}
    for key, state in Case.objects.filter(dossier__ledger=ledger).values_list("dossier", "state"):
        counted.setdefault(key, Counter())[state] += 1
    cells: dict[tuple[str, str], Cell] = {}
    for row in rows:
        unit = row.unit.code if row.unit else ""
        where = _where(ledger, row, settled.get(row.pk))
        if row.kind == Dossier.Kind.VETO:
            cells[unit, f"veto:{row.item}"] = _veto(row, counted.get(row.pk, Counter()), where)
        else:
            cells[unit, f"judged:{row.item}"] = _judged(row, where)
    survey = ledger.surveys.filter(taken_back_on__isnull=True).order_by("-no").first()
    if survey and actor.sees_county:
        where = f"{ledger.title} · 社会认可度调查：{survey.source}"
        for name, value in counts_of(survey).items():
            cells["", name] = Cell(value, where=where, raw=str(value))
    return cells


def _where(ledger: Ledger, row: Dossier, judgement: Judgement | None) -> str:
    said = f"{ledger.title} · {row.item} {row.name}"
    if judgement is None:
        return said
    judged, looked = fullday(judgement.judged_on), fullday(judgement.looked_on)
    return f"{said}（{judgement.by_name} {judged}判定，{judgement.look_name} {looked}复核）"


def _judged(row: Dossier, where: str) -> Cell:
    if row.state == S.SETTLED:
        return Cell(row.conclusion, where=where, raw=row.conclusion)
    if row.state == S.LEFT_OUT:
        return Cell(None, problem=f"不计入：{row.reason}", where=where)
    return Cell(None, problem=f"尚未认定（{row.get_state_display()}）", where=where)


def _veto(row: Dossier, counts: Mapping[str, int], where: str) -> Cell:
    confirmed = counts.get(Case.State.CONFIRMED, 0)
    if confirmed:
        return Cell(confirmed, where=where, raw=str(confirmed))
    open_ = counts.get(Case.State.REGISTERED, 0) + counts.get(Case.State.FOUND, 0)
    if open_:
        return Cell(None, problem=f"有 {open_} 条线索还没有核实、复核", where=where)
    if row.state == S.SETTLED and row.conclusion == NONE_SUCH:
        return Cell(0, where=where, raw="0")
    return Cell(None, problem=f"尚未核定有无此情形（{row.get_state_display()}）", where=where)


def counts_of(survey: Survey) -> dict[str, int]:
    """The counts of a survey by field code; those of questionnaires also as the preschool form calls them."""
    found: dict[str, int] = {
        name: getattr(survey, name) for base in Survey.COUNTS for name in (base, f"{base}_parent")
    }  # fmt: skip
    return {**found, "valid_responses": survey.survey_valid, "satisfied_responses": survey.survey_satisfied}


def own_posts(actor: Actor, rows: Iterable[Dossier], *, day: date) -> set[UUID]:
    """Of the units of these dossiers those in which the reader, or whose hat it is, holds a post or that the hat is of."""
    units = {key for row in rows for key in (row.unit_id, row.department_id) if key}
    own: set[UUID] = set()
    if actor.hands and units:
        own = {unit for _, unit in accounts.served_in(county=actor.county, persons=actor.hands, units=units, since=day)}
    return own | ({actor.unit} & units if actor.unit else set())
