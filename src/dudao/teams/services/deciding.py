"""Changes by hand: checked at once, kept when the rest is solved again."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from dudao.audit import services as audit
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.teams import freezing
from dudao.teams.models import Plan
from dudao.teams.services.rights import claim, may_manage
from dudao_engines.teams import Assignment, DutyProblem, Problem, check, judging, score

S = Plan.State
#: Rules that a single pair breaks whatever else is decided: refused at once. Others can still be mended by changing more.
_ALONE = ("recused", "certificate", "term", "away", "district")


@transaction.atomic
def decide(
    *, plan: Plan, base_version: int, job: str, people: Collection[str], lead: str = "", by: Actor, now: datetime
) -> None:  # fmt: skip
    """Say by hand who does a school or inspection: who is new must stay, who is taken out must not come back.

    Args:
        job: key of the school or inspection.
        people: keys of all inspectors it has from now on; may be fewer than it needs, the rest is solved.
        lead: of a team, who leads; empty leaves it to the solver.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.state``, ``teams.people`` (unknown, too many, nothing changed), ``teams.rule``:
            somebody must not go there, with the reason.
        Conflict: ``teams.changed``.
    """
    may_manage(by)
    problem, before = freezing.problem_of(plan), freezing.assignment_of(plan)
    names = {one.key: one.name for one in problem.inspectors}
    row = next((one for one in judging.jobs_of(problem) if one.key == job), None)
    wanted = set(people)
    if row is None or wanted - names.keys():
        raise Refused("请从名单中选择。", code="teams.people", field="people")
    size = judging.size_of(row)
    if len(wanted) > size:
        raise Refused(f"{row.name}安排{size}人，现选了{len(wanted)}人。", code="teams.people", field="people")
    if lead and lead not in wanted:
        raise Refused("组长要从小组里选。", code="teams.people", field="lead")
    had = {who for who, key in before.pairs if key == job}
    if wanted == had and lead == before.leads.get(job, ""):
        raise Refused("没有改动。", code="teams.people", field="people")
    tried = Assignment(frozenset((who, job) for who in wanted), {job: lead} if lead else {})
    wrong = [one for one in check(_bare(problem), tried) if one.job == job and one.inspector and one.rule in _ALONE]
    if wrong:
        raise Refused("；".join(one.words for one in wrong) + "。", code="teams.rule", field="people")
    if lead and not next(one.may_lead for one in problem.inspectors if one.key == lead):
        raise Refused(f"{names[lead]}不具备组长条件。", code="teams.rule", field="lead")
    decisions = _decided(plan.decisions, job, added=wanted - had, removed=had - wanted, team=wanted)
    if lead and lead != before.leads.get(job):
        decisions["leads"][job] = lead
    leads = {**before.leads, job: lead} if lead else {key: one for key, one in before.leads.items() if key != job}
    after = Assignment(
        frozenset({pair for pair in before.pairs if pair[1] != job} | {(who, job) for who in wanted}), leads
    )
    _write(plan, base_version, decisions, after)
    audit.record(
        action="team_plan.decided", subject=plan, summary=f"人工调整：{plan}，{row.name}", by=by, now=now, job=job,
        people=sorted(wanted), lead=lead,
    )  # fmt: skip


@transaction.atomic
def release(*, plan: Plan, base_version: int, job: str, by: Actor, now: datetime) -> None:
    """Take back what was decided by hand about a school or inspection; who stands there stays until it is solved again.

    Raises:
        Refused: ``teams.not_allowed``, ``teams.state``.
        Conflict: ``teams.changed``.
    """
    may_manage(by)
    decisions = _decided(plan.decisions, job)
    decisions["leads"].pop(job, None)
    decisions["fixed"] = [pair for pair in decisions["fixed"] if pair[1] != job]
    decisions["barred"] = [pair for pair in decisions["barred"] if pair[1] != job]
    _write(plan, base_version, decisions, freezing.assignment_of(plan))
    audit.record(action="team_plan.released", subject=plan, summary=f"撤销人工调整：{plan}", by=by, now=now, job=job)


def _bare(problem: Problem) -> Problem:
    """The same without what was decided by hand, so that it can be decided anew."""
    if isinstance(problem, DutyProblem):
        return replace(problem, fixed=frozenset(), barred=frozenset())
    return replace(problem, fixed=frozenset(), barred=frozenset(), leads={})


def _decided(
    before: dict[str, Any],
    job: str,
    *,
    added: Collection[str] = (),
    removed: Collection[str] = (),
    team: Collection[str] = (),
) -> dict[str, Any]:
    """Decisions after a change: who is added is fixed, who is removed is barred, and no longer the other."""
    fixed = {tuple(pair) for pair in before.get("fixed", ())} | {(who, job) for who in added}
    barred = {tuple(pair) for pair in before.get("barred", ())} | {(who, job) for who in removed}
    fixed -= {(who, job) for who in removed}
    barred -= {(who, job) for who in team}
    leads = {key: who for key, who in before.get("leads", {}).items() if key != job or who in team or not team}
    return {"fixed": sorted(map(list, fixed)), "barred": sorted(map(list, barred)), "leads": leads}


def _write(plan: Plan, base_version: int, decisions: dict[str, Any], after: Assignment) -> None:
    """Keep decisions and what the assignment is worth with them; the bound stays the solver's."""
    answer = plan.answer or {"score": 0, "bound": 0, "gap": 0, "limits": {}, "notes": {}, "effort": 0}
    parts = score(freezing.problem_of(plan), after)
    answer = {
        **answer,
        "pairs": sorted([who, key] for who, key in after.pairs),
        "leads": dict(after.leads),
        "parts": parts,
        "solved": answer.get("solved", answer["score"]),
        "score": sum(parts.values()),
    }
    claim(
        plan, base_version, S.SOLVED, S.IMPOSSIBLE, state=S.SOLVED, decisions=decisions, answer=answer, clash=None,
        is_by_hand=True,
    )  # fmt: skip
