"""What a county says of a standard: rows, what holds on a day, and where each element stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from dudao.indicators.elements import CLOSED, OPEN, Element, elements
from dudao.indicators.models import Check, Choice
from dudao.returns import library
from dudao.shell.acts import Actor
from dudao_engines.standards.results import Settings

if TYPE_CHECKING:
    from uuid import UUID

    from dudao_engines.standards.bound import Bound
    from dudao_engines.standards.schema import Standard

#: 县核对值 > 自治区值 > 国家值 > the file's own.
_RANK = {Choice.Origin.COUNTY: 3, Choice.Origin.REGION: 2, Choice.Origin.NATION: 1}


def checks_visible_to(actor: Actor) -> QuerySet[Check]:
    """What was compared in the actor's county, the latest first."""
    return Check.objects.filter(county=actor.county)


def choices_visible_to(actor: Actor) -> QuerySet[Choice]:
    """What was given, chosen or switched in the actor's county, the latest first."""
    return Choice.objects.filter(county=actor.county)


def choice_visible_to(actor: Actor, key: "UUID") -> Choice | None:
    return choices_visible_to(actor).filter(pk=key).first()


def check_visible_to(actor: Actor, key: "UUID") -> Check | None:
    return checks_visible_to(actor).filter(pk=key).first()


@dataclass(slots=True)
class Standing:
    """Where one element stands on a day.

    Attributes:
        check: the latest comparison that stands.
        is_stale: it was compared, and the file has said something else since.
        choice: the choice that holds; of a variant: the choice of its part.
        value: what holds: the choice's, else the file's.
        is_checked: it was compared as it stands now, or its value was with the paper it comes from.
        checks, choices: all rows, the latest first, also those taken back.
        ahead: choices that begin later.
    """

    element: Element
    check: Check | None = None
    is_stale: bool = False
    choice: Choice | None = None
    value: str = ""
    is_checked: bool = False
    checks: list[Check] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    ahead: list[Choice] = field(default_factory=list)

    @property
    def code(self) -> str:
        """stale, checked, sure or unchecked."""
        if self.is_stale and not self.is_checked:
            return "stale"
        return "checked" if self.is_checked else "sure" if self.element.is_sure else "unchecked"

    @property
    def holds(self) -> str:
        """What holds, in words."""
        return self.element.value_words(self.value) if self.value else ""


def standings(actor: Actor, standard: "Standard", on: date, bound: "Bound | None" = None) -> dict[str, Standing]:
    """Every element of a standard with where it stands on a day; two statements. ``bound`` gives formulas their words."""
    known = elements(standard, bound)
    found = {key: Standing(one, value=one.value) for key, one in known.items()}
    for check in checks_visible_to(actor).filter(standard=standard.id):
        if check.item in found:
            found[check.item].checks.append(check)
    of_item: dict[tuple[str, str], list[Choice]] = {}
    for choice in choices_visible_to(actor).filter(standard=standard.id):
        of_item.setdefault((choice.kind, choice.item), []).append(choice)
    for one in found.values():
        _settle(one, of_item, on)
    return found


def _settle(one: Standing, of_item: Mapping[tuple[str, str], list[Choice]], on: date) -> None:
    element = one.element
    one.check = next((c for c in one.checks if c.stands and c.checked_on <= on), None)
    if element.choice:
        item = element.part if element.kind == "variant" else element.key
        one.choices = of_item.get((element.choice, item), [])
        one.ahead = [c for c in one.choices if c.stands and c.from_on > on]
        one.choice = _holding(one.choices, element, on)
    if one.choice:
        one.value = one.choice.value
    as_checked = one.check is not None and one.check.item_digest == element.digest
    # A value of the county's own is as sure as the comparison with its own paper; the file's is not what holds.
    replaced = one.choice is not None and element.choice in (
        Choice.Kind.PARAMETER,
        Choice.Kind.LIMIT,
        Choice.Kind.JUDGE_ON,
    )
    chosen = one.choice is not None and one.choice.checked_on is not None and one.choice.checked_on <= on
    # Of several variants only the chosen one was compared with the paper of the choice.
    chosen = chosen and (element.kind != "variant" or element.key == f"{element.part}.{one.value}")
    fresh = one.choice is not None and one.choice.item_digest == element.digest
    one.is_checked = (chosen and fresh) or (as_checked and not replaced)
    one.is_stale = (one.check is not None and not as_checked and not replaced) or (chosen and not fresh)


def _holding(rows: Iterable[Choice], element: Element, on: date) -> Choice | None:
    """The choice that holds on a day: the nearest authority's, of it the latest."""
    options = {value for value, _ in element.options}
    there = [
        row
        for row in rows
        if row.stands and row.from_on <= on and (row.until_on is None or row.until_on >= on)
        and (not options or row.value in options)
    ]  # fmt: skip
    return max(there, key=lambda row: (_RANK[Choice.Origin(row.origin)], row.from_on, row.recorded_at), default=None)


def settings_of(actor: Actor, standard: "Standard | str", on: date) -> Settings:
    """What holds of a standard in the county on a day, as the engine takes it.

    Args:
        actor: whose county.
        standard: the standard, or its id.
        on: the day.

    Returns:
        Values by the order 县核对值 > 自治区值 > 国家值 > the file's; ``checked`` holds what was compared as the file stands now.

    Raises:
        KeyError: no such standard.
    """
    whole = library.standards()[standard] if isinstance(standard, str) else standard
    return settings_from(standings(actor, whole, on).values())


def settings_from(found: Iterable[Standing]) -> Settings:
    """The engine's settings from where each element stands."""
    parameters: dict[str, str] = {}
    limits: dict[str, str] = {}
    variants: dict[str, str] = {}
    checked: set[str] = set()
    concessions: set[str] = set()
    opened: set[str] = set()
    judge_on = ""
    for one in found:
        element = one.element
        if one.is_checked:
            checked.add(element.key)
        if one.choice is None or element.choice is None:
            continue
        match element.choice:
            case Choice.Kind.PARAMETER:
                parameters[element.key] = one.value
            case Choice.Kind.LIMIT:
                limits[element.key] = one.value
            case Choice.Kind.VARIANT:
                variants[element.part] = one.value
            case Choice.Kind.CONCESSION if one.value == OPEN:
                concessions.add(element.key)
            case Choice.Kind.OPENED if one.value != CLOSED:
                opened.add(element.key)
            case Choice.Kind.JUDGE_ON:
                judge_on = one.value
    return Settings(
        parameters, limits, frozenset(checked), variants, frozenset(concessions), frozenset(opened), judge_on
    )


def gone(actor: Actor, standard: "Standard") -> list[Check | Choice]:
    """Rows about elements that the file does not have any more."""
    known = elements(standard)
    keys = set(known) | {one.part for one in known.values()}
    rows: list[Check | Choice] = [
        *checks_visible_to(actor).filter(standard=standard.id).exclude(item__in=keys),
        *choices_visible_to(actor).filter(standard=standard.id).exclude(item__in=keys),
    ]
    return rows
