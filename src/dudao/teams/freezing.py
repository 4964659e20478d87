"""A problem as JSON and back: what a plan was made from stays readable, and its digest says whether it is the same."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from dudao.teams.models import Plan
from dudao_engines.kernel.digests import canonical_json, sha256_hex
from dudao_engines.teams import Assignment, DutyProblem, Problem, TeamProblem

#: Fields whose keys are pairs: as JSON lists of first, second, value.
_PAIRED = ("recused", "held", "visited", "travel")
_SHAPES: Mapping[str, TypeAdapter[Any]] = {
    Plan.Kind.DUTIES: TypeAdapter(DutyProblem),
    Plan.Kind.TEAMS: TypeAdapter(TeamProblem),
}


def freeze(problem: Problem) -> dict[str, Any]:
    """The problem as JSON values; the same problem gives the same values."""
    found = _plain(problem)
    assert isinstance(found, dict)
    return found


def digest(frozen: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes."""
    return sha256_hex(canonical_json(frozen))


def problem_of(plan: Plan) -> Problem:
    """The problem a plan was made from, with what people decided since."""
    said = dict(plan.inputs["problem"])
    for name in _PAIRED:
        if name in said:
            said[name] = {(first, second): value for first, second, value in said[name]}
    problem: Problem = _SHAPES[plan.kind].validate_python(said)
    made = plan.decisions
    fixed = problem.fixed | {(who, key) for who, key in made.get("fixed", ())}
    barred = problem.barred | {(who, key) for who, key in made.get("barred", ())}
    if isinstance(problem, TeamProblem):
        return replace(problem, fixed=fixed, barred=barred, leads={**problem.leads, **made.get("leads", {})})
    return replace(problem, fixed=fixed, barred=barred)


def assignment_of(plan: Plan) -> Assignment:
    """The assignment a plan has now; empty before there is one."""
    answer = plan.answer or {"pairs": [], "leads": {}}
    return Assignment(frozenset((who, key) for who, key in answer["pairs"]), answer["leads"])


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        if any(isinstance(key, tuple) for key in value):
            return [[*key, _plain(value[key])] for key in sorted(value)]
        return {key: _plain(one) for key, one in sorted(value.items())}
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
