"""Solve with CP-SAT: one worker, a fixed seed, sorted rows, whole numbers, a limit counted in work and not in time."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from ortools.sat.python import cp_model

from dudao_engines.teams import judging
from dudao_engines.teams.judging import forbidden, further, jobs_of, members_of, people_of, size_of, worth
from dudao_engines.teams.model import (
    REMEDIES,
    RULES,
    Assignment,
    Clash,
    DutyProblem,
    Inspection,
    Problem,
    Solution,
    TeamProblem,
    Unsolved,
)

#: Work for each question while the reason of a clash is looked for.
_ASK = 2.0
#: How many questions may be asked to find the fewest schools or inspections of a clash, and how many of them are named.
_QUESTIONS, _NAMED = 30, 8


def solve(problem: Problem, effort: float) -> Solution:
    """As ``solve_duties`` and ``solve_teams`` say."""
    _refuse_bad(problem)
    asked = {job.key for job in jobs_of(problem)}
    if isinstance(problem, DutyProblem) and (large := _too_large(problem)):
        raise Clash(("district_size",), (), (*large, f"可以：{REMEDIES['district_size']}。"))
    model = _Model(problem, RULES, asked)
    model.maximise()
    solver, status = model.run(effort)
    if status == cp_model.INFEASIBLE:
        raise _clash(problem)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Unsolved
    pairs = frozenset(pair for pair, take in model.take.items() if solver.boolean_value(take))
    assignment = Assignment(pairs, _leaders(problem, pairs))
    parts = judging.score(problem, assignment)
    return Solution(
        assignment=assignment,
        score=sum(parts.values()),
        bound=round(solver.best_objective_bound),
        parts=parts,
        limits=judging.limits(problem),
        reasons=judging.reasons(problem, assignment),
        notes=judging.notes(problem),
        effort=solver.response_proto.deterministic_time,
    )


def _refuse_bad(problem: Problem) -> None:
    people = Counter(one.key for one in problem.inspectors)
    jobs = Counter(one.key for one in jobs_of(problem))
    if twice := sorted(key for rows in (people, jobs) for key, n in rows.items() if n > 1):
        raise ValueError(f"重复：{'、'.join(twice)}")
    named = set(problem.fixed | problem.barred)
    if isinstance(problem, TeamProblem):
        named |= {(who, key) for key, who in problem.leads.items()}
        for one in problem.inspections:
            if one.size < problem.least:
                raise ValueError(f"{one.name}：每组不少于{problem.least}人，现为{one.size}人")
            if one.last < one.first:
                raise ValueError(f"{one.name}：结束日期早于开始日期")
    else:
        districts = {one.key for one in problem.districts} | {""}
        if lost := [one.name for one in problem.schools if one.district not in districts]:
            raise ValueError(f"责任区不在名单中：{'、'.join(lost)}")
    if unknown := sorted(pair for pair in named if pair[0] not in people or pair[1] not in jobs):
        raise ValueError(f"名单中没有：{unknown[0][0]}—{unknown[0][1]}")


def _too_large(problem: DutyProblem) -> list[str]:
    sizes = Counter(one.district for one in problem.schools)
    return [
        f"{one.name}有{sizes[one.key]}所学校，规定不超过{one.most}所。"
        for one in sorted(problem.districts, key=lambda one: one.key)
        if sizes[one.key] > one.most
    ]


class _Model:
    """The rules as a model; ``asked`` are the schools or inspections that must be staffed, the others only may be."""

    def __init__(self, problem: Problem, rules: Collection[str], asked: Collection[str]) -> None:
        self.problem, self.rules = problem, rules
        self.people, self.jobs = people_of(problem), jobs_of(problem)
        self.model = cp_model.CpModel()
        self.none = self.model.new_constant(0)
        members = members_of(problem)
        self.take: dict[tuple[str, str], cp_model.IntVar] = {}
        for job in self.jobs:
            for one in self.people:
                if not any(rule in rules for rule in forbidden(problem, one, job, members)):
                    self.take[one.key, job.key] = self.model.new_bool_var("")
        self._staff(asked)
        self._burden()
        if "fixed" in rules:
            self._keep()
        self.serves: dict[tuple[str, str], cp_model.IntVar] = {}
        if isinstance(problem, DutyProblem):
            self._districts(problem, asked)

    def run(self, effort: float) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = effort
        solver.parameters.linearization_level = 2
        return solver, solver.solve(self.model)

    def team(self, key: str) -> list[cp_model.IntVar]:
        return [take for one in self.people if (take := self.take.get((one.key, key))) is not None]

    def mine(self, who: str) -> list[cp_model.IntVar]:
        return [take for job in self.jobs if (take := self.take.get((who, job.key))) is not None]

    def _sum(self, rows: Sequence[cp_model.LinearExprT]) -> cp_model.LinearExpr:
        """Their sum, an expression also when there are none."""
        return cp_model.LinearExpr.sum([self.none, *rows])

    def _staff(self, asked: Collection[str]) -> None:
        leads = [one.key for one in self.people if one.may_lead]
        for job in self.jobs:
            team = self.team(job.key)
            if "size" in self.rules and job.key in asked:
                self.model.add(self._sum(team) == size_of(job))
            else:
                self.model.add(self._sum(team) <= size_of(job))
            if isinstance(job, Inspection) and "lead" in self.rules and job.key in asked:
                able = [take for who in leads if (take := self.take.get((who, job.key))) is not None]
                self.model.add(self._sum(able) >= 1)

    def _burden(self) -> None:
        for one in self.people:
            if "load" in self.rules:
                self.model.add(self._sum(self.mine(one.key)) <= one.most)
            rows = [job for job in self.jobs if isinstance(job, Inspection) and (one.key, job.key) in self.take]
            if "days" in self.rules and one.most_days is not None:
                self.model.add(self._sum([row.days * self.take[one.key, row.key] for row in rows]) <= one.most_days)
            if "busy" in self.rules:
                # On each first day at most one: two spans meet exactly when the later begins within the earlier.
                for day in sorted({row.first for row in rows}):
                    running = [self.take[one.key, row.key] for row in rows if row.meets(day, day)]
                    if len(running) > 1:
                        self.model.add_at_most_one(running)

    def _keep(self) -> None:
        pairs = set(self.problem.fixed)
        if isinstance(self.problem, TeamProblem):
            able = {one.key for one in self.people if one.may_lead}
            for key, who in self.problem.leads.items():
                pairs.add((who, key))
                if "lead" in self.rules and who not in able:
                    self.model.add_bool_or([])
        for pair in sorted(pairs):
            if pair in self.take:
                self.model.add(self.take[pair] == 1)
            else:
                self.model.add_bool_or([])

    def _districts(self, problem: DutyProblem, asked: Collection[str]) -> None:
        """``serves``: somebody has a school of a district."""
        for district in sorted(problem.districts, key=lambda one: one.key):
            schools = sorted(one.key for one in problem.schools if one.district == district.key)
            for one in self.people:
                rows = [take for key in schools if (take := self.take.get((one.key, key))) is not None]
                if rows:
                    serves = self.serves[one.key, district.key] = self.model.new_bool_var("")
                    for take in rows:
                        self.model.add_implication(take, serves)
                    self.model.add(self._sum(rows) >= serves)
            if "district_pair" in self.rules and "size" in self.rules and set(schools) <= set(asked):
                serving = [one for (_, key), one in self.serves.items() if key == district.key]
                self.model.add(self._sum(serving) >= min(district.least, len(schools)))

    def maximise(self) -> None:
        points: list[cp_model.LinearExprT] = []
        jobs = {job.key: job for job in self.jobs}
        people = {one.key: one for one in self.people}
        for (who, key), take in self.take.items():
            points.append(sum(worth(self.problem, people[who], jobs[key]).values()) * take)
        for one in self.people:
            points.append(-1 * self._cost(one.key, [even + over for even, over in further(self.problem, one)]))
        if isinstance(self.problem, DutyProblem):
            for one in self.people:
                serving = [self.serves[pair] for pair in self.serves if pair[0] == one.key]
                if len(serving) > 1:
                    beyond = self.model.new_int_var(0, len(serving) - 1, "")
                    self.model.add(beyond >= self._sum(serving) - 1)
                    points.append(-self.problem.weights.spread * beyond)
        else:
            points.extend(self._covered(self.problem))
        self.model.maximize(self._sum(points))

    def _cost(self, who: str, rows: Sequence[int]) -> cp_model.LinearExprT:
        """What is taken off for the number of jobs: the upper hull of its tangents, exact at whole numbers because ``rows`` never falls."""
        number = self._sum(self.mine(who))
        cost = self.model.new_int_var(0, sum(rows), "")
        before = 0
        for n, row in enumerate(rows):
            if row:
                self.model.add(cost >= row * (number - n) + before)
            before += row
        return cost

    def _covered(self, problem: TeamProblem) -> list[cp_model.LinearExprT]:
        points: list[cp_model.LinearExprT] = []
        subjects = sorted({subject for one in self.people for subject in one.subjects})
        for job in sorted(problem.inspections, key=lambda one: one.key):
            for area in sorted(job.wants):
                for level in (1, 2, 3):
                    able = [one.key for one in self.people if one.skills.get(area, 0) >= level]
                    weight = problem.weights.skill if level == 1 else problem.weights.level
                    points.append(weight * self._any(able, job.key))
            for subject in subjects:
                able = [one.key for one in self.people if subject in one.subjects]
                points.append(problem.weights.mix * self._any(able, job.key))
        return points

    def _any(self, able: Sequence[str], key: str) -> cp_model.LinearExprT:
        covered = self.model.new_bool_var("")
        self.model.add(covered <= self._sum([take for who in able if (take := self.take.get((who, key))) is not None]))
        return covered


def _leaders(problem: Problem, pairs: Collection[tuple[str, str]]) -> dict[str, str]:
    if isinstance(problem, DutyProblem):
        return {}
    led, found = Counter[str](problem.leads.values()), dict(problem.leads)
    for job in sorted(problem.inspections, key=lambda one: one.key):
        if job.key in found:
            continue
        able = [one for one in people_of(problem) if one.may_lead and (one.key, job.key) in pairs]
        lead = min(able, key=lambda one: (led[one.key], -sum(one.skills.get(area, 0) for area in job.wants), one.key))
        found[job.key] = lead.key
        led[lead.key] += 1
    return found


def _clash(problem: Problem) -> Clash:
    """Take out rule by rule, then school by school, what the clash does not need."""

    def stands(rules: Collection[str], asked: Collection[str]) -> bool:
        """Whether there is no answer, for certain."""
        return _Model(problem, rules, asked).run(_ASK)[1] == cp_model.INFEASIBLE

    every = [job.key for job in jobs_of(problem)]
    rules = list(RULES)
    for rule in RULES:
        rest = [one for one in rules if one != rule]
        if stands(rest, every):
            rules = rest
    members, people = members_of(problem), people_of(problem)
    for job in jobs_of(problem):
        able = sum(not set(forbidden(problem, one, job, members)) & set(rules) for one in people)
        if able < size_of(job) and "size" in rules:
            return Clash(tuple(rules), (job.key,), tuple(_told(problem, rules, [job.key])))
    jobs = _fewest(lambda asked: stands(rules, asked), every)
    return Clash(tuple(rules), tuple(jobs), tuple(_told(problem, rules, jobs)))


def _fewest(stands: Callable[[Collection[str]], bool], every: Sequence[str]) -> list[str]:
    """A smallest part of ``every`` for which ``stands`` still holds (QuickXplain); less small when the questions run out."""
    left = _QUESTIONS

    def asks(part: Collection[str]) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and stands(part)

    def search(base: list[str], grown: bool, rest: list[str]) -> list[str]:
        if grown and asks(base):
            return []
        if len(rest) <= 1 or left <= 0:
            return rest
        half = len(rest) // 2
        second = search(base + rest[:half], True, rest[half:])
        first = search(base + second, bool(second), rest[:half])
        return first + second

    return [] if asks(()) else sorted(search([], False, list(every)))


def _told(problem: Problem, rules: Sequence[str], keys: Sequence[str]) -> Iterator[str]:
    """The clash in sentences: which rules, where, by how much, what can be done."""
    rows = {job.key: job for job in jobs_of(problem)}
    yield "下列规则不能同时满足：" + "；".join(RULES[rule] for rule in rules) + "。"
    members, people = members_of(problem), people_of(problem)
    if keys:
        names = [rows[key].name for key in keys[:_NAMED]]
        word = "所学校" if isinstance(problem, DutyProblem) else "项督导"
        more = f"等{len(keys)}{word}" if len(keys) > _NAMED else f"（{len(keys)}{word}）"
        able = [one for one in people if any(not forbidden(problem, one, rows[key], members) for key in keys)]
        needed = sum(size_of(rows[key]) for key in keys)
        told = f"卡在：{'、'.join(names)}{more}，共需{needed}人次；可以安排的督学{len(able)}名"
        if 0 < len(able) <= _NAMED:
            told += "（" + "、".join(one.name for one in able) + "）"
        if "load" in rules:
            told += f"，按每人上限合计最多{sum(one.most for one in able)}人次"
        if "lead" in rules:
            told += f"，其中可任组长{sum(one.may_lead for one in able)}名"
        yield told + "。"
    if len(keys) == 1 and (note := judging.notes(problem).get(keys[0])):
        yield note + "。"
    if "fixed" in rules:
        forced = Assignment(problem.fixed, problem.leads if isinstance(problem, TeamProblem) else {})
        for breach in judging.check(problem, forced):
            if breach.rule in rules and breach.rule not in ("size", "lead", "district_pair", "fixed"):
                yield f"已定的安排：{breach.words}。"
    yield (
        "可以："
        + "；".join(REMEDIES[rule] for rule in rules if rule != "size" or isinstance(problem, TeamProblem))
        + "。"
    )
