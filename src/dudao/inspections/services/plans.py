"""Inspections are planned, for one unit or several in one step, and changed until the team is there."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from dudao.audit import services as audit
from dudao.inspections import queries
from dudao.inspections.models import Inspection
from dudao.inspections.services.teams import Member, known_members, may_manage, refuse_recused, write_team
from dudao.places import queries as places
from dudao.plan import queries as plan
from dudao.procedures import services as steps
from dudao.procedures.services import Brought
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from dudao_engines.procedures.situation import Situation

_LONGEST = timedelta(days=366)


@transaction.atomic
def plan_inspection(
    *,
    units: Sequence[UUID],
    kind: str,
    title: str,
    matters: str,
    begin_on: date,
    end_on: date,
    members: Sequence[Member] = (),
    task: UUID | None = None,
    occurred_on: date,
    key: UUID | None = None,
    by: Actor,
    now: datetime,
) -> list[Inspection]:
    """Plan the same inspection for one unit or several, each of which goes its own way from then on.

    Args:
        matters: 督导事项, one a line.
        members: the team, the same for each; left out, it is set later.
        task: of the plan, that the inspections come from.
        occurred_on: the day it was planned.
        key: of what is planned, sent by the page: the same form sent twice plans it once.

    Returns:
        The inspections in the order of the units.

    Raises:
        Refused: ``inspections.not_allowed``, ``inspections.unit``, ``inspections.kind``, ``inspections.title``,
            ``inspections.matters``, ``inspections.days``, ``inspections.task``, the codes of ``set_team`` and of
            ``procedures.services.take``.
    """
    may_manage(by)
    if key and (kept := list(Inspection.objects.filter(Q(pk=key) | Q(batch=key), county=by.county).order_by("serial"))):
        return kept
    today, key = day_of(now), key or uuid7()
    chosen = list(dict.fromkeys(units))
    if not chosen or set(chosen) - set(places.names_on(by, day=today)):
        raise Refused("请从单位名册中选择被督导单位。", code="inspections.unit", field="units")
    facts = _checked(
        {"kind": kind, "title": title, "matters": matters, "begin_on": begin_on, "end_on": end_on, "task_id": task},
        by=by,
    )
    if begin_on < occurred_on:
        raise Refused("进驻日期不能早于列入计划的日期。", code="inspections.days", field="begin_on")
    made_of = {"batch": key} if len(chosen) > 1 else {"pk": key}
    made = []
    for unit in chosen:
        row = Inspection(county=by.county, unit_id=unit, year=occurred_on.year, **made_of, **facts)
        steps.take(
            matter=row, act="plan", brought=Brought(occurred_on=occurred_on, words=facts["matters"]),
            situation=Situation("inspection", kind=kind), roles=queries.roles(by, row), of_unit=by.is_of(unit),
            base_version=0, by=by, now=now, title=title,
        )  # fmt: skip
        rows = known_members(members, county=by.county, now=now)
        refuse_recused(row, rows)
        write_team(row, rows, by=by, now=now)
        made.append(row)
    return made


def _checked(facts: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """The facts of an inspection as they are kept.

    Raises:
        Refused: ``inspections.kind``, ``inspections.title``, ``inspections.matters``, ``inspections.days``,
            ``inspections.task``.
    """
    kept = dict(facts)
    kept["title"] = " ".join(str(facts["title"]).split())
    kept["matters"] = "\n".join(line for line in map(str.strip, str(facts["matters"]).splitlines()) if line)
    if kept["kind"] not in Inspection.Kind.values:
        raise Refused("请选择督导类别。", code="inspections.kind", field="kind")
    if not 0 < len(kept["title"]) <= 100:
        raise Refused("请填写督导名称，最多 100 个字。", code="inspections.title", field="title")
    if not 0 < len(kept["matters"]) <= 2000:
        raise Refused("请填写督导事项，最多 2000 个字。", code="inspections.matters", field="matters")
    if kept["end_on"] < kept["begin_on"]:
        raise Refused("结束日期不能早于进驻日期。", code="inspections.days", field="end_on")
    if kept["end_on"] - kept["begin_on"] > _LONGEST:
        raise Refused("请核对结束日期，一次督导不超过一年。", code="inspections.days", field="end_on")
    if kept["task_id"] and not plan.tasks_visible_to(by).filter(pk=kept["task_id"]).exists():
        raise Refused("请从年度任务中选择。", code="inspections.task", field="task")
    return kept


@transaction.atomic
def change_inspection(
    *, inspection: Inspection, base_version: int, kind: str, title: str, matters: str, begin_on: date, end_on: date,
    task: UUID | None = None, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Change what an inspection is about and when, until the team is in the unit.

    Raises:
        Refused: ``inspections.state``, and as ``plan_inspection``.
        Conflict: ``inspections.changed``.
    """
    may_manage(by)
    if inspection.state not in Inspection.AHEAD:
        raise Refused(f"督导现在是“{inspection.state_words}”，不能再修改。", code="inspections.state")
    given = {"kind": kind, "title": title, "matters": matters, "begin_on": begin_on, "end_on": end_on, "task_id": task}
    facts = _checked(given, by=by)
    changes = {name: value for name, value in facts.items() if value != getattr(inspection, name)}
    rows = Inspection.objects.filter(pk=inspection.pk, version=base_version, state__in=Inspection.AHEAD)
    if not rows.update(version=F("version") + 1, **changes):
        inspection.refresh_from_db()
        raise Conflict("别人刚刚改过这次督导，请对照后再保存。", code="inspections.changed")
    inspection.refresh_from_db()
    audit.record(
        action="inspection.changed", subject=inspection, summary=f"修改督导：{inspection}", by=by, now=now,
        fields=sorted(changes),
    )  # fmt: skip
