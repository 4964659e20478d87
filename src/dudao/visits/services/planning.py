"""The month's plan: made from who is responsible for what and what is open there, changed, given up with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.places.models import Unit
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from dudao.visits import duty, library, queries
from dudao.visits.models import Visit
from dudao.visits.queries import is_office
from dudao.visits.services.rights import claim, kind_of, may_make, may_meet
from dudao.visits.spans import days_of, first_of, month_words

S = Visit.State


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan of a month came to.

    Attributes:
        made: visits that are new. ``kept``: duties that had one in that month already.
        recused: duties left out because the inspector must keep away.
    """

    made: Sequence[Visit]
    kept: int
    recused: int


@transaction.atomic
def plan_month(*, month: date, person: UUID | None = None, by: Actor, now: datetime) -> Planned:
    """Plan one visit in a month for every duty that has none yet: of all inspectors, or of one.

    Schools where something is late or open come first; days are spread over the working days that are left.

    Raises:
        Refused: ``visits.not_allowed``; ``visits.past``, the month is over.
        Conflict: ``visits.planned``, somebody planned the same at the same moment.
    """
    if person is None and not is_office(by):
        raise Refused("全县的计划由督导室安排，您可以排自己的学校。", code="visits.not_allowed")
    if person is not None:
        may_make(by, person)
    month, today = first_of(month), day_of(now)
    not_over(month, now)
    rows = [one for one in duty.duties_on(by.county, day=max(today, month)) if person in (None, one.person)]
    standing = {
        (one.person_id, one.unit_id)
        for one in Visit.objects.filter(county=by.county, month=month).exclude(state=S.UNDONE)
    }
    open_ = [one for one in rows if (one.person, one.unit) not in standing]
    barred = inspectors.recused(
        by.county, {one.person for one in open_}, {one.unit for one in open_}, day=max(today, month)
    )
    free = [one for one in open_ if (one.person, one.unit) not in barred]
    urgent = queries.urgency(by.county, {one.unit for one in free}, today=today)
    kinds = {one.unit_id: one.kind for one in places.units_visible_to(system(by.county), as_of=max(today, month))}
    made = []
    for mine in _by_person(free):
        days = days_of(month, since=today)
        ordered = sorted(mine, key=lambda one: urgent[one.unit].order)
        for at, one in enumerate(ordered):
            theme = library.of_month(library.kind_of(kinds.get(one.unit, "school")), month.month)
            made.append(
                Visit(
                    pk=uuid7(), county=by.county, unit_id=one.unit, person_id=one.person, month=month, theme=theme.id,
                    planned_on=days[at * len(days) // len(ordered)] if days else None, made_by=by.person, made_name=by.name, recorded_at=now,
                )
            )  # fmt: skip
    try:
        with transaction.atomic():
            Visit.objects.bulk_create(made)
    except IntegrityError:
        raise Conflict("别人刚刚排过这个月的计划，请刷新后再看。", code="visits.planned") from None
    if made:
        audit.record(
            action="visit.month_planned", subject=("visits.plan", f"{month:%Y-%m}"), by=by, now=now, count=len(made),
            summary=f"排{month_words(month)}到校计划：{len(made)} 次",
        )  # fmt: skip
    return Planned(made, len(rows) - len(open_), len(open_) - len(free))


def _by_person(rows: Sequence[duty.Duty]) -> list[list[duty.Duty]]:
    found: dict[UUID, list[duty.Duty]] = {}
    for one in rows:
        found.setdefault(one.person, []).append(one)
    return list(found.values())


def not_over(month: date, now: datetime) -> None:
    """Raises: ``Refused`` ``visits.past``."""
    if month < first_of(day_of(now)):
        raise Refused("这个月已经过去，不能再排计划；已经去过的，请补记到校。", code="visits.past", field="month")


def _in_month(planned_on: date | None, month: date, now: datetime) -> None:
    """Raises: ``Refused`` ``visits.past``, ``visits.month``."""
    if planned_on and first_of(planned_on) != month:
        raise Refused("计划日期不在这个月里。", code="visits.month", field="planned_on")
    if planned_on and planned_on < day_of(now):
        raise Refused("计划日期不能早于今天；已经去过的，请补记到校。", code="visits.past", field="planned_on")


@transaction.atomic
def plan_visit(
    *, unit: Unit, person: Person, month: date, planned_on: date | None = None, theme: str = "", key: UUID | None = None,
    by: Actor, now: datetime,
) -> Visit:  # fmt: skip
    """Plan one visit.

    Args:
        theme: left out, the one of the month.
        key: made with the page; sent twice, it is one visit.

    Raises:
        Refused: ``visits.not_allowed``, ``.not_theirs``, ``.recused``, ``.past``, ``.month``, ``.theme``, ``.unit``; ``.planned``,
            one is planned for the month already.
    """
    if kept := of_key(key, by):
        return kept
    may_make(by, person.pk)
    month = first_of(planned_on or month)
    not_over(month, now)
    _in_month(planned_on, month, now)
    day = max(day_of(now), month)
    kind = kind_of(by.county, unit.pk, day=day)
    may_meet(by, person.pk, unit.pk, day=day, who=person.name)
    row = Visit(
        pk=key or uuid7(), county=by.county, unit=unit, person=person, month=month, planned_on=planned_on,
        theme=known_theme(theme, kind, month), made_by=by.person, made_name=by.name, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这个月已经排过到这所学校，请改原来的计划。", code="visits.planned", field="unit") from None
    audit.record(action="visit.planned", subject=row, summary=f"排到校计划：{month_words(month)}", by=by, now=now)
    return row


def of_key(key: UUID | None, by: Actor) -> Visit | None:
    """The visit that a key was written as before. A key of somebody else's row is nobody's.

    Raises:
        Refused: ``visits.key``.
    """
    row = Visit.objects.filter(pk=key).first() if key else None
    if row is not None and (row.county != by.county or not (is_office(by) or row.person_id in by.hands)):
        raise Refused("这条记录的编号已经用过，请刷新页面后重填。", code="visits.key")
    return row


def known_theme(theme: str, kind: library.Kind, month: date) -> str:
    """Raises: ``Refused`` ``visits.theme``."""
    if not theme:
        return library.of_month(kind, month.month).id
    if theme not in {one.id for one in library.themes(kind)}:
        raise Refused("请从主题清单中选择。", code="visits.theme", field="theme")
    return theme


@transaction.atomic
def change_plan(
    *, visit: Visit, base_version: int, month: date, planned_on: date | None, theme: str, by: Actor, now: datetime
) -> Visit:
    """Move a planned visit, or change its theme.

    Raises:
        Refused: ``visits.not_allowed``, ``.past``, ``.month``, ``.theme``, ``.planned``, ``.state``.
        Conflict: ``visits.changed``.
    """
    may_make(by, visit.person_id)
    month = first_of(planned_on or month)
    if month != visit.month or planned_on != visit.planned_on:
        not_over(month, now)
        _in_month(planned_on, month, now)
    kind = kind_of(by.county, visit.unit_id, day=day_of(now))
    changes = {"month": month, "planned_on": planned_on, "theme": known_theme(theme, kind, month)}
    try:
        with transaction.atomic():
            claim(visit, base_version, (S.PLANNED,), **changes)
    except IntegrityError:
        raise Refused("那个月已经排过到这所学校。", code="visits.planned", field="month") from None
    audit.record(action="visit.moved", subject=visit, summary=f"调整到校计划：{month_words(month)}", by=by, now=now)
    return visit


@transaction.atomic
def give_up(*, visit: Visit, base_version: int, words: str, by: Actor, now: datetime) -> Visit:
    """Say why a planned visit was not, or will not be, made. The duty stays open.

    Raises:
        Refused: ``visits.not_allowed``, ``.words``, ``.state``.
        Conflict: ``visits.changed``.
    """
    may_make(by, visit.person_id)
    if not words.strip():
        raise Refused("请写明没有去的原因。", code="visits.words", field="words")
    claim(visit, base_version, (S.PLANNED,), state=S.UNDONE, undone_words=words.strip()[:300])
    audit.record(action="visit.given_up", subject=visit, summary="登记没有完成的到校督导", by=by, now=now)
    return visit
