"""A plan is made from frozen inputs and solved by the worker."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dudao.audit import services as audit
from dudao.jobs import services as jobs
from dudao.jobs.registry import Result, Run
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao.teams import freezing, gathering, queries
from dudao.teams.models import Plan
from dudao.teams.services.rights import claim, may_manage
from dudao_engines.teams import Clash, DutyProblem, Problem, Solution, Unsolved, solve_duties, solve_teams

JOB = "teams.solve"
S = Plan.State


def plan_duties(
    *, title: str, starts_on: date, most: int, only_gaps: bool = False, by: Actor, now: datetime
) -> Plan:  # fmt: skip
    """Begin a plan of who is responsible for which schools from a day on; the worker solves it.

    Args:
        most: how many schools one person takes at the most.
        only_gaps: duties that keep the rules stay, only schools without one are given to somebody.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.title``, ``teams.most``, ``teams.days`` (before today), ``teams.empty``: no school,
            or nobody in office on the day.
    """
    may_manage(by)
    if starts_on < day_of(now):
        raise Refused("起日不能早于今天。", code="teams.days", field="starts_on")
    _check_most(most)
    problem, about = gathering.duty_problem(by.county, starts_on=starts_on, most=most, only_gaps=only_gaps)
    if not problem.schools:
        raise Refused("单位名册里没有学校和幼儿园，先在单位里登记。", code="teams.empty")
    _check_people(problem, starts_on)
    return _keep(kind=Plan.Kind.DUTIES, title=title, starts_on=starts_on, problem=problem, about=about, by=by, now=now)


def plan_teams(
    *, title: str, inspections: Collection[UUID], size: int, most: int, lines: Collection[str], by: Actor, now: datetime
) -> Plan:  # fmt: skip
    """Begin a plan of who goes on which of these inspections; the worker solves it.

    Args:
        size: how many inspectors each team has.
        most: on how many of them one person goes at the most.
        lines: codes of lines each team should cover.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.title``, ``teams.most``, ``teams.inspections`` (none, or one that has begun),
            ``teams.size`` (fewer than the rule asks), ``teams.empty``: nobody in office.
    """
    may_manage(by)
    _check_most(most)
    today = day_of(now)
    rows = [row for row in queries.open_inspections(by, today=today) if row.pk in set(inspections)]
    if not rows or len(rows) < len(set(inspections)):
        raise Refused("请选择还没有开始的督导检查。", code="teams.inspections", field="inspections")
    problem, about = gathering.team_problem(by.county, rows, size=size, most=most, lines=lines, today=today)
    if size < problem.least:
        raise Refused(
            f"专项、综合督导每组不少于{problem.least}名督学（教育督导条例第十六条）。", code="teams.size", field="size"
        )
    starts_on = min(row.begin_on for row in rows)
    _check_people(problem, starts_on)
    return _keep(kind=Plan.Kind.TEAMS, title=title, starts_on=starts_on, problem=problem, about=about, by=by, now=now)


def _check_most(most: int) -> None:
    if not 1 <= most <= 60:
        raise Refused("每人上限请填 1 到 60。", code="teams.most", field="most")


def _check_people(problem: Problem, day: date) -> None:
    if not problem.inspectors:
        raise Refused(f"{day}没有在任的督学，先在督学名册里登记并公布。", code="teams.empty")


@transaction.atomic
def _keep(
    *, kind: str, title: str, starts_on: date, problem: Problem, about: dict[str, Any], by: Actor, now: datetime
) -> Plan:
    if not title.strip():
        raise Refused("请填写名称。", code="teams.title", field="title")
    frozen = freezing.freeze(problem)
    row = Plan(
        county=by.county, kind=kind, title=title.strip(), starts_on=starts_on, inputs={"problem": frozen, **about},
        digest=freezing.digest(frozen), by_person=by.person, by_name=by.name, made_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    audit.record(
        action="team_plan.made", subject=row, summary=f"制订方案：{row}", by=by, now=now, digest=row.digest,
        starts_on=starts_on.isoformat(),
    )  # fmt: skip
    jobs.start(kind=JOB, key=str(row.pk), payload={"plan": str(row.pk)}, by=by, now=now)
    return row


@transaction.atomic
def solve_again(*, plan: Plan, base_version: int, by: Actor, now: datetime) -> None:
    """Solve the rest around what people decided.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.state``.
        Conflict: ``teams.changed``.
    """
    may_manage(by)
    claim(plan, base_version, S.SOLVED, S.IMPOSSIBLE, S.SOLVING, state=S.SOLVING)
    audit.record(action="team_plan.again", subject=plan, summary=f"重新求解：{plan}", by=by, now=now)
    jobs.start(kind=JOB, key=str(plan.pk), payload={"plan": str(plan.pk)}, by=by, now=now)


def solve(*, run: Run, plan: Plan) -> Result:
    """The worker's part: solve outside any transaction, keep the answer in one step if the plan waits for it still."""
    if plan.state != S.SOLVING:
        return {"结果": "方案已不在求解"}
    problem = freezing.problem_of(plan)
    run.progress(done=0, total=1, message="正在求解")
    clash: list[str] | None = None
    answer: dict[str, Any] | None = None
    try:
        found = solve_duties(problem) if isinstance(problem, DutyProblem) else solve_teams(problem)
    except Clash as told:
        clash = list(told.words)
    except (Unsolved, ValueError) as told:
        clash = [str(told)]
    else:
        answer = _answer(found)
    try:
        with run.step(cursor=1, done=1, total=1):
            claim(
                plan, plan.version, S.SOLVING, state=S.SOLVED if answer else S.IMPOSSIBLE, answer=answer or plan.answer,
                clash=clash, is_by_hand=False, solved_at=run.now,
            )  # fmt: skip
    except Refused:
        # Put away, or asked for anew, while it was solved: what came out is nobody's any more.
        return {"结果": "方案后来有变，结果不用"}
    return {"结果": plan.get_state_display()}


def _answer(found: Solution) -> dict[str, Any]:
    return {
        "pairs": sorted([who, key] for who, key in found.assignment.pairs),
        "leads": dict(found.assignment.leads),
        "score": found.score,
        "bound": found.bound,
        "gap": round(found.gap, 6),
        "parts": dict(found.parts),
        "limits": dict(found.limits),
        "notes": dict(found.notes),
        "effort": round(found.effort, 3),
    }
