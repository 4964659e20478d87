"""What an assignment breaks and what it is worth, counted plainly: the meaning that the solver has to reach."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from heapq import heapify, heapreplace
from itertools import combinations

from dudao_engines.teams.model import (
    DUTY_PARTS,
    RULES,
    TEAM_PARTS,
    Assignment,
    Breach,
    DutyProblem,
    Inspection,
    Inspector,
    Problem,
    School,
    TeamProblem,
)

Job = School | Inspection


def jobs_of(problem: Problem) -> Sequence[Job]:
    """The schools or inspections in the order of their keys."""
    rows: Sequence[Job] = problem.schools if isinstance(problem, DutyProblem) else problem.inspections
    return sorted(rows, key=lambda one: one.key)


def people_of(problem: Problem) -> list[Inspector]:
    """The inspectors in the order of their keys."""
    return sorted(problem.inspectors, key=lambda one: one.key)


def unit_of(job: Job) -> str:
    """The key of the unit that a school is or an inspection goes to."""
    return job.key if isinstance(job, School) else job.unit


def size_of(job: Job) -> int:
    """How many people it needs."""
    return 1 if isinstance(job, School) else job.size


def days_of(problem: Problem, job: Job) -> tuple[date, date]:
    """The days on which certificate and term must hold: of the inspection, or the one on which duties begin."""
    if isinstance(job, Inspection):
        return job.first, job.last
    day = problem.day if isinstance(problem, DutyProblem) else date.min
    return day, day


def members_of(problem: Problem) -> Mapping[str, frozenset[str]]:
    """Who may take the schools of a district, by its key; districts without a list are left out."""
    if isinstance(problem, TeamProblem):
        return {}
    return {one.key: one.members for one in problem.districts if one.members}


def forbidden(problem: Problem, one: Inspector, job: Job, members: Mapping[str, frozenset[str]]) -> list[str]:
    """The rules that keep somebody from a school or inspection whatever else is decided."""
    broken = []
    if (one.key, unit_of(job)) in problem.recused:
        broken.append("recused")
    first, last = days_of(problem, job)
    if one.certificate is None or first < one.certificate[0] or one.certificate[1] < last:
        broken.append("certificate")
    if one.term_to is not None and one.term_to < last:
        broken.append("term")
    if isinstance(job, Inspection):
        if any(job.meets(*days) for days in one.away):
            broken.append("away")
    elif job.district in members and one.key not in members[job.district]:
        broken.append("district")
    if (one.key, job.key) in problem.barred:
        broken.append("fixed")
    return broken


def check(problem: Problem, assignment: Assignment) -> list[Breach]:
    """The rules that an assignment breaks, in the order of schools (or inspections) and people. At once: nothing is solved.

    Raises:
        ValueError: a pair names somebody or something that is not in the problem.
    """
    people, jobs = {one.key: one for one in people_of(problem)}, {one.key: one for one in jobs_of(problem)}
    team, mine = _sides(assignment, people, jobs)
    members, found = members_of(problem), []
    for key, job in jobs.items():
        for who in team[key]:
            one = people[who]
            for rule in forbidden(problem, one, job, members):
                found.append(Breach(rule, key, who, f"{one.name}—{job.name}：{_why(problem, rule, one, job)}"))
        if len(team[key]) != size_of(job):
            found.append(Breach("size", key, "", f"{job.name}：应有{size_of(job)}人，现有{len(team[key])}人"))
        if isinstance(job, Inspection):
            lead = assignment.leads.get(key, "")
            if lead not in team[key] or not people[lead].may_lead:
                found.append(Breach("lead", key, lead if lead in team[key] else "", f"{job.name}：{RULES['lead']}"))
    for who, one in people.items():
        rows = [jobs[key] for key in mine[who]]
        if len(rows) > one.most:
            found.append(Breach("load", "", who, f"{one.name}：最多{one.most}项，现有{len(rows)}项"))
        inspections = [row for row in rows if isinstance(row, Inspection)]
        if one.most_days is not None and (days := sum(row.days for row in inspections)) > one.most_days:
            found.append(Breach("days", "", who, f"{one.name}：可用{one.most_days}天，现有{days}天"))
        for left, right in combinations(inspections, 2):
            if left.meets(right.first, right.last):
                found.append(Breach("busy", right.key, who, f"{one.name}：{left.name}与{right.name}日期重叠"))
    if isinstance(problem, DutyProblem):
        found.extend(_districts(problem, team))
    else:
        for key, who in sorted(problem.leads.items()):
            if assignment.leads.get(key) != who:
                found.append(Breach("fixed", key, who, f"{jobs[key].name}：组长已确定为{people[who].name}"))
    for who, key in sorted(problem.fixed - assignment.pairs):
        found.append(Breach("fixed", key, who, f"{people[who].name}—{jobs[key].name}：{RULES['fixed']}"))
    return found


def _districts(problem: DutyProblem, team: Mapping[str, Sequence[str]]) -> Iterator[Breach]:
    for district in sorted(problem.districts, key=lambda one: one.key):
        schools = [one.key for one in problem.schools if one.district == district.key]
        if len(schools) > district.most:
            words = f"{district.name}：{len(schools)}所学校，规定不超过{district.most}所"
            yield Breach("district_size", district.key, "", words)
        needed, now = min(district.least, len(schools)), len({who for key in schools for who in team[key]})
        if now < needed:
            words = f"{district.name}：应由至少{needed}名督学承担，现为{now}名"
            yield Breach("district_pair", district.key, "", words)


def _why(problem: Problem, rule: str, one: Inspector, job: Job) -> str:
    if rule == "recused":
        return "应当回避（" + (problem.recused[one.key, unit_of(job)] or "已登记") + "）"
    if rule == "certificate":
        return "没有登记督学证" if one.certificate is None else f"督学证有效期至{one.certificate[1]}"
    if rule == "term":
        return f"任期至{one.term_to}"
    return RULES[rule]


def _sides(
    assignment: Assignment, people: Mapping[str, Inspector], jobs: Mapping[str, Job]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """People by school or inspection, and the other way round."""
    team: dict[str, list[str]] = {key: [] for key in jobs}
    mine: dict[str, list[str]] = {key: [] for key in people}
    for who, key in sorted(assignment.pairs):
        if who not in people or key not in jobs:
            raise ValueError(f"名单中没有：{who}—{key}")
        team[key].append(who)
        mine[who].append(key)
    return team, mine


def steps(problem: Problem, one: Inspector, job: Job) -> int:
    """How far somebody has to go: 0 within a place, else what ``travel`` says, else ``far``; 0 where a place is unknown."""
    if not one.place or not job.place or one.place == job.place:
        return 0
    return problem.travel.get((one.place, job.place), problem.travel.get((job.place, one.place), problem.far))


def worth(problem: Problem, one: Inspector, job: Job) -> dict[str, int]:
    """Points by part that a pair has by itself."""
    if isinstance(problem, DutyProblem):
        weights, years = problem.weights, problem.held.get((one.key, job.key))
        stays = years is not None and years < weights.rotate_after
        late = years is not None and not stays
        return {
            "fit": weights.fit * sum(area in one.skills for area in job.wants),
            "kept": weights.kept * stays,
            "rotation": -weights.rotate * late,
            "travel": -weights.travel * steps(problem, one, job),
        }
    return {
        "again": -problem.weights.again * problem.visited.get((one.key, unit_of(job)), 0),
        "travel": -problem.weights.travel * steps(problem, one, job),
    }


def further(problem: Problem, one: Inspector) -> list[tuple[int, int]]:
    """Points taken off for the first, second … further job of one person, as (even, over); each row is not less than the one before."""
    if isinstance(problem, DutyProblem):
        weights = problem.weights
        return [(weights.even * n, weights.over * (n >= weights.about)) for n in range(one.most)]
    return [(problem.weights.even * (one.load + n), 0) for n in range(one.most)]


def score(problem: Problem, assignment: Assignment) -> dict[str, int]:
    """Points by part of ``DUTY_PARTS`` or ``TEAM_PARTS``, whether or not rules are broken.

    Raises:
        ValueError: as ``check``.
    """
    people, jobs = {one.key: one for one in people_of(problem)}, {one.key: one for one in jobs_of(problem)}
    team, mine = _sides(assignment, people, jobs)
    total = Counter[str]()
    total.update(dict.fromkeys(DUTY_PARTS if isinstance(problem, DutyProblem) else TEAM_PARTS, 0))
    for who, key in assignment.pairs:
        total.update(worth(problem, people[who], jobs[key]))
    for who, one in people.items():
        rows = further(problem, one)
        rows += rows[-1:] * max(0, len(mine[who]) - len(rows))
        for even, over in rows[: len(mine[who])]:
            total["even"] -= even
            total["over"] -= over
        if isinstance(problem, DutyProblem):
            districts = {job.district for key in mine[who] if isinstance(job := jobs[key], School) and job.district}
            total["spread"] -= problem.weights.spread * max(0, len(districts) - 1)
    if isinstance(problem, TeamProblem):
        weights = problem.weights
        total.pop("over", None)
        for key, job in jobs.items():
            for area in job.wants:
                best = max((people[who].skills.get(area, 0) for who in team[key]), default=0)
                total["skill"] += weights.skill * (best > 0)
                total["level"] += weights.level * max(0, best - 1)
            total["mix"] += weights.mix * len({one for who in team[key] for one in people[who].subjects})
    return dict(total)


def limits(problem: Problem) -> dict[str, int]:
    """The most points that each part could have if nothing else counted: what the parts of a score are read against."""
    jobs = jobs_of(problem)
    found = dict.fromkeys(DUTY_PARTS if isinstance(problem, DutyProblem) else TEAM_PARTS, 0)
    if isinstance(problem, DutyProblem):
        weights = problem.weights
        found["fit"] = weights.fit * sum(len(job.wants) for job in jobs)
        stay = {school for (_, school), years in problem.held.items() if years < weights.rotate_after}
        found["kept"] = weights.kept * len(stay & {job.key for job in jobs})
    else:
        wanted = sum(len(job.wants) for job in jobs)
        found["skill"], found["level"] = problem.weights.skill * wanted, 2 * problem.weights.level * wanted
        subjects = {subject for one in problem.inspectors for subject in one.subjects}
        found["mix"] = problem.weights.mix * len(subjects) * len(jobs)
    found["even"] = -_evenest(problem, sum(size_of(job) for job in jobs))
    return found


def _evenest(problem: Problem, pairs: int) -> int:
    """The least that ``even`` takes off when this many pairs could go to anybody."""
    heap = [(rows[0][0], n, 0, rows) for n, one in enumerate(people_of(problem)) if (rows := further(problem, one))]
    heapify(heap)
    total = 0
    for _ in range(pairs):
        if not heap or heap[0][0] >= _ENDLESS:
            break
        cost, n, taken, rows = heap[0]
        total += cost
        after = rows[taken + 1][0] if taken + 1 < len(rows) else _ENDLESS
        heapreplace(heap, (after, n, taken + 1, rows))
    return total


_ENDLESS = 10**9


def reasons(problem: Problem, assignment: Assignment) -> dict[tuple[str, str], str]:
    """Why each pair stands, in words, strongest first."""
    people, jobs = {one.key: one for one in people_of(problem)}, {one.key: one for one in jobs_of(problem)}
    team, mine = _sides(assignment, people, jobs)
    found = {}
    for who, key in sorted(assignment.pairs):
        one, job, words = people[who], jobs[key], []
        if (who, key) in problem.fixed:
            words.append("事先确定")
        if assignment.leads.get(key) == who:
            words.append("具备组长条件，任组长")
        known = [area for area in sorted(job.wants) if area in one.skills]
        alone = [area for area in known if not any(area in people[other].skills for other in team[key] if other != who)]
        if isinstance(job, School):
            if known:
                words.append("熟悉" + "、".join(known))
            years = problem.held.get((who, key)) if isinstance(problem, DutyProblem) else None
            if years is not None:
                words.append("延续原有责任" if years < _rotate(problem) else f"已满{years}年，暂无更合适的人接替")
        else:
            if alone:
                words.append("本组唯一具备" + "、".join(alone) + "专长")
            if shared := [area for area in known if area not in alone]:
                words.append("具备" + "、".join(shared) + "专长")
            subjects = one.subjects - {s for other in team[key] if other != who for s in people[other].subjects}
            if subjects:
                words.append("补充学科：" + "、".join(sorted(subjects)))
            if times := one.load:
                words.append(f"本年已参加{times}次")
            else:
                words.append("本年尚未参加")
        if job.place and one.place == job.place:
            words.append("就近")
        if isinstance(job, School):
            words.append(f"共负责{len(mine[who])}所")
        found[who, key] = "；".join(words)
    return found


def _rotate(problem: Problem) -> int:
    return problem.weights.rotate_after if isinstance(problem, DutyProblem) else 0


def notes(problem: Problem) -> dict[str, str]:
    """How many could not be taken for each school or inspection, by rule, in words."""
    people, members, found = people_of(problem), members_of(problem), {}
    for job in jobs_of(problem):
        out = defaultdict[str, int](int)
        for one in people:
            for rule in forbidden(problem, one, job, members)[:1]:
                out[rule] += 1
        if out:
            told = "、".join(f"{_SHORT[rule]}{out[rule]}人" for rule in RULES if rule in out)
            found[job.key] = f"{len(people)}名督学中不能安排的：{told}"
    return found


_SHORT = {
    "recused": "回避",
    "certificate": "督学证无效",
    "term": "任期不符",
    "away": "请假或另有督导",
    "district": "非本责任区",
    "fixed": "已排除",
}
