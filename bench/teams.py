"""60 inspectors and 200 schools, 20 inspections from 60 inspectors: how good and how fast, against taking the best that is left, one by one."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from dudao_engines import teams
from dudao_engines.teams import (
    Assignment,
    District,
    DutyProblem,
    Inspection,
    Inspector,
    Problem,
    School,
    TeamProblem,
    judging,
)

GAP, SECONDS = 0.01, 20.0
_PEOPLE, _SCHOOLS, _DISTRICTS, _INSPECTIONS = 60, 200, 12, 20
_STAGES = ("学前", "小学", "初中", "高中")
_AREAS = ("督政", "督学", "评估监测", "技术", *_STAGES)
_SUBJECTS = ("语文", "数学", "英语", "物理", "历史", "音乐", "体育", "美术", "信息科技")
_DAY = date(2024, 4, 15)


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        Name, gap or seconds of processor time, limit, whether it holds.
    """
    said = []
    for name, problem in (("duties in districts", duties(1)), ("duties", open_duties(1)), ("teams", inspections(1))):
        start = time.process_time()
        found = teams.solve_duties(problem) if isinstance(problem, DutyProblem) else teams.solve_teams(problem)
        spent = time.process_time() - start
        broken = teams.check(problem, found.assignment)
        start = time.process_time()
        easy = greedy(problem)
        quick = time.process_time() - start
        left = len(teams.check(problem, easy))
        told = (
            f"teams: {name}, {found.score} points of at most {found.bound}, effort {found.effort:.1f}; one by one "
            f"{sum(teams.score(problem, easy).values())} points, {left} rules broken, {quick:.2f} s"
        )
        said.append((f"{told}: gap", round(found.gap, 4), GAP, not broken and found.gap <= GAP))
        said.append((f"teams: {name}, seconds", round(spent, 1), SECONDS, spent <= SECONDS))
    return said


def open_duties(seed: int) -> DutyProblem:
    """60 inspectors and 200 schools without districts: anybody may take any."""
    problem = duties(seed)
    schools = tuple(replace(one, district="") for one in problem.schools)
    return replace(problem, schools=schools, districts=())


def duties(seed: int) -> DutyProblem:
    """60 inspectors and 200 schools in twelve districts whose inspectors are known, one in five of them in two districts."""
    chance = random.Random(seed)
    towns, travel = _towns(chance)
    people = [
        Inspector(
            f"p{n:02}", f"示例{n}", most=chance.choice((4, 5, 5, 6)), place=towns[n % _DISTRICTS],
            skills=dict.fromkeys(chance.sample(_STAGES, chance.choice((1, 1, 2))), 1),
        )
        for n in range(_PEOPLE)
    ]  # fmt: skip
    members = {town: {one.key for one in people if one.place == town} for town in towns}
    for _ in range(_PEOPLE // 5):
        members[chance.choice(towns)].add(chance.choice(people).key)
    schools = [
        School(f"s{n:03}", f"示例学校{n}", town, frozenset(chance.sample(_STAGES, 1)), town)
        for n in range(_SCHOOLS)
        if (town := towns[n % _DISTRICTS])
    ]
    recused = {(chance.choice(people).key, chance.choice(schools).key): "亲属" for _ in range(150)}
    held = {
        (chance.choice(sorted(members[one.district])), one.key): chance.randint(0, 4)
        for one in schools
        if chance.random() < 0.8
    }
    districts = tuple(District(town, town, frozenset(members[town])) for town in towns)
    return DutyProblem(_DAY, tuple(people), tuple(schools), districts, recused, held, travel)


def inspections(seed: int) -> TeamProblem:
    """20 inspections within a month, of three to six people, from 60 inspectors of whom a third may lead."""
    chance = random.Random(seed)
    towns, travel = _towns(chance)
    people = tuple(
        Inspector(
            f"p{n:02}", f"示例{n}", most=2, place=chance.choice(towns), load=chance.choice((0, 0, 1, 1, 2, 3)),
            skills={area: chance.randint(1, 3) for area in chance.sample(_AREAS, chance.choice((2, 3)))},
            subjects=frozenset({chance.choice(_SUBJECTS)}), may_lead=chance.random() < 0.33,
            away=_away(chance), most_days=chance.choice((None, 6, 8)),
        )
        for n in range(_PEOPLE)
    )  # fmt: skip
    rows = []
    for n in range(_INSPECTIONS):
        first = _DAY + timedelta(chance.randint(0, 20))
        last = first + timedelta(chance.randint(1, 4))
        wants = frozenset(chance.sample(_AREAS, chance.choice((3, 4, 5))))
        size = chance.choice((3, 4, 5, 6))
        rows.append(Inspection(f"j{n:02}", f"示例督导{n}", f"u{n:02}", first, last, size, chance.choice(towns), wants))
    recused = {(chance.choice(people).key, chance.choice(rows).unit): "亲属" for _ in range(60)}
    visited = {(chance.choice(people).key, chance.choice(rows).unit): 1 for _ in range(80)}
    return TeamProblem(people, tuple(rows), recused, visited, travel)


def _towns(chance: random.Random) -> tuple[list[str], dict[tuple[str, str], int]]:
    towns = [f"示例{n:02}镇" for n in range(_DISTRICTS)]
    return towns, {(one, other): chance.randint(1, 6) for n, one in enumerate(towns) for other in towns[n + 1 :]}


def _away(chance: random.Random) -> tuple[tuple[date, date], ...]:
    first = _DAY + timedelta(chance.randint(0, 30))
    return ((first, first + timedelta(5)),) if chance.random() < 0.2 else ()


def greedy(problem: Problem) -> Assignment:
    """As people do it by hand: each place in turn goes to whoever adds most points and breaks no rule; stays empty when nobody is left."""
    jobs: Sequence[School | Inspection] = (
        problem.schools if isinstance(problem, DutyProblem) else sorted(problem.inspections, key=lambda one: one.first)
    )
    members, mine = judging.members_of(problem), {one.key: list[School | Inspection]() for one in problem.inspectors}
    pairs, leads = set[tuple[str, str]](), dict[str, str]()
    for job in jobs:
        team: list[Inspector] = []
        for _ in range(judging.size_of(job)):
            able = [
                one
                for one in problem.inspectors
                if one not in team
                and not judging.forbidden(problem, one, job, members)
                and _has_room(one, job, mine[one.key])
                and (one.may_lead or team or isinstance(job, School))
            ]
            if not able:
                break
            best = max(able, key=lambda one: _gain(problem, one, job, mine[one.key], team))
            if not team and isinstance(job, Inspection):
                leads[job.key] = best.key
            team.append(best)
            mine[best.key].append(job)
            pairs.add((best.key, job.key))
    return Assignment(frozenset(pairs), leads)


def _has_room(one: Inspector, job: School | Inspection, mine: Sequence[School | Inspection]) -> bool:
    if len(mine) >= one.most or isinstance(job, School):
        return len(mine) < one.most
    rows = [row for row in mine if isinstance(row, Inspection)]
    days = sum(row.days for row in rows) + job.days
    return (one.most_days is None or days <= one.most_days) and not any(job.meets(row.first, row.last) for row in rows)


def _gain(
    problem: Problem,
    one: Inspector,
    job: School | Inspection,
    mine: Sequence[School | Inspection],
    team: Sequence[Inspector],
) -> int:
    points = sum(judging.worth(problem, one, job).values()) - sum(judging.further(problem, one)[len(mine)])
    if isinstance(problem, TeamProblem):
        for area in job.wants:
            before, after = max((row.skills.get(area, 0) for row in team), default=0), one.skills.get(area, 0)
            points += problem.weights.skill * (before == 0 < after)
            points += problem.weights.level * max(0, max(after, 1) - max(before, 1))
        points += problem.weights.mix * len(one.subjects.difference(*(row.subjects for row in team)))
    elif (
        mine
        and isinstance(job, School)
        and job.district not in {row.district for row in mine if isinstance(row, School)}
    ):
        points -= problem.weights.spread
    return points
