"""Counting findings: one place for each number. Every reading takes the reader first and a constant number of statements.

What was found in a period and withdrawn since (登记有误, 申辩采纳) is no problem of the period and counted nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet

from dudao.findings import lights, queries
from dudao.findings.models import Case, Finding, Measure
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.procedures import library
from dudao.procedures.models import Act, Clock
from dudao.shell.acts import Actor
from dudao_engines.kernel.periods import Period

#: What can be done on findings themselves, by the mechanism of the procedure, in words for a filter.
ACTED = {"reported": "报告过", "fed": "反馈过", "rectified": "整改办理过", "rechecked": "复查过"}
_MECHANISM = {"reported": "报告", "fed": "反馈", "rectified": "整改", "rechecked": "复查"}


def years(actor: Actor, *, today: date) -> list[int]:
    """Every year from this one back to that of the earliest finding seen, the newest first."""
    first = queries.findings_visible_to(actor).aggregate(first=Min("year"))["first"] or today.year
    return list(range(today.year, min(first, today.year) - 1, -1))


def basis_words(actor: Actor, key: str) -> list[tuple[str, str]]:
    """The one asked for as a choice, in the words of its latest finding; none where nothing bears it."""
    if not key:
        return []
    row = queries.findings_visible_to(actor).filter(basis_key=key).order_by("-found_on").first()
    return [(key, row.basis)] if row else []


def _codes(mechanism: str) -> list[str]:
    return [act.id for act in library.procedure("finding").acts if act.mechanism == mechanism]


def acted(actor: Actor, act: str, span: Period) -> Q:
    """Findings on which something of a mechanism (``ACTED``) was done in a period."""
    acts = Act.objects.filter(
        county=actor.county, procedure="finding", code__in=_codes(_MECHANISM[act]),
        occurred_on__range=(span.start, span.end),
    )  # fmt: skip
    return Q(pk__in=acts.values("subject"))


def found_in(actor: Actor, span: Period) -> QuerySet[Finding]:
    """The findings of a period that the hat sees, those withdrawn apart."""
    rows = queries.findings_visible_to(actor).filter(found_on__range=(span.start, span.end))
    return rows.exclude(state="withdrawn").order_by()


# Heat map: basis × unit

#: So many rows and columns are shown; the rest stands together.
MOST_ROWS, MOST_COLUMNS, ALL_ROWS = 15, 12, 300
#: Levels of colour.
SHADES = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, how deep its colour is (0 none to ``SHADES``), and the register's filters that open it."""

    count: int
    shade: int
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    cells: Sequence[Cell]
    total: Cell
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Heat:
    """Findings of a period by basis and by kind of unit, or by unit.

    Attributes:
        columns: label and filters of each.
        by_unit: columns are units, else kinds of unit.
    """

    columns: Sequence[tuple[str, Mapping[str, str]]]
    lines: Sequence[Line]
    foot: Sequence[Cell]
    total: Cell
    by_unit: bool
    bases: int


def heat(actor: Actor, *, code: str, span: Period, today: date, kind: str = "", whole: bool = False) -> Heat:
    """The map; three statements. Cells, sums and total come from one of them.

    Args:
        code: of the period, for the filters that open a cell.
        kind: only units of this kind, each a column of its own.
        whole: up to ``ALL_ROWS`` rows rather than ``MOST_ROWS``.
    """
    versions = {v.unit_id: v for v in places.units_visible_to(actor, as_of=today)}
    grouped = found_in(actor, span).values_list("basis_key", "unit").annotate(n=Count("pk"))
    counts: Counter[tuple[str, UUID]] = Counter()
    for basis, unit, n in grouped:
        if not kind or (unit in versions and versions[unit].kind == kind):
            counts[basis, unit] += n
    units = {unit for _, unit in counts}
    by_unit = bool(kind) or len(units) <= MOST_COLUMNS
    columns = _columns_of(actor, counts, versions, by_unit=by_unit, today=today)
    rows: Counter[str] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    sums: Counter[str] = Counter()
    of = {unit: key for key, _, _, members in columns for unit in members}
    for (basis, unit), n in counts.items():
        rows[basis] += n
        cells[basis, of[unit]] += n
        sums[of[unit]] += n
    most = ALL_ROWS if whole else MOST_ROWS
    shown = [basis for basis, _ in sorted(rows.items(), key=lambda one: (-one[1], one[0]))][:most]
    words = dict(found_in(actor, span).filter(basis_key__in=shown).values_list("basis_key").annotate(w=Max("basis")))
    # What stands together has no colour: it is no unit and no basis.
    highest = max((cells[basis, key] for basis in shown for key, *_ in columns if key), default=0)
    base = {"period": code, **({"kind": kind} if kind else {})}

    def cell(n: int, asked: Mapping[str, str], *, plain: bool = False) -> Cell:
        shade = 0 if plain or not n else -(-n * SHADES // highest)
        return Cell(n, shade, {**base, "state": "valid", **asked})

    lines = [
        Line(
            words.get(basis, basis),
            [cell(cells[basis, key], {"basis": basis, **asked}, plain=not key) for key, _, asked, _ in columns],
            cell(rows[basis], {"basis": basis}, plain=True),
        )
        for basis in shown
    ]
    if rest := [basis for basis in rows if basis not in set(shown)]:
        lines.append(
            Line(
                f"其余 {len(rest)} 项依据",
                [cell(sum(cells[basis, key] for basis in rest), {}, plain=True) for key, *_ in columns],
                cell(sum(rows[basis] for basis in rest), {}, plain=True),
                is_rest=True,
            )
        )
    return Heat(
        [(label, {**base, "state": "valid", **asked}) for _, label, asked, _ in columns],
        lines,
        [cell(sums[key], asked, plain=True) for key, _, asked, _ in columns],
        cell(sum(rows.values()), {}, plain=True),
        by_unit,
        len(rows),
    )


_Column = tuple[str, str, Mapping[str, str], set[UUID]]


def _columns_of(
    actor: Actor, counts: Counter[tuple[str, UUID]], versions: Mapping[UUID, UnitVersion], *, by_unit: bool, today: date
) -> list[_Column]:
    """Columns: key, label, filters, and the units they hold. Units that have ended stand under 已终止的单位."""
    sums: Counter[UUID] = Counter()
    for (_, unit), n in counts.items():
        sums[unit] += n
    if not by_unit:
        kinds: dict[str, set[UUID]] = defaultdict(set)
        for unit in sums:
            kinds[versions[unit].kind if unit in versions else ""].add(unit)
        order = [*UnitVersion.Kind.values, ""]
        return [
            (
                kind or "ended",
                str(UnitVersion.Kind(kind).label) if kind else "已终止的单位",
                {"kind": kind or "ended"},
                kinds[kind],
            )
            for kind in order
            if kind in kinds
        ]
    ordered = [unit for unit, _ in sorted(sums.items(), key=lambda one: (-one[1], str(one[0])))]
    if len(ordered) > MOST_COLUMNS:
        ordered, rest = ordered[: MOST_COLUMNS - 1], set(ordered[MOST_COLUMNS - 1 :])
    else:
        rest = set()
    names = places.unit_names(actor, set(ordered), as_of=today)
    found: list[_Column] = [(str(unit), names.get(unit, "—"), {"unit": str(unit)}, {unit}) for unit in ordered]
    others = {"unit": "-" + ".".join(str(unit) for unit in ordered)}
    return [*found, ("", f"其余 {len(rest)} 个单位", others, rest)] if rest else found


# Statistics


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One of the eight mechanisms: what was done in the period and what runs now, each with what opens it.

    Attributes:
        done, running: ``None`` where the question makes no sense; ``unit`` is what is counted.
        done_asked, running_asked: filters of the register, or ``open`` for a list on the page itself.
    """

    name: str
    unit: str
    done: int | None
    done_asked: Mapping[str, str]
    running: int | None
    running_asked: Mapping[str, str]
    note: str = ""


def mechanisms(actor: Actor, *, code: str, span: Period, today: date) -> list[Mechanism]:
    """The eight mechanisms (and what else the notice names beside them), as far as the hat sees; four statements."""
    rows = queries.findings_visible_to(actor).order_by()
    did = {act: Count("pk", filter=acted(actor, act, span)) for act in ACTED}
    stands = {name: Count("pk", filter=Q(state__in=states)) for name, states in STANDS.items()}
    of_findings = rows.aggregate(**did, **stands)
    begun, running = _by_kind(measures_begun(actor, span)), _by_kind(measures_running(actor))
    cases = cases_begun(actor, span, today=today).count()
    open_cases = cases_open(actor, today=today).count()

    def loop(name: str, act: str, stand: str, note: str = "") -> Mechanism:
        asked = {"acted": f"{act}.{code}"}
        now = of_findings[stand] if stand else None
        return Mechanism(name, "个问题", of_findings[act], asked, now, {"state": stand} if stand else {}, note)

    def measure(name: str, kind: str) -> Mechanism:
        return Mechanism(name, "次", begun[kind], {"open": f"begun-{kind}"}, running[kind], {"open": f"running-{kind}"})

    return [
        loop("报告", "reported", "", "立即上报的；督导报告在“督导检查”里统计"),
        loop("反馈", "fed", "registered", "登记反馈；在办是还没有告知单位的"),
        loop("整改", "rectified", "with_unit", "在办是单位正在整改和复查不到位的"),
        loop("复查", "rechecked", "with_office", "复查、销号、回头看；在办是等复查、等销号的"),
        measure("激励", "reward"),
        measure("约谈", "talk"),
        measure("通报", "circular"),
        Mechanism("问责", "件", cases, {"open": "begun-case"}, open_cases, {"open": "running-case"},
                  "只统计您是案件成员的"),
        measure("督办单", "order"),
        measure("曝光", "exposure"),
    ]  # fmt: skip


def _by_kind(measures: QuerySet[Measure]) -> Counter[str]:
    return Counter(dict(measures.order_by().values_list("kind").annotate(n=Count("pk"))))


#: States taken together, as filters of the register and in counts.
STANDS: Mapping[str, tuple[str, ...]] = {
    "registered": ("registered",),
    "with_unit": lights.WITH_UNIT,
    "with_office": ("reported", "passed"),
    "done": ("closed", "archived"),
}


def measures_begun(actor: Actor, span: Period) -> QuerySet[Measure]:
    """Measures that were begun in a period and not cancelled."""
    acts = Act.objects.filter(
        county=actor.county, procedure="measure", before="", occurred_on__range=(span.start, span.end)
    )
    rows = queries.measures_visible_to(actor).exclude(state="cancelled")
    return rows.filter(pk__in=acts.values("subject")).order_by("-year", "-serial")


def measures_running(actor: Actor) -> QuerySet[Measure]:
    return queries.measures_visible_to(actor).exclude(state__in=Measure.ENDED).order_by("-year", "-serial")


def cases_begun(actor: Actor, span: Period, *, today: date) -> QuerySet[Case]:
    """Cases of which the person is a member, opened in a period."""
    acts = Act.objects.filter(
        county=actor.county, procedure="accountability", before="", occurred_on__range=(span.start, span.end)
    )
    return queries.cases_visible_to(actor, today=today).filter(pk__in=acts.values("subject"))


def cases_open(actor: Actor, *, today: date) -> QuerySet[Case]:
    """Cases of which the person is a member, and in which something is still to be done."""
    ended = [state.id for state in library.procedure("accountability").states if state.final or state.rest]
    return queries.cases_visible_to(actor, today=today).exclude(state__in=ended)


@dataclass(frozen=True, slots=True)
class Share:
    """Findings of a period that have one thing in common: how many, and how they stand now."""

    label: str
    asked: Mapping[str, str]
    count: int
    is_open: int
    late: int
    closed: int


def shares(actor: Actor, by: str, *, code: str, span: Period, today: date) -> list[Share]:
    """The findings of a period by ``cause``, ``source`` or ``severity``, the most first; one statement (two by cause)."""
    rows = found_in(actor, span).values_list(by).annotate(
        n=Count("pk"),
        o=Count("pk", filter=Q(state__in=Finding.OPEN)),
        late=Count("pk", filter=lights.late(today)),
        c=Count("pk", filter=Q(state__in=STANDS["done"])),
    )  # fmt: skip
    names: dict[Any, str] = {**dict(Finding.Source.choices), **dict(Finding.Severity.choices)}
    if by == "cause":
        names = {cause.pk: cause.name for cause in queries.all_causes(actor)} | {None: "未填原因"}
    base = {"period": code, "state": "valid"}
    found = [
        Share(names.get(value, str(value)), {**base, by: str(value) if value else "none"}, n, o, late, c)
        for value, n, o, late, c in rows
    ]
    return sorted(found, key=lambda share: (share.asked[by] == "none", -share.count, share.label))


@dataclass(slots=True)
class Stay:
    """How many days findings stood in a state.

    Attributes:
        days: of each stay that has ended, in order.
        now: of each that goes on: days until today, and the finding.
        longest: the finding that stayed longest, of those that have ended.
    """

    name: str
    days: list[int] = field(default_factory=list)
    now: list[tuple[int, UUID]] = field(default_factory=list)
    longest: UUID | None = None

    @property
    def median(self) -> Fraction | None:
        """The middle one; between two middle ones the half."""
        n = len(self.days)
        return Fraction(self.days[(n - 1) // 2] + self.days[n // 2], 2) if n else None

    @property
    def median_words(self) -> str:
        """12, 12.5: halves are all there can be."""
        middle = self.median
        return "" if middle is None else f"{middle.numerator // middle.denominator}{'.5' * (middle.denominator - 1)}"

    @property
    def p90(self) -> int | None:
        """The shortest stay that at least nine in ten did not exceed (nearest rank)."""
        return self.days[-(-9 * len(self.days) // 10) - 1] if self.days else None

    @property
    def most(self) -> int | None:
        return self.days[-1] if self.days else None

    @property
    def running(self) -> tuple[int, UUID] | None:
        """The one that has stood longest and still does."""
        return max(self.now, key=lambda one: (one[0], str(one[1]))) if self.now else None


def stays(actor: Actor, *, span: Period, today: date) -> list[Stay]:
    """The days in each state of the findings of a period, by their acts; one statement.

    Findings that a ledger told of as closed are left out: what happened between is not known.
    """
    keys = found_in(actor, span).values("pk")
    acts = Act.objects.filter(procedure="finding", subject__in=keys).exclude(code="history_closed")
    rows = acts.order_by("subject", "occurred_on", "pk").values_list("subject", "occurred_on", "after")
    return reckon_stays(rows.iterator(), today=today)


def reckon_stays(acts: Iterable[tuple[UUID, date, str]], *, today: date) -> list[Stay]:
    """``stays`` of acts in the order of subject and day: (subject, day, state after it)."""
    states = [s for s in library.procedure("finding").states if not s.final]
    found = {state.id: Stay(state.name) for state in states}
    ended: dict[str, list[tuple[int, UUID]]] = defaultdict(list)
    subject: UUID | None = None
    state, since = "", today

    def close() -> None:
        if subject is not None and state in found and not library.procedure("finding").state(state).rest:
            found[state].now.append(((today - since).days, subject))

    for key, on, after in acts:
        if key != subject:
            close()
            subject, state, since = key, after, on
        elif after != state:
            ended[state].append(((on - since).days, key))
            state, since = after, on
    close()
    for code, ones in ended.items():
        if code in found:
            ones.sort(key=lambda one: (one[0], str(one[1])))
            found[code].days = [days for days, _ in ones]
            found[code].longest = ones[-1][1]
    return [stay for stay in found.values() if stay.days or stay.now]


@dataclass(frozen=True, slots=True)
class Kept:
    """Limits of rectification that came due in a period: how many reports came in time.

    Attributes:
        ahead: not due yet and nothing reported; moved: replaced before their day (extension); neither counts.
    """

    in_time: int
    late: int
    ahead: int
    moved: int

    @property
    def base(self) -> int:
        return self.in_time + self.late

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.in_time, self.base) if self.base else None


def limits_due(actor: Actor, span: Period) -> QuerySet[Clock]:
    """The limits of rectification of findings the hat sees whose day lies in a period; those withdrawn apart."""
    clocks = Clock.objects.filter(
        county=actor.county, procedure="finding", limit="L_RECT_DEADLINE", due_on__range=(span.start, span.end)
    )
    rows = queries.findings_visible_to(actor).order_by()
    if actor.sees_county:
        # The few that are left out, rather than all that are not.
        return clocks.exclude(subject__in=rows.filter(state="withdrawn").values("pk"))
    return clocks.filter(subject__in=rows.exclude(state="withdrawn").values("pk"))


def limit_parts(today: date) -> dict[str, Q]:
    """How a limit came out; each is in one part only."""
    reported = Q(stopped_by__code="report")
    runs = Q(stopped_by__isnull=True)
    passed = Q(stopped_on__gt=F("due_on"))
    return {
        "in_time": reported & ~passed,
        "late": (~runs & passed) | (runs & Q(due_on__lt=today)),
        "ahead": runs & Q(due_on__gte=today),
        "moved": ~runs & ~reported & ~passed,
    }


def kept(actor: Actor, *, span: Period, today: date) -> Kept:
    """How many limits that came due were kept; one statement."""
    parts = {name: Count("pk", filter=where) for name, where in limit_parts(today).items()}
    return Kept(**limits_due(actor, span).order_by().aggregate(**parts))


# One unit


@dataclass(frozen=True, slots=True)
class Year:
    """A unit's findings of one year."""

    year: int
    count: int
    is_open: int
    late: int
    closed: int
    relapses: int


def unit_years(actor: Actor, unit: UUID, *, today: date) -> list[Year]:
    """A unit's findings by the year they were found in, the newest first; one statement."""
    rows = (
        queries.findings_visible_to(actor)
        .filter(unit=unit)
        .exclude(state="withdrawn")
        .order_by()
        .values_list("year")
        .annotate(
            n=Count("pk"),
            o=Count("pk", filter=Q(state__in=Finding.OPEN)),
            late=Count("pk", filter=lights.late(today)),
            c=Count("pk", filter=Q(state__in=STANDS["done"])),
            r=Count("pk", filter=Q(relapses__gt=0)),
        )
    )
    return [Year(*row) for row in sorted(rows, reverse=True)]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A basis that came up in more than one year at a unit."""

    basis: str
    key: str
    years: Sequence[int]
    count: int


def repeats(actor: Actor, unit: UUID) -> list[Repeat]:
    """The bases of a unit's findings that came up in more than one year; one statement."""
    rows = queries.findings_visible_to(actor).filter(unit=unit).exclude(state="withdrawn").order_by("year", "serial")
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, year, basis in rows.values_list("basis_key", "year", "basis"):
        found[key].append((year, basis))
    return [
        Repeat(ones[-1][1], key, sorted({year for year, _ in ones}), len(ones))
        for key, ones in found.items()
        if len({year for year, _ in ones}) > 1
    ]
