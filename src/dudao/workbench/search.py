"""Finding anything of the house by a word: tasks, findings, measures, inspections, papers, units; each within its own scope."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from dudao.findings import queries as findings
from dudao.inspections import queries as inspections
from dudao.papers import queries as papers
from dudao.places import queries as places
from dudao.plan import queries as plan
from dudao.returns import queries as returns
from dudao.returns.library import standards
from dudao.returns.models import Campaign
from dudao.shell.acts import Actor

#: So many of each kind are shown; the list of the kind shows all.
SHOWN = 8
_NUMBER = re.compile(r"(\d{4})-0*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: what it is called, where it is, and a word about it."""

    title: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind; ``more`` leads to the list where there is more."""

    name: str
    hits: list[Hit]
    more: str


def search(actor: Actor, words: str, *, today: date) -> list[Found]:
    """What the words stand in, by kind; one statement for each kind, and none without words."""
    if not words:
        return []
    names = places.units_visible_to(actor, as_of=today).filter(
        Q(name__icontains=words) | Q(short_name__icontains=words)
    )
    units = list(names[: SHOWN + 1])
    numbered = _numbered(words)
    kinds = (
        _kind(
            "任务", "plan:task_list", words,
            plan.tasks_visible_to(actor).filter(_in(words, "number", "title", "quote")).order_by("-year", "number"),
            lambda row: Hit(f"{row.number} {row.named}", reverse("plan:task", args=[row.pk]), row.get_state_display()),
        ),
        _kind(
            "问题", "findings:list", words,
            findings.findings_visible_to(actor).filter(_in(words, "title", "basis", "ledger_number") | numbered),
            lambda row: Hit(str(row), reverse("findings:finding", args=[row.pk]), row.state_words),
        ),
        _kind(
            "督办与措施", "findings:measures", words,
            findings.measures_visible_to(actor).filter(_in(words, "title") | numbered),
            lambda row: Hit(str(row), reverse("findings:measure", args=[row.pk]), row.state_words),
        ),
        _kind(
            "督导检查", "inspections:list", words,
            inspections.inspections_visible_to(actor).filter(_in(words, "title", "matters")),
            lambda row: Hit(row.title, reverse("inspections:inspection", args=[row.pk]), row.state_words),
        ),
        _kind(
            "公文", "papers:list", words,
            papers.papers_visible_to(actor).filter(_in(words, "title", "number")),
            lambda row: Hit(f"{row.number} {row.title}".strip(), papers.address(row), row.get_state_display()),
        ),
        _kind(
            "学校填报", "returns:list", words,
            returns.campaigns_visible_to(actor).filter(_in(words, "title", "period_label")),
            lambda row: Hit(
                row.title,
                reverse("returns:campaign", args=[row.pk]) if actor.sees_county else reverse("returns:mine"),
                row.get_state_display(),
            ),
        ),
        _kind("指标与判定", "indicators:matrix", words, _judged(actor, units), lambda hit: hit),
        _kind(
            "单位", "places:units", words, units,
            lambda row: Hit(row.name, reverse("places:unit", args=[row.unit_id]), row.get_kind_display()),
        ),
    )  # fmt: skip
    return [kind for kind in kinds if kind.hits]


def _judged(actor: Actor, units: list[Any]) -> list[Hit]:
    """Of the units found those whose numbers of the latest period the reader may see, by the standard that asks for them."""
    names = {row.unit_id: row.name for row in units}
    levels = (Campaign.Level.SCHOOL, Campaign.Level.KINDERGARTEN)
    running = (Campaign.State.OPEN, Campaign.State.LOCKED)
    rows = returns.returns_visible_to(actor).filter(
        unit__in=list(names), campaign__level__in=levels, campaign__state__in=running
    )
    found: dict[Any, Hit] = {}
    for ret in rows.select_related("campaign", "unit").order_by("-campaign__census_on", "pk"):
        standard = next((one for one in standards().values() if ret.campaign.form in one.forms), None)
        if standard and ret.unit_id not in found:
            query = urlencode({"standard": standard.id, "period": ret.campaign.period})
            address = f"{reverse('indicators:unit', args=[ret.unit.code])}?{query}"
            found[ret.unit_id] = Hit(names[ret.unit_id], address, f"{standard.short_name} {ret.campaign.period_label}")
    return list(found.values())


def _in(words: str, *fields: str) -> Q:
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__icontains": words})
    return found


def _numbered(words: str) -> Q:
    """2024-0012 as people write it, with or without the noughts."""
    number = _NUMBER.fullmatch(words)
    return Q(year=int(number[1]), serial=int(number[2])) if number else Q(pk__in=[])


def _kind(
    name: str, list_page: str, words: str, rows: QuerySet[Any] | Iterable[Any], hit: Callable[[Any], Hit]
) -> Found:
    first = list(rows[: SHOWN + 1]) if isinstance(rows, QuerySet) else list(rows)
    more = f"{reverse(list_page)}?{urlencode({'q': words})}" if len(first) > SHOWN else ""
    return Found(name, [hit(row) for row in first[:SHOWN]], more)
