"""The solver against every assignment there is, on small cases; rules in words; the same answer whatever the order."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.teams import (
    Assignment,
    Clash,
    District,
    DutyProblem,
    Inspection,
    Inspector,
    School,
    TeamProblem,
    check,
    limits,
    score,
    solve_duties,
    solve_teams,
)

DAY = date(2024, 4, 15)
AREAS, PLACES, SUBJECTS = ("督政", "督学"), ("", "甲", "乙"), ("语文", "数学")


def every_team(problem: TeamProblem) -> list[Assignment]:
    """All assignments of the right sizes, each with each possible leader."""
    keys = [one.key for one in problem.inspectors]
    teams = [list(combinations(keys, job.size)) for job in problem.inspections]
    found = []
    for chosen in product(*teams):
        pairs = frozenset((who, job.key) for job, team in zip(problem.inspections, chosen, strict=True) for who in team)
        for leads in product(*chosen):
            jobs = [job.key for job in problem.inspections]
            found.append(Assignment(pairs, dict(zip(jobs, leads, strict=True))))
    return found


def every_duty(problem: DutyProblem) -> list[Assignment]:
    keys = [one.key for one in problem.inspectors]
    return [
        Assignment(frozenset(zip(chosen, (one.key for one in problem.schools), strict=True)))
        for chosen in product(keys, repeat=len(problem.schools))
    ]


def worth(problem: TeamProblem | DutyProblem, assignment: Assignment) -> int:
    return sum(score(problem, assignment).values())


skills = st.dictionaries(st.sampled_from(AREAS), st.integers(1, 3))
spans = st.tuples(st.integers(0, 4), st.integers(0, 2)).map(
    lambda two: (date(2024, 4, 15 + two[0]), date(2024, 4, 15 + two[0] + two[1]))
)


@st.composite
def inspectors(draw: st.DrawFn, most: int) -> tuple[Inspector, ...]:
    return tuple(
        Inspector(
            f"p{n}", f"示例{n}", most=draw(st.integers(0, 3)), skills=draw(skills), place=draw(st.sampled_from(PLACES)),
            subjects=draw(st.frozensets(st.sampled_from(SUBJECTS))), load=draw(st.integers(0, 2)),
            certificate=draw(st.sampled_from([(date.min, date.max)] * 4 + [None])), may_lead=draw(st.booleans()),
            away=draw(st.lists(spans, max_size=1).map(tuple)), most_days=draw(st.sampled_from([None, None, 2])),
        )
        for n in range(draw(st.integers(1, most)))
    )  # fmt: skip


@st.composite
def duty_problems(draw: st.DrawFn) -> DutyProblem:
    people = draw(inspectors(3))
    names = [one.key for one in people]
    schools = tuple(
        School(
            f"s{n}", f"示例学校{n}", draw(st.sampled_from(PLACES)), draw(st.frozensets(st.sampled_from(AREAS))),
            draw(st.sampled_from(["", "x", "y"])),
        )
        for n in range(draw(st.integers(1, 4)))
    )  # fmt: skip
    pair = st.tuples(st.sampled_from(names), st.sampled_from([one.key for one in schools]))
    members = st.frozensets(st.sampled_from(names))
    return DutyProblem(
        DAY, people, schools, (District("x", "示例甲区", draw(members)), District("y", "示例乙区", draw(members), 1)),
        dict.fromkeys(draw(st.frozensets(pair, max_size=2)), "亲属"), draw(st.dictionaries(pair, st.integers(0, 4))),
        {("甲", "乙"): 3}, 2, draw(st.frozensets(pair, max_size=1)), draw(st.frozensets(pair, max_size=1)),
    )  # fmt: skip


@st.composite
def team_problems(draw: st.DrawFn) -> TeamProblem:
    people = draw(inspectors(4))
    names = [one.key for one in people]
    rows = []
    for n in range(draw(st.integers(1, 3))):
        first, last = draw(spans)
        rows.append(
            Inspection(
                f"j{n}", f"示例督导{n}", draw(st.sampled_from("uv")), first, last, draw(st.integers(1, 2)),
                draw(st.sampled_from(PLACES)), draw(st.frozensets(st.sampled_from(AREAS))),
            )
        )  # fmt: skip
    pair = st.tuples(st.sampled_from(names), st.sampled_from([one.key for one in rows]))
    unit = st.tuples(st.sampled_from(names), st.sampled_from("uv"))
    leads = st.dictionaries(st.sampled_from([one.key for one in rows]), st.sampled_from(names), max_size=1)
    return TeamProblem(
        people, tuple(rows), dict.fromkeys(draw(st.frozensets(unit, max_size=2)), "亲属"),
        draw(st.dictionaries(unit, st.integers(1, 2))), {("甲", "乙"): 3}, 2, draw(st.frozensets(pair, max_size=1)),
        draw(st.frozensets(pair, max_size=1)), draw(st.sampled_from([{}, {}, draw(leads)])), least=1,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(duty_problems())
def test_no_division_of_schools_is_better_and_a_clash_means_there_is_none(problem: DutyProblem) -> None:
    kept = [one for one in every_duty(problem) if not check(problem, one)]
    if not kept:
        with pytest.raises(Clash):
            solve_duties(problem)
        return
    found = solve_duties(problem)
    assert found.is_proven and found.score == max(worth(problem, one) for one in kept)
    assert check(problem, found.assignment) == []
    assert set(found.reasons) == found.assignment.pairs
    assert all(found.parts[part] <= most for part, most in limits(problem).items())


@settings(max_examples=60, deadline=None)
@given(team_problems())
def test_no_teams_are_better_and_a_clash_means_there_are_none(problem: TeamProblem) -> None:
    kept = [one for one in every_team(problem) if not check(problem, one)]
    if not kept:
        with pytest.raises(Clash):
            solve_teams(problem)
        return
    found = solve_teams(problem)
    assert found.is_proven and found.score == max(worth(problem, one) for one in kept)
    assert check(problem, found.assignment) == []
    assert all(found.parts[part] <= most for part, most in limits(problem).items())


def _six() -> DutyProblem:
    people = tuple(Inspector(f"p{n}", f"示例{n}", most=3) for n in range(6))
    return DutyProblem(DAY, people, tuple(School(f"s{n:02}", f"示例学校{n}") for n in range(12)))


def test_the_order_of_the_rows_does_not_change_the_answer() -> None:
    problem = _six()
    turned = replace(problem, inspectors=problem.inspectors[::-1], schools=problem.schools[::-1])
    assert solve_duties(problem) == solve_duties(turned)
    people = tuple(Inspector(f"p{n}", f"示例{n}", most=2, may_lead=n % 2 == 0, skills={"督政": 1}) for n in range(8))
    teams = TeamProblem(people, (_trip("a", 15, 16), _trip("b", 16, 17), _trip("c", 18, 19)))
    backwards = replace(teams, inspectors=people[::-1], inspections=teams.inspections[::-1])
    assert solve_teams(teams) == solve_teams(backwards)


_ALONE = """
from datetime import date
from dudao_engines.teams import Inspection, Inspector, TeamProblem, solve_teams
people = [Inspector(f"p{n}", str(n), most=2, may_lead=n % 2 == 0, subjects=frozenset("语数外理"[n % 4])) for n in range(12)]
trips = [Inspection(f"j{n}", str(n), f"u{n}", date(2024, 4, 15 + n), date(2024, 4, 16 + n)) for n in range(5)]
found = solve_teams(TeamProblem(tuple(people), tuple(trips))).assignment
print(sorted(found.pairs), sorted(found.leads.items()))
"""


def test_another_process_gives_the_same_answer() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _ALONE], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    }
    assert len(told) == 1 and told != {b""}


def test_an_impossible_division_names_the_rules_that_clash_the_schools_and_the_numbers() -> None:
    people = (Inspector("p", "示例甲", most=1), Inspector("q", "示例乙", most=5, certificate=None))
    problem = DutyProblem(DAY, people, (School("a", "示例一小"), School("b", "示例二小")))
    with pytest.raises(Clash) as told:
        solve_duties(problem)
    assert told.value.rules == ("certificate", "load", "size") and told.value.jobs == ("a", "b")
    assert "督学证须在有效期内；每人承担数不超过上限" in str(told.value)
    assert "示例一小、示例二小（2所学校），共需2人次；可以安排的督学1名（示例甲），按每人上限合计最多1人次" in str(
        told.value
    )
    assert "办理或登记督学证；提高每人上限，或增加督学" in str(told.value)


def test_a_school_nobody_may_take_is_named_alone_with_what_keeps_each_away() -> None:
    problem = _six()
    problem = replace(problem, recused={(one.key, "s07"): "亲属" for one in problem.inspectors})
    with pytest.raises(Clash) as told:
        solve_duties(problem)
    assert told.value.rules == ("recused", "size") and told.value.jobs == ("s07",)
    assert "6名督学中不能安排的：回避6人" in str(told.value)


def test_a_district_with_too_many_schools_is_refused_before_anything_is_solved() -> None:
    problem = _six()
    schools = tuple(replace(one, district="x") for one in problem.schools)
    with pytest.raises(Clash, match="示例区有12所学校，规定不超过10所"):
        solve_duties(replace(problem, schools=schools, districts=(District("x", "示例区", most=10),)))


def _trip(key: str, first: int, last: int) -> Inspection:
    return Inspection(key, f"示例督导{key}", f"u{key}", date(2024, 4, first), date(2024, 4, last))


def test_what_was_decided_by_hand_stays_and_the_rest_is_solved_around_it() -> None:
    people = tuple(Inspector(f"p{n}", f"示例{n}", most=1, may_lead=n < 2) for n in range(6))
    problem = TeamProblem(people, (_trip("a", 15, 16), _trip("b", 16, 17)))
    problem = replace(problem, fixed=frozenset({("p5", "a")}), barred=frozenset({("p4", "b")}), leads={"b": "p0"})
    found = solve_teams(problem)
    assert {("p5", "a"), ("p4", "a"), ("p0", "b")} <= found.assignment.pairs
    assert found.assignment.leads == {"a": "p1", "b": "p0"}
    moved = Assignment(found.assignment.pairs - {("p5", "a")} | {("p0", "a")}, {"a": "p0", "b": "p1"})
    words = [one.words for one in check(problem, moved)]
    assert "示例0：示例督导a与示例督导b日期重叠" in words and "示例0：最多1项，现有2项" in words
    assert "示例督导b：组长已确定为示例0" in words and "示例5—示例督导a：已定的安排不变" in words


def test_two_decisions_by_hand_that_break_a_rule_are_named() -> None:
    people = tuple(Inspector(f"p{n}", f"示例{n}", most=2, may_lead=True) for n in range(6))
    problem = TeamProblem(people, (_trip("a", 15, 16), _trip("b", 16, 17)), fixed=frozenset({("p0", "a"), ("p0", "b")}))
    with pytest.raises(Clash, match="已定的安排：示例0：示例督导a与示例督导b日期重叠") as told:
        solve_teams(problem)
    assert told.value.rules == ("busy", "fixed")


def test_a_certificate_that_ends_during_an_inspection_and_a_term_that_ended_keep_somebody_out() -> None:
    people = [Inspector(f"p{n}", f"示例{n}", most=1, may_lead=True) for n in range(5)]
    people[0] = replace(people[0], certificate=(date(2024, 1, 1), date(2024, 4, 15)))
    people[1] = replace(people[1], term_to=date(2024, 4, 15))
    found = solve_teams(TeamProblem(tuple(people), (_trip("a", 15, 16),)))
    assert {who for who, _ in found.assignment.pairs} == {"p2", "p3", "p4"}
    assert found.notes["a"] == "5名督学中不能安排的：督学证无效1人、任期不符1人"


def test_bad_rows_are_refused_with_the_reason() -> None:
    one = Inspector("p", "示例甲", most=1)
    with pytest.raises(ValueError, match="重复：p"):
        solve_duties(DutyProblem(DAY, (one, one), ()))
    with pytest.raises(ValueError, match="名单中没有：q—a"):
        solve_duties(DutyProblem(DAY, (one,), (School("a", "示例"),), fixed=frozenset({("q", "a")})))
    with pytest.raises(ValueError, match="每组不少于3人，现为2人"):
        solve_teams(TeamProblem((one,), (replace(_trip("a", 15, 16), size=2),)))
    with pytest.raises(ValueError, match="结束日期早于开始日期"):
        solve_teams(TeamProblem((one,), (_trip("a", 16, 15),)))
    with pytest.raises(ValueError, match="名单中没有"):
        check(TeamProblem((one,), ()), Assignment(frozenset({("p", "z")})))


def test_an_empty_list_has_an_empty_answer_and_no_inspectors_a_clash() -> None:
    assert solve_duties(DutyProblem(DAY, (), ())).score == 0
    with pytest.raises(Clash, match="可以安排的督学0名"):
        solve_duties(DutyProblem(DAY, (), (School("a", "示例一小"),)))


def test_who_only_checks_loads_no_solver() -> None:
    asked = "import sys; import dudao_engines.teams; print('ortools' in sys.modules, 'pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True).stdout
    assert told.split() == ["False", "False"]
