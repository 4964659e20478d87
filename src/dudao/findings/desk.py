"""What of the loop lies on somebody's desk: what is theirs to do next, and what is late. For the workbench."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from dudao.findings import lights, queries, waiting
from dudao.findings.models import Finding, Measure
from dudao.places import queries as places
from dudao.procedures import matters
from dudao.procedures.models import Matter
from dudao.shell.acts import Actor

SHOWN = 5
#: States of measures in which the office, a leader, the unit is to act next; the rest waits for a limit or for others.
_OFFICE = Q(state__in=("called", "held", "heard", "issued", "published")) | (
    Q(state__in=("drafting", "approved")) & ~Q(kind=Measure.Kind.REWARD, state="drafting")
)
_LEADER = Q(kind=Measure.Kind.REWARD, state="drafting") | Q(kind=Measure.Kind.EXPOSURE, state="heard")
_UNIT = Q(state__in=("running", "hearing"))
_DONE = ("not_opened", "archived")


@dataclass(frozen=True, slots=True)
class Line:
    """One matter: what it is called, its page, whose it is, the day it is due."""

    title: str
    address: str
    unit: str
    state: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Pile:
    """Some matters of one reason: the first few, how many, and where all of them are."""

    label: str
    tone: str
    lines: list[Line]
    count: int
    address: str


def piles(actor: Actor, *, today: date) -> list[Pile]:
    """What lies there, empty piles left out; at most eleven statements however much there is."""
    found = [
        (label, tone, rows, len(rows) if len(rows) < SHOWN else every.count(), address)
        for label, tone, every, address in _reasons(actor, today=today)
        if (rows := list(every[:SHOWN]))
    ]
    names = places.unit_names(actor, {row.unit_id for one in found for row in one[2]}, as_of=today) if found else {}
    return [
        Pile(label, tone, [_line(row, names.get(row.unit_id, "—")) for row in rows], count, address)
        for label, tone, rows, count, address in found
    ]


def _reasons(actor: Actor, *, today: date) -> Sequence[tuple[str, str, QuerySet[Any], str]]:
    findings = queries.findings_visible_to(actor)
    known = {"loop.office", "loop.lead", "loop.inspect", "loop.answer"} & actor.may
    if not known:
        return []
    listed, queue = reverse("findings:list"), reverse("findings:queue")
    late = findings.filter(lights.late(today)).order_by("due_on", "pk")
    reasons: list[tuple[str, str, QuerySet[Any], str]] = [("整改逾期", "late", late, f"{listed}?chip=late")]
    if known - {"loop.answer"}:
        reasons.insert(0, ("危及师生安全、没有上报", "late", waiting.dangers(actor, today=today), queue))
    if (own := lights.mine(actor, today)) is not None:
        mine = findings.filter(own).exclude(lights.late(today)).order_by("state_since", "pk")
        reasons.append(("其他待我办的问题", "", mine, f"{listed}?chip=mine"))
    if (turn := _turn(actor)) is not None:
        measures = queries.measures_visible_to(actor).filter(turn).order_by("state_since", "pk")
        reasons.append(("措施待我办", "", measures, f"{reverse('findings:measures')}?chip=runs"))
    if known & {"loop.office", "loop.lead"}:
        cases = queries.cases_visible_to(actor, today=today).exclude(state__in=_DONE).order_by("state_since", "pk")
        reasons.append(("我参加的问责案件", "", cases, reverse("findings:cases")))
    return reasons


def _turn(actor: Actor) -> Q | None:
    """The measures in which the hat acts next."""
    found = Q(pk__in=[])
    if actor.sees_county and actor.can("loop.office"):
        found |= _OFFICE
    if actor.sees_county and actor.can("loop.lead"):
        found |= _LEADER
    if actor.unit and actor.can("loop.answer"):
        found |= _UNIT & Q(unit=actor.unit)
    return found if len(found) > 1 else None


def _line(row: Matter, unit: str) -> Line:
    address = reverse(matters.kinds[row.PROCEDURE].page, args=[row.pk])
    due_on = getattr(row, "due_on", None)
    if isinstance(row, Finding) and row.state not in lights.WITH_UNIT:
        due_on = None
    return Line(str(row), address, unit, row.state_words, due_on)
