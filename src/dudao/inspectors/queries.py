"""What is known of inspectors, for people and for the floors above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.inspectors import library
from dudao.inspectors.models import (
    Absence,
    ConditionCheck,
    Inspector,
    InspectorImport,
    Recusal,
    RuleValue,
    Term,
)
from dudao.shell.acts import Actor
from dudao_engines.procedures.schema import SURE

#: 离任不满三年的回避（LOCAL：浙江、重庆的条例；默认启用）。
RECUSAL_YEARS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A number of the rules as it stands in a county on a day.

    Attributes:
        clause: where it comes from; the county's own source where it set one.
        evidence: how sure that is: LAW, NAT1, NAT2, LOCAL, DESIGN.
        is_sure: of law or of the state's papers, or compared with its text; else pages say 未核实.
        from_on: since when the county says so; None for the file's.
    """

    id: str
    name: str
    value: int
    unit: str
    clause: str
    evidence: str
    is_sure: bool
    from_on: date | None = None


def rules_on(county: str, *, day: date) -> Mapping[str, Standing]:
    """The numbers of ``library/inspectors.yaml`` by id, the county's word of the day before the file's. One statement."""
    own = {one.rule: one for one in RuleValue.objects.filter(county=county, from_on__lte=day).order_by("from_on")}
    found = {}
    for code, rule in library.rules().items():
        said = own.get(code)
        found[code] = (
            Standing(code, rule.name, said.value, rule.unit, said.source, "LOCAL", said.is_checked, said.from_on)
            if said
            else Standing(code, rule.name, rule.value, rule.unit, rule.clause, rule.evidence, rule.evidence in SURE)
        )
    return found


def rule_values(county: str) -> QuerySet[RuleValue]:
    """What the county ever set, with what is ahead."""
    return RuleValue.objects.filter(county=county).order_by("rule", "from_on")


def conditions_of(inspector: Inspector) -> list[tuple[library.Condition, ConditionCheck | None]]:
    """Each condition of 条例 article 7 with the latest look at it, or none. One statement."""
    last = {one.condition: one for one in inspector.condition_checks.select_related("file").all()}
    return [(one, last.get(one.id)) for one in library.conditions()]


def inspectors_visible_to(actor: Actor) -> QuerySet[Inspector]:
    """The office and its leaders see the register, an inspector sees their own entry, nobody else any."""
    rows = Inspector.objects.filter(county=actor.county)
    if actor.acts_for_county("inspector.manage", "inspector.read"):
        return rows
    return rows.filter(person__in=actor.hands)


def in_office(day: date, prefix: str = "") -> Q:
    """Terms that run on a day: announced, begun, not over, not ended."""
    return Q(
        Q(**{f"{prefix}end_on__isnull": True}) | Q(**{f"{prefix}end_on__gte": day}),
        **{f"{prefix}state": Term.State.ANNOUNCED, f"{prefix}start_on__lte": day},
    )


def runs_on(term: Term, day: date) -> bool:
    """Whether a term runs on a day: ``in_office`` for a row at hand."""
    begun = term.state == Term.State.ANNOUNCED and term.start_on is not None and term.start_on <= day
    return begun and (term.end_on is None or day <= term.end_on)


def may_read_private(actor: Actor, inspector: Inspector) -> bool:
    """Birth, education, certificate, recusals, assessments: for the office and the person themselves, not for leaders."""
    return inspector.person_id in actor.hands or actor.acts_for_county("inspector.manage")


@dataclass(frozen=True, slots=True)
class Known:
    """An inspector as the floors above need them on one day.

    Attributes:
        key: of the entry in the register.
        person: of the person.
        subjects, stages, lines: codes of ``Inspector.Stage`` and ``Inspector.Line``; subjects in words.
        certified_from, certified_to: days of the certificate; None where the register says nothing.
        term_to: last day of the running term; None where it has no end.
        work_unit: the unit they work in, as the register says.
        away: absences that touch the day or come after it, as (first, last).
    """

    key: UUID
    person: UUID
    name: str
    kind: str
    subjects: tuple[str, ...]
    stages: tuple[str, ...]
    lines: tuple[str, ...]
    certificate_number: str
    certified_from: date | None
    certified_to: date | None
    ordinal: int
    term_to: date | None
    work_unit: UUID | None
    days_a_month: int | None
    away: tuple[tuple[date, date], ...]

    def is_certified(self, day: date) -> bool:
        """Whether a certificate is on record that covers the day."""
        starts = self.certified_from is None or self.certified_from <= day
        return bool(self.certificate_number) and starts and (self.certified_to is None or day <= self.certified_to)


def roster(county: str, *, day: date) -> list[Known]:
    """The inspectors in office on a day, in the order of their names. Three statements."""
    running = Term.objects.filter(in_office(day)).order_by("-ordinal")
    away = Absence.objects.filter(end_on__gte=day, taken_back_at__isnull=True)
    rows = (
        Inspector.objects.filter(Exists(running.filter(inspector=OuterRef("pk"))), county=county)
        .select_related("person")
        .prefetch_related(Prefetch("terms", running, "running"), Prefetch("absences", away, "away"))
        .order_by("person__sort_key", "pk")
    )
    return [
        Known(
            row.pk, row.person_id, row.person.name, row.kind, tuple(row.subjects), tuple(row.stages), tuple(row.lines),
            row.certificate_number, row.certificate_from, row.certificate_to,
            row.running[0].ordinal, row.running[0].end_on, row.work_unit_id, row.days_a_month,
            tuple((one.start_on, one.end_on) for one in row.away),
        )
        for row in rows
    ]  # fmt: skip


class Grounds:
    """Why people must not inspect units (教育督导条例 article 10), read once for many people, units and days.

    What appointments say (in the unit now, or in the last three years), what the register says of the place of work, and what
    was declared, asked for or ordered and not refused or ended (渝 article 12, 浙 article 20: LOCAL).
    """

    def __init__(self, county: str, persons: Collection[UUID], units: Collection[UUID], *, since: date) -> None:
        """``since``: the earliest day that will be asked after. Three statements."""
        before = years_before(since, RECUSAL_YEARS)
        self._held = accounts.served_in(county=county, persons=persons, units=units, since=before)
        works = Inspector.objects.filter(county=county, person__in=persons, work_unit__in=units)
        self._works = set(works.values_list("person", "work_unit"))
        rows = Recusal.objects.filter(
            Q(end_on__isnull=True) | Q(end_on__gte=since),
            county=county, inspector__person__in=persons, unit__in=units, state__in=Recusal.HOLDING,
        ).select_related("inspector")  # fmt: skip
        self._said: dict[tuple[UUID, UUID], list[Recusal]] = {}
        for row in rows.order_by("state", "pk"):
            self._said.setdefault((row.inspector.person_id, row.unit_id), []).append(row)

    def of(self, person: UUID, unit: UUID, day: date) -> str:
        """The ground in a few words for the office, naming the kind of a relation and nobody; empty where they may meet."""
        pair = (person, unit)
        if pair in self._held:
            end = self._held[pair]
            if end is None or end >= day:
                return "在该单位任职"
            if end >= years_before(day, RECUSAL_YEARS):
                return f"{RECUSAL_YEARS}年内在该单位任过职"
        if pair in self._works:
            return "在该单位任职"
        for row in self._said.get(pair, ()):
            if row.start_on <= day and (row.end_on is None or day <= row.end_on):
                words = row.get_ground_display()
                return words if row.state == Recusal.State.GRANTED else f"{words}（待决定）"
        return ""


def recused(
    county: str, persons: Collection[UUID], units: Collection[UUID], *, day: date
) -> Mapping[tuple[UUID, UUID], str]:
    """Pairs of person and unit that must not meet in an inspection of the day, with the ground (``Grounds``)."""
    grounds = Grounds(county, persons, units, since=day)
    return {(person, unit): why for person in persons for unit in units if (why := grounds.of(person, unit, day))}


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def imports_visible_to(actor: Actor) -> QuerySet[InspectorImport]:
    """Tables of inspectors handed in, latest first; for the office."""
    if not actor.can("inspector.manage"):
        return InspectorImport.objects.none()
    return InspectorImport.objects.filter(county=actor.county).order_by("-made_at")


def asked_by(actor: Actor) -> QuerySet[Recusal]:
    """What the actor's own unit asked for, and nothing else: what inspectors declare is not for units."""
    if not actor.can("inspector.ask"):
        return Recusal.objects.none()
    rows = Recusal.objects.filter(county=actor.county, unit=actor.unit, origin=Recusal.Origin.ASKED)
    return rows.select_related("inspector__person")
