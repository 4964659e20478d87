"""Who goes: inspectors of the county and people invited; nobody who belongs to the unit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from dudao.accounts import queries as accounts
from dudao.accounts import services as granting
from dudao.accounts.models import Person
from dudao.accounts.posts import posts
from dudao.audit import services as audit
from dudao.inspections import queries
from dudao.inspections.models import Inspection, TeamMember
from dudao.inspectors import queries as register
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

PURPOSE = "inspection.team"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team: a person of the county, or (invited only) a name with what they are."""

    role: str
    person: UUID | None = None
    name: str = ""
    post_words: str = ""


@transaction.atomic
def set_team(
    *, inspection: Inspection, members: Sequence[Member], base_version: int, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Say who goes. Inspectors see the unit from now on, until they leave the team or the inspection ends.

    Raises:
        Refused: ``inspections.not_allowed``, ``inspections.state``, ``inspections.lead`` (several), ``inspections.person``
            (unknown, twice, no inspector), ``inspections.recused``.
        Conflict: ``inspections.changed``.
    """
    may_manage(by)
    if inspection.state not in Inspection.GATHERING:
        raise Refused(f"督导现在是“{inspection.state_words}”，不能再调整小组。", code="inspections.state")
    rows = known_members(members, county=by.county, now=now)
    refuse_recused(inspection, rows)
    if not Inspection.objects.filter(pk=inspection.pk, version=base_version).update(version=F("version") + 1):
        raise Conflict("别人刚刚改过这次督导，请对照后再保存。", code="inspections.changed")
    inspection.refresh_from_db()
    write_team(inspection, rows, by=by, now=now)
    audit.record(
        action="inspection.team_set", subject=inspection, summary=f"调整督导小组：{inspection}", by=by, now=now,
        persons=[str(one.person_id) for one in rows if one.person_id],
    )  # fmt: skip


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``inspections.not_allowed``."""
    if by.person is not None and not (by.sees_county and by.can("loop.office")):
        raise Refused("督导检查由督导室安排。", code="inspections.not_allowed")


def known_members(members: Sequence[Member], *, county: str, now: datetime) -> list[TeamMember]:
    """Rows not saved yet, each person known, each inspector one.

    Raises:
        Refused: ``inspections.lead``, ``inspections.person``.
    """
    today = day_of(now)
    if sum(one.role == TeamMember.Role.LEAD for one in members) > 1:
        raise Refused("组长只能有一名。", code="inspections.lead", field="lead")
    persons = [one.person for one in members if one.person]
    if len(set(persons)) < len(persons):
        raise Refused("同一个人在小组里只能有一个分工。", code="inspections.person", field="persons")
    able = {held.person_id for held in queries.inspectors(system(county), day=today)}
    # Who is in office as the register has it needs no post in the system.
    able |= {one.person for one in register.roster(county, day=today)}
    people = {one.pk: one for one in accounts.people_with_posts(system(county), day=today).filter(pk__in=persons)}
    names = places.names_on(system(county), day=today)
    rows = []
    for at, one in enumerate(members):
        if one.role not in TeamMember.Role.values:
            raise Refused("请选择分工。", code="inspections.person", field="persons")
        person = people.get(one.person) if one.person else None
        if person is None and (one.person or one.role != TeamMember.Role.INVITED or not one.name.strip()):
            raise Refused("请从本县人员中选择小组成员。", code="inspections.person", field="persons")
        if person and one.role in TeamMember.INSPECTORS and person.pk not in able:
            words = f"{person.name}不是督学，也不是督导室人员，请列为特邀人员。"
            raise Refused(words, code="inspections.person", field="persons")
        said = one.post_words or (_posts(person, names) if person else "")
        rows.append(
            TeamMember(
                person=person,
                name=(person.name if person else one.name.strip())[:64],
                post_words=said.strip()[:200],
                role=one.role,
                position=at,
            )
        )
    return rows


def _posts(person: Person, names: dict[UUID, str]) -> str:
    held = person.held  # type: ignore[attr-defined]
    said = []
    for one in held:
        unit, post = names.get(one.unit_id, ""), posts()[one.post].name
        # 督导室 · 督导室主任 is said once.
        said.append(post if post.startswith(unit) else f"{unit}{post}")
    return "、".join(said)


def refuse_recused(inspection: Inspection, rows: Sequence[TeamMember]) -> None:
    """Nobody inspects the unit where they hold a post, held one lately, or have declared a recusal (教育督导条例10条).

    Raises:
        Refused: ``inspections.recused``.
    """
    persons = [one.person_id for one in rows if one.person_id]
    pairs = register.recused(inspection.county, persons, [inspection.unit_id], day=inspection.begin_on)
    if pairs:
        out = "、".join(one.name for one in rows if (one.person_id, inspection.unit_id) in pairs)
        unit = places.unit_names(system(inspection.county), {inspection.unit_id}, as_of=inspection.begin_on)
        words = f"{out}在{unit[inspection.unit_id]}任职、{register.RECUSAL_YEARS}年内任过职，或登记了回避，应当回避。"
        raise Refused(words, code="inspections.recused", field="persons")


def write_team(inspection: Inspection, rows: Sequence[TeamMember], *, by: Actor, now: datetime) -> None:
    """Put these in the place of those who were in the team, and let inspectors see the unit."""
    before = set(inspection.team.filter(role__in=TeamMember.INSPECTORS).values_list("person", flat=True))
    after = {one.person.pk: one.person for one in rows if one.role in TeamMember.INSPECTORS and one.person}
    inspection.team.all().delete()
    for one in rows:
        one.inspection = inspection
    TeamMember.objects.bulk_create(rows)
    end_grants(inspection, but=after.keys(), reason="退出督导小组", by=by, now=now)
    office = {held.person_id for held in accounts.holders(system(by.county), _office(), day=day_of(now))}
    for key, person in after.items():
        # The office sees all units; nobody gives a grant to themselves.
        if key in before or key in office or key == by.person:
            continue
        granting.give_grant(
            to_person=person, on_type="places.unit", on_key=str(inspection.unit_id), purpose=PURPOSE,
            start_on=day_of(now), reason=_reason(inspection), by=by, now=now,
        )  # fmt: skip


def _office() -> list[str]:
    return [code for code, post in posts().items() if "loop.office" in post.may]


def _reason(inspection: Inspection) -> str:
    return f"督导检查 {inspection.number}"


def end_grants(
    inspection: Inspection, *, reason: str, by: Actor, now: datetime, but: Collection[UUID] = ()
) -> None:  # fmt: skip
    """Take back what let the team see the unit, also where it went to a successor in the post."""
    held = accounts.grants_on(day_of(now)).filter(
        county=inspection.county, purpose=PURPOSE, on_key=str(inspection.unit_id), reason=_reason(inspection)
    )
    for grant in held.exclude(to_person__in=but):
        granting.end_grant(grant=grant, reason=reason, by=by, now=now)
