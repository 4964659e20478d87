"""A plan as its page, its Excel and its print show it: read from the frozen inputs alone, so that it looks the same for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dudao.shell.templatetags.parts import fullday
from dudao.teams import freezing
from dudao.teams.models import Plan
from dudao_engines.teams import (
    DUTY_PARTS,
    TEAM_PARTS,
    Assignment,
    Breach,
    DutyProblem,
    Problem,
    School,
    TeamProblem,
    check,
    judging,
)

_BARE: Mapping[str, str] = {
    "recused": "应当回避", "certificate": "督学证无效", "term": "任期不符", "away": "请假或另有督导", "district": "非本责任区",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class One:
    """Somebody in a line: why they are there, and whether people decided it by hand."""

    key: str
    name: str
    words: str
    is_lead: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One school or inspection: who has it, what is wrong with that, who could not; ``change``: 新安排 or 换人, of a school."""

    key: str
    name: str
    place: str
    people: Sequence[One]
    was: str
    wrong: Sequence[str]
    note: str
    is_decided: bool
    change: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score beside what it could be alone."""

    name: str
    points: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Load:
    """One inspector and what they have."""

    name: str
    rows: Sequence[str]
    before: int


@dataclass(frozen=True, slots=True)
class Shown:
    """All of a plan.

    Attributes:
        breaches: rules that the assignment breaks now; those of a single line stand there too.
        moved: how many schools get an inspector whom they did not have.
        idle: how many inspectors have nothing.
    """

    lines: Sequence[Line]
    parts: Sequence[Part]
    loads: Sequence[Load]
    breaches: Sequence[Breach]
    moved: int
    idle: int


def shown(plan: Plan) -> Shown:
    """What the page shows."""
    problem, assignment = freezing.problem_of(plan), freezing.assignment_of(plan)
    breaches = check(problem, assignment) if plan.answer else []
    answer: Mapping[str, Any] = plan.answer or {}
    lines = _lines(plan, problem, assignment, breaches) if plan.answer else []
    names = DUTY_PARTS if isinstance(problem, DutyProblem) else TEAM_PARTS
    parts = [
        Part(names[key], points, answer.get("limits", {}).get(key)) for key, points in answer.get("parts", {}).items()
    ]
    jobs = {one.key: one.name for one in judging.jobs_of(problem)}
    loads = [
        Load(one.name, [jobs[key] for key in sorted(key for who, key in assignment.pairs if who == one.key)], one.load)
        for one in judging.people_of(problem)
    ]
    loads.sort(key=lambda one: -len(one.rows))
    moved = sum(bool(one.change) for one in lines)
    lines.sort(key=lambda one: not one.change)
    return Shown(lines, parts, [one for one in loads if one.rows], breaches, moved, sum(not one.rows for one in loads))


def _lines(plan: Plan, problem: Problem, assignment: Assignment, breaches: Sequence[Breach]) -> list[Line]:
    people = {one.key: one for one in problem.inspectors}
    reasons, notes = judging.reasons(problem, assignment), judging.notes(problem)
    decided = {key for name in ("fixed", "barred") for _, key in plan.decisions.get(name, ())} | set(
        plan.decisions.get("leads", {})
    )
    districts = {one.key: one.name for one in problem.districts} if isinstance(problem, DutyProblem) else {}
    was: Mapping[str, Sequence[str]] = plan.inputs.get("current", {})
    rows: Sequence[judging.Job] = problem.schools if isinstance(problem, DutyProblem) else problem.inspections
    found = []
    for row in rows:
        lead = assignment.leads.get(row.key)
        team = [who for who in people if (who, row.key) in assignment.pairs]
        team.sort(key=lambda who: who != lead)
        place = (
            districts.get(row.district, "不在责任区内")
            if isinstance(row, School)
            else f"{fullday(row.first)}至{fullday(row.last)}"
        )
        found.append(
            Line(
                row.key, row.name, place,
                [One(who, people[who].name, reasons[who, row.key], who == lead, [who, row.key] in plan.decisions.get("fixed", ())) for who in team],
                "、".join(people[who].name if who in people else "已不在任" for who in was.get(row.key, ())),
                [one.words for one in breaches if one.job == row.key],
                notes.get(row.key, ""), row.key in decided,
                _change(team, was.get(row.key, ())) if isinstance(row, School) else "",
            )
        )  # fmt: skip
    return found


def _change(team: Sequence[str], was: Sequence[str]) -> str:
    if not team or team[0] in was:
        return ""
    return "换人" if was else "新安排"


def choices(problem: Problem, job: str, team: Sequence[str]) -> list[tuple[str, str]]:
    """Everybody for a school or inspection, first who is there, then who may, then who must not with the rule in brackets."""
    row = next(one for one in judging.jobs_of(problem) if one.key == job)
    members = judging.members_of(problem)
    found = []
    for one in problem.inspectors:
        why = [_BARE[rule] for rule in judging.forbidden(problem, one, row, members) if rule in _BARE]
        skills = "、".join(area for area in sorted(row.wants) if area in one.skills)
        label = (
            f"{one.name}（不能安排：{'、'.join(why)}）" if why else f"{one.name}（{skills}）" if skills else one.name
        )
        found.append((one.key not in team, bool(why), one.key, label))
    return [(key, label) for _, _, key, label in sorted(found, key=lambda one: one[:2])]


def leads(problem: TeamProblem, team: Sequence[str]) -> list[tuple[str, str]]:
    """Who may lead, those of the team first."""
    able = sorted((one.key not in team, one.name, one.key) for one in problem.inspectors if one.may_lead)
    return [(key, name) for _, name, key in able]


def job_name(problem: Problem, job: str) -> str | None:
    """What a school or inspection is called; None where there is no such."""
    return next((one.name for one in judging.jobs_of(problem) if one.key == job), None)
