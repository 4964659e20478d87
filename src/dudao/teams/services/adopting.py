"""A plan becomes what holds: duties are assigned, teams are set. Or it is put away."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dudao.audit import services as audit
from dudao.duties import queries as duty_queries
from dudao.duties import services as duties
from dudao.inspections import queries as inspection_queries
from dudao.inspections import services as inspections
from dudao.inspections.models import TeamMember
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao.teams import freezing, queries
from dudao.teams.models import Plan
from dudao.teams.services.rights import claim, may_manage
from dudao_engines.teams import check

S = Plan.State
#: So many breaches are named in a refusal; the page shows them all.
_NAMED = 5


@transaction.atomic
def adopt_plan(*, plan: Plan, base_version: int, document: str = "", by: Actor, now: datetime) -> int:
    """Put a plan into force, whole or not at all.

    Args:
        document: number of the paper that says so, or words.

    Returns:
        How many schools got another inspector, or how many teams were set.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.state``, ``teams.breach``: rules are not kept, with the words; and what
            ``duties.services.assign_duties`` and ``inspections.services.set_team`` refuse today.
        Conflict: ``teams.changed``: the plan, a duty or an inspection is no longer as it was read.
    """
    may_manage(by)
    broken = [one.words for one in check(freezing.problem_of(plan), freezing.assignment_of(plan))]
    if broken:
        more = f"；等 {len(broken)} 项" if len(broken) > _NAMED else ""
        raise Refused(f"{'；'.join(broken[:_NAMED])}{more}。调整后再采用。", code="teams.breach")
    claim(
        plan, base_version, S.SOLVED, state=S.ADOPTED, adopted_at=now, adopted_by=by.person, document=document.strip()
    )
    done = _assign(plan, by=by, now=now) if plan.kind == Plan.Kind.DUTIES else _set_teams(plan, by=by, now=now)
    audit.record(
        action="team_plan.adopted", subject=plan, summary=f"采用方案：{plan}", by=by, now=now, digest=plan.digest, rows=done,
        document=plan.document,
    )  # fmt: skip
    return done


def _assign(plan: Plan, *, by: Actor, now: datetime) -> int:
    """Schools whose inspector stays are left alone, with whoever else is responsible for them."""
    was: Mapping[str, list[str]] = plan.inputs["current"]
    rows = [
        duties.Given(UUID(key), UUID(who))
        for who, key in sorted(freezing.assignment_of(plan).pairs)
        if who not in was.get(key, ())
    ]
    held = duty_queries.responsible_for(plan.county, [one.unit for one in rows], day=plan.starts_on)
    for one in rows:
        if {str(each.inspector) for each in held.get(one.unit, ())} != set(was.get(str(one.unit), ())):
            words = "制订方案以后，有的学校已经另行安排了责任督学，请重新制订方案。"
            raise Conflict(words, code="teams.changed")
    if rows:
        duties.assign_duties(
            rows=rows,
            starts_on=plan.starts_on,
            by=by,
            now=now,
            document=plan.document,
            reason=f"分工方案：{plan.title}"[:200],
        )
    return len(rows)


def _set_teams(plan: Plan, *, by: Actor, now: datetime) -> int:
    assignment, persons = freezing.assignment_of(plan), plan.inputs["persons"]
    versions: Mapping[str, int] = plan.inputs["versions"]
    rows = {str(row.pk): row for row in queries.inspections_of(by, [UUID(key) for key in versions])}
    for key, version in sorted(versions.items()):
        row = rows.get(key)
        if row is None:
            raise Refused("有的督导检查已经不在，请重新制订方案。", code="teams.state")
        lead = assignment.leads[key]
        team = [lead, *sorted(who for who, job in assignment.pairs if job == key and who != lead)]
        members = [
            inspections.Member(
                TeamMember.Role.LEAD if who == lead else TeamMember.Role.MEMBER, person=UUID(persons[who])
            )
            for who in team
        ]
        members += [
            inspections.Member(one.role, one.person_id, one.name, one.post_words)
            for one in inspection_queries.team(row)
            if one.role == TeamMember.Role.INVITED
        ]
        inspections.set_team(inspection=row, members=members, base_version=version, by=by, now=now)
    return len(versions)


@transaction.atomic
def drop_plan(*, plan: Plan, base_version: int, by: Actor, now: datetime) -> None:
    """Put a plan away that was not adopted.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.state``.
        Conflict: ``teams.changed``.
    """
    may_manage(by)
    claim(plan, base_version, S.SOLVED, S.IMPOSSIBLE, S.SOLVING, state=S.DROPPED)
    audit.record(action="team_plan.dropped", subject=plan, summary=f"放弃方案：{plan}", by=by, now=now)
