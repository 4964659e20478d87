"""Reading on-site checks: who sees them, which cells are to be looked at and why, and what came of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.accounts.models import Appointment
from dudao.accounts.posts import posts
from dudao.files import queries as files
from dudao.files.models import StoredFile
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.returns import checking, checks, splitting, values
from dudao.returns.models import (
    Campaign,
    Cell,
    CellCheck,
    CheckGroup,
    CheckMark,
    CheckMember,
    CheckRound,
    CheckSignature,
    Reading,
    SchoolCheck,
)
from dudao.returns.queries.returns import returns_visible_to
from dudao.shell.acts import Actor, system
from dudao_engines.kernel.deadlines import Holidays
from dudao_engines.standards import reading, relations
from dudao_engines.standards.forms import Field, Form
from dudao_engines.standards.model import Cell as Value

#: A number that moved by more than this share since last year is looked at (DESIGN).
LEAP = Decimal("0.3")
#: Unless both are below this: one teacher more is no leap.
SMALL = 20


# ---- who sees what --------------------------------------------------------------------------------------------------


def rounds_visible_to(actor: Actor) -> QuerySet[CheckRound]:
    """All of the county for those who see it; for others those in whose groups they are, and, once begun, those that come to
    a unit they see."""
    rows = CheckRound.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    mine = CheckMember.objects.filter(person=actor.person).values("group__round")
    here = SchoolCheck.objects.filter(unit__in=actor.units).values("round")
    return rows.filter(Q(pk__in=mine) | Q(pk__in=here) & ~Q(state__in=("planned", "cancelled")))


def checks_visible_to(actor: Actor) -> QuerySet[SchoolCheck]:
    """The checks of schools in those rounds: of the whole county, of the groups one is in, of the units one sees."""
    rows = SchoolCheck.objects.filter(county=actor.county)
    if actor.sees_county:
        return rows
    mine = CheckMember.objects.filter(person=actor.person).values("group")
    begun = ~Q(round__state__in=("planned", "cancelled"))
    return rows.filter(Q(group__in=mine) | Q(unit__in=actor.units) & begun)


def is_of_group(actor: Actor, check: SchoolCheck) -> bool:
    """Whether the hat may check and its wearer is in the group that goes to the school."""
    if not actor.person or not actor.can("return.check") or check.group_id is None:
        return False
    return CheckMember.objects.filter(group=check.group_id, person=actor.person).exists()


def is_office(actor: Actor) -> bool:
    return actor.sees_county and actor.can("return.manage")


def is_recused(actor: Actor, check: SchoolCheck, *, day: date) -> bool:
    """Whether the wearer holds a post at the school, held one lately, or has a recusal there."""
    if actor.person is None:
        return False
    return bool(inspectors.recused(check.county, [actor.person], [check.unit_id], day=day))


def checkers(actor: Actor, *, day: date) -> dict[UUID, Appointment]:
    """Who can be in a group, by person: the post that lets them, inspectors first, then the people of the office."""
    codes = sorted((code for code, post in posts().items() if "return.check" in post.may), key=_inspectors_first)
    found: dict[UUID, Appointment] = {}
    for held in accounts.holders(system(actor.county), codes, day=day):
        found.setdefault(held.person_id, held)
    return found


def _inspectors_first(code: str) -> tuple[bool, str]:
    return posts()[code].scope == "county", code


def barred(row: CheckRound) -> dict[UUID, dict[UUID, list[str]]]:
    """By group, the units of the round where some of its members must keep away, with their names."""
    members = list(CheckMember.objects.filter(group__round=row))
    units = set(row.schools.values_list("unit", flat=True))
    pairs = inspectors.recused(row.county, {one.person_id for one in members}, units, day=row.begin_on)
    found: dict[UUID, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in members:
        for unit in units:
            if (one.person_id, unit) in pairs:
                found[one.group_id][unit].append(one.name)
    return {group: dict(of_units) for group, of_units in found.items()}


# ---- which cells, and why -------------------------------------------------------------------------------------------


def form_of(campaign: Campaign) -> Form:
    """The form as it was frozen into the campaign."""
    return values.form_of(campaign)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cell is looked at: ``mark`` (could turn a verdict), ``doubt``, ``key`` (looked at everywhere), ``unseen``."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What cells of many schools are held against: last year's values, marks from above, and what was checked last time.

    Attributes:
        last: cells of the period before by unit and code; ``marks``: words by unit and code.
        seen: codes checked last time by unit; None where there was no round before.
    """

    last: Mapping[UUID, Mapping[str, Cell]]
    marks: Mapping[UUID, Mapping[str, str]]
    seen: Mapping[UUID, frozenset[str]] | None


def beside(campaign: Campaign, units: Collection[UUID]) -> Beside:
    """Read what cells are held against; five statements however many schools."""
    before = checking.last_campaign(campaign)
    last: dict[UUID, dict[str, Cell]] = defaultdict(dict)
    seen: dict[UUID, set[str]] | None = None
    if before is not None:
        for cell in Cell.objects.filter(ret__campaign=before, ret__unit__in=units).select_related("ret"):
            last[cell.ret.unit_id][cell.code] = cell
        looked = CellCheck.objects.filter(check_of__round__campaign=before).exclude(outcome="unable")
        if looked.exists():
            seen = defaultdict(set)
            for unit, code in looked.filter(check_of__unit__in=units).values_list("check_of__unit", "code"):
                seen[unit].add(code)
    marks: dict[UUID, dict[str, str]] = defaultdict(dict)
    wanted = CheckMark.objects.filter(campaign=campaign, unit__in=units).order_by("asker")
    for unit, code, words in wanted.values_list("unit", "code", "words"):
        marks[unit][code] = "；".join(filter(None, (marks[unit].get(code), words)))
    frozen = None if seen is None else {unit: frozenset(codes) for unit, codes in seen.items()}
    return Beside(last, marks, frozen)


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of a school's cells before anybody goes there: which are asked of it, and why to look at which."""

    asked: frozenset[str]
    reasons: Mapping[str, Sequence[Reason]]

    def of(self, code: str) -> Sequence[Reason]:
        """Strongest reason first."""
        return self.reasons.get(code, ())

    @property
    def marked(self) -> int:
        return sum(any(one.kind == "mark" for one in said) for said in self.reasons.values())


def why(form: Form, cells: Mapping[str, Cell], unit: UUID, against: Beside) -> Why:
    """Why each cell of a school is to be looked at."""
    marks, last = against.marks.get(unit, {}), against.last.get(unit, {})
    now = {code: values.value_of(cell, form) for code, cell in cells.items() if form.get(code)}
    then = {code: values.value_of(cell, form) for code, cell in last.items() if form.get(code)}
    asked = relations.asked(form, now)
    broken: dict[str, list[str]] = defaultdict(list)
    for one in relations.check(form, now, last=then):
        for code in one.fields:
            broken[code].append(f"{one}" if one.is_sure else f"{one}（校验关系未核实）")
    found: dict[str, list[Reason]] = {}
    for item in form.fields:
        said = [Reason("mark", marks[item.code])] if item.code in marks else []
        if item.code in asked:
            doubts = [*_doubts(item, now.get(item.code), then.get(item.code)), *broken[item.code]]
            said += [Reason("doubt", words) for words in doubts]
            if item.code in checks.key_fields():
                said.append(Reason("key", "重点项，每校必核"))
            if (
                against.seen is not None
                and item.kind != "text"
                and item.code not in against.seen.get(unit, frozenset())
            ):
                said.append(Reason("unseen", "上次没有核查"))
        if said:
            found[item.code] = said
    return Why(asked, found)


def _doubts(item: Field, now: Value | None, then: Value | None) -> list[str]:
    found = []
    if now is not None and now.problem:
        found.append(f"填报有问题：{now.problem}")
    if item.is_number and item.kind != "year" and now is not None and then is not None:
        new, old = now.value, then.value
        if new is not None and old is not None and not isinstance(new, str) and not isinstance(old, str):
            new, old = Decimal(new), Decimal(old)
            if max(new, old) >= SMALL and abs(new - old) > LEAP * old:
                found.append(f"与上年（{reading.shown(then.value, item)}）相差超过 30%")
    return found


def is_wanted(row: CheckRound, item: Field, said: Why) -> bool:
    """Whether a cell belongs to what a round looks at. What is marked always does; what is not asked of a school does not."""
    kinds = {reason.kind for reason in said.of(item.code)}
    if "mark" in kinds:
        return True
    if item.code not in said.asked:
        return False
    if row.scope == CheckRound.Scope.CHOSEN:
        return item.code in row.codes
    if row.scope == CheckRound.Scope.ALL:
        return item.kind != "text" and not item.personal
    wanted = {"doubt", "key", "unseen"} if row.scope == CheckRound.Scope.UNSEEN else {"doubt", "key"}
    return bool(kinds & wanted)


@dataclass(frozen=True, slots=True)
class Load:
    """What a school's check holds: cells to be looked at, marked ones among them, and how far it is."""

    wanted: int = 0
    marked: int = 0
    looked: int = 0
    differing: int = 0


def loads(row: CheckRound, rows: Collection[SchoolCheck]) -> dict[UUID, Load]:
    """How much each school's check holds, by its key; a constant number of statements."""
    units = {one.unit_id for one in rows}
    form, against = form_of(row.campaign), beside(row.campaign, units)
    cells: dict[UUID, dict[str, Cell]] = defaultdict(dict)
    for cell in Cell.objects.filter(ret__in=[one.ret_id for one in rows]):
        cells[cell.ret_id][cell.code] = cell
    looked: dict[UUID, dict[str, str]] = defaultdict(dict)
    for check, code, outcome in CellCheck.objects.filter(check_of__in=rows).values_list("check_of", "code", "outcome"):
        looked[check][code] = outcome
    found = {}
    for one in rows:
        said = why(form, cells[one.ret_id], one.unit_id, against)
        # What was looked at besides belongs to the whole as well.
        wanted = {item.code for item in form.fields if is_wanted(row, item, said)} | looked[one.pk].keys()
        outcomes = list(looked[one.pk].values())
        found[one.pk] = Load(len(wanted), said.marked, len(outcomes), outcomes.count("differs"))
    return found


def doubts_at(actor: Actor, unit: UUID) -> list[tuple[str, str]]:
    """Cells of a unit's latest return that are in doubt, as an inspector should know before going there: label and reasons."""
    rows = returns_visible_to(actor).filter(unit=unit).exclude(campaign__state=Campaign.State.CANCELLED)
    ret = rows.select_related("campaign").order_by("-campaign__census_on", "-pk").first()
    if ret is None:
        return []
    form = form_of(ret.campaign)
    said = why(form, {one.code: one for one in ret.cells.all()}, unit, beside(ret.campaign, [unit]))
    found = []
    for item in form.fields:
        reasons = [one.words for one in said.of(item.code) if one.kind in ("mark", "doubt")]
        if reasons:
            found.append((item.label, "；".join(reasons)))
    return found


# ---- one school's sheet ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of a sheet.

    Attributes:
        reported: canonical text as it stands in the return now; ``problem``: what is wrong with it.
        last: of the period before. ``check``: what was found, where it was looked at.
    """

    field: Field
    section: str
    reported: str
    problem: str
    last: str
    reasons: Sequence[Reason]
    is_wanted: bool
    check: CellCheck | None = None
    files: Sequence[StoredFile] = ()

    @property
    def is_marked(self) -> bool:
        return any(one.kind == "mark" for one in self.reasons)

    @property
    def has_moved(self) -> bool:
        """The school reports something else than when the checkers looked."""
        return self.check is not None and self.reported not in (self.check.reported, self.check.found)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A school's sheet: its lines in the order of the form, who goes, and who signed."""

    check: SchoolCheck
    form: Form
    lines: Sequence[Line]
    members: Sequence[CheckMember]
    signatures: Sequence[CheckSignature] = field(default=())
    scans: Mapping[UUID, Sequence[StoredFile]] = field(default_factory=dict)

    @property
    def wanted(self) -> list[Line]:
        return [one for one in self.lines if one.is_wanted or one.check]

    @property
    def looked(self) -> list[Line]:
        return [one for one in self.lines if one.check]

    @property
    def open(self) -> list[Line]:
        """Wanted and not looked at yet, marked ones first."""
        left = [one for one in self.lines if one.is_wanted and not one.check]
        return sorted(left, key=lambda one: not one.is_marked)

    @property
    def differing(self) -> list[Line]:
        return [one for one in self.lines if one.check and one.check.outcome == CellCheck.Outcome.DIFFERS]

    @property
    def live(self) -> list[CheckSignature]:
        return [one for one in self.signatures if one.ended_at is None]

    def signed_by(self, role: str) -> list[CheckSignature]:
        return [one for one in self.live if one.role == role]


def sheet(actor: Actor, check: SchoolCheck) -> Sheet:
    """The sheet of a check that the caller has found within the actor's scope; a constant number of statements."""
    row = check.round
    form, against = form_of(row.campaign), beside(row.campaign, [check.unit_id])
    cells = {one.code: one for one in Cell.objects.filter(ret=check.ret_id)}
    looked = {one.code: one for one in check.cells.select_related("finding")}
    said = why(form, cells, check.unit_id, against)
    last = against.last.get(check.unit_id, {})
    proofs: dict[str, list[StoredFile]] = defaultdict(list)
    for stored in files.files_of_many(actor, CellCheck, [one.pk for one in looked.values()]):
        proofs[stored.subject].append(stored)
    lines = []
    for section in form.sections:
        for one in section.fields:
            cell, found = cells.get(one.code), looked.get(one.code)
            lines.append(
                Line(
                    one,
                    section.title,
                    cell.value if cell else "",
                    cell.problem if cell else "",
                    last[one.code].value if one.code in last else "",
                    said.of(one.code),
                    is_wanted(row, one, said),
                    found,
                    proofs[str(found.pk)] if found else (),
                )
            )
    members = list(CheckMember.objects.filter(group=check.group_id)) if check.group_id else []
    signatures = list(check.signatures.all())
    scans: dict[UUID, list[StoredFile]] = defaultdict(list)
    for stored in files.files_of_many(actor, CheckSignature, [one.pk for one in signatures]):
        scans[UUID(stored.subject)].append(stored)
    return Sheet(check, form, lines, members, signatures, scans)


# ---- what came of it ------------------------------------------------------------------------------------------------


def schools_of(actor: Actor, row: CheckRound, *, day: date) -> QuerySet[Any]:
    """The schools of a round that the reader sees, each with ``unit_name``, ``region_code`` and its group."""
    rows = checks_visible_to(actor).filter(round=row).select_related("group", "round__campaign")
    return rows.annotate(unit_name=places.name_on("unit", as_of=day), group_name=F("group__name"))


def my_checks(actor: Actor, *, day: date) -> QuerySet[SchoolCheck]:
    """What a checker, or a school, has before them: checks of running rounds that are not through, the next day first."""
    rows = checks_visible_to(actor).filter(round__state=CheckRound.State.RUNNING)
    if actor.sees_county:
        rows = rows.filter(group__members__person=actor.person)
    rows = rows.exclude(state__in=(SchoolCheck.State.SETTLED, SchoolCheck.State.LEFT_OUT)).select_related(
        "round", "group"
    )
    return rows.annotate(unit_name=places.name_on("unit", as_of=day)).order_by(
        F("planned_on").asc(nulls_last=True), "pk"
    )


def cells_looked_at(actor: Actor, row: CheckRound, *, day: date) -> QuerySet[CellCheck]:
    """Every cell looked at in a round, as far as the reader sees its school, with ``unit_name`` and ``group_name``."""
    schools = checks_visible_to(actor).filter(round=row)
    rows = CellCheck.objects.filter(check_of__in=schools).select_related("check_of", "finding")
    return rows.annotate(
        unit_name=places.name_on("check_of__unit", as_of=day), group_name=F("check_of__group__name")
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the cells looked at differ: for a school, a group or a field, by its key."""

    key: str
    looked: int
    differing: int
    unable: int

    @property
    def judged(self) -> int:
        """What could be looked at; the share is of these."""
        return self.looked - self.unable

    @property
    def percent(self) -> Decimal | None:
        """The share of differing cells in percent, rounded half up once to one place; None where nothing could be looked at."""
        if not self.judged:
            return None
        tenths = (2000 * self.differing + self.judged) // (2 * self.judged)
        return Decimal(tenths).scaleb(-1)


def rates(rows: QuerySet[CellCheck], by: str) -> list[Rate]:
    """Rates by a field of the rows (``check_of__unit``, ``check_of__group``, ``code``, ``cause``), the highest first."""
    counted = rows.order_by().values_list(by).annotate(
        looked=Count("pk"), differing=Count("pk", filter=Q(outcome="differs")), unable=Count("pk", filter=Q(outcome="unable"))
    )  # fmt: skip
    found = [Rate(str(key) if key else "", looked, differing, unable) for key, looked, differing, unable in counted]
    return sorted(found, key=lambda one: (-(one.percent or 0), -one.differing, one.key))


def rate(rows: QuerySet[CellCheck]) -> Rate:
    """The rate of all of them."""
    counted = rows.order_by().aggregate(
        looked=Count("pk"), differing=Count("pk", filter=Q(outcome="differs")), unable=Count("pk", filter=Q(outcome="unable"))
    )  # fmt: skip
    return Rate("", counted["looked"], counted["differing"], counted["unable"])


def checks_of_cell(actor: Actor, *, campaign: Campaign, unit: UUID, code: str) -> list[CellCheck]:
    """The checks of one cell in a campaign, for its history, oldest first."""
    rows = CellCheck.objects.filter(
        check_of__in=checks_visible_to(actor).filter(round__campaign=campaign, unit=unit), code=code
    ).select_related("check_of__round")
    return list(rows.order_by("recorded_at", "pk"))


def proposed(row: CheckRound, *, holidays: Holidays) -> list[splitting.Turn]:
    """A table for a round: schools of one township to one group, about the same load for each, nobody to their own unit."""
    rows = list(row.schools.exclude(state=SchoolCheck.State.LEFT_OUT))
    here = {one.unit_id: one.region_code for one in places.units_visible_to(system(row.county), as_of=row.begin_on)}
    load = loads(row, rows)
    # A township is the first nine digits; villages of one lie together.
    stops = [splitting.Stop(str(one.pk), here.get(one.unit_id, ""), load[one.pk].wanted) for one in rows]
    out = barred(row)
    keys = {one.unit_id: str(one.pk) for one in rows}
    groups = [str(one.pk) for one in row.groups.all()]
    away = {str(group): {keys[unit] for unit in units if unit in keys} for group, units in out.items()}
    chosen = splitting.split(stops, groups, barred=away)
    return splitting.days(
        stops, chosen, begin_on=row.begin_on, end_on=row.end_on, per_day=row.per_day, holidays=holidays
    )  # fmt: skip


def may_write(actor: Actor, check: SchoolCheck, *, day: date) -> bool:
    """Whether the hat may write what was found at the school now."""
    return (
        check.round.state == CheckRound.State.RUNNING
        and check.state in SchoolCheck.WRITING
        and may_check(actor, check, day=day)
    )


def may_check(actor: Actor, check: SchoolCheck, *, day: date) -> bool:
    """Whether the hat is of the group or the office, and neither is of the school nor was lately."""
    mine = is_office(actor) or is_of_group(actor, check)
    return mine and not actor.is_of(check.unit_id) and not is_recused(actor, check, day=day)


def readings_of(check: SchoolCheck, code: str) -> QuerySet[Reading]:
    """Where the number of a cell comes from, latest first; for a check that the caller has found within the actor's scope: a
    checker sees the history of what they check, though not the school's whole return."""
    rows = Reading.objects.filter(campaign=check.round.campaign_id, unit=check.unit_id, code=code)
    return rows.select_related("upload").order_by("-recorded_at", "-pk")


def file_of(actor: Actor, check: SchoolCheck, key: UUID) -> StoredFile | None:
    """A picture or scan of a check that the caller has found within the actor's scope: of a cell or of a signature."""
    cells = files.files_of_many(actor, CellCheck, check.cells.values_list("pk", flat=True))
    signatures = files.files_of_many(actor, CheckSignature, check.signatures.values_list("pk", flat=True))
    return cells.filter(pk=key).first() or signatures.filter(pk=key).first()


def called(actor: Actor, campaign: Campaign, *, day: date) -> list[tuple[str, str]]:
    """The units that a campaign calls, key and name, in the order of their names."""
    named = places.unit_names(actor, set(campaign.returns.values_list("unit", flat=True)), as_of=day)
    return sorted(((str(key), name) for key, name in named.items()), key=lambda one: one[1])


def groups_of(row: CheckRound) -> list[CheckGroup]:
    return list(row.groups.prefetch_related("members"))


def names(actor: Actor, rows: Iterable[SchoolCheck], *, day: date) -> dict[UUID, str]:
    return places.unit_names(actor, {one.unit_id for one in rows}, as_of=day)


def marked_cells(actor: Actor, row: CheckRound, *, day: date) -> QuerySet[CheckMark]:
    """The cells of a round's schools that are to be looked at first, with ``unit_name`` and whether they were (``is_looked``)."""
    schools = checks_visible_to(actor).filter(round=row)
    looked = CellCheck.objects.filter(check_of__round=row, check_of__unit=OuterRef("unit"), code=OuterRef("code"))
    rows = CheckMark.objects.filter(campaign=row.campaign_id, unit__in=schools.values("unit"))
    return rows.annotate(unit_name=places.name_on("unit", as_of=day), is_looked=Exists(looked))


def rounds_with_counts(actor: Actor) -> QuerySet[CheckRound]:
    """Rounds with how many schools they have and how many are through."""
    seen = Q(schools__in=checks_visible_to(actor)) & ~Q(schools__state="left_out")
    return rounds_visible_to(actor).select_related("campaign").annotate(
        school_count=Count("schools", filter=seen, distinct=True),
        settled_count=Count("schools", filter=seen & Q(schools__state="settled"), distinct=True),
    )  # fmt: skip


def campaigns_to_check(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns whose numbers can be checked at the schools, the latest first."""
    rows = Campaign.objects.filter(county=actor.county, state__in=(Campaign.State.OPEN, Campaign.State.LOCKED))
    return rows.exclude(level=Campaign.Level.COUNTY).order_by("-census_on", "form")
