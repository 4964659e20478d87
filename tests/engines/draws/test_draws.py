"""What the rules of an honest draw say, and that nobody can bend it."""

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise, product
from math import lcm
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dudao_engines import draws
from dudao_engines.draws import Commitment, Crew, Method, Plan, Unit, bundle, sampling
from dudao_engines.kernel.errors import EngineInputError

FROZEN, EVENT = date(2024, 4, 10), date(2024, 4, 14)
SCHOOLS = [Unit(f"SL-XX{n:02}", f"示例第{n}小学", "城区" if n % 3 else "乡镇", 100 + 17 * n) for n in range(1, 13)]
PLAN = Plan(
    "2024年春季专项督导随机抽取学校",
    Method.SIMPLE,
    4,
    SCHOOLS,
    FROZEN,
    "福利彩票双色球第2024042期红球六个号码，按公布次序",
    EVENT,
)
INSPECTORS = [Unit(f"D{n:02}", f"督学{n}（示例）") for n in range(1, 9)]
CREW = Crew(INSPECTORS, 3, 2, [("SL-XX01", "D01"), ("SL-XX02", "D01")])


def drawn(plan: Plan, seed: str = "03 11 17 22 28 31") -> draws.Result:
    return draws.draw(draws.freeze(plan), [seed], on=EVENT)


def verifier() -> ModuleType:
    path = Path(bundle.__file__).parent / "verify.py"
    spec = importlib.util.spec_from_file_location("verify", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def published(plan: Plan, seed: str = "03 11 17 22 28 31") -> dict[str, object]:
    frozen = draws.freeze(plan)
    result = draws.draw(frozen, [seed], on=EVENT)
    return json.loads(json.dumps(bundle.published(frozen, [seed], result, on=EVENT)))


def checked(said: Mapping[str, object], folder: Path) -> int:
    path = folder / "draw.json"
    path.write_text(json.dumps(said), "utf-8")
    return int(verifier().main(str(path)))


# PPS


def test_the_vector_of_the_monitoring_rules_comes_out() -> None:
    sizes = [120, 80, 200, 60, 140]
    assert sampling.systematic(sizes, 2, Fraction(100, 300)) == [0, 2]
    odds = sampling.chances(sizes, 2)
    assert odds[0] == Fraction(2, 5) and odds[2] == Fraction(2, 3)
    within = [Fraction(30, one) for one in (120, 200)]
    assert [1 / (odds[0] * within[0]), 1 / (odds[2] * within[1])] == [10, 10]


def test_a_school_larger_than_the_step_is_certain_and_the_step_is_taken_again() -> None:
    # 900 of 1000 with n = 3: 900 is certain; of the rest 100 with k = 2 the 50 is certain too (2·50/100 = 1).
    assert sampling.certainties([900, 50, 30, 20], 3) == {0, 1}
    assert sampling.chances([900, 50, 30, 20], 3) == [1, 1, Fraction(3, 5), Fraction(2, 5)]
    assert sampling.systematic([900, 50, 30, 20], 3, Fraction(3, 5)) == [0, 1, 2]
    assert sampling.systematic([900, 50, 30, 20], 3, Fraction(61, 100)) == [0, 1, 3]


SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=7)


@given(SIZES, st.data())
def test_over_all_starts_each_school_is_drawn_exactly_as_often_as_its_chance_says(
    sizes: list[int], data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(sizes)))
    odds = sampling.chances(sizes, n)
    assert sum(odds) == n
    # All limits of intervals lie on this grid, and an interval is closed above: counting its points is the integral.
    grid = lcm(*(one.denominator for one in odds)) * sum(sizes)
    assume(grid <= 3000)
    seen: Counter[int] = Counter()
    for at in range(1, grid + 1):
        found = sampling.systematic(sizes, n, Fraction(at, grid))
        assert len(found) == len(set(found)) == n
        seen.update(found)
    assert [Fraction(seen[at], grid) for at in range(len(sizes))] == odds


@given(SIZES, st.fractions(0, 1), st.data())
def test_the_fast_way_along_the_list_is_the_rule_read_word_by_word(
    sizes: list[int], start: Fraction, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(sizes)))
    assume(start > 0)
    sure: set[int] = set()
    while True:
        rest = [at for at in range(len(sizes)) if at not in sure]
        more = {
            at
            for at in rest
            if len(sure) < n and (n - len(sure)) * Fraction(sizes[at], sum(sizes[i] for i in rest)) >= 1
        }
        if not more:
            break
        sure |= set(sorted(more)[: n - len(sure)])
    wanted = set(sure)
    k, total = n - len(sure), sum(sizes[at] for at in rest)
    for i in range(k):
        point, end = Fraction(total, k) * (start + i), 0
        for at in rest:
            if end < point <= end + sizes[at]:
                wanted.add(at)
            end += sizes[at]
    assert set(sampling.systematic(sizes, n, start)) == wanted


# Draws


def test_the_same_list_and_seed_give_the_same_draw_and_people_may_write_the_seed_as_they_like() -> None:
    first = drawn(PLAN)
    assert drawn(PLAN) == first and drawn(PLAN, "０３　11 17 22\n28 31") == first
    assert drawn(PLAN, "03 11 17 22 28 32").drawn != first.drawn
    assert len(first.drawn) == 4 and set(first.drawn) <= {one.key for one in SCHOOLS}
    stream = hashlib.shake_256(f"{draws.freeze(PLAN).sha256}\n031117222831\nunits".encode()).hexdigest(16 * 12)
    assert list(first.tickets) == [stream[at : at + 32] for at in range(0, 32 * 12, 32)]
    assert first.drawn[0] == SCHOOLS[first.tickets.index(min(first.tickets))].key


def test_a_larger_number_keeps_those_that_the_same_tickets_drew_before() -> None:
    order = drawn(PLAN).order
    assert all(set(order[:n]) < set(order[: n + 1]) for n in range(len(order)))


def test_with_lasting_tickets_a_size_that_changes_moves_only_its_own_school() -> None:
    numbers = drawn(replace(PLAN, method=Method.LASTING)).tickets
    tickets = {one.key: ticket for one, ticket in zip(SCHOOLS, numbers, strict=True)}
    order = sorted(SCHOOLS, key=lambda one: Fraction(int(tickets[one.key], 16), one.size or 1))
    assert [one.key for one in order] == list(drawn(replace(PLAN, method=Method.LASTING)).order)
    grown = [replace(one, size=5000) if one.key == order[-1].key else one for one in SCHOOLS]
    again = sorted(grown, key=lambda one: Fraction(int(tickets[one.key], 16), one.size or 1))
    assert [one.key for one in again if one.key != order[-1].key] == [one.key for one in order[:-1]]


def test_each_stratum_gives_its_number() -> None:
    plan = replace(PLAN, method=Method.STRATIFIED, take={"城区": 3, "乡镇": 1})
    strata = {one.key: one.stratum for one in SCHOOLS}
    assert Counter(strata[key] for key in drawn(plan).drawn) == {"城区": 3, "乡镇": 1}


def chi_square(seen: Counter[str], odds: Mapping[str, Fraction], times: int) -> float:
    """For draws without replacement: close to chi-square with one degree less than there are units."""
    n = len(odds)
    return (
        sum((seen[key] - times * float(p)) ** 2 / (times * float(p * (1 - p))) for key, p in odds.items()) * (n - 1) / n
    )


def test_ten_thousand_draws_pass_chi_square() -> None:
    # 37.4 is the 99.99 % point of chi-square with 11 degrees of freedom, 89.5 with 65 less: the seeds are fixed.
    frozen = draws.freeze(PLAN)
    seen: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for at in range(10_000):
        result = draws.draw(frozen, [f"第{at}次"], on=EVENT)
        seen.update(result.drawn)
        pairs.update((a, b) for a in result.drawn for b in result.drawn if a < b)
    odds = draws.odds(PLAN)
    assert odds == dict.fromkeys(seen, Fraction(1, 3)) and chi_square(seen, odds, 10_000) < 37.4
    # Two schools together: 4·3 / (12·11) = 1/11, each within five standard deviations.
    assert len(pairs) == 66 and all(abs(n - 10_000 / 11) < 5 * (10_000 * 10 / 121) ** 0.5 for n in pairs.values())


def test_systematic_draws_keep_to_their_chances() -> None:
    plan = replace(PLAN, method=Method.SYSTEMATIC, take=5)
    frozen, odds = draws.freeze(plan), draws.odds(plan)
    seen: Counter[str] = Counter()
    for at in range(4000):
        result = draws.draw(frozen, [f"第{at}次"], on=EVENT)
        seen.update(result.drawn)
    assert odds is not None and sum(odds.values()) == 5
    for key, p in odds.items():
        assert abs(seen[key] - 4000 * p) < 5 * (4000 * float(p * (1 - p))) ** 0.5


# People


def test_who_is_drawn_for_a_school_has_no_recusal_there_and_nobody_goes_to_more_than_they_may() -> None:
    plan = replace(PLAN, take=5, crew=CREW)
    for seed in map(str, range(60)):
        teams = drawn(plan, seed).teams
        assert all(len(set(team)) == 3 for team in teams.values())
        assert max(Counter(one for team in teams.values() for one in team).values()) <= 2
        assert not {(unit, one) for unit, team in teams.items() for one in team} & set(CREW.apart)


def test_a_draw_that_greed_would_spoil_is_still_staffed() -> None:
    # D1 alone may go to the second school: whatever the tickets say, the first school does without D1.
    units = [Unit("A", "示例甲校"), Unit("B", "示例乙校")]
    crew = Crew([Unit("D1", "督学甲（示例）"), Unit("D2", "督学乙（示例）")], 1, 1, [("B", "D2")])
    for seed in map(str, range(20)):
        assert drawn(replace(PLAN, take=2, units=units, crew=crew), seed).teams == {"A": ["D2"], "B": ["D1"]}


def test_recusals_that_leave_a_school_without_a_team_are_refused_by_name() -> None:
    crew = Crew(INSPECTORS, 3, 12, [(SCHOOLS[0].key, one.key) for one in INSPECTORS[:6]])
    with pytest.raises(EngineInputError, match=r"示例第1小学.*配不齐"):
        drawn(replace(PLAN, take=12, crew=crew))


@given(
    st.integers(1, 4), st.integers(1, 2), st.integers(1, 3), st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)))
)
def test_a_team_is_refused_only_where_no_choice_at_all_would_do(
    schools: int, each: int, most: int, apart: set[tuple[int, int]]
) -> None:
    units, members = (
        [Unit(f"U{n}", f"示例校{n}") for n in range(schools)],
        [Unit(f"M{n}", f"督学{n}（示例）") for n in range(4)],
    )
    kept = [(f"U{u}", f"M{m}") for u, m in apart if u < schools]
    plan = replace(PLAN, take=schools, units=units, crew=Crew(members, each, most, kept))

    def can(at: int, room: tuple[int, ...]) -> bool:
        if at == schools:
            return True
        for chosen in product((0, 1), repeat=4):
            fits = all(not one or (room[m] and (f"U{at}", f"M{m}") not in kept) for m, one in enumerate(chosen))
            if sum(chosen) == each and fits and can(at + 1, tuple(r - c for r, c in zip(room, chosen, strict=True))):
                return True
        return False

    if can(0, (most,) * 4):
        assert {len(set(team)) for team in drawn(plan).teams.values()} == {each}
    else:
        with pytest.raises(EngineInputError, match="配不齐"):
            drawn(plan)


# Nobody bends it


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (replace(PLAN, units=[]), "是空的"),
        (replace(PLAN, units=[*SCHOOLS, SCHOOLS[2]]), "第 3、13 行的代码“SL-XX03”重复"),
        (replace(PLAN, units=[Unit("", "示例")]), "第 1 行没有代码"),
        (replace(PLAN, take=13), "有 12 个，不能抽 13 个"),
        (replace(PLAN, take=0), "不能抽 0 个"),
        (replace(PLAN, method=Method.SYSTEMATIC, units=[replace(SCHOOLS[0], size=0), *SCHOOLS[1:]]), "规模是 0"),
        (replace(PLAN, method=Method.LASTING, units=[replace(SCHOOLS[0], size=None), *SCHOOLS[1:]]), "没有规模"),
        (replace(PLAN, method=Method.STRATIFIED, take={"城区": 9, "乡镇": 1}), "层“城区”有 8 个，不能抽 9 个"),
        (replace(PLAN, method=Method.STRATIFIED, take={"城区": 2}), "层“乡镇”没有写抽几个"),
        (replace(PLAN, event_on=FROZEN), "发生在名单冻结之后"),
        (replace(PLAN, event="", event_on=None), "种子的来源写一种"),
        (replace(PLAN, event="", event_on=None, commitments=[Commitment("督导室", "a" * 64)]), "两方以上"),
        (replace(PLAN, crew=replace(CREW, apart=[("SL-XX01", "没有")])), "不在名单上"),
        (replace(PLAN, purpose=" "), "写明抽取什么"),
    ],
)  # fmt: skip
def test_a_list_that_is_no_honest_list_is_not_frozen(plan: Plan, says: str) -> None:
    with pytest.raises(EngineInputError) as refused:
        draws.freeze(plan)
    assert says in refused.value.message


def test_a_seed_before_its_event_is_refused() -> None:
    with pytest.raises(EngineInputError, match="还没有发生"):
        draws.draw(draws.freeze(PLAN), ["03 11 17 22 28 31"], on=FROZEN)
    with pytest.raises(EngineInputError, match="请填写种子"):
        draws.draw(draws.freeze(PLAN), ["　"], on=EVENT)


def test_parties_reveal_what_they_put_aside_and_nothing_else() -> None:
    secrets = {"督导室": "雪山2024", "家长代表": "7719"}
    aside = [Commitment(who, hashlib.sha256(text.encode()).hexdigest()) for who, text in secrets.items()]
    frozen = draws.freeze(replace(PLAN, event="", event_on=None, commitments=aside))
    assert len(draws.draw(frozen, list(secrets.values()), on=FROZEN).drawn) == 4
    with pytest.raises(EngineInputError, match="家长代表公开的数和封存时的摘要对不上"):
        draws.draw(frozen, ["雪山2024", "7720"], on=FROZEN)
    with pytest.raises(EngineInputError, match="要 2 方都公开"):
        draws.draw(frozen, ["雪山2024"], on=FROZEN)


def test_whatever_is_changed_after_the_freezing_shows_in_the_digest() -> None:
    one = draws.freeze(replace(PLAN, crew=CREW))
    assert draws.thaw(one.content, one.sha256).content == one.content
    others = [
        replace(PLAN, crew=CREW, purpose=PLAN.purpose + "。"), replace(PLAN, crew=CREW, take=5),
        replace(PLAN, crew=CREW, units=SCHOOLS[::-1]), replace(PLAN, crew=replace(CREW, apart=CREW.apart[:1])),
        replace(PLAN, crew=CREW, event=PLAN.event + "，加一"), replace(PLAN, crew=CREW, event_on=date(2024, 4, 16)),
    ]  # fmt: skip
    assert len({draws.freeze(other).sha256 for other in others} | {one.sha256}) == 7
    for other in others:
        with pytest.raises(EngineInputError, match="冻结以后内容被改过"):
            draws.thaw(draws.freeze(other).content, one.sha256)


# The stand-alone checker

PLANS = [
    replace(PLAN, crew=CREW),
    replace(PLAN, method=Method.STRATIFIED, take={"城区": 3, "乡镇": 2}, crew=CREW),
    replace(PLAN, method=Method.SYSTEMATIC, take=5, crew=CREW),
    replace(PLAN, method=Method.LASTING, take=5),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda one: str(one.method))
def test_the_checker_agrees_with_every_kind_of_draw(plan: Plan, tmp_path: Path) -> None:
    for seed in map(str, range(12)):
        assert checked(published(plan, seed), tmp_path) == 0


@settings(max_examples=40)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=9), st.text(min_size=1).filter(draws.normal_seed), st.data())
def test_the_checker_agrees_on_drawn_lists(sizes: list[int], seed: str, data: st.DataObject) -> None:
    assume(seed.encode("utf-8", "replace").decode() == seed)
    units = [Unit(f"K{at}", f"示例{at}", size=size) for at, size in enumerate(sizes)]
    method = data.draw(st.sampled_from([Method.SIMPLE, Method.SYSTEMATIC, Method.LASTING]))
    plan = replace(PLAN, units=units, method=method, take=data.draw(st.integers(1, len(units))))
    frozen = draws.freeze(plan)
    result = draws.draw(frozen, [seed], on=EVENT)
    tickets, found = verifier().draw(json.loads(json.dumps(frozen.content)), frozen.sha256, result.seed)
    assert tickets == result.tickets and found == list(result.drawn)


def test_the_checker_runs_by_itself_on_what_is_published_and_sees_every_change(tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(bundle.verifier())
    assert len(bundle.verifier().splitlines()) <= 150

    def run(said: Mapping[str, object]) -> tuple[int, str]:
        (tmp_path / "draw.json").write_text(json.dumps(said), "utf-8")
        command = [sys.executable, "-I", "verify.py", "draw.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
        return done.returncode, done.stdout

    said = published(replace(PLAN, crew=CREW))
    status, words = run(said)
    assert status == 0 and "完全一致" in words and draws.freeze(replace(PLAN, crew=CREW)).sha256 in words
    frozen = said["frozen"]
    assert isinstance(frozen, dict)
    swapped = {**frozen, "units": [["SL-XX99", *frozen["units"][0][1:]], *frozen["units"][1:]]}
    for changed, why in (
        ({**said, "frozen": swapped}, "对不上"),
        ({**said, "seeds": ["03 11 17 22 28 32"]}, "号码"),
        ({**said, "drawn": [one.key for one in SCHOOLS[:4]]}, "名单"),
        ({**said, "teams": {}}, "人员"),
        ({**said, "drawn_on": "2024-04-10"}, "种子早于名单"),
    ):
        status, words = run(changed)
        assert status == 1 and why in words


def test_all_orders_are_strict() -> None:
    result = drawn(replace(PLAN, method=Method.STRATIFIED, take={"城区": 3, "乡镇": 2}))
    assert all(a != b for a, b in pairwise(result.order)) and sorted(result.order) == sorted(one.key for one in SCHOOLS)
